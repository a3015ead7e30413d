"""The Qt-free composition root: what the command, the window's worker process and a cluster all call.

``run_job`` does one job on the caller's thread. ``serve`` is the main loop of a worker process: jobs come
in through a pipe, messages go out through it, and whatever goes wrong in a job is a message too. Heavy
libraries are imported inside functions, so that thread counts are set before they start their threads.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING, Any

from desktop_app.errors import CoverslipError, EngineError, JobCancelledError, OutOfMemoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop_app.domain.bundle import ModelBundle
    from desktop_app.domain.recipe import ArtifactStep, Recipe, Step
    from desktop_app.engine.job import Job, JobControl, Message, MessageSink, RunResult
    from desktop_app.engine.quality import QualityDetectors
    from desktop_app.engine.steps import StepIdentity, Steps
    from desktop_app.plugin_api.manifest import PluginKind
    from desktop_app.plugin_api.protocols import Encoder
    from desktop_app.plugin_host import ActivityBoard, PluginActivity, PluginHost
    from desktop_app.slides import SlideOpener
    from desktop_app.storage.locations import Locations

_NICENESS = 10
_TISSUE_DETECTOR = "tissue_otsu/saturation"
_ARTIFACT_PLUGIN = "artifact_rules"
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def run_job(
    job: Job,
    locations: Locations,
    *,
    sink: MessageSink,
    control: JobControl,
    activity: PluginActivity | None = None,
) -> RunResult:
    """Run one job from the slide file to the result files.

    Parameters
    ----------
    job : Job
        What to do.
    locations : Locations
        Where plugins and model bundles are.
    sink : MessageSink
        Takes progress, partial heat maps and log lines while it runs.
    control : JobControl
        Cancel and pause.
    activity : PluginActivity | None
        Told which plugin runs, where somebody watches this process.

    Returns
    -------
    RunResult
        The files, which are on disk when this returns.

    Raises
    ------
    CoverslipError
        One sentence for the user; nothing was written for the slide then.
    """
    from desktop_app.engine.reporter import Reporter
    from desktop_app.engine.run_slide import run_slide
    from desktop_app.engine.write_results import write_results

    host = plugin_host(locations, activity)
    steps = build_steps(job.recipe, locations, host)
    _check_device(job)
    opener = slide_opener(host)
    mpp, force = (job.mpp.mpp, job.mpp.force) if job.mpp is not None else (None, False)
    try:
        with opener.open(job.slide, mpp=mpp, force_mpp=force, table_mpp=job.table_mpp) as slide:
            if job.slide_name:
                slide.set_name(job.slide_name)
            result = run_slide(slide, steps, job=job, sink=sink, control=control)
            reporter = Reporter(job.job_id, sink, control=control)
            return write_results(result, slide, steps=steps, job=job, reporter=reporter)
    except MemoryError as error:
        raise OutOfMemoryError(str(error) or "the system refused more memory") from error


def plugin_host(locations: Locations, activity: PluginActivity | None = None) -> PluginHost:
    """The plugins of this installation; ``activity`` is told which one runs."""
    from desktop_app.plugin_host import PluginHost

    return PluginHost(
        locations.bundled_plugins, locations.user_plugins, locations.trust_file, activity=activity
    )


def slide_opener(host: PluginHost) -> SlideOpener:
    """What opens slides in the window, the command and the worker alike.

    OpenSlide is asked first. Only for a file that it leaves are the readers of plugins looked for; those that
    the user has installed come before the bundled ones, which are made for formats in general.
    """
    from desktop_app.slides import OpenSlideReader, PluginSlideReader, SlideOpener

    def plugin_readers() -> list[PluginSlideReader]:
        usable = [listing for listing in host.listings() if listing.is_usable]
        usable.sort(key=lambda listing: listing.origin == "bundled")
        uses = [
            f"{listing.plugin_id}/{provided.id}"
            for listing in usable
            if listing.manifest is not None
            for provided in listing.manifest.provides
            if provided.kind == "slide_reader"
        ]
        return [PluginSlideReader(use, partial(host.build, "slide_reader", use, {})) for use in uses]

    return SlideOpener([OpenSlideReader()], plugin_readers)


def build_steps(recipe: Recipe, locations: Locations, host: PluginHost | None = None) -> Steps:
    """Load and build everything a recipe names, from a host of plugins that is there already or a new one.

    Raises
    ------
    PluginError
        If a plugin is missing, not trusted, broken, or refuses its parameters.
    ModelBundleError
        If the bundle is missing or damaged.
    RecipeError
        If the model was trained on other features than the recipe makes.
    """
    from desktop_app.engine.steps import Steps

    builder = _StepBuilder(host or plugin_host(locations))
    tissue = builder.build("tissue", "tissue_detector", recipe.tissue)
    artifacts = tuple(
        builder.build(f"artifacts.{number}", "artifact_detector", step)
        for number, step in enumerate(recipe.artifacts, start=1)
    )
    normalizer = encoder = model = bundle = None
    if recipe.normalizer is not None:
        normalizer = builder.build("normalizer", "stain_normalizer", recipe.normalizer)
    if recipe.encoder is not None:
        encoder = builder.build("encoder", "encoder", recipe.encoder)
    if recipe.aggregator is not None:
        bundle = _find_bundle(recipe, locations, encoder, builder)
        model = builder.build("aggregator", "aggregator", _aggregator_step(bundle)).open(bundle)
    return Steps(
        tissue=tissue,
        normalizer=normalizer,
        encoder=encoder,
        model=model,
        bundle=bundle,
        identities=builder.identities,
        artifacts=artifacts,
    )


def quality_detectors(host: PluginHost) -> QualityDetectors:
    """What judges the quality of slides: the detectors that ship with the application.

    Raises
    ------
    PluginError
        If one of them is switched off, missing or broken.
    """
    from desktop_app.engine.quality import QualityDetectors

    uses = [
        f"{_ARTIFACT_PLUGIN}/{thing.id}"
        for manifest, thing in host.provided("artifact_detector")
        if manifest.plugin_id == _ARTIFACT_PLUGIN
    ]
    return QualityDetectors(
        tissue_use=_TISSUE_DETECTOR,
        tissue=host.build("tissue_detector", _TISSUE_DETECTOR, {}),
        artifact_uses=tuple(uses),
        artifacts=tuple(host.build("artifact_detector", use, {}) for use in uses),
    )


def check_recipe(recipe: Recipe, locations: Locations) -> None:
    """Look for everything a recipe names, without loading any of it: a mistake is found before any slide.

    Raises
    ------
    PluginError, ModelBundleError
        As ``build_steps``.
    """
    from desktop_app.storage.bundles import find_bundle

    host = plugin_host(locations)
    host.check_params("tissue_detector", recipe.tissue.use, recipe.tissue.params)
    for detector in recipe.artifacts:
        host.check_params("artifact_detector", detector.use, detector.params)
    if recipe.normalizer is not None:
        host.check_params("stain_normalizer", recipe.normalizer.use, recipe.normalizer.params)
    if recipe.encoder is not None:
        host.check_params("encoder", recipe.encoder.use, recipe.encoder.params)
    if recipe.aggregator is not None:
        step = _aggregator_step(find_bundle(recipe.aggregator.bundle, locations.bundle_folders))
        host.check_params("aggregator", step.use, step.params)


def serve(
    connection: Connection,
    cancel: Event,
    pause: Event,
    locations: Locations,
    board: ActivityBoard | None = None,
) -> None:
    """Work off jobs until the parent says so or is gone: the target of a spawned worker process.

    Parameters
    ----------
    connection : Connection
        ``Job`` or None (the end) comes in, ``Message`` goes out. The last message of each job is ``Finished``
        or ``Failed``.
    cancel, pause : Event
        Set by the parent while a job runs. The parent clears both before it sends a job; a ``cancel`` that is
        already set when a job arrives cancels that job.
    locations : Locations
        Passed to each job.
    board : ActivityBoard | None
        Where the plugin that runs is put up, for whoever watches this process.
    """
    _prepare_process()
    from desktop_app.engine.event_control import EventControl
    from desktop_app.plugin_host import PluginActivity
    from desktop_app.plugin_host.plugin_log import keep_plugin_log

    keep_plugin_log()
    run = partial(run_job, control=EventControl(cancel, pause), activity=PluginActivity(board))
    while (job := _receive(connection)) is not None:
        try:
            connection.send(_outcome(job, connection, partial(run, job, locations, sink=connection.send)))
        except OSError:
            # The parent has gone, and with it whoever wanted to know.
            return


class _StepBuilder:
    """Builds plugins and remembers which they were."""

    def __init__(self, host: PluginHost) -> None:
        self.identities: dict[str, StepIdentity] = {}
        self._host = host
        self._hashes = {listing.plugin_id: listing.content_hash for listing in host.listings()}

    def build(self, name: str, kind: PluginKind, step: Step | ArtifactStep) -> Any:
        from desktop_app.engine.steps import StepIdentity

        built = self._host.build(kind, step.use, step.params)
        manifest, _ = self._host.find(kind, step.use)
        self.identities[name] = StepIdentity(
            use=step.use,
            version=manifest.version,
            content_hash=self._hashes.get(manifest.plugin_id, ""),
            params=self.complete(kind, step.use, step.params),
        )
        return built

    def complete(self, kind: PluginKind, use: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._host.check_params(kind, use, params)


def _aggregator_step(bundle: ModelBundle) -> Step:
    from desktop_app.domain.recipe import Step

    return Step(bundle.architecture, bundle.architecture_params)


def _find_bundle(
    recipe: Recipe, locations: Locations, encoder: Encoder | None, builder: _StepBuilder
) -> ModelBundle:
    """The recipe's bundle, checked against the encoder; one that states no parameters means the defaults."""
    from desktop_app.engine.check_recipe import check_bundle, check_encoder_params
    from desktop_app.storage.bundles import find_bundle

    assert recipe.aggregator is not None
    bundle: ModelBundle = find_bundle(recipe.aggregator.bundle, locations.bundle_folders)
    check_bundle(recipe, bundle, encoder)
    trained = builder.complete("encoder", bundle.encoder, bundle.training.get("encoder_params", {}))
    check_encoder_params(recipe, bundle, given=builder.identities["encoder"].params, trained=trained)
    return bundle


