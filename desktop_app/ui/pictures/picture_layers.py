"""What goes into a picture above the slide, as stills that a thread of its own may paint. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas import ScaleBar
from desktop_app.ui.pictures.slide_picture import PictureLayer, SlidePicture, TilesOf

if TYPE_CHECKING:
    from desktop_app.ui.slide_view import SlideView

PLAIN_SIDE = 900
"""Pixels; lines and writing grow with a picture's shorter side from here on, to stay readable."""


@dataclass(frozen=True, slots=True)
class PictureContent:
    """What is wanted in a picture besides the slide.

    Attributes
    ----------
    scale_bar, annotations, heat_map, overlays : bool
        The last is grid, field circle and measurements.
    """

    scale_bar: bool = True
    annotations: bool = True
    heat_map: bool = True
    overlays: bool = True


def shown_content(view: SlideView) -> PictureContent:
    """What a view shows now."""
    return PictureContent(
        scale_bar=view.canvas.scale_bar.visible,
        annotations=view.annotations_shown and bool(len(view.document.snapshot)),
        heat_map=view.heat_map_shown,
        overlays=view.overlays.any_shown,
    )


def picture_of(view: SlideView, viewport: Viewport, content: PictureContent) -> SlidePicture | None:
    """A picture of a view's slide as the view shows it, ready to be painted.

    Parameters
    ----------
    view : SlideView
        Open until the picture is painted or cancelled.
    viewport : Viewport
        The picture's part of the slide and its size in pixels.
    content : PictureContent
        What it shows.

    Returns
    -------
    SlidePicture | None
        None if the view has no slide any more.
    """
    source = view.canvas.new_tile_source()
    if source is None:
        return None
    of_view = viewport == view.canvas.viewport
    dpr = view.canvas.dpr if of_view else max(1.0, min(viewport.size) / PLAIN_SIDE)
    layers = list(_layers(view, viewport, content))
    return SlidePicture(source, viewport, layers=layers, dpr=dpr, background=view.info.background)


def _layers(view: SlideView, viewport: Viewport, content: PictureContent) -> Iterator[PictureLayer]:
    heat_map = view.heat_map_layer.still()
    if content.heat_map and heat_map is not None:
        yield heat_map
    if content.annotations:
        tiles, live = view.annotation_layer.still(viewport)
        yield TilesOf(tiles)
        yield live
        yield view.drawing.labels.still()
    mpp = view.info.mpp
    if content.overlays:
        shown = view.canvas.viewport
        yield from view.overlays.stills(shown, mpp, of_view=viewport == shown)
    if content.scale_bar:
        bar = ScaleBar()
        bar.mpp = mpp
        yield bar
