"""The lease of a slide between workstations, with a clock of the test's own and with two processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from desktop_app.storage.journal_lock import Holder
from desktop_app.storage.lease import (
    STALE_BEATS,
    LeaseRecord,
    LeaseState,
    LeaseThread,
    SlideLease,
    lease_path,
    station_id,
)
from tests.support.lease_process import Workstation

BEAT_S = 10.0
QUICK_S = 0.2


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "공유"
    folder.mkdir()
    return folder


def lease_of(
    share: Path, station: str, clock: Clock, *, since: str = "2026-01-02T03:04:05.000+00:00"
) -> SlideLease:
    record = LeaseRecord.of(Holder("mina", station, 7, since), station)
    return SlideLease(lease_path(share / "slide.svs"), record, beat_s=BEAT_S, monotonic=clock)


def watch(lease: SlideLease, clock: Clock, *, beats: int) -> LeaseState:
    for _ in range(beats):
        clock.now += BEAT_S
        lease.step()
    return lease.state


def test_the_first_has_it_and_the_second_looks_and_knows_who(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    assert first.step() == "held"
    assert second.step() == "elsewhere"
    assert second.other == Holder("mina", "a", 7, "2026-01-02T03:04:05.000+00:00")
    assert [path.name for path in share.iterdir()] == [".slide.svs.coverslip-lease"]


def test_a_lease_that_moves_is_never_stale(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    second.step()
    for _ in range(20):
        first.step()
        assert watch(second, clock, beats=STALE_BEATS) == "elsewhere"


def test_a_lease_that_stands_still_is_stale_after_three_beats_and_taken_over(
    share: Path, clock: Clock
) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    second.step()
    assert watch(second, clock, beats=STALE_BEATS) == "elsewhere"
    assert watch(second, clock, beats=1) == "stale"
    assert second.take_over() == "held"
    assert watch(second, clock, beats=5) == "held"
    assert first.step() == "lost"
    assert first.other is not None
    assert first.other.host == "b"
    assert watch(first, clock, beats=2) == "lost"


def test_one_who_wakes_up_before_being_taken_over_keeps_it(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    second.step()
    assert watch(second, clock, beats=STALE_BEATS + 1) == "stale"
    assert first.step() == "held"
    assert second.step() == "elsewhere"


def test_a_clock_that_jumps_while_this_machine_slept_takes_nothing_over(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    second.step()
    clock.now += 1e5
    assert second.step() == "elsewhere"


@pytest.mark.parametrize("since", ["1999-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00", "gestern"])
def test_what_the_clock_on_the_wall_says_decides_nothing(share: Path, clock: Clock, since: str) -> None:
    first, second = lease_of(share, "a", clock, since=since), lease_of(share, "b", clock)
    first.step()
    assert second.step() == "elsewhere"
    first.step()
    assert watch(second, clock, beats=STALE_BEATS) == "elsewhere"
    assert second.other is not None
    assert second.other.since == since


def test_what_a_crash_of_this_workstation_left_is_taken_without_asking(share: Path, clock: Clock) -> None:
    crashed = lease_of(share, "a", clock)
    crashed.step()
    assert lease_of(share, "a", clock).step() == "held"
    assert crashed.step() == "lost"


def test_a_lease_that_is_given_back_is_free_for_the_other(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    second.step()
    first.release()
    assert second.step() == "free"
    assert second.take_over() == "held"
    first.release()
    assert second.step() == "held"
    second.release()
    assert list(share.iterdir()) == []


def test_a_share_that_vanishes_and_comes_back(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    second.step()
    gone = share.rename(share.with_name("gone"))
    assert watch(first, clock, beats=3) == "away"
    assert watch(second, clock, beats=9) == "elsewhere", "who cannot see the share knows nothing"
    gone.rename(share)
    assert first.step() == "held"
    assert second.step() == "elsewhere"


def test_a_share_that_comes_back_in_other_hands(share: Path, clock: Clock) -> None:
    first, second = lease_of(share, "a", clock), lease_of(share, "b", clock)
    first.step()
    gone = share.rename(share.with_name("gone"))
    first.step()
    gone.rename(share)
    second.step()
    second.take_over()
    assert first.step() == "lost"


def test_a_lease_that_was_tidied_away_is_made_again(share: Path, clock: Clock) -> None:
    first = lease_of(share, "a", clock)
    first.step()
    first.path.unlink()
    assert first.step() == "held"
    assert first.path.exists()


def test_a_folder_that_takes_no_file_leaves_only_the_lock_of_this_machine(share: Path, clock: Clock) -> None:
    lease = lease_of(share / "not there", "a", clock)
    assert lease.step() == "none"
    assert watch(lease, clock, beats=3) == "none"
    lease.release()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff" * 99, orjson.dumps({"user": "x"})])
def test_a_file_that_says_nothing_is_somebodys(share: Path, clock: Clock, content: bytes) -> None:
    lease_path(share / "slide.svs").write_bytes(content)
    lease = lease_of(share, "a", clock)
    assert lease.step() == "elsewhere"
    assert lease.other is None
    assert watch(lease, clock, beats=STALE_BEATS + 1) == "stale"


def test_a_station_keeps_its_name_and_machines_with_one_home_differ(tmp_path: Path) -> None:
    assert station_id(tmp_path / "data", "lab-1") == station_id(tmp_path / "data", "lab-1")
    assert station_id(tmp_path / "data", "lab-1") != station_id(tmp_path / "data", "lab-2")
    assert station_id(tmp_path / "data", "lab-1") != station_id(tmp_path / "other", "lab-1")


# ---- with threads and processes ---------------------------------------------------------------------


class Watcher:
    """This process's own lease on its thread, and every state it came to."""

    def __init__(self, path: Path) -> None:
        self.states: list[LeaseState] = []
        self.others: list[Holder | None] = []
        self._new = threading.Condition()
        record = LeaseRecord.of(Holder("jun", "b", 8, "2026-01-02T03:04:05.000+00:00"), "b")
        self.thread = LeaseThread(SlideLease(path, record, beat_s=QUICK_S), self._take, beat_s=QUICK_S)

    def _take(self, state: LeaseState, other: Holder | None) -> None:
        with self._new:
            self.states.append(state)
            self.others.append(other)
            self._new.notify()

    def wait_for(self, state: LeaseState) -> None:
        with self._new:
            assert self._new.wait_for(lambda: self.states[-1:] == [state], timeout=20), self.states


