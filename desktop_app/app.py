"""The composition root of the window: makes every part once, shows the window, runs Qt's event loop.

Heavy libraries (torch, scikit-learn, SciPy, pyqtgraph) are not imported here or by anything that is
imported here; the worker process and the plots bring them when they are needed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from desktop_app import __version__
from desktop_app.errors import CoverslipError
from desktop_app.storage.locations import Locations
from desktop_app.ui.dialogs.files import FileChooser
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.error_text import crash_sentence, sentence
from desktop_app.ui.main_window import MainWindow, WindowParts
from desktop_app.worker import plugin_host, slide_opener

log = logging.getLogger("coverslip")

LOG_BYTES = 1 << 20


PICTURE_TRIES, PICTURE_CALM, PICTURE_PAUSE_MS = 600, 10, 100
"""A picture waits until all has been there for ten looks, and for 600 at most, each 0.1 s after the last."""


def run(slides: Sequence[Path], *, picture: Path | None = None) -> int:
    """Show the window until it is closed.

    Parameters
    ----------
    slides : Sequence[Path]
        Opened at once.
    picture : Path | None
        Where there is nobody to look: a PNG of the window, taken once the slides are sharp; it closes then.

    Returns
    -------
    int
        The exit code of Qt's event loop.
    """
    multiprocessing.freeze_support()
    _choose_platform()
    qInstallMessageHandler(_log_qt_message)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Coverslip")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("coverslip")
    locations = Locations.default()
    window = make_window(locations)
    _install_excepthook(window, _start_log(locations))
    window.show()
    # After the first paint, so that the window stands before the first slide is looked for.
    QTimer.singleShot(0, lambda: window.open_paths([path.absolute() for path in slides]))
    if picture is not None:
        photographer = _Photographer(window, picture, views=len(slides))
        photographer.start(PICTURE_PAUSE_MS)
    return app.exec()


def make_window(locations: Locations) -> MainWindow:
    """The window with all its parts, not shown yet; needs a ``QApplication``."""
    host = plugin_host(locations)
    return MainWindow(
        WindowParts(
            locations=locations,
            opener=slide_opener(host),
            host=host,
            engine=JobEngine(locations),
            files=FileChooser(),
        )
    )


class _Photographer(QTimer):
    """Waits until the window has all it was asked to show, takes its picture and quits."""

    def __init__(self, window: MainWindow, target: Path, *, views: int) -> None:
        super().__init__(window)
        self._window, self._target, self._views = window, target, views
        self._tries = self._calm = 0
        self.timeout.connect(self._look)

    def _look(self) -> None:
        views = self._window.views
        ready = len(views) == self._views and all(view.canvas.is_sharp for view in views)
        self._tries += 1
        self._calm = self._calm + 1 if ready and self._window.background.is_idle else 0
        if self._tries < PICTURE_TRIES and self._calm < PICTURE_CALM:
            return
        self.stop()
        self._window.grab().save(str(self._target))
        self._window.quit_now()


def _choose_platform() -> None:
    """Say so and draw to memory where there is no display, instead of Qt's abort."""
    if not sys.platform.startswith("linux") or "QT_QPA_PLATFORM" in os.environ:
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        sys.stderr.write("coverslip: no display found; the window is drawn to memory (offscreen)\n")
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's remarks about the platform go to the log and not between the lines of the command."""
    level = logging.INFO if kind in {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg} else logging.WARNING
    logging.getLogger("coverslip.qt").log(level, "%s", text)


def _start_log(locations: Locations) -> Path | None:
    """Begin the log file; None where it cannot be written, which must not stop the start."""
    path = locations.user_data / "logs" / "coverslip.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return path


def _install_excepthook(window: MainWindow, log_file: Path | None) -> None:
    """Tell the user of errors that escape from slots, and keep where they happened."""

    def on_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.quit_now()
            return
        if isinstance(error, CoverslipError):
            window.messages.tell(sentence(error), "error")
            return
        log.error("%s", describe_crash(error, trace))
        window.messages.tell(crash_sentence(error, log_file), "error")

    sys.excepthook = on_error


def describe_crash(error: BaseException, trace: TracebackType | None) -> str:
    """Where an error happened, without its message, which could hold a slide's (a patient's) name."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    frames = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return "\n".join([f"{when} {type(error).__name__} in Coverslip {__version__}", *frames])
