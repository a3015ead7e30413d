"""How parts of made levels are held: colors of a brightfield slide, or the channels of a fluorescence slide.

Colors are kept as JPEG, which is finer than the eye at a screen and small; channels are kept as they are,
because their windows and colors are chosen later and can bring out any difference. Pure; any thread.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.slides.unreadable import hatched

PartPixels: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""``(H, W, C)``: uint8 RGB, or uint8 or uint16 channels."""

QUALITY = 88
"""JPEG quality, without chroma subsampling."""

_UNKNOWN_GRAY = 160
"""What is neither made nor sampled yet; no slide's glass is so dark."""

_LARGEST_BYTE = 255
_MOST_RESIZED = 4
"""OpenCV resizes pictures of so many channels at once."""


@dataclass(frozen=True, slots=True)
class PartKind:
    """What the pixels of a slide's parts are.

    Attributes
    ----------
    channels : int
        Values per pixel; 3 for colors.
    is_wide : bool
        uint16, else uint8.
    is_color : bool
        RGB on the slide's background; else fluorescence channels.
    """

    channels: int = 3
    is_wide: bool = False
    is_color: bool = True

    @classmethod
    def of(cls, info: SlideInfo) -> PartKind:
        """The kind that suits a slide."""
        if info.is_brightfield:
            return cls()
        is_wide = any(channel.largest > _LARGEST_BYTE for channel in info.channels)
        return cls(len(info.channels), is_wide, is_color=False)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a value."""
        return np.dtype(np.uint16 if self.is_wide else np.uint8)

    @property
    def pixel_bytes(self) -> int:
        """Bytes of a pixel."""
        return self.channels * self.dtype.itemsize

    def unknown(self, size: tuple[int, int]) -> PartPixels:
        """What is shown of ``(width, height)`` pixels of which nothing is known: gray, or no light."""
        fill = _UNKNOWN_GRAY if self.is_color else 0
        return np.full((size[1], size[0], self.channels), fill, self.dtype)

    def hatched(self, size: tuple[int, int]) -> PartPixels:
        """The picture of what cannot be read; in channels half of all light, in stripes."""
        stripes = hatched(size)[..., :1]
        if self.is_color:
            return np.repeat(stripes, self.channels, axis=2)
        bright = stripes == stripes.max(initial=0)
        return np.repeat(np.where(bright, np.iinfo(self.dtype).max // 2, 0), self.channels, axis=2).astype(
            self.dtype
        )

    def encoded(self, pixels: PartPixels) -> bytes:
        """A part as it is kept."""
        if not self.is_color:
            return self.packed(pixels)
        import simplejpeg

        whole = np.ascontiguousarray(pixels)
        return bytes(simplejpeg.encode_jpeg(whole, quality=QUALITY, colorsubsampling="444"))

    def decoded(self, data: bytes, size: tuple[int, int], factor: int) -> PartPixels | None:
        """A part of ``(width, height)`` pixels made smaller by a power of two; None if it is damaged."""
        if not self.is_color:
            whole = self.unpacked(data, size)
            return None if whole is None else shrunk(whole, factor)
        import simplejpeg

        at_most = min(factor, 8)  # libjpeg goes no further by itself
        small = (-(-size[0] // at_most), -(-size[1] // at_most))
        try:
            pixels = simplejpeg.decode_jpeg(data, "RGB", min_width=small[0], min_height=small[1])
        except ValueError:
            return None
        pixels = np.asarray(pixels[: small[1], : small[0]], np.uint8)
        return shrunk(pixels, factor // at_most)

    def packed(self, pixels: PartPixels) -> bytes:
        """Pixels without loss."""
        return zlib.compress(np.ascontiguousarray(pixels, self.dtype).tobytes(), 1)

    def unpacked(self, data: bytes, size: tuple[int, int]) -> PartPixels | None:
        """What :meth:`packed` was given; None if it is damaged or of another size."""
        try:
            raw = zlib.decompress(data)
        except zlib.error:
            return None
        if len(raw) != size[0] * size[1] * self.pixel_bytes:
            return None
        return np.frombuffer(raw, self.dtype).reshape(size[1], size[0], self.channels)


def shrunk(pixels: PartPixels, factor: int) -> PartPixels:
    """Means of ``factor`` × ``factor`` pixels; at an edge what is missing repeats the last row or column."""
    import cv2

    if factor == 1:
        return pixels
    height, width = pixels.shape[:2]
    bottom, right = -height % factor, -width % factor
    if bottom or right:
        pixels = np.pad(pixels, ((0, bottom), (0, right), (0, 0)), "edge")
    return resized(pixels, (-(-width // factor), -(-height // factor)), cv2.INTER_AREA)


def resized(pixels: PartPixels, size: tuple[int, int], interpolation: int) -> PartPixels:
    """Pixels at another ``(width, height)``, however many channels they have; ``cv2.INTER_...``."""
    import cv2

    bundles = [
        cv2.resize(
            np.ascontiguousarray(pixels[..., first : first + _MOST_RESIZED]),
            size,
            interpolation=interpolation,
        )
        for first in range(0, pixels.shape[2], _MOST_RESIZED)
    ]
    return np.concatenate([bundle.reshape(size[1], size[0], -1) for bundle in bundles], axis=2)


def as_argb(rgb: PartPixels) -> RgbArray:
    """Colors as the canvas paints them: uint8 ``(H, W, 4)``, opaque ARGB32 in native byte order."""
    import cv2

    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), np.uint8)
