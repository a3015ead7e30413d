"""The checks of what reads files: slide readers and annotation formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from desktop_app.conformance.case import Case
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shapes import drawn
from desktop_app.domain.slide_info import Level
from desktop_app.errors import AnnotationFormatError, UnsupportedSlideError
from desktop_app.slides import PluginSlideReader, Slide

FOREIGN = {
    "empty": b"",
    "a text": b"text of some kind",
    "bytes": bytes(range(256)) * 20,
    "a damaged archive": b"PK\3\4" + b"\0" * 500,
}
"""Files of no format at all."""


def passes_on_foreign_files(case: Case) -> None:
    """It answers None, or refuses on purpose, for files that are none of its formats."""
    reader = case.build()
    for name, content in FOREIGN.items():
        path = _written(case.scratch / "환자.dat", content)
        try:
            source = reader.open(path)
        except UnsupportedSlideError:
            continue
        case.demand(source is None, f"it opens {name} as a slide")


def reads_samples_as_promised(case: Case) -> None:
    """It reads the sample files whole, in parts and beyond the edge."""
    samples = sorted(case.samples.glob("*"))
    case.demand(bool(samples), f"it needs a small file of its format in {case.samples}")
    opened = 0
    for path in samples:
        source = PluginSlideReader(case.use, case.build).open(path)
        if source is None:
            continue
        opened += 1
        with Slide(source, source.info) as slide:
            for level in slide.info.levels:
                _check_level(case, slide, level)
    case.demand(opened > 0, f"it opens none of the files in {case.samples}")


def _check_level(case: Case, slide: Slide, level: Level) -> None:
    width, height = level.size
    whole = slide.read_argb((0, 0), level.index, level.size)
    where = f"level {level.index}"
    case.demand(whole.shape == (height, width, 4), f"{where} has the shape {whole.shape}")
    case.demand(bool((whole[..., :3] <= whole[..., 3:]).all()), f"{where}: colors must be premultiplied")
    x, y = width // 3, height // 4
    start = (round(x * level.downsample), round(y * level.downsample))
    part = slide.read_argb(start, level.index, (5, 4))
    inside = whole[y : y + 4, x : x + 5]
    same = np.array_equal(part[: inside.shape[0], : inside.shape[1]], inside)
    case.demand(same, f"{where}: a part differs from the whole")
    beside = slide.read_argb((-1000, -1000), level.index, (7, 3))
    case.demand(beside.max() == 0, f"{where}: beyond the edge all must be 0")


def refuses_foreign_annotations(case: Case) -> None:
    """It refuses files that are none of its format with AnnotationFormatError."""
    reader = case.build()
    case.demand(bool(reader.suffixes) and all(one.startswith(".") for one in reader.suffixes), "suffixes?")
    for name, content in FOREIGN.items():
        path = _written(case.scratch / f"foreign{reader.suffixes[0]}", content)
        try:
            found = list(reader.read(path))
        except AnnotationFormatError:
            continue
        case.demand(not found, f"it reads annotations out of {name}")


def gives_back_what_it_wrote(case: Case) -> None:
    """It reads what it wrote: as many annotations, the same outlines and classes."""
    form = case.build()
    path = case.scratch / f"슬라이드{form.suffixes[0]}"
    written = _sample_annotations()
    form.write(path, written)
    read = list(form.read(path))
    case.demand(len(read) == len(written), f"of {len(written)} annotations it reads {len(read)} again")
    for before, after in zip(written, read, strict=True):
        case.demand(
            after.class_name == before.class_name, f"the class {before.class_name} became {after.class_name}"
        )
        outlines = (np.asarray(one.parts[0][0], np.float64) for one in (before, after))
        first, second = outlines
        same = first.shape == second.shape and np.allclose(first, second, atol=0.01)
        case.demand(same, "an outline is another one after writing and reading")


def _sample_annotations() -> list[Annotation]:
    square = np.array([(10, 10), (60, 10), (60, 40), (10, 40)], np.float64)
    triangle = np.array([(100.5, 20), (140, 90.25), (80, 70)], np.float64)
    return [
        drawn("polygon", ((square,),), class_name="Tumor"),
        drawn("polygon", ((triangle,),), class_name="Stroma"),
    ]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


SLIDE_READER_CHECKS = (passes_on_foreign_files, reads_samples_as_promised)
ANNOTATION_FORMAT_CHECKS = (refuses_foreign_annotations, gives_back_what_it_wrote)
