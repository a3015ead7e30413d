"""The content of a plugin folder as one hash, which trust and loading are tied to.

Trust is given to bytes, not to a name: whatever changes a file of a third-party plugin asks for trust again.
Safe on any thread.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop_app.errors import ManifestError

MAX_BYTES = 64 * 2**20
"""A larger folder is refused, so that no plugin can slow the listing; weights belong in a model bundle."""

MAX_FILES = 2000


@dataclass(frozen=True, slots=True)
class FolderContent:
    """What a plugin folder held when it was read.

    Attributes
    ----------
    content_hash : str
        SHA-256 over the sorted relative paths and the bytes of every file, ``__pycache__`` left out.
    digests : Mapping[str, str]
        SHA-256 of each file by its relative path with forward slashes.
    """

    content_hash: str
    digests: Mapping[str, str]


def read_content(folder: Path) -> FolderContent:
    """Hash a plugin folder.

    Raises
    ------
    ManifestError
        If a file cannot be read, is a link (its target could change unseen), or the folder is too large.
    """
    digests: dict[str, str] = {}
    try:
        paths = sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix())
        _refuse_large(folder, paths)
        for path in paths:
            digests[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ManifestError(folder.name, f"a file cannot be read ({error})") from error
    return FolderContent(_combined(digests), digests)


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in (*folders, *names):
            if (link := Path(parent, name)).is_symlink():
                raise ManifestError(folder.name, f"{link.name} is a link; plugins hold plain files only")
        yield from (Path(parent, name) for name in names)


def _refuse_large(folder: Path, paths: list[Path]) -> None:
    if len(paths) > MAX_FILES:
        raise ManifestError(folder.name, f"it has more than {MAX_FILES} files")
    if sum(path.stat().st_size for path in paths) > MAX_BYTES:
        raise ManifestError(
            folder.name, f"it is larger than {MAX_BYTES // 2**20} MiB; keep weights in a model bundle"
        )


def _combined(digests: Mapping[str, str]) -> str:
    """One hash of paths and bytes; lengths keep a path from running into a digest."""
    combined = hashlib.sha256()
    for relative, digest in digests.items():
        name = relative.encode("utf-8", "surrogateescape")
        combined.update(len(name).to_bytes(4, "big") + name + bytes.fromhex(digest))
    return combined.hexdigest()
