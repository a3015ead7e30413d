"""Parameter values checked against what the manifest declares.

Recipes come from files that people edit, so every value is checked before a plugin sees it. Pure functions.
"""

from __future__ import annotations

import math
from typing import Any

from desktop_app.errors import PluginError
from desktop_app.plugin_api.manifest import Params, ParamSpec, ParamValue, Provided


def complete_params(plugin_id: str, provided: Provided, params: Params) -> dict[str, ParamValue]:
    """Checked values for every declared parameter, defaults filled in.

    Raises
    ------
    PluginError
        If a name is not declared, or a value is of the wrong type or out of range.
    """
    known = {spec.name for spec in provided.params}
    for name in params:
        if name not in known:
            raise PluginError(
                plugin_id,
                f"{plugin_id}/{provided.id} has no parameter '{name}'; "
                f"it has {', '.join(sorted(known)) or 'none'}.",
            )
    return {
        spec.name: check_value(plugin_id, spec, params.get(spec.name, spec.default))
        for spec in provided.params
    }


def check_value(plugin_id: str, spec: ParamSpec, value: Any) -> ParamValue:
    """One value in its declared type; a whole number may stand for a float, nothing else is converted.

    Raises
    ------
    PluginError
        If the value is of the wrong type or out of range.
    """
    checked = _typed(spec, value)
    if checked is None:
        raise PluginError(
            plugin_id, f"The parameter '{spec.name}' of {plugin_id} is {value!r}, must be {_wanted(spec)}."
        )
    return checked


def _typed(spec: ParamSpec, value: Any) -> ParamValue | None:
    """The value in its declared type, or None where it does not fit."""
    match spec.type:
        case "float" if type(value) in (int, float) and math.isfinite(value) and _in_range(spec, value):
            return float(value)
        case "int" if type(value) is int and _in_range(spec, value):
            return value
        case "bool" if isinstance(value, bool):
            return value
        case "choice" if value in spec.choices:
            return str(value)
        case "text" if isinstance(value, str):
            return value
        case _:
            return None


def _in_range(spec: ParamSpec, value: float) -> bool:
    above = spec.minimum is None or value >= spec.minimum
    return above and (spec.maximum is None or value <= spec.maximum)


def _wanted(spec: ParamSpec) -> str:
    match spec.type:
        case "choice":
            return f"one of {', '.join(spec.choices)}"
        case "bool":
            return "true or false"
        case "text":
            return "a text"
    kind = "a whole number" if spec.type == "int" else "a number"
    limits = [
        f"{word} {bound:g}{f' {spec.unit}' if spec.unit else ''}"
        for word, bound in (("at least", spec.minimum), ("at most", spec.maximum))
        if bound is not None
    ]
    return " ".join([kind, " and ".join(limits)]).strip()
