"""The window's hand on whole shapes: combining, splitting, growing, simplifying what is selected.

What the *Shape* menu calls. Amounts are asked for in a dialog that leaves the slide free to be moved, with
the outcome painted over it. GUI thread; large sums run on the background pool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PySide6.QtCore import QPoint, QRect

from desktop_app.domain import outline_smoothing, shape_algebra, shape_margins
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.measure import area_mm2, area_px
from desktop_app.domain.shape_regions import OutlineReport, Scale, ShapeStep
from desktop_app.domain.shapes import Box, Parts, bounding_box, drawn
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import CoverslipError
from desktop_app.ui.canvas_layers.shape_preview import ShapePreviewLayer
from desktop_app.ui.dialogs.shape_amount import AmountForm, ShapeAmountDialog
from desktop_app.ui.error_text import sentence
from desktop_app.ui.models.shape_operations import Chosen, Operation, Outcome, apply_outcome, work_out
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

HINT_MS = 600_000
PLACED_BY = 100
"""So many of the shapes are kept clear of."""

PIXELS_PER_UM = 4
"""Of a slide scanned at 40×; for the first amounts where the pixel size is unknown."""

PLAIN: Mapping[str, tuple[str, Operation]] = {
    "merge": (marked("Merge"), shape_algebra.merged),
    "subtract": (marked("Subtract"), shape_algebra.subtracted),
    "subtract_from_last": (marked("Subtract"), shape_algebra.subtracted_from_last),
    "intersect": (marked("Intersect"), shape_algebra.intersected),
    "exclusive": (marked("Exclusive"), shape_algebra.exclusive),
    "split": (marked("Split"), shape_algebra.split),
    "separate": (marked("Separate parts"), shape_algebra.separated),
    "hull": (marked("Convex hull"), shape_algebra.hulls),
}
"""What needs no amount: the undo menu's words and the operation."""

Maker: TypeAlias = Callable[[Parts], Annotation]


@dataclass(frozen=True, slots=True)
class Amount:
    """What the user said in a dialog.

    Attributes
    ----------
    value : float
        In units of the scale, or their squares for an area.
    variant : str
        How; empty where there is one way.
    scale : Scale
        Units per pixel.
    """

    value: float
    variant: str
    scale: Scale


FORMS: Mapping[str, AmountForm] = {
    form.key: form
    for form in (
        AmountForm(
            "fill",
            marked("Fill holes"),
            marked("Area"),
            1000.0,
            variants=(("all", marked("All holes")), ("small", marked("Holes smaller than"))),
            without_amount="all",
            is_area=True,
        ),
        AmountForm(
            "ring",
            marked("Make ring"),
            marked("Width"),
            100.0,
            variants=(
                ("outside", marked("Around the areas")),
                ("inside", marked("Inside their border")),
                ("both", marked("On both sides")),
            ),
            hint=marked("The ring is a new object of the class in hand; the selected areas stay."),
        ),
        AmountForm(
            "grow",
            marked("Expand or shrink"),
            marked("By"),
            50.0,
            variants=(("expand", marked("Expand")), ("shrink", marked("Shrink"))),
        ),
        AmountForm(
            "simplify",
            marked("Simplify"),
            marked("Largest deviation"),
            0.5,
            hint=marked("Vertices are left out as long as no place of the outline moves farther than this."),
        ),
        AmountForm(
            "smooth",
            marked("Smooth"),
            marked("Length"),
            5.0,
            hint=marked("What is much shorter than this along the outline goes, what is much longer stays."),
        ),
    )
}


