"""A slide that asks, before every read, whether the job goes on.

A tissue detector may read a whole slide in one call; seen through this, it can be cancelled and paused
without knowing of either. Called from any thread that reads.
"""

from __future__ import annotations

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.engine.job import JobControl
from desktop_app.plugin_api.slide import SlidePixels


class ControlledSlide:
    """``SlidePixels`` with a checkpoint before each read.

    Parameters
    ----------
    slide : SlidePixels
        The open slide.
    control : JobControl
        Whose ``checkpoint`` raises ``JobCancelledError`` out of the read.
    """

    def __init__(self, slide: SlidePixels, control: JobControl) -> None:
        self._slide = slide
        self._control = control

    @property
    def info(self) -> SlideInfo:
        """Metadata of the slide."""
        return self._slide.info

    def read_region(self, location: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """As ``SlidePixels.read_region``."""
        self._control.checkpoint()
        return self._slide.read_region(location, level, size)

    def read_scaled(
        self, location: tuple[float, float], extent: tuple[float, float], size: tuple[int, int]
    ) -> RgbArray:
        """As ``SlidePixels.read_scaled``."""
        self._control.checkpoint()
        return self._slide.read_scaled(location, extent, size)
