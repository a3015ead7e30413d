"""Settings and the registry of runs: small files that must never stop the start."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop_app.storage.run_registry import RunEntry, RunRegistry
from desktop_app.storage.settings import RECENT_SLIDES, USED_ACTIONS, Settings, read_settings, write_settings


def test_settings_come_back(tmp_path: Path) -> None:
    path = tmp_path / "자리" / "settings.json"
    settings = Settings(
        recent=("/슬라이드/가.svs",), theme="dark", heat_map_opacity=0.25, pixel_sizes={"abc": 0.5}
    )
    write_settings(path, settings)
    assert read_settings(path) == settings


def test_no_file_and_a_damaged_file_are_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert read_settings(path) == Settings()
    for content in (b"{", b"[1]", b"\xff\xfe", b""):
        path.write_bytes(content)
        assert read_settings(path) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("recent", "one"),
        ("recent", [1]),
        ("heat_map_opacity", 7),
        ("heat_map_opacity", True),
        ("minimap", "yes"),
        ("pixel_sizes", {"a": -1}),
        ("pixel_sizes", {"a": "b"}),
        ("pixel_sizes", []),
        ("unknown", 1),
    ],
)
def test_a_member_that_cannot_be_used_costs_only_itself(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"author": "Dr. Kim", name: value}), encoding="utf-8")
    assert read_settings(path) == Settings(author="Dr. Kim")


def test_recent_slides_are_few_and_each_once() -> None:
    settings = Settings()
    for number in [*range(20), 15]:
        settings = settings.with_recent(Path(f"/s/{number}.svs"))
    assert len(settings.recent) == RECENT_SLIDES
    assert settings.recent[:2] == (str(Path("/s/15.svs")), str(Path("/s/19.svs")))
    assert len(set(settings.recent)) == RECENT_SLIDES


def entry(job_id: str, slide_id: str = "s") -> RunEntry:
    return RunEntry(job_id, slide_id, "/out", "default")


def test_the_registry_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data" / "runs.json"
    registry = RunRegistry(path)
    registry.put(entry("a"))
    registry.put(entry("b", "other"))
    registry.put(entry("c"))
    registry.mark("c", "merged")
    registry.forget("a")
    registry.mark("nobody", "merged")
    again = RunRegistry(path)
    assert [found.job_id for found in again.of_slide("s")] == ["c"]
    kept = again.get("c")
    assert kept is not None
    assert kept.state == "merged"


def test_a_run_from_elsewhere_is_wanted_once(tmp_path: Path) -> None:
    registry = RunRegistry(tmp_path / "runs.json")
    first = replace(entry("a"), geojson="/out/s.geojson")
    registry.want(first)
    registry.mark("a", "merged")
    registry.want(replace(first, job_id="b"))
    registry.want(replace(first, job_id="c", geojson="/out/s.2.geojson"))
    assert [(found.job_id, found.state) for found in registry.of_slide("s")] == [
        ("a", "merged"),
        ("c", "wanted"),
    ]


def test_a_damaged_registry_keeps_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    RunRegistry(path).put(entry("a"))
    items = json.loads(path.read_text(encoding="utf-8"))
    items += [{"job_id": "x"}, 7, {**items[0], "job_id": "b", "state": "dancing"}]
    path.write_text(json.dumps(items), encoding="utf-8")
    registry = RunRegistry(path)
    assert registry.get("a") is not None
    assert registry.get("b") is None
    path.write_text("not json", encoding="utf-8")
    assert RunRegistry(path).of_slide("s") == ()


def test_a_run_that_must_not_be_read_from_the_disk_is_known_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    registry = RunRegistry(path)
    registry.put(entry("a"))
    registry.put(replace(entry("b"), out="/patients/mueller"), on_disk=False)
    registry.mark("b", "finished")
    assert registry.get("b") is not None
    assert "mueller" not in path.read_text(encoding="utf-8")
    assert [found.job_id for found in RunRegistry(path).of_slide("s")] == ["a"]


def test_the_actions_used_last_are_few_and_each_once() -> None:
    settings = Settings()
    for number in [*range(40), 35]:
        settings = settings.with_used_action(f"a.{number}")
    assert len(settings.used_actions) == USED_ACTIONS
    assert settings.used_actions[:2] == ("a.35", "a.39")
