"""The pixel size as a file states it: OME-XML, Aperio's and ImageJ's words, or a resolution tag.

Words count as metadata. A resolution tag, ImageJ's included, goes through the application's rules, which
refuse screen and print resolutions. Pure functions on what tifffile has parsed.
"""

from __future__ import annotations

import re
from typing import Any

from desktop_app.plugin_api import StatedMpp, mpp_of_metadata, mpp_of_tag

from .ome_xml import UM_PER_UNIT, OmeImage

_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_UM_PER_RESOLUTION_UNIT = {2: 25_400.0, 3: 10_000.0}
_APERIO_MPP = re.compile(r"\|\s*MPP\s*=\s*([0-9.]+)")
_APERIO_MAGNIFICATION = re.compile(r"\|\s*AppMag\s*=\s*([0-9.]+)")


def stated_pixel_size(page: Any, ome: OmeImage | None, imagej: dict[str, Any] | None) -> StatedMpp:
    """µm per pixel of a page, stored orientation.

    Parameters
    ----------
    page : tifffile.TiffPage
        The finest level.
    ome : OmeImage | None
        The image shown, in an OME-TIFF.
    imagej : dict[str, Any] | None
        ImageJ's metadata, in a file of ImageJ.
    """
    if ome is not None and (ome.unknown_unit or ome.physical_size != (None, None)):
        return _of_ome(ome)
    aperio = _APERIO_MPP.search(page.description or "")
    if aperio is not None:
        value = float(aperio[1])
        return mpp_of_metadata((value, value))
    if imagej is not None:
        return _of_resolution(page, UM_PER_UNIT.get(_plain_unit(imagej.get("unit"))))
    unit = page.tags.valueof(_RESOLUTION_UNIT, default=2)
    return _of_resolution(page, _UM_PER_RESOLUTION_UNIT.get(int(unit)))


def stated_objective(page: Any, ome: OmeImage | None) -> float | None:
    """The objective power, where the file states one that can be."""
    if ome is not None and ome.objective:
        return ome.objective if ome.objective > 0 else None
    aperio = _APERIO_MAGNIFICATION.search(page.description or "")
    return float(aperio[1]) or None if aperio is not None else None


def _of_ome(ome: OmeImage) -> StatedMpp:
    if ome.unknown_unit:
        return StatedMpp(note=f"the file states its pixel size in the unit '{ome.unknown_unit}'")
    x, y = ome.physical_size
    if x is None or y is None:
        return StatedMpp(note="the file states its pixel size in one direction only")
    return mpp_of_metadata((x, y))


def _of_resolution(page: Any, um_per_unit: float | None) -> StatedMpp:
    """Pixels per unit in the tags, as µm per pixel."""
    if um_per_unit is None:
        return StatedMpp()
    per_unit = [_ratio(page.tags.valueof(tag)) for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
    if not all(per_unit):
        return StatedMpp()
    return mpp_of_tag((um_per_unit / per_unit[0], um_per_unit / per_unit[1]))


def _ratio(value: Any) -> float:
    """A rational tag's number; 0 where it is missing or is none."""
    if not isinstance(value, tuple) or len(value) != 2 or not value[1]:
        return 0.0
    return float(value[0]) / float(value[1])


def _plain_unit(unit: Any) -> str:
    """ImageJ writes the micro sign as an escape, and lengths in words."""
    return str(unit or "").replace("\\u00B5", "µ").strip()
