"""What the status bar says of the view, in words.

Pure apart from the translation; GUI thread.
"""

from __future__ import annotations

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.translation import tr

DIGITAL_BELOW = 0.999
"""Level-0 pixels per device pixel; the rest is rounding."""


LEAST_TENTH = 0.05
"""Degrees that are not rounded to none."""


def magnification_text(viewport: Viewport, info: SlideInfo) -> str:
    """``20×``, with *(digital)* beyond the scan's resolution; empty where the mpp is unknown."""
    if info.mpp is None:
        return ""
    number = f"{viewport.magnification(info.mpp[0]):.3g}"
    if viewport.downsample < DIGITAL_BELOW:
        return tr("{number}× (digital)", number=number)
    return tr("{number}×", number=number)


def scale_text(viewport: Viewport, info: SlideInfo) -> str:
    """Magnification and the size of a screen's pixel in one: ``20×, 0.5 µm per screen pixel``."""
    parts = (magnification_text(viewport, info), screen_pixel_text(viewport, info))
    return ", ".join(part for part in parts if part)


def screen_pixel_text(viewport: Viewport, info: SlideInfo) -> str:
    """How much of the slide a device pixel shows; in slide pixels where the mpp is unknown."""
    if info.mpp is None:
        return tr("{count} slide pixels per screen pixel", count=f"{viewport.downsample:.3g}")
    return tr("{size} µm per screen pixel", size=f"{viewport.downsample * info.mpp[0]:.3g}")


def angle_text(viewport: Viewport) -> str:
    """How the slide is turned and mirrored; empty where it is neither."""
    turned = viewport.rotation_deg % 360
    if not turned:
        return tr("Mirrored") if viewport.mirrored else ""
    angle = degrees_text(turned)
    if viewport.mirrored:
        return tr("Mirrored, then turned {angle}", angle=angle)
    return tr("Turned {angle}", angle=angle)


def degrees_text(turned: float) -> str:
    """An angle to a tenth of a degree, nearly a full turn being nearly none: ``30.5°``, ``-0.02°``."""
    near = (turned + 180) % 360 - 180
    if 0 < abs(near) < LEAST_TENTH:
        return f"{near:.2f}°"
    return f"{turned % 360:.1f}".removesuffix(".0") + "°"


def pixel_size_text(info: SlideInfo) -> str:
    """The size of a level-0 pixel, or that it is unknown."""
    if info.mpp is None:
        return tr("Pixel size unknown")
    x, y = (f"{value:.4g}" for value in info.mpp)
    if x == y:
        return tr("{size} µm per pixel", size=x)
    return tr("{width} × {height} µm per pixel", width=x, height=y)


def cursor_text(point: Point | None, info: SlideInfo) -> str:
    """A position in µm (where the mpp is known) and level-0 pixels; empty off the slide."""
    if point is None or not all(0 <= at < side for at, side in zip(point, info.size, strict=True)):
        return ""
    pixels = tr("{x}, {y} px", x=int(point[0]), y=int(point[1]))
    if info.mpp is None:
        return pixels
    x_um, y_um = (f"{at * mpp:.1f}" for at, mpp in zip(point, info.mpp, strict=True))
    return tr("{x}, {y} µm", x=x_um, y=y_um) + f"  ({pixels})"
