"""The canvas: a slide on the screen, with its layers and tools.

Names that other rooms use are offered here; GUI thread unless a name says otherwise.
"""

from desktop_app.ui.canvas.display import DisplayLookup
from desktop_app.ui.canvas.heat_map_layer import HeatMapLayer
from desktop_app.ui.canvas.layers import CanvasLayer, CanvasTool, Cursor, PausingTool, ToolEvent, WheelTool
from desktop_app.ui.canvas.minimap import Minimap
from desktop_app.ui.canvas.readout_text import (
    cursor_text,
    magnification_text,
    pixel_size_text,
    scale_text,
)
from desktop_app.ui.canvas.scale_bar import ScaleBar, paint_plate
from desktop_app.ui.canvas.sketch import Sketch, SketchedTile
from desktop_app.ui.canvas.slide_canvas import SlideCanvas
from desktop_app.ui.canvas.tile_buffers import TileBuffer, TileBuffers
from desktop_app.ui.canvas.tile_cache import TileCache
from desktop_app.ui.canvas.tile_layer import TileLayer
from desktop_app.ui.canvas.tile_loader import LoadedTile, TileLoader
from desktop_app.ui.canvas.tile_source import SlideTileSource, TileImage, TileSource, wrap_argb

__all__ = [
    "CanvasLayer",
    "CanvasTool",
    "Cursor",
    "DisplayLookup",
    "HeatMapLayer",
    "LoadedTile",
    "Minimap",
    "PausingTool",
    "ScaleBar",
    "Sketch",
    "SketchedTile",
    "SlideCanvas",
    "SlideTileSource",
    "TileBuffer",
    "TileBuffers",
    "TileCache",
    "TileImage",
    "TileLayer",
    "TileLoader",
    "TileSource",
    "ToolEvent",
    "WheelTool",
    "cursor_text",
    "magnification_text",
    "paint_plate",
    "pixel_size_text",
    "scale_text",
    "wrap_argb",
]
