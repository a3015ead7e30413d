"""The patience with a plugin, second by second."""

from __future__ import annotations

from desktop_app.plugin_host import Busy
from desktop_app.ui.engine.plugin_watch import PluginWatch

CALL = Busy("slow", 1000.0)


def verdicts(watch: PluginWatch, *times: float) -> list[str]:
    return [watch.look(CALL, 1000.0 + time) for time in times]


def test_it_warns_once_before_the_time_is_up() -> None:
    watch = PluginWatch(100.0)
    assert verdicts(watch, 1, 79, 81, 82, 99, 100) == ["fine", "fine", "warn", "late", "late", "stop"]


def test_more_time_is_the_whole_time_again() -> None:
    watch = PluginWatch(100.0)
    assert verdicts(watch, 85) == ["warn"]
    watch.extend()
    assert watch.left_s(1085.0) == 115.0
    assert verdicts(watch, 110, 179, 181, 200) == ["fine", "fine", "warn", "stop"]


def test_the_next_call_has_its_own_time() -> None:
    watch = PluginWatch(100.0)
    assert verdicts(watch, 85) == ["warn"]
    watch.extend()
    assert watch.look(None, 1120.0) == "fine"
    again = Busy("slow", 1121.0)
    assert [watch.look(again, 1121.0 + time) for time in (50, 81, 100)] == ["fine", "warn", "stop"]


def test_a_pause_does_not_count() -> None:
    watch = PluginWatch(100.0)
    assert verdicts(watch, 50) == ["fine"]
    watch.restart(1500.0)
    assert verdicts(watch, 501, 581) == ["fine", "warn"]
