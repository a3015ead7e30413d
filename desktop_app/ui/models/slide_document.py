"""A slide with its annotations: what views show, tools change and the journal keeps.

Everything that changes an annotation goes through :meth:`SlideDocument.commit`; everybody who shows one
observes ``changed``, never another observer. GUI thread, except :meth:`SlideDocument.read_result`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QUndoStack

from desktop_app.domain.annotation import Annotation, Origin, ReviewState
from desktop_app.domain.annotation_chunk import EMPTY_CHUNK, AnnotationChunk, id_array, ids_of
from desktop_app.domain.annotation_classes import with_missing
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.column_edits import (
    made_by_models,
    of_other_class,
    unlocked,
    with_class,
    with_locked,
    with_review,
)
from desktop_app.domain.edits import AnnotationChange, Classes, Edit, is_reworked, reviewed, utc_now
from desktop_app.domain.importing import import_edit
from desktop_app.domain.slide_info import Mpp
from desktop_app.engine.job import MppOverride
from desktop_app.errors import CoverslipError
from desktop_app.slides import Slide
from desktop_app.storage.geojson import GeoJsonContent, read_geojson
from desktop_app.storage.journal import Journal, Stored
from desktop_app.storage.journal_lock import Holder
from desktop_app.storage.journal_store import EditRecord
from desktop_app.storage.journal_ways import Way
from desktop_app.ui.background import Background
from desktop_app.ui.models.aside import Aside
from desktop_app.ui.models.edit_command import EditCommand
from desktop_app.ui.models.giving_way import GivingWay
from desktop_app.ui.translation import tr

LARGE_STEP = 2_000
"""A step of more objects is worked out and stored on the pool."""

Ids: TypeAlias = Iterable[UUID] | NDArray[np.bytes_]
"""Ids of annotations; as an array (``S16``) where they may be very many."""

ColumnChange: TypeAlias = Callable[[AnnotationChunk], tuple[AnnotationChunk, AnnotationChunk]]
"""Gives those of some annotations that a step changes, before and after it; any thread."""

RETRY_MS = 3_000
"""Before the disk is asked again after it has refused."""


class SlideDocument(QObject):
    """One slide, its annotations and their history.

    Parameters
    ----------
    slide : Slide
        Open; closed by :meth:`close`.
    journal : Journal
        The journal of the slide's id; closed by :meth:`close`.
    background : Background | None
        Where large shapes are made to give way to their neighbors; None to do it at once.

    Attributes
    ----------
    background : Background | None
        The pool.
    no_overlap : bool
        Whether what a person draws or reshapes gives way to areas of other classes.
    refusal : CoverslipError | None
        Why the last step is not on disk, where that was refused; it is tried again until it is there.

    Notes
    -----
    ``changed(AnnotationChange)`` follows every step, undo and redo included. ``saved()`` follows when the
    step is on disk, ``unsaved(CoverslipError)`` when the disk refused. ``failed(CoverslipError)`` says that
    an undo or redo could not be done.
    ``access_changed()`` says that :attr:`read_only` may be another now.
    ``rescaled()`` says that the slide's pixel size was set. Several views may show one document; the last
    to :meth:`release` it closes it.
    """

    changed = Signal(object)
    access_changed = Signal()
    rescaled = Signal()
    saved = Signal()
    unsaved = Signal(object)
    failed = Signal(object)
    _synced = Signal()
    _sync_failed = Signal(object)

    def __init__(
        self,
        slide: Slide,
        journal: Journal,
        *,
        background: Background | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.slide = slide
        self.journal = journal
        self.background = background
        self.undo_stack = QUndoStack(self)
        self.mpp_override: MppOverride | None = None
        self.no_overlap = False
        self._aside = Aside(background)
        self._storing = False
        self._giving_way = GivingWay(self, background)
        self.refusal: CoverslipError | None = None
        self._retry = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._retry.timeout.connect(journal.sync_again)
        self._still = False
        self._closed = False
        self._holders = 0
        self._fill_undo_stack()
        self._synced.connect(self._tell_saved, Qt.ConnectionType.QueuedConnection)
        self._sync_failed.connect(self._tell_unsaved, Qt.ConnectionType.QueuedConnection)
        journal.on_synced = self._synced.emit
        journal.on_sync_failed = self._sync_failed.emit

    @property
    def snapshot(self) -> AnnotationSnapshot:
        """The present annotations; never changes, so any thread may keep it."""
        return self.journal.snapshot

    @property
    def read_only(self) -> bool:
        """Whether another process is writing these annotations, so that they can only be looked at."""
        return self.journal.read_only

    @property
    def author(self) -> str:
        """Who annotates."""
        return self.journal.author

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed."""
        return not self._closed

    def hold(self) -> None:
        """Another view shows it."""
        self._holders += 1

    def release(self) -> None:
        """A view does so no more; the last one closes it. Raises as :meth:`close`."""
        self._holders -= 1
        if self._holders <= 0:
            self.close()

    def set_pixel_size(self, override: MppOverride) -> None:
        """Take the user's word on the pixel size."""
        self.mpp_override = override
        self.slide.set_mpp((override.mpp, override.mpp), "given")
        self.rescaled.emit()

    def set_table_mpp(self, mpp: Mpp | None) -> None:
        """Take what a table of the folder says of the pixel size, or that it says nothing any more.

        What the file says, and the user's word on this very slide, go before it.
        """
        info = self.slide.info
        if self.mpp_override is not None or info.mpp_source in {"metadata", "tiff_tag"} or info.mpp == mpp:
            return
        if mpp is None:
            self.slide.forget_mpp()
        else:
            self.slide.set_mpp(mpp, "table")
        self.rescaled.emit()

    def withhold(self, holder: Holder | None) -> None:
        """Only look from now on, since somebody else annotates the slide."""
        self.journal.withhold(holder)
        self.access_changed.emit()

    def allow(self) -> None:
        """Annotate again after :meth:`withhold`."""
        self.journal.allow()
        self.access_changed.emit()

    def arrive(self, way: Way) -> None:
        """Show another state of the history, with an undo stack that leads to it.

        Raises
        ------
        StorageError
            If it cannot be stored; nothing changed then.
        """
        self._aside.finish()
        change = self.journal.take(way)
        self._fill_undo_stack()
        self.changed.emit(change)

    def commit(self, edit: Edit) -> AnnotationChange:
        """Store an edit and show it; it is finished when this returns.

        Raises
        ------
        StorageError
            If it cannot be stored; nothing changed then.
        AnnotationError
            If it does not fit the present state; nothing changed then.
        """
        self._aside.finish()
        parent_id = self._present_id()
        change = self.journal.append(edit)
        self._push(edit, parent_id)
        self.changed.emit(change)
        return change

    def commit_large(
        self,
        make: Callable[[AnnotationSnapshot], Edit | None],
        done: Callable[[], object],
        failed: Callable[[CoverslipError], None],
    ) -> None:
        """Make and commit an edit of any size without holding up the window; the next step waits for it.

        Parameters
        ----------
        make : Callable[[AnnotationSnapshot], Edit | None]
            Gives the edit, on the pool; None if there is nothing to do.
        done : Callable[[], object]
            Called when it is stored and shown.
        failed : Callable[[CoverslipError], object]
            Called with what :meth:`commit` raises; nothing changed then.
        """
        self._aside.finish()
        self._storing = True

        def arrive(stored: Stored | None) -> None:
            self._storing = False
            if stored is not None:
                parent_id = self._present_id()
                change = self.journal.take_stored(stored)
                self._push(stored.record, parent_id)
                self.changed.emit(change)
            done()

        def refuse(error: CoverslipError) -> None:
            self._storing = False
            failed(error)

        try:
            work = self.journal.storing(make)
        except CoverslipError as error:
            refuse(error)
        else:
            self._aside.run(work, arrive, refuse)

    def amend(self, edit: Edit) -> AnnotationChange:
        """Put an edit in the place of the last one, as the same step; raises as :meth:`commit`."""
        self._aside.finish()
        change = self.journal.amend(edit)
        with self._standing_still():
            self.undo_stack.undo()
        self._push(edit, self._present_id())
        self.changed.emit(change)
        return change

    def change(
        self, label: str, *, before: Sequence[Annotation] = (), after: Sequence[Annotation] = ()
    ) -> AnnotationChange | None:
        """Commit what the user did; a model's object that was reworked is marked as edited by them.

        Where areas must not overlap, they give way to their neighbors; see
        :class:`desktop_app.ui.models.giving_way.GivingWay`. Returns None, and does nothing, if both are
        empty. Raises as :meth:`commit`, and a ``GeometryError`` if nothing would be left of an area.
        """
        if not len(before) and not len(after):
            return None
        if self.no_overlap:
            return self._giving_way.change(label, before, after)
        return self.commit(self.edit_of(label, before, after))

    def edit_of(self, label: str, before: Sequence[Annotation], after: Sequence[Annotation]) -> Edit:
        """What the user did, as an edit; a model's object that was reworked is marked as edited by them."""
        utc, old = utc_now(), {annotation.id: annotation for annotation in before}
        marked = tuple(self._marked(old.get(annotation.id), annotation, utc) for annotation in after)
        return Edit.create(label, self.author, before=before, after=marked)

    def add(self, annotations: Sequence[Annotation], label: str) -> AnnotationChange | None:
        """Add annotations as one step; raises as :meth:`commit`."""
        return self.change(label, after=annotations)

    def remove(self, ids: Ids) -> AnnotationChange | None:
        """Remove annotations as one step; locked ones stay. Raises as :meth:`commit`.

        Very many are removed as :meth:`commit_large` does; None is returned then, too.
        """
        return self._change_columns(tr("Delete"), ids, lambda found: (unlocked(found), EMPTY_CHUNK))

    def set_class(self, ids: Ids, class_name: str | None) -> AnnotationChange | None:
        """Give annotations another class as one step; locked ones keep theirs. Raises as :meth:`commit`.

        Very many, and those of the next two, are changed as :meth:`commit_large` does; None is returned then.
        """
        chosen, label, utc = _array_of(ids), tr("Set class"), utc_now()

        def change(found: AnnotationChunk) -> tuple[AnnotationChunk, AnnotationChunk]:
            before = of_other_class(unlocked(found), class_name)
            return before, with_review(with_class(before, class_name), "edited", self.author, utc)

        if len(chosen) > LARGE_STEP or not self.no_overlap:
            return self._change_columns(label, chosen, change)
        before, after = change(self.snapshot.columns(chosen))
        return self.change(label, before=tuple(before), after=tuple(after))

    def set_locked(self, ids: Ids, locked: bool) -> AnnotationChange | None:
        """Lock or unlock annotations as one step; raises as :meth:`commit`."""

        def change(found: AnnotationChunk) -> tuple[AnnotationChunk, AnnotationChunk]:
            before = found.take(np.flatnonzero(found.locked != locked))
            return before, with_locked(before, locked)

        return self._change_columns(tr("Lock") if locked else tr("Unlock"), ids, change)

    def set_review(self, ids: Ids, state: ReviewState) -> AnnotationChange | None:
        """Accept or reject a model's objects as one step; what a person drew stays as it is.

        Raises as :meth:`commit`.
        """
        utc, labels = utc_now(), {"accepted": tr("Accept"), "rejected": tr("Reject")}

        def change(found: AnnotationChunk) -> tuple[AnnotationChunk, AnnotationChunk]:
            before = made_by_models(found)
            return before, with_review(before, state, self.author, utc)

        return self._change_columns(labels.get(state, tr("Review")), ids, change)

    def set_classes(self, classes: Classes, label: str) -> AnnotationChange:
        """Replace the class list as one step; raises as :meth:`commit`."""
        return self.commit(Edit.of_classes(label, self.author, before=self.snapshot.classes, after=classes))

    def read_result(self, path: Path) -> GeoJsonContent:
        """Read the tissue and regions of a result's file in the slide's coordinates; any thread.

        Raises
        ------
        AnnotationFormatError, StorageError
            If it cannot be read.
        """
        bounds = self.slide.info.bounds
        offset = (float(bounds[0]), float(bounds[1])) if bounds is not None else (0.0, 0.0)
        return read_geojson(path, offset=offset, object_types=("annotation",))

    def merge_result(self, result: GeoJsonContent | Path, run_id: str) -> AnnotationChange | None:
        """Add a run's tissue and regions as one step; its tiles stay in the result file.

        The objects of former runs stay as they are, whether a person has touched them or not: each run is
        a layer of its own, told apart by its run id. Objects of this run that are there already are left
        alone.

        Parameters
        ----------
        result : GeoJsonContent | Path
            What :meth:`read_result` returned, or the file.
        run_id : str
            For objects that do not carry it themselves.

        Returns
        -------
        AnnotationChange | None
            None if there was nothing to add. Raises as :meth:`commit` and :meth:`read_result`.
        """
        content = self.read_result(result) if isinstance(result, Path) else result
        regions = [found for found in content.annotations if found.object_type == "annotation"]
        there = self.snapshot.holds(ids_of(regions)).tolist()
        new = [
            replace(found, origin=found.origin or Origin(run_id, ""))
            for found, known in zip(regions, there, strict=True)
            if not known
        ]
        return self._add_content(tr("Add results of a run"), (), new, content) if new else None

    def import_edit(self, content: GeoJsonContent, source: str) -> Edit | None:
        """The edit that adds what was read from a file; None if there is nothing to add. Any thread.

        Parameters
        ----------
        content : GeoJsonContent
            In the slide's coordinates.
        source : str
            The file's name, for the undo menu.
        """
        label = tr("Import {file}", file=source)
        return import_edit(
            self.snapshot, content.annotations, content.classes, label=label, author=self.author
        )

    def finish(self) -> None:
        """Wait for what is still worked out on the pool, and take it."""
        self._giving_way.finish()
        self._aside.finish()

    def close(self) -> None:
        """Wait until everything is on disk and close journal and slide; may be called again.

        Raises
        ------
        StorageError
            If the last step could not be synced.
        """
        if self._closed:
            return
        self.finish()
        self._closed = True
        self._retry.stop()
        self.journal.on_synced = None
        self.journal.on_sync_failed = None
        try:
            self.journal.close()
        finally:
            self.slide.close()

    def _add_content(
        self, label: str, before: Sequence[Annotation], after: Sequence[Annotation], content: GeoJsonContent
    ) -> AnnotationChange:
        present = self.snapshot.classes
        used = {annotation.class_name for annotation in after}
        classes = with_missing(present, (entry for entry in content.classes if entry.name in used))
        edit = Edit.create(label, self.author, before=before, after=after)
        if classes != present:
            edit = replace(edit, classes_before=present, classes_after=classes)
        return self.commit(edit)

    def _marked(self, before: Annotation | None, after: Annotation, utc: str) -> Annotation:
        if before is None or before.origin is None or not is_reworked(before, after):
            return after
        return reviewed(after, "edited", self.author, utc)

    def _change_columns(self, label: str, ids: Ids, change: ColumnChange) -> AnnotationChange | None:
        """Change annotations as one step, very many on the pool."""
        chosen = _array_of(ids)

        def make(snapshot: AnnotationSnapshot) -> Edit | None:
            before, after = change(snapshot.columns(chosen))
            return Edit.create(label, self.author, before=before, after=after) if len(before) else None

        if len(chosen) > LARGE_STEP:
            self.commit_large(make, lambda: None, self.failed.emit)
            return None
        edit = make(self.snapshot)
        return None if edit is None else self.commit(edit)

    def _push(self, edit: Edit | EditRecord, parent_id: UUID | None) -> None:
        with self._standing_still():
            self.undo_stack.push(EditCommand(edit.label, edit.edit_id, parent_id, self._travel))

    def _present_id(self) -> UUID | None:
        index = self.undo_stack.index()
        command = self.undo_stack.command(index - 1) if index else None
        return command.edit_id if isinstance(command, EditCommand) else None

    def _fill_undo_stack(self) -> None:
        """Make the stack what it was when the slide was closed."""
        done, undone = self.journal.undo_path, self.journal.redo_path
        with self._standing_still():
            self.undo_stack.clear()
            previous: EditRecord | None = None
            for record in (*done, *undone):
                parent = None if previous is None else previous.edit_id
                self.undo_stack.push(EditCommand(record.label, record.edit_id, parent, self._travel))
                previous = record
            self.undo_stack.setIndex(len(done))

    def _travel(self, edit_id: UUID | None) -> None:
        """Undo and redo: called by the stack, which cannot be told that it failed and is refilled then."""
        if self._still:
            return
        storing = self._aside.is_busy and self._storing
        self._aside.finish()
        if storing:  # the stack has got a step that it did not know of
            QTimer.singleShot(0, self, self._fill_undo_stack)
            return
        try:
            if self._is_far(edit_id):
                self._aside.run(self.journal.way_to(edit_id), self._arrive_there, self._stay)
            else:
                self.changed.emit(self.journal.move_cursor(edit_id))
        except CoverslipError as error:
            self._stay(error)

    def _is_far(self, edit_id: UUID | None) -> bool:
        """Whether a step takes back or brings back so many objects that it would be felt."""
        ends = (self.journal.cursor, self.journal.record(edit_id))
        return any(self.journal.object_count(end.seq) > LARGE_STEP for end in ends if end is not None)

    def _arrive_there(self, way: Way) -> None:
        try:
            change = self.journal.take(way)
        except CoverslipError as error:
            self._stay(error)
        else:
            self.changed.emit(change)

    def _stay(self, error: CoverslipError) -> None:
        QTimer.singleShot(0, self, self._fill_undo_stack)
        self.failed.emit(error)

    @contextmanager
    def _standing_still(self) -> Iterator[None]:
        """While the stack is brought in line with the journal, its commands do nothing."""
        self._still = True
        try:
            yield
        finally:
            self._still = False

    def _tell_saved(self) -> None:
        self.refusal = None
        self.saved.emit()

    def _tell_unsaved(self, error: CoverslipError) -> None:
        if not self._closed:
            self.refusal = error
            self._retry.start()
            self.unsaved.emit(error)


def _array_of(ids: Ids) -> NDArray[np.bytes_]:
    return ids if isinstance(ids, np.ndarray) else id_array(ids)
