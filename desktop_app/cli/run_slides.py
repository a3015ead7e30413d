"""Running a recipe on slides from the command line, one after the other.

The worker's ``run_job`` does the work on this thread; here are what surrounds it: one job per slide, the
region file, failures that must not stop the other slides, and Ctrl+C.
"""

from __future__ import annotations

import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from desktop_app.cli.pixel_sizes import found_table_mpp
from desktop_app.cli.progress import Reporter, make_reporter
from desktop_app.domain.annotation import AREA_KINDS
from desktop_app.engine.job import Device, Job, JobControl, MppOverride, Roi, RunResult
from desktop_app.errors import AnnotationFormatError, CoverslipError, JobCancelledError
from desktop_app.storage.locations import Locations
from desktop_app.storage.mpp_table import MppTable
from desktop_app.storage.results import prepare_folder

if TYPE_CHECKING:
    from desktop_app.demonstration.demo import DemoReport
    from desktop_app.domain.annotation import Annotation
    from desktop_app.domain.recipe import Recipe
    from desktop_app.domain.slide_info import Mpp


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked ``coverslip run`` for.

    Attributes
    ----------
    slides : tuple[Path, ...]
        Slide files; one that is named twice is run once.
    recipe : Recipe
        What to do with each.
    out : Path
        Folder of the results.
    roi_file : Path | None
        GeoJSON whose areas limit the run; in QuPath's frame on slides with bounds.
    device : Device
        Where models run.
    mpp : MppOverride | None
        The user's word on the pixel size.
    mpp_table : MppTable | None
        Pixel sizes by slide; None looks for a table beside each slide.
    """

    slides: tuple[Path, ...]
    recipe: Recipe
    out: Path
    roi_file: Path | None = None
    device: Device = "auto"
    mpp: MppOverride | None = None
    mpp_table: MppTable | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How it went: slides done, slides failed, and whether the user cancelled the rest."""

    done: int
    failed: int
    cancelled: bool


class InterruptControl(JobControl):
    """Cancels at the next checkpoint after ``cancel`` was called."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the running job to end; any thread, also a signal handler."""
        self._cancelled.set()

    def checkpoint(self) -> None:
        """Raise ``JobCancelledError`` once cancelled."""
        if self._cancelled.is_set():
            raise JobCancelledError


def run_slides(request: RunRequest, locations: Locations) -> RunOutcome:
    """Run every slide, saying of each what became of it and in the end which failed.

    Parameters
    ----------
    request : RunRequest
        What to do.
    locations : Locations
        Where plugins, recipes and models are.

    Raises
    ------
    StorageError
        If nothing can be written to ``request.out``; no slide was opened then.
    """
    prepare_folder(request.out)
    slides = tuple(dict.fromkeys(request.slides))
    done, failed = 0, list[Path]()
    with make_reporter(len(slides)) as reporter, cancelled_by_interrupt() as control:
        for slide in slides:
            reporter.begin(slide)
            try:
                result = _run_one(slide, request, locations=locations, reporter=reporter, control=control)
            except JobCancelledError:
                reporter.fail(f"{slide.name}: cancelled; {done} of {len(slides)} slides are complete.")
                return RunOutcome(done, len(failed), cancelled=True)
            except CoverslipError as error:
                failed.append(slide)
                reporter.fail(_naming(slide, str(error)))
            except Exception as error:  # noqa: BLE001 - a plugin's crash must not cost the other slides
                failed.append(slide)
                reporter.fail(_unexpected(slide, error))
            else:
                done += 1
                reporter.finish(slide, result)
        if failed and len(slides) > 1:
            names = ", ".join(str(slide) for slide in failed)
            reporter.say(f"{len(failed)} of {len(slides)} slides failed: {names}")
    return RunOutcome(done, len(failed), cancelled=False)


def run_demonstration(out: Path, *, echo: Callable[[str], None]) -> DemoReport:
    """Draw the demonstration slide, run its recipe on it and score the answer.

    Parameters
    ----------
    out : Path
        Folder of everything it makes.
    echo : Callable[[str], None]
        Takes lines of progress.

    Raises
    ------
    CoverslipError
        If any part fails; there is nothing to go on with then.
    """
    from desktop_app.demonstration.demo import run_demo
    from desktop_app.storage.recipes import find_recipe

    locations = Locations.default()
    recipe = find_recipe("demonstration", locations.recipes)

    def run(slide: Path, folder: Path) -> RunResult:
        request = RunRequest((slide,), recipe, folder)
        with make_reporter(1) as reporter, cancelled_by_interrupt() as control:
            reporter.begin(slide)
            return _run_one(slide, request, locations=locations, reporter=reporter, control=control)

    report = run_demo(out, run=run, echo=echo)
    _hand_to_the_window(report.result, recipe, locations)
    return report


