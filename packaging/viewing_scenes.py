"""What there is to see of viewing: movement, overlays, colors, several views, guidance, one scene each.

A scene brings the window to a state, takes its pictures and leaves the window as it was. Some of the pictures
are the manual's. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from example_slides import SECTION_TURN_DEG, on_section
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QScrollArea, QWidget
from studio import Studio, wait

from desktop_app.domain.bookmark import Bookmark

CLOSE_UP = (0.46, 0.62)
"""A place with glands, as shares of the slide."""

FACTS_WIDTH = 380

EXAMPLE_PLACE = Path("/data/slides/scanned.svs")

LANDMARKS = ((0.545, 0.605), (0.64, 0.20))
"""Middles of two round structures that both sections show."""

BOOKMARKS = (("Gland with debris", 20.0, CLOSE_UP), ("Margin, to be shown", 10.0, (0.62, 0.80)))


def show_window(studio: Studio) -> None:
    """The slide at 5×."""
    studio.look(5, (0.36, 0.5))
    studio.shoot("window", manual=[])


def show_turned(studio: Studio) -> None:
    """Compass and minimap."""
    studio.look(5, (0.36, 0.5), turned=30)
    studio.shoot("turned", manual=[studio.window.area])
    studio.press("navigate.turn_to")
    studio.shoot("turn-by-angle")
    studio.close_dialog()
    studio.press("navigate.flip")
    studio.settle()
    studio.shoot("mirrored")
    studio.press("navigate.upright")
    studio.settle()


def show_places(studio: Studio) -> None:
    """Bookmarks, a position, a box."""
    window = studio.window
    studio.press("navigate.go_to")
    studio.shoot("go-to")
    window.dialogs.shown.position_line.setText("somewhere")
    QTest.keyClick(window.dialogs.shown.position_line, Qt.Key.Key_Return)
    studio.shoot("go-to-refused")
    studio.close_dialog()
    for name, magnification, place in BOOKMARKS:
        studio.look(magnification, place)
        bookmark = Bookmark.of(window.current.canvas.viewport, name)
        window.navigation.bookmarks.of(window.current).add([bookmark])
    studio.press("navigate.add_bookmark")
    studio.shoot("bookmark-name")
    studio.close_dialog()
    studio.press("navigate.bookmarks")
    studio.shoot("bookmarks", manual=[window.panels.docks["bookmarks"]])
    window.panels.show("annotations")
    studio.press("navigate.zoom_box")
    studio.drag_points(QPoint(180, 120), QPoint(420, 300), let_go=False)
    studio.shoot("zoom-box")
    studio.close_dialog()


def show_seen(studio: Studio) -> None:
    """The minimap with what has been seen."""
    studio.press("minimap.coverage", "minimap.size_2")
    for magnification, place in (
        (2.5, (0.5, 0.5)),
        (5, (0.4, 0.4)),
        (10, (0.36, 0.5)),
        (10, (0.6, 0.6)),
        (20, CLOSE_UP),
        (40, (0.44, 0.60)),
        (10, CLOSE_UP),
    ):
        studio.look(magnification, place)
        QTest.qWait(400)
        studio.rest()
    studio.shoot("minimap_seen", manual=[studio.window.current.canvas.minimap])
    studio.press("minimap.coverage", "minimap.size_1")


def show_measuring(studio: Studio) -> None:
    """Grid, field, crosshair, ruler, angle, pictures."""
    studio.look(10, CLOSE_UP)
    studio.press("overlay.grid", "overlay.field", "overlay.crosshair", "measure.ruler")
    middle = studio.window.current.canvas.rect().center()
    studio.drag_points(middle + QPoint(-210, 60), middle + QPoint(-90, 110))
    studio.press("measure.angle")
    studio.click(*(middle + QPoint(*offset) for offset in ((60, -90), (130, -20), (200, -110))))
    studio.press("measure.angle")
    QTest.mouseMove(studio.window.current.canvas, QPoint(5, 5))
    studio.shoot("measuring", manual=[studio.window.current.canvas])
    studio.press("overlay.settings")
    studio.shoot("grid-and-field")
    studio.close_dialog()
    studio.press("picture.snapshot")
    studio.shoot("snapshot", manual=[studio.window.dialogs.shown])
    studio.close_dialog()
    studio.press("picture.region")
    studio.drag_points(QPoint(150, 100), QPoint(430, 290), let_go=False)
    studio.shoot("snapshot-region")
    studio.close_dialog()
    studio.press("overlay.grid", "overlay.field", "overlay.crosshair", "measure.clear")


def show_colors(studio: Studio) -> None:
    """The color panel, the badge, the stain view."""
    window = studio.window
    studio.open_slide(studio.slides.scanned)
    studio.look(10, CLOSE_UP)
    window.panels.show("color")
    panel = window.panels.color
    panel.tone.rows["contrast"].changed.emit(0.2)
    wait(panel.histogram.isVisible)
    studio.rest()
    studio.shoot("color_panel", manual=[])
    studio.press("color.reset", "color.profile")
    studio.shoot("profile-off")
    studio.press("color.profile", "color.stain_first")
    _scroll_to(panel.stains)
    studio.shoot("stain_view", manual=[window.panels.docks["color"], window.area, window.status])
    for name in ("second", "residual", "false_color"):
        studio.press(f"color.stain_{name}")
        studio.shoot(f"stain-{name}")
    studio.press("color.stain_off", "color.pick_white")
    studio.shoot("pick-glass")
    studio.close_dialog()
    window.messages.clear()
    studio.open_slide(studio.slides.fluorescence)
    studio.look(10, CLOSE_UP)
    _scroll_to(panel.presets)
    studio.shoot("fluorescence", manual=[window.panels.docks["color"], window.area])
    window.panels.docks["color"].hide()


def show_several(studio: Studio) -> None:
    """Four views, two points, a window of its own."""
    window = studio.window
    studio.close_slides()
    studio.open_slide()
    studio.press("layout.grid_1x2")
    studio.open_slide(studio.slides.section)
    studio.press("layout.align")
    _set_landmarks(studio, 1)
    studio.shoot("aligning", manual=[window.area])
    _set_landmarks(studio, 2)
    studio.look(5, CLOSE_UP)
    studio.shoot("aligned")
    studio.press("layout.own_window")
    studio.shoot("own-window")
    studio.press("layout.own_window", "layout.synchronize")
    studio.close_slides()
    _show_four(studio)
    studio.press("layout.grid_3x3")
    studio.shoot("empty-cells")
    studio.close_slides()
    studio.open_slide()


def show_aligned(studio: Studio) -> None:
    """Two neighboring sections side by side, aligned, for the README."""
    studio.open_slide()
    studio.press("layout.grid_1x2")
    studio.open_slide(studio.slides.section)
    studio.press("layout.align")
    _set_landmarks(studio, 1)
    _set_landmarks(studio, 2)
    studio.window.messages.clear()
    studio.window.area.activate(studio.window.views[0])
    studio.look(5, CLOSE_UP)
    QTest.mouseMove(studio.window.current.canvas, studio.window.current.canvas.rect().center())


def show_stain(studio: Studio) -> None:
    """Hematoxylin alone, with the panel, for the README."""
    studio.open_slide(studio.slides.scanned)
    studio.look(10, CLOSE_UP)
    studio.window.panels.show("color")
    studio.press("color.stain_first")
    studio.rest()
    _scroll_to(studio.window.panels.color.stains)


def show_normalized(studio: Studio) -> None:
    """The stain brought to Macenko's reference, with the panel."""
    studio.open_slide(studio.slides.scanned)
    studio.look(10, CLOSE_UP)
    studio.window.panels.show("color")
    form = studio.window.panels.color.normalization
    form.method.setCurrentIndex(form.method.findData("stain_macenko/macenko"))
    form.method.activated.emit(form.method.currentIndex())
    studio.rest()
    _scroll_to(form)
    studio.shoot("normalized")
    studio.press("color.reset")


