"""Parameter values: what fits is passed on in its declared type, everything else is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.errors import PluginError
from desktop_app.plugin_api import ParamSpec, Provided
from desktop_app.plugin_host.parameters import complete_params

PROVIDED = Provided(
    kind="encoder",
    id="thing",
    name="Thing",
    entry="module:Thing",
    params=(
        ParamSpec("size", "float", 2.0, "Size", minimum=0.5, maximum=8.0, unit="µm"),
        ParamSpec("count", "int", 3, "Count", minimum=1),
        ParamSpec("fast", "bool", default=True, label="Fast"),
        ParamSpec("mode", "choice", "a", "Mode", choices=("a", "b")),
        ParamSpec("title", "text", "", "Title"),
    ),
)
DEFAULTS = {"size": 2.0, "count": 3, "fast": True, "mode": "a", "title": ""}


def test_defaults_fill_in_what_is_left_out() -> None:
    assert complete_params("plugin", PROVIDED, {}) == DEFAULTS
    assert complete_params("plugin", PROVIDED, {"mode": "b"}) == {**DEFAULTS, "mode": "b"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("size", 1, 1.0), ("size", 0.5, 0.5), ("size", 8.0, 8.0), ("count", 1, 1), ("title", "조직", "조직")],
)
def test_a_fitting_value_has_the_declared_type(name: str, value: Any, expected: Any) -> None:
    checked = complete_params("plugin", PROVIDED, {name: value})[name]

    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", 0.4), ("size", 8.1), ("size", float("nan")), ("size", float("inf")), ("size", "2"),
        ("size", True), ("size", None), ("count", 0), ("count", 2.0), ("count", True), ("count", "3"),
        ("fast", 1), ("fast", "true"), ("mode", "c"), ("mode", ["a"]), ("mode", 1), ("title", 5),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(PluginError, match=f"'{name}' of plugin") as caught:
        complete_params("plugin", PROVIDED, {name: value})
    assert caught.value.plugin_id == "plugin"


def test_the_sentence_says_what_is_wanted() -> None:
    with pytest.raises(PluginError, match=r"must be a number at least 0\.5 µm and at most 8 µm"):
        complete_params("plugin", PROVIDED, {"size": -1})
    with pytest.raises(PluginError, match="must be a whole number at least 1"):
        complete_params("plugin", PROVIDED, {"count": -1})
    with pytest.raises(PluginError, match="must be one of a, b"):
        complete_params("plugin", PROVIDED, {"mode": "c"})


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(PluginError, match="has no parameter 'scale'; it has count, fast, mode, size, title"):
        complete_params("plugin", PROVIDED, {"scale": 1})
