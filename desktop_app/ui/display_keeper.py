"""One view's display settings, and the lookup that its canvas shows the slide through.

Every change gives a quick, coarse lookup first and the exact one as soon as the hand rests; both are made on
a pool thread, the latest change wins. GUI thread unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from desktop_app.domain.channels import default_displays
from desktop_app.domain.display_settings import ChannelDisplay, DisplaySettings
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.stain import FittedStain
from desktop_app.errors import ColorProfileError
from desktop_app.ui.canvas.display import DisplayLookup, PixelTable
from desktop_app.ui.display_tables import ColorRequest, DisplayTables
from desktop_app.ui.error_text import sentence

REST_MS = 120
"""After the last change: then the exact table is made."""

DISPLAY_FILE = "display"
"""Name of the settings in a slide's memory."""

ColorState: TypeAlias = Literal["managed", "off", "no_profile", "unusable"]


class DisplayKeeper(QObject):
    """Settings of one view.

    Parameters
    ----------
    info : SlideInfo
        The slide, for its profile.
    tables : DisplayTables
        Shared by all views.
    settings : DisplaySettings
        At first; the profile is applied unless they say otherwise.
    screen : bytes | None
        The monitor's profile; None for sRGB.
    parent : QObject | None
        Owner; :meth:`shutdown` must be called before it goes.
    """

    changed = Signal()
    """The settings, or what came of them, are other ones."""

    channels_changed = Signal(object)
    """``tuple[ChannelDisplay, ...]``: the canvas should mix the channels like this."""

    lookup_changed = Signal(DisplayLookup)
    """The canvas should show the slide through this."""

    _built = Signal(int, object, bool)
    _refused = Signal(int, object)

    def __init__(
        self,
        info: SlideInfo,
        tables: DisplayTables,
        *,
        settings: DisplaySettings | None = None,
        screen: bytes | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._info, self._tables = info, tables
        self._settings = settings or DisplaySettings()
        self._screen = screen
        self._note = ""
        self._normalization: FittedStain | None = None
        self._peeks = False
        self._request_number = 0
        self._lookup = DisplayLookup()
        self._settled = True
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(lambda: self._build(exact=True))
        self._built.connect(self._take)
        self._refused.connect(self._refuse)

    @property
    def settings(self) -> DisplaySettings:
        """What the user wants."""
        return self._settings

    @property
    def channels(self) -> tuple[ChannelDisplay, ...]:
        """How each channel of a fluorescence slide is shown; empty for a brightfield slide."""
        chosen = self._settings.channels
        return chosen if len(chosen) == len(self._info.channels) else default_displays(self._info.channels)

    @property
    def lookup(self) -> DisplayLookup:
        """What the canvas shows the slide through now."""
        return self._lookup

    @property
    def is_settled(self) -> bool:
        """Whether the exact lookup is shown."""
        return self._settled

    @property
    def color_state(self) -> ColorState:
        """What became of the slide's color profile."""
        if self._info.icc_profile is None and self._screen is None:
            return "no_profile"
        if not self._settings.icc:
            return "off"
        return "unusable" if self._note else "managed"

    @property
    def color_note(self) -> str:
        """Why a profile is not applied; empty if there is nothing to say."""
        return self._note

    def set_settings(self, settings: DisplaySettings) -> None:
        """Show the slide another way."""
        if settings == self._settings:
            return
        before, self._settings = self._settings, settings
        if settings.channels != before.channels:
            self.channels_changed.emit(self.channels)
        if replace(settings, channels=before.channels) == before:
            self.changed.emit()
        else:
            self._begin()

    def set_screen_profile(self, profile: bytes | None) -> None:
        """Show colors for a monitor with this profile; None for sRGB."""
        if profile != self._screen:
            self._screen = profile
            self._begin()

    @property
    def normalization(self) -> FittedStain | None:
        """What the stain is normalized by; None where it is shown as stored."""
        return self._normalization

    @property
    def is_normalized(self) -> bool:
        """Whether the picture is another one for it at this moment."""
        return self._normalization is not None and not self._normalization.identity and not self._peeks

    def set_normalization(self, fitted: FittedStain | None) -> None:
        """Show the slide with its stain normalized, None for as it is stored."""
        if fitted is not self._normalization:
            self._normalization = fitted
            self._begin()

    def peek(self, on: bool) -> None:
        """Leave the normalization out for as long as a key is held."""
        if on != self._peeks:
            self._peeks = on
            if self._normalization is not None:
                self._make_lookup()

    def start(self) -> None:
        """Show the first lookup: at once where its table was made while the slide was opened."""
        self._begin()

    def shutdown(self) -> None:
        """Give up what is being made, and wait for its thread."""
        self._request_number += 1
        self._rest.stop()
        self._pool.waitForDone()

    @property
    def _request(self) -> ColorRequest:
        # A profile that was refused is left out; everything else is shown all the same.
        settings = replace(self._settings, icc=False) if self._note else self._settings
        normalization = None if self._peeks else self._normalization
        return ColorRequest(settings, self._info.icc_profile, self._screen, normalization)

    def _begin(self) -> None:
        self._note = ""
        self._make_lookup()

    def _make_lookup(self) -> None:
        self._request_number += 1
        self._rest.stop()
        request = self._request
        kept, is_exact = self._tables.kept(request)
        if kept is not None or request.is_identity:
            self._show(kept, settled=is_exact or request.is_identity)
        else:
            self._settled = False
            self._build(exact=False)
        if not self._settled:
            self._rest.start()
        self.changed.emit()

    def _build(self, *, exact: bool) -> None:
        number, request = self._request_number, self._request
        self._pool.start(_Task(lambda: self._make(number, request, exact=exact)))

    def _make(self, number: int, request: ColorRequest, *, exact: bool) -> None:
        # On a pool thread; an integer may be read there without a lock.
        def wanted() -> bool:
            return number == self._request_number

        if not wanted():
            return
        try:
            table = self._tables.exact(request, wanted) if exact else self._tables.preview(request)
        except ColorProfileError as error:
            self._refused.emit(number, error)
            return
        if wanted():
            self._built.emit(number, table, exact)

    def _take(self, number: int, table: PixelTable | None, exact: bool) -> None:
        if number == self._request_number:
            self._show(table, settled=exact)
            self.changed.emit()

    def _refuse(self, number: int, error: ColorProfileError) -> None:
        """Show everything but the profile, and say why."""
        if number == self._request_number and not self._note:
            self._note = sentence(error)
            self._make_lookup()

    def _show(self, table: PixelTable | None, *, settled: bool) -> None:
        self._settled = settled
        self._lookup = DisplayLookup(self._lookup.generation + 1, table)
        self.lookup_changed.emit(self._lookup)


class _Task(QRunnable):
    """A call as the pool wants it."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call

    def run(self) -> None:
        self._call()
