"""What there is to see of annotations as objects: properties, menus, what is shown, locked and hidden.

A scene brings the window to a state, takes its pictures and leaves the window as it was. Two of them are the
manual's. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from studio import Studio

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_metadata import with_description, with_metadata

METADATA = {"block": "A3", "stain": "HE"}
TEXT = "Glands with debris in their lumina; borders drawn at 10×."


def shoot_objects(studio: Studio) -> None:
    """Every scene, on the first slide with one of each shape."""
    studio.tidy()
    studio.open_slide()
    studio.draw()
    describe_shapes(studio)
    show_properties(studio)
    show_menus(studio)
    show_hidden(studio)
    studio.window.current.document.remove(studio.window.current.document.snapshot.ids())
    studio.window.set_mode("view")
    studio.close_slides()


def describe_shapes(studio: Studio) -> None:
    """Give what was drawn names, texts, states and metadata."""
    document = studio.window.current.document
    before = tuple(document.snapshot.iter_annotations())
    document.change("Describe", before=before, after=tuple(map(_described, before)))


def show_properties(studio: Studio) -> None:
    """The dialog on one object, on its metadata, and on all."""
    view = studio.window.current
    polygon = next(found for found in view.document.snapshot.iter_annotations() if found.kind == "polygon")
    view.selection.set([polygon.id])
    studio.press("object.properties")
    dialog = studio.window.dialogs.shown
    studio.shoot("properties", manual=[dialog])
    dialog.tabs.setCurrentIndex(1)
    studio.shoot("properties-metadata")
    studio.close_dialog()
    view.select_all()
    studio.press("object.properties")
    studio.shoot("properties-several")
    studio.close_dialog()
    studio.press("analyze.run")
    studio.window.dialogs.shown.region_combo.setCurrentIndex(2)
    studio.shoot("run-region")
    studio.close_dialog()


def show_menus(studio: Studio) -> None:
    """The menu on an object and beside one."""
    view = studio.window.current
    for name, place in (("object", (0.48, 0.55)), ("place", (0.1, 0.1))):
        point = studio.at(place)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, view.canvas.mapToGlobal(point))
        QApplication.sendEvent(view.canvas, event)
        studio.shoot(f"menu-on-{name}")
        studio.window.objects.menu.shown.close()


def show_hidden(studio: Studio) -> None:
    """Two classes hidden, and the table with what is locked and hidden."""
    view = studio.window.current
    panel = view.classes_panel
    view.selection.clear()
    for row in (3, 5):
        place = panel.list.visualRect(panel.model.index(row, 0)).topLeft() + QPointF(12, 12).toPoint()
        QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    docks = studio.window.panels.docks
    below = [docks[name] for name in ("jobs", "slide", "log") if not docks[name].isHidden()]
    for dock in below:
        dock.hide()
    studio.shoot("classes", manual=[docks["annotations"], docks["classes"]])
    for dock in below:
        dock.show()
    studio.press("object.show_everything")


def _described(shape: Annotation) -> Annotation:
    if shape.kind == "polygon":
        named = replace(shape, name="Region 1", roi="exhaustive")
        return with_description(with_metadata(named, METADATA), TEXT)
    if shape.kind == "rectangle":
        return replace(shape, locked=True, roi="open")
    return replace(shape, hidden=shape.kind == "ellipse")
