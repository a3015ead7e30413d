from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from desktop_app.storage.drawing_settings import DrawingSettings
from desktop_app.storage.settings import Settings, read_settings, write_settings


def test_choices_come_back_from_the_file(tmp_path: Path) -> None:
    drawing = DrawingSettings(brush_size=80, roi_shape="stamp", stamp_unit="mm2", names=False)
    write_settings(tmp_path / "settings.json", replace(Settings(), drawing=drawing))
    assert read_settings(tmp_path / "settings.json").drawing == drawing


def test_what_cannot_be_used_keeps_its_default() -> None:
    content = {
        "brush_size": 9000,
        "roi_shape": "star",
        "stamp_mpp": "thick",
        "arrows": 1,
        "overlay_opacity": True,
        "names": False,
        "later": 5,
    }
    assert DrawingSettings.read(content) == DrawingSettings(names=False)
    assert DrawingSettings.read(asdict(DrawingSettings(arrows=True))).arrows
