from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_app.errors import StorageError
from desktop_app.storage.sync import StorageThread, sync_file


def test_tasks_run_in_order_on_one_other_thread() -> None:
    thread, seen = StorageThread("test"), []
    for number in range(20):
        over = thread.submit(lambda number=number: seen.append((number, threading.get_ident())))
    assert over.wait(10)
    assert [number for number, _ in seen] == list(range(20))
    assert {ident for _, ident in seen} != {threading.get_ident()}
    thread.close()
    thread.close()


def test_a_failure_is_raised_once_and_does_not_end_the_thread() -> None:
    thread = StorageThread("test")
    failed = thread.submit(lambda: int("x"))
    assert failed.wait(10)
    with pytest.raises(ValueError, match="invalid literal"):
        thread.raise_failure()
    thread.raise_failure()
    assert thread.submit(lambda: None).wait(10)
    thread.close()


def test_syncing_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        sync_file(tmp_path / "nothing")
    there = tmp_path / "있음"
    there.write_bytes(b"x")
    sync_file(there)
