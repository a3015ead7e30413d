"""Which pages of a TIFF file are the slide: its pyramid, its channels, and which plane of a stack is shown.

A file can hold several pictures, each with levels, each level with channels, depths and times. The largest
picture is the slide; what is in it is decided here by the names of its axes, before any pixel is read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .library_errors import COPY_AGAIN, RefusalError
from .rasters import Raster, StackedRaster
from .tiff_planes import PlaneMaker, check_kind

MOST_CHANNELS = 64
"""More pictures than this one behind the other are a stack of depths or times, not channels."""

_MIN_IS_BLACK = 1
_RGB_SAMPLES = (3, 4)
_COLORS = ("RGB", "YCBCR")
_UNNAMED = "IQ"
_ALPHA = ([1], [2])
_IN_PAGE = "YXS"


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """What is shown of a file.

    Attributes
    ----------
    series : Any
        The picture of tifffile.
    index : int
        Its place among the file's pictures.
    levels : tuple[Any, ...]
        Of the pyramid, finest first; those that do not belong to it left out.
    planes : tuple[int, ...]
        Which page of a level each channel is; one for a brightfield picture.
    is_fluorescence : bool
        Whether the pages, or the samples of the only page, are channels.
    shown : str
        Which plane of a stack; empty if there is only one.
    """

    series: Any
    index: int
    levels: tuple[Any, ...]
    planes: tuple[int, ...]
    is_fluorescence: bool
    shown: str = ""

    @property
    def page(self) -> Any:
        """The page that describes the finest level."""
        return self.series.keyframe

    @property
    def channel_count(self) -> int:
        """Of a fluorescence picture."""
        return len(self.planes) * int(self.page.samplesperpixel)

    @property
    def level_sizes(self) -> tuple[tuple[int, int], ...]:
        """``(width, height)`` of each level, stored orientation."""
        return tuple(_size(level.keyframe) for level in self.levels)

    def rasters(self, maker: PlaneMaker) -> tuple[Raster, ...]:
        """The pixels of each level.

        Raises
        ------
        RefusalError
            If a part of the file is missing or of a kind that is not read.
        """
        return tuple(self._raster(level, maker) for level in self.levels)

    def _raster(self, level: Any, maker: PlaneMaker) -> Raster:
        layers = [_plane(level, plane, maker) for plane in self.planes]
        return layers[0] if len(layers) == 1 else StackedRaster(layers)


def find_layout(all_series: Sequence[Any], *, is_fluorescence: bool | None = None) -> TiffLayout:
    """The slide of a file.

    Parameters
    ----------
    all_series : Sequence[Any]
        The pictures as tifffile groups the file's pages.
    is_fluorescence : bool | None
        What the metadata say of a single gray picture of 8 bits; None if nothing.

    Raises
    ------
    RefusalError
        If the file holds no picture.
    """
    if not all_series:
        raise RefusalError(f"it holds no picture{COPY_AGAIN}")
    areas = [math.prod(_size(series.keyframe)) for series in all_series]
    index = areas.index(max(areas))
    series = all_series[index]
    page = series.keyframe
    axes = [(axis, int(count)) for axis, count in _leading_axes(series)]
    if _has_colors(page):
        planes, shown = _chosen(axes, "")
        return TiffLayout(series, index, _pyramid(series), planes, is_fluorescence=False, shown=shown)
    channel = _channel_axis(axes)
    planes, shown = _chosen(axes, channel)
    many = len(planes) * page.samplesperpixel > 1 or page.bitspersample > 8
    if _is_gray_with_alpha(page):
        many = len(planes) > 1
    # A palette and a gray scale from white on are drawings of light that passed through.
    fluorescent = page.photometric == _MIN_IS_BLACK and (many or bool(is_fluorescence))
    if not fluorescent:
        planes = planes[:1]
    return TiffLayout(series, index, _pyramid(series), planes, is_fluorescence=fluorescent, shown=shown)


def _has_colors(page: Any) -> bool:
    return page.samplesperpixel in _RGB_SAMPLES and getattr(page.photometric, "name", "") in _COLORS


def _is_gray_with_alpha(page: Any) -> bool:
    """Whether the second of two 8-bit samples says how opaque a pixel is."""
    extra = [int(kind) for kind in page.extrasamples]
    return page.samplesperpixel == 2 and page.bitspersample <= 8 and extra in _ALPHA


def _leading_axes(series: Any) -> list[tuple[str, int]]:
    """The axes that count pages, with their lengths."""
    pairs = zip(series.get_axes(False), series.get_shape(False), strict=True)
    return [(axis, count) for axis, count in pairs if axis not in _IN_PAGE]


def _channel_axis(axes: Sequence[tuple[str, int]]) -> str:
    """The axis along which channels lie; empty if there is none."""
    if any(axis == "C" for axis, _ in axes):
        return "C"
    return next((axis for axis, count in axes if axis in _UNNAMED and 1 < count <= MOST_CHANNELS), "")


def _chosen(axes: Sequence[tuple[str, int]], channel: str) -> tuple[tuple[int, ...], str]:
    """The pages of the channels at the middle depth and the first time, and how to say so."""
    fixed = {axis: count // 2 if axis == "Z" else 0 for axis, count in axes if axis != channel}
    channels = range(dict(axes).get(channel, 1))
    planes = []
    for number in channels:
        page = 0
        for axis, count in axes:
            page = page * count + (number if axis == channel else fixed[axis])
        planes.append(page)
    shown = [f"{axis} {fixed[axis] + 1} of {count}" for axis, count in axes if axis != channel and count > 1]
    return tuple(planes), ", ".join(shown)


def _pyramid(series: Any) -> tuple[Any, ...]:
    """The levels that are the first one made smaller; a picture of another shape or depth is not."""
    first = series.levels[0].keyframe
    levels, smallest = [series.levels[0]], _size(first)
    for level in series.levels[1:]:
        page, size = level.keyframe, _size(level.keyframe)
        alike = page.dtype == first.dtype and page.samplesperpixel == first.samplesperpixel
        if alike and size[0] < smallest[0] and size[1] < smallest[1] and _is_reduced(first, size):
            levels.append(level)
            smallest = size
    return tuple(levels)


def _is_reduced(first: Any, size: tuple[int, int]) -> bool:
    whole = _size(first)
    scale = (whole[0] / size[0] + whole[1] / size[1]) / 2
    return all(
        abs(side / scale - reduced) <= 2 + 0.01 * reduced for side, reduced in zip(whole, size, strict=True)
    )


def _plane(level: Any, number: int, maker: PlaneMaker) -> Raster:
    check_kind(level.keyframe)
    if level.is_truncated:
        return maker.of_contiguous(level, number)
    page = level[number] if number < len(level) else None
    if page is None:
        raise RefusalError("a part of it is missing, perhaps in another file of the same set")
    return maker.of_page(page)


def _size(page: Any) -> tuple[int, int]:
    return int(page.imagewidth), int(page.imagelength)