def _check_device(job: Job) -> None:
    """Refuse a device that is not there instead of quietly using another."""
    if job.device != "cuda":
        return
    import torch

    if not torch.cuda.is_available():
        raise EngineError("There is no CUDA device that torch can use: choose the device 'auto' or 'cpu'.")


def _receive(connection: Connection) -> Job | None:
    try:
        job: Job | None = connection.recv()
    except (EOFError, OSError):
        return None
    return job


def _outcome(job: Job, connection: Connection, run: Callable[[], RunResult]) -> Message:
    """Run a job; its result or its failure as a message."""
    from desktop_app.engine.job import Failed, Finished, LogLine
    from desktop_app.plugin_host.plugin_log import plugin_lines_to

    def tell(plugin_id: str, text: str) -> None:
        connection.send(LogLine(job.job_id, _without_path(text, job), plugin_id))

    try:
        with plugin_lines_to(tell):
            return Finished(job.job_id, run())
    except CoverslipError as error:
        cancelled = isinstance(error, JobCancelledError)
        said = _without_path(str(error), job) if job.slide_name else str(error)
        return Failed(job.job_id, type(error).__name__, said, cancelled, getattr(error, "plugin_id", ""))
    except Exception as error:  # noqa: BLE001 - the process boundary: an error in one job must not end the worker
        connection.send(LogLine(job.job_id, _without_path(traceback.format_exc(), job)))
        what = type(error).__name__
        sentence = f"The analysis stopped because of an unexpected error ({what}); the log says where."
        return Failed(job.job_id, EngineError.__name__, sentence)


def _without_path(text: str, job: Job) -> str:
    """Text without the slide's path, which can hold a patient's name."""
    shown = job.slide_name or "<slide>"
    return text.replace(str(job.slide), shown).replace(job.slide.name, shown)


def _prepare_process() -> None:
    """Leave the machine usable for the window, Ctrl+C to the parent, and do not outlive it."""
    from desktop_app.engine.memory_limit import limit_memory

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _yield_to_the_window()
    limit_memory()
    threads = max(1, (os.cpu_count() or 2) - 1)
    for variable in _THREAD_VARIABLES:
        os.environ.setdefault(variable, str(threads))
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), name="parent watch", daemon=True).start()
    import cv2

    cv2.setNumThreads(threads)


def _yield_to_the_window() -> None:
    if sys.platform == "linux":
        # A processor that runs only idle tasks counts as free: the window's threads are put there at once.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif sys.platform != "win32":
        os.nice(_NICENESS)


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
