"""The overlays' part of the settings file."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from desktop_app.storage.overlay_settings import OverlaySettings
from desktop_app.storage.settings import Settings, read_settings, write_settings


def test_choices_survive_a_restart(tmp_path: Path) -> None:
    chosen = OverlaySettings(grid=True, grid_spacing_um=123.5, field_area_mm2=0.196, minimap_size=300)
    write_settings(tmp_path / "settings.json", replace(Settings(), overlays=chosen))
    assert read_settings(tmp_path / "settings.json").overlays == chosen


def test_each_member_that_cannot_be_used_keeps_its_default() -> None:
    damaged = {
        **asdict(OverlaySettings(crosshair=True)),
        "grid": 1,
        "grid_spacing_um": -5,
        "grid_spacing_px": True,
        "field_area_mm2": float("nan"),
        "minimap_size": 191,
        "record_coverage": "no",
        "from the future": 3,
    }
    assert OverlaySettings.read(damaged) == OverlaySettings(crosshair=True)


def test_a_member_of_another_kind_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"overlays": 7, "theme": "dark"}')
    assert read_settings(tmp_path / "settings.json") == Settings(theme="dark")
