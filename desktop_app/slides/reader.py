"""What the opener asks of a slide reader.

The contract of one opened file stands in ``plugin_api``, the only room that a plugin may import. A plugin's
reader may give channels in place of a picture; ``PluginSlideReader`` makes one of these readers of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from desktop_app.domain.arrays import RgbArray
from desktop_app.plugin_api.slide_reader import ChannelSource, SlideSource

__all__ = ["ChannelSource", "LevelSource", "SlideReader", "SlideSource"]


@runtime_checkable
class LevelSource(Protocol):
    """What a source may offer besides: pixels on the grid of a level.

    The canvas asks for tiles of a level; by way of level-0 pixels their corners would be rounded wherever
    the downsample is not a whole number. ``Slide`` does without where a source has none of this.
    """

    def read_level(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> RgbArray:
        """Pixels of one level, as ``SlideSource.read_argb``; ``corner`` is in pixels of that level.

        Raises
        ------
        SlideReadError
            If they cannot be read.
        """

    def read_shrunk(
        self, corner: tuple[int, int], level: int, size: tuple[int, int], shrink: int
    ) -> RgbArray | None:
        """A level made smaller by 2, 4 or 8 while it is decoded; see ``Slide.read_shrunk``."""


class SlideReader(Protocol):
    """Opens the files of some formats."""

    def open(self, path: Path) -> SlideSource | None:
        """Open a file, or return None if it is of no format this reader knows.

        Raises
        ------
        UnsupportedSlideError
            If the format is known but this file cannot be opened.
        """
