"""Names and colors of fluorescence channels, as OME-XML, ImageJ or the scanner states them.

A file that gives every channel the same color gives none. Pure functions on what tifffile has parsed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import numpy as np

from desktop_app.plugin_api import CHANNEL_COLORS, Channel

from .ome_xml import OmeImage
from .tiff_layout import TiffLayout

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_Rgb = tuple[int, int, int]
_Described = tuple[str, _Rgb | None]


def described_channels(
    layout: TiffLayout,
    windows: Sequence[tuple[float, float]],
    *,
    image: OmeImage | None,
    imagej: dict[str, Any] | None,
) -> tuple[Channel, ...]:
    """The channels of a fluorescence picture.

    Parameters
    ----------
    layout : TiffLayout
        The picture.
    windows : Sequence[tuple[float, float]]
        Of each channel.
    image : OmeImage | None
        What OME-XML says of it.
    imagej : dict[str, Any] | None
        What ImageJ says of it.
    """
    count = layout.channel_count
    if image is not None:
        stated: list[_Described] = [(channel.name, channel.color) for channel in image.channels]
    elif imagej is not None:
        stated = _of_imagej(imagej)
    else:
        stated = _of_pages(layout)
    stated = [*stated[:count], *[("", None)] * (count - len(stated))]
    colors = _distinct([color for _, color in stated])
    largest = int(np.iinfo(np.uint16 if layout.page.dtype == np.uint16 else np.uint8).max)
    return tuple(
        Channel(name or f"Channel {index + 1}", colors[index], largest, windows[index])
        for index, (name, _) in enumerate(stated)
    )


def _distinct(stated: Sequence[_Rgb | None]) -> list[_Rgb]:
    """The stated colors where they tell channels apart, else those of the application."""
    if len(stated) == 1:
        return [stated[0] if stated[0] not in (None, _BLACK) else _WHITE]
    given = [color for color in stated if color not in (None, _BLACK)]
    useful = len(set(given)) > 1
    return [
        color if useful and color not in (None, _BLACK) else CHANNEL_COLORS[index % len(CHANNEL_COLORS)]
        for index, color in enumerate(stated)
    ]


def _of_imagej(imagej: dict[str, Any]) -> list[_Described]:
    names = [str(label).strip() for label in imagej.get("Labels") or ()]
    tables = imagej.get("LUTs") or ()
    colors = [_brightest(table) for table in tables]
    count = int(imagej.get("channels", 0)) or max(len(names), len(colors), 1)
    # With depths or times ImageJ labels every slice, which names no channel.
    names = names if len(names) == count else []
    return [
        (names[index] if index < len(names) else "", colors[index] if index < len(colors) else None)
        for index in range(count)
    ]


def _brightest(table: Any) -> _Rgb | None:
    values = np.asarray(table)
    if values.ndim != 2 or values.shape[0] != 3:
        return None
    red, green, blue = (int(value) for value in values[:, -1])
    return red, green, blue


def _of_pages(layout: TiffLayout) -> list[_Described]:
    """From the descriptions of single pages, where PerkinElmer's and Akoya's scanners write XML."""
    pages = [layout.levels[0][plane] for plane in layout.planes] if len(layout.planes) > 1 else []
    return [_of_page(page) for page in pages]


def _of_page(page: Any) -> _Described:
    text = getattr(page, "description", "")
    if not text.lstrip().startswith("<"):
        return "", None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return "", None
    name = (root.findtext("Biomarker") or root.findtext("Name") or "").strip()
    parts = (root.findtext("Color") or "").split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        return name, None
    red, green, blue = (min(int(part), 255) for part in parts)
    return name, (red, green, blue)
