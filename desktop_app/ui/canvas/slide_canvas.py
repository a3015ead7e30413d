"""The widget that shows a slide: painting, layers, and where the view is.

A plain ``QWidget`` that paints tiles: measured against scene graphs and OpenGL it was the fastest to
sharp, and it is byte-exact at the scan's own scale. Mouse and keys are in ``canvas_input``. GUI thread;
pixels are read by the slide layer's loader threads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QWidget

from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Point, Rect, Viewport, downsample_at
from desktop_app.slides import Slide
from desktop_app.slides.pyramid_cache import MadeLevels
from desktop_app.slides.unreadable import UnreadablePlace
from desktop_app.ui.canvas.canvas_input import CanvasInput
from desktop_app.ui.canvas.compass import Compass
from desktop_app.ui.canvas.display import DisplayLookup
from desktop_app.ui.canvas.ground import paint_invitation, paint_unread, surround
from desktop_app.ui.canvas.layers import CanvasLayer, CanvasTool, LegendLayer, NotifyingLayer, OftenEmptyLayer
from desktop_app.ui.canvas.minimap import Minimap
from desktop_app.ui.canvas.scale_bar import ScaleBar
from desktop_app.ui.canvas.tile_layer import TileLayer
from desktop_app.ui.canvas.tile_source import ArgbSlide, SlideTileSource
from desktop_app.ui.canvas.view_mover import MovementStyle, ViewMover
from desktop_app.ui.translation import tr

FIT_MARGIN = 0.02
"""Share of the view left free around a slide that fits, so that its edge is seen."""

MINIMAP_MARGIN = 14
"""Logical pixels."""


class SlideCanvas(QWidget):
    """Shows one slide.

    Parameters
    ----------
    parent : QWidget | None
        As usual. :meth:`shutdown` must be called before the widget or the slide goes.
    """

    viewport_changed = Signal(Viewport)
    """The view moved, was scaled, turned or resized."""

    cursor_moved = Signal(object)
    """``(x, y)`` in level-0 pixels under the mouse; None where there is no slide or the mouse has left."""

    sharpened = Signal()
    """Everything in view is there at the resolution it is shown at."""

    leaving = Signal(Viewport)
    """The view is about to jump away from here, and one may want to come back."""

    tool_changed = Signal()
    """Another tool is in hand: chosen, lent, or taken back after its work."""

    stepping = Signal(int)
    """The mouse's buttons for back (-1) and forward (1)."""

    middle_clicked = Signal()
    """The middle button was clicked; held, it moves the slide."""

    opacity_turned = Signal(float)
    """The wheel was turned with Ctrl, by so many notches: weaker or stronger, what lies over the slide."""

    tile_failed = Signal(str)
    """A sentence: some pixels cannot be read; they are hatched."""

    unreadable_changed = Signal()
    """Some places could not be read, or can be read again: :attr:`unreadable_places`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slide: ArgbSlide | None = None
        self._slide_layer: TileLayer | None = None
        self._layers: list[CanvasLayer] = []
        self._display = DisplayLookup()
        self._channels: tuple[ChannelDisplay, ...] = ()
        self._dpr = self.devicePixelRatioF()
        self._viewport = Viewport((0.0, 0.0), 1.0, 0.0, self._device_size())
        self._prepared: Viewport | None = None
        self.mover = ViewMover(self)
        self._input = CanvasInput(self, self.mover)
        self.scale_bar = ScaleBar()
        self.minimap = Minimap(self)
        self._build()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(tr("Slide"))
        self.setAccessibleDescription(tr("The slide; arrow keys move it, plus and minus zoom"))
        self.minimap.hide()
        self.minimap.moved.connect(self.center_on)
        self.minimap.reshaped.connect(self._place_minimap)
        self.compass = Compass(self)
        self.compass.clicked.connect(self.set_upright)

    def sizeHint(self) -> QSize:
        """A comfortable size where the layout leaves the choice."""
        return QSize(960, 720)

    @property
    def slide(self) -> ArgbSlide | None:
        """The slide shown."""
        return self._slide

    @property
    def slide_info(self) -> SlideInfo | None:
        """Its metadata."""
        return self._slide.info if self._slide is not None else None

    @property
    def viewport(self) -> Viewport:
        """What is seen; device pixels."""
        return self._viewport

    @property
    def is_sharp(self) -> bool:
        """Whether slide and tiled overlays are there at the resolution they are shown at."""
        there = self._slide_layer is not None and all(layer.is_sharp for layer in self._tile_layers())
        return there and self.mover.is_at_rest

    @property
    def is_at_rest(self) -> bool:
        """Whether the view has come to where it was sent."""
        return self.mover.is_at_rest

    @property
    def magnification(self) -> float | None:
        """The N of N×; None without a slide or without its mpp."""
        info = self.slide_info
        if info is None or info.mpp is None:
            return None
        return self._viewport.magnification(info.mpp[0])

    @property
    def slide_layer(self) -> TileLayer | None:
        """The slide's own tiles."""
        return self._slide_layer

    def set_slide(self, slide: ArgbSlide | None) -> None:
        """Show another slide, fitted into the view, or none.

        The old slide may be closed when this returns. Tool and layers stay; layers that belong to a
        slide are removed by whoever added them.
        """
        self._input.cancel()
        self.mover.stop()
        self._prepared = None
        self.minimap.set_slide(None)
        if self._slide_layer is not None:
            self._slide_layer.shutdown()
            self._slide_layer.deleteLater()
        self._slide, self._slide_layer = slide, None
        self._channels = ()
        if slide is not None:
            self._slide_layer = self._new_slide_layer(slide)
            bounds = slide.info.bounds
            scanned = None if bounds is None else (bounds[0], bounds[1], bounds[2], bounds[3])
            self.minimap.set_slide(self._slide_layer, slide.info.size, scanned=scanned)
            self._place_minimap()
            self._show_fitted()
        self._input.refresh_cursor()
        self.update()

    def set_viewport(self, viewport: Viewport) -> None:
        """Show another part at once; kept on the slide, and in this widget's size."""
        self.mover.set(viewport)

    def glide_to(self, viewport: Viewport) -> None:
        """Go to another part, as the user likes to: :meth:`set_movement_style`."""
        self.mover.glide_to(viewport)

    def jump_to(self, viewport: Viewport) -> None:
        """Go to a place that was asked for, from which one may want to come back."""
        if self._slide is not None:
            self.leaving.emit(self._viewport)
            self.glide_to(viewport)

    def fit(self) -> None:
        """Show the whole slide (or the scanned part, where the file says which); stays so on resizing."""
        if self._slide is not None:
            self.jump_to(self._fitting(self._viewport))
            self.mover.fitted = True

    def one_to_one(self) -> None:
        """One slide pixel on one device pixel."""
        self.jump_to(self.mover.target.with_downsample(1.0))

    def set_magnification(self, magnification: float) -> bool:
        """Zoom to N× about the middle; False (and no change) where the slide's mpp is unknown."""
        info = self.slide_info
        if info is None or info.mpp is None:
            return False
        self.jump_to(self.mover.target.with_downsample(downsample_at(magnification, info.mpp[0])))
        return True

    def zoom_by(self, factor: float, about: Point | None = None) -> None:
        """Zoom in (above 1) or out about a device pixel of this widget, else its middle."""
        self.mover.zoom_by(factor, about)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by device pixels, as a drag does."""
        self.mover.pan(dx, dy)

    def rotate_by(self, degrees: float) -> None:
        """Turn the slide clockwise about the middle of the view; a view that fits still fits."""
        self._turn(self.mover.target.rotated(degrees))

    def turn_to(self, degrees: float, *, mirrored: bool | None = None) -> None:
        """Show the slide turned clockwise by this, and mirrored or not (None leaves that)."""
        self._turn(self.mover.target.turned_to(degrees, mirrored=mirrored))

    def set_upright(self) -> None:
        """Show the slide as it was scanned, neither turned nor mirrored."""
        self.turn_to(0.0, mirrored=False)

    def flip(self, *, upside_down: bool = False) -> None:
        """Exchange left and right of what is seen, or top and bottom."""
        target = self.mover.target
        self._turn(target.flipped_upside_down() if upside_down else target.flipped())

    def center_on(self, point: Point) -> None:
        """Move the middle of the view to level-0 pixels, at once."""
        self.set_viewport(self._viewport.centered_on(point))

    def show_rect(self, rect: Rect, *, margin: float = 0.15) -> None:
        """Show a level-0 rectangle with some room around it (share of the view at each side)."""
        self.jump_to(self._viewport.resized(self._device_size()).showing(rect, margin=margin))

    def set_movement_style(self, style: MovementStyle) -> None:
        """Move as the user likes it; a canvas on its own moves at once."""
        self.mover.settle()
        self.mover.style = style

    def set_display(self, display: DisplayLookup) -> None:
        """Show slides through another lookup; tiles change one by one as they are made again."""
        self._display = display
        if self._slide_layer is not None and isinstance(self._slide_layer.source, SlideTileSource):
            self._slide_layer.source.set_display(display)
            self._slide_layer.invalidate()

    def set_channels(self, displays: Sequence[ChannelDisplay]) -> None:
        """Mix the channels of the fluorescence slide shown like this; none as at first.

        The next slide begins with its own. A slide without channels stays as it is.

        Raises
        ------
        ValueError
            If there is not one for each channel.
        """
        info = self.slide_info
        if info is None or info.is_brightfield or self._slide_layer is None:
            return
        if isinstance(self._slide_layer.source, SlideTileSource):
            self._slide_layer.source.set_channels(displays)
            self._slide_layer.invalidate()
        self._channels = tuple(displays)

    def add_layer(self, layer: CanvasLayer) -> None:
        """Paint a layer above those already there; tiled layers are asked to load what the view needs."""
        self._layers.append(layer)
        if isinstance(layer, NotifyingLayer):
            layer.updated.connect(self._update_once_there if isinstance(layer, TileLayer) else self.update)
        if isinstance(layer, TileLayer):
            layer.sharpened.connect(self._tell_sharp)
            layer.prepare(self._viewport)
        self.update()

    def remove_layer(self, layer: CanvasLayer) -> None:
        """Stop painting a layer; unknown ones are ignored. Its threads are its owner's to stop."""
        if layer not in self._layers:
            return
        self._layers.remove(layer)
        if isinstance(layer, NotifyingLayer):
            layer.updated.disconnect(self._update_once_there if isinstance(layer, TileLayer) else self.update)
        if isinstance(layer, TileLayer):
            layer.sharpened.disconnect(self._tell_sharp)
        self.update()

    @property
    def tool(self) -> CanvasTool | None:
        """The tool in hand; None is the hand itself."""
        return self._input.tool

    def set_tool(self, tool: CanvasTool | None) -> None:
        """Take another tool, cancelling what the old one had begun; None pans with the left button."""
        self._input.set_tool(tool)
        self.tool_changed.emit()
        self.update()

    def lend_tool(self, tool: CanvasTool) -> None:
        """Take a tool for one thing (a box to zoom to), in any mode; it calls :meth:`take_back_tool`."""
        self._input.lend(tool)
        self.tool_changed.emit()
        self.update()

    def take_back_tool(self) -> None:
        """Put the lent tool down; the one in hand before goes on."""
        self._input.take_back()
        self.tool_changed.emit()
        self.update()

    @property
    def lent_tool(self) -> CanvasTool | None:
        """The tool that :meth:`lend_tool` gave and nobody took back."""
        return self._input.lent

    def shutdown(self) -> None:
        """Stop the slide's loader threads and let go of the slide; may be called twice."""
        self.set_slide(None)

    def device_point(self, position: QPointF) -> Point:
        """Device pixels of a logical position in this widget."""
        return position.x() * self._dpr, position.y() * self._dpr

    @property
    def dpr(self) -> float:
        """Device pixels per logical pixel."""
        return self._dpr

    def new_tile_source(self) -> SlideTileSource | None:
        """The slide's tiles as they are shown now, for a picture; it does not follow later changes."""
        if self._slide is None:
            return None
        made = _made_levels(self._slide)
        # A picture that is kept must not show what was only guessed so far.
        return self._source_of(self._slide, made if made is not None and made.is_complete else None)

    @property
    def unreadable_places(self) -> tuple[UnreadablePlace, ...]:
        """What could not be read of what was looked at; hatched."""
        return () if self._slide_layer is None else self._slide_layer.unfinished.places

    def retry_unreadable(self) -> None:
        """Read hatched tiles again now, without waiting for a movement of the view."""
        if self._slide_layer is not None:
            self._slide_layer.unfinished.try_again()

    def _source_of(self, slide: ArgbSlide, made: MadeLevels | None) -> SlideTileSource:
        source = SlideTileSource(slide, made)
        source.set_display(self._display)
        source.set_channels(self._channels)
        return source

    def _new_slide_layer(self, slide: ArgbSlide) -> TileLayer:
        layer = TileLayer(self._source_of(slide, _made_levels(slide)), opaque=True, parent=self)
        layer.updated.connect(self._update_once_there)
        layer.sharpened.connect(self._tell_sharp)
        layer.failed.connect(self.tile_failed)
        layer.unfinished.places_changed.connect(self.unreadable_changed)
        return layer

    def _waits(self) -> bool:
        """Whether the slide, and with it what lies over it, is painted a little later."""
        waits = self._slide_layer is not None and self._slide_layer.waits()
        if waits:
            for layer in self._tile_layers():
                layer.waits()
        return waits

    def _update_once_there(self) -> None:
        # Of slide and overlay, which come within a frame or two, the last has both painted.
        if not any(layer.is_waited_for for layer in self._tile_layers()):
            self.update()

    def _tile_layers(self) -> Iterator[TileLayer]:
        if self._slide_layer is not None:
            yield self._slide_layer
        for layer in self._layers:
            if isinstance(layer, TileLayer) and layer.visible:
                yield layer

    def _device_size(self) -> tuple[int, int]:
        return max(1, round(self.width() * self._dpr)), max(1, round(self.height() * self._dpr))

    def on_slide(self, viewport: Viewport) -> Viewport:
        """The nearest view of this widget's size that cannot lose the slide."""
        info = self.slide_info
        sized = viewport.resized(self._device_size())
        return sized if info is None else sized.clamped(info.size)

    def show_step(self, viewport: Viewport, wanted: Viewport | None) -> bool:
        """Show a step of a movement; see :class:`desktop_app.ui.canvas.motion.Moved`."""
        before = self._viewport
        self._show(viewport, wanted)
        return self._viewport != before

    def _turn(self, viewport: Viewport) -> None:
        fitted = self.mover.fitted
        self.mover.turn_to(self._fitting(viewport) if fitted else viewport)
        self.mover.fitted = fitted

    def _fitting(self, turned: Viewport) -> Viewport:
        info = self.slide_info
        if info is None:
            return turned
        x, y, width, height = info.bounds or (0, 0, *info.size)
        rect = (float(x), float(y), float(width), float(height))
        return turned.resized(self._device_size()).showing(rect, margin=FIT_MARGIN)

    def _show_fitted(self) -> None:
        self.mover.set(self._fitting(self._viewport))
        self.mover.fitted = True

    def _show(self, viewport: Viewport, wanted: Viewport | None = None) -> None:
        if self._slide is None:
            return
        self._viewport = self.on_slide(viewport)
        self._prepare(self._viewport if wanted is None else self.on_slide(wanted), again=wanted is None)
        self.minimap.show_view(self._viewport)
        self.compass.show_view(self._viewport)
        self.viewport_changed.emit(self._viewport)
        if wanted is not None or not self._waits():
            self.update()
        self._tell_sharp()

    def _prepare(self, viewport: Viewport, *, again: bool) -> None:
        # A glide wants the same tiles at every step: those of its end.
        if again or viewport != self._prepared:
            self._prepared = viewport
            for layer in self._tile_layers():
                layer.prepare(viewport)

    def _tell_sharp(self) -> None:
        if self.is_sharp:
            self.sharpened.emit()

    def _place_minimap(self) -> None:
        self.minimap.fit_into(self.size())
        self.minimap.move(self.width() - self.minimap.width() - MINIMAP_MARGIN, MINIMAP_MARGIN)
        self.compass.move(MINIMAP_MARGIN, MINIMAP_MARGIN)

    def _follow_size(self) -> None:
        self._place_minimap()
        if self.mover.fitted:
            self._show_fitted()
        else:
            self._show(self._viewport)

    def _follow_screen(self) -> None:
        old, self._dpr = self._dpr, self.devicePixelRatioF()
        if old != self._dpr:
            # The same piece of slide on a denser screen: more device pixels, each of less slide.
            self._viewport = self._viewport.with_downsample(self._viewport.downsample * old / self._dpr)
            self._follow_size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint slide, layers, what the tool draws, and the scale bar."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), surround(self.palette()))
        if self._slide is None or self._slide_layer is None:
            paint_invitation(painter, self)
            return
        painter.scale(1 / self._dpr, 1 / self._dpr)
        if not self.is_sharp:
            paint_unread(painter, self._viewport, self._slide.info.size, self.palette())
        self._paint_layers(painter, self._slide_layer)
        for tool in (self._input.tool, self._input.lent):
            if tool is not None:
                painter.save()
                tool.paint(painter, self._viewport)
                painter.restore()

    def _paint_layers(self, painter: QPainter, slide_layer: TileLayer) -> None:
        info = self.slide_info
        self.scale_bar.mpp = info.mpp if info is not None else None
        above = [layer for layer in (*self._layers, self.scale_bar) if _shows_something(layer)]
        first = next(iter(above), None)
        slide_layer.glaze_with(first if isinstance(first, TileLayer) else None)
        legends = [layer.paint_legend for layer in above if isinstance(layer, LegendLayer)]
        for paint in (slide_layer.paint, *(layer.paint for layer in above), *legends):
            painter.save()
            paint(painter, self._viewport, self._dpr)
            painter.restore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle of the view, or keep the slide fitted."""
        self._follow_size()

    def event(self, event: QEvent) -> bool:
        """Follow the screen's density; gestures of touchpads and touch screens."""
        if event.type() in {QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal}:
            self._follow_screen()
        if isinstance(event, QNativeGestureEvent | QGestureEvent) and self._input.gesture(event):
            return True
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the screen's density, known only now."""
        self._follow_screen()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse, or pan with two fingers."""
        self._input.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """To the tool, or begin to pan."""
        self._input.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """To the tool, or pan."""
        self._input.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """To the tool, or end panning."""
        self._input.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """To the tool, or center the view."""
        self._input.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        """There is no slide under the mouse any more."""
        self.cursor_moved.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """To the tool, then the canvas's own keys, else to the window."""
        if not self._input.key_press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space ends panning, arrows end moving."""
        if not self._input.key_release(event):
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key held here is released elsewhere, unseen."""
        self._input.forget_keys()
        super().focusOutEvent(event)


def _shows_something(layer: CanvasLayer) -> bool:
    return layer.visible and not (isinstance(layer, OftenEmptyLayer) and layer.is_empty)


def _made_levels(slide: ArgbSlide) -> MadeLevels | None:
    return slide.made_levels if isinstance(slide, Slide) else None
