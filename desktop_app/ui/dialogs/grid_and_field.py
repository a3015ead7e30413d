"""Setting the grid's spacing and the size of the high-power field, seen on the slide at once. GUI thread."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.storage.overlay_settings import (
    LARGEST_FIELD_MM2,
    LARGEST_SPACING,
    SMALLEST_FIELD_MM2,
    SMALLEST_SPACING,
    OverlaySettings,
)
from desktop_app.ui.canvas.scale_bar import length_text
from desktop_app.ui.canvas_layers.field_layer import area_of, diameter_mm
from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.translation import marked, tr

SPACINGS = (10.0, 20.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0)
"""µm, or level-0 pixels where the slide does not say."""

FIELDS = (
    (0.159, marked("FN 18, 40×")),
    (0.16, ""),
    (0.196, marked("FN 20, 40×")),
    (0.2, ""),
    (0.2376, marked("FN 22, 40×")),
    (0.3, ""),
    (0.307, marked("FN 25, 40×")),
    (1.0, ""),
    (2.0, ""),
)
"""Areas in mm²; FN is the eyepiece's field number, whose diameter is FN / 40 mm at 40×."""


class GridAndFieldDialog(QDialog):
    """Two small forms.

    Parameters
    ----------
    settings : OverlaySettings
        The present choices.
    calibrated : bool
        Whether the slide's pixel size is known; without it the grid is in pixels and there is no circle.

    Notes
    -----
    ``changed(OverlaySettings)`` follows every change; ``grid_here_wanted()`` and ``grid_corner_wanted()`` ask
    to move the grid.
    """

    changed = Signal(object)
    grid_here_wanted = Signal()
    grid_corner_wanted = Signal()

    def __init__(self, settings: OverlaySettings, *, calibrated: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Grid and field"))
        self._settings = settings
        self._calibrated = calibrated
        self.spacing_box = NumberBox()
        self.spacing_presets = QComboBox()
        self.area_box = NumberBox()
        self.diameter_box = NumberBox()
        self.field_presets = QComboBox()
        self.here_button = QPushButton(tr("Lines through the middle of the view"))
        self.corner_button = QPushButton(tr("Lines from the slide's corner"))
        for button in (self.here_button, self.corner_button):
            button.setAutoDefault(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self._build_grid())
        layout.addWidget(self._build_field())
        layout.addWidget(buttons)
        self._show(settings)
        self._build_connections()

    def _build_grid(self) -> QGroupBox:
        box = QGroupBox(tr("Grid"))
        form = QFormLayout(box)
        self.spacing_box.setRange(SMALLEST_SPACING, LARGEST_SPACING)
        self.spacing_box.setSuffix(tr(" µm") if self._calibrated else tr(" px"))
        self.spacing_box.setAccessibleName(tr("Spacing"))
        self.spacing_presets.setAccessibleName(tr("Usual spacings"))
        self.spacing_presets.addItem(tr("Usual spacings"))
        for spacing in SPACINGS:
            self.spacing_presets.addItem(length_text(spacing, calibrated=self._calibrated), spacing)
        form.addRow(tr("Spacing"), _side_by_side(self.spacing_box, self.spacing_presets))
        form.addRow(_side_by_side(self.here_button, self.corner_button))
        if not self._calibrated:
            form.addRow(
                _faint(tr("This slide does not say how large a pixel is: the grid is in its pixels."))
            )
        return box

    def _build_field(self) -> QGroupBox:
        box = QGroupBox(tr("High-power field"))
        form = QFormLayout(box)
        self.area_box.setRange(SMALLEST_FIELD_MM2, LARGEST_FIELD_MM2)
        self.area_box.setSuffix(tr(" mm²"))
        self.area_box.setAccessibleName(tr("Area"))
        self.diameter_box.setRange(diameter_mm(SMALLEST_FIELD_MM2), diameter_mm(LARGEST_FIELD_MM2))
        self.diameter_box.setSuffix(tr(" mm"))
        self.field_presets.setAccessibleName(tr("Usual fields"))
        self.field_presets.addItem(tr("Usual fields"))
        for area, name in FIELDS:
            text = tr("{area} mm²", area=f"{area:g}")
            self.field_presets.addItem(f"{text}  ({tr(name)})" if name else text, area)
        form.addRow(tr("Area"), _side_by_side(self.area_box, self.field_presets))
        form.addRow(tr("Diameter"), self.diameter_box)
        form.addRow(
            _faint(tr("FN is the number on the eyepiece: the field's diameter is FN / 40 mm at 40×."))
        )
        if not self._calibrated:
            form.addRow(_faint(tr("The circle needs the slide's pixel size: Slide, Set pixel size.")))
        return box

    def _build_connections(self) -> None:
        self.spacing_box.valueChanged.connect(self._take_spacing)
        self.area_box.valueChanged.connect(self._take_area)
        self.diameter_box.valueChanged.connect(lambda diameter: self._take_area(area_of(diameter)))
        self.spacing_presets.activated.connect(self._preset_spacing)
        self.field_presets.activated.connect(self._preset_field)
        self.here_button.clicked.connect(self.grid_here_wanted)
        self.corner_button.clicked.connect(self.grid_corner_wanted)

    def _show(self, settings: OverlaySettings) -> None:
        """Show values; the box the user is typing into already holds its own."""
        spacing = settings.grid_spacing_um if self._calibrated else settings.grid_spacing_px
        values = {
            self.spacing_box: spacing,
            self.area_box: float(f"{settings.field_area_mm2:.5g}"),
            self.diameter_box: float(f"{diameter_mm(settings.field_area_mm2):.4g}"),
        }
        for box, value in values.items():
            if not box.hasFocus():
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)

    def _take_spacing(self, spacing: float) -> None:
        if self._calibrated:
            self._take(replace(self._settings, grid=True, grid_spacing_um=spacing))
        else:
            self._take(replace(self._settings, grid=True, grid_spacing_px=spacing))

    def _take_area(self, area: float) -> None:
        area = min(max(area, SMALLEST_FIELD_MM2), LARGEST_FIELD_MM2)
        self._take(
            replace(self._settings, field=self._calibrated or self._settings.field, field_area_mm2=area)
        )

    def _preset_spacing(self, index: int) -> None:
        spacing = self.spacing_presets.itemData(index)
        self.spacing_presets.setCurrentIndex(0)
        if spacing is not None:
            self._take_spacing(spacing)

    def _preset_field(self, index: int) -> None:
        area = self.field_presets.itemData(index)
        self.field_presets.setCurrentIndex(0)
        if area is not None:
            self._take_area(area)

    def _take(self, settings: OverlaySettings) -> None:
        self._settings = settings
        self._show(settings)
        self.changed.emit(settings)


def _side_by_side(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return row


def _faint(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("faint")
    label.setWordWrap(True)
    return label
