"""What has been seen of the slides of a window: recorded, shown on the minimap, and told in numbers.

GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from desktop_app.domain.arrays import MaskArray
from desktop_app.domain.coverage import class_downsamples, tissue_cells
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Viewport
from desktop_app.errors import CoverslipError
from desktop_app.ui.canvas.minimap_legend import MinimapLegend
from desktop_app.ui.canvas_layers.coverage_layer import CoverageLayer, class_names, opaque_colors
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.overlays.coverage_record import CoverageRecord, CoverageWatch
from desktop_app.ui.pictures.slide_picture import SlidePicture, pixels_to_read, rgb_of
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

LAYER = "coverage"

OVERVIEW_PIXELS = 40_000_000
"""Slide pixels that may be read to find tissue; without small levels only the share of the slide is told."""

TOLD_CLASSES = (2, 3)
"""Of the magnification classes: the share seen at 10× and at 20× is told."""


@dataclass(slots=True, eq=False)
class _Watched:
    """One view and what belongs to it here."""

    watch: CoverageWatch
    layer: CoverageLayer
    overview: SlidePicture | None = None


class CoverageDesk:
    """Keeps what has been seen.

    Parameters
    ----------
    window : MainWindow
        Whose views are watched.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._records: dict[str, CoverageRecord] = {}
        self._watched: dict[SlideView, _Watched] = {}
        self._told = False

    def record_of(self, view: SlideView) -> CoverageRecord:
        """What has been seen of a view's slide."""
        return self._watched[view].watch.record

    def add_view(self, view: SlideView) -> None:
        """Watch a view; views of one slide share a record."""
        record = self._records.get(view.document_id) or self._new_record(view)
        watched = _Watched(CoverageWatch(view.canvas, record, view), CoverageLayer(view))
        self._watched[view] = watched
        view.canvas.minimap.set_layer(LAYER, watched.layer)
        record.changed.connect(partial(self._show, view))
        view.document.rescaled.connect(partial(self._show, view))
        self.apply_settings(view)

    def remove_view(self, view: SlideView) -> None:
        """Stop watching a view that is about to be closed, and write what it saw."""
        watched = self._watched.pop(view)
        if watched.overview is not None:
            watched.overview.cancel()
        record = watched.watch.record
        record.write()
        if all(other.watch.record is not record for other in self._watched.values()):
            del self._records[view.document_id]

    def apply_settings(self, view: SlideView) -> None:
        """Record and show as the user chose."""
        settings = self._window.settings.overlays
        self._watched[view].watch.active = settings.record_coverage
        view.canvas.minimap.show_layer(LAYER, settings.minimap_coverage)
        self._show(view)

    def write_all(self) -> None:
        """Write everything, before the window's background work ends."""
        for record in self._records.values():
            record.write()

    def forget(self, view: SlideView) -> None:
        """Begin anew with a view's slide; the message offers a way back."""
        record = self.record_of(view)
        before = record.forget()
        offer = Offer(tr("Undo"), lambda: record.restore(before))
        text = tr("What was seen of this slide is forgotten; recording begins anew.")
        self._window.messages.show_notice(Notice(text, "info", (offer,)))

    def _new_record(self, view: SlideView) -> CoverageRecord:
        record = CoverageRecord(view.info.size, self._window.memory_of(view), self._window.background)
        record.failed.connect(self._tell_once)
        record.turned.connect(self._window.refresh_actions)
        self._records[view.document_id] = record
        return record

    def _show(self, view: SlideView) -> None:
        watched = self._watched.get(view)
        if watched is None:
            return
        settings, minimap = self._window.settings.overlays, view.canvas.minimap
        tip = tr("Click or drag to move the view")
        if not settings.minimap_coverage:
            watched.layer.show_coverage(None, None)
            minimap.set_legend(None)
            minimap.setToolTip(tip)
            return
        record, mpp = watched.watch.record, view.info.mpp
        watched.layer.show_coverage(record.coverage, mpp)
        entries = tuple(zip(opaque_colors(), class_names(mpp), strict=True))
        shares = share_lines(record, mpp) if settings.record_coverage else [tr("Not recorded")]
        minimap.set_legend(MinimapLegend(entries, self._short_line(record, mpp)))
        minimap.setToolTip("\n".join([tip, *shares]))
        self._find_tissue(view, watched)

    def _short_line(self, record: CoverageRecord, mpp: Mpp | None) -> str:
        if not self._window.settings.overlays.record_coverage:
            return tr("Not recorded")
        number = TOLD_CLASSES[0]
        percent = round(100 * share_of(record, mpp, number))
        return tr("≥ {scale}: {percent} %", scale=class_names(mpp)[number], percent=percent)

    def _find_tissue(self, view: SlideView, watched: _Watched) -> None:
        """Look for tissue in a picture of one pixel per cell, once for each view."""
        record = watched.watch.record
        source = view.canvas.new_tile_source()
        if watched.overview is not None or record.tissue is not None or source is None:
            return
        (rows, columns), cell = record.coverage.steps.shape, record.coverage.cell
        whole = Viewport((columns * cell / 2, rows * cell / 2), cell, 0.0, (columns, rows))
        if not view.info.is_brightfield or pixels_to_read(source, whole) > OVERVIEW_PIXELS:
            return
        overview = watched.overview = SlidePicture(source, whole)
        background = self._window.background
        background.run(lambda: _tissue_in(overview), record.set_tissue, self._tell_once)

    def _tell_once(self, error: CoverslipError) -> None:
        if not self._told:
            self._told = True
            reason = sentence(error)
            told = tr("What has been looked at may be forgotten. {reason}", reason=reason)
            self._window.messages.tell(told, "warning")


def share_of(record: CoverageRecord, mpp: Mpp | None, number: int) -> float:
    """How much of the tissue (of the slide, where that is not known) was seen at a class or finer, 0 to 1."""
    downsample = class_downsamples(mpp[0] if mpp is not None else None)[number]
    return record.coverage.share(downsample, record.tissue)


def share_lines(record: CoverageRecord, mpp: Mpp | None) -> list[str]:
    """How much has been seen closely, a line for each of two scales."""
    texts = []
    for number in TOLD_CLASSES:
        fields = {"scale": class_names(mpp)[number], "percent": round(100 * share_of(record, mpp, number))}
        if record.tissue is None:
            texts.append(tr("≥ {scale}: {percent} % of the slide", **fields))
        else:
            texts.append(tr("≥ {scale}: {percent} % of the tissue", **fields))
    return texts


def _tissue_in(overview: SlidePicture) -> MaskArray | None:
    image = overview.paint()
    return None if image is None or overview.is_unfinished else tissue_cells(rgb_of(image))
