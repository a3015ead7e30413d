"""What OME-XML says of the picture that is shown: pixel size, objective, channels, and the files of a set.

The schema has many versions that differ in their namespace only, so elements are found by their plain names.
Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

UM_PER_UNIT = {
    "pm": 1e-6,
    "Å": 1e-4,
    "nm": 1e-3,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "dm": 1e5,
    "m": 1e6,
    "thou": 25.4,
    "in": 25_400.0,
    "inch": 25_400.0,
}
"""µm in each unit of length that microscopy programs write; ``pixel`` and ``reference frame`` are none."""


@dataclass(frozen=True, slots=True)
class OmeChannel:
    """One channel as OME-XML has it.

    Attributes
    ----------
    name : str
        Empty if it has none.
    color : tuple[int, int, int] | None
        RGB, where stated.
    is_fluorescence : bool
        Whether a fluorophore, an emission wavelength or the contrast method says so.
    """

    name: str
    color: tuple[int, int, int] | None
    is_fluorescence: bool


@dataclass(frozen=True, slots=True)
class OmeImage:
    """One image of the file.

    Attributes
    ----------
    name : str
        As stated.
    physical_size : tuple[float | None, float | None]
        µm per pixel ``(x, y)``.
    unknown_unit : str
        The unit of a size that is no length; else empty.
    significant_bits : int | None
        Of the depth that is stored.
    objective : float | None
        The nominal magnification.
    channels : tuple[OmeChannel, ...]
        In order.
    files : tuple[str, ...]
        Names of the files that hold its planes; empty for this file alone.
    """

    name: str = ""
    physical_size: tuple[float | None, float | None] = (None, None)
    unknown_unit: str = ""
    significant_bits: int | None = None
    objective: float | None = None
    channels: tuple[OmeChannel, ...] = ()
    files: tuple[str, ...] = ()


def read_ome_images(text: str) -> tuple[OmeImage, ...]:
    """Every image of an OME-XML document, in order; none if it is no XML."""
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return ()
    objectives = {
        element.get("ID", ""): _number(element.get("NominalMagnification"))
        for element in root.iter()
        if _name(element) == "Objective"
    }
    return tuple(_image(element, objectives) for element in root if _name(element) == "Image")


def _image(element: ElementTree.Element, objectives: dict[str, float | None]) -> OmeImage:
    pixels = next(_children(element, "Pixels"), None)
    if pixels is None:
        return OmeImage(element.get("Name", ""))
    sizes, unknown = _physical_size(pixels)
    bits = pixels.get("SignificantBits", "")
    settings = next(_children(element, "ObjectiveSettings"), None)
    objective = objectives.get(settings.get("ID", "")) if settings is not None else None
    files = (part.get("FileName", "") for part in pixels.iter() if _name(part) == "UUID")
    return OmeImage(
        name=element.get("Name", ""),
        physical_size=sizes,
        unknown_unit=unknown,
        significant_bits=int(bits) if bits.isdecimal() else None,
        objective=objective,
        channels=tuple(_channel(channel) for channel in _children(pixels, "Channel")),
        files=tuple(dict.fromkeys(name for name in files if name)),
    )


def _physical_size(pixels: ElementTree.Element) -> tuple[tuple[float | None, float | None], str]:
    sizes: list[float | None] = []
    for axis in "XY":
        value = _number(pixels.get(f"PhysicalSize{axis}"))
        unit = pixels.get(f"PhysicalSize{axis}Unit", "µm").strip()
        if value is not None and unit not in UM_PER_UNIT:
            return (None, None), unit
        sizes.append(None if value is None else value * UM_PER_UNIT[unit])
    return (sizes[0], sizes[1]), ""


def _channel(element: ElementTree.Element) -> OmeChannel:
    fluorescence = (
        bool(element.get("Fluor"))
        or element.get("EmissionWavelength") is not None
        or "fluorescence" in (element.get("ContrastMethod", "") + element.get("AcquisitionMode", "")).lower()
    )
    return OmeChannel(element.get("Name", "").strip(), _color(element.get("Color")), fluorescence)


def _color(text: str | None) -> tuple[int, int, int] | None:
    """A signed 32-bit number that holds red, green, blue and alpha, from the highest byte on."""
    if text is None or re.fullmatch(r"-?\d{1,10}", text) is None:
        return None
    red, green, blue, _ = (int(text) & 0xFFFFFFFF).to_bytes(4, "big")
    return red, green, blue


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (child for child in element if _name(child) == name)


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
