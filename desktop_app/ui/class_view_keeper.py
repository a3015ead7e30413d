"""Which classes each slide shows: one state for all views of a slide, remembered between two openings.

Files are read and written on the background pool; whichever write comes last writes the latest state. GUI
thread otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from desktop_app.errors import CoverslipError
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.error_text import sentence

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

FILE = "classes"
"""The file's name in a slide's memory."""


class ClassViewKeeper:
    """Brings the class visibility of views in line with their slide's memory and with each other.

    Parameters
    ----------
    window : MainWindow
        Whose views these are.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._files: dict[str, _ClassFile] = {}

    def add_view(self, view: SlideView) -> None:
        """Show what another view of the slide shows, else what was remembered."""
        file = self._files.get(view.document_id)
        if file is not None:
            view.class_visibility.set_hidden(file.latest)
            self._follow(view, file)
            return
        memory = self._window.memory_of(view)
        file = self._files[view.document_id] = _ClassFile(memory)
        self._window.background.run(lambda: memory.read(FILE), partial(self._read, view, file), self._failed)

    def remove_view(self, view: SlideView) -> None:
        """A view is about to be closed; the last of a slide is read anew at its next opening."""
        if all(other is view for other in self._window.views_of(view.document)):
            self._files.pop(view.document_id, None)

    def _read(self, view: SlideView, file: _ClassFile, content: dict[str, Any]) -> None:
        if view not in self._window.views:
            return
        if not view.class_visibility.hidden:  # else the user was faster than the disk
            view.class_visibility.set_hidden(hidden_in(content))
        file.latest = view.class_visibility.hidden
        self._follow(view, file)

    def _follow(self, view: SlideView, file: _ClassFile) -> None:
        view.class_visibility.changed.connect(partial(self._changed, view, file))

    def _changed(self, view: SlideView, file: _ClassFile) -> None:
        hidden = view.class_visibility.hidden
        if hidden == file.latest:
            return
        file.latest = hidden
        for other in self._window.views_of(view.document):
            other.class_visibility.set_hidden(hidden)
        self._window.background.run(file.write, lambda _nothing: None, self._failed)

    def _failed(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "warning")


class _ClassFile:
    """One slide's file; ``latest`` is set on the GUI thread and written on the pool's."""

    def __init__(self, memory: SlideMemory) -> None:
        self.latest: frozenset[str | None] = frozenset()
        self._memory = memory
        self._lock = threading.Lock()

    def write(self) -> None:
        """Write what is the latest now."""
        with self._lock:
            self._memory.write(FILE, {"hidden": _sorted(self.latest)})


def hidden_in(content: dict[str, Any]) -> frozenset[str | None]:
    """The hidden classes of a file; what is no name is left out."""
    names = content.get("hidden")
    if not isinstance(names, list):
        return frozenset()
    return frozenset(name for name in names if name is None or isinstance(name, str))


def _sorted(names: Iterable[str | None]) -> list[str | None]:
    return sorted(names, key=lambda name: name or "")
