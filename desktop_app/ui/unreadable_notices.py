"""Telling that parts of a slide cannot be read, once per trouble, with the ways out.

A damaged file can have thousands of unreadable tiles, and a drive that goes away makes every tile one: the
user is told once, can look at the list, and is told again when all can be read. GUI thread.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desktop_app.errors import SlideGoneError
from desktop_app.ui.dialogs.unreadable_tiles import UnreadableTilesDialog
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class UnreadableNotices:
    """What the window says of unreadable places.

    Parameters
    ----------
    window : MainWindow
        Shows the notices and the list.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._told: dict[SlideView, Notice] = {}

    def add_view(self, view: SlideView) -> None:
        """Listen to a view's canvas."""
        view.canvas.unreadable_changed.connect(partial(self._follow, view))

    def remove_view(self, view: SlideView) -> None:
        """Say no more about a view that is being closed."""
        notice = self._told.pop(view, None)
        if notice is not None:
            self._window.messages.withdraw(notice)

    def show_list(self, view: SlideView) -> None:
        """The places, with a way to each."""
        if view not in self._window.views:
            return
        name = self._window.privacy.name(view.info.path)
        dialog = UnreadableTilesDialog(name, view.canvas, self._window)
        dialog.try_again.connect(partial(self.try_again, view))
        self._window.dialogs.show(dialog, modal=False)

    def try_again(self, view: SlideView) -> None:
        """Read again what could not be read, at once."""
        if view not in self._window.views:
            return
        self._told.pop(view, None)
        self._window.pyramids.try_again(view.document.slide)
        view.canvas.retry_unreadable()

    def _follow(self, view: SlideView) -> None:
        places = view.canvas.unreadable_places
        notice = self._told.get(view)
        if places and notice is None:
            gone = any(place.gone for place in places)
            self._told[view] = self._notice(view, gone=gone)
            self._window.messages.show_notice(self._told[view])
        elif not places and notice is not None:
            del self._told[view]
            self._window.messages.withdraw(notice)
            name = self._window.privacy.name(view.info.path)
            self._window.messages.tell(tr("What was seen of {slide} can be read again.", slide=name))

    def _notice(self, view: SlideView, *, gone: bool) -> Notice:
        again = Offer(tr("Try again"), partial(self.try_again, view))
        listed = Offer(tr("Show list"), partial(self.show_list, view))
        if gone:
            return Notice(sentence(SlideGoneError(view.info.path)), "warning", (again, listed))
        text = tr(
            "Parts of {slide} cannot be read; they are hatched. Copy the file again from the scanner or "
            "archive; it may be damaged.",
            slide=self._window.privacy.name(view.info.path),
        )
        return Notice(text, "warning", (listed, again))