class ShapeDesk:
    """What is done with the selected shapes of a window.

    Parameters
    ----------
    window : MainWindow
        Whose views these are.

    Attributes
    ----------
    question : AmountQuestion | None
        The dialog that is open, with its preview.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._variants: dict[str, str] = {}
        self.question: AmountQuestion | None = None

    def remove_view(self, view: SlideView) -> None:
        """Let go of a view that is about to be closed."""
        if self.question is not None and self.question.view is view:
            self.question.dialog.reject()

    def do(self, name: str) -> None:
        """Do one of ``PLAIN`` to what is selected."""
        label, operation = PLAIN[name]
        self._begin(tr(label), operation)

    def make_inverse(self) -> None:
        """Make an object of what the selected areas leave of the tissue, or of the slide."""
        view = self._window.current
        snapshot, chosen = view.document.snapshot, view.selection.chosen
        make, box = _maker(view), scanned_box(view.info)

        def inverse(shapes: tuple[Annotation, ...]) -> ShapeStep:
            ground = shape_algebra.tissue_of(snapshot, without=chosen.uuids()) or box
            return ShapeStep((), (make(shape_algebra.inverse_parts(shapes, ground)),))

        self._begin(tr("Inverse"), inverse)

    def ask(self, name: str) -> None:
        """Ask how much, one of ``FORMS``, and do it to what is selected now."""
        view, form = self._window.current, FORMS[name]
        try:
            chosen = Chosen.of(view.document, view.selection)
        except CoverslipError as error:
            view.failed.emit(error)
            return
        dialog = ShapeAmountDialog(
            form,
            self._first_amount(form, view.info),
            variant=self._variants.get(name, ""),
            calibrated=view.info.mpp is not None,
            parent=self._window,
        )
        self._window.dialogs.show(dialog, modal=False)
        question = AmountQuestion(
            self._window, view, chosen, dialog=dialog, operation_of=_operation_of(view, form)
        )
        self.question = question
        dialog.accepted.connect(partial(self._take, question, form))
        dialog.finished.connect(lambda _result: self._end(question))
        question.ask()
        question.place_dialog()

    def _take(self, question: AmountQuestion, form: AmountForm) -> None:
        amount = question.amount
        key = _amount_key(form, question.view.info)
        amounts = {**self._window.settings.shape_amounts, key: amount.value}
        self._window.change_settings(replace(self._window.settings, shape_amounts=amounts))
        self._variants[form.key] = amount.variant
        self._start(question.view, question.chosen, tr(form.title), question.operation)

    def _end(self, question: AmountQuestion) -> None:
        question.end()
        if self.question is question:
            self.question = None

    def _first_amount(self, form: AmountForm, info: SlideInfo) -> float:
        pixels = PIXELS_PER_UM ** (2 if form.is_area else 1)
        default = form.default if info.mpp is not None else form.default * pixels
        return self._window.settings.shape_amounts.get(_amount_key(form, info), default)

    def _begin(self, label: str, operation: Operation) -> None:
        view = self._window.current
        try:
            chosen = Chosen.of(view.document, view.selection)
        except CoverslipError as error:
            view.failed.emit(error)
        else:
            self._start(view, chosen, label, operation)

    def _start(self, view: SlideView, chosen: Chosen, label: str, operation: Operation) -> None:
        done, failed = partial(self._apply, view, label), partial(self._refuse, view)
        if work_out(self._window.background, chosen, operation, done=done, failed=failed):
            self._window.status.show_hint(tr("Working on large shapes …"), HINT_MS)

    def _apply(self, view: SlideView, label: str, outcome: Outcome) -> None:
        self._window.status.end_hint()
        if not view.document.is_open:
            return
        try:
            apply_outcome(view.document, view.selection, outcome, label)
        except CoverslipError as error:
            view.failed.emit(error)
            return
        if outcome.step.report is not None:
            self._window.messages.tell(report_text(outcome.step.report, calibrated=view.info.mpp is not None))

    def _refuse(self, view: SlideView, error: CoverslipError) -> None:
        self._window.status.end_hint()
        if view.document.is_open:
            view.failed.emit(error)


class AmountQuestion:
    """A dialog that asks how much, and what would come of it on the slide.

    Parameters
    ----------
    window : MainWindow
        Works it out.
    view : SlideView
        Gets the preview.
    chosen : Chosen
        What is worked on.
    dialog : ShapeAmountDialog
        Asks.
    operation_of : Callable[[Amount], Operation]
        What to do for an amount.

    Notes
    -----
    One sum is under way at a time; of the amounts chosen meanwhile, the latest is worked out next.
    """

    def __init__(
        self,
        window: MainWindow,
        view: SlideView,
        chosen: Chosen,
        *,
        dialog: ShapeAmountDialog,
        operation_of: Callable[[Amount], Operation],
    ) -> None:
        self.view, self.chosen, self.dialog = view, chosen, dialog
        self._window = window
        self._operation_of = operation_of
        self._scale: Scale = view.info.mpp or (1.0, 1.0)
        self._busy = self._outdated = self._ended = False
        self.layer = ShapePreviewLayer()
        view.canvas.add_layer(self.layer)
        # No handles over the preview, and no edit of what is worked on.
        view.canvas.set_tool(None)
        dialog.changed.connect(self.ask)
        view.state_changed.connect(self._follow_mode)

    @property
    def amount(self) -> Amount:
        """What the dialog says now."""
        return Amount(self.dialog.amount, self.dialog.variant, self._scale)

    @property
    def operation(self) -> Operation:
        """What would be done now."""
        return self._operation_of(self.amount)

    @property
    def is_settled(self) -> bool:
        """Whether the preview shows what the dialog says."""
        return not self._busy

    def ask(self) -> None:
        """Preview the present amount."""
        if self._busy:
            self._outdated = True
            return
        self._busy = True
        if work_out(
            self._window.background, self.chosen, self.operation, done=self._show, failed=self._refuse
        ):
            self.dialog.show_outcome(tr("Working on large shapes …"), possible=True)

    def place_dialog(self) -> None:
        """Put the dialog where it hides as little of the shapes as can be."""
        canvas = self.view.canvas
        shapes = replace(self.chosen, ids=self.chosen.ids[:PLACED_BY]).shapes()
        boxes = np.array([bounding_box(shape) for shape in shapes])
        corners = np.concatenate([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]])
        seen = np.clip(canvas.viewport.to_view(corners) / canvas.dpr, 0, (canvas.width(), canvas.height()))
        (left, top), (right, bottom) = seen.min(0).astype(int).tolist(), seen.max(0).astype(int).tolist()
        origin = canvas.mapToGlobal(QPoint())
        covered = QRect(QPoint(left, top), QPoint(right, bottom)).translated(origin)
        self.dialog.keep_clear(canvas.rect().translated(origin), covered)

    def end(self) -> None:
        """Take the preview away."""
        self._ended = True
        self.view.state_changed.disconnect(self._follow_mode)
        self.view.canvas.remove_layer(self.layer)
        self.view.return_canvas()

    def _follow_mode(self) -> None:
        """In View mode nothing is changed, so nothing is asked either."""
        if self._window.mode != "annotate":
            self.dialog.reject()

    def _show(self, outcome: Outcome) -> None:
        if self._goes_on():
            calibrated = self.view.info.mpp is not None
            self.layer.show(outcome.step.after)
            self.dialog.show_outcome(outcome_text(outcome.step, self._scale, calibrated), possible=True)

    def _refuse(self, error: CoverslipError) -> None:
        if self._goes_on():
            self.layer.show(())
            self.dialog.show_outcome(sentence(error), possible=False)

    def _goes_on(self) -> bool:
        """Whether an answer is still wanted; one that is outdated is asked for again."""
        self._busy = False
        if self._ended:
            return False
        if self._outdated:
            self._outdated = False
            self.ask()
            return False
        return True


def outcome_text(step: ShapeStep, scale: Scale, calibrated: bool) -> str:
    """What would come of a step, in a sentence."""
    if step.report is not None:
        return report_text(step.report, calibrated=calibrated)
    if calibrated:
        area = sum(area_mm2(shape, scale) for shape in step.after)
        return tr("Area afterwards: {area} mm²", area=f"{area:.4g}")
    return tr("Area afterwards: {area} px²", area=f"{sum(area_px(shape) for shape in step.after):,.0f}")


def report_text(report: OutlineReport, *, calibrated: bool) -> str:
    """What became of outlines, in a sentence."""
    text = (
        marked("{before} vertices become {after}; the outline moves by {deviation} µm at most.")
        if calibrated
        else marked("{before} vertices become {after}; the outline moves by {deviation} px at most.")
    )
    return tr(
        text,
        before=f"{report.vertices_before:,}",
        after=f"{report.vertices_after:,}",
        deviation=f"{report.deviation:.3g}",
    )


def scanned_box(info: SlideInfo) -> Box:
    """What was scanned of a slide, level-0 pixels."""
    x, y, width, height = info.bounds or (0, 0, *info.size)
    return float(x), float(y), float(x + width), float(y + height)


def _maker(view: SlideView) -> Maker:
    """Makes a new object of the class in hand, as a tool would."""
    name, author = view.class_choice.name, view.document.author
    return lambda parts: drawn("polygon", parts, class_name=name, author=author)


def _operation_of(view: SlideView, form: AmountForm) -> Callable[[Amount], Operation]:
    make = _maker(view)
    operations: dict[str, Callable[[Amount], Operation]] = {
        "fill": lambda amount: partial(
            shape_algebra.filled,
            below=None if amount.variant == "all" else amount.value,
            scale=amount.scale,
        ),
        "ring": lambda amount: partial(_ring, make, amount),
        "grow": lambda amount: partial(
            shape_margins.expanded,
            amount=-amount.value if amount.variant == "shrink" else amount.value,
            scale=amount.scale,
        ),
        "simplify": lambda amount: partial(
            outline_smoothing.simplified, deviation=amount.value, scale=amount.scale
        ),
        "smooth": lambda amount: partial(outline_smoothing.smoothed, length=amount.value, scale=amount.scale),
    }
    return operations[form.key]


def _ring(make: Maker, amount: Amount, shapes: tuple[Annotation, ...]) -> ShapeStep:
    side = shape_margins.RING_SIDES[amount.variant]
    parts = shape_margins.ring_parts(shapes, amount.value, side=side, scale=amount.scale)
    return ShapeStep((), (make(parts),))


def _amount_key(form: AmountForm, info: SlideInfo) -> str:
    """Amounts in pixels are remembered apart from those in µm."""
    return form.key if info.mpp is not None else f"{form.key}_px"
