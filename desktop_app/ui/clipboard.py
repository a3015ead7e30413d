"""Annotations on the clipboard: copied as GeoJSON text, pasted into this slide or another.

The text carries the pixel size it was drawn at, so that µm stay µm on another slide, and never the slide's
name. Text is made, read and moved on a pool thread, since a few thousand objects take a while; GUI thread
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from desktop_app.domain.annotation import Annotation, AnnotationClass
from desktop_app.domain.annotation_classes import with_missing
from desktop_app.domain.edits import Edit, reviewed, utc_now
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.transfer import PlaneMap, box_around, carried
from desktop_app.domain.viewport import Point
from desktop_app.errors import CoverslipError
from desktop_app.storage.geojson_text import geojson_text, read_geojson_text
from desktop_app.ui.annotation_files import geojson_offset
from desktop_app.ui.error_text import sentence
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

MOST = 5000
"""Annotations on the clipboard at a time; QuPath's limit, too."""

GEOJSON_MIME = "application/geo+json"
TOLD_MS = 4000
DUPLICATE_STEP = 12.0
"""Logical pixels that a duplicate lies to the right and below."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Annotations made for a slide, ready to be added to it.

    Attributes
    ----------
    annotations : tuple[Annotation, ...]
        In the slide's coordinates, under new ids.
    classes : tuple[AnnotationClass, ...]
        The classes they may bring along.
    warning : str
        What the user should know of how they were placed; empty for nothing.
    """

    annotations: tuple[Annotation, ...]
    classes: tuple[AnnotationClass, ...] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True)
class _Destination:
    """Where a text is pasted, as the pool thread needs to know it.

    ``at`` is where the middle goes; None for the place it was copied from, if the slide has it.
    ``scaled`` is False for what was copied from this very slide, whose pixels need no pixel size.
    """

    mpp: Mpp | None
    offset: Point
    size: tuple[int, int]
    center: Point
    at: Point | None
    author: str
    scaled: bool


class AnnotationClipboard:
    """Copy, cut, paste and duplicate for the view in front.

    Parameters
    ----------
    window : MainWindow
        Whose selection is copied and whose slides are pasted into.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._copying = False
        self._waiting: list[Callable[[], None]] = []
        self._source: tuple[str, str] = ("", "")

    def copy(self, *, cut: bool = False) -> None:
        """Put the selection on the clipboard; ``cut`` then deletes it, but for what is locked."""
        view = self._window.current
        chosen = self.chosen(view)
        if not chosen:
            return
        classes = {entry.name: entry.color for entry in view.classes}
        offset, mpp = geojson_offset(view.info), view.info.mpp
        self._copying = True
        self._window.background.run(
            lambda: geojson_text(chosen, classes, offset=offset, mpp=mpp),
            partial(self._copied, view, chosen, cut),
            self._failed_to_copy,
        )

    def paste(self, at: Point | None = None) -> None:
        """Add what is on the clipboard; ``at`` is where its middle goes, level-0 pixels."""
        view = self._window.current
        if self._copying:
            self._waiting.append(partial(self.paste, at))
            return
        text = QGuiApplication.clipboard().text()
        destination = _Destination(
            mpp=view.info.mpp,
            offset=geojson_offset(view.info),
            size=view.info.size,
            center=view.canvas.viewport.center,
            at=at,
            author=view.document.author,
            scaled=self._source != (view.document_id, text),
        )
        self._window.background.run(
            lambda: _pasted(text, destination), partial(self._paste, view), self._tell
        )

    def duplicate(self) -> None:
        """Add the selection once more, a little to the right and below."""
        view = self._window.current
        chosen = self.chosen(view)
        step = DUPLICATE_STEP * view.canvas.dpr * view.canvas.viewport.downsample
        author = view.document.author
        plane_map = PlaneMap().moved(step, step)
        self._window.background.run(
            lambda: Copies(copies_of(chosen, plane_map, author)),
            partial(self._add_duplicates, view),
            self._tell,
        )

    def chosen(self, view: SlideView) -> tuple[Annotation, ...]:
        """What is selected in a view; nothing, which is told, where it is too much to copy."""
        count = len(view.selection)
        if count <= MOST:
            return view.selection.annotations()
        self._window.messages.tell(
            tr(
                "{count} annotations are selected, and at most {most} can be copied at a time. Save them as "
                "a file, and import it in the other slide.",
                count=count,
                most=MOST,
            ),
            "warning",
        )
        return ()

    def add(self, view: SlideView, copies: Copies, label: str) -> bool:
        """Add copies to a view's slide as one step and select them; whether that was done."""
        document = view.document
        if not copies.annotations or not document.is_open:
            return False
        if document.read_only:
            self._window.messages.tell(tr("This slide can only be looked at here."), "warning")
            return False
        try:
            document.commit(_edit(document, copies, label))
        except CoverslipError as error:
            self._tell(error)
            return False
        view.selection.set(found.id for found in copies.annotations)
        if copies.warning:
            self._window.messages.tell(copies.warning, "warning")
        return True

    def _add_duplicates(self, view: SlideView, copies: Copies) -> None:
        self.add(view, copies, tr("Duplicate"))

    def _copied(self, view: SlideView, chosen: Sequence[Annotation], cut: bool, text: str) -> None:
        data = QMimeData()
        data.setText(text)
        data.setData(GEOJSON_MIME, text.encode())
        QGuiApplication.clipboard().setMimeData(data)
        self._source = (view.document_id, text)
        if cut and view.document.is_open:
            self._cut(view, chosen)
        else:
            told = tr("Copied; annotations: {count}", count=len(chosen))
            self._window.status.showMessage(told, TOLD_MS)
        self._go_on()

    def _cut(self, view: SlideView, chosen: Sequence[Annotation]) -> None:
        locked = sum(found.locked for found in chosen)
        try:
            view.document.remove([found.id for found in chosen])
        except CoverslipError as error:
            self._tell(error)
            return
        if locked:
            self._window.messages.tell(
                tr("Locked annotations were copied and stay where they are: {count}.", count=locked)
            )

    def _paste(self, view: SlideView, copies: Copies | None) -> None:
        if copies is None:
            self._window.messages.tell(
                tr("There are no annotations on the clipboard: copy some here, or GeoJSON text elsewhere."),
                "warning",
            )
        elif self.add(view, copies, tr("Paste")):
            told = tr("Pasted; annotations: {count}", count=len(copies.annotations))
            self._window.status.showMessage(told, TOLD_MS)

    def _failed_to_copy(self, error: CoverslipError) -> None:
        self._tell(error)
        self._go_on()

    def _go_on(self) -> None:
        self._copying = False
        waiting, self._waiting = self._waiting, []
        for paste in waiting:
            paste()

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def copies_of(annotations: Sequence[Annotation], plane_map: PlaneMap, author: str) -> tuple[Annotation, ...]:
    """Annotations carried through a map; what a model made is a person's statement in its new place.

    Any thread. Raises as :func:`desktop_app.domain.transfer.carried`.
    """
    utc = utc_now()
    return tuple(reviewed(carried(found, plane_map), "edited", author, utc) for found in annotations)


