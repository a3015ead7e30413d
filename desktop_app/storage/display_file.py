"""Display settings as JSON, for the memory of a slide and for presets.

Each member is taken on its own: what is missing, damaged or out of range falls back to its default. Any
thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, get_args

from desktop_app.domain.display_settings import (
    ChannelDisplay,
    DisplaySettings,
    Rgb,
    Stains,
    StainVector,
    StainView,
)

RANGES = {"brightness": (-1.0, 1.0), "contrast": (-1.0, 1.0), "gamma": (0.2, 5.0)}
FLAGS = ("icc", "monochrome")


def display_to_mapping(settings: DisplaySettings) -> dict[str, Any]:
    """Plain containers."""
    return asdict(settings)


def display_from_mapping(content: Mapping[str, Any]) -> DisplaySettings:
    """The settings that a mapping holds, as far as it holds any."""
    settings = replace(DisplaySettings(), **_flags(content), **_numbers(content), **_window(content))
    if content.get("stain_view") in get_args(StainView):
        settings = replace(settings, stain_view=content["stain_view"])
    return replace(
        settings,
        white_point=_color(content.get("white_point")),
        stains=_stains(content.get("stains")) or settings.stains,
        channels=_channels(content.get("channels")),
    )


def _flags(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in FLAGS if isinstance(content.get(name), bool)}


def _numbers(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: float(content[name])
        for name, (low, high) in RANGES.items()
        if _is_number(content.get(name)) and low <= content[name] <= high
    }


def _window(content: Mapping[str, Any]) -> dict[str, Any]:
    black, white = content.get("black"), content.get("white")
    if isinstance(black, int) and isinstance(white, int) and 0 <= black < white <= 255:
        return {"black": black, "white": white}
    return {}


def _stains(content: Any) -> Stains | None:
    if not isinstance(content, Mapping):
        return None
    names: Any = content.get("names")
    vectors: Any = content.get("vectors")
    background = _color(content.get("background"))
    if not (_is_row(names, 2) and _is_row(vectors, 2)) or background is None:
        return None
    first, second = _vector(vectors[0]), _vector(vectors[1])
    if first is None or second is None or not all(isinstance(name, str) for name in names):
        return None
    return Stains((names[0], names[1]), (first, second), background)


def _vector(value: Any) -> StainVector | None:
    if not _is_row(value, 3) or not all(_is_number(part) for part in value):
        return None
    length = math.hypot(*value)
    return (value[0] / length, value[1] / length, value[2] / length) if length > 0 else None


def _channels(value: Any) -> tuple[ChannelDisplay, ...]:
    """All of them or none: they belong to the slide's channels by their place."""
    if not isinstance(value, Sequence):
        return ()
    channels = [_channel(one) for one in value]
    return tuple(one for one in channels if one is not None) if None not in channels else ()


def _channel(value: Any) -> ChannelDisplay | None:
    if not isinstance(value, Mapping):
        return None
    color = _color(value.get("color"))
    low: Any = value.get("low")
    high: Any = value.get("high")
    if color is None or not (_is_number(low) and _is_number(high) and low < high):
        return None
    return ChannelDisplay(value.get("visible") is not False, color, float(low), float(high))


def _color(value: Any) -> Rgb | None:
    usable = _is_row(value, 3) and all(isinstance(part, int) and 0 <= part <= 255 for part in value)
    return (value[0], value[1], value[2]) if usable else None


def _is_row(value: Any, length: int) -> bool:
    return isinstance(value, list | tuple) and len(value) == length


def _is_number(value: Any) -> bool:
    # Booleans are integers in Python.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
