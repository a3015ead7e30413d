"""Fixtures of every test with a window: nothing may be left over, and Qt may not complain."""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QThread
from PySide6.QtWidgets import QApplication, QWidget

HERE = Path(__file__).resolve().parent
PATIENCE_S = 3.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail on Qt's own warnings; ``qt_log_ignore`` says which are harmless."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))


def _threads() -> set[threading.Thread]:
    # Threads that Qt started and Python merely met stay listed after their end; they are looked for apart.
    return {
        thread
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread) and thread.is_alive()
    }


def _running_qthreads() -> list[QThread]:
    found = [thing for thing in gc.get_objects() if issubclass(type(thing), QThread)]
    return [thread for thread in found if thread is not QThread.currentThread() and _is_running(thread)]


def _is_running(thread: QThread) -> bool:
    try:
        return thread.isRunning()
    except RuntimeError:  # the C++ object is gone, and its thread with it
        return False


def _left_over(before: set[int]) -> list[QWidget]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    return [widget for widget in QApplication.topLevelWidgets() if id(widget) not in before]


@pytest.fixture(autouse=True)
def nothing_left_over(qapp: QApplication, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No widget, no running thread and no logged warning survives a test."""
    widgets = {id(widget) for widget in QApplication.topLevelWidgets()}
    threads = _threads()
    yield
    left = _left_over(widgets)
    if left:
        del left
        gc.collect()
        left = _left_over(widgets)
    assert not left, f"widgets left over: {left}"
    deadline = time.monotonic() + PATIENCE_S
    while (_threads() - threads or _running_qthreads()) and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.02)
    assert not _threads() - threads, f"threads left running: {_threads() - threads}"
    assert not _running_qthreads(), "a QThread is left running"
    loud = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not loud, f"logged: {[record.getMessage() for record in loud]}"