def scaled_map(source: Mpp | None, target: Mpp | None, corners: tuple[Point, Point]) -> tuple[PlaneMap, str]:
    """By µm where both pixel sizes are known, else pixel by pixel, and what to tell the user of that.

    Parameters
    ----------
    source, target : Mpp | None
        Pixel sizes of what was copied and of the slide it goes to.
    corners : tuple[Point, Point]
        As for ``PlaneMap.by_um``.
    """
    if source is not None and target is not None:
        return PlaneMap.by_um(source, target, corners=corners), ""
    pixels = PlaneMap.by_um((1.0, 1.0), (1.0, 1.0), corners=corners)
    if source is None:
        return pixels, tr(
            "What was copied does not say how large its pixels are: they were taken as they are."
        )
    return pixels, tr(
        "This slide does not say how large a pixel is: the copied pixels were taken as they are. Set it "
        "under Slide, Set pixel size, and paste again."
    )


def _pasted(text: str, to: _Destination) -> Copies | None:
    """What a text is on a slide; None if it holds no annotations. Pool thread."""
    content = read_geojson_text(text, most=MOST, offset=to.offset)
    if content is None or not content.annotations:
        return None
    plane_map, warning = PlaneMap(), ""
    if to.scaled:
        plane_map, warning = scaled_map(content.mpp, to.mpp, (to.offset, to.offset))
    left, top, right, bottom = box_around(content.annotations)
    ((x, y),) = plane_map.apply(np.array([[(left + right) / 2, (top + bottom) / 2]])).tolist()
    on_slide = 0 <= x <= to.size[0] and 0 <= y <= to.size[1]
    target = to.at or ((x, y) if on_slide else to.center)
    plane_map = plane_map.moved(target[0] - x, target[1] - y)
    return Copies(copies_of(content.annotations, plane_map, to.author), content.classes, warning)


def _edit(document: SlideDocument, copies: Copies, label: str) -> Edit:
    """One step that adds copies and the classes that the slide lacks."""
    present = document.snapshot.classes
    used = {found.class_name for found in copies.annotations}
    classes = with_missing(present, (entry for entry in copies.classes if entry.name in used))
    edit = Edit.create(label, document.author, after=copies.annotations)
    if classes == present:
        return edit
    return replace(edit, classes_before=present, classes_after=classes)
