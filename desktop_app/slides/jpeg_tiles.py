"""JPEG tiles of a TIFF file, decoded straight to the screen's pixels.

A tile lacks the tables it shares with the others, and what it says about its colors counts for nothing: the
TIFF tag does. Both are put right in front of the encoded bytes, and libjpeg-turbo (through simplejpeg, which
releases the interpreter lock) writes blue, green, red and an opaque alpha into the caller's buffer. Any
thread; a decoder has no state.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from desktop_app.domain.arrays import RgbArray

SHRINKS = (2, 4, 8)
"""What the scaled cosine transform can divide a picture's sides by."""

_START = b"\xff\xd8"
_FRAMES, _SCAN, _END = (0xC0, 0xC1), 0xDA, 0xD9
_APPLICATION = tuple(bytes([marker]) for marker in range(0xE0, 0xF0))
_TABLE_MARKERS = (0xC4, 0xDB, 0xDD)
_ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
_STOPPED_EARLY = "extraneous bytes before marker 0xd9"
"""libjpeg's remark where a stream is longer than its picture: that is how a cut height looks to it."""

_COLORS = "BGRA" if sys.byteorder == "little" else "ARGB"


class JpegTileDecoder:
    """Decodes the tiles of one image.

    Parameters
    ----------
    tile : tuple[int, int]
        Pixels, ``(width, height)``, of every tile.
    tables : bytes
        The stream of the shared tables; may be empty.
    is_rgb : bool
        Whether samples are red, green and blue; else luma and two chroma differences.

    Raises
    ------
    ValueError
        If the tables are damaged.
    """

    def __init__(self, tile: tuple[int, int], tables: bytes, *, is_rgb: bool) -> None:
        self._tile = tile
        shared = (tables[start:end] for marker, start, end in _segments(tables) if marker in _TABLE_MARKERS)
        self._head = b"".join((_START, *shared, _ADOBE, b"\x00" if is_rgb else b"\x01"))

    def decode(self, data: bytes, out: RgbArray) -> None:
        """A whole tile.

        Parameters
        ----------
        data : bytes
            As the file has it.
        out : RgbArray
            uint8 ``(height, width, 4)``, contiguous: becomes premultiplied native-endian ARGB32.

        Raises
        ------
        ValueError
            If the tile is damaged, or of another size.
        """
        _decoded(self.whole_stream(data), out)

    def decode_top(self, data: bytes, rows: int, out: RgbArray) -> None:
        """At least the upper ``rows`` of a tile; what ``out`` holds below them is undefined.

        The stream is told that its picture ends there, which spares decoding the rest: the upper half takes
        little more than half the time. Parameters and errors otherwise as :meth:`decode`.
        """
        stream = self.whole_stream(data)
        height_at, margin = _height_field(stream, len(self._head))
        # Smooth chroma looks one chroma row ahead; with the margin no row asked for is near the made-up edge.
        height = rows + margin
        if not height_at or height >= self._tile[1]:
            _decoded(stream, out)
            return
        cut = b"".join((stream[:height_at], height.to_bytes(2, "big"), stream[height_at + 2 :]))
        try:
            _decoded(cut, out[:height])
        except ValueError as error:
            if _STOPPED_EARLY not in str(error):
                raise

    def decode_shrunk(self, data: bytes, shrink: int, out: RgbArray) -> None:
        """A whole tile made smaller by 2, 4 or 8 within the cosine transform.

        That is a low-pass of each 8 × 8 block, not the mean over the pixels: it differs from area
        resampling by about 0.8 gray levels, so it is for the screen only. ``out`` is
        ``(height / shrink, width / shrink, 4)``; errors as :meth:`decode`.
        """
        _decoded(
            self.whole_stream(data),
            out,
            min_width=self._tile[0] // shrink,
            min_height=self._tile[1] // shrink,
        )

    def whole_stream(self, data: bytes) -> bytes:
        """A complete JPEG stream: what the tile says of its own colors is left out."""
        if data[:2] != _START:
            raise ValueError("this is no JPEG stream")
        start = 2
        while data[start : start + 1] == b"\xff" and data[start + 1 : start + 2] in _APPLICATION:
            start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        return b"".join((self._head, memoryview(data)[start:]))


def _decoded(stream: bytes, out: RgbArray, **limits: int) -> None:
    import simplejpeg

    picture = simplejpeg.decode_jpeg(stream, _COLORS, buffer=out, **limits)
    if picture.shape != out.shape:
        raise ValueError(f"a tile of {picture.shape[1]} × {picture.shape[0]} pixels")


def _segments(stream: bytes, at: int = 2) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment from ``at`` to the scan; none of an empty stream."""
    while at + 4 <= len(stream):
        if stream[at] != 0xFF:
            raise ValueError("a JPEG segment does not begin where the one before it ends")
        marker = stream[at + 1]
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        if marker == _END:
            return
        if end > len(stream):
            raise ValueError("a JPEG segment is cut off")
        yield marker, at, end
        if marker == _SCAN:
            return
        at = end


def _height_field(stream: bytes, at: int) -> tuple[int, int]:
    """Where, from ``at`` on, the picture's height stands, and how many rows one row of chroma may look ahead.

    ``(0, 0)`` where the height cannot be cut: in progressive pictures, and where each sample has a scan of
    its own, the rows are not stored from top to bottom.
    """
    place, components, margin = 0, -1, 0
    for marker, start, end in _segments(stream, at):
        if marker in _FRAMES:
            sampling = stream[start + 11 : end : 3]
            place, components = start + 5, len(sampling)
            margin = max((factors & 15 for factors in sampling), default=0)
        if marker == _SCAN and stream[start + 4 : start + 5] == bytes([components & 255]):
            return place, margin
    return 0, 0
