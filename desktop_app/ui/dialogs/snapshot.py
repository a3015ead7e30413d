"""Asking what a picture of a slide shows, and how large it is.

The pure part says what can be chosen; the dialog shows the size in pixels before anything is made, and
refuses what is too large with the way out. GUI thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.picture_frame import (
    LONGEST_SIDE,
    MOST_PIXELS,
    PictureFrame,
    is_too_large,
    picture_mpp,
)
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Viewport, downsample_at
from desktop_app.ui.canvas.readout_text import magnification_text
from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.models.measurements import measured_text
from desktop_app.ui.pictures.picture_layers import PictureContent
from desktop_app.ui.translation import marked, tr

Region: TypeAlias = Literal["drawn", "view", "selection", "slide"]
Target: TypeAlias = Literal["file", "clipboard"]

REGIONS: dict[Region, str] = {
    "drawn": marked("The region drawn"),
    "view": marked("The view"),
    "selection": marked("What is selected"),
    "slide": marked("The whole slide"),
}

MAGNIFICATIONS = (1.25, 2.5, 5.0, 10.0, 20.0, 40.0)
RATIOS = (16.0, 8.0, 4.0, 2.0, 1.0)
"""Slide pixels per pixel of the picture, for slides whose pixel size is unknown."""

WIDTH = 500
"""Logical pixels, at least: the hints need not be read in narrow columns."""

SMALLEST_MAGNIFICATION, LARGEST_MAGNIFICATION = 0.01, 400.0


@dataclass(frozen=True, slots=True)
class SnapshotOptions:
    """What can be chosen for one slide.

    Attributes
    ----------
    info : SlideInfo
        The slide.
    view : Viewport
        What the canvas shows.
    frames : Mapping[Region, PictureFrame]
        The regions that there are, the proposed one first.
    content : PictureContent
        What the view shows; other things are not offered.
    """

    info: SlideInfo
    view: Viewport
    frames: Mapping[Region, PictureFrame]
    content: PictureContent


@dataclass(frozen=True, slots=True)
class SnapshotChoice:
    """What was chosen.

    Attributes
    ----------
    viewport : Viewport
        The picture.
    content : PictureContent
        What it shows besides the slide.
    target : Target
        Where it goes.
    """

    viewport: Viewport
    content: PictureContent
    target: Target


def scales(info: SlideInfo, view: Viewport) -> list[tuple[str, float]]:
    """The scales offered: ``(text, level-0 pixels per pixel of the picture)``, the screen's first."""
    shown = magnification_text(view, info)
    here = tr("As on the screen ({magnification})", magnification=shown) if shown else tr("As on the screen")
    offered = [(here, view.downsample)]
    if info.mpp is None:
        offered += [(tr("1 to {ratio} of the scan", ratio=f"{ratio:g}"), ratio) for ratio in RATIOS]
    else:
        texts = [(tr("{number}×", number=f"{number:g}"), number) for number in MAGNIFICATIONS]
        offered += [(text, downsample_at(number, info.mpp[0])) for text, number in texts]
        offered.append((tr("Pixels of the scan"), 1.0))
    return offered


def size_text(viewport: Viewport, info: SlideInfo) -> str:
    """How large a picture is: pixels, and what they show."""
    width, height = viewport.size
    pixels = tr("{width} × {height} pixels", width=f"{width:,}", height=f"{height:,}")
    mpp = picture_mpp(viewport, info.mpp)
    if mpp is None:
        return pixels
    across, down = (
        measured_text(side * size, calibrated=True) for side, size in zip(viewport.size, mpp, strict=True)
    )
    pixel = tr("{size} µm per pixel", size=f"{mpp[0]:.4g}")
    return f"{pixels}\n{across} × {down}, {pixel}"


def limit_text() -> str:
    """Why a picture cannot be made, and what to do."""
    return tr(
        "That is more than the {most} megapixels or {side} pixels a side that one picture may have: choose a "
        "lower magnification or a smaller region.",
        most=MOST_PIXELS // 1_000_000,
        side=f"{LONGEST_SIDE:,}",
    )


