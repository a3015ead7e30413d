"""How much: the small dialog of the operations on shapes that need an amount, seen on the slide at once.

GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.translation import tr

WIDTH = 380
"""Logical pixels of its sentences."""

MARGIN = 12


@dataclass(frozen=True, slots=True)
class AmountForm:
    """What a dialog asks.

    Attributes
    ----------
    key : str
        Under which the amount is remembered.
    title, label : str
        Of the dialog and of its number, English; translated when shown.
    default : float
        µm, or µm² for an area.
    variants : tuple[tuple[str, str], ...]
        ``(name, text)`` of the ways in which it can be done; empty for one.
    without_amount : str
        The variant that needs no amount.
    is_area : bool
        Whether the number is an area.
    hint : str
        What the number means, in a sentence.
    """

    key: str
    title: str
    label: str
    default: float
    variants: tuple[tuple[str, str], ...] = ()
    without_amount: str = ""
    is_area: bool = False
    hint: str = ""


class ShapeAmountDialog(QDialog):
    """One number, and how it is meant.

    Parameters
    ----------
    form : AmountForm
        What is asked.
    amount : float
        At first, in the unit shown.
    variant : str
        At first; empty for the first.
    calibrated : bool
        Whether the slide's pixel size is known; else amounts are in pixels.

    Notes
    -----
    ``changed()`` follows every change of :attr:`amount` or :attr:`variant`.
    """

    changed = Signal()

    def __init__(
        self,
        form: AmountForm,
        amount: float,
        *,
        variant: str = "",
        calibrated: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self.setWindowTitle(tr(form.title))
        self.amount_box = NumberBox()
        self.variant_box = QComboBox()
        self._outcome = QLabel()
        self._outcome.setWordWrap(True)
        self._outcome.setMinimumWidth(WIDTH)
        # Room for two lines, so that the dialog does not jump while the amount is turned.
        self._outcome.setMinimumHeight(2 * self._outcome.fontMetrics().lineSpacing())
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._build_layout(calibrated)
        self._fill(amount, variant)
        self._build_connections()
        self.amount_box.setFocus()
        self.amount_box.selectAll()

    def _build_layout(self, calibrated: bool) -> None:
        length, area = (tr(" µm"), tr(" µm²")) if calibrated else (tr(" px"), tr(" px²"))
        self.amount_box.setSuffix(area if self._form.is_area else length)
        self.amount_box.setRange(0.01, 1e9 if self._form.is_area else 1e5)
        self.amount_box.setAccessibleName(tr(self._form.label))
        self.variant_box.setAccessibleName(tr("How"))
        form = QFormLayout()
        if self._form.variants:
            form.addRow(tr("How"), self.variant_box)
        else:
            self.variant_box.hide()
        form.addRow(tr(self._form.label), self.amount_box)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        layout.addLayout(form)
        if self._form.hint:
            layout.addWidget(_faint(tr(self._form.hint)))
        if not calibrated:
            layout.addWidget(
                _faint(tr("This slide does not say how large a pixel is: amounts are in its pixels."))
            )
        layout.addWidget(self._outcome)
        layout.addWidget(self._buttons)

    def _fill(self, amount: float, variant: str) -> None:
        for name, text in self._form.variants:
            self.variant_box.addItem(tr(text), name)
        self.variant_box.setCurrentIndex(max(0, self.variant_box.findData(variant)))
        self.amount_box.setValue(amount)
        self._enable_amount()

    def _build_connections(self) -> None:
        self.amount_box.valueChanged.connect(self.changed)
        self.variant_box.currentIndexChanged.connect(self._enable_amount)
        self.variant_box.currentIndexChanged.connect(self.changed)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    @property
    def amount(self) -> float:
        """In the unit shown."""
        return self.amount_box.value()

    @property
    def variant(self) -> str:
        """Name of the way chosen; empty where there is one."""
        return str(self.variant_box.currentData() or "")

    @property
    def outcome(self) -> str:
        """What it says of the outcome."""
        return self._outcome.text()

    def keep_clear(self, around: QRect, shapes: QRect) -> None:
        """Stand in that corner of a screen rectangle in which the least of another is covered."""
        self.adjustSize()
        own = QRect(QPoint(), self.frameGeometry().size())
        free = around.adjusted(MARGIN, MARGIN, -MARGIN - own.width(), -MARGIN - own.height())
        corners = (free.topRight(), free.topLeft(), free.bottomRight(), free.bottomLeft())
        self.move(min(corners, key=lambda corner: _area(own.translated(corner) & shapes)))

    def show_outcome(self, text: str, *, possible: bool) -> None:
        """Say what would come of it, and whether it can be done."""
        self._outcome.setText(text)
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(possible)

    def _enable_amount(self) -> None:
        self.amount_box.setEnabled(not self.variant or self.variant != self._form.without_amount)


def _area(rect: QRect) -> int:
    return max(0, rect.width()) * max(0, rect.height())


def _faint(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("faint")
    label.setWordWrap(True)
    return label