def _show_four(studio: Studio) -> None:
    """Two scales of one slide, its neighbor and its fluorescence, moving together."""
    window = studio.window
    studio.open_slide()
    studio.look(10, CLOSE_UP)
    studio.press("layout.grid_2x2", "layout.new_view")
    studio.look(2.5, CLOSE_UP)
    studio.open_slide(studio.slides.section)
    studio.look(10, on_section(CLOSE_UP), turned=SECTION_TURN_DEG)
    studio.open_slide(studio.slides.fluorescence)
    studio.look(10, CLOSE_UP)
    window.area.activate(window.views[0])
    studio.press("layout.align_as_shown")
    window.messages.clear()
    QTest.mouseMove(window.current.canvas, window.current.canvas.rect().center() + QPoint(30, 20))
    studio.shoot("views", manual=[window.area])
    studio.press("layout.synchronize")


def show_slide(studio: Studio) -> None:
    """What is known of a slide, its pixel size, its damage."""
    window = studio.window
    studio.open_slide(studio.slides.scanned)
    with _alone(studio):
        # Not where this script happens to have drawn it.
        window.panels.slide.show_info(replace(window.current.info, path=EXAMPLE_PLACE))
        studio.shoot("slide_information", manual=[window.panels.docks["slide"]])
    window.show_slide_info()
    window.panels.slide.image_wanted.emit("label")
    studio.rest()
    studio.shoot("label")
    studio.close_dialog()
    for action, name in (("slide.pixel_size", "pixel-size"), ("slide.pixel_sizes", "pixel-size-table")):
        studio.press(action)
        studio.rest()
        studio.shoot(name)
        studio.close_dialog()
    studio.tidy()
    studio.open_slide(studio.slides.damaged)
    studio.look(10, (0.40, 0.56))
    wait(lambda: bool(window.current.canvas.unreadable_places))
    studio.press("slide.unreadable")
    dialog = window.dialogs.shown
    dialog.resize(620, 210)
    dialog.move(window.mapToGlobal(QPoint(20, window.height() - 335)))
    studio.shoot("unreadable", manual=[window.messages, window.area, window.status])
    studio.close_dialog()
    window.messages.clear()
    window.close_slide()


