"""The real window in a process of its own, which annotates through its actions until it is killed.

Squares are drawn by the mouse, undone by the action, imported and saved through the menus' handlers; what
is about to be done and what is finished is told on standard output (see ``scripted_annotator``).
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scripted_annotator import (  # beside this file, which is run as a script
    CLASSES,
    geojson_of,
    state_of,
    told,
)

from desktop_app.app import make_window
from desktop_app.storage.locations import Locations
from desktop_app.ui.main_window import MainWindow

CHOICES = (*["draw"] * 4, "change", "remove", *["undo"] * 2, "redo", "import", "save")
LEFT = Qt.MouseButton.LeftButton


class WindowAnnotator:
    """The hands of somebody who annotates in a window."""

    def __init__(self, window: MainWindow, dice: random.Random) -> None:
        self.window, self.dice = window, dice

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the window live until something is so."""
        while not condition():
            loop = QEventLoop()
            QTimer.singleShot(2, loop.quit)
            loop.exec()

    def trigger(self, key: str) -> None:
        self.window.actions_by_key[key].trigger()

    def step(self) -> None:
        """One action, told before and after."""
        document = self.window.current.document
        name = self.dice.choice(CHOICES)
        ids = document.snapshot.ids()
        if name in ("undo", "redo") and self.window.actions_by_key[f"edit.{name}"].isEnabled():
            told({"do": name})
            self.trigger(f"edit.{name}")
        elif name == "import":
            self._import(document)
        elif name == "save":
            told({"do": "save"})
            self.window.folder_copies._write(document)
            self.wait(lambda: self.window.background.is_idle)
        elif name in ("change", "remove") and ids:
            self._alter(name, self.dice.choice(ids))
        else:
            self._draw()
        told({"done": 1, "state": state_of(document.snapshot.iter_annotations())})

    def _draw(self) -> None:
        """A square dragged with the mouse; what became of it is only known afterwards."""
        told({"do": "draw"})
        self.trigger("annotate.rectangle")
        canvas = self.window.current.canvas
        start = QPoint(self.dice.randrange(60, 400), self.dice.randrange(60, 300))
        QTest.mousePress(canvas, LEFT, pos=start)
        for part in (10, 25, 40):
            QTest.mouseMove(canvas, start + QPoint(part, part))
        QTest.mouseRelease(canvas, LEFT, pos=start + QPoint(40, 40))

    def _alter(self, name: str, chosen: UUID) -> None:
        told({"do": name})
        view = self.window.current
        self.trigger("annotate.move")
        view.selection.set([chosen])
        if name == "remove":
            self.trigger("edit.delete")
        else:
            view.document.set_class([chosen], self.dice.choice(CLASSES))

    def _import(self, document: Any) -> None:
        path = document.slide.info.path.with_name("in.geojson")
        place = {"x": self.dice.randrange(500), "y": self.dice.randrange(300), "class": "Tumor"}
        entry = {"id": str(UUID(int=self.dice.getrandbits(128))), **place}
        path.write_bytes(geojson_of([entry]))
        told({"do": "import"})
        self.window.open_paths([path])
        self.wait(lambda: self.window.background.is_idle)


def main(slide: Path, seed: int) -> None:
    app = QApplication([])
    window = make_window(Locations.default())
    window.folder_copies.rest_ms = 3_600_000  # saved when the script says so
    window.resize(900, 640)
    window.show()
    annotator = WindowAnnotator(window, random.Random(seed))
    window.open_paths([slide])
    annotator.wait(lambda: bool(window.views) and window.background.is_idle)
    window.set_mode("annotate")
    told({"opened": state_of(window.current.document.snapshot.iter_annotations())})
    while True:
        annotator.step()
        app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
