"""A slide's identity where the reader has none.

Journals, caches and results are found again by ``slide_id`` after a file was moved or renamed; hashing a
whole slide of several gigabytes would take minutes, its size and two ends take milliseconds. Any thread.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_END_BYTES = 2**20


def content_hash(path: Path) -> str:
    """SHA-256 (hexadecimal) of the file's size and its first and last MiB.

    The size enters as a decimal number followed by a newline. In a file shorter than 2 MiB the two ends
    overlap. ``OSError`` is the caller's to handle.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(f"{size}\n".encode())
    with path.open("rb") as file:
        digest.update(file.read(_END_BYTES))
        file.seek(max(0, size - _END_BYTES))
        digest.update(file.read(_END_BYTES))
    return digest.hexdigest()
