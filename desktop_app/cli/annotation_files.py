"""Converting annotation files, chosen by the ending of their names."""

from __future__ import annotations

from pathlib import Path

READABLE = (".geojson", ".json", ".geojson.gz", ".json.gz", ".zip")
WRITABLE = (".geojson", ".json", ".geojson.gz", ".json.gz")


class UnknownFormatError(ValueError):
    """A file name whose ending is of no format that can be read, or written."""


def convert_annotations(
    source: Path, target: Path, *, skip_malformed: bool = False
) -> tuple[int, tuple[str, ...]]:
    """Read ``source`` and write ``target``.

    Parameters
    ----------
    source, target : Path
        Files of known endings.
    skip_malformed : bool
        Whether features that cannot be read are left out and told of among the warnings.

    Returns
    -------
    tuple[int, tuple[str, ...]]
        How many annotations were written, and what could not be kept.

    Raises
    ------
    UnknownFormatError
        If an ending is of no known format; nothing was read or written.
    AnnotationFormatError
        If ``source`` is not what its name says, or holds features that cannot be read and are not to be
        skipped; nothing was written.
    StorageError
        If a file cannot be read or written; an older ``target`` stays as it was.
    """
    from desktop_app.errors import AnnotationFormatError
    from desktop_app.storage.geojson import read_geojson, write_snapshot

    _check(source, READABLE, "read")
    _check(target, WRITABLE, "write")
    content = read_geojson(source, tolerant=True)
    problems = tuple(map(str, content.problems))
    if problems and not skip_malformed:
        raise AnnotationFormatError(
            source,
            f"{len(problems)} of its features are damaged, the first is {problems[0]} "
            "Nothing was written; --skip-malformed leaves them out.",
        )
    colors = {annotation_class.name: annotation_class.color for annotation_class in content.classes}
    write_snapshot(target, content.annotations, classes=colors)
    return len(content.annotations), (*(f"Left out: {problem}" for problem in problems), *content.warnings)


def _check(path: Path, endings: tuple[str, ...], verb: str) -> None:
    if not path.name.lower().endswith(endings):
        known = ", ".join(endings)
        raise UnknownFormatError(
            f"{path.name} is of no annotation format that Coverslip can {verb} ({known})"
        )
