"""Pictures of the real window: per action, panel, menu and dialog, in both themes, and the README's.

The window is driven on a slide that the demonstration generator draws, so no picture shows a patient. Run
it after a change that can be seen, and look at what it wrote:

    .venv/bin/python packaging/screenshots.py build/screenshots
    .venv/bin/python packaging/screenshots.py build/screenshots --readme packaging/pictures
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.actions.table import ACTIONS, MENUS
from desktop_app.ui.dialogs.files import FileChooser

if TYPE_CHECKING:
    from desktop_app.storage.settings import Theme
    from desktop_app.ui.main_window import MainWindow

SIZE = (1440, 900)
SLIDE_SIZE = (7000, 5200)
SLIDE_SEED = 20_001
PATIENCE_S = 240
THEMES: tuple[Theme, ...] = ("light", "dark")
LEFT_OUT = {"file.quit", "view.full_screen", "view.theme_system", "view.theme_light", "view.theme_dark"}
"""Nothing to see: the window is gone, as large as the screen, or as in the pictures of the other theme."""

WAY_BACK = {
    "edit.delete": "edit.undo",
    "edit.undo": "edit.redo",
    "view.less_opaque": "view.more_opaque",
    "view.privacy": "view.privacy",
}
"""Actions whose effect must not be seen in later pictures, and what takes it back."""


class Answers(FileChooser):
    """Chooses the same files each time, without a dialog."""

    def __init__(self, slide: Path) -> None:
        self._slide = slide

    def slides(self, parent: QWidget, folder: str) -> list[Path]:
        """The slide that is open already."""
        return [self._slide]

    def annotations_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """What was saved before."""
        return self._slide.with_suffix(".geojson")

    def annotations_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Beside the slide."""
        return self._slide.with_suffix(".geojson")


class Studio:
    """A window, and the camera before it."""

    def __init__(self, window: MainWindow, out: Path, slide: Path) -> None:
        self.window = window
        self._out = out
        self._slide = slide

    def shoot(self, name: str) -> QPixmap:
        """Wait until the picture stands, and write it as ``<name>-<theme>.png``."""
        self.rest()
        picture = self._compose()
        picture.save(str(self._out / f"{name}-{self.window.settings.theme}.png"))
        return picture

    def rest(self) -> None:
        """Wait until nothing is read or loaded any more."""
        wait(lambda: self.window.background.is_idle and not self.window.opening.under_way)
        if self.window.front is not None:
            wait(lambda: self.window.current.canvas.is_sharp)
        QTest.qWait(80)

    def _compose(self) -> QPixmap:
        """The window with its dialogs and menus above it, as a person sees them."""
        picture = self.window.grab()
        painter = QPainter(picture)
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and widget is not self.window:
                place = widget.mapToGlobal(QPoint(0, 0)) - self.window.mapToGlobal(QPoint(0, 0))
                painter.drawPixmap(place, widget.grab())
                painter.setPen(QPen(QColor(110, 110, 110), 1))
                painter.drawRect(QRect(place, widget.size()))
        painter.end()
        return picture

    # ---- scenes -------------------------------------------------------------------------------------

    def theme(self, theme: Theme) -> None:
        """Dress the window."""
        self.window.change_settings(replace(self.window.settings, theme=theme))

    def open_slide(self) -> None:
        """Show the slide, fitted."""
        if self.window.front is None:
            self.window.open_paths([self._slide])
            wait(lambda: self.window.front is not None)
        self.window.current.canvas.fit()
        self.rest()

    def draw(self) -> None:
        """Draw one of each shape with the mouse."""
        self.window.set_mode("annotate")
        self.press("annotate.class_5", "annotate.rectangle")
        self.drag((0.30, 0.30), (0.42, 0.42))
        self.press("annotate.class_3", "annotate.ellipse")
        self.drag((0.55, 0.58), (0.72, 0.82))
        self.press("annotate.class_1", "annotate.polygon")
        self.drag((0.43, 0.50), (0.49, 0.47), (0.54, 0.53), (0.53, 0.63), (0.46, 0.62), (0.43, 0.56))
        self.press("annotate.class_2", "annotate.point")
        self.drag((0.60, 0.54), (0.60, 0.54))
        self.press("annotate.move")

    def press(self, *keys: str) -> None:
        """Trigger actions."""
        for key in keys:
            self.window.actions_by_key[key].trigger()

    def drag(self, *shares: tuple[float, float]) -> None:
        """Drag over positions given as shares of the slide."""
        canvas, (width, height) = self.window.current.canvas, self.window.current.info.size
        points = []
        for across, down in shares:
            x, y = canvas.viewport.view_point((across * width, down * height))
            points.append(QPoint(round(x / canvas.dpr), round(y / canvas.dpr)))
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=points[0])
        for start, end in pairwise(points):
            for step in range(1, 9):
                QTest.mouseMove(canvas, start + (end - start) * step / 8)
                QTest.qWait(1)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=points[-1])

    def run(self, recipe: str, out: Path) -> None:
        """Start a recipe through its dialog."""
        self.press("analyze.run")
        dialog = self.window.dialogs.shown
        dialog.recipe_combo.setCurrentIndex(dialog.recipe_combo.findText(recipe))
        dialog.out_line.setText(str(out))
        dialog.run_button.click()

    def close_dialog(self) -> None:
        """Close what is open."""
        self.window.guidance.close_all()
        for dialog in (self.window.dialogs.shown, self.window.guidance.manual):
            if isinstance(dialog, QDialog):
                dialog.close()


