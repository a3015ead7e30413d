"""Saving annotations as GeoJSON and reading them from it, on a pool thread; GUI thread otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shapes import bounding_box
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import CoverslipError
from desktop_app.storage.geojson import GeoJsonContent, read_geojson, write_geojson
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

Stamp = tuple[int, int]
"""Size and time of a file, which tell whether another program has changed it."""


class AnnotationFiles:
    """GeoJSON in and out for a window.

    Parameters
    ----------
    window : MainWindow
        Its view in front is what is read into and saved.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._saved: dict[str, tuple[Path, Stamp]] = {}

    def read(self, path: Path) -> None:
        """Add a file's annotations to the slide in front, as one undo step."""
        view = self._window.front
        if view is None:
            self._window.messages.tell(tr("Open the slide first, then its annotations."), "warning")
            return
        if view.document.read_only:
            self._window.messages.tell(tr("This slide can only be looked at here."), "warning")
            return
        self._window.privacy.know([path])
        self._window.background.run(
            lambda: read_geojson(path, offset=geojson_offset(view.info)),
            lambda content: self._read(view, path, content),
            self._tell,
        )

    def save(self) -> None:
        """Save to the file saved to before; ask where the first time, or if another program changed it."""
        view = self._window.current
        known = self._saved.get(view.document_id)
        if known is None:
            self.save_as()
            return
        path, stamp = known
        if _stamp(path) in {stamp, None}:
            self._write(view, path)
            return
        offer = Offer(tr("Save elsewhere…"), self.save_as)
        replace = Offer(tr("Replace it"), lambda: self._write(view, path))
        file = self._window.privacy.file(path)
        text = tr("{file} was changed by another program since it was saved here.", file=file)
        self._window.messages.show_notice(Notice(text, "warning", (offer, replace)))

    def save_as(self) -> None:
        """Ask where, and save there."""
        view = self._window.current
        proposed = view.info.path.with_name(f"{self._window.privacy.stem(view.info.path)}.geojson")
        path = self._window.files.annotations_to_write(self._window, proposed)
        if path is not None:
            self._write(view, path)

    def _write(self, view: SlideView, path: Path) -> None:
        self._window.privacy.know([path])
        # The snapshot never changes, so another thread may read it while the user draws on.
        snapshot = view.document.snapshot
        classes = {entry.name: entry.color for entry in snapshot.classes}
        offset = geojson_offset(view.info)
        self._window.background.run(
            lambda: write_geojson(path, snapshot.iter_annotations(), classes, offset=offset),
            lambda _none: self._written(view, path, len(snapshot)),
            self._tell,
        )

    def _written(self, view: SlideView, path: Path, count: int) -> None:
        stamp = _stamp(path)
        if stamp is not None:
            self._saved[view.document_id] = (path, stamp)
        file = self._window.privacy.file(path)
        self._window.messages.tell(tr("Saved to {file}; annotations: {count}.", count=count, file=file))

    def _read(self, view: SlideView, path: Path, content: GeoJsonContent) -> None:
        if not view.document.is_open:
            return
        file = self._window.privacy.file(path)
        added = view.document.add_imported(content, file)
        self._window.messages.tell(tr("Read from {file}; annotations: {count}.", count=added, file=file))
        for warning in content.warnings:
            self._window.messages.tell(tr(warning), "warning")
        outside = outside_count(content.annotations, view.info.size)
        if outside:
            self._window.messages.tell(
                tr(
                    "{outside} of {count} annotations of {file} lie outside this slide; is it another's?",
                    outside=outside,
                    count=len(content.annotations),
                    file=file,
                ),
                "warning",
            )

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def geojson_offset(info: SlideInfo) -> tuple[float, float]:
    """What QuPath's coordinates are away from the slide's: the corner of the scanned part."""
    return (float(info.bounds[0]), float(info.bounds[1])) if info.bounds is not None else (0.0, 0.0)


def outside_count(annotations: Sequence[Annotation], size: tuple[int, int]) -> int:
    """How many annotations have no share in a slide of that size, in level-0 pixels."""
    boxes = (bounding_box(annotation) for annotation in annotations)
    width, height = size
    return sum(right < 0 or bottom < 0 or left > width or top > height for left, top, right, bottom in boxes)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
