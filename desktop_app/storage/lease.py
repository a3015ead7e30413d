"""Who annotates a slide among several workstations: a small file beside the slide that keeps changing.

The journal's lock covers one machine; a slide on a network share may be opened on two. The holder of the
lease counts up a number in its file every few seconds. Whoever finds somebody else's lease only looks, and
watches whether the number moves, by its own monotonic clock: what a clock on the wall says, here or there,
decides nothing. A lease that has stood still for three beats may be taken over, after the user was asked.

Every step reads or writes on the share and is therefore made on a thread of its own, which
``ui.slide_leases`` hears through ``on_changed``; :class:`SlideLease` itself is one thread's at a time.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import orjson

from desktop_app.storage.journal_lock import Holder

BEAT_S = 10.0
"""Between two changes of the holder's file."""

STALE_BEATS = 3
"""Without a change for longer than so many beats, the holder is taken to be gone."""

PATIENCE_S = 2.0
"""How long closing waits for a share that does not answer."""

LeaseState: TypeAlias = Literal["none", "held", "elsewhere", "stale", "free", "lost", "away"]
"""What is known of the lease.

``none``: the folder takes no file, so that only the lock of this machine counts. ``held``: we have it.
``elsewhere``: somebody else has it. ``stale``: they have not been heard of for three beats. ``free``: they
have let it go. ``lost``: it was ours, and somebody took it over. ``away``: it is ours, but the folder cannot
be reached.
"""

WRITABLE: frozenset[LeaseState] = frozenset({"none", "held", "away"})
"""States in which the annotations may be changed here."""


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """What the file says.

    Attributes
    ----------
    user, host, pid, since
        As in :class:`desktop_app.storage.journal_lock.Holder`, for the eyes of others only.
    station : str
        The workstation, which has one journal of the slide and one lock on it.
    instance : str
        The opening of the slide that holds it; new each time.
    beat : int
        Counts up.
    """

    user: str
    host: str
    pid: int
    since: str
    station: str
    instance: str
    beat: int = 0

    @classmethod
    def of(cls, holder: Holder, station: str) -> LeaseRecord:
        """The record of a slide that is being opened."""
        return cls(holder.user, holder.host, holder.pid, holder.since, station, uuid.uuid4().hex)

    @property
    def holder(self) -> Holder:
        """Who it is, for a sentence."""
        return Holder(self.user, self.host, self.pid, self.since)


def lease_path(slide: Path) -> Path:
    """The lease's file of a slide."""
    return slide.with_name(f".{slide.name}.coverslip-lease")


def station_id(user_data: Path, host: str) -> str:
    """A name for this workstation and user, made once; machines that share a home differ by their host.

    Where it cannot be kept it is new each time, which only means that a lease of one's own after a crash is
    asked about.
    """
    path = user_data / "station"
    with suppress(OSError, UnicodeDecodeError):
        kept = path.read_text(encoding="ascii").strip()
        if kept:
            return f"{host}/{kept}"
    made = uuid.uuid4().hex
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="ascii")
    return f"{host}/{made}"


