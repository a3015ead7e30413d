"""Other keys: recorded, in conflict, from a preset or a file, and in use at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit

from desktop_app.storage.key_map import KeyMap, read_key_map, write_key_map
from desktop_app.ui.actions.action_keys import FIXED_KEYS, ActionKeys, is_possible, table_keys
from desktop_app.ui.actions.table import ACTIONS
from desktop_app.ui.dialogs.key_changes import granted, others_with, reset, swapped, wish_for
from desktop_app.ui.dialogs.key_map import KeyMapDialog
from desktop_app.ui.dialogs.key_table import FIRST_KEY
from tests.support.window_driver import WindowDriver

SPECS = {spec.key: spec for spec in ACTIONS}
VIEW, ANNOTATE = FIRST_KEY, FIRST_KEY + 1


def keys_with(**changes: tuple[str, str]) -> ActionKeys:
    return ActionKeys(ACTIONS, KeyMap("", {name.replace("__", "."): keys for name, keys in changes.items()}))


def opened(driver: WindowDriver) -> KeyMapDialog:
    driver.trigger("help.key_map")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, KeyMapDialog)
    driver.qtbot.waitExposed(dialog)
    return dialog


def row_of(dialog: KeyMapDialog, key: str) -> int:
    return [spec.key for spec in dialog.keys.specs].index(key)


def press(dialog: KeyMapDialog, place: tuple[str, int], key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    """Enter on a cell, then the new key, as a person does it."""
    dialog.table.setCurrentCell(row_of(dialog, place[0]), place[1])
    dialog.table.setFocus()
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    field = next(field for field in dialog.table.findChildren(QKeySequenceEdit) if field.isVisible())
    QTest.keyClick(field, key, modifiers)


# ---- what a key map means ----------------------------------------------------------------------------


def test_the_table_alone_is_the_table() -> None:
    keys = keys_with()
    assert all(keys.both(spec) == table_keys(spec) for spec in ACTIONS)


def test_a_chosen_key_takes_it_from_the_tables_owner_and_gives_it_back() -> None:
    keys = keys_with(view__fit=("Ctrl+1", "Ctrl+1"))
    assert keys.both(SPECS["view.fit"]) == ("Ctrl+1", "Ctrl+1")
    assert keys.both(SPECS["view.one_to_one"]) == ("", "")
    again = ActionKeys(ACTIONS, reset(keys, SPECS["view.fit"]))
    assert again.both(SPECS["view.one_to_one"]) == ("Ctrl+1", "Ctrl+1")


def test_what_cannot_be_a_key_is_left_out() -> None:
    keys = keys_with(view__fit=("Space", "no such key"), unknown__action=("X", "X"), edit__undo=("F", "F"))
    assert keys.both(SPECS["view.fit"]) == ("", "")
    assert keys.both(SPECS["edit.undo"]) == ("", "F")
    assert "unknown.action" not in keys.key_map.changes
    assert not any(is_possible(fixed) for fixed in FIXED_KEYS)
    assert not is_possible("Ctrl+K, Ctrl+C")


@pytest.mark.parametrize("mode", ["view", "annotate"])
def test_no_key_ever_triggers_two_actions(mode: str) -> None:
    keys = keys_with(view__fit=("A", "M"), view__minimap=("A", "A"), annotate__move=("", "Ctrl+O"))
    held = [keys.of(spec, mode) for spec in ACTIONS if keys.of(spec, mode)]  # type: ignore[arg-type]
    assert len(held) == len(set(held))


def test_swap_and_take() -> None:
    keys = keys_with()
    wish = wish_for(keys, SPECS["view.fit"], "view", keys="Ctrl+1", together=True)
    assert [other.key for other in others_with(keys, wish)] == ["view.one_to_one"]
    after = ActionKeys(ACTIONS, swapped(keys, wish))
    assert after.both(SPECS["view.one_to_one"]) == ("Ctrl+0", "Ctrl+0")
    assert after.both(SPECS["view.fit"]) == ("Ctrl+1", "Ctrl+1")
    taken = ActionKeys(ACTIONS, granted(keys, wish))
    assert taken.both(SPECS["view.one_to_one"]) == ("", "")
    back = wish_for(after, SPECS["view.fit"], "view", keys="Ctrl+0", together=True)
    assert swapped(after, back).changes == {}


def test_the_second_key_goes_where_another_action_gets_it_or_the_first_was_changed() -> None:
    redo = SPECS["edit.redo"]
    assert keys_with().all_of(redo, "annotate") == ("Ctrl+Shift+Z", "Ctrl+Y")
    assert keys_with().all_of(redo, "view") == ("",)
    assert keys_with(view__fit=("Ctrl+Y", "Ctrl+Y")).all_of(redo, "annotate") == ("Ctrl+Shift+Z",)
    assert keys_with(edit__redo=("", "Ctrl+Alt+Z")).all_of(redo, "annotate") == ("Ctrl+Alt+Z",)


def test_one_mode_alone() -> None:
    keys = keys_with()
    wish = wish_for(keys, SPECS["view.fit"], "view", keys="F", together=False)
    after = ActionKeys(ACTIONS, granted(keys, wish))
    assert after.both(SPECS["view.fit"]) == ("F", "Ctrl+0")
    # Magnification has a key of its own in each mode: one is changed.
    wish = wish_for(keys, SPECS["view.magnify_1"], "view", keys="F7", together=True)
    assert wish.modes == ("view",)


# ---- in the window -----------------------------------------------------------------------------------


def test_a_recorded_key_works_at_once_and_after_a_restart(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    dialog = opened(driver)
    press(dialog, ("view.fit", VIEW), Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier)
    driver.wait(lambda: driver.window.actions_by_key["view.fit"].shortcut().toString() == "F7")
    dialog.close()
    assert "F7" in driver.window.actions_by_key["view.fit"].toolTip()
    view.canvas.zoom_by(4)
    before = view.canvas.viewport
    driver.key(Qt.Key.Key_F7)
    driver.wait(lambda: view.canvas.viewport != before)
    driver.settle()
    kept = read_key_map(driver.locations.user_config / "keys.toml")
    assert kept.changes == {"view.fit": ("F7", "F7")}
    again = WindowDriver(driver.qtbot)
    assert again.window.actions_by_key["view.fit"].shortcut().toString() == "F7"
    again.close()


def test_a_conflict_is_named_and_settled(driver: WindowDriver) -> None:
    dialog = opened(driver)
    press(dialog, ("view.fit", VIEW), Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    driver.wait(dialog.strip.isVisible)
    assert "1:1 pixels" in dialog.conflict.text()
    assert dialog.keys.both(SPECS["view.fit"]) == ("Ctrl+0", "Ctrl+0")
    dialog.leave_button.click()
    assert dialog.keys.both(SPECS["view.fit"]) == ("Ctrl+0", "Ctrl+0")
    press(dialog, ("view.fit", VIEW), Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    driver.wait(dialog.strip.isVisible)
    dialog.swap_button.click()
    assert dialog.keys.both(SPECS["view.one_to_one"]) == ("Ctrl+0", "Ctrl+0")
    assert dialog.preset_box.currentText() == "My own"
    dialog.close()


def test_a_key_of_the_slide_itself_is_refused_and_del_takes_a_key_away(driver: WindowDriver) -> None:
    dialog = opened(driver)
    press(dialog, ("view.fit", VIEW), Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    driver.wait(dialog.strip.isVisible)
    assert "Space" in dialog.conflict.text()
    assert dialog.keys.key_map.changes == {}
    dialog.table.setCurrentCell(row_of(dialog, "view.fit"), VIEW)
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert dialog.keys.both(SPECS["view.fit"]) == ("", "")
    dialog.reset_button.click()
    assert dialog.keys.key_map.changes == {}
    assert not dialog.reset_button.isEnabled()
    dialog.close()


def test_leaving_a_field_without_a_key_changes_nothing(driver: WindowDriver) -> None:
    dialog = opened(driver)
    dialog.table.setCurrentCell(row_of(dialog, "view.fit"), VIEW)
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    dialog.search.setFocus()
    driver.qtbot.wait(20)
    assert dialog.keys.key_map.changes == {}
    dialog.close()


@pytest.mark.parametrize(
    ("preset", "action", "keys"),
    [
        ("QuPath", "edit.select_none", ("", "Ctrl+Alt+R")),
        ("ASAP", "annotate.point", ("", "D")),
        ("ASAP", "annotate.move", ("", "X")),
        ("ASAP", "annotate.no_overlap", ("", "Shift+J")),
        ("ASAP", "annotate.polygon", ("", "P")),
        ("ASAP", "annotate.rectangle", ("", "R")),
        ("ASAP", "measure.ruler", ("M", "M")),
        ("ASAP", "navigate.zoom_box", ("Z", "Z")),
        ("ASAP", "help.shortcuts", ("F1", "F1")),
    ],
)
def test_presets_are_used_whole(
    driver: WindowDriver, preset: str, action: str, keys: tuple[str, str]
) -> None:
    dialog = opened(driver)
    index = dialog.preset_box.findText(preset)
    dialog.preset_box.setCurrentIndex(index)
    dialog.preset_box.activated.emit(index)
    assert driver.window.actions_by_key.keys.both(SPECS[action]) == keys
    assert dialog.preset_box.currentText() == preset
    shipped = next(one for one in driver.window.key_choice.presets() if one.name == preset)
    # Every row of the file is an action that exists, with a key that can be had.
    assert driver.window.key_choice.key_map.changes == shipped.changes
    dialog.preset_box.activated.emit(0)
    assert driver.window.key_choice.key_map.changes == {}
    dialog.close()


def test_a_file_goes_out_and_comes_in(driver: WindowDriver, tmp_path: Path) -> None:
    path = tmp_path / "tasten.toml"
    write_key_map(path, KeyMap("", {"view.fit": ("F7", "F7"), "later.action": ("X", "X")}))
    driver.files.key_map_answer = path
    dialog = opened(driver)
    dialog.import_button.click()
    driver.settle()
    assert dialog.keys.both(SPECS["view.fit"]) == ("F7", "F7")
    assert "left out: 1" in dialog.conflict.text()
    driver.files.key_map_answer = tmp_path / "out.toml"
    dialog.export_button.click()
    driver.settle()
    assert read_key_map(tmp_path / "out.toml").changes == {"view.fit": ("F7", "F7")}
    path.write_text("nonsense", encoding="utf-8")
    driver.files.key_map_answer = path
    dialog.import_button.click()
    driver.settle()
    assert "cannot be read as a key map" in dialog.conflict.text()
    assert dialog.keys.both(SPECS["view.fit"]) == ("F7", "F7")
    dialog.close()


def test_searching_narrows_by_action_and_by_key(driver: WindowDriver) -> None:
    dialog = opened(driver)
    dialog.search.setText("Ctrl+0")
    shown = [row for row in range(dialog.table.rowCount()) if not dialog.table.isRowHidden(row)]
    assert [dialog.keys.specs[row].key for row in shown] == ["view.fit"]
    dialog.close()


def test_a_damaged_file_costs_the_keys_and_not_the_start(driver: WindowDriver) -> None:
    path = driver.locations.user_config / "keys.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[[[", encoding="utf-8")
    again = WindowDriver(driver.qtbot)
    assert again.window.actions_by_key["view.fit"].shortcut().toString() == "Ctrl+0"
    assert any("keys.toml" in notice for notice in again.notices)
    again.close()
    assert path.read_text(encoding="utf-8") == "[[["


def test_enter_presses_the_button_with_the_keyboard_and_no_other(driver: WindowDriver) -> None:
    dialog = opened(driver)
    press(dialog, ("view.fit", VIEW), Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    driver.wait(dialog.strip.isVisible)
    dialog.search.setFocus()
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.keys.key_map.changes == {}
    dialog.swap_button.setFocus()
    QTest.keyClick(dialog.swap_button, Qt.Key.Key_Return)
    assert dialog.keys.both(SPECS["view.fit"]) == ("Ctrl+1", "Ctrl+1")
    dialog.close()


def test_the_mode_switchs_tooltip_names_the_key_in_use(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    button = driver.window.tool_bar.mode_buttons["annotate"]
    assert "(Tab switches)" in button.toolTip()
    driver.window.key_choice.use(KeyMap("", {"view.mode": ("F8", "F8")}))
    assert "(F8 switches)" in button.toolTip()
    driver.window.key_choice.use(KeyMap("", {"view.mode": ("", "")}))
    assert "switches" not in button.toolTip()
    driver.settle()


def test_enter_on_an_actions_name_records_its_first_key(driver: WindowDriver) -> None:
    dialog = opened(driver)
    for key, column in (("view.fit", VIEW), ("edit.undo", ANNOTATE)):
        spec = SPECS[key]
        press(dialog, (key, 0), Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
        driver.wait(lambda spec=spec: dialog.keys.of(spec, "annotate") == "Shift+F8")
        assert dialog.table.currentColumn() == column
        dialog.table.setCurrentCell(row_of(dialog, key), 0)
        QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
        assert dialog.keys.of(spec, "annotate") == ""
