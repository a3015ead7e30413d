"""The start: what is not imported, what is said without a display, and what a crash leaves in the log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from desktop_app.app import describe_crash
from desktop_app.errors import SlideReadError

CHECKOUT = Path(__file__).resolve().parents[3]
HEAVY = ("torch", "sklearn", "scipy", "skimage", "pyqtgraph", "cv2", "h5py", "tifffile", "dask")

SHOW = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop_app.app import make_window
from desktop_app.storage.locations import Locations
window = make_window(Locations.default())
window.show()
app.processEvents()
print([name for name in {heavy!r} if name in sys.modules])
window.close()
"""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_window_is_shown_before_heavy_libraries_are_imported() -> None:
    done = python(SHOW.format(heavy=HEAVY), QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


FOUND = """
import sys
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
assert list(AnnotationSnapshot.empty().iter_annotations([])) == []
print("numpy.ma" in sys.modules)
"""


def test_painting_no_selection_imports_nothing() -> None:
    done = python(FOUND)
    assert done.stdout.strip() == "False", done.stderr


def test_without_a_display_it_says_so_and_draws_to_memory() -> None:
    if not sys.platform.startswith("linux"):
        return
    code = "import os; from desktop_app.app import _choose_platform as choose; choose(); "
    code += "print(os.environ['QT_QPA_PLATFORM'])"
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    environment.update(DISPLAY="", WAYLAND_DISPLAY="")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "offscreen"
    assert "no display" in done.stderr


def test_a_crash_report_says_where_but_not_on_which_slide() -> None:
    try:
        raise SlideReadError(Path("/clinic/Kim Min-ji.svs"), "damaged")
    except SlideReadError as error:
        text = describe_crash(error, error.__traceback__)
    assert "SlideReadError" in text
    assert "test_start.py" in text
    assert "Kim" not in text
