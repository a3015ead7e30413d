"""Display settings survive a file, and a damaged file costs nothing but what is damaged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop_app.domain.display_settings import DAB, HEMATOXYLIN, ChannelDisplay, DisplaySettings, Stains
from desktop_app.storage.display_file import display_from_mapping, display_to_mapping

SETTINGS = DisplaySettings(
    icc=False,
    brightness=0.1,
    contrast=-0.2,
    gamma=1.5,
    black=10,
    white=240,
    white_point=(230, 231, 232),
    monochrome=True,
    stain_view="second",
    stains=Stains(("Hematoxylin", "DAB"), (HEMATOXYLIN, DAB), (240, 241, 242)),
    channels=(ChannelDisplay(True, (0, 0, 255), 10.0, 2000.0), ChannelDisplay(False, (0, 255, 0), 0.0, 1.0)),
)


def test_settings_come_back() -> None:
    back = display_from_mapping(json.loads(json.dumps(display_to_mapping(SETTINGS))))
    assert back.stains.vectors[1] == pytest.approx(DAB, abs=1e-3)
    assert display_to_mapping(back) | {"stains": None} == display_to_mapping(SETTINGS) | {"stains": None}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gamma", 0),
        ("gamma", True),
        ("gamma", float("nan")),
        ("brightness", "bright"),
        ("black", 250),
        ("white_point", [1, 2]),
        ("white_point", [1, 2, 300]),
        ("stain_view", "third"),
        ("stains", {"names": ["a", "b"], "vectors": [[0, 0, 0], [1, 0, 0]], "background": [1, 2, 3]}),
        ("stains", []),
        ("channels", [{"color": [1, 2, 3], "low": 5, "high": 5}]),
        ("channels", "all"),
        ("icc", "yes"),
    ],
)
def test_a_bad_member_falls_back_and_the_others_stay(name: str, value: Any) -> None:
    content = display_to_mapping(SETTINGS)
    back = display_to_mapping(display_from_mapping(content | {name: value}))
    plain = display_to_mapping(DisplaySettings())
    assert back[name] == plain[name]
    other = "monochrome"
    assert back[other] == content[other]


def test_nothing_gives_the_defaults() -> None:
    assert display_from_mapping({}) == DisplaySettings()
