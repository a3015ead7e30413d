"""What the slide information panel asks for: a color profile's name, a picture, a pixel size.

GUI thread; profiles and pictures are read on a pool thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.domain.arrays import RgbArray
from desktop_app.errors import CoverslipError
from desktop_app.slides import Slide
from desktop_app.ui.error_text import sentence
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class SlideDetails:
    """Serves the panel of a window.

    Parameters
    ----------
    window : MainWindow
        With its panels.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        panel = window.panels.slide
        panel.pixel_size_wanted.connect(window.dialogs.ask_pixel_size)
        panel.profile_wanted.connect(self._name_profile)
        panel.image_wanted.connect(self._read_picture)

    def _name_profile(self, profile: bytes) -> None:
        self._window.background.run(
            lambda: _profile_name(profile),
            lambda name: self._window.panels.slide.show_profile_name(profile, name),
            self._tell,
        )

    def _read_picture(self, name: str) -> None:
        view = self._window.current
        slide = view.document.slide
        self._window.background.run(
            lambda: _picture(slide, name), lambda pixels: self._show_picture(view, name, pixels), self._tell
        )

    def _show_picture(self, view: SlideView, name: str, pixels: RgbArray | None) -> None:
        from desktop_app.ui.dialogs.associated_image import AssociatedImageDialog

        if pixels is None or view is not self._window.front or self._window.privacy.is_on:
            return
        self._window.dialogs.show(AssociatedImageDialog(name, pixels, self._window))

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def _profile_name(profile: bytes) -> str:
    """In the user's language only where there is nothing to quote."""
    # Pillow and littleCMS are not wanted at the window's start.
    from desktop_app.slides.icc import icc_profile_name

    return icc_profile_name(profile) or tr("embedded")


def _picture(slide: Slide, name: str) -> RgbArray | None:
    """The picture; None where the slide was closed meanwhile."""
    try:
        return slide.associated_image(name)
    except ValueError:
        return None
