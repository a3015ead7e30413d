"""The journal of a slide: every edit ever made, in order, never lost and never deleted.

An edit is finished when :meth:`Journal.append` returns: it then survives the death of the process. It
survives a power cut as soon as ``on_synced`` has been called, a few milliseconds later; the next edit waits
for that. Undo and redo move a cursor, so an undone branch stays in the history.

Opened on any thread, then used on the GUI thread alone; only an edit of very many objects is applied and
committed on the pool (:meth:`Journal.storing`). The sync of the log and the checkpoints run on threads of
their own; ``on_synced`` is called on one of them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from uuid import UUID

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import (
    AnnotationChange,
    Edit,
    apply,
    change_of,
    check,
    difference,
    inverse,
    utc_now,
)
from desktop_app.errors import AnnotationError, CoverslipError, StorageError
from desktop_app.storage.atomic import sync_folder
from desktop_app.storage.checkpoints import (
    list_checkpoints,
    read_checkpoint,
    remove_checkpoints,
    write_checkpoint,
)
from desktop_app.storage.journal_lock import Holder, JournalLock
from desktop_app.storage.journal_mark import JournalMark, read_mark, write_mark
from desktop_app.storage.journal_store import (
    START,
    EditRecord,
    JournalStore,
    StoredLog,
    empty_log,
    fold_log,
    has_content,
    put_aside,
    refusal,
)
from desktop_app.storage.journal_ways import Way, ancestors, find_way
from desktop_app.storage.sync import StorageThread, sync_file

CHECKPOINT_EVERY = 200
"""Edits between two checkpoints; an edit of more than ``LARGE_EDIT`` objects counts as several."""

LARGE_EDIT = 250

SYNC_WAIT_S = 0.0005
"""A committed edit waits at most so long for its sync before it is applied; most disks are done by then.