def _hand_to_the_window(result: RunResult, recipe: Recipe, locations: Locations) -> None:
    """Have the window show the run's regions and heat map when it opens the slide."""
    from desktop_app.storage.results import read_report
    from desktop_app.storage.run_registry import RunEntry, RunRegistry

    written = read_report(result.report)
    if written is None:
        return
    RunRegistry(locations.run_registry).want(
        RunEntry(
            result.job_id,
            written["slide"]["slide_id"],
            out=str(result.geojson.parent.absolute()),
            recipe=recipe.name,
            geojson=str(result.geojson.absolute()),
            prediction=str(result.prediction.absolute()) if result.prediction else "",
        )
    )


def read_roi(path: Path, offset: tuple[float, float], *, warn: Callable[[str], None]) -> Roi:
    """The areas of an annotation file as a region: its ROI objects where it has any, else all areas.

    Parameters
    ----------
    path : Path
        GeoJSON; lines and points in it are passed over.
    offset : tuple[float, float]
        The slide's bounds, level-0 pixels, which QuPath's coordinates start from.
    warn : Callable[[str], None]
        Told what of the file could not be read, for the run leaves it out.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read, or has no area.
    StorageError
        If the file cannot be read.
    """
    from desktop_app.storage.geojson import read_geojson

    content = read_geojson(path, offset=offset)
    for warning in content.warnings:
        warn(f"{path.name}: {warning}")
    areas = [shape for shape in content.annotations if _is_area(shape)]
    if not areas:
        raise AnnotationFormatError(path, "it has no area (rectangle, ellipse or polygon) to limit a run to.")
    rois = [area for area in areas if area.roi is not None]
    if rois and len(rois) < len(areas):
        warn(f"{path.name}: the run is limited to its ROIs ({len(rois)} of {len(areas)} areas).")
    areas = rois or areas
    return Roi(tuple(part for area in areas for part in area.parts), f"file {path.name}")


@contextmanager
def cancelled_by_interrupt() -> Iterator[InterruptControl]:
    """A control that the first Ctrl+C cancels; a second one ends the process at once.

    Outside the main thread, where no signal handler can be set, it is never cancelled.
    """
    control = InterruptControl()
    if threading.current_thread() is not threading.main_thread():
        yield control
        return
    previous = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, previous)
        control.cancel()

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield control
    finally:
        signal.signal(signal.SIGINT, previous)


def _run_one(
    slide: Path, request: RunRequest, *, locations: Locations, reporter: Reporter, control: JobControl
) -> RunResult:
    from desktop_app.worker import run_job

    control.checkpoint()
    roi = None
    if request.roi_file is not None:
        roi = read_roi(request.roi_file, _bounds_offset(slide, locations), warn=reporter.say)
    job = Job(
        job_id=uuid.uuid4().hex,
        slide=slide,
        recipe=request.recipe,
        out=request.out,
        roi=roi,
        device=request.device,
        mpp=request.mpp,
        table_mpp=_table_mpp(slide, request, locations, warn=reporter.say),
    )
    return run_job(job, locations, sink=reporter.take, control=control)


def _table_mpp(
    slide: Path, request: RunRequest, locations: Locations, *, warn: Callable[[str], None]
) -> Mpp | None:
    if request.mpp_table is not None:
        return request.mpp_table.mpp_of(slide)
    return found_table_mpp(slide, locations, warn=warn)


def _bounds_offset(slide: Path, locations: Locations) -> tuple[float, float]:
    from desktop_app.worker import plugin_host, slide_opener

    with slide_opener(plugin_host(locations)).open(slide) as opened:
        bounds = opened.info.bounds
    return (0.0, 0.0) if bounds is None else (float(bounds[0]), float(bounds[1]))


def _is_area(shape: Annotation) -> bool:
    return shape.kind in AREA_KINDS


def _naming(slide: Path, sentence: str) -> str:
    """A sentence that says which slide it is about; a plugin's error does not."""
    return sentence if slide.name in sentence else f"{slide.name}: {sentence}"


def _unexpected(slide: Path, error: Exception) -> str:
    """One sentence that a developer can start from."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{slide.name} failed by an error in the program ({type(error).__name__}: {error}{where})."
