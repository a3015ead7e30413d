"""The list of jobs: how far each is, how it ended, and the buttons that hold or stop it.

GUI thread; it follows the job engine's records and changes nothing by itself.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.engine.job import Progress, Stage
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.engine.job_record import JobRecord, JobState
from desktop_app.ui.error_text import job_sentence
from desktop_app.ui.privacy import Privacy
from desktop_app.ui.translation import as_data, marked, tr

STAGES: dict[Stage, str] = {
    "tissue": marked("Finding tissue"),
    "tiles": marked("Choosing tiles"),
    "stain": marked("Fitting the stain"),
    "features": marked("Computing features"),
    "aggregate": marked("Predicting"),
    "write": marked("Writing results"),
}
STATES: dict[JobState, str] = {
    "queued": marked("Waiting"),
    "running": marked("Starting"),
    "paused": marked("Paused"),
    "finished": marked("Finished"),
    "failed": marked("Failed"),
    "cancelled": marked("Cancelled"),
}
STEPS = 1000
"""Of a progress bar, so that its width does not depend on the number of tiles."""


class JobsPanel(QWidget):
    """A row per job, the latest on top.

    Parameters
    ----------
    engine : JobEngine
        Whose jobs are shown.
    privacy : Privacy
        Says what their slides are called.

    Notes
    -----
    ``opened(JobRecord)`` is emitted when the user wants to see a finished job's files.
    """

    opened = Signal(object)

    def __init__(self, engine: JobEngine, privacy: Privacy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._privacy = privacy
        self._rows: dict[str, JobRow] = {}
        self._empty = QLabel(tr("No jobs yet. Run a recipe on the slide with Analyze, Run recipe."))
        self._empty.setObjectName("faint")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(8, 8, 8, 8)
        self._list.setSpacing(8)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        self._build_scroll()
        engine.changed.connect(self._follow)
        privacy.changed.connect(self._name_again)

    def _build_scroll(self) -> None:
        content = QWidget()
        content.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName(tr("Jobs"))
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def row(self, job_id: str) -> JobRow:
        """The row of a job."""
        return self._rows[job_id]

    def _follow(self, record: JobRecord) -> None:
        job_id = record.job.job_id
        if job_id not in self._rows:
            row = JobRow(record, self._privacy)
            row.cancel_button.clicked.connect(partial(self._engine.cancel, job_id))
            row.pause_button.toggled.connect(self._engine.set_paused)
            row.open_button.clicked.connect(partial(self._open, job_id))
            self._rows[job_id] = row
            self._list.insertWidget(0, row)
        self._empty.setVisible(False)
        self._rows[job_id].show_record(record)

    def _name_again(self) -> None:
        for job_id, row in self._rows.items():
            row.show_record(self._engine.record(job_id))

    def _open(self, job_id: str) -> None:
        record = self._engine.record(job_id)
        self.opened.emit(record)


class JobRow(QFrame):
    """One job."""

    def __init__(self, record: JobRecord, privacy: Privacy) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._privacy = privacy
        self.title = QLabel()
        self.title.setObjectName("heading")
        as_data(self.title)
        # A long file name must not make the panel wide; the tooltip has all of it.
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.recipe = QLabel(tr("Recipe {name}", name=tr(record.job.recipe.name)))
        self.recipe.setObjectName("faint")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.bar.setRange(0, STEPS)
        self.bar.setAccessibleName(tr("Progress"))
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.pause_button = QPushButton(tr("Pause"))
        self.pause_button.setCheckable(True)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.open_button = QPushButton(tr("Show files"))
        self._build_layout()
        self.show_record(record)

    def _build_layout(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.recipe, 1)
        for button in (self.pause_button, self.cancel_button, self.open_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        layout.addWidget(self.text)

    def show_record(self, record: JobRecord) -> None:
        """Show where the job stands."""
        self.title.setText(self._privacy.name(record.job.slide))
        self.title.setToolTip(self._privacy.place(record.job.slide))
        self.text.setText(self._privacy.hide(record_text(record)))
        self.bar.setVisible(not record.is_over)
        # Without numbers yet the bar moves to and fro.
        working = record.state == "running" and record.progress is None
        self.bar.setRange(0, 0 if working else STEPS)
        if record.progress is not None and record.progress.total:
            self.bar.setValue(round(STEPS * record.progress.done / record.progress.total))
        self.pause_button.setVisible(record.state in {"running", "paused"})
        self.pause_button.blockSignals(True)
        self.pause_button.setChecked(record.state == "paused")
        self.pause_button.setText(tr("Continue") if record.state == "paused" else tr("Pause"))
        self.pause_button.blockSignals(False)
        self.cancel_button.setVisible(not record.is_over)
        self.open_button.setVisible(record.state == "finished")


def record_text(record: JobRecord) -> str:
    """Where a job stands, as a line or two."""
    if record.failure is not None:
        return job_sentence(record.job, record.failure)
    if record.result is not None:
        return "\n".join([tr("Finished"), *(tr(note) for note in record.result.notes)])
    if record.state == "running" and record.progress is not None:
        return progress_text(record.progress)
    return tr(STATES[record.state])


def progress_text(progress: Progress) -> str:
    """Stage, count and time left."""
    parts = [tr(STAGES[progress.stage])]
    if progress.total > 1:
        parts.append(tr("{done} of {total}", done=progress.done, total=progress.total))
    if progress.seconds_left is not None:
        parts.append(time_left_text(progress.seconds_left))
    return ", ".join(parts)


def time_left_text(seconds: float) -> str:
    """How long it will take, no more exactly than it can be known."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < 90:
        return tr("about {seconds} s left", seconds=round(seconds / 5) * 5)
    if seconds < 5400:
        return tr("about {minutes} min left", minutes=round(seconds / 60))
    return tr("about {hours} h left", hours=f"{seconds / 3600:.1f}")


def show_files(record: JobRecord) -> None:
    """Open the folder of a finished job in the system's file manager."""
    if record.result is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(record.result.geojson.parent)))
