"""The models dialog: brought in after its license was accepted, refused, checked, stopped and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from desktop_app.storage.locations import Locations
from desktop_app.ui.dialogs.models import ModelsDialog
from desktop_app.ui.model_desk import ModelDesk
from tests.support.window_driver import PATIENCE_MS, ScriptedFiles


@pytest.fixture
def desk(qapp: object) -> Iterator[ModelDesk]:
    crashes: list[BaseException] = []
    desk = ModelDesk(Locations.default(), crashes.append)
    yield desk
    desk.shutdown()
    assert crashes == []


@pytest.fixture
def files() -> ScriptedFiles:
    return ScriptedFiles()


@pytest.fixture
def dialog(desk: ModelDesk, files: ScriptedFiles, qtbot: QtBot) -> ModelsDialog:
    dialog = ModelsDialog(desk, files)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: names(dialog) == ["demonstration"], timeout=PATIENCE_MS)
    return dialog


def names(dialog: ModelsDialog) -> list[str]:
    return [model.model_id for model in dialog._models]


def state_dict(path: Path, content: object | None = None) -> Path:
    torch.save({"a.weight": torch.ones(2, 3)} if content is None else content, path)
    return path


def bring(dialog: ModelsDialog, files: ScriptedFiles, qtbot: QtBot, path: Path) -> None:
    files.read_answer = path
    dialog.file_button.click()
    qtbot.waitUntil(lambda: dialog.question is not None, timeout=PATIENCE_MS)


def wait_idle(dialog: ModelsDialog, desk: ModelDesk, qtbot: QtBot, said: str) -> None:
    qtbot.waitUntil(lambda: not desk.doing and said in dialog.said.text(), timeout=3 * PATIENCE_MS)


def test_what_comes_with_the_program_stays(dialog: ModelsDialog) -> None:
    assert not dialog.remove_button.isEnabled()
    assert dialog.check_button.isEnabled()
    assert not dialog.stop_button.isVisible()


def test_a_model_is_added_after_its_licence_was_accepted_checked_and_removed(
    dialog: ModelsDialog, desk: ModelDesk, files: ScriptedFiles, qtbot: QtBot, tmp_path: Path
) -> None:
    bring(dialog, files, qtbot, state_dict(tmp_path / "net.pth"))
    assert dialog.question is not None
    assert dialog.question.cancel.isDefault()
    assert not dialog.question.accept_button.autoDefault()
    dialog.question.reject()
    assert "nothing was added" in dialog.said.text()
    assert not Locations.default().models.exists()
    dialog.question = None
    bring(dialog, files, qtbot, tmp_path / "net.pth")
    dialog.question.accept_button.click()
    assert dialog.stop_button.isVisible()
    assert not dialog.file_button.isEnabled()
    wait_idle(dialog, desk, qtbot, "net was added")
    qtbot.waitUntil(lambda: names(dialog) == ["net", "demonstration"], timeout=PATIENCE_MS)
    dialog.choose("net")
    dialog.check_button.click()
    wait_idle(dialog, desk, qtbot, "net is as it was added")
    dialog.remove_button.click()
    assert dialog.box is not None
    dialog.box.buttons()[0].click()
    wait_idle(dialog, desk, qtbot, "net was removed")
    qtbot.waitUntil(lambda: names(dialog) == ["demonstration"], timeout=PATIENCE_MS)


def test_what_is_no_model_is_refused_in_one_sentence(
    dialog: ModelsDialog, desk: ModelDesk, files: ScriptedFiles, qtbot: QtBot, tmp_path: Path
) -> None:
    files.folder_answer = tmp_path
    dialog.folder_button.click()
    wait_idle(dialog, desk, qtbot, "config.json")
    assert dialog.question is None


def test_a_program_in_a_state_dict_is_refused_naming_its_type(
    dialog: ModelsDialog, desk: ModelDesk, files: ScriptedFiles, qtbot: QtBot, tmp_path: Path
) -> None:
    bring(dialog, files, qtbot, state_dict(tmp_path / "net.pth", {"a": torch.nn.Linear(2, 2)}))
    assert dialog.question is not None
    dialog.question.accept_button.click()
    wait_idle(dialog, desk, qtbot, "Linear")
    assert names(dialog) == ["demonstration"]


def test_stop_adds_nothing(
    dialog: ModelsDialog, desk: ModelDesk, files: ScriptedFiles, qtbot: QtBot, tmp_path: Path
) -> None:
    bring(dialog, files, qtbot, state_dict(tmp_path / "net.pth"))
    assert dialog.question is not None
    dialog.question.accept_button.click()
    dialog.stop_button.click()
    wait_idle(dialog, desk, qtbot, "was stopped")
    assert list(Locations.default().models.iterdir()) == []


def test_an_import_outlives_the_dialog(
    dialog: ModelsDialog, desk: ModelDesk, files: ScriptedFiles, qtbot: QtBot, tmp_path: Path
) -> None:
    bring(dialog, files, qtbot, state_dict(tmp_path / "net.pth"))
    assert dialog.question is not None
    dialog.question.accept_button.click()
    dialog.close()
    with qtbot.waitSignal(desk.said, timeout=3 * PATIENCE_MS) as said:
        pass
    assert said.args == ["net was added."]
