"""Pictures of the real window: each action, panel and dialog in both themes, the README's, the manual's.

The window is driven on slides that the program draws, so no picture shows a patient. Run it after a change
that can be seen, and look at what it wrote:

    .venv/bin/python packaging/screenshots.py build/screenshots
    .venv/bin/python packaging/screenshots.py build/screenshots --readme packaging/pictures
    .venv/bin/python packaging/screenshots.py build/screenshots --parts viewing --scale 2
    .venv/bin/python packaging/screenshots.py build/screenshots --parts manual \
        --manual resources/manual/pictures
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drawing_scenes import shoot_drawing
from example_slides import ExampleSlides, small_png
from object_scenes import shoot_objects
from PySide6.QtWidgets import QApplication
from studio import THEMES, Studio, png_of, studio_in, wait
from viewing_scenes import shoot_viewing, show_aligned, show_stain

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.actions.table import ACTIONS, MENUS

PARTS = ("window", "viewing", "drawing", "objects", "manual")
"""Every action and panel; the scenes of viewing, of drawing and of objects; the manual's pictures."""

LARGEST_IN_README = 450_000
"""Bytes."""

MANUAL_SIZE = (960, 620)
"""Of the window: the manual's pictures are small."""

TURNS = ("turn_right", "turn_left", "turn_right_little", "turn_left_little", "flip", "flip_upside_down")

LEFT_OUT = {"file.quit", "view.full_screen", "view.theme_system", "view.theme_light", "view.theme_dark"}
"""Nothing to see: the window is gone, as large as the screen, or as in the pictures of the other theme."""

WAY_BACK = {
    "edit.delete": "edit.undo",
    "edit.undo": "edit.redo",
    "layout.new_view": "file.close",
    "layout.own_window": "layout.own_window",
    "layout.synchronize": "layout.synchronize",
    "view.less_opaque": "view.more_opaque",
    "view.privacy": "view.privacy",
    "color.profile": "color.profile",
    "measure.ruler": "measure.ruler",
    "measure.angle": "measure.angle",
    "overlay.field_placed": "overlay.field_placed",
    **{f"color.stain_{name}": "color.stain_off" for name in ("first", "second", "residual", "false_color")},
    **{f"navigate.{name}": "navigate.upright" for name in TURNS},
}
"""Actions whose effect must not be seen in later pictures, and what takes it back."""


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


def shoot_readme(studio: Studio, folder: Path, results: Path) -> None:
    """The README's pictures: annotating, a heat map, two sections side by side, one stain alone."""
    folder.mkdir(parents=True, exist_ok=True)
    studio.open_slide()
    if studio.window.current.heat_map is None:
        studio.draw()
        studio.run("demonstration", results)
        wait(lambda: studio.window.engine.is_idle and studio.window.current.heat_map is not None)

    def keep(name: str) -> None:
        data = small_png(png_of(studio.shoot(f"readme-{name}")), LARGEST_IN_README)
        (folder / f"{name}.png").write_bytes(data)

    studio.theme("light")
    studio.window.set_mode("annotate")
    studio.window.panels.show("jobs")
    studio.window.current.show_heat_map(False)
    keep("annotate")
    studio.theme("dark")
    studio.window.set_mode("view")
    studio.window.current.show_heat_map(True)
    keep("heat_map")
    studio.close_slides()
    studio.theme("light")
    show_aligned(studio)
    keep("side_by_side")
    studio.press("layout.synchronize")
    studio.close_slides()
    studio.theme("dark")
    show_stain(studio)
    keep("stain_view")
    studio.press("color.stain_off")
    studio.window.panels.docks["color"].hide()


def shoot_jobs(studio: Studio, results: Path) -> None:
    """A recipe at work, and done."""
    studio.run("demonstration", results)
    wait(lambda: studio.window.current.heat_map is not None)
    for theme in THEMES:
        studio.theme(theme)
        studio.shoot("job-running")
    wait(lambda: studio.window.engine.is_idle)
    studio.rest()
    for theme in THEMES:
        studio.theme(theme)
        studio.shoot("job-finished")


def shoot_window(studio: Studio, results: Path) -> None:
    """Everything that menus and panels lead to, with annotations and a heat map on the slide."""
    shoot_start(studio)
    studio.open_slide()
    studio.draw()
    shoot_jobs(studio, results)
    for theme in THEMES:
        studio.theme(theme)
        shoot_panels_and_menus(studio)
        shoot_run_dialog(studio)
        shoot_actions(studio)


def shoot_manual(studio: Studio, folder: Path) -> None:
    """The manual's pictures, in a small light window."""
    folder.mkdir(parents=True, exist_ok=True)
    studio.manual = folder
    studio.window.resize(*MANUAL_SIZE)
    studio.theme("light")
    shoot_viewing(studio)
    shoot_drawing(studio)
    shoot_objects(studio)
    studio.manual = None


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", type=Path, help="folder for all pictures")
    parser.add_argument("--readme", type=Path, help="folder for the README's pictures")
    parser.add_argument("--manual", type=Path, help="folder for the manual's pictures")
    parser.add_argument(
        "--parts", nargs="*", choices=PARTS, default=PARTS[:2], help="what to take; none for the README"
    )
    parser.add_argument("--scale", default="1", help="device pixels per logical pixel")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Take all pictures."""
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ["QT_SCALE_FACTOR"] = options.scale
    app = QApplication([])
    with tempfile.TemporaryDirectory(prefix="slides-") as folder:
        home = Path(folder)
        slides = ExampleSlides.draw(home)
        with studio_in(options.out, home, slides) as studio:
            if "window" in options.parts:
                shoot_window(studio, home / "results")
            if options.readme is not None:
                shoot_readme(studio, options.readme, home / "results")
            studio.close_slides()
            for theme in THEMES if "viewing" in options.parts else ():
                studio.theme(theme)
                shoot_viewing(studio)
            for theme in THEMES if "drawing" in options.parts else ():
                studio.theme(theme)
                shoot_drawing(studio)
            for theme in THEMES if "objects" in options.parts else ():
                studio.theme(theme)
                shoot_objects(studio)
            if "manual" in options.parts:
                shoot_manual(studio, options.manual or options.out / "manual")
    app.processEvents()
    print(f"{len(list(options.out.glob('*.png')))} pictures in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
