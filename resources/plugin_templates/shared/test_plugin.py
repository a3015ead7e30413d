"""Whether the plugin keeps what its kind promises: the same as ``coverslip plugins check``."""

from __future__ import annotations

from pathlib import Path

from desktop_app.conformance import check_plugin


def test_every_promise_is_kept() -> None:
    """No check of the conformance suite finds a problem."""
    problems = {
        f"{result.subject}: {result.promise}": result.problems
        for result in check_plugin(Path(__file__).parent)
        if not result.passed
    }
    assert problems == {}
