"""Several views of one window compared: new views, moving together, and aligning serial sections.

What the layout and synchronization actions do. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_app.domain.alignment import Alignment, scale_between
from desktop_app.domain.viewport import downsample_at
from desktop_app.errors import CoverslipError
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.alignment_guide import AlignmentGuide, Landmarks
from desktop_app.ui.alignments import Alignments
from desktop_app.ui.error_text import sentence
from desktop_app.ui.linked_cursors import LinkedCursors
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.synchronization import Synchronizer
from desktop_app.ui.translation import tr
from desktop_app.ui.view_grid import MOST

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

SUSPICIOUS_STRETCH = 0.05
"""Sections shrink and tear, but distances that differ by more than this are rather a wrong click."""


class Comparison:
    """What can be done with several views.

    Parameters
    ----------
    window : MainWindow
        Whose views these are; its area must be there.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.alignments = Alignments(window.locations.slide_memory, window.background, self._tell_error)
        self.synchronizer = Synchronizer(self._alignment, lambda: window.area.shown, window.area)
        self.cursors = LinkedCursors(self.synchronizer)
        self.guide = AlignmentGuide()
        window.area.guide_place.addWidget(self.guide)
        self.guide.found.connect(self._align)
        self.guide.ended.connect(self._go_on)

    def facts(self) -> Iterator[Fact]:
        """What is true of the views, for the action table."""
        area, front = self._window.area, self._window.front
        rows, columns = area.layout_size
        yield f"layout_{rows}x{columns}"
        if rows * columns > 1:
            yield "grid"
        if len(area.views) > 1:
            yield "several_views"
        if len(area.shown) > 1:
            yield "several_shown"
        if self.synchronizer.is_on:
            yield "synchronized"
        if front is not None and area.window_of(front) is not None:
            yield "own_window"
        if len({view.document_id for view in area.shown}) > 1:
            yield "several_slides_shown"
        if any(self._aligned_with_front()):
            yield "aligned"
        if self.guide.is_active:
            yield "aligning"

    # ---- views come and go --------------------------------------------------------------------------

    def add(self, view: SlideView) -> None:
        """A view was opened."""
        self.synchronizer.watch(view)
        self.cursors.add(view)
        self.alignments.load(view.document_id, lambda: self._known(view))

    def remove(self, view: SlideView) -> None:
        """A view is about to be closed."""
        self.guide.end()
        self.synchronizer.forget(view)
        self.cursors.remove(view)

    def follow_arrangement(self) -> None:
        """Other views are seen than before."""
        self.synchronizer.carry()

    def new_view(self) -> None:
        """Show the slide in front once more, beside itself where there is room or room can be made."""
        window = self._window
        source = window.current
        if all(cell.view is not None for cell in window.area.grid.cells):
            self._make_room()
        view = window.opening.another_view(source)
        window.add_view(view)
        if not source.canvas.mover.fitted:
            view.canvas.set_viewport(source.canvas.viewport)

    def set_layout(self, rows: int, columns: int) -> None:
        """Have so many rows and columns, now and at the next start."""
        self._window.change_settings(replace(self._window.settings, rows=rows, columns=columns))

    def _make_room(self) -> None:
        rows, columns = self._window.area.layout_size
        if columns < MOST and columns <= rows:
            columns += 1
        elif rows < MOST:
            rows += 1
        self._window.area.set_layout_size(rows, columns, fill=False)
        self.set_layout(rows, columns)

    # ---- windows of their own -----------------------------------------------------------------------

    def toggle_own_window(self) -> None:
        """Move the view in front to a window of its own, or back."""
        area, view = self._window.area, self._window.current
        if area.window_of(view) is None:
            area.detach(view, self._window.windowIcon())
        else:
            area.attach(view)

    # ---- moving together ----------------------------------------------------------------------------

    def toggle_synchronized(self) -> None:
        """Have the views move together, or each alone."""
        if self.synchronizer.is_on:
            self.synchronizer.switch_off()
            self.cursors.clear()
        else:
            self.synchronizer.switch_on(self._window.current, self._window.views)
        self._window.area.show_linked(self.synchronizer.is_on)

    def match_magnification(self) -> None:
        """Show tissue as large in every view as in the one in front."""
        front = self._window.current
        others = [view for view in self._window.views if view is not front]
        if front.info.mpp is None:
            return
        magnification = front.canvas.viewport.magnification(front.info.mpp[0])
        with self.synchronizer.parted(front):
            for view in others:
                mpp = view.info.mpp
                if mpp is not None:
                    here = view.canvas.viewport
                    view.canvas.set_viewport(here.with_downsample(downsample_at(magnification, mpp[0])))
        if any(view.info.mpp is None for view in others):
            self._window.messages.tell(
                tr("Slides whose pixel size is unknown keep their scale: set it under Slide."),
                "warning",
            )

    # ---- serial sections ----------------------------------------------------------------------------

    def begin_alignment(self) -> None:
        """Ask for two landmarks in two views."""
        self.synchronizer.paused = True
        self.guide.begin(self._window.area.shown)
        self._window.refresh_actions()

    def align_as_shown(self) -> None:
        """Take how the views are now, moved and turned by hand, as how their slides lie on each other."""
        front = self._window.current
        others = [view for view in self._window.area.shown if view.document is not front.document]
        for view in others:
            scale = scale_between(front.info.mpp, view.info.mpp)
            alignment = Alignment.between(front.canvas.viewport, view.canvas.viewport, scale=scale)
            self.alignments.keep(front.document_id, view.document_id, alignment)
        self._move_together(front)
        self._window.messages.tell(tr("The slides are aligned as shown; their views move together."))

    def forget_alignment(self) -> None:
        """Forget how the slides shown lie on the one in front."""
        front = self._window.current
        for view in self._aligned_with_front():
            self.alignments.drop(front.document_id, view.document_id)
        self.synchronizer.relink()
        self._window.messages.tell(tr("The alignment with the slide in front was forgotten."))

    def _align(self, landmarks: Landmarks) -> None:
        alignment = landmarks.alignment()
        first, second = landmarks.first, landmarks.second
        self.alignments.keep(first.document_id, second.document_id, alignment)
        self._move_together(first)
        again = Offer(tr("Align again"), self.begin_alignment)
        flip = Offer(tr("It is flipped over"), lambda: self._align(_turned_over(landmarks)))
        stretch = landmarks.stretch()
        if stretch > SUSPICIOUS_STRETCH:
            text = tr(
                "The two distances differ by {percent} %; were the same places clicked?",
                percent=f"{100 * stretch:.0f}",
            )
            self._window.messages.show_notice(Notice(text, "warning", (again, flip)))
        else:
            text = f"{tr('The slides are aligned and their views move together.')} {_agreement(landmarks)}"
            self._window.messages.show_notice(Notice(text.strip(), "info", (flip, again)))

    def _move_together(self, leader: SlideView) -> None:
        self.synchronizer.switch_on(leader, self._window.views)
        self._window.area.show_linked(True)
        self._window.refresh_actions()

    def _go_on(self) -> None:
        self.synchronizer.paused = False
        self.synchronizer.carry()
        self._window.refresh_actions()

    def _known(self, view: SlideView) -> None:
        """A view's alignments are known; it may join the others now."""
        if view in self._window.views:
            self.synchronizer.include(self._window.views)
            self._window.refresh_actions()

    def _alignment(self, source: SlideView, target: SlideView) -> Alignment | None:
        return self.alignments.between(source.document_id, target.document_id)

    def _aligned_with_front(self) -> list[SlideView]:
        front = self._window.front
        if front is None:
            return []
        return [
            view
            for view in self._window.area.shown
            if self.alignments.are_paired(front.document_id, view.document_id)
        ]

    def _tell_error(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def _turned_over(landmarks: Landmarks) -> Landmarks:
    return replace(landmarks, mirrored=not landmarks.mirrored)


def _agreement(landmarks: Landmarks) -> str:
    """How well the landmarks fit, where a pixel size makes it a length."""
    mpp = landmarks.second.info.mpp
    if mpp is None or landmarks.first.info.mpp is None:
        return ""
    missed = landmarks.alignment().residual_um(landmarks.source, landmarks.target, mpp)
    return tr("The landmarks agree within {distance} µm.", distance=f"{missed:.0f}")
