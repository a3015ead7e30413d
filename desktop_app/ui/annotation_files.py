"""Saving annotations as GeoJSON and reading them from it, on a pool thread; GUI thread otherwise.

Columns, and the edit that adds them, are made on the pool too, so that a million objects do not hold up the
window while they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.edits import Edit
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import AnnotationError, CoverslipError, TransferCancelledError
from desktop_app.storage.geojson import GeoJsonContent, read_geojson, write_snapshot
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer, Severity
from desktop_app.ui.transfer_bar import Transfer, TransferBar
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

Result = TypeVar("Result")

Stamp = tuple[int, int]
"""Size and time of a file, which tell whether another program has changed it."""

MAX_LOGGED = 100
"""So many damaged features of a file are listed in the log."""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What was read from a file: its content, the edit that adds it, and how many objects lie outside."""

    content: GeoJsonContent
    edit: Edit | None
    outside: int


class AnnotationFiles:
    """GeoJSON in and out for a window.

    Parameters
    ----------
    window : MainWindow
        Its view in front is what is read into and saved.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._saved: dict[str, tuple[Path, Stamp]] = {}
        self._transfers: list[Transfer] = []

    def read(self, path: Path) -> None:
        """Add a file's annotations to the slide in front, as one undo step."""
        view = self._window.front
        if view is None:
            self._window.messages.tell(tr("Open the slide first, then its annotations."), "warning")
            return
        if view.document.read_only:
            self._window.messages.tell(tr("This slide can only be looked at here."), "warning")
            return
        self._window.privacy.know([path])
        file, offset = self._window.privacy.file(path), geojson_offset(view.info)

        def work(transfer: Transfer) -> _Found:
            content = read_geojson(path, offset=offset, tolerant=True, watch=transfer.watch)
            # The user may not want the rest of a damaged file; its edit is made when they do.
            edit = None if content.problems else view.document.import_edit(content, file)
            transfer.watch.step(1, 1)
            return _Found(content, edit, outside_count(content.annotations, view.info.size))

        self._transfer(tr("Reading {file}", file=file), work, partial(self._read, view, path))

    def stop(self) -> None:
        """Stop what is being read or written; nothing of it is kept."""
        for transfer in self._transfers:
            transfer.stop()

    def save(self) -> None:
        """Save to the file saved to before; ask where the first time, or if another program changed it."""
        view = self._window.current
        known = self._saved.get(view.document_id)
        if known is None:
            self.save_as()
            return
        path, stamp = known
        if _stamp(path) in {stamp, None}:
            self._write(view, path)
            return
        offer = Offer(tr("Save elsewhere…"), self.save_as)
        replace = Offer(tr("Replace it"), lambda: self._write(view, path))
        file = self._window.privacy.file(path)
        text = tr("{file} was changed by another program since it was saved here.", file=file)
        self._window.messages.show_notice(Notice(text, "warning", (offer, replace)))

    def save_as(self) -> None:
        """Ask where, and save there."""
        view = self._window.current
        proposed = view.info.path.with_name(f"{self._window.privacy.stem(view.info.path)}.geojson")
        path = self._window.files.annotations_to_write(self._window, proposed)
        if path is not None:
            self._write(view, path)

    def _write(self, view: SlideView, path: Path) -> None:
        self._window.privacy.know([path])
        # The snapshot never changes, so another thread may read it while the user draws on.
        snapshot = view.document.snapshot
        offset = geojson_offset(view.info)
        self._transfer(
            tr("Saving {file}", file=self._window.privacy.file(path)),
            lambda transfer: write_snapshot(path, snapshot, offset=offset, watch=transfer.watch),
            lambda _none: self._written(view, path, len(snapshot)),
        )

    def _transfer(
        self, text: str, work: Callable[[Transfer], Result], done: Callable[[Result], None]
    ) -> None:
        """Work on the pool, with a bar that shows how far it is and can stop it."""
        transfer = Transfer()
        self._transfers.append(transfer)
        bar = TransferBar(self._window.status, transfer, text)

        def end() -> None:
            self._transfers.remove(transfer)
            bar.end()

        def finish(result: Result) -> None:
            end()
            done(result)

        def fail(error: CoverslipError) -> None:
            end()
            self._tell(error)

        self._window.background.run(lambda: work(transfer), finish, fail)

    def _written(self, view: SlideView, path: Path, count: int) -> None:
        stamp = _stamp(path)
        if stamp is not None:
            self._saved[view.document_id] = (path, stamp)
        file = self._window.privacy.file(path)
        self._window.messages.tell(tr("Saved to {file}; annotations: {count}.", count=count, file=file))

    def _read(self, view: SlideView, path: Path, found: _Found) -> None:
        if not view.document.is_open:
            return
        if found.content.problems:
            self._ask(view, path, found)
        else:
            self._add(view, path, found)

    def _ask(self, view: SlideView, path: Path, found: _Found) -> None:
        """Some features are damaged: the rest is imported only if the user says so."""
        content = found.content
        file, count = self._window.privacy.file(path), len(content.annotations)
        for problem in content.problems[:MAX_LOGGED]:
            self._window.panels.log.add_notice(Notice(tr("{file}: {problem}", file=file, problem=problem)))
        text = tr(
            "Features of {file} that cannot be read: {bad}. The first is {problem} The log lists them.",
            bad=len(content.problems),
            file=file,
            problem=content.problems[0],
        )
        rest = tr("Import the other {count} and leave out these", count=count)
        offers = (Offer(rest, lambda: self._prepare(view, path, found)),) if count else ()
        self._window.messages.show_notice(Notice(text, "warning", offers))

    def _prepare(self, view: SlideView, path: Path, found: _Found) -> None:
        file = self._window.privacy.file(path)
        self._transfer(
            tr("Reading {file}", file=file),
            lambda _transfer: replace(found, edit=view.document.import_edit(found.content, file)),
            partial(self._add, view, path),
        )

    def _add(self, view: SlideView, path: Path, found: _Found) -> None:
        if not view.document.is_open:
            return

        def fail(error: CoverslipError) -> None:
            if isinstance(error, AnnotationError):
                # Something was drawn or undone meanwhile that it has to do with.
                self._prepare(view, path, found)
            else:
                self._tell(error)

        view.document.commit_large(lambda _present: found.edit, lambda: self._added(path, found), fail)

    def _added(self, path: Path, found: _Found) -> None:
        file = self._window.privacy.file(path)
        added = 0 if found.edit is None else len(found.edit.after)
        self._window.messages.tell(tr("Read from {file}; annotations: {count}.", count=added, file=file))
        for warning in found.content.warnings:
            self._window.messages.tell(tr(warning), "warning")
        if found.outside:
            self._window.messages.tell(
                tr(
                    "{outside} of {count} annotations of {file} lie outside this slide; is it another's?",
                    outside=found.outside,
                    count=len(found.content.annotations),
                    file=file,
                ),
                "warning",
            )

    def _tell(self, error: CoverslipError) -> None:
        severity: Severity = "info" if isinstance(error, TransferCancelledError) else "error"
        self._window.messages.tell(sentence(error), severity)


def geojson_offset(info: SlideInfo) -> tuple[float, float]:
    """What QuPath's coordinates are away from the slide's: the corner of the scanned part."""
    return (float(info.bounds[0]), float(info.bounds[1])) if info.bounds is not None else (0.0, 0.0)


def outside_count(annotations: Sequence[Annotation], size: tuple[int, int]) -> int:
    """How many annotations have no share in a slide of that size, in level-0 pixels."""
    left, top, right, bottom = AnnotationChunk.of(annotations).bounds().T
    width, height = size
    return int(((right < 0) | (bottom < 0) | (left > width) | (top > height)).sum())


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
