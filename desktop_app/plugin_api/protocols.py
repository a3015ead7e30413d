"""One Protocol per plugin kind that the application calls today.

The host builds a provided class with its manifest's parameters as keyword arguments, ``Class(**params)``,
and calls it in the worker process. Pixels are uint8 RGB numpy arrays; torch stays inside the plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.arrays import FloatArray, IntArray, RgbArray
from desktop_app.domain.artifact import ArtifactMap
from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tissue import Tissue
from desktop_app.plugin_api.slide import SlidePixels


class TissueDetector(Protocol):
    """Finds the tissue of a slide."""

    def detect(self, slide: SlidePixels, *, target_mpp: float | None = None) -> Tissue:
        """Detect tissue.

        Parameters
        ----------
        slide : SlidePixels
            The open slide; its ``info`` gives the mpp (``require_mpp`` where the detector needs it).
        target_mpp : float | None
            µm per pixel of the tiles that will be cut; for detectors that work at that resolution.
        """


class ArtifactDetector(Protocol):
    """Finds what is no tissue although it lies on it: pen, folds, bubbles, dirt, blur."""

    def detect(self, slide: SlidePixels, *, tissue: Tissue | None = None) -> tuple[ArtifactMap, ...]:
        """Detect artifacts.

        Parameters
        ----------
        slide : SlidePixels
            The open slide.
        tissue : Tissue | None
            Where its tissue is; None to look everywhere.

        Returns
        -------
        tuple[ArtifactMap, ...]
            One for each class that the detector knows, found or not; at most one of a class.
        """


class StainNormalizer(Protocol):
    """Brings a slide's stain to a reference."""

    def fit(self, pixels: RgbArray) -> FittedStain:
        """Fit on one slide.

        Parameters
        ----------
        pixels : RgbArray
            uint8 ``(N, 3)``, tissue pixels sampled over the whole slide. Too few or unusable pixels
            give ``FittedStain.unchanged`` with the reason, never an exception or NaN.
        """


class ReferenceNormalizer(StainNormalizer, Protocol):
    """A normalizer that can bring a slide to any reference, not only to those it has built in."""

    def fit_to(self, pixels: RgbArray, reference: RgbArray) -> FittedStain:
        """Fit on one slide, toward the pixels of a reference picture or region.

        Parameters
        ----------
        pixels : RgbArray
            uint8 ``(N, 3)``, as for :meth:`fit`.
        reference : RgbArray
            uint8 ``(M, 3)``, tissue pixels of the reference. Unusable ones give
            ``FittedStain.unchanged`` with the reason.
        """


class Encoder(Protocol):
    """Turns tiles into feature vectors."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """D names, or empty where features have none."""

    @property
    def n_features(self) -> int:
        """D."""

    def encode(self, tiles: RgbArray, mpp: float) -> FloatArray:
        """Encode a batch.

        Parameters
        ----------
        tiles : RgbArray
            uint8 ``(N, H, W, 3)``.
        mpp : float
            µm per pixel of the tiles.

        Returns
        -------
        FloatArray
            float32 ``(N, D)``, finite, row i depending on tile i alone.
        """


class BagModel(Protocol):
    """An aggregator with weights, ready to predict."""

    def predict(self, features: FloatArray) -> Prediction:
        """Predict one bag.

        Parameters
        ----------
        features : FloatArray
            float32 ``(N, D)``, N at least 1, as the encoder gave them (the model standardizes inside).
        """


class Aggregator(Protocol):
    """A MIL architecture."""

    def build(self, n_features: int, n_classes: int) -> Any:
        """A trainable ``torch.nn.Module`` with fresh weights.

        Its ``forward`` takes float32 ``(N, D)`` and returns an object with ``logits`` ``(C,)``,
        ``attention_logits`` ``(N,)`` and ``contributions`` ``(N, C)`` or None.
        """

    def open(self, bundle: ModelBundle) -> BagModel:
        """Build the network of a bundle, load its safetensors and set it to evaluation.

        Raises
        ------
        ModelBundleError
            If keys or shapes differ from what the architecture needs.
        """


class SlideEncoder(Protocol):
    """Turns the bag of a slide into one vector."""

    @property
    def n_features(self) -> int:
        """E, the length of the vector."""

    def encode(self, features: FloatArray, locations: IntArray, tile_size: float) -> FloatArray:
        """Encode one slide.

        Parameters
        ----------
        features : FloatArray
            float32 ``(N, D)``, N at least 1.
        locations : IntArray
            int64 ``(N, 2)``, top left ``(x, y)`` of each tile in level-0 pixels.
        tile_size : float
            Edge of a tile in level-0 pixels.

        Returns
        -------
        FloatArray
            float32 ``(E,)``, finite, whatever the order of the tiles.
        """


class AnnotationFormat(Protocol):
    """Reads and writes the annotations of another program."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of its files, lower case with the dot; the first is proposed for new ones."""

    def read(self, path: Path) -> Iterable[Annotation]:
        """The annotations of a file, in level-0 pixels.

        Raises
        ------
        AnnotationFormatError
            If it is not of this format; the reason names the place.
        """

    def write(self, path: Path, annotations: Sequence[Annotation]) -> None:
        """Write a file that :meth:`read` gives back; the application puts it in place."""
