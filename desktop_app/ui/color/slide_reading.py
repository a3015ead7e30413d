"""Reading from a view's slide in the background, while the user may close that view at any moment.

GUI thread; what is given as work runs on the window's pool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from desktop_app.errors import CoverslipError, SlideReadError
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.slide_view import SlideView

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

Result = TypeVar("Result")


class SlideReading:
    """Asks slides, and forgets the question where nobody is there any more to hear the answer.

    Parameters
    ----------
    window : MainWindow
        Whose views and background pool these are.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def run(
        self,
        view: SlideView,
        work: Callable[[], Result],
        *,
        done: Callable[[Result], None],
        failed: Callable[[CoverslipError], None],
        over: Callable[[], None] = lambda: None,
    ) -> None:
        """Read on the pool.

        Parameters
        ----------
        view : SlideView
            Whose slide ``work`` reads.
        work : Callable[[], Result]
            Touches no widget.
        done, failed : Callable
            One of them is called on the GUI thread, unless the view was closed meanwhile.
        over : Callable[[], None]
            Called before them, also where the view was closed.
        """

        def answer(result: Result) -> None:
            over()
            if view in self._window.views:
                done(result)

        def refuse(error: CoverslipError) -> None:
            over()
            if view in self._window.views:
                failed(error)

        self._window.background.run(lambda: _read(view.document, work), answer, refuse)


def _read(document: SlideDocument, work: Callable[[], Result]) -> Result:
    """Do the work; a slide that was closed under it is no crash."""
    try:
        return work()
    except ValueError as error:
        if document.is_open:
            raise
        raise SlideReadError(document.slide.info.path, "it was closed") from error
