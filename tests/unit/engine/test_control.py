"""Cancel, pause, progress."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from desktop_app.engine.controlled_slide import ControlledSlide
from desktop_app.engine.event_control import EventControl
from desktop_app.engine.job import JobControl, LogLine, Progress
from desktop_app.engine.reporter import Reporter
from desktop_app.errors import JobCancelledError
from tests.support.engine_cases import CancelAfter, Messages, tissue_slide


def test_a_checkpoint_passes_until_it_is_cancelled() -> None:
    cancel, pause = threading.Event(), threading.Event()
    control = EventControl(cancel, pause)
    control.checkpoint()
    cancel.set()
    with pytest.raises(JobCancelledError):
        control.checkpoint()


def test_a_paused_job_waits_and_goes_on() -> None:
    cancel, pause = threading.Event(), threading.Event()
    pause.set()
    passed = threading.Event()

    def work() -> None:
        EventControl(cancel, pause).checkpoint()
        passed.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert not passed.wait(0.2)
    pause.clear()
    assert passed.wait(10)
    thread.join()


def test_a_paused_job_can_be_cancelled() -> None:
    cancel, pause = threading.Event(), threading.Event()
    pause.set()
    cancel.set()
    with pytest.raises(JobCancelledError):
        EventControl(cancel, pause).checkpoint()


def test_a_plugin_that_reads_the_slide_can_be_cancelled() -> None:
    slide = tissue_slide()
    controlled = ControlledSlide(slide, CancelAfter(2))
    assert controlled.info is slide.info
    expected = slide.pixels[:8, :8]
    np.testing.assert_array_equal(controlled.read_region((0, 0), 0, (8, 8)), expected)
    np.testing.assert_array_equal(controlled.read_scaled((0, 0), (8, 8), (8, 8)), expected)
    with pytest.raises(JobCancelledError):
        controlled.read_region((0, 0), 0, (8, 8))


def test_progress_is_thinned_out_and_says_how_long_it_takes() -> None:
    now = [0.0]
    messages = Messages()
    reporter = Reporter("job", messages, control=JobControl(), clock=lambda: now[0])
    with reporter.stage("features"):
        for done in range(1, 201):
            now[0] += 0.02
            reporter.progress(done, 200)
    sent = messages.of(Progress)
    assert (sent[0].done, sent[-1].done) == (0, 200)
    assert 35 <= len(sent) <= 45
    assert sent[1].seconds_left is None
    late = next(progress for progress in sent if progress.done >= 100)
    assert late.seconds_left == pytest.approx(4.0 - 0.02 * late.done, abs=1e-6)
    assert reporter.timings == {"features": pytest.approx(4.0)}


def test_a_note_is_logged_and_kept() -> None:
    messages = Messages()
    reporter = Reporter("job", messages, control=JobControl())
    reporter.note("two tiles cannot be read")
    assert reporter.notes == ["two tiles cannot be read"]
    assert messages.of(LogLine) == [LogLine("job", "two tiles cannot be read")]
