"""What the engine's tests share: a slide in memory, and plugins whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from shapely import box

from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.recipe import AggregatorStep, Recipe, Step, TileSettings
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.job import Job, JobControl, Message
from desktop_app.engine.steps import StepIdentity, Steps
from desktop_app.errors import JobCancelledError, SlideReadError

TISSUE_COLOR = (200, 120, 170)


class MemorySlide:
    """``SlidePixels`` of an array; a rectangle of it may be unreadable."""

    def __init__(
        self,
        pixels: np.ndarray,
        *,
        mpp: tuple[float, float] | None = (0.5, 0.5),
        unreadable: tuple[int, int, int, int] | None = None,
        path: Path = Path("slide.svs"),
        **info: Any,
    ) -> None:
        height, width = pixels.shape[:2]
        self.pixels = pixels
        self.unreadable = unreadable
        self.info = SlideInfo(
            path=path,
            slide_id=info.pop("slide_id", "0123456789abcdef"),
            size=(width, height),
            levels=(Level(0, (width, height), 1.0),),
            vendor="memory",
            mpp=mpp,
            mpp_source="metadata" if mpp else None,
            **info,
        )

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> np.ndarray:
        assert level == 0
        return self.read_scaled(location, size, size)

    def read_scaled(
        self, location: tuple[float, float], extent: tuple[float, float], size: tuple[int, int]
    ) -> np.ndarray:
        x0, y0 = (round(value) for value in location)
        x1, y1 = round(location[0] + extent[0]), round(location[1] + extent[1])
        self._check((x0, y0, x1, y1))
        region = np.full((y1 - y0, x1 - x0, 3), self.info.background, dtype=np.uint8)
        width, height = self.info.size
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        if right > left and bottom > top:
            region[top - y0 : bottom - y0, left - x0 : right - x0] = self.pixels[top:bottom, left:right]
        return (
            region
            if region.shape[:2] == size[::-1]
            else cv2.resize(region, size, interpolation=cv2.INTER_AREA)
        )

    def _check(self, edges: tuple[int, int, int, int]) -> None:
        if self.unreadable is None or edges[2] - edges[0] > 300:
            return
        a, b = edges, self.unreadable
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            raise SlideReadError(self.info.path, "the tile is damaged", (edges[0], edges[1]))


def tissue_slide(size: tuple[int, int] = (640, 448), **options: Any) -> MemorySlide:
    """White but for a noisy pink rectangle from (64, 64) to 64 px before the other edges."""
    width, height = size
    noise = np.random.default_rng(1).integers(-20, 21, (height, width, 3))
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    tissue = np.clip(np.array(TISSUE_COLOR) + noise, 0, 240).astype(np.uint8)
    pixels[64:-64, 64:-64] = tissue[64:-64, 64:-64]
    return MemorySlide(pixels, **options)


@dataclass
class FakeDetector:
    """Finds everything but white."""

    occupancy: str = "mask"
    centered: bool = False

    def detect(self, slide: Any, *, target_mpp: float | None = None) -> Tissue:
        width, height = slide.info.size
        size = (width // 8, height // 8)
        small = slide.read_scaled((0, 0), (width, height), size)
        mask = small.mean(axis=2) < 250
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return Tissue(mask, (1.0, 1.0), 250.0, ())
        x0, y0, x1, y1 = columns[0] * 8, rows[0] * 8, columns[-1] * 8 + 8, rows[-1] * 8 + 8
        extent = (float(x0), float(y0), float(x1 - x0), float(y1 - y0)) if self.centered else None
        return Tissue(mask, (4.0, 4.0), 250.0, (box(x0, y0, x1, y1),), self.occupancy, extent)


@dataclass
class FakeNormalizer:
    """Remembers what it was fitted on."""

    fitted: FittedStain = field(default_factory=lambda: FittedStain.unchanged("fake", "too little stain"))
    pixels: np.ndarray | None = None

    def fit(self, pixels: np.ndarray) -> FittedStain:
        self.pixels = pixels
        return self.fitted


@dataclass
class FakeEncoder:
    """Mean red, green and blue, 0 to 1."""

    feature_names: tuple[str, ...] = ("red", "green", "blue")
    n_features: int = 3
    on_encode: Callable[[], None] = lambda: None

    def encode(self, tiles: np.ndarray, mpp: float) -> np.ndarray:
        self.on_encode()
        return np.float32(tiles.mean(axis=(1, 2)) / 255)


@dataclass
class AdditiveModel:
    """Contributions that grow from left to right through the bag and sum to the logit."""

    logits: tuple[float, ...] = (2.0,)
    classes: tuple[str, ...] = ("Synthetic pattern",)

    def predict(self, features: np.ndarray) -> Prediction:
        count = len(features)
        ramp = np.linspace(-1, 3, count) if count > 1 else np.ones(1)
        shares = ramp / ramp.sum()
        logits = np.array(self.logits)
        return Prediction(
            classes=self.classes,
            logits=logits,
            probabilities=1 / (1 + np.exp(-logits)),
            explanation="additive",
            attention_logits=ramp,
            contributions=shares[:, None] * logits,
        )


@dataclass
class AttentionModel:
    """One tile stands out."""

    def predict(self, features: np.ndarray) -> Prediction:
        attention = np.linspace(0, 1, len(features))
        attention[-1] = 5
        logits = np.array([-1.0])
        return Prediction(("Synthetic pattern",), logits, 1 / (1 + np.exp(-logits)), "attention", attention)


def fake_bundle(**changes: Any) -> ModelBundle:
    """A bundle whose first class has a region threshold that some of the ramp passes."""
    bundle = ModelBundle(
        path=Path("demonstration"),
        bundle_id="demonstration",
        name="Demonstration",
        version="1.0",
        licence="CC0-1.0",
        kind="aggregator",
        architecture="fake/additive",
        encoder="fake/mean",
        n_features=3,
        tile_px=64,
        mpp=0.5,
        classes=(ModelClass("Synthetic pattern", (200, 80, 0), 0.5, 0.1),),
        weights=Path("weights.safetensors"),
        sha256="ab" * 32,
        feature_names=("red", "green", "blue"),
        demonstration=True,
    )
    return replace(bundle, **changes)


def fake_recipe(*, aggregator: bool = False, **changes: Any) -> Recipe:
    """Tiles of 64 px at 0.5 mpp through the fakes."""
    recipe = Recipe(
        name="fake",
        tissue=Step("fake/detector"),
        tiles=TileSettings(size_px=64),
        encoder=Step("fake/mean"),
        aggregator=AggregatorStep("demonstration") if aggregator else None,
    )
    return replace(recipe, **changes)


def fake_steps(**changes: Any) -> Steps:
    """Detector and encoder; name a model to aggregate."""
    if "model" in changes:
        changes = {"bundle": fake_bundle(), **changes}
    identities = {
        "tissue": StepIdentity("fake/detector"),
        "encoder": StepIdentity("fake/mean", "1.0", "cd" * 32),
    }
    return replace(Steps(FakeDetector(), encoder=FakeEncoder(), identities=identities), **changes)


def fake_job(out: Path = Path("out"), **changes: Any) -> Job:
    """A job for the fakes."""
    job = Job(job_id="run-1", slide=Path("slide.svs"), recipe=fake_recipe(), out=out)
    return replace(job, **changes)


class CancelAfter(JobControl):
    """Cancels at the given checkpoint."""

    def __init__(self, checkpoints: int) -> None:
        self.left = checkpoints

    def checkpoint(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise JobCancelledError


@dataclass
class Messages:
    """A sink that keeps everything."""

    sent: list[Message] = field(default_factory=list)

    def __call__(self, message: Message) -> None:
        self.sent.append(message)

    def of(self, kind: type) -> list[Any]:
        """The messages of one kind."""
        return [message for message in self.sent if isinstance(message, kind)]
