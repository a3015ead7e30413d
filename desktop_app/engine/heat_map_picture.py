"""The heat map as a picture with its legend, for people without this application.

What must not get lost when the picture is passed on (which model, that it is for research, that a
demonstration model means nothing on real tissue) is burnt into it. Label and macro images are never read,
and the slide's file name is left out, since both can hold a patient's name. Runs on the thread of the
job.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from desktop_app.domain.arrays import FloatArray, IntArray, RgbArray
from desktop_app.domain.bundle import DEMONSTRATION_WARNING
from desktop_app.domain.heat_colors import HeatScale, heat_colors
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.errors import SlideReadError
from desktop_app.plugin_api.slide import SlidePixels

OVERVIEW_PX = 1400
"""Longer side of the overview."""

_OPACITY = 0.6
_PANEL_PX = 330
_MARGIN = 24
_INK = (40, 40, 40)
_WARNING_INK, _WARNING_PAPER = (255, 255, 255), (170, 20, 20)
_PAPER = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Legend:
    """What the legend says.

    Attributes
    ----------
    title : str
        What the colors mean.
    lines : Sequence[str]
        Model, prediction, version.
    """

    title: str
    lines: Sequence[str]


def draw_heat_map(slide: SlidePixels, heat_map: HeatMapUpdate, *, boxes: IntArray, legend: Legend) -> bytes:
    """A PNG of the slide's overview with the heat map over it.

    Parameters
    ----------
    slide : SlidePixels
        Read once; where it cannot be read the overview stays blank.
    heat_map : HeatMapUpdate
        Complete, of all tiles.
    boxes : IntArray
        int64 ``(n, 4)``, outlines of its tiles; neighbors share edges, so no seam shows between them.
    legend : Legend
        The words beside it.
    """
    frame = _Frame.of(slide.info)
    scale = HeatScale.of(heat_map.values, heat_map.quantity)
    count = frame.accumulate(boxes, np.ones(len(boxes)))
    mean = frame.accumulate(boxes, heat_map.values) / np.maximum(count, 1)
    overlay = heat_colors(heat_map.quantity, _OPACITY)[scale.color_indices(mean)]
    overlay[..., 3][count == 0] = 0
    picture = Image.fromarray(_overview(slide, frame)).convert("RGBA")
    picture.alpha_composite(Image.fromarray(overlay))
    return _composed(picture.convert("RGB"), heat_map, legend, scale)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of the slide that is shown, and at which size."""

    location: tuple[int, int]
    extent: tuple[int, int]
    size: tuple[int, int]

    @classmethod
    def of(cls, info: SlideInfo) -> _Frame:
        x, y, width, height = info.bounds or (0, 0, *info.size)
        shrink = min(1.0, OVERVIEW_PX / max(width, height))
        return cls((x, y), (width, height), (max(1, round(width * shrink)), max(1, round(height * shrink))))

    def accumulate(self, boxes: IntArray, values: FloatArray) -> FloatArray:
        """The sum of the values of the tiles over each picture pixel, float64 ``(H, W)``."""
        picture = np.zeros((self.size[1], self.size[0]))
        shrink = np.array(self.size) / np.array(self.extent)
        edges = (boxes - np.array([*self.location, *self.location])) * np.array([*shrink, *shrink])
        for (x0, y0, x1, y1), value in zip(np.rint(np.maximum(edges, 0)).astype(int), values, strict=True):
            # A tile smaller than a pixel of the picture still gets one.
            picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] += value
        return picture


def _overview(slide: SlidePixels, frame: _Frame) -> RgbArray:
    try:
        return slide.read_scaled(frame.location, frame.extent, frame.size)
    except SlideReadError:
        return np.full((frame.size[1], frame.size[0], 3), 235, dtype=np.uint8)


def _composed(picture: Image.Image, heat_map: HeatMapUpdate, legend: Legend, scale: HeatScale) -> bytes:
    banner = 44 if heat_map.demonstration else 0
    width = picture.width + 2 * _MARGIN + _PANEL_PX
    height = max(picture.height, 420) + 2 * _MARGIN + banner
    sheet = Image.new("RGB", (width, height), _PAPER)
    sheet.paste(picture, (_MARGIN, _MARGIN + banner))
    draw = ImageDraw.Draw(sheet)
    if heat_map.demonstration:
        draw.rectangle((0, 0, width, banner), fill=_WARNING_PAPER)
        text = f"{DEMONSTRATION_WARNING[0].upper()}{DEMONSTRATION_WARNING[1:]}"
        draw.text((_MARGIN, banner // 2), text, fill=_WARNING_INK, font=_font(20), anchor="lm")
    _draw_panel(sheet, (picture.width + 2 * _MARGIN, _MARGIN + banner), heat_map, legend, scale)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()


def _draw_panel(
    sheet: Image.Image,
    corner: tuple[int, int],
    heat_map: HeatMapUpdate,
    legend: Legend,
    scale: HeatScale,
) -> None:
    draw = ImageDraw.Draw(sheet)
    x, y = corner
    y = _draw_text(draw, (x, y), legend.title, 18)
    bar = _color_bar(heat_map.quantity)
    sheet.paste(bar, (x, y + 10))
    y += 10 + bar.height + 6
    for share, anchor in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
        value = scale.low + share * (scale.high - scale.low)
        draw.text(
            (x + share * bar.width, y),
            f"{value:+.3g}" if value else "0",
            fill=_INK,
            font=_font(14),
            anchor=anchor,
        )
    y += 34
    for line in (*legend.lines, "For research use only, not for diagnosis."):
        y = _draw_text(draw, (x, y), line, 15) + 6


def _color_bar(quantity: str) -> Image.Image:
    """The colors as they look on white."""
    colors = heat_colors(quantity, _OPACITY).astype(np.float64)
    alpha = colors[:, 3:] / 255
    row = np.rint(colors[:, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    bar = Image.fromarray(np.tile(row, (22, 1, 1))).resize((_PANEL_PX - _MARGIN, 22))
    ImageDraw.Draw(bar).rectangle((0, 0, bar.width - 1, bar.height - 1), outline=(150, 150, 150))
    return bar


def _draw_text(draw: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, size: int) -> int:
    """Draw text wrapped to the panel; returns the y below it."""
    font = _font(size)
    lines = [""]
    for word in _drawable(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font=font) > _PANEL_PX - _MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    x, y = corner
    for line in lines:
        draw.text((x, y), line, fill=_INK, font=font)
        y += round(size * 1.35)
    return y


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _drawable(text: str) -> str:
    """Letters that Pillow's own font has not, such as Korean, shown as a mark; the JSON has the full name."""
    return "".join(letter if ord(letter) < 0x250 else "…" for letter in text)
