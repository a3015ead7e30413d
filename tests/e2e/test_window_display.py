"""The installed command on a real display server, with the mouse and keyboard of the X test extension."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.domain.annotation import Annotation
from desktop_app.storage.journal import Journal
from desktop_app.storage.locations import Locations
from tests.support.slide_factory import write_pyramid

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "xdotool")
PATIENCE_S = 60.0

pytestmark = pytest.mark.skipif(
    not all(shutil.which(name) for name in NEEDED), reason="needs Xvfb and xdotool"
)


@contextmanager
def display() -> Iterator[str]:
    """A display server of its own; yields its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


class Hands:
    """The mouse and keyboard of a display."""

    def __init__(self, name: str) -> None:
        self._environment = {**os.environ, "DISPLAY": name}

    def __call__(self, *words: object) -> str:
        done = subprocess.run(
            ["xdotool", *map(str, words)], env=self._environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self("mousemove", *start, "mousedown", 1)
        for step in range(1, 6):
            across, down = (round(a + (b - a) * step / 5) for a, b in zip(start, end, strict=True))
            self("mousemove", across, down)
        self("mouseup", 1)


def wait(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def annotations() -> list[Annotation]:
    """What is in the one journal, as a second reader sees it."""
    folders = list(Locations.default().journals.glob("*"))
    if not folders:
        return []
    journal = Journal.open(folders[0], author="test")
    try:
        return list(journal.snapshot.iter_annotations())
    finally:
        journal.close()


def test_open_draw_run_and_quit_with_a_real_mouse(tmp_path: Path) -> None:
    picture = np.full((900, 1200, 3), 242, np.uint8)
    cv2.ellipse(picture, (600, 450), (450, 330), 0, 0, 360, (205, 130, 190), -1)
    slide = write_pyramid(tmp_path / "조직.tiff", picture, mpp=0.5)
    with display() as name:
        environment = {**os.environ, "DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
        command = [sys.executable, "-m", "desktop_app", "open", str(slide)]
        window = subprocess.Popen(command, env=environment, cwd=CHECKOUT)
        try:
            use_window(Hands(name), tmp_path)
            assert window.wait(PATIENCE_S) == 0
        finally:
            window.kill()
            window.wait()
    kinds = [found.kind for found in annotations() if found.origin is None]
    assert kinds == ["rectangle"]
    assert "Tissue" in {found.class_name for found in annotations() if found.origin is not None}


def use_window(hands: Hands, folder: Path) -> None:
    hands("search", "--sync", "--onlyvisible", "--name", "조직.tiff")
    window = hands("search", "--onlyvisible", "--name", "조직.tiff").splitlines()[-1]
    hands("windowmove", window, 0, 0)
    hands("windowfocus", "--sync", window)
    # The first click gives the slide the keyboard, as a person's would.
    hands("mousemove", 450, 450, "click", 1)
    hands("key", "Tab")
    hands("key", "r")
    hands.drag((380, 380), (520, 480))
    wait(annotations, "the rectangle did not reach the journal")
    hands("key", "ctrl+r")
    time.sleep(1.0)
    hands("key", "Return")
    results = folder / "coverslip-results"
    wait(lambda: list(results.glob("*.run.json")), "the run wrote nothing")
    wait(lambda: len(annotations()) > 1, "the regions were not merged")
    hands("windowfocus", "--sync", window)
    hands("key", "ctrl+q")