def show_privacy(studio: Studio) -> None:
    """Names hidden, with a slide and without."""
    window = studio.window
    studio.open_slide(studio.slides.scanned)
    studio.press("view.privacy")
    with _alone(studio):
        studio.shoot("privacy", manual=[])
    studio.press("help.palette")
    studio.shoot("privacy-palette")
    studio.close_dialog()
    studio.press("view.privacy")
    window.close_slide()


def show_guidance(studio: Studio) -> None:
    """Palette, keyboard map, manual."""
    window = studio.window
    studio.open_slide()
    studio.look(5, CLOSE_UP)
    studio.press("help.palette")
    palette = window.guidance.palette
    assert palette is not None
    QTest.keyClicks(palette.field, "turn")
    studio.shoot("palette", manual=[palette])
    studio.close_dialog()
    studio.press("help.key_map")
    dialog = window.dialogs.shown
    studio.shoot("key_map", manual=[dialog])
    dialog.findChild(QLineEdit).setText("zoom")
    studio.shoot("key-map-search")
    studio.close_dialog()
    studio.press("help.manual")
    manual = window.guidance.manual
    assert manual is not None
    for chapter in ("index.md", "viewing.md", "color.md", "several_views.md", "keys.md"):
        manual.go_to(chapter)
        studio.shoot(f"manual-{chapter.removesuffix('.md')}")
    manual.close()


SCENES: tuple[Callable[[Studio], None], ...] = (
    show_window,
    show_turned,
    show_places,
    show_seen,
    show_measuring,
    show_colors,
    show_normalized,
    show_several,
    show_slide,
    show_privacy,
    show_guidance,
)


NARROW_SCENES = (show_colors, show_several)


def shoot_viewing(studio: Studio) -> None:
    """All scenes, each from one slide alone in a tidy window."""
    for scene in SCENES:
        studio.close_slides()
        studio.tidy()
        studio.open_slide()
        studio.window.set_mode("view")
        with studio.narrow() if scene in NARROW_SCENES else nullcontext():
            scene(studio)
        studio.close_dialog()
    studio.close_slides()


@contextmanager
def _alone(studio: Studio) -> Iterator[None]:
    """While every other panel leaves its room to the slide's."""
    panels = studio.window.panels
    others = [dock for name, dock in panels.docks.items() if name != "slide" and not dock.isHidden()]
    for dock in others:
        dock.hide()
    panels.show("slide")
    studio.window.resizeDocks([panels.docks["slide"]], [FACTS_WIDTH], Qt.Orientation.Horizontal)
    yield
    for dock in others:
        dock.show()


def _scroll_to(widget: QWidget) -> None:
    """Bring a part of a panel into view."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    if isinstance(parent, QScrollArea):
        parent.ensureWidgetVisible(widget, 0, 400)


def _set_landmarks(studio: Studio, number: int) -> None:
    """Click the landmark of that number in both views, where it is drawn."""
    place = LANDMARKS[number - 1]
    for view, there in zip(studio.window.views, (place, on_section(place)), strict=True):
        studio.window.area.activate(view)
        studio.click(studio.at(there))
