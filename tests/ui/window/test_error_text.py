"""Every error of ours has a translated sentence with what matters in it."""

from __future__ import annotations

import errno
import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app import errors
from desktop_app.domain.recipe import Recipe, Step
from desktop_app.engine.job import Failed, Job, Roi
from desktop_app.ui.error_text import crash_sentence, job_sentence, sentence
from tests.support.pseudo_locale import PseudoTranslator, raw_words

SLIDE = Path("/화면/가나.svs")

CASES: list[tuple[errors.CoverslipError, str]] = [
    (errors.UnsupportedSlideError(SLIDE, "REASON"), "REASON"),
    (errors.SlideReadError(SLIDE, "REASON", (1, 2)), "REASON"),
    (errors.SlideGoneError(SLIDE, (1, 2)), "가나.svs"),
    (errors.MissingMppError(SLIDE), "가나.svs"),
    (errors.NotBrightfieldError(SLIDE, "a/b"), "a/b"),
    (errors.SlideTooCoarseError(SLIDE, 28.97, 0.5), "28.97"),
    (errors.NoTissueError(SLIDE), "가나.svs"),
    (errors.NoTissueError(SLIDE, in_roi=True), "가나.svs"),
    (errors.ColorProfileError("REASON"), "REASON"),
    (errors.StainEstimateError("REASON"), "REASON"),
    (errors.PluginError("PLUGIN", "SENTENCE"), "PLUGIN"),
    (errors.ManifestError("PLUGIN", "REASON"), "REASON"),
    (errors.PluginLoadError("PLUGIN", "REASON"), "REASON"),
    (errors.PluginRunError("PLUGIN", "REASON"), "REASON"),
    (errors.PluginTimeoutError("PLUGIN", 300.0), "300"),
    (errors.PluginCrashError("PLUGIN", -11), "segmentation fault"),
    (errors.PluginCrashError("PLUGIN", 5), "PLUGIN"),
    (errors.UntrustedPluginError("PLUGIN"), "PLUGIN"),
    (errors.AnnotationError("SENTENCE"), "SENTENCE"),
    (errors.AnnotationFormatError(SLIDE, "REASON"), "REASON"),
    (errors.GeometryError("SENTENCE"), "SENTENCE"),
    (errors.TransferCancelledError(), ""),
    (errors.StorageError(SLIDE, "REASON"), "REASON"),
    (errors.DiskFullError(SLIDE), "화면"),
    (errors.ForeignFileError(SLIDE), "가나.svs"),
    (errors.EngineError("SENTENCE"), "SENTENCE"),
    (errors.KeyMapError(SLIDE, "REASON"), "REASON"),
    (errors.RecipeError("NAME", "REASON"), "REASON"),
    (errors.JobCancelledError(), "cancelled"),
    (errors.OutOfMemoryError("REASON"), "REASON"),
    (errors.WorkerNotStartedError("REASON"), "REASON"),
    (errors.WorkerDiedError(-9), "-9"),
    (errors.ModelBundleError(SLIDE, "REASON"), "REASON"),
    (errors.SlideError(SLIDE, "SENTENCE"), "SENTENCE"),
]


@pytest.fixture
def brackets(qapp: QApplication) -> Iterator[None]:
    translator = PseudoTranslator()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_every_error_has_a_case() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass)}
    ours = {kind for kind in kinds if issubclass(kind, errors.CoverslipError)}
    assert ours - {type(error) for error, _ in CASES} == {errors.CoverslipError}


@pytest.mark.parametrize(("error", "matters"), CASES, ids=lambda case: type(case).__name__)
def test_a_sentence_is_translated_and_says_what_matters(
    brackets: None, error: errors.CoverslipError, matters: str
) -> None:
    text = sentence(error)
    assert matters in text
    assert not raw_words(text), text


def test_a_failed_job_is_told_in_the_users_language(brackets: None) -> None:
    job = Job("1", SLIDE, Recipe("default", Step("a/b")), Path("/out"))
    for kind in ("MissingMppError", "NotBrightfieldError", "NoTissueError"):
        text = job_sentence(job, Failed("1", kind, "English"))
        assert "가나.svs" in text
        assert "English" not in text
    limited = replace(job, roi=Roi((), "a file"))
    failed = Failed("1", "NoTissueError", "English")
    assert job_sentence(limited, failed) != job_sentence(job, failed)
    assert "English" in job_sentence(job, Failed("1", "EngineError", "English"))
    assert not raw_words(job_sentence(job, Failed("1", "EngineError", "English")))


def test_a_crash_names_the_log_but_not_the_message() -> None:
    text = crash_sentence(ValueError("patient name"), Path("/logs/coverslip.log"))
    assert "coverslip.log" in text
    assert "ValueError" in text
    assert "patient" not in text


def test_a_full_disk_is_told_by_the_folder_that_people_know() -> None:
    path = Path("/home/mina/coverslip/slides") / ("0a" * 32) / "coverage.json"
    full = errors.StorageError(path, "No space left on device")
    full.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    folder = Path("/home/mina/coverslip/slides")
    assert (
        sentence(full) == f"There is no room for coverage.json in {folder}: the disk is full. Free some room."
    )
    assert f"holds {folder} is full" in sentence(errors.DiskFullError(path))
    assert "0a0a" not in sentence(errors.DiskFullError(path))
