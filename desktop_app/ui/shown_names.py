"""Writing every name on the window again when names are hidden or shown.

What is made anew each time (menus, messages) asks ``Privacy`` by itself; what stands on the screen is
written again from here, and what cannot be is closed. GUI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.dialogs.files import forget_visited_folders
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class ShownNames:
    """Keeps a window's names as ``window.privacy`` wants them.

    Parameters
    ----------
    window : MainWindow
        With all its parts.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        window.privacy.changed.connect(self._write_again)

    def title_of(self, view: SlideView) -> tuple[str, str]:
        """What a view is called, and its tooltip; several views of one slide are numbered."""
        privacy, path = self._window.privacy, view.info.path
        name = privacy.name(path)
        number = self._window.views_of(view.document).index(view) + 1
        if number > 1:
            name = tr("{slide} ({number})", slide=name, number=number)
        return name, privacy.place(path)

    def show_title(self) -> None:
        """Name the slide in front in the window's title."""
        view, title = self._window.front, tr("Coverslip")
        self._window.setWindowTitle(title if view is None else f"{self.title_of(view)[0]} – {title}")

    def _write_again(self) -> None:
        window = self._window
        window.dialogs.close_all()
        window.guidance.close_all()
        window.area.rename()
        self.show_title()
        window.status.clearMessage()
        window.status.privacy.setVisible(window.privacy.is_on)
        window.messages.refresh()
        window.show_slide_info()
        # What Qt's dialogs remembered before belongs to the other mode.
        forget_visited_folders()