def wait(condition: Callable[[], bool]) -> None:
    """Let the window live until the condition holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")
        QTest.qWait(20)


def shoot_start(studio: Studio) -> None:
    """The window before a slide is open."""
    for theme in THEMES:
        studio.theme(theme)
        studio.shoot("start")


def shoot_panels_and_menus(studio: Studio) -> None:
    """Each panel in front, each menu open."""
    window = studio.window
    for name in window.panels.docks:
        window.panels.show(name)
        studio.shoot(f"panel-{name}")
    for key in MENUS:
        if "/" in key:
            continue
        menu = window.actions_by_key.menu(key)
        menu.popup(window.mapToGlobal(window.menuBar().actionGeometry(menu.menuAction()).bottomLeft()))
        studio.shoot(f"menu-{key}")
        menu.close()
    window.panels.show("jobs")


def shoot_run_dialog(studio: Studio) -> None:
    """Each page of the recipe dialog."""
    studio.press("analyze.run")
    dialog = studio.window.dialogs.shown
    for index in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(index)
        studio.shoot(f"dialog-run-{index + 1}")
    studio.close_dialog()


def shoot_actions(studio: Studio) -> None:
    """The window after each action; the slide is closed last."""
    for spec in sorted(ACTIONS, key=lambda spec: spec.key == "file.close"):
        if spec.key in LEFT_OUT:
            continue
        prepare(studio, spec)
        if not studio.window.actions_by_key[spec.key].isEnabled():
            continue
        studio.press(spec.key)
        studio.shoot(f"action-{spec.key}")
        take_back(studio, spec)
    studio.open_slide()


def prepare(studio: Studio, spec: ActionSpec) -> None:
    """Bring about what an action needs."""
    view = studio.window.current
    studio.window.set_mode("annotate" if "annotate" in spec.modes else "view")
    if "selection" in spec.needs:
        view.select_all()
    if "redo" in spec.needs:
        studio.press("edit.undo")
    if spec.menu == "annotate/class":
        studio.press("annotate.rectangle")
    if spec.key == "file.import":
        studio.press("file.save")
        studio.rest()


def take_back(studio: Studio, spec: ActionSpec) -> None:
    """Leave no trace of an action in the next picture."""
    studio.close_dialog()
    studio.window.messages.clear()
    if spec.key in WAY_BACK:
        studio.press(WAY_BACK[spec.key])
    elif spec.checked_when and spec.menu.startswith("view"):
        studio.press(spec.key)
    if studio.window.front is not None:
        studio.window.current.canvas.fit()


def shoot_readme(studio: Studio, folder: Path) -> None:
    """The README's pictures: annotating, and a heat map at work."""
    folder.mkdir(parents=True, exist_ok=True)
    studio.theme("light")
    studio.window.set_mode("annotate")
    studio.window.panels.show("jobs")
    studio.window.current.show_heat_map(False)
    studio.shoot("readme").toImage().save(str(folder / "annotate.png"))
    studio.theme("dark")
    studio.window.set_mode("view")
    studio.window.current.show_heat_map(True)
    studio.shoot("readme").toImage().save(str(folder / "heat_map.png"))


@contextmanager
def studio_in(out: Path, home: Path) -> Iterator[Studio]:
    """A window on a slide drawn for the purpose, with user folders of its own."""
    os.environ["COVERSLIP_HOME"] = str(home / "home")
    from desktop_app.app import make_window
    from desktop_app.demonstration.generator import draw_slide
    from desktop_app.demonstration.spec import SlideSpec
    from desktop_app.storage.locations import Locations

    slide = home / "demonstration.tiff"
    draw_slide(slide, SlideSpec.draw(SLIDE_SEED, label=True, size=SLIDE_SIZE))
    window = make_window(Locations.default())
    window.files = Answers(slide)
    window.resize(*SIZE)
    window.show()
    try:
        yield Studio(window, out, slide)
    finally:
        window.quit_now()


def main(arguments: Sequence[str]) -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", type=Path, help="folder for all pictures")
    parser.add_argument("--readme", type=Path, help="folder for the README's pictures")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as home, studio_in(options.out, Path(home)) as studio:
        shoot_start(studio)
        studio.open_slide()
        studio.draw()
        studio.run("demonstration", Path(home) / "results")
        wait(lambda: studio.window.current.heat_map is not None)
        for theme in THEMES:
            studio.theme(theme)
            studio.shoot("job-running")
        wait(lambda: studio.window.engine.is_idle)
        studio.rest()
        for theme in THEMES:
            studio.theme(theme)
            studio.shoot("job-finished")
        for theme in THEMES:
            studio.theme(theme)
            shoot_panels_and_menus(studio)
            shoot_run_dialog(studio)
            shoot_actions(studio)
        if options.readme is not None:
            studio.open_slide()
            shoot_readme(studio, options.readme)
    app.processEvents()
    print(f"{len(list(options.out.glob('*.png')))} pictures in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
