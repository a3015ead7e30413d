"""Converting annotation files, chosen by the ending of their names."""

from __future__ import annotations

from pathlib import Path

READABLE = (".geojson", ".json", ".geojson.gz", ".json.gz", ".zip")
WRITABLE = (".geojson", ".json", ".geojson.gz", ".json.gz")


class UnknownFormatError(ValueError):
    """A file name whose ending is of no format that can be read, or written."""


def convert_annotations(source: Path, target: Path) -> tuple[int, tuple[str, ...]]:
    """Read ``source`` and write ``target``.

    Returns
    -------
    tuple[int, tuple[str, ...]]
        How many annotations were written, and what could not be kept.

    Raises
    ------
    UnknownFormatError
        If an ending is of no known format; nothing was read or written.
    AnnotationFormatError
        If ``source`` is not what its name says.
    StorageError
        If a file cannot be read or written; an older ``target`` stays as it was.
    """
    from desktop_app.storage.geojson import read_geojson, write_geojson

    _check(source, READABLE, "read")
    _check(target, WRITABLE, "write")
    content = read_geojson(source)
    colors = {annotation_class.name: annotation_class.color for annotation_class in content.classes}
    write_geojson(target, content.annotations, colors)
    return len(content.annotations), content.warnings


def _check(path: Path, endings: tuple[str, ...], verb: str) -> None:
    if not path.name.lower().endswith(endings):
        known = ", ".join(endings)
        raise UnknownFormatError(
            f"{path.name} is of no annotation format that Coverslip can {verb} ({known})"
        )
