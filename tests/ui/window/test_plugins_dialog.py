"""The plugins dialog: listed, trusted, copied in, switched off, removed, with parameters and a log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from desktop_app.conformance.scaffold import write_plugin
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.locations import Locations
from desktop_app.storage.plugin_values import PluginValues
from desktop_app.ui.background import Background
from desktop_app.ui.dialogs.plugins import PluginDesk, PluginsDialog
from desktop_app.ui.dialogs.step_page import StepPage
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.plugin_log import PluginLog
from tests.support.window_driver import PATIENCE_MS, ScriptedFiles


@pytest.fixture
def desk(qapp: object) -> Iterator[PluginDesk]:
    locations = Locations.default()
    engine = JobEngine(locations)
    crashes: list[BaseException] = []
    background = Background(crashes.append)
    host = PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)
    values = PluginValues(locations.plugin_values)
    yield PluginDesk(host, values, PluginLog(engine), ScriptedFiles(), background)
    background.shutdown()
    assert crashes == []


@pytest.fixture
def dialog(desk: PluginDesk, qtbot: QtBot) -> PluginsDialog:
    dialog = PluginsDialog(desk)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 0, timeout=PATIENCE_MS)
    return dialog


def state(dialog: PluginsDialog, plugin_id: str) -> str:
    for row, listing in enumerate(dialog._listings):
        item = dialog.table.item(row, 3)
        if listing.plugin_id == plugin_id and item is not None:
            return item.text()
    return "not there"


def new_plugin(parent: Path) -> Path:
    return write_plugin(
        "tissue_detector", "my_tissue", parent, templates=Locations.default().plugin_templates
    )


def add(dialog: PluginsDialog, desk: PluginDesk, qtbot: QtBot, folder: Path) -> None:
    assert isinstance(desk.files, ScriptedFiles)
    desk.files.folder_answer = folder
    dialog.add_button.click()
    qtbot.waitUntil(lambda: state(dialog, "my_tissue") != "not there", timeout=PATIENCE_MS)
    dialog.choose("my_tissue")


def test_a_plugin_is_copied_in_trusted_switched_off_and_removed(
    dialog: PluginsDialog, desk: PluginDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.choose("tissue_otsu")
    assert state(dialog, "tissue_otsu") == "ready"
    assert not dialog.trust_button.isEnabled()
    assert not dialog.remove_button.isEnabled()
    add(dialog, desk, qtbot, new_plugin(tmp_path))
    assert state(dialog, "my_tissue") == "not trusted"
    dialog.trust_button.click()
    question = dialog.question
    assert question is not None
    shown = " ".join(label.text() for label in question.findChildren(QLabel))
    listing = dialog.chosen()
    assert listing is not None
    assert str(listing.folder) in shown
    assert listing.content_hash[:32] in shown
    assert question.cancel.isDefault()
    assert not question.trust.isDefault()
    question.trust.click()
    qtbot.waitUntil(lambda: state(dialog, "my_tissue") == "ready", timeout=PATIENCE_MS)
    dialog.enable_button.click()
    qtbot.waitUntil(lambda: state(dialog, "my_tissue") == "switched off", timeout=PATIENCE_MS)
    assert dialog.enable_button.text() == "Switch on"
    dialog.enable_button.click()
    qtbot.waitUntil(lambda: state(dialog, "my_tissue") == "ready", timeout=PATIENCE_MS)
    for answer in ("Keep it", "Delete"):
        assert state(dialog, "my_tissue") == "ready"
        dialog.remove_button.click()
        assert dialog.box is not None
        assert dialog.box.defaultButton().text() == "Keep it"
        next(button for button in dialog.box.buttons() if button.text() == answer).click()
    qtbot.waitUntil(lambda: state(dialog, "my_tissue") == "not there", timeout=PATIENCE_MS)


def test_an_update_asks_for_trust_again(
    dialog: PluginsDialog, desk: PluginDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = new_plugin(tmp_path)
    add(dialog, desk, qtbot, folder)
    desk.host.trust("my_tissue")
    (folder / "README.md").write_text("new")
    dialog.add_button.click()
    qtbot.waitUntil(lambda: state(dialog, "my_tissue") == "not trusted", timeout=PATIENCE_MS)


def test_what_is_no_plugin_is_said(
    dialog: PluginsDialog, desk: PluginDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    assert isinstance(desk.files, ScriptedFiles)
    desk.files.folder_answer = tmp_path
    dialog.add_button.click()
    qtbot.waitUntil(dialog.said.isVisible, timeout=PATIENCE_MS)
    assert "it has no plugin.toml" in dialog.said.text()


def test_a_broken_plugin_is_listed_with_its_problem(dialog: PluginsDialog, qtbot: QtBot) -> None:
    broken = Locations.default().user_plugins / "broken"
    broken.mkdir(parents=True)
    (broken / "plugin.toml").write_text("nonsense", encoding="utf-8")
    dialog.refresh()
    qtbot.waitUntil(lambda: state(dialog, "broken") == "broken", timeout=PATIENCE_MS)
    dialog.choose("broken")
    assert "not valid TOML" in " ".join(label.text() for label in dialog.about.findChildren(QLabel))
    assert dialog.remove_button.isEnabled()
    shutil.rmtree(broken)


def test_parameters_are_remembered_for_new_recipes(
    dialog: PluginsDialog, desk: PluginDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    add(dialog, desk, qtbot, new_plugin(tmp_path))
    desk.host.trust("my_tissue")
    form = dialog.params.form
    assert form is not None
    assert [form.preset_box.itemText(index) for index in range(3)] == [
        "Defaults",
        "Pale stains",
        "Own values",
    ]
    threshold = form.editor("threshold")
    assert isinstance(threshold, QSpinBox)
    threshold.setValue(33)
    qtbot.waitUntil(lambda: desk.values.of("my_tissue/my_tissue") == {"threshold": 33}, timeout=PATIENCE_MS)
    page = StepPage(desk.host.provided("tissue_detector"), remembered=desk.values)
    qtbot.addWidget(page)
    page.combo.setCurrentIndex(page.combo.findData("my_tissue/my_tissue"))
    step = page.step()
    assert step is not None
    assert step.params == {"threshold": 33}
    form.reset_all.click()
    qtbot.waitUntil(lambda: desk.values.of("my_tissue/my_tissue") == {}, timeout=PATIENCE_MS)


def test_the_log_of_a_plugin_is_followed(dialog: PluginsDialog, desk: PluginDesk) -> None:
    dialog.choose("tissue_otsu")
    assert dialog.log.toPlainText() == ""
    desk.log.add("tissue_otsu", "INFO: seen")
    desk.log.add("stain_macenko", "INFO: another")
    assert dialog.log.toPlainText().endswith("INFO: seen")
    assert "another" not in dialog.log.toPlainText()


def test_what_is_under_way_when_the_dialog_closes_changes_nothing(
    dialog: PluginsDialog, desk: PluginDesk, qtbot: QtBot
) -> None:
    dialog.refresh()
    dialog.reject()
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=PATIENCE_MS)
