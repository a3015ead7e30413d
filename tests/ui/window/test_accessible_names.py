"""Whatever the keyboard reaches has a name that a screen reader can say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractSpinBox, QScrollBar, QWidget

from desktop_app.ui.dialogs.annotation_properties import AnnotationPropertiesDialog
from desktop_app.ui.dialogs.run_recipe import RunRecipeDialog
from tests.support.annotation_samples import square
from tests.support.window_driver import WindowDriver


def nameless(root: QWidget) -> list[str]:
    """What can have the keyboard and has no name, by class and object name."""
    reached = [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not _is_inner(widget)
    ]
    assert reached
    return [f"{type(widget).__name__} {widget.objectName()}" for widget in reached if not _name(widget)]


def _name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def _is_inner(widget: QWidget) -> bool:
    """Parts that Qt makes, which speak through the widget they belong to."""
    return isinstance(widget, QScrollBar) or isinstance(widget.parentWidget(), QAbstractSpinBox)


def test_the_window(driver: WindowDriver, slide: Path) -> None:
    assert nameless(driver.window) == []
    driver.open(slide)
    for panel in driver.window.panels.docks:
        driver.window.panels.show(panel)
        driver.qtbot.wait(20)
        assert nameless(driver.window) == []


def test_the_properties_of_an_annotation(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    view.document.add([square(100, 100)], "Draw")
    view.select_all()
    driver.trigger("object.properties")
    dialog = driver.window.dialogs.shown
    assert isinstance(dialog, AnnotationPropertiesDialog)
    driver.qtbot.waitExposed(dialog)
    for index in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(index)
        driver.qtbot.wait(20)
        assert nameless(dialog) == []
    dialog.close()


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
    assert nameless(dialog) == []
    if isinstance(dialog, RunRecipeDialog):
        for index in range(dialog.tabs.count()):
            dialog.tabs.setCurrentIndex(index)
            driver.qtbot.wait(20)
            assert nameless(dialog) == []
    dialog.close()


@pytest.mark.parametrize("action", ["shape.ring", "shape.simplify"])
def test_a_dialog_for_selected_shapes(driver: WindowDriver, slide: Path, action: str) -> None:
    view = driver.open(slide)
    driver.window.set_mode("annotate")
    shape = square(100, 100)
    view.document.add([shape], "x")
    view.selection.set([shape.id])
    driver.trigger(action)
    dialog = driver.window.dialogs.shown
    assert dialog is not None
    driver.qtbot.waitExposed(dialog)
    assert nameless(dialog) == []
    dialog.close()