@contextmanager
def watcher(path: Path) -> Iterator[Watcher]:
    made = Watcher(path)
    try:
        yield made
    finally:
        made.thread.close()


@pytest.fixture
def path(share: Path) -> Path:
    return lease_path(share / "slide.svs")


@pytest.fixture
def workstation(path: Path) -> Iterator[Callable[[], Workstation]]:
    made: list[Workstation] = []

    def make() -> Workstation:
        made.append(Workstation(path, "a", beat_s=QUICK_S))
        assert made[-1].state() == "held"
        return made[-1]

    yield make
    for one in made:
        one.kill()


def test_two_processes_one_of_which_is_killed(path: Path, workstation: Callable[[], Workstation]) -> None:
    other = workstation()
    with watcher(path) as mine:
        mine.wait_for("elsewhere")
        assert mine.others[-1] == Holder("mina", "a", 7, "2026-01-02T03:04:05.000+00:00")
        time.sleep(5 * QUICK_S)
        assert mine.states == ["elsewhere"]
        other.kill()
        mine.wait_for("stale")
        mine.thread.take_over()
        mine.wait_for("held")
    assert not path.exists()


def test_two_processes_one_of_which_is_taken_over_while_it_works(
    path: Path, workstation: Callable[[], Workstation]
) -> None:
    other = workstation()
    with watcher(path) as mine:
        mine.wait_for("elsewhere")
        mine.thread.take_over()
        mine.wait_for("held")
        assert other.state() == "lost"


def test_two_processes_and_a_share_that_vanishes(
    share: Path, path: Path, workstation: Callable[[], Workstation]
) -> None:
    other = workstation()
    with watcher(path) as mine:
        mine.wait_for("elsewhere")
        gone = share.rename(share.with_name("gone"))
        assert other.state() == "away"
        gone.rename(share)
        assert other.state() == "held"
        assert mine.states == ["elsewhere"]
        other.leave()
        mine.wait_for("free")
