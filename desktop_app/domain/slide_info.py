"""What is known of a slide without reading its pixels.

Made once when a slide is opened; every room above reads it, none changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from desktop_app.errors import MissingMppError

Mpp: TypeAlias = tuple[float, float]
"""µm per level-0 pixel, ``(x, y)``."""

MppSource: TypeAlias = Literal["metadata", "tiff_tag", "table", "given"]
"""Where an mpp came from: the scanner's metadata, a TIFF resolution tag, a table of slides, or the user."""

SYNTHETIC_SOFTWARE = "Coverslip demonstration generator"
"""The TIFF Software tag of every slide that the generator draws."""


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of the pyramid.

    Attributes
    ----------
    index : int
        0 is full resolution.
    size : tuple[int, int]
        Pixels, ``(width, height)``, at this level.
    downsample : float
        Level-0 pixels per pixel of this level; at least 1, not always an integer.
    """

    index: int
    size: tuple[int, int]
    downsample: float


@dataclass(frozen=True, slots=True)
class Channel:
    """One fluorescence channel.

    Attributes
    ----------
    name : str
        As the file states it, else ``"Channel 1"`` and so on.
    color : tuple[int, int, int]
        RGB it is shown in at first.
    largest : int
        The largest value its pixels can have: 255 or 65535.
    window : tuple[float, float]
        Pixel values shown as black and as the full color at first, from the slide's coarsest level.
    """

    name: str
    color: tuple[int, int, int]
    largest: int
    window: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SlideInfo:
    """Metadata of one slide.

    Attributes
    ----------
    path : Path
        The file as it was asked for.
    slide_id : str
        The only hash of a slide: OpenSlide's quickhash, else SHA-256 of size + first and last MiB.
    size : tuple[int, int]
        Level-0 pixels, ``(width, height)``, of the whole canvas.
    levels : tuple[Level, ...]
        Finest first; never empty.
    vendor : str
        The format's name as the reader gives it.
    mpp : Mpp | None
        µm per level-0 pixel, ``(x, y)``; None when unknown. Never guessed.
    mpp_source : MppSource | None
        None exactly when ``mpp`` is None.
    mpp_note : str
        Why a value in the file was refused; empty if none was.
    objective : float | None
        The objective power that the scanner states.
    bounds : tuple[int, int, int, int] | None
        ``(x, y, width, height)`` in level-0 pixels of the scanned part, where the format states it.
    background : tuple[int, int, int]
        RGB that transparent pixels and pixels beyond the slide are composited on.
    icc_profile : bytes | None
        The embedded ICC profile.
    associated_names : tuple[str, ...]
        Names only; label and macro pictures can hold patient names.
    tile_size : tuple[int, int]
        The file's own tile size at level 0, else ``(256, 256)``.
    properties : Mapping[str, str]
        The reader's raw properties.
    channels : tuple[Channel, ...]
        Of a fluorescence slide; empty for a brightfield slide, whose pixels are RGB.
    """

    path: Path
    slide_id: str
    size: tuple[int, int]
    levels: tuple[Level, ...]
    vendor: str
    mpp: Mpp | None = None
    mpp_source: MppSource | None = None
    mpp_note: str = ""
    objective: float | None = None
    bounds: tuple[int, int, int, int] | None = None
    background: tuple[int, int, int] = (255, 255, 255)
    icc_profile: bytes | None = None
    associated_names: tuple[str, ...] = ()
    tile_size: tuple[int, int] = (256, 256)
    properties: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()

    @property
    def is_brightfield(self) -> bool:
        """Whether pixels are transmitted light in RGB, which everything that knows stains needs."""
        return not self.channels

    @property
    def is_synthetic(self) -> bool:
        """Whether the demonstration generator drew this slide (it says so in the TIFF Software tag)."""
        return self.properties.get("tiff.Software", "").startswith(SYNTHETIC_SOFTWARE)

    def require_mpp(self) -> Mpp:
        """µm per level-0 pixel ``(x, y)``.

        Raises
        ------
        MissingMppError
            If the slide does not say and nobody has said it.
        """
        if self.mpp is None:
            raise MissingMppError(self.path)
        return self.mpp

    def with_mpp(self, mpp: Mpp, source: MppSource) -> SlideInfo:
        """A copy with the pixel size given from elsewhere."""
        return replace(self, mpp=mpp, mpp_source=source, mpp_note="")

    def level_for_downsample(self, downsample: float, tolerance: float = 0.01) -> Level:
        """The coarsest level that is at least as fine as ``downsample`` (level-0 pixels per pixel wanted).

        A level up to ``tolerance`` (relative) too coarse is accepted, since levels such as 4.0003 occur.
        """
        fine_enough = [level for level in self.levels if level.downsample <= downsample * (1 + tolerance)]
        return max(fine_enough, key=lambda level: level.downsample, default=self.levels[0])
