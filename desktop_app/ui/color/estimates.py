"""What is read from a slide for the color panel: a color, stains, histograms.

On pool threads; no widget is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from desktop_app.domain.annotation import AREA_KINDS
from desktop_app.domain.display_settings import ChannelDisplay, Rgb, Stains
from desktop_app.domain.recipe import Step
from desktop_app.domain.regions import polygons_from_rings
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.stain_vectors import estimate_stains, glass_color
from desktop_app.domain.viewport import Point, Rect, Viewport
from desktop_app.engine.stain_fit import fit_in_process, tissue_pixels
from desktop_app.slides import Slide
from desktop_app.storage.locations import Locations
from desktop_app.ui.color.histogram import HistogramCurve, window_of
from desktop_app.ui.color.sampling import BLOCK, sample_pixels, sample_places, whole_slide
from desktop_app.ui.color.stain_form import StainSource

if TYPE_CHECKING:
    from desktop_app.ui.slide_view import SlideView

PICKED = 9
"""Side of the square of level-0 pixels whose median is a picked color."""

STAIN_MPP, STAIN_DOWNSAMPLE = 1.0, 4.0
"""µm per pixel at which stains are estimated; level-0 pixels per pixel where the mpp is unknown."""

STAIN_GRID, GLASS_GRID = 16, 10
"""Blocks in each direction over a slide."""

PRIMARIES: tuple[Rgb, ...] = ((215, 40, 40), (30, 150, 50), (50, 90, 220))


@dataclass(frozen=True, slots=True)
class StainRequest:
    """Where stains are estimated.

    Attributes
    ----------
    slide : Slide
        The slide.
    rect : Rect
        Level-0 pixels.
    downsample : float
        Level-0 pixels per pixel.
    inside : BaseGeometry | None
        Level-0 polygons that limit it.
    names : tuple[str, str]
        What the user calls the stains.
    """

    slide: Slide
    rect: Rect
    downsample: float
    inside: BaseGeometry | None
    names: tuple[str, str]

    @classmethod
    def of(cls, view: SlideView, source: StainSource) -> StainRequest | None:
        """What a view asks for; None where nothing is selected that has an area."""
        slide, names = view.document.slide, view.display.settings.stains.names
        downsample = STAIN_DOWNSAMPLE if slide.info.mpp is None else max(1.0, STAIN_MPP / slide.info.mpp[0])
        if source == "slide":
            return cls(slide, whole_slide(slide.info), downsample, None, names)
        if source == "view":
            viewport = view.canvas.viewport
            return cls(slide, viewport.slide_rect(), max(1.0, viewport.downsample), None, names)
        region = _selected_area(view)
        if region is None:
            return None
        x0, y0, x1, y1 = region.bounds
        return cls(slide, (x0, y0, x1 - x0, y1 - y0), downsample, region, names)


def estimate(request: StainRequest) -> Stains:
    """The stains of the part of a slide that a request names.

    Raises
    ------
    StainEstimateError
        If they cannot be told apart there.
    SlideReadError
        If the slide cannot be read.
    """
    slide = request.slide
    pixels = sample_pixels(
        slide, request.rect, downsample=request.downsample, grid=STAIN_GRID, inside=request.inside
    )
    coarsest = slide.info.levels[-1].downsample
    glass = sample_pixels(slide, whole_slide(slide.info), downsample=coarsest, grid=GLASS_GRID)
    return estimate_stains(pixels, glass_color(glass), names=request.names)


def fitted_stain(request: StainRequest, locations: Locations, step: Step) -> FittedStain:
    """A normalizer fitted to the tissue of the part of a slide that a request names.

    Raises
    ------
    PluginError
        If the normalizer cannot be used.
    SlideReadError
        If the slide cannot be read.
    """
    pixels = sample_pixels(
        request.slide, request.rect, downsample=request.downsample, grid=STAIN_GRID, inside=request.inside
    )
    return fit_in_process(tissue_pixels(pixels), locations, step.use, step.params)


def stored_color(slide: Slide, place: Point) -> Rgb:
    """The median color around a place, level-0 pixels, as stored.

    Raises
    ------
    SlideReadError
        If the slide cannot be read.
    """
    corner = (round(place[0]) - PICKED // 2, round(place[1]) - PICKED // 2)
    pixels = slide.read_region(corner, 0, (PICKED, PICKED)).reshape(-1, 3)
    red, green, blue = np.rint(np.median(pixels, axis=0)).astype(int).tolist()
    return red, green, blue


def histogram_curves(
    slide: Slide, viewport: Viewport, displays: Sequence[ChannelDisplay]
) -> tuple[HistogramCurve, ...]:
    """The stored values in view: of red, green and blue, or of each channel that is shown.

    Raises
    ------
    SlideReadError
        If the slide cannot be read.
    """
    rect, downsample = viewport.slide_rect(), max(1.0, viewport.downsample)
    if slide.info.is_brightfield:
        pixels = sample_pixels(slide, rect, downsample=downsample)
        return tuple(
            HistogramCurve.of(pixels[:, channel], PRIMARIES[channel], largest=255) for channel in range(3)
        )
    level, places = sample_places(slide.info, rect, downsample=downsample, grid=6)
    blocks = [slide.read_channels(place, level, (BLOCK, BLOCK)) for place in places]
    if not blocks:
        return ()
    values = np.concatenate([block.reshape(-1, block.shape[2]) for block in blocks])
    shown = [index for index, display in enumerate(displays) if display.visible]
    # Sixteen bits are rarely used up: the values that occur are what is worth the room.
    largest = float(values[:, shown].max(initial=1))
    return tuple(
        HistogramCurve.of(values[:, index], displays[index].color, largest=largest) for index in shown
    )


def windowed_channels(
    displays: Sequence[ChannelDisplay], curves: Sequence[HistogramCurve]
) -> tuple[ChannelDisplay, ...]:
    """Channels that are shown, from their 0.1st to their 99.9th percentile; the others as they are.

    Parameters
    ----------
    displays : Sequence[ChannelDisplay]
        All channels.
    curves : Sequence[HistogramCurve]
        Of those that are shown, in their order.
    """
    counted = iter(curves)
    windows = [window_of([next(counted)]) if display.visible else None for display in displays]
    return tuple(
        display if window is None else replace(display, low=window[0], high=max(window[1], window[0] + 1))
        for display, window in zip(displays, windows, strict=True)
    )


def _selected_area(view: SlideView) -> BaseGeometry | None:
    found = (view.document.snapshot.get(one) for one in view.selected_ids)
    chosen = [one for one in found if one is not None and one.kind in AREA_KINDS]
    areas = polygons_from_rings([part for one in chosen for part in one.parts])
    return shapely.union_all(areas) if areas else None
