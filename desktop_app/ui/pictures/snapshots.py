"""Snapshots of the slides in a window: to a file or the clipboard, made in the background.

One is made at a time; it can be cancelled, and is when its slide is closed. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QProgressDialog

from desktop_app.domain.picture_frame import PictureFrame, picture_mpp
from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.errors import CoverslipError
from desktop_app.storage.pictures import write_picture
from desktop_app.ui.dialogs.snapshot import Region, SnapshotChoice, SnapshotDialog, SnapshotOptions
from desktop_app.ui.error_text import sentence
from desktop_app.ui.pictures.picture_layers import picture_of, shown_content
from desktop_app.ui.pictures.slide_picture import SlidePicture, rgb_of
from desktop_app.ui.tools.region_tool import RegionTool
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

PROGRESS_DELAY_MS = 700
"""What takes less shows no progress."""

SELECTION_MARGIN = 0.05
"""Share of the selection's size that a picture of it leaves free at each side."""

HINT_MS = 5_000

PAINTED_SHARE = 0.9
"""Of the progress; the rest is writing the file."""


class Snapshots(QObject):
    """Makes pictures of slides.

    Parameters
    ----------
    window : MainWindow
        Whose slides they are of.
    """

    _progressed = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._view: SlideView | None = None
        self._picture: SlidePicture | None = None
        self._progress: QProgressDialog | None = None
        self._progressed.connect(self._show_progress)

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being made."""
        return self._picture is not None

    def copy_view(self) -> None:
        """Put what the view shows on the clipboard."""
        view = self._window.current
        self._make(view, SnapshotChoice(view.canvas.viewport, shown_content(view), "clipboard"), None)

    def ask(self, drawn: PictureFrame | None = None) -> None:
        """Ask what to make, a region that was drawn being proposed."""
        view = self._window.current
        frames = frames_of(view, drawn)
        options = SnapshotOptions(view.info, view.canvas.viewport, frames, shown_content(view))
        dialog = SnapshotDialog(options, self._window)
        dialog.chosen.connect(lambda choice: self._take(view, choice))
        dialog.region_wanted.connect(self.ask_region)
        self._window.dialogs.show(dialog)

    def ask_region(self) -> None:
        """Let the user draw the region, then ask."""
        canvas = self._window.current.canvas

        def take(rect: Rect) -> None:
            frame = PictureFrame.of_view_rect(canvas.viewport, rect)
            canvas.take_back_tool()
            self.ask(frame)

        canvas.lend_tool(RegionTool(take, canvas.take_back_tool))
        canvas.setFocus()
        hint = tr("Drag over the region of the picture; Esc gives it up.")
        self._window.status.show_hint(hint, HINT_MS)

    def remove_view(self, view: SlideView) -> None:
        """Give up the picture of a view that is about to be closed."""
        if view is self._view:
            self.cancel()

    def cancel(self) -> None:
        """Give up the picture that is being made."""
        if self._picture is not None:
            self._picture.cancel()

    def _take(self, view: SlideView, choice: SnapshotChoice) -> None:
        path: Path | None = None
        if choice.target == "file":
            path = self._window.files.picture_to_write(self._window, self._proposed(view, choice.viewport))
            if path is None:
                return
            self._window.privacy.know([path])
        self._make(view, choice, path)

    def _proposed(self, view: SlideView, picture: Viewport) -> Path:
        stem = self._window.privacy.stem(view.info.path)
        mpp = view.info.mpp
        scale = f"{picture.magnification(mpp[0]):.3g}x" if mpp is not None else f"1to{picture.downsample:.3g}"
        return view.info.path.with_name(f"{stem}-{scale}.png")

    def _make(self, view: SlideView, choice: SnapshotChoice, path: Path | None) -> None:
        if self.is_busy:
            self._window.messages.tell(tr("Another picture is still being made."))
            return
        picture = picture_of(view, choice.viewport, choice.content)
        if picture is None:
            return
        self._view, self._picture = view, picture
        self._open_progress()
        mpp = picture_mpp(choice.viewport, view.info.mpp)
        self._window.background.run(
            lambda: _made(picture, path, mpp=mpp, progress=self._tell_progress),
            lambda image: self._done(picture, image, path),
            self._failed,
        )

    def _tell_progress(self, share: float) -> None:
        self._progressed.emit(round(100 * share))

    def _open_progress(self) -> None:
        self._progress = QProgressDialog(tr("Making the picture…"), tr("Cancel"), 0, 100, self._window)
        self._progress.setWindowTitle(tr("Snapshot"))
        self._progress.setMinimumDuration(PROGRESS_DELAY_MS)
        self._progress.setAutoClose(False)
        self._progress.setAutoReset(False)
        self._progress.canceled.connect(self.cancel)
        self._progress.setValue(0)

    def _show_progress(self, percent: int) -> None:
        if self._progress is not None:
            self._progress.setValue(percent)

    def _done(self, picture: SlidePicture, image: QImage | None, path: Path | None) -> None:
        self._close_progress()
        if image is None:
            self._window.messages.tell(tr("The picture was given up."))
            return
        size = {"width": f"{image.width():,}", "height": f"{image.height():,}"}
        if path is None:
            QGuiApplication.clipboard().setImage(image)
            text = tr("The picture is on the clipboard: {width} × {height} pixels.", **size)
        else:
            file = self._window.privacy.file(path)
            text = tr("The picture is saved as {file}: {width} × {height} pixels.", file=file, **size)
        flaw = _flaw(picture)
        self._window.messages.tell(f"{text} {flaw}" if flaw else text, "warning" if flaw else "info")

    def _failed(self, error: CoverslipError) -> None:
        self._close_progress()
        self._window.messages.tell(sentence(error), "error")

    def _close_progress(self) -> None:
        self._view = self._picture = None
        if self._progress is not None:
            progress, self._progress = self._progress, None
            progress.canceled.disconnect(self.cancel)
            progress.close()
            progress.deleteLater()


def frames_of(view: SlideView, drawn: PictureFrame | None = None) -> dict[Region, PictureFrame]:
    """The regions of a view that a picture can be made of, the proposed one first."""
    seen = view.canvas.viewport
    frames: dict[Region, PictureFrame] = {} if drawn is None else {"drawn": drawn}
    frames["view"] = PictureFrame.of_view(seen)
    selected = _selection_rect(view)
    if selected is not None:
        frames["selection"] = PictureFrame.around(selected, seen)
    x, y, width, height = view.info.bounds or (0, 0, *view.info.size)
    frames["slide"] = PictureFrame.around((float(x), float(y), float(width), float(height)), seen)
    return frames


def _selection_rect(view: SlideView) -> Rect | None:
    rings = [ring for found in view.selection.annotations() for part in found.parts for ring in part]
    if not rings:
        return None
    points = np.concatenate(rings)
    (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
    edge = SELECTION_MARGIN * max(right - left, bottom - top, 1.0)
    return left - edge, top - edge, right - left + 2 * edge, bottom - top + 2 * edge


def _flaw(picture: SlidePicture) -> str:
    if picture.unreadable:
        return tr("Some of it could not be read and is hatched.")
    return tr("Some of the overview was not ready yet and is missing.") if picture.is_unfinished else ""


def _made(
    picture: SlidePicture,
    path: Path | None,
    *,
    mpp: tuple[float, float] | None,
    progress: Callable[[float], None],
) -> QImage | None:
    """Paint a picture and write it, on a thread of the background pool."""
    image = picture.paint(lambda share: progress(share * PAINTED_SHARE))
    if image is not None and path is not None:
        write_picture(path, rgb_of(image), mpp)
    return image
