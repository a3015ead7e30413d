"""The classes an annotation can have: QuPath's default list, and the rules for names and colors.

A slide starts with this list; every change to it is an edit like any other. Pure, on any thread.
"""

from __future__ import annotations

import colorsys
import zlib
from collections.abc import Iterable
from dataclasses import replace

from desktop_app.domain.annotation import AnnotationClass, Color
from desktop_app.errors import AnnotationError

NO_CLASS_COLOR: Color = (255, 0, 0)
"""What an annotation without a class is drawn in (QuPath's default annotation color)."""

DEFAULT_CLASSES: tuple[AnnotationClass, ...] = (
    AnnotationClass("Tumor", (200, 0, 0)),
    AnnotationClass("Stroma", (150, 200, 150)),
    AnnotationClass("Immune cells", (160, 90, 160)),
    AnnotationClass("Necrosis", (50, 50, 50)),
    AnnotationClass("Other", (255, 200, 0)),
    AnnotationClass("Region*", (0, 0, 180)),
    AnnotationClass("Ignore*", (180, 180, 180)),
    AnnotationClass("Positive", (200, 50, 50)),
    AnnotationClass("Negative", (90, 90, 180)),
)
"""QuPath's default list, in its order and colors, so that both programs show the same picture."""

_KNOWN: dict[str, Color] = {entry.name: entry.color for entry in DEFAULT_CLASSES} | {
    "Tissue": (90, 140, 90),
    "1+": (255, 215, 0),
    "2+": (225, 150, 50),
    "3+": (200, 50, 50),
}


def color_for(name: str) -> Color:
    """The color a class gets where nobody has chosen one: QuPath's for its own classes, else a stable one.

    The hue comes from a checksum of the name, so the same name has the same color on every machine.
    """
    if name in _KNOWN:
        return _KNOWN[name]
    checksum = zlib.crc32(name.encode())
    hue, value = (checksum & 0xFFFF) / 0x10000, 0.6 + (checksum >> 16 & 0xFF) / 1024
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def checked_class_name(name: str) -> str:
    """A class name without surrounding space.

    Raises
    ------
    AnnotationError
        If it is empty or holds a line break or ``:`` within one of its parts (``"A: B"`` is a derived
        class and allowed).
    """
    stripped = name.strip()
    if not stripped or "\n" in stripped:
        raise AnnotationError("A class needs a name of one line.")
    if any(not part.strip() or ":" in part for part in stripped.split(": ")):
        raise AnnotationError(f"{stripped} cannot be a class name: ':' separates a class from its subclass.")
    return stripped


def with_class(classes: tuple[AnnotationClass, ...], added: AnnotationClass) -> tuple[AnnotationClass, ...]:
    """The list with a class added at its end, or with its color changed if the name is there already."""
    if any(entry.name == added.name for entry in classes):
        return tuple(
            replace(entry, color=added.color) if entry.name == added.name else entry for entry in classes
        )
    return (*classes, added)


def with_missing(
    classes: tuple[AnnotationClass, ...], found: Iterable[AnnotationClass]
) -> tuple[AnnotationClass, ...]:
    """The list with those of ``found`` added that it lacks; a class it has keeps its color.

    QuPath treats the colors in a file the same way: they color only what it does not know.
    """
    known = {entry.name for entry in classes}
    missing = {entry.name: entry for entry in found if entry.name not in known}
    return (*classes, *missing.values())
