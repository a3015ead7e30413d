"""TIFF files that OpenSlide leaves to another reader, with ``slide_factory``'s stamp or with channels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from tests.support.slide_factory import Pixels, halved, stamp

Values = NDArray[Any]

STORED_FROM = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels.swapaxes(0, 1)[::-1],
    7: lambda pixels: pixels.swapaxes(0, 1)[::-1, ::-1],
    8: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
}
"""How an upright picture is stored under each orientation (Exif 2.3, table of tag 274)."""


def channel_values(size: tuple[int, int] = (300, 200), dtype: str = "uint16", count: int = 3) -> Values:
    """``(C, H, W)``: channel c rises from left to right to (c + 1) × 1000 (or 60) on its own rows."""
    width, height = size
    step = 1000 if dtype == "uint16" else 60
    ramp = np.linspace(0, 1, width)
    values = np.zeros((count, height, width), dtype)
    for channel in range(count):
        rows = slice(channel * height // count, (channel + 1) * height // count)
        values[channel, rows] = np.rint(ramp * (channel + 1) * step).astype(dtype)
    return values


def write_plain(path: Path, pixels: Values | None = None, **options: Any) -> Path:
    """One page without metadata; ``options`` are tifffile's."""
    pixels = stamp((300, 200)) if pixels is None else pixels
    options.setdefault("photometric", "rgb")
    tifffile.imwrite(path, pixels, metadata=None, **options)
    return path


def write_oriented(path: Path, orientation: int, pixels: Pixels | None = None, **options: Any) -> Path:
    """The picture stored so that it is upright under TIFF's tag 274."""
    upright = stamp((300, 200)) if pixels is None else pixels
    stored = np.ascontiguousarray(STORED_FROM[orientation](upright))
    return write_plain(path, stored, extratags=[(274, 3, 1, orientation, True)], **options)


def write_ome(
    path: Path,
    values: Values,
    *,
    levels: int = 2,
    names: Sequence[str] = (),
    metadata: dict[str, Any] | None = None,
    **options: Any,
) -> Path:
    """An OME-TIFF pyramid in SubIFDs.

    Parameters
    ----------
    values : NDArray
        ``(H, W, 3)`` uint8 for RGB, else ``(C, H, W)``.
    names : Sequence[str]
        Of the channels.
    metadata : dict | None
        What tifffile's OME-XML takes besides.
    """
    is_rgb = values.ndim == 3 and values.shape[2] == 3
    described: dict[str, Any] = {"axes": "YXS" if is_rgb else "CYX", **(metadata or {})}
    if names:
        described["Channel"] = {"Name": list(names), **described.get("Channel", {})}
    options = {"tile": (64, 64), "photometric": "rgb" if is_rgb else "minisblack", **options}
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(values, subifds=levels - 1, metadata=described, **options)
        for _ in range(levels - 1):
            values = halved(values) if is_rgb else values[:, ::2, ::2]
            tiff.write(values, subfiletype=1, **options)
    return path
