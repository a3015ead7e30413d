"""The tables behind the display lookups, made from settings and profiles, the latest ones kept.

Slides of one scanner share a profile and mostly the settings, so the second slide's table is there at once.
Without Qt; any thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from desktop_app.domain.display_colors import display_colors, is_identity
from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.domain.stain import FittedStain
from desktop_app.errors import ColorProfileError
from desktop_app.slides.icc import icc_color_map
from desktop_app.ui.canvas.display import (
    EXACT_BITS,
    PREVIEW_BITS,
    SYNTHETIC_BITS,
    ColorMap,
    PixelTable,
    build_table,
    widened,
)

log = logging.getLogger("coverslip.window")

KEPT, KEPT_PREVIEWS = 2, 8
"""Tables in memory: exact ones take 64 MB each, previews one."""


@dataclass(frozen=True, slots=True)
class ColorRequest:
    """What a table is made from.

    Attributes
    ----------
    settings : DisplaySettings
        What the user wants.
    profile : bytes | None
        The slide's ICC profile.
    screen : bytes | None
        The monitor's; None for sRGB.
    normalization : FittedStain | None
        Of the slide's stain; None for none.
    """

    settings: DisplaySettings
    profile: bytes | None = None
    screen: bytes | None = None
    normalization: FittedStain | None = None

    @property
    def is_managed(self) -> bool:
        """Whether colors go through a profile."""
        return self.settings.icc and (self.profile is not None or self.screen is not None)

    @property
    def is_identity(self) -> bool:
        """Whether no table is needed."""
        changes_stain = self.normalization is not None and not self.normalization.identity
        return not changes_stain and is_identity(self.settings, has_profile=self.is_managed)

    @property
    def key(self) -> str:
        """The same for requests that give the same table."""
        digest = hashlib.sha256(repr(replace(self.settings, channels=())).encode())
        for profile in (self.profile, self.screen) if self.is_managed else ():
            digest.update(b"-" if profile is None else hashlib.sha256(profile).digest())
        if self.normalization is not None:
            digest.update(json.dumps(self.normalization.to_json(), sort_keys=True).encode())
        return digest.hexdigest()


class DisplayTables:
    """Makes tables, and keeps the last ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exact: OrderedDict[str, PixelTable] = OrderedDict()
        self._previews: OrderedDict[str, PixelTable] = OrderedDict()

    def kept(self, request: ColorRequest) -> tuple[PixelTable | None, bool]:
        """The best table in memory, and whether it is the exact one."""
        with self._lock:
            exact = self._exact.get(request.key)
            return (exact, True) if exact is not None else (self._previews.get(request.key), False)

    def warm(self, request: ColorRequest) -> None:
        """Have a table of any kind in memory, if one is needed and can be made."""
        if self.kept(request)[0] is None:
            try:
                self.preview(request)
            except ColorProfileError as error:
                # The view finds the same, and tells it where it can be seen.
                log.info("a color profile is not used: %s", error.reason)

    def preview(self, request: ColorRequest) -> PixelTable | None:
        """A table good enough for a slider in motion; takes some ten milliseconds.

        Returns
        -------
        PixelTable | None
            None where none is needed.

        Raises
        ------
        ColorProfileError
            If a profile cannot be used.
        """
        if request.is_identity:
            return None
        table = build_table(_color_map(request), bits=PREVIEW_BITS)
        if table is not None:
            self._keep(self._previews, request, table)
        return table

    def exact(self, request: ColorRequest, wanted: Callable[[], bool]) -> PixelTable | None:
        """The table that the picture settles on.

        Parameters
        ----------
        request : ColorRequest
            What it is made from.
        wanted : Callable[[], bool]
            Asked in between; False gives up.

        Returns
        -------
        PixelTable | None
            None where none is needed, or where it was given up.

        Raises
        ------
        ColorProfileError
            If a profile cannot be used.

        Notes
        -----
        Equal to littleCMS for every color where only a profile is applied. A stain view, which is no
        picture of the slide but a computed one, is computed for seven bits of each color.
        """
        if request.is_identity:
            return None
        kept, is_exact = self.kept(request)
        if is_exact:
            return kept
        bits = EXACT_BITS if request.settings.stain_view == "off" else SYNTHETIC_BITS
        table = build_table(_color_map(request), bits=bits, wanted=wanted)
        if table is not None:
            table = widened(table)
            self._keep(self._exact, request, table)
        return table

    def _keep(self, tables: OrderedDict[str, PixelTable], request: ColorRequest, table: PixelTable) -> None:
        limit = KEPT if tables is self._exact else KEPT_PREVIEWS
        with self._lock:
            tables[request.key] = table
            tables.move_to_end(request.key)
            while len(tables) > limit:
                tables.popitem(last=False)


def _color_map(request: ColorRequest) -> ColorMap:
    profile = icc_color_map(request.profile, request.screen) if request.is_managed else None
    normalization = None if request.normalization is None else _normalization(request.normalization)
    return lambda colors: display_colors(colors, request.settings, profile, normalization)


def _normalization(fitted: FittedStain) -> ColorMap:
    from desktop_app.engine.normalize import StainApplier

    applier = StainApplier(fitted)
    return lambda colors: applier.apply(colors[None, :, None])[0, :, 0]
