"""The board on which a process says which plugin it runs."""

from __future__ import annotations

import multiprocessing

import pytest

from desktop_app.plugin_host.activity import NAME_BYTES, ActivityBoard, PluginActivity

CONTEXT = multiprocessing.get_context("spawn")


def name_on(board: ActivityBoard) -> str | None:
    busy = board.read()
    return busy.plugin_id if busy is not None else None


def test_the_call_that_runs_longest_stands_on_the_board() -> None:
    board = ActivityBoard(CONTEXT)
    activity = PluginActivity(board)
    assert name_on(board) is None
    with activity.during("outer"):
        with activity.during("inner"):
            assert name_on(board) == "outer"
        assert name_on(board) == "outer"
    assert name_on(board) is None


def test_a_call_that_fails_leaves_the_board() -> None:
    board = ActivityBoard(CONTEXT)
    with pytest.raises(ZeroDivisionError), PluginActivity(board).during("one"):
        raise ZeroDivisionError
    assert name_on(board) is None


def test_a_name_that_is_too_long_is_cut() -> None:
    board = ActivityBoard(CONTEXT)
    with PluginActivity(board).during("x" * 500):
        assert name_on(board) == "x" * (NAME_BYTES - 1)
