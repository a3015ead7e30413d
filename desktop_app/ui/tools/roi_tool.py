"""ROI: drawn as a rectangle, an ellipse or a polygon, or set at a fixed size by one click.

What it draws, and how far it counts as annotated, is the user's choice (Annotate, ROI options). GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from desktop_app.domain.roi_stamps import RoiStamp
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.errors import MissingMppError
from desktop_app.storage.drawing_settings import RoiShape
from desktop_app.ui.canvas import CanvasTool, Cursor, PausingTool, ToolEvent
from desktop_app.ui.tools.box_tool import BoxTool
from desktop_app.ui.tools.click_tool import ClickTool
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.polygon_tool import PolygonTool
from desktop_app.ui.tools.sketch import paint_dashed
from desktop_app.ui.translation import tr


class StampTool(ClickTool):
    """Sets ROIs of a fixed size, shown under the mouse before the click.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context.canvas)
        self._context = context
        self._mouse: Point | None = None
        context.options.pointer_left.connect(self._forget_mouse)

    def move(self, event: ToolEvent) -> bool:
        """Pan by a drag, else lead the outline along."""
        self._mouse = event.position
        super().move(event)
        return True

    def clicked(self, position: Point) -> None:
        """Set a ROI around a place, level-0 pixels."""
        self._context.attempt(lambda: self._set(position))

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint the outline that a click would set."""
        mpp = self._mpp
        if self._mouse is not None and mpp is not None:
            rings = self._stamp.parts_at(self._mouse, mpp)[0]
            paint_dashed(painter, viewport, rings, self._context.roi_color, closed=True)

    @property
    def _stamp(self) -> RoiStamp:
        return self._context.options.settings.stamp

    @property
    def _mpp(self) -> Mpp | None:
        return self._context.document.slide.info.mpp

    def _set(self, position: Point) -> None:
        mpp, stamp = self._mpp, self._stamp
        if mpp is None:
            raise MissingMppError(self._context.document.slide.info.path)
        parts = stamp.parts_at(position, mpp)
        self._context.add(stamp.shape, parts, tr("Set ROI"), roi=self._context.roi_status)

    def _forget_mouse(self) -> None:
        self._mouse = None


class RoiTool:
    """Hands everything to the tool that draws what the user chose.

    Parameters
    ----------
    context : ToolContext
        What it acts on.
    """

    def __init__(self, context: ToolContext) -> None:
        self._options = context.options
        self._stamp = StampTool(context)
        self._tools: dict[RoiShape, CanvasTool] = {
            "rectangle": BoxTool(context, "rectangle", as_roi=True),
            "ellipse": BoxTool(context, "ellipse", as_roi=True),
            "polygon": PolygonTool(context, as_roi=True),
            "stamp": self._stamp,
        }
        self._shape: RoiShape = self._options.settings.roi_shape
        self._options.changed.connect(self._follow)

    @property
    def drawing(self) -> CanvasTool:
        """The tool that draws."""
        return self._tools[self._shape]

    @property
    def cursor(self) -> Cursor:
        """That of the tool that draws; so with the other members."""
        return self.drawing.cursor

    @property
    def unfinished(self) -> bool:
        """Whether a ROI of several clicks has been begun."""
        return isinstance(self.drawing, PausingTool) and self.drawing.unfinished

    def set_at(self, place: Point) -> None:
        """Set a ROI of the fixed size around a place (level-0 pixels), whatever a click would draw."""
        self._stamp.clicked(place)

    def press(self, event: ToolEvent) -> bool:
        """A button went down."""
        return self.drawing.press(event)

    def move(self, event: ToolEvent) -> bool:
        """The mouse moved."""
        return self.drawing.move(event)

    def release(self, event: ToolEvent) -> bool:
        """A button went up."""
        return self.drawing.release(event)

    def double_click(self, event: ToolEvent) -> bool:
        """A second press came quickly."""
        return self.drawing.double_click(event)

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """A key went down."""
        return self.drawing.key_press(key, modifiers)

    def cancel(self) -> None:
        """Give up what is unfinished."""
        self.drawing.cancel()

    def let_go(self) -> None:
        """A second finger came; see :class:`desktop_app.ui.canvas.PausingTool`."""
        if isinstance(self.drawing, PausingTool):
            self.drawing.let_go()
        else:
            self.cancel()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint what is being drawn."""
        self.drawing.paint(painter, viewport)

    def _follow(self) -> None:
        if self._options.settings.roi_shape != self._shape:
            self.cancel()
            self._shape = self._options.settings.roi_shape
