"""ICC profiles written by the tests: a scanner with primaries and a gamma of its own."""

from __future__ import annotations

import struct

D50 = (0.9642, 1.0, 0.8249)
PRIMARIES = ((0.52, 0.27, 0.03), (0.30, 0.62, 0.10), (0.1442, 0.11, 0.6949))
"""XYZ of red, green and blue under D50: duller than sRGB's, and together its white."""


def scanner_profile(gamma: float = 2.6) -> bytes:
    """A matrix profile (ICC version 2.1), of class ``scnr`` for RGB."""
    tags = {
        b"desc": _description("Test scanner"),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(D50),
        b"rXYZ": _xyz(PRIMARIES[0]),
        b"gXYZ": _xyz(PRIMARIES[1]),
        b"bXYZ": _xyz(PRIMARIES[2]),
        b"rTRC": _curve(gamma),
        b"gTRC": _curve(gamma),
        b"bTRC": _curve(gamma * 0.9),
    }
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += padded
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"test", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(4 + 4 + 4 + 4 + 8 + 4)
    header += struct.pack(">3i", *(round(65536 * value) for value in D50)) + bytes(4)
    return header + bytes(128 - len(header)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in values))


def _curve(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * gamma))


def _description(text: str) -> bytes:
    ascii_text = text.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(ascii_text)) + ascii_text + bytes(4 + 4 + 3 + 67)
