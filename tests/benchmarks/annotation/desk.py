"""A slide's document with a crowd of annotations on a canvas, as the window has them.

Everything runs on the GUI thread of the process that imports this, and on the overlay's loader thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from crowd import big_slides, copied
from PySide6.QtCore import QEventLoop
from stage import TimedCanvas, cold_slide, rest, shown_canvas, wait_until_sharp

from desktop_app.domain.viewport import Viewport
from desktop_app.storage.journal import Journal
from desktop_app.ui.canvas_layers.annotation_layer import AnnotationLayer
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument


class Desk:
    """A document on a canvas.

    Attributes
    ----------
    document : SlideDocument
        The crowd.
    canvas : TimedCanvas
        What shows it.
    layer : AnnotationLayer
        Its overlay; None where the canvas shows the slide alone.
    """

    def __init__(self, document: SlideDocument, canvas: TimedCanvas, layer: AnnotationLayer | None) -> None:
        self.document, self.canvas, self.layer = document, canvas, layer

    def look(self, viewport: Viewport) -> float:
        """Go to a view; milliseconds until slide and overlay are sharp and painted."""
        began = time.perf_counter()
        self.canvas.set_viewport(viewport)
        wait_until_sharp(self.canvas)
        self.canvas.repaint()
        return 1000 * (time.perf_counter() - began)

    def settle(self) -> float:
        """Milliseconds until the overlay is sharp again after a change, and painted."""
        assert self.layer is not None
        began = time.perf_counter()
        if not self.layer.is_sharp:
            loop = QEventLoop()
            self.layer.sharpened.connect(loop.quit)
            loop.exec()
            self.layer.sharpened.disconnect(loop.quit)
        self.canvas.repaint()
        return 1000 * (time.perf_counter() - began)


@contextmanager
def desk(count: int, *, overlay: bool = True, direct: bool = True) -> Iterator[Desk]:
    """A desk with so many nuclei, the whole slide sharp.

    ``overlay=False`` shows the slide alone, ``direct=False`` reads it through OpenSlide.
    """
    with copied(count) as folder, cold_slide(big_slides()[0], direct=direct) as slide:
        document = SlideDocument(slide, Journal.open(folder, author="Mina"))
        with shown_canvas(slide) as canvas:
            layer = AnnotationLayer(document, AnnotationSelection(document)) if overlay else None
            if layer is not None:
                canvas.add_layer(layer)
            wait_until_sharp(canvas)
            rest(0.3)
            try:
                yield Desk(document, canvas, layer)
            finally:
                if layer is not None:
                    canvas.remove_layer(layer)
                    layer.shutdown()
                    layer.deleteLater()
                document.journal.close()
                document.deleteLater()
