"""Outlines as lines of text: the class, then ``x y`` of each vertex, parted by semicolons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from desktop_app.plugin_api import Annotation, AnnotationFormatError, drawn


class Format:
    """Reads and writes ``.outlines`` files; holes are not kept."""

    suffixes = (".outlines",)

    def read(self, path: Path) -> Iterator[Annotation]:
        """The outlines of a file."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise AnnotationFormatError(path, "it is not a text") from error
        for number, line in enumerate(lines, start=1):
            class_name, *vertices = line.split(";")
            try:
                ring = np.array([vertex.split() for vertex in vertices], dtype=np.float64)
            except ValueError as error:
                raise AnnotationFormatError(path, f"line {number} has no vertices of two numbers") from error
            if ring.ndim != 2 or ring.shape[0] < 3 or ring.shape[1] != 2 or not np.isfinite(ring).all():
                raise AnnotationFormatError(path, f"line {number} has no three vertices 'x y'")
            yield drawn("polygon", ((ring,),), class_name=class_name or None)

    def write(self, path: Path, annotations: Sequence[Annotation]) -> None:
        """Write one line per part of an area."""
        lines = [
            ";".join([one.class_name or "", *(f"{x} {y}" for x, y in part[0])])
            for one in annotations
            for part in one.parts
            if len(part[0]) >= 3
        ]
        path.write_text("\n".join(lines), encoding="utf-8")
