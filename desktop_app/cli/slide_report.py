"""What ``coverslip info`` prints of a slide, as lines and as data.

Both are made from the same rows, so that a script reads exactly what a person sees. No pixels are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_app.domain.deepzoom import DeepZoomLevel
    from desktop_app.domain.slide_info import Channel, Level, MppSource, SlideInfo

_SOURCES: dict[MppSource | None, str] = {
    "metadata": "from the scanner's metadata",
    "tiff_tag": "from the TIFF resolution tag",
    "table": "from a table of slides",
    "given": "given by the user",
}


class SlideReport:
    """The report on one slide.

    Parameters
    ----------
    info : SlideInfo
        Its metadata.
    """

    def __init__(self, info: SlideInfo) -> None:
        from desktop_app.domain.deepzoom import deep_zoom_levels
        from desktop_app.slides.icc import icc_profile_name

        self._info = info
        self._deep_zoom = deep_zoom_levels(info.size, info.levels)
        self._icc_name = icc_profile_name(info.icc_profile) if info.icc_profile else ""

    def as_mapping(self) -> dict[str, Any]:
        """The report as JSON-able data; sizes are ``[width, height]``, mpp ``[x, y]`` in µm per pixel."""
        info = self._info
        icc = {"bytes": len(info.icc_profile), "name": self._icc_name} if info.icc_profile else None
        return {
            "path": str(info.path),
            "slide_id": info.slide_id,
            "vendor": info.vendor,
            "size": info.size,
            "tile_size": info.tile_size,
            "levels": [self._level_mapping(level) for level in info.levels],
            "mpp": info.mpp,
            "mpp_source": info.mpp_source,
            "mpp_note": info.mpp_note,
            "objective": info.objective,
            "bounds": info.bounds,
            "background": info.background,
            "icc_profile": icc,
            "associated_images": info.associated_names,
            "channels": [_channel_mapping(channel) for channel in info.channels],
            "synthetic": info.is_synthetic,
            "deep_zoom": {
                "tile_size": _tile_size(),
                "overlap": 1,
                "levels": [_deep_zoom_mapping(level) for level in self._deep_zoom],
            },
        }

    def as_lines(self) -> list[str]:
        """The report for a terminal."""
        return [
            self._info.path.name,
            *(f"  {name:<20}{value}" for name, value in self._facts()),
            "",
            "Levels",
            *_table(("level", "width", "height", "downsample", "mpp"), self._level_rows()),
            "",
            f"Deep Zoom levels, {_tile_size()} px tiles with an overlap of 1",
            *_table(
                ("level", "width", "height", "columns", "rows", "read from", "reduced by"),
                self._deep_zoom_rows(),
            ),
        ]

    def _facts(self) -> Iterator[tuple[str, str]]:
        info = self._info
        yield "Format", info.vendor + (" (drawn by the demonstration generator)" if info.is_synthetic else "")
        yield "Size", f"{info.size[0]:,} × {info.size[1]:,} pixels"
        yield "mpp", self._mpp_text()
        yield "Objective", f"{info.objective:g}×" if info.objective else "not stated"
        yield "Bounds", self._bounds_text()
        yield (
            "ICC profile",
            f"{self._icc_name} ({len(info.icc_profile):,} bytes)" if info.icc_profile else "none",
        )
        yield "Channels", self._channels_text()
        yield "Associated images", ", ".join(info.associated_names) or "none"
        yield "Slide id", info.slide_id

    def _mpp_text(self) -> str:
        info = self._info
        if info.mpp is None:
            return f"unknown: {info.mpp_note}" if info.mpp_note else "unknown: the file does not state it"
        return f"{_mpp(info.mpp)} µm per pixel, {_SOURCES[info.mpp_source]}"

    def _bounds_text(self) -> str:
        if self._info.bounds is None:
            return "not stated (the whole canvas)"
        x, y, width, height = self._info.bounds
        return f"{width:,} × {height:,} pixels at ({x:,}, {y:,})"

    def _channels_text(self) -> str:
        if self._info.is_brightfield:
            return "none (brightfield)"
        bits = self._info.channels[0].largest.bit_length()
        return f"{', '.join(channel.name for channel in self._info.channels)} (fluorescence, {bits} bits)"

    def _level_mapping(self, level: Level) -> dict[str, Any]:
        return {
            "index": level.index,
            "size": level.size,
            "downsample": level.downsample,
            "mpp": self._mpp_at(level),
        }

    def _mpp_at(self, level: Level) -> tuple[float, float] | None:
        mpp = self._info.mpp
        return None if mpp is None else (mpp[0] * level.downsample, mpp[1] * level.downsample)

    def _level_rows(self) -> Iterator[tuple[str, ...]]:
        for level in self._info.levels:
            mpp = self._mpp_at(level)
            shown = "unknown" if mpp is None else _mpp(mpp)
            yield (
                str(level.index),
                f"{level.size[0]:,}",
                f"{level.size[1]:,}",
                f"{level.downsample:.6g}",
                shown,
            )

    def _deep_zoom_rows(self) -> Iterator[tuple[str, ...]]:
        for level in self._deep_zoom:
            sizes = (f"{side:,}" for side in (*level.size, *level.tiles))
            yield str(level.index), *sizes, f"level {level.level}", f"{level.scale:.6g}"


def _tile_size() -> int:
    from desktop_app.domain.deepzoom import TILE_SIZE

    return TILE_SIZE


def _channel_mapping(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "color": channel.color,
        "largest": channel.largest,
        "window": channel.window,
    }


def _deep_zoom_mapping(level: DeepZoomLevel) -> dict[str, Any]:
    return {
        "index": level.index,
        "size": level.size,
        "tiles": level.tiles,
        "level": level.level,
        "scale": level.scale,
    }


def _mpp(mpp: tuple[float, float]) -> str:
    x, y = (f"{value:.6g}" for value in mpp)
    return x if x == y else f"{x} × {y}"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Right-aligned columns as wide as their widest cell."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        yield "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
