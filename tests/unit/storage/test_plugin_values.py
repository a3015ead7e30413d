"""Remembered parameters, and a file that is none."""

from __future__ import annotations

from pathlib import Path

from desktop_app.storage.plugin_values import PluginValues


def test_values_are_remembered_by_what_uses_them(tmp_path: Path) -> None:
    path = tmp_path / "config" / "values.json"
    PluginValues(path).remember("a/one", {"size": 2.5, "mode": "slow"})
    PluginValues(path).remember("a/two", {"size": 1.0})
    kept = PluginValues(path)
    assert kept.of("a/one") == {"size": 2.5, "mode": "slow"}
    kept.remember("a/one", {})
    assert kept.of("a/one") == {}
    assert kept.of("a/two") == {"size": 1.0}


def test_a_damaged_file_remembers_nothing(tmp_path: Path) -> None:
    path = tmp_path / "values.json"
    for content in ("nothing", "[1]", '{"a/one": 5}'):
        path.write_text(content)
        assert PluginValues(path).of("a/one") == {}