class SlideLease:
    """The lease of one slide as one opening of it sees it; see :meth:`step`.

    Parameters
    ----------
    path : Path
        See :func:`lease_path`.
    record : LeaseRecord
        Who we are.
    beat_s : float
        Seconds between two steps.
    monotonic : Callable[[], float]
        Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        path: Path,
        record: LeaseRecord,
        *,
        beat_s: float = BEAT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.state: LeaseState = "none"
        self.other: Holder | None = None
        self._record = record
        self._beat_s = beat_s
        self._monotonic = monotonic
        self._watched: bytes | None = None
        self._watched_since = 0.0
        self._looks = 0
        self._begun = False

    def step(self) -> LeaseState:
        """Take, renew or watch the lease, whatever is due; called every beat."""
        if self.state in ("held", "away"):
            self.state = self._renewed()
        elif not self._begun:
            self.state = self._taken()
        elif self.state == "lost":
            seen = self._watching()
            self.state = "lost" if seen == "elsewhere" else seen
        elif self.state != "none":
            self.state = self._watching()
        self._begun = True
        return self.state

    def take_over(self) -> LeaseState:
        """Take the lease although somebody else's file is there; to be asked of the user before."""
        self.state = "held" if self._write() else "none"
        return self.state

    def release(self) -> None:
        """Remove our file; somebody else's stays."""
        if self.state in ("held", "away"):
            with suppress(OSError):
                if self._is_ours(self.path.read_bytes()):
                    self.path.unlink()
        self.state = "none"

    def _taken(self) -> LeaseState:
        """Make the file if there is none; what a process of this workstation left behind is ours."""
        try:
            with self.path.open("xb") as file:
                file.write(self._bytes())
        except FileExistsError:
            return self._met()
        except OSError:
            return "none"
        return "held"

    def _met(self) -> LeaseState:
        content = self._read()
        if content is None:
            return "none"
        found = _parsed(content)
        # We have this workstation's lock on the journal, so the process that wrote this is gone.
        if found is not None and found.station == self._record.station:
            return "held" if self._write() else "none"
        return self._watching()

    def _renewed(self) -> LeaseState:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            if not self.path.parent.is_dir():
                return "away"
            taken = self._taken()  # somebody has tidied up, or the share came back without it
            return "lost" if taken == "elsewhere" else "held"
        except OSError:
            return "away"
        if not self._is_ours(content):
            self._remember(content)
            return "lost"
        self._write()  # refused (a full disk), it is still ours until somebody takes it over
        return "held"

    def _watching(self) -> LeaseState:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return "free" if self.path.parent.is_dir() else self.state
        except OSError:
            return self.state
        now = self._monotonic()
        if content != self._watched:
            self._remember(content)
            self._watched, self._watched_since, self._looks = content, now, 0
        self._looks += 1
        # Looked at often enough as well: this machine may have slept while its clock went on.
        stood_still = now - self._watched_since > STALE_BEATS * self._beat_s and self._looks > STALE_BEATS
        return "stale" if stood_still else "elsewhere"

    def _remember(self, content: bytes) -> None:
        found = _parsed(content)
        self.other = None if found is None else found.holder

    def _is_ours(self, content: bytes) -> bool:
        found = _parsed(content)
        return found is not None and found.instance == self._record.instance

    def _read(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except OSError:
            return None

    def _bytes(self) -> bytes:
        self._record = replace(self._record, beat=self._record.beat + 1)
        return orjson.dumps(asdict(self._record))

    def _write(self) -> bool:
        """Put our record in the file's place, whole; it may be empty for no one who reads it meanwhile."""
        temporary = self.path.with_name(f".{uuid.uuid4().hex[:12]}.tmp")
        try:
            temporary.write_bytes(self._bytes())
            temporary.replace(self.path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            return False
        return True


class LeaseThread:
    """Steps a lease every beat until it is closed.

    Parameters
    ----------
    lease : SlideLease
        This thread's from now on.
    on_changed : Callable[[LeaseState, Holder | None], None]
        Called on this thread with each new state and who else has or had the lease.
    """

    def __init__(
        self,
        lease: SlideLease,
        on_changed: Callable[[LeaseState, Holder | None], None],
        *,
        beat_s: float = BEAT_S,
    ) -> None:
        self._lease = lease
        self._on_changed = on_changed
        self._beat_s = beat_s
        self._wake = threading.Event()
        self._over = False
        self._take_over = False
        self._thread = threading.Thread(target=self._run, name="slide-lease", daemon=True)
        self._thread.start()

    def take_over(self) -> None:
        """Take the lease at the next step, which is made at once."""
        self._take_over = True
        self._wake.set()

    def close(self) -> None:
        """Give the lease back and end; waits a moment only, for the share may not answer."""
        self._over = True
        self._wake.set()
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        told: tuple[LeaseState, Holder | None] | None = None
        while not self._over:
            wanted, self._take_over = self._take_over, False
            state = self._lease.take_over() if wanted else self._lease.step()
            known = (state, self._lease.other)
            if known != told and not self._over:
                self._on_changed(*known)
            told = known
            self._wake.wait(self._beat_s)
            self._wake.clear()
        self._lease.release()


def _parsed(content: bytes) -> LeaseRecord | None:
    try:
        return LeaseRecord(**orjson.loads(content))
    except (ValueError, TypeError):
        return None
