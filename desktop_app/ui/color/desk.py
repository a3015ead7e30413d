"""What ties the color panel to the view in front: settings, estimates, histograms, what is remembered.

Pixels are read on the background pool; what comes back for a view that is no longer in front is dropped. GUI
thread.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop_app.domain.display_settings import DisplaySettings, Rgb, Stains, StainView
from desktop_app.domain.recipe import Step
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.viewport import Point
from desktop_app.errors import CoverslipError
from desktop_app.slides.icc import icc_color_map, icc_profile_name
from desktop_app.storage.display_file import display_to_mapping
from desktop_app.storage.display_presets import read_presets, with_preset, write_presets
from desktop_app.ui.color.badge import ColorBadge
from desktop_app.ui.color.estimates import (
    StainRequest,
    estimate,
    fitted_stain,
    histogram_curves,
    stored_color,
    windowed_channels,
)
from desktop_app.ui.color.histogram import HistogramCurve, window_of
from desktop_app.ui.color.panel import ColorPanel
from desktop_app.ui.color.peek_key import PeekKey
from desktop_app.ui.color.pick_tool import PickTool
from desktop_app.ui.color.slide_reading import SlideReading
from desktop_app.ui.color.stain_form import StainSource
from desktop_app.ui.display_keeper import DISPLAY_FILE
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

REMEMBER_MS, HISTOGRAM_MS, HINT_MS = 600, 250, 5000
"""After the last change, and after the last movement."""


class ColorDesk(QObject):
    """The color panel of a window at work.

    Parameters
    ----------
    window : MainWindow
        Whose views are shown.
    panel : ColorPanel
        Whose controls are used.
    """

    def __init__(self, window: MainWindow, panel: ColorPanel) -> None:
        super().__init__(window)
        self._window, self.panel = window, panel
        self._view: SlideView | None = None
        self._curves: tuple[HistogramCurve, ...] = ()
        self._reading = SlideReading(window)
        self._counting = self._recount = False
        self._changed: set[SlideView] = set()
        self._steps: dict[SlideView, Step] = {}
        self._fitting: dict[SlideView, Step] = {}
        self._remember_timer = QTimer(self, singleShot=True, interval=REMEMBER_MS)
        self._remember_timer.timeout.connect(self.remember)
        self._histogram_timer = QTimer(self, singleShot=True, interval=HISTOGRAM_MS)
        self._histogram_timer.timeout.connect(self._count)
        self.presets = read_presets(self._presets_file)
        self.badge = ColorBadge()
        self.badge.clicked.connect(self.switch_profile)
        window.status.addPermanentWidget(self.badge)
        self._build_connections()
        panel.show_presets(self.presets)
        self.list_normalizers()
        if window.settings.screen_profile:
            self.use_screen_profile(Path(window.settings.screen_profile))

    # ---- views --------------------------------------------------------------------------------------

    def add_view(self, view: SlideView) -> None:
        """Follow a view that was opened."""
        view.display.changed.connect(partial(self._follow, view))
        view.canvas.viewport_changed.connect(partial(self._moved, view))
        view.canvas.installEventFilter(PeekKey(view))

    def remove_view(self, view: SlideView) -> None:
        """Keep what a view that is closed was shown like."""
        self.remember()
        self._changed.discard(view)
        self._steps.pop(view, None)
        if self._view is view:
            self.show_view(None)

    def show_view(self, view: SlideView | None) -> None:
        """Show the controls of the view in front."""
        if view is not self._view:
            self._curves = ()
        self._view = view
        self._show()
        self._histogram_timer.start()

    def remember(self) -> None:
        """Write what changed to the memory of the slides."""
        self._remember_timer.stop()
        changed, self._changed = self._changed, set()
        for view in changed:
            memory, content = self._window.memory_of(view), display_to_mapping(view.display.settings)
            self._window.background.run(
                partial(memory.write, DISPLAY_FILE, content), lambda _none: None, self._tell
            )

    # ---- what the actions do ------------------------------------------------------------------------

    def switch_profile(self) -> None:
        """Apply the profile of the slide in front, or do not."""
        keeper = self._window.current.display
        keeper.set_settings(replace(keeper.settings, icc=not keeper.settings.icc))

    def show_stain(self, view: StainView) -> None:
        """Show one stain, all in false colors, or the picture as it is."""
        keeper = self._window.current.display
        keeper.set_settings(replace(keeper.settings, stain_view=view))

    def reset(self) -> None:
        """Show the slide in front as it was scanned."""
        keeper = self._window.current.display
        keeper.set_settings(with_preset(replace(keeper.settings, white_point=None), DisplaySettings()))
        self._normalize(None)

    def pick_white(self) -> None:
        """Let the user point at empty glass."""
        view = self._window.current
        view.borrow_canvas(PickTool(view.canvas, partial(self._picked, view)))
        self._window.status.show_hint(tr("Click on empty glass; a drag pans, Esc gives up."), HINT_MS)

    # ---- the panel ----------------------------------------------------------------------------------

    def _build_connections(self) -> None:
        panel = self.panel
        panel.edited.connect(self._edit)
        panel.saved.connect(self._save_preset)
        panel.deleted.connect(self._delete_preset)
        panel.spread.connect(self._spread)
        panel.tone.white_asked.connect(self.pick_white)
        panel.tone.auto_asked.connect(self._auto_window)
        panel.stains.estimate_asked.connect(self._estimate)
        panel.normalization.asked.connect(self._normalize)
        panel.profile.screen_asked.connect(self._choose_screen)
        panel.profile.screen_cleared.connect(lambda: self._take_screen(None, ""))
        panel.histogram.shown.connect(self._histogram_timer.start)

    def _show(self) -> None:
        view = self._view
        self.badge.show_keeper(view.display if view is not None else None)
        if view is None:
            self.panel.show_none()
            return
        profile = view.info.icc_profile
        screen = self._window.settings.screen_profile
        self.panel.show_slide(
            view.display,
            view.info,
            profile_name=icc_profile_name(profile) if profile is not None else "",
            screen_name=Path(screen).stem,
        )
        self.panel.normalization.show_step(self._steps.get(view))
        if view not in self._fitting:
            self.panel.normalization.show_fit(view.display.normalization)

    def _edit(self, settings: DisplaySettings) -> None:
        if self._view is not None:
            self._view.display.set_settings(settings)

    def _follow(self, view: SlideView) -> None:
        self._changed.add(view)
        self._remember_timer.start()
        if view is self._view:
            self._show()
            self._plot()
            if not view.info.is_brightfield:
                # Other channels may be shown now.
                self._curves = ()
                self._histogram_timer.start()

    def _spread(self) -> None:
        """Everything but what belongs to one slide; a stain is fitted on each."""
        if self._view is None:
            return
        step = self._steps.get(self._view)
        for view in self._window.views:
            view.display.set_settings(with_preset(view.display.settings, self._view.display.settings))
            if view.info.is_brightfield and self._steps.get(view) != step:
                self._normalize_view(view, step)

    # ---- white balance and stains -------------------------------------------------------------------

    def _picked(self, view: SlideView, place: Point | None) -> None:
        view.return_canvas()
        if place is None:
            return
        work = partial(stored_color, view.document.slide, place)
        self._reading.run(view, work, done=partial(self._take_white, view), failed=self._tell)

    def _take_white(self, view: SlideView, color: Rgb) -> None:
        view.display.set_settings(replace(view.display.settings, white_point=color))

    def _ask_for_region(self) -> None:
        text = tr("Draw or select an annotation that shows both stains first.")
        offer = Offer(tr("Annotate"), partial(self._window.set_mode, "annotate"))
        offers = (offer,) if self._window.mode == "view" else ()
        self._window.messages.show_notice(Notice(text, "warning", offers))

    def _estimate(self, source: StainSource) -> None:
        view = self._view
        if view is None:
            return
        request = StainRequest.of(view, source)
        if request is None:
            self._ask_for_region()
            return
        self.panel.stains.set_estimating(True)
        self._reading.run(
            view,
            partial(estimate, request),
            done=partial(self._take_stains, view),
            failed=self._tell,
            over=partial(self.panel.stains.set_estimating, False),
        )

    def _take_stains(self, view: SlideView, stains: Stains) -> None:
        view.display.set_settings(replace(view.display.settings, stains=stains))

    # ---- stain normalization ------------------------------------------------------------------------

    def list_normalizers(self) -> None:
        """List what the usable plugins provide; their files are read on the background pool."""
        host = self._window.parts.host
        self._window.background.run(
            lambda: host.provided("stain_normalizer"), self.panel.normalization.show_choices, self._tell
        )

    def _normalize(self, step: Step | None) -> None:
        """Show the view in front normalized, None for as it is stored."""
        if self._view is not None:
            self._normalize_view(self._view, step)

    def _normalize_view(self, view: SlideView, step: Step | None) -> None:
        self._fitting.pop(view, None)
        if step is None:
            self._steps.pop(view, None)
            view.display.set_normalization(None)
            self._show()
            return
        self._steps[view] = self._fitting[view] = step
        if view is self._view:
            self.panel.normalization.show_fitting()
        request = StainRequest.of(view, "slide")
        assert request is not None, "a whole slide has an area"
        self._reading.run(
            view,
            partial(fitted_stain, request, self._window.locations, step),
            done=partial(self._take_normalization, view, step),
            failed=partial(self._refuse_normalization, view, step),
        )

    def _take_normalization(self, view: SlideView, step: Step, fitted: FittedStain) -> None:
        if self._fitting.get(view) is step:
            del self._fitting[view]
            view.display.set_normalization(fitted)
            self._show()

    def _refuse_normalization(self, view: SlideView, step: Step, error: CoverslipError) -> None:
        if self._fitting.get(view) is step:
            del self._fitting[view], self._steps[view]
            view.display.set_normalization(None)
            self._show()
            self._tell(error)

    # ---- histogram ----------------------------------------------------------------------------------

    def _moved(self, view: SlideView, _viewport: object) -> None:
        if view is self._view:
            self._histogram_timer.start()

    def _count(self) -> None:
        view = self._view
        self._recount = self._counting
        if view is None or not self.panel.histogram.isVisible() or self._counting:
            return
        self._counting = True
        viewport, slide, channels = view.canvas.viewport, view.document.slide, view.display.channels

        def count() -> tuple[HistogramCurve, ...]:
            # Importing the plots takes longer than a frame: here it holds nobody up.
            importlib.import_module("pyqtgraph")
            return histogram_curves(slide, viewport, channels)

        # The canvas says already that some pixels cannot be read.
        self._reading.run(
            view,
            count,
            done=partial(self._take_curves, view),
            failed=lambda _error: None,
            over=self._end_counting,
        )

    def _end_counting(self) -> None:
        self._counting = False
        if self._recount:  # another view came to the front, or this one moved
            self._histogram_timer.start()

    def _take_curves(self, view: SlideView, curves: tuple[HistogramCurve, ...]) -> None:
        if view is self._view:
            self._curves = curves
            self._plot()

    def _plot(self) -> None:
        if self._view is None or not self._curves:
            return
        settings = self._view.display.settings
        window = (float(settings.black), float(settings.white)) if self._view.info.is_brightfield else None
        self.panel.histogram.show_curves(self._curves, window)

    def _auto_window(self) -> None:
        """Black and white where the view, or each of its channels, has its darkest and brightest 0.1 %."""
        if self._view is None or not self._curves:
            return
        keeper = self._view.display
        if not self._view.info.is_brightfield:
            channels = windowed_channels(keeper.channels, self._curves)
            self._edit(replace(keeper.settings, channels=channels))
            return
        low, high = window_of(self._curves)
        black = min(254, round(low))
        self._edit(replace(keeper.settings, black=black, white=min(255, max(black + 1, round(high)))))

    # ---- monitor and presets ------------------------------------------------------------------------

    def _choose_screen(self) -> None:
        path = self._window.files.color_profile(self._window, self._window.settings.folder)
        if path is not None:
            self.use_screen_profile(path)

    def use_screen_profile(self, path: Path) -> None:
        """Show colors for a monitor with this ICC file, from now on."""
        self._window.background.run(
            partial(_read_profile, path), lambda profile: self._take_screen(profile, str(path)), self._tell
        )

    def _take_screen(self, profile: bytes | None, path: str) -> None:
        self._window.screen_profile = profile
        self._window.change_settings(replace(self._window.settings, screen_profile=path))
        for view in self._window.views:
            view.display.set_screen_profile(profile)
        self._show()

    def _save_preset(self, name: str) -> None:
        if self._view is not None:
            self._write_presets({**self.presets, name: self._view.display.settings})

    def _delete_preset(self, name: str) -> None:
        self._write_presets({other: preset for other, preset in self.presets.items() if other != name})

    def _write_presets(self, presets: dict[str, DisplaySettings]) -> None:
        self.presets = presets
        self.panel.show_presets(presets)
        self._window.background.run(
            partial(write_presets, self._presets_file, presets), lambda _none: None, self._tell
        )

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "warning")

    @property
    def _presets_file(self) -> Path:
        return self._window.locations.user_config / "display_presets.json"


def _read_profile(path: Path) -> bytes:
    """The bytes of an ICC file that can be used.

    Raises
    ------
    ColorProfileError
        If they cannot.
    """
    from desktop_app.errors import ColorProfileError

    try:
        profile = path.read_bytes()
    except OSError as error:
        raise ColorProfileError(f"the monitor's profile cannot be read ({error.strerror})") from error
    icc_color_map(None, profile)
    return profile