class SnapshotDialog(QDialog):
    """Region, scale and content of a picture.

    Parameters
    ----------
    options : SnapshotOptions
        What can be chosen.

    Notes
    -----
    ``chosen(SnapshotChoice)`` is emitted when the user accepts; ``region_wanted()`` when the region is to be
    drawn first.
    """

    chosen = Signal(object)
    region_wanted = Signal()

    def __init__(self, options: SnapshotOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Snapshot"))
        self.setMinimumWidth(WIDTH)
        self._options = options
        self.region_box = QComboBox()
        self.scale_box = QComboBox()
        self.other_box = NumberBox()
        self.size_label = QLabel()
        self.limit_label = QLabel(limit_text())
        self.checks = self._build_checks()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save_button = self.buttons.addButton(tr("Save…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.copy_button = self.buttons.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.draw_button = self.buttons.addButton(tr("Draw a region"), QDialogButtonBox.ButtonRole.ResetRole)
        self._build_choices()
        self._build_layout()
        self._build_connections()
        self._refresh()

    def _build_checks(self) -> dict[str, QCheckBox]:
        shown = self._options.content
        texts = {
            "scale_bar": (tr("Scale bar"), True),
            "annotations": (tr("Annotations"), shown.annotations),
            "heat_map": (tr("Heat map with its legend"), shown.heat_map),
            "overlays": (tr("Grid, field circle and measurements"), shown.overlays),
        }
        checks = {}
        for name, (text, offered) in texts.items():
            checks[name] = QCheckBox(text)
            checks[name].setChecked(offered)
            checks[name].setEnabled(offered)
        return checks

    def _build_choices(self) -> None:
        for region in self._options.frames:
            self.region_box.addItem(tr(REGIONS[region]), region)
        for text, downsample in scales(self._options.info, self._options.view):
            self.scale_box.addItem(text, downsample)
        self.other_box.setSuffix(tr("×"))
        self.other_box.setRange(SMALLEST_MAGNIFICATION, LARGEST_MAGNIFICATION)
        self.other_box.setAccessibleName(tr("Magnification"))
        if self._options.info.mpp is not None:
            self.scale_box.addItem(tr("Another magnification"), None)
            self.other_box.setValue(round(self._options.view.magnification(self._options.info.mpp[0]), 2))

    def _build_layout(self) -> None:
        layout = QVBoxLayout(self)
        form = QFormLayout()
        form.addRow(tr("Shows"), self.region_box)
        form.addRow(tr("Scale"), self.scale_box)
        form.addRow("", self.other_box)
        self._form = form
        form.addRow(tr("Size"), self.size_label)
        layout.addLayout(form)
        self.limit_label.setWordWrap(True)
        layout.addWidget(self.limit_label)
        for check in self.checks.values():
            layout.addWidget(check)
        hint = QLabel(
            tr(
                "Colors are as shown on the screen; for analysis use the slide itself. The picture holds "
                "neither the slide's name nor its label."
            )
        )
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        layout.addWidget(hint)
        layout.addWidget(self.buttons)
        self.save_button.setDefault(True)

    def _build_connections(self) -> None:
        self.region_box.currentIndexChanged.connect(self._refresh)
        self.scale_box.currentIndexChanged.connect(self._refresh)
        self.other_box.valueChanged.connect(self._refresh)
        self.save_button.clicked.connect(lambda: self._choose("file"))
        self.copy_button.clicked.connect(lambda: self._choose("clipboard"))
        self.draw_button.clicked.connect(self._draw)
        self.buttons.rejected.connect(self.reject)

    def picture(self) -> Viewport:
        """The picture as it is chosen now."""
        region: Region = self.region_box.currentData()
        downsample = self.scale_box.currentData()
        mpp = self._options.info.mpp
        if downsample is None and mpp is not None:
            downsample = downsample_at(self.other_box.value(), mpp[0])
        return self._options.frames[region].at(downsample)

    def content(self) -> PictureContent:
        """What it shows, as it is chosen now."""
        return PictureContent(**{name: check.isChecked() for name, check in self.checks.items()})

    def _refresh(self) -> None:
        self._form.setRowVisible(self.other_box, self.scale_box.currentData() is None)
        picture = self.picture()
        too_large = is_too_large(picture)
        self.size_label.setText(size_text(picture, self._options.info))
        self.limit_label.setVisible(too_large)
        self.adjustSize()
        for button in (self.save_button, self.copy_button):
            button.setEnabled(not too_large)

    def _choose(self, target: Target) -> None:
        choice = SnapshotChoice(self.picture(), self.content(), target)
        self.accept()
        self.chosen.emit(choice)

    def _draw(self) -> None:
        self.reject()
        self.region_wanted.emit()
