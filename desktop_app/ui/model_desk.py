"""What the page of models does: bringing one in, checking it, removing it.

Files are read and other processes waited for on a pool thread of its own; what comes out is a signal. An
import goes on when the page is closed. GUI thread.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.tile_model import DryRun
from desktop_app.engine.model_import import import_in_process, try_in_process
from desktop_app.errors import CoverslipError
from desktop_app.storage.locations import Locations
from desktop_app.storage.model_source import ModelSource, recognize, unpack
from desktop_app.storage.model_store import StoredModel, list_models, remove_model
from desktop_app.ui.background import Background
from desktop_app.ui.error_text import sentence
from desktop_app.ui.translation import tr

Result = TypeVar("Result")


class ModelDesk(QObject):
    """The model bundles of this installation, as a window keeps them.

    Parameters
    ----------
    locations : Locations
        Where they are.
    on_crash : Callable[[BaseException], None]
        Told of an error that nobody foresaw.

    Notes
    -----
    ``listed(tuple[StoredModel, ...])`` follows each change, ``licence_shown(ModelSource)`` asks whether its
    licence is accepted (answered by :meth:`accept` or :meth:`decline`), ``said(str)`` is how something went,
    and ``busy(str)`` what is being done; empty when nothing is.
    """

    listed = Signal(object)
    licence_shown = Signal(object)
    said = Signal(str)
    busy = Signal(str)

    def __init__(self, locations: Locations, on_crash: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._locations = locations
        self._background = Background(on_crash)
        self._stop = threading.Event()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._doing = ""

    @property
    def doing(self) -> str:
        """What is being done; empty if nothing."""
        return self._doing

    def refresh(self) -> None:
        """Read the folders again."""
        folders = self._locations.bundle_folders
        self._background.run(lambda: list_models(folders), self.listed.emit, self._fail)

    def look_at(self, path: Path) -> None:
        """Recognize what somebody brings; asks for its licence then."""
        self._begin(tr("Looking at {name}…", name=path.name))
        self._scratch = scratch = tempfile.TemporaryDirectory(prefix="coverslip-model-")
        self._run(lambda: recognize(unpack(path, Path(scratch.name))), self._ask)

    def accept(self, source: ModelSource, licence: str) -> None:
        """Bring in what was looked at; its licence was accepted as it was shown."""
        self._begin(tr("Bringing {name} in and trying it…", name=source.name))
        models, stopped = self._locations.models, self._stop.is_set
        self._run(
            lambda: import_in_process(source, models, licence=licence, stopped=stopped),
            lambda folder: self._end(tr("{name} was added.", name=folder.name)),
        )

    def decline(self) -> None:
        """Leave what was looked at alone."""
        self._end(tr("The license was not accepted; nothing was added."))

    def check(self, model: StoredModel) -> None:
        """Compare its hashes and run it once more."""
        self._begin(tr("Checking {name}…", name=model.model_id))
        stopped = self._stop.is_set
        self._run(
            lambda: try_in_process(model.folder, stopped=stopped),
            lambda answered: self._end(_checked(model, answered)),
        )

    def remove(self, model: StoredModel) -> None:
        """Delete it."""
        self._begin(tr("Removing {name}…", name=model.model_id))
        self._run(
            lambda: remove_model(model),
            lambda _none: self._end(tr("{name} was removed.", name=model.model_id)),
        )

    def stop(self) -> None:
        """Give up what is being done."""
        self._stop.set()

    def shutdown(self) -> None:
        """Stop what is under way and wait for its end."""
        self._stop.set()
        self._background.shutdown()
        self._forget_scratch()

    def _ask(self, source: ModelSource) -> None:
        self._set_doing("")
        self.licence_shown.emit(source)

    def _begin(self, doing: str) -> None:
        self._stop.clear()
        self._set_doing(doing)

    def _end(self, said: str) -> None:
        self._set_doing("")
        self._forget_scratch()
        self.said.emit(said)
        self.refresh()

    def _run(self, work: Callable[[], Result], done: Callable[[Result], None]) -> None:
        self._background.run(work, done, self._fail)

    def _fail(self, error: CoverslipError) -> None:
        self._end(sentence(error))

    def _set_doing(self, doing: str) -> None:
        self._doing = doing
        self.busy.emit(doing)

    def _forget_scratch(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None


def _checked(model: StoredModel, answered: DryRun) -> str:
    if answered.note:
        return tr("{name} is as it was added: {note}.", name=model.model_id, note=answered.note)
    return tr("{name} is as it was added and answers as it did.", name=model.model_id)
