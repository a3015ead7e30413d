"""What becomes of a job's results: heat map while it runs, regions as one undo step when it is done.

Files first, then the regions are merged into the slide's annotations, then the registry says so; a crash
at any point leaves a result that is offered at the slide's next opening. GUI thread; files are read on a
pool thread.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.engine.job import HeatMapUpdate, RunResult
from desktop_app.errors import CoverslipError
from desktop_app.storage.geojson import GeoJsonContent
from desktop_app.storage.results import REPORT, read_report
from desktop_app.storage.run_registry import RunEntry, RunRegistry
from desktop_app.ui.engine.job_record import JobRecord, JobState
from desktop_app.ui.engine.plugin_watch import Overdue
from desktop_app.ui.error_text import job_sentence, sentence
from desktop_app.ui.heat_map_file import PredictionFile, read_prediction
from desktop_app.ui.message_bar import Notice, Offer, Severity
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class ResultKeeper:
    """Follows the engine and brings results to the views.

    Parameters
    ----------
    window : MainWindow
        Its views, messages and engine are used.
    registry : RunRegistry
        Remembers runs over restarts.
    """

    def __init__(self, window: MainWindow, registry: RunRegistry) -> None:
        self._window = window
        self._registry = registry
        self._states: dict[str, JobState] = {}
        self._late: Notice | None = None
        window.engine.heat_map.connect(self._show_partial)
        window.engine.changed.connect(self._follow)
        window.engine.overdue.connect(self._offer_time)

    # ---- asked from elsewhere -----------------------------------------------------------------------

    def asked(self, view: SlideView, record: JobRecord) -> None:
        """Remember that a run was asked for on a view's slide."""
        job = record.job
        entry = RunEntry(job.job_id, view.document_id, str(job.out), job.recipe.name)
        self._put(entry, on_disk=self._window.privacy.may_remember(job.out))

    def has_unmerged(self, view: SlideView) -> bool:
        """Whether a finished run's regions are not on the slide."""
        return bool(self._unmerged(view))

    def add_unmerged(self) -> None:
        """Merge the regions of every finished run of the view in front."""
        view = self._window.current
        for entry in self._unmerged(view):
            self._merge(view, entry)

    def restore(self, view: SlideView) -> None:
        """A slide was opened: bring its last heat map back and offer what was not merged."""
        entries = self._registry.of_slide(view.document_id)
        running = {record.job.job_id for record in self._window.engine.records if not record.is_over}
        lost = [entry for entry in entries if entry.state == "asked" and entry.job_id not in running]
        self._window.background.run(
            lambda: [_found(entry) for entry in lost],
            lambda found: self._restored(view, lost, found),
            self._tell,
        )

    # ---- while a job runs ---------------------------------------------------------------------------

    def _show_partial(self, update: HeatMapUpdate) -> None:
        slide = self._window.engine.record(update.job_id).job.slide
        for view in self._window.views:
            if view.info.path == slide:
                view.set_heat_map(update)
        self._window.refresh_actions()

    def _follow(self, record: JobRecord) -> None:
        # Progress comes often and changes nothing here.
        if self._states.get(record.job.job_id) == record.state:
            return
        self._states[record.job.job_id] = record.state
        if record.is_over and self._late is not None:
            self._window.messages.withdraw(self._late)
            self._late = None
        if record.state == "failed" and record.failure is not None:
            self._registry.forget(record.job.job_id)
            self._window.messages.tell(job_sentence(record.job, record.failure), "error")
        elif record.state == "cancelled":
            self._registry.forget(record.job.job_id)
            self._take_back(record)
        elif record.state == "finished" and record.result is not None:
            self._finished(record, record.result)
        self._window.refresh_actions()

    def _offer_time(self, overdue: Overdue) -> None:
        """Tell of a plugin that does not answer, while it can still be given time."""
        engine = self._window.engine
        text = tr(
            "The plugin {plugin} has not answered for {busy} s and will be stopped in {left} s.",
            plugin=overdue.plugin_id,
            busy=f"{overdue.busy_s:.0f}",
            left=f"{overdue.left_s:.0f}",
        )
        offers = (
            Offer(tr("Give it more time"), engine.extend),
            Offer(tr("Cancel the job"), lambda: engine.cancel(overdue.job_id)),
        )
        self._late = Notice(text, "warning", offers)
        self._window.messages.show_notice(self._late)

    def _take_back(self, record: JobRecord) -> None:
        """Replace a cancelled job's partial heat map by the last whole one."""
        for view in self._window.views:
            shown = view.heat_map
            if shown is not None and shown.job_id == record.job.job_id:
                view.set_heat_map(None)
                self._restore_heat_map(view)

    def _finished(self, record: JobRecord, result: RunResult) -> None:
        known = self._registry.get(record.job.job_id)
        if known is None:
            return
        entry = _with_files(known, result.geojson, result.prediction)
        self._put(entry)
        for note in result.notes:
            self._window.messages.tell(tr(note), "warning")
        view = next((view for view in self._window.views if view.document_id == entry.slide_id), None)
        if view is None:
            self._window.messages.tell(
                tr(
                    "The run of {slide} has finished. Open the slide to see it.",
                    slide=self._window.privacy.name(record.job.slide),
                )
            )
        else:
            self._merge(view, entry)
            self._read_prediction(view, entry, announce=True)

    # ---- merging ------------------------------------------------------------------------------------

    def _unmerged(self, view: SlideView) -> list[RunEntry]:
        entries = self._registry.of_slide(view.document_id)
        return [entry for entry in entries if entry.state in {"finished", "wanted", "offered"}]

    def _merge(self, view: SlideView, entry: RunEntry) -> None:
        if view.document.read_only:
            self._window.messages.tell(
                tr("The slide is open for writing elsewhere; the regions of this run were not added."),
                "warning",
            )
            return
        self._window.background.run(
            lambda: view.document.read_result(Path(entry.geojson)),
            lambda regions: self._merged(view, entry, regions),
            self._tell,
        )

    def _merged(self, view: SlideView, entry: RunEntry, regions: GeoJsonContent) -> None:
        if not view.document.is_open:
            return
        view.document.merge_result(regions, entry.job_id)
        self._registry.mark(entry.job_id, "merged")
        self._window.refresh_actions()

    # ---- after a restart ----------------------------------------------------------------------------

    def _restored(self, view: SlideView, lost: list[RunEntry], found: list[RunEntry | None]) -> None:
        if not view.document.is_open:
            return
        for entry, whole in zip(lost, found, strict=True):
            if whole is None:
                self._registry.forget(entry.job_id)
            else:
                self._put(whole)
        self._restore_heat_map(view)
        for entry in self._unmerged(view):
            if entry.state == "wanted":
                self._merge(view, entry)
            elif entry.state == "finished":
                self._offer(entry)
        self._window.refresh_actions()

    def _offer(self, entry: RunEntry) -> None:
        self._registry.mark(entry.job_id, "offered")
        text = tr("A finished run of this slide ({recipe}) is not on it yet.", recipe=tr(entry.recipe))
        offer = Offer(tr("Add its regions"), self.add_unmerged)
        self._window.messages.show_notice(Notice(text, "info", (offer,)))

    def _restore_heat_map(self, view: SlideView) -> None:
        with_model = [
            entry for entry in self._registry.of_slide(view.document_id) if Path(entry.prediction).is_file()
        ]
        if with_model:
            self._read_prediction(view, with_model[-1], announce=False)

    def _read_prediction(self, view: SlideView, entry: RunEntry, *, announce: bool) -> None:
        if not entry.prediction:
            if announce:
                self._window.messages.tell(tr("The run has finished; its tissue regions are on the slide."))
            return
        self._window.background.run(
            lambda: read_prediction(Path(entry.prediction)),
            lambda content: self._predicted(view, content, announce),
            self._tell,
        )

    def _predicted(self, view: SlideView, content: PredictionFile, announce: bool) -> None:
        if not view.document.is_open:
            return
        if content.heat_map is not None:
            for one in self._window.views_of(view.document):
                one.set_heat_map(content.heat_map)
        if announce:
            severity: Severity = "warning" if content.warning else "info"
            self._window.messages.tell(prediction_text(content), severity)
        self._window.refresh_actions()

    # ---- small ones ---------------------------------------------------------------------------------

    def _put(self, entry: RunEntry, *, on_disk: bool = True) -> None:
        try:
            self._registry.put(entry, on_disk=on_disk)
        except CoverslipError as error:
            self._tell(error)

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def prediction_text(content: PredictionFile) -> str:
    """A prediction in one or two sentences."""
    parts = []
    for entry in content.classes:
        verdict = tr("positive") if entry.positive else tr("negative")
        parts.append(
            tr(
                "{name}: probability {percent} %, {verdict}.",
                name=tr(entry.name),
                percent=f"{100 * entry.probability:.1f}",
                verdict=verdict,
            )
        )
    if content.warning:
        parts.append(f"{tr(content.warning)}.")
    elif content.demonstration:
        parts.append(tr("Made by the demonstration model on a synthetic slide."))
    return " ".join(parts)


def _with_files(entry: RunEntry, geojson: Path, prediction: Path | None) -> RunEntry:
    return replace(
        entry, state="finished", geojson=str(geojson), prediction=str(prediction) if prediction else ""
    )


def _found(entry: RunEntry) -> RunEntry | None:
    """The run with its files, if they were all written although nobody was told; else None."""
    for path in sorted(Path(entry.out).glob(f"*{REPORT}")):
        report = read_report(path)
        if report is not None and report.get("run_id") == entry.job_id:
            stem = path.name.removesuffix(REPORT)
            prediction = path.with_name(f"{stem}.prediction.json")
            geojson = path.with_name(f"{stem}.geojson")
            return _with_files(entry, geojson, prediction if prediction.is_file() else None)
    return None