What is computed meanwhile would hold up the storage thread, and the system's threads on few processors.
"""

FOLD_BYTES = 4 << 20
"""A write-ahead log larger than this is folded into the database in the background."""


NAME = "journal.sqlite"


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """An edit that was committed aside; see :meth:`Journal.storing`.

    Attributes
    ----------
    record : EditRecord
        As the history shows it.
    weight : int
        How many objects it touches.
    change : AnnotationChange
        The state after it, and what is different.
    """

    record: EditRecord
    weight: int
    change: AnnotationChange


class Journal:
    """The annotations of one slide and their history; see :meth:`open`.

    Attributes
    ----------
    folder : Path
        Where its files are.
    author : str
        Who moves the cursor; an edit carries its own author.
    snapshot : AnnotationSnapshot
        The present state.
    holder : Holder | None
        Who has the journal open for writing, where this one is read-only.
    obstacle : StorageError | None
        Why nothing can be stored, where it was opened by :meth:`open_to_look`.
    recovery_note : str
        One sentence where damage was found at opening; empty otherwise.
    on_synced : Callable[[], None] | None
        Called on the storage thread after each sync to disk.
    on_sync_failed : Callable[[CoverslipError], None] | None
        Called on the storage thread where a sync failed; the next edit is refused for it as well.
    """

    def __init__(
        self,
        folder: Path,
        *,
        author: str,
        clock: Callable[[], str],
        lock: JournalLock,
        store: JournalStore | None,
    ) -> None:
        """Use :meth:`open`; this only puts the parts together."""
        self.folder = folder
        self.author = author
        self.snapshot = AnnotationSnapshot.empty()
        self.holder: Holder | None = None
        self.obstacle: StorageError | None = None
        self.recovery_note = ""
        self.on_synced: Callable[[], None] | None = None
        self.on_sync_failed: Callable[[CoverslipError], None] | None = None
        self._withheld = False
        self._names_synced = False
        self._clock = clock
        self._lock = lock
        self._store = store
        self._log = StoredLog({}, START)
        self._cursor = START
        self._seqs: dict[UUID, int] = {}
        self._syncing = StorageThread("journal-sync")
        self._checkpointing = StorageThread("journal-checkpoint")
        self._pending = threading.Event()
        self._pending.set()
        self._synced = threading.Event()
        self._since_checkpoint = 0
        self._closed = False

    @classmethod
    def open(cls, folder: Path, *, author: str, clock: Callable[[], str] = utc_now) -> Journal:
        """Open or make the journal in a folder; read-only if another process is writing it.

        Parameters
        ----------
        folder : Path
            ``locations.journals / slide_id``; made if missing.
        author : str
            The user's name.
        clock : Callable[[], str]
            Now as ISO 8601 UTC.

        Raises
        ------
        StorageError
            If the folder cannot be used.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(folder, error.strerror or str(error)) from error
        lock = JournalLock(folder / "journal.lock")
        writable = lock.acquire(Holder.this_process(clock()))
        path = folder / NAME
        journal = cls(folder, author=author, clock=clock, lock=lock, store=None)
        journal.holder = None if writable else lock.holder()
        try:
            journal._start(path, writable=writable)
        except BaseException:
            journal.close()
            raise
        return journal

    @classmethod
    def open_to_look(cls, folder: Path, *, author: str, obstacle: StorageError) -> Journal:
        """The journal of a folder into which nothing can be stored, for instance on a full disk.

        Parameters
        ----------
        folder, author
            As for :meth:`open`.
        obstacle : StorageError
            What :meth:`open` raised.

        Raises
        ------
        StorageError
            If what is there cannot be read.
        """
        lock = JournalLock(folder / "journal.lock")
        journal = cls(folder, author=author, clock=utc_now, lock=lock, store=None)
        journal.obstacle = obstacle
        try:
            journal._start(folder / NAME, writable=False, alone=True)
        except BaseException:
            journal.close()
            raise
        return journal

    @property
    def read_only(self) -> bool:
        """Whether another process or workstation is writing, so that this one can only look."""
        return self._withheld or not self._lock.held

    def withhold(self, holder: Holder | None) -> None:
        """Only look from now on, since somebody annotates the slide on another workstation."""
        self._withheld = True
        self.holder = holder

    def allow(self) -> None:
        """Write again after :meth:`withhold`, unless another process of this machine does."""
        self._withheld = False
        if self._lock.held:
            self.holder = None

    @property
    def cursor(self) -> EditRecord | None:
        """The edit whose result is the present state; None for the empty start."""
        return self._log.records.get(self._cursor)

    def record(self, edit_id: UUID | None) -> EditRecord | None:
        """An edit of the history without its annotations; None for the start and for what is not there."""
        return None if edit_id is None else self._log.records.get(self._seqs.get(edit_id, START))

    @property
    def undo_path(self) -> tuple[EditRecord, ...]:
        """The edits that made the present state, oldest first."""
        return tuple(self._log.records[seq] for seq in ancestors(self._log.records, self._cursor))

    @property
    def redo_path(self) -> tuple[EditRecord, ...]:
        """The edits that redo would bring back, next first; where branches part, the latest one."""
        latest = {record.parent: record for record in self._log.records.values()}
        path = []
        seq = self._cursor
        while seq in latest:
            path.append(latest[seq])
            seq = latest[seq].seq
        return tuple(path)

    @property
    def history(self) -> tuple[EditRecord, ...]:
        """Every edit ever made, undone ones included, in the order they were made."""
        return tuple(self._log.records.values())

    def history_since(self, seq: int) -> tuple[EditRecord, ...]:
        """The edits of the history with a higher number, in the order they were made; costs those alone."""
        newer = takewhile(lambda record: record.seq > seq, reversed(self._log.records.values()))
        return tuple(newer)[::-1]

    def object_count(self, seq: int) -> int:
        """How many objects an edit of the history touches, without reading them.

        Raises
        ------
        StorageError
            If the journal cannot be read.
        """
        return 0 if self._store is None else self._store.object_count(seq)

    @property
    def slide_paths(self) -> tuple[str, ...]:
        """The slide files that this journal was opened for."""
        return () if self._store is None else self._store.paths()

    def remember_slide_path(self, path: Path) -> None:
        """Add a slide file to :attr:`slide_paths`."""
        if not self.read_only:
            self._writable().add_path(str(path))

    def edit(self, edit_id: UUID) -> Edit:
        """An edit of the history with its annotations.

        Raises
        ------
        StorageError
            If it is not there or damaged.
        """
        return self._edit(self._seq_of(edit_id))

    def append(self, edit: Edit) -> AnnotationChange:
        """Apply an edit and store it; it is finished when this returns.

        Raises
        ------
        StorageError
            If it cannot be stored (a full disk, a journal open elsewhere); nothing changed then.
        AnnotationError
            If it does not fit the present state; nothing changed then.
        """
        check(self.snapshot, edit)
        record = self._commit(edit, self._cursor)
        try:
            self._synced.wait(SYNC_WAIT_S)
            after = apply(self.snapshot, edit)
        except BaseException:
            self._take_back()
            raise
        self._took(record, len(edit.before) + len(edit.after), after)
        return change_of(after, edit)

    def amend(self, edit: Edit) -> AnnotationChange:
        """Store an edit in the place of the present one, which stays in the history as a branch left.

        One entry does it, so that there is no moment in which neither counts. Raises as :meth:`append`.
        """
        record = self.cursor
        if record is None:
            raise AnnotationError("There is no edit to amend.")
        present = self._edit(record.seq)
        before = self.snapshot
        after = apply(apply(before, inverse(present)), edit)
        amended = self._commit(edit, record.parent)
        self._took(amended, len(edit.before) + len(edit.after), after)
        return difference(before, after, [present, edit])

    def storing(self, make: Callable[[AnnotationSnapshot], Edit | None]) -> Callable[[], Stored | None]:
        """What does the same as :meth:`append` on another thread, up to :meth:`take_stored`.

        The edit is made there, too, from the present state; None is returned where there is none to make.

        The edit is committed and synced when it returns, by a connection of its own. Until it is taken, this
        journal may be read, but not written.

        Raises
        ------
        StorageError
            If the journal is open elsewhere; the function returned, as :meth:`append`, as does
            AnnotationError.
        """
        last = self._writable().last_seq
        parent, before, pending = self._cursor, self.snapshot, self._pending

        def work() -> Stored | None:
            edit = make(before)
            if edit is None:
                return None
            change = change_of(apply(before, edit), edit)
            pending.wait()
            record = self._append_aside(edit, parent, last)
            with suppress(StorageError):  # there is no room: it is folded after a later edit
                empty_log(self.folder / NAME)
            return Stored(record, len(edit.before) + len(edit.after), change)

        return work

    def _append_aside(self, edit: Edit, parent: int, last_seq: int) -> EditRecord:
        path = self.folder / NAME
        try:
            with closing(JournalStore(path)) as store:
                store.count_from(last_seq)
                record = store.append_edit(parent, edit)
                sync_file(store.log_path)
        except sqlite3.Error as error:
            raise refusal(path, error) from error
        return record

    def take_stored(self, stored: Stored) -> AnnotationChange:
        """Go on from an edit that was stored aside; what changed."""
        self._writable().count_from(stored.record.seq)
        self._note(stored.record)
        self._took(stored.record, stored.weight, stored.change.snapshot)
        return stored.change

    def _commit(self, edit: Edit, parent: int) -> EditRecord:
        """Store an edit and have it synced."""
        store = self._writable()
        self._wait_for_sync()
        record = store.append_edit(parent, edit)
        self._note(record)
        return record

    def _take_back(self) -> None:
        """Leave an edit as a branch that was committed but not applied, for instance for want of memory."""
        self._pending.wait()
        self._writable().append_move(self._cursor, self.author, self._clock())
        self._request_sync()

    def _note(self, record: EditRecord) -> None:
        self._log.records[record.seq] = record
        self._seqs[record.edit_id] = record.seq
        self._request_sync()

    def _took(self, record: EditRecord, weight: int, after: AnnotationSnapshot) -> None:
        """Go on from an edit that was committed."""
        self._cursor = record.seq
        self.snapshot = after
        self._since_checkpoint += 1 + weight // LARGE_EDIT
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            self._checkpoint()

    def move_cursor(self, edit_id: UUID | None) -> AnnotationChange:
        """Go to the state after an edit of the history, None for the empty start; undo and redo are this.

        Raises
        ------
        StorageError
            If it cannot be stored or an edit on the way is damaged; nothing changed then.
        """
        target = START if edit_id is None else self._seq_of(edit_id)
        return self.take(find_way(self._log.records, (self._cursor, self.snapshot), target, self._edit))

    def way_to(self, edit_id: UUID | None) -> Callable[[], Way]:
        """What computes the way to the state after an edit, on any thread, for :meth:`take`.

        Raises
        ------
        StorageError
            If the edit is not in the history; the function returned, if one on the way is damaged.
        """
        origin = self._cursor, self.snapshot
        target = START if edit_id is None else self._seq_of(edit_id)
        return lambda: self._read_way(origin, target)

    def take(self, way: Way) -> AnnotationChange:
        """Go a way; undo, redo and restoring a state of the history are this.

        Raises
        ------
        StorageError
            If it cannot be stored, or starts somewhere else; nothing changed then.
        """
        store = self._writable()
        if way.start != self._cursor:
            raise StorageError(self.folder, "the annotations have been changed meanwhile")
        self._wait_for_sync()
        store.append_move(way.target, self.author, self._clock())
        self._arrived(way.target, way.change.snapshot)
        return way.change

    def flush(self) -> None:
        """Wait until everything is on disk.

        Raises
        ------
        StorageError
            If the last sync failed.
        """
        self._wait_for_sync()

    def sync_again(self) -> None:
        """Try once more to bring everything to the disk; ``on_synced`` or ``on_sync_failed`` tells."""
        if not self.read_only:
            self._request_sync()

    def close(self) -> None:
        """Wait until everything is on disk, then let go; may be called again.

        Raises
        ------
        StorageError
            If the last sync failed.
        """
        if self._closed:
            return
        self._closed = True
        self._syncing.close()
        self._checkpointing.close()
        try:
            if self._store is not None:
                self._store.close()
        finally:
            self._lock.release()
        self._syncing.raise_failure()  # a checkpoint that failed only makes the next opening slower

    def _start(self, path: Path, *, writable: bool, alone: bool = False) -> None:
        if not writable and not has_content(path):
            return
        mark = read_mark(self.folder)  # before the rows, which another process may be adding to
        try:
            self._store = JournalStore(path, read_only=not writable, alone=alone)
            self._log = self._store.load()
        except sqlite3.OperationalError as error:
            raise refusal(path, error) from error
        except sqlite3.DatabaseError as error:
            if not writable:
                raise StorageError(path, str(error)) from error
            self._salvage(path)
        self._note_loss(mark)
        self._restore(writable=writable)

    def _note_loss(self, mark: JournalMark | None) -> None:
        """Say what had reached the disk once and is not there now."""
        last = 0 if self._store is None else self._store.last_seq
        lost = "" if mark is None else mark.loss(last, len(self._log.records))
        self.recovery_note = " ".join(filter(None, (self.recovery_note, lost)))

    def _salvage(self, path: Path) -> None:
        """Put a damaged database aside and go on with what can be read of it."""
        if self._store is not None:
            self._store.close()
        stamp = self._clock().replace(":", "").replace("+", "-")
        rows = put_aside(path, stamp)
        self._store = JournalStore(path)
        self._store.append_rows(rows)
        self._log = self._store.load()
        self.recovery_note = (
            f"The journal was damaged; {len(self._log.records)} edits could be read. "
            f"The damaged file was kept in {self.folder}."
        )

    def _restore(self, *, writable: bool) -> None:
        """Make the present state: the nearest checkpoint, then the edits after it."""
        self._seqs = {record.edit_id: seq for seq, record in self._log.records.items()}
        checkpoints = list_checkpoints(self.folder)
        path = ancestors(self._log.records, self._log.cursor)
        snapshot, saved = self._nearest_checkpoint(path, checkpoints)
        done = saved
        for seq in path[saved:]:
            try:
                snapshot = apply(snapshot, self._edit(seq))
            except (StorageError, AnnotationError) as error:
                lost = f"Edit {seq} of the journal and what followed it were lost: {error}"
                self.recovery_note = " ".join(filter(None, (self.recovery_note, lost)))
                break
            done += 1
        self.snapshot = snapshot
        self._cursor = path[done - 1] if done else START
        self._since_checkpoint = done - saved
        ahead = {seq: file for seq, file in checkpoints.items() if seq > max(self._log.records, default=0)}
        if writable and (ahead or self.recovery_note):
            self._recover(ahead)

    def _nearest_checkpoint(
        self, path: list[int], checkpoints: dict[int, Path]
    ) -> tuple[AnnotationSnapshot, int]:
        """The latest sound checkpoint on the way to the cursor, and how many edits it saves."""
        for done in range(len(path), 0, -1):
            file = checkpoints.get(path[done - 1])
            snapshot = None if file is None else read_checkpoint(file)
            if snapshot is not None:
                return snapshot, done
        return AnnotationSnapshot.empty(), 0

    def _recover(self, ahead: dict[int, Path]) -> None:
        """After damage: store where the cursor is, then take up a checkpoint that knows more than the rows.

        Checkpoints ahead of the rows are removed at the end, since their numbers will be given again.
        """
        self._writable().append_move(self._cursor, self.author, self._clock())
        self._arrived(self._cursor, self.snapshot)
        newest = next(filter(None, map(read_checkpoint, ahead.values())), None)
        if newest is not None:
            before, after = tuple(self.snapshot.iter_annotations()), tuple(newest.iter_annotations())
            self.append(Edit.create("Recovered annotations", self.author, before=before, after=after))
            self.recovery_note += " The annotations were taken from the latest checkpoint."
        self.flush()
        remove_checkpoints(ahead.values())

    def _read_way(self, origin: tuple[int, AnnotationSnapshot], target: int) -> Way:
        with closing(JournalStore(self.folder / NAME, read_only=True)) as store:
            return find_way(self._log.records, origin, target, store.edit)

    def _edit(self, seq: int) -> Edit:
        if self._store is None:
            raise StorageError(self.folder, "the journal is closed")
        return self._store.edit(seq)

    def _seq_of(self, edit_id: UUID) -> int:
        if edit_id not in self._seqs:
            raise StorageError(self.folder, "an edit of the undo list is not in the journal")
        return self._seqs[edit_id]

    def _writable(self) -> JournalStore:
        if self._store is None or self.read_only:
            who = self.holder.describe() if self.holder else "another window"
            raise StorageError(self.folder, f"{who} has this slide open for annotation")
        return self._store

    def _wait_for_sync(self) -> None:
        self._pending.wait()
        self._syncing.raise_failure()

    def _arrived(self, seq: int, snapshot: AnnotationSnapshot) -> None:
        """Take up a committed state and have it synced."""
        self._cursor = seq
        self.snapshot = snapshot
        self._request_sync()

    def _request_sync(self) -> None:
        store, records = self._writable(), self._log.records
        latest = records[next(reversed(records))].utc if records else ""
        log_path, mark = store.log_path, JournalMark(store.last_seq, len(records), latest)
        self._synced.clear()
        self._pending = self._syncing.submit(lambda: self._sync(log_path, mark))

    def _sync(self, log_path: Path, mark: JournalMark) -> None:
        try:
            sync_file(log_path)
            self._sync_names()
        except StorageError as error:
            complain = self.on_sync_failed
            if complain is not None:
                complain(error)
            raise
        self._syncing.forget_failure()  # one sync brings everything before it to the disk
        tell = self.on_synced  # the GUI thread may take it away at any moment
        if tell is not None:
            tell()
        self._synced.set()
        write_mark(self.folder, mark)
        if log_path.name.endswith("-wal") and log_path.stat().st_size > FOLD_BYTES:
            self._checkpointing.submit(self._fold)  # the next edit waits for this thread

    def _fold(self) -> None:
        with suppress(StorageError):  # there is no room: it is folded after a later edit
            fold_log(self.folder / NAME)

    def _sync_names(self) -> None:
        """Once: a file whose name is not on disk is as lost as one whose bytes are not."""
        if self._names_synced:
            return
        try:
            sync_folder(self.folder)
            sync_folder(self.folder.parent)
        except OSError as error:
            raise StorageError(self.folder, error.strerror or str(error)) from error
        self._names_synced = True

    def _checkpoint(self) -> None:
        self._since_checkpoint = 0
        seq, snapshot = self._cursor, self.snapshot
        self._checkpointing.submit(lambda: write_checkpoint(self.folder, seq, snapshot))
