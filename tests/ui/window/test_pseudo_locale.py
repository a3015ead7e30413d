"""Every sentence of the window can be translated, and fits when it becomes longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.shapes import drawn
from desktop_app.engine.job import MppOverride
from desktop_app.ui.dialogs.annotation_properties import AnnotationPropertiesDialog
from desktop_app.ui.dialogs.plugins import PluginsDialog, TrustDialog
from desktop_app.ui.dialogs.run_recipe import RunRecipeDialog
from desktop_app.ui.dialogs.shape_amount import ShapeAmountDialog
from tests.support.annotation_samples import circle, square
from tests.support.pseudo_locale import PseudoTranslator, clipped, raw_words, shown_texts
from tests.support.window_driver import WindowDriver, window_driver


@pytest.fixture
def driver(qapp: QApplication, qtbot: QtBot, fake_worker: ModuleType) -> Iterator[WindowDriver]:
    """A window in the language of brackets."""
    translator = PseudoTranslator()
    qapp.installTranslator(translator)
    with window_driver(qtbot, fake_worker.serve) as driver:
        driver.window.resize(1500, 950)
        yield driver
    qapp.removeTranslator(translator)


def check(root: QWidget) -> None:
    raw = {f"{where}: {text}" for where, text in shown_texts(root) if raw_words(text)}
    assert not raw, "\n".join(sorted(raw))
    cut = list(clipped(root))
    assert not cut, "\n".join(cut)


def test_the_search_itself_finds_raw_and_nested_texts() -> None:
    assert raw_words("⟦Hello·⟧ 12 µm") == []
    assert raw_words("⟦From ⟦a·⟧ on··⟧") == []
    assert raw_words("⟦Hello·⟧ world") == ["world"]
    assert raw_words("20× 3 px") == []


def test_the_empty_window(driver: WindowDriver) -> None:
    check(driver.window)


def test_the_window_at_work(driver: WindowDriver, slide: Path, fake_worker: ModuleType) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    ring = np.array([(100, 100), (300, 100), (300, 250)], dtype=np.float64)
    view.document.add([drawn("polygon", ((ring,),), class_name=None, author="김")], "x")
    for behavior in ("quick", "fails", "dies", "slow"):
        driver.window.engine.submit(fake_worker.make_job(behavior, behavior, slide.parent))
    engine = driver.window.engine
    driver.wait(lambda: engine.record("slow").progress is not None)
    for panel in driver.window.panels.docks:
        driver.window.panels.show(panel)
        driver.qtbot.wait(30)
        check(driver.window)
    engine.cancel("slow")
    driver.wait(lambda: engine.is_idle)
    check(driver.window)


def test_a_slide_without_pixel_size(driver: WindowDriver, slide_without_mpp: Path) -> None:
    driver.open(slide_without_mpp)
    for panel in driver.window.panels.docks:
        driver.window.panels.show(panel)
    driver.qtbot.wait(30)
    check(driver.window)


def test_the_properties_of_annotations_and_the_menu_on_the_slide(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    view.document.add([square(100, 100), circle(400, 200, 50, name="김", locked=True)], "x")
    for chosen in (view.document.snapshot.ids()[:1], view.document.snapshot.ids()):
        view.selection.set(chosen)
        driver.trigger("object.properties")
        dialog = driver.window.dialogs.shown
        assert isinstance(dialog, AnnotationPropertiesDialog)
        driver.qtbot.waitExposed(dialog)
        for index in range(dialog.tabs.count()):
            dialog.tabs.setCurrentIndex(index)
            driver.qtbot.wait(20)
            check(dialog)
        dialog.close()
    for place in ((150.0, 150.0), (600.0, 400.0)):
        menu = driver.window.objects.menu.menu_at(view, place)
        check(menu)
        menu.deleteLater()


@pytest.mark.parametrize(
    "action",
    [
        "help.about",
        "help.key_map",
        "analyze.plugins",
        "analyze.models",
        "analyze.run",
        "slide.pixel_size",
        "picture.snapshot",
        "overlay.settings",
        "navigate.go_to",
        "navigate.add_bookmark",
        "navigate.turn_to",
    ],
)
def test_a_dialog(driver: WindowDriver, slide: Path, action: str) -> None:
    driver.open(slide)
    driver.trigger(action)
    dialog = driver.window.dialogs.shown
    assert dialog is not None
    driver.qtbot.waitExposed(dialog)
    check(dialog)
    if isinstance(dialog, RunRecipeDialog):
        for index in range(dialog.tabs.count()):
            dialog.tabs.setCurrentIndex(index)
            driver.qtbot.wait(20)
            check(dialog)
    if isinstance(dialog, PluginsDialog):
        driver.wait(lambda: dialog.table.rowCount() > 0)
        for index in range(dialog.pages.count()):
            dialog.pages.setCurrentIndex(index)
            driver.qtbot.wait(20)
            check(dialog)
        listing = dialog.chosen()
        assert listing is not None
        question = TrustDialog(listing, dialog)
        question.open()
        driver.qtbot.wait(20)
        check(question)
        question.close()
    dialog.close()


def test_the_question_for_the_pixel_size_and_the_one_before_quitting(
    driver: WindowDriver, slide_without_mpp: Path
) -> None:
    view = driver.open(slide_without_mpp)
    driver.trigger("analyze.run")
    dialog = driver.window.dialogs.shown
    assert dialog is not None
    check(dialog)
    dialog.close()
    view.set_pixel_size(MppOverride(0.5))
    driver.window.dialogs.ask_quit()
    dialog = driver.window.dialogs.shown
    assert dialog is not None
    check(dialog)
    dialog.close()


@pytest.mark.parametrize("name", ["fill", "ring", "grow", "simplify", "smooth"])
def test_a_dialog_for_selected_shapes(driver: WindowDriver, slide: Path, name: str) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    shape = circle(300, 200, 80)
    view.document.add([shape], "x")
    view.selection.set([shape.id])
    driver.trigger(f"shape.{name}")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, ShapeAmountDialog)
    driver.qtbot.waitExposed(dialog)
    driver.qtbot.wait(20)
    assert dialog.outcome
    check(dialog)
    dialog.close()
