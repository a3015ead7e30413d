"""The action table: sound as data, and every action does something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import TimeoutError as QtTimeoutError

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.bookmark import Bookmark
from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.storage.geojson import write_geojson
from desktop_app.storage.overlay_settings import MINIMAP_SIZES
from desktop_app.storage.run_registry import RunEntry
from desktop_app.ui.actions.action_spec import ActionSpec, Mode
from desktop_app.ui.actions.table import ACTIONS, MENUS, TOOLBAR
from desktop_app.ui.models.measurements import Measurement
from tests.support.annotation_samples import square
from tests.support.color_profiles import scanner_profile
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, pixels

MODES: tuple[Mode, ...] = ("view", "annotate")


# ---- the table --------------------------------------------------------------------------------------


def test_keys_are_unique_and_menus_exist() -> None:
    assert not [key for key, count in Counter(spec.key for spec in ACTIONS).items() if count > 1]
    assert {spec.menu for spec in ACTIONS} | {"file/recent"} == set(MENUS)
    keys = {spec.key for spec in ACTIONS}
    assert {key for group in TOOLBAR for key in group} <= keys


@pytest.mark.parametrize("mode", MODES)
def test_no_two_actions_share_a_shortcut_in_a_mode(mode: Mode) -> None:
    shortcuts = Counter(spec.shortcut_in(mode) for spec in ACTIONS if spec.shortcut_in(mode))
    assert not [keys for keys, count in shortcuts.items() if count > 1]


def test_no_second_shortcut_is_another_actions() -> None:
    first = {spec.shortcut_in(mode) for spec in ACTIONS for mode in MODES}
    second = [spec.second_shortcut for spec in ACTIONS if spec.second_shortcut]
    assert second
    assert not first & set(second)
    assert len(second) == len(set(second))


def test_every_shortcut_is_one_that_qt_knows() -> None:
    for spec in ACTIONS:
        for mode in MODES:
            keys = spec.shortcut_in(mode)
            assert QKeySequence(keys).toString() == keys, spec.key
        assert QKeySequence(spec.second_shortcut).toString() == spec.second_shortcut, spec.key


def test_digits_zoom_in_view_and_choose_the_class_in_annotate() -> None:
    table = {spec.key: spec for spec in ACTIONS}
    for number in range(1, 7):
        assert table[f"view.magnify_{number}"].shortcut_in("view") == str(number)
        assert table[f"view.magnify_{number}"].shortcut_in("annotate") == f"Alt+{number}"
        assert table[f"annotate.class_{number}"].shortcut_in("annotate") == str(number)
        assert table[f"annotate.class_{number}"].shortcut_in("view") == ""


def test_no_action_edits_in_view_mode(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    assert driver.window.mode == "view"
    registry = driver.window.actions_by_key
    enabled = {spec.key for spec in registry.specs if registry[spec.key].isEnabled()}
    assert not {key for key in enabled if key.startswith(("edit.", "annotate."))}


# ---- the walk ---------------------------------------------------------------------------------------


class Walk:
    """Brings the window into a state in which an action can work, and looks whether it did."""

    def __init__(self, driver: WindowDriver, slide: Path, fake_worker: ModuleType) -> None:
        self.driver = driver
        self.window = driver.window
        self.slide = slide
        self.folder = slide.parent
        self.fake_worker = fake_worker
        self.window.status._timer.stop()
        self.window.resize(1000, 680)

    def prepare(self, spec: ActionSpec) -> None:
        if self.window.front is None:
            self.driver.open(self.slide)
        self.window.set_mode("annotate" if "annotate" in spec.modes else "view")
        self.window.change_settings(replace(self.window.settings, heat_map_opacity=0.5, theme="dark"))
        self.window.messages.clear()
        for fact in sorted(spec.needs):
            self.provide(fact)
        prepare = self.special().get(spec.key)
        if prepare is not None:
            prepare()
        self.driver.settle()
        self.driver.wait(lambda: self.driver.view.display.is_settled)
        self.driver.sharpen()

    def provide(self, fact: str) -> None:
        view = self.driver.view
        makers: dict[str, Callable[[], object]] = {
            "annotations": self.draw,
            "selection": self.draw,
            "area_selected": self.draw,
            "outline_selected": self.draw,
            "two_areas": self.draw_two,
            "area_and_line": self.draw_with_line,
            "undo": self.draw,
            "redo": lambda: (self.draw(), view.document.undo_stack.undo()),
            "heat_map": self.show_heat_map,
            "heat_map_shown": self.show_heat_map,
            "running": self.start_job,
            "unmerged": self.leave_result,
            "color_profile": lambda: view.display.set_screen_profile(scanner_profile()),
            "color_adjusted": lambda: view.display.set_settings(DisplaySettings(gamma=2.0)),
            "turned": lambda: view.canvas.turn_to(30),
            "can_go_back": lambda: view.canvas.set_magnification(20),
            "can_go_forward": lambda: (view.canvas.set_magnification(20), view.travel.step(-1)),
            "several_views": self.show_twice,
            "several_shown": self.show_twice,
            "grid": self.show_twice,
            "several_slides_shown": self.show_two_slides,
            "aligned": self.align,
            "minimap": self.show_minimap,
            "measurements": self.measure,
            "coverage": self.look_closely,
            "history_chosen": self.choose_state,
            "hidden_objects": self.hide,
            "something_hidden": self.hide,
            "transferable": self.draw,
        }
        if fact in makers:
            makers[fact]()

    def special(self) -> dict[str, Callable[[], object]]:
        view = self.driver.view
        files = self.driver.files
        files.slide_answers = [self.other_slide()]
        files.read_answer = self.annotations_file()
        files.write_answer = self.folder / "saved.geojson"
        special: dict[str, Callable[[], object]] = {
            "color.stain_off": lambda: view.display.set_settings(DisplaySettings(stain_view="first")),
            "view.fit": lambda: view.canvas.zoom_by(3),
            "view.one_to_one": lambda: view.canvas.zoom_by(3),
            "view.theme_dark": lambda: self.theme("light"),
            "view.theme_system": lambda: self.theme("dark"),
            "annotate.move": lambda: view.choose_tool("point"),
            "layout.equal": self.make_unequal,
            "layout.grid_1x1": lambda: self.window.comparison.set_layout(2, 2),
            "layout.match": lambda: view.canvas.zoom_by(3),
            "slide.information": lambda: self.window.panels.show("log"),
            "edit.cut": self.draw,
            "edit.paste": self.copy,
            "edit.paste_at_mouse": self.copy,
            "object.unlock": lambda: view.document.set_locked(view.selected_ids, True),
            "object.hide_others": lambda: (view.document.remove(view.selected_ids), self.draw(), self.draw()),
            "object.zoom_to": view.canvas.fit,
            "edit.history": lambda: self.window.panels.show("annotations"),
            "navigate.bookmarks": lambda: self.window.panels.show("annotations"),
            "overlay.field_placed": lambda: self.window.overlays.change(field=False),
            "file.save_as": lambda: setattr(files, "write_answer", self.folder / "other.geojson"),
        }
        special["shape.separate"] = self.draw_in_parts
        special["shape.hull"] = self.draw_in_parts
        for number in range(1, 10):
            special[f"annotate.class_{number}"] = self.draw_unclassified
        for index in range(3):
            special[f"minimap.size_{index}"] = partial(self.resize_minimap, 2 if index == 0 else 0)
        special["annotate.class_0"] = self.draw_classified
        for number in range(1, 7):
            special[f"view.magnify_{number}"] = view.canvas.fit
        return special

    def choose_state(self) -> None:
        self.draw()
        panel = self.window.panels.history
        panel.choose(panel.model.present_row + 1)

    def theme(self, name: str) -> None:
        self.window.change_settings(replace(self.window.settings, theme=name))  # type: ignore[arg-type]

    def draw(self) -> None:
        ring = np.array([(100, 100), (300, 100), (300, 250), (100, 250)], dtype=np.float64)
        view = self.driver.view
        shape = drawn("rectangle", ((ring,),), class_name=None, author="me")
        view.document.add([shape], "Draw")
        view.selection.set([shape.id])

    def hide(self) -> None:
        self.draw()
        self.window.objects.hide_selected()

    def copy(self) -> None:
        self.draw()
        self.window.objects.clipboard.copy()

    def draw_two(self) -> None:
        self.select(square(100, 100), square(150, 150))

    def draw_with_line(self) -> None:
        ring = np.array([(50, 150), (350, 150)], dtype=np.float64)
        self.select(square(100, 100), drawn("line", ((ring,),), class_name=None, author="me"))

    def draw_in_parts(self) -> None:
        parts = (*square(100, 100).parts, *square(300, 150).parts)
        self.select(drawn("polygon", parts, class_name=None, author="me"))

    def select(self, *shapes: Annotation) -> None:
        self.driver.view.document.add(shapes, "Draw")
        self.driver.view.selection.set([shape.id for shape in shapes])

    def draw_unclassified(self) -> None:
        self.driver.view.choose_tool("move")
        self.draw()

    def draw_classified(self) -> None:
        self.draw_unclassified()
        self.driver.view.choose_class(0)

    def show_heat_map(self) -> None:
        locations = np.array([[0, 0], [256, 0]], dtype=np.int64)
        values = np.array([-1, 2], dtype=np.float32)
        update = HeatMapUpdate("x", locations, (256.0, 256.0), values, "contribution", 2, 2)
        self.driver.view.set_heat_map(update)
        self.driver.view.show_heat_map(True)

    def start_job(self) -> None:
        if self.window.engine.running is None:
            job = self.fake_worker.make_job(f"job{len(self.window.engine.records)}", "silent", self.folder)
            self.window.engine.submit(job)
            self.driver.wait(lambda: self.window.engine.record(job.job_id).progress is not None)

    def show_minimap(self) -> None:
        """With something of everything on it."""
        self.window.change_settings(replace(self.window.settings, minimap=True))
        self.draw()
        self.driver.view.show_annotations(True)
        self.show_heat_map()
        self.driver.view.canvas.set_magnification(40)
        self.look_closely()
        self.window.navigation.bookmarks.of(self.driver.view).add(
            [Bookmark.of(self.driver.view.canvas.viewport, "here")]
        )

    def resize_minimap(self, index: int) -> None:
        self.window.overlays.change(minimap_size=MINIMAP_SIZES[index])

    def measure(self) -> None:
        measured = Measurement("length", ((100.0, 100.0), (300.0, 200.0)))
        self.driver.view.overlays.measurements.add(measured)

    def look_closely(self) -> None:
        record = self.window.overlays.coverage.record_of(self.driver.view)
        record.add(self.driver.view.canvas.viewport)

    def show_twice(self) -> None:
        self.driver.trigger("layout.new_view")

    def show_two_slides(self) -> None:
        first = self.driver.view
        self.window.comparison.set_layout(1, 2)
        self.driver.open(self.other_slide())
        self.window.area.activate(first)

    def make_unequal(self) -> None:
        self.window.comparison.set_layout(2, 1)
        self.driver.qtbot.wait(10)
        self.window.area.grid._outer.setSizes([400, 170])

    def align(self) -> None:
        self.show_two_slides()
        self.driver.trigger("layout.align_as_shown")

    def leave_result(self) -> None:
        geojson = str(self.annotations_file("result.geojson"))
        slide_id = self.driver.view.info.slide_id
        entry = RunEntry("old", slide_id, str(self.folder), "default", "finished", geojson=geojson)
        self.window.results._registry.put(entry)
        self.window.refresh_actions()

    def annotations_file(self, name: str = "in.geojson") -> Path:
        path = self.folder / name
        if not path.exists():
            ring = np.array([(10, 10), (90, 10), (90, 90)], dtype=np.float64)
            write_geojson(path, [drawn("polygon", ((ring,),), class_name=None, author="you")], {})
        return path

    def other_slide(self) -> Path:
        path = self.folder / "second.tiff"
        return path if path.exists() else write_pyramid(path, size=(500, 300), mpp=0.25)

    def seen(self) -> tuple[Hashable, ...]:
        """Models, pixels and files."""
        views = self.window.views
        shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
        settings = self.window.settings
        return (
            (settings.animate_movement, settings.touchpad_pans, settings.wheel_reversed),
            settings.overlays.record_coverage,
            settings.folder_copies,
            settings.drawing,
            tuple(id(view.document.snapshot) for view in views),
            tuple(pixels(widget).tobytes() for widget in shown),
            tuple(sorted((path, path.stat().st_mtime_ns) for path in self.folder.rglob("[!.]*.geojson"))),
        )

    def steady(self) -> tuple[Hashable, ...]:
        """What is seen once nothing moves any more."""
        before = self.seen()
        for _ in range(50):
            self.driver.qtbot.wait(10)
            now = self.seen()
            if now == before:
                return now
            before = now
        raise AssertionError("the window does not come to rest")

    def clean_up(self) -> None:
        self.driver.wait(lambda: not self.window.opening.under_way)
        dialog = self.window.dialogs.shown
        if dialog is not None:
            dialog.close()
        self.window.guidance.close_all()
        if self.window.guidance.manual is not None:
            self.window.guidance.manual.close()
        drawing = replace(self.window.settings.drawing, no_overlap=False)
        self.window.change_settings(replace(self.window.settings, privacy=False, drawing=drawing))
        if self.window.isFullScreen():
            self.window.toggle_full_screen()
        for panel in self.window.panels.docks:
            self.window.panels.show(panel)
        self.window.panels.show("jobs")
        for view in self.window.views:
            if view is not self.window.views_of(view.document)[0] or view.info.path != self.slide:
                self.window.close_slide(view)
        for view in self.window.views:
            view.canvas.take_back_tool()
            view.inspect(None)
            view.display.set_settings(DisplaySettings())
            view.display.set_screen_profile(None)
            view.canvas.set_upright()
            self.window.area.attach(view)
        if self.window.comparison.synchronizer.is_on:
            self.window.comparison.toggle_synchronized()
        self.window.comparison.set_layout(1, 1)


def test_every_action_changes_a_model_a_pixel_or_a_file(
    driver: WindowDriver, slide: Path, fake_worker: ModuleType
) -> None:
    walk = Walk(driver, slide, fake_worker)
    idle = []
    last = "file.quit"
    for spec in sorted(ACTIONS, key=lambda spec: spec.key == last):
        walk.prepare(spec)
        action = driver.window.actions_by_key[spec.key]
        assert action.isEnabled(), f"{spec.key} should be enabled"
        before = walk.steady()
        action.trigger()
        try:
            driver.wait(lambda before=before: walk.seen() != before, 3_000)  # type: ignore[misc]
        except QtTimeoutError:
            idle.append(spec.key)
        if spec.key != last:
            walk.clean_up()
    assert not idle


def test_a_tick_that_was_flipped_is_put_right_though_nothing_else_changed(
    driver: WindowDriver, slide: Path
) -> None:
    driver.open(slide)
    driver.window.set_mode("annotate")
    driver.trigger("annotate.rectangle")
    action = driver.window.actions_by_key["annotate.rectangle"]
    assert action.isChecked()
    driver.trigger("annotate.rectangle")
    assert action.isChecked(), "the tool is in hand as before"


def test_actions_that_are_as_they_were_are_not_gone_through_again(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    driver.window.set_mode("annotate")
    told: list[str] = []
    for spec in ACTIONS:
        action = driver.window.actions_by_key[spec.key]
        action.changed.connect(partial(told.append, spec.key))
    driver.window.refresh_actions()
    assert told == []
    driver.view.document.add([square(300, 300)], "Draw")
    assert "edit.undo" in told
    assert driver.window.actions_by_key["edit.undo"].isEnabled(), "no key has to wait for it"
