"""Crowds of nuclei on the benchmarks' slide, the same on every machine, and journals that hold them.

A nucleus is a polygon of 20 vertices, 6 to 11 µm wide; they gather in clusters, as in glands, wherever the
slide shows tissue. Over them lies one polygon of 200,000 vertices, a winding border around its middle.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "canvas"))
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from big_slide import FIELD_STEP, SIDE, big_slides, cache_folder, edge_field, places_on_tissue

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import GRID, KINDS, AnnotationChunk
from desktop_app.domain.annotation_columns import Interned, Ragged
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import Edit
from desktop_app.storage.journal import Journal

__all__ = [
    "SIDE",
    "big_slides",
    "cache_folder",
    "copied",
    "crowd",
    "large_polygon",
    "nuclei",
    "places_on_tissue",
    "some_ids",
    "stored",
]

VERTICES, LARGE_VERTICES = 20, 200_000
CLASSES, SHARES = ("Tumor", "Stroma", "Immune cells", "Necrosis"), (0.45, 0.25, 0.25, 0.05)
CLUSTER, SPREAD = 150, 350.0
"""Nuclei in a cluster, and how far they lie from its middle (standard deviation, level-0 pixels)."""

RADII = (12.0, 22.0)
LARGE_ID = UUID(int=1)
VERSION = 1
"""Part of the journals' names, so that an older kind is not taken for the present one."""


def nuclei(count: int) -> AnnotationChunk:
    """So many nuclei as columns."""
    random = np.random.default_rng(count)
    centers = _centers(count, random)
    offsets = _outlines(random, centers)
    corners = offsets.reshape(count, VERTICES, 2)
    none, ones = np.full(count, -1, np.int32), np.arange(count + 1, dtype=np.int64)
    false = np.zeros(count, np.bool_)
    classes = random.choice(len(CLASSES), count, p=SHARES).astype(np.int32)
    return AnnotationChunk(
        origin=np.full(2, float(SIDE // 2)),
        ids=np.frombuffer(random.bytes(16 * count), "S16"),
        kinds=np.full(count, KINDS.index("polygon"), np.uint8),
        locked=false,
        hidden=false,
        colors=none,
        rings=Ragged(ones),
        holes=false,
        vertices=Ragged(ones * VERTICES),
        offsets=offsets,
        boxes=np.hstack([corners.min(1), corners.max(1)]),
        measured=Ragged(ones * 0),
        values=np.zeros(0),
        schemas=Interned(none, ()),
        class_names=Interned(classes, CLASSES),
        names=Interned(none, ()),
        object_types=Interned(np.zeros(count, np.int32), ("detection",)),
        rois=Interned(none, ()),
        origins=Interned(none, ()),
        extras=Interned(none, ()),
    )


def large_polygon() -> Annotation:
    """A border of 200,000 vertices that winds but never crosses itself."""
    random = np.random.default_rng(1)
    turn = np.linspace(0, 2 * np.pi, LARGE_VERTICES, endpoint=False)
    waves = sum(
        np.sin(turn * times + random.uniform(0, 7)) / times**0.7 for times in (3, 7, 23, 110, 700, 5000)
    )
    radius = 11_000 * (1 + 0.12 * waves)
    ring = SIDE / 2 + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return Annotation(LARGE_ID, "polygon", ((ring,),), class_name="Region*")


def crowd(count: int) -> AnnotationSnapshot:
    """Nuclei and the large polygon."""
    none = np.zeros(0, "S16")
    snapshot = AnnotationSnapshot.empty().replaced(none, nuclei(count))
    return snapshot.replaced(none, AnnotationChunk.of([large_polygon()]))


def stored(count: int) -> Path:
    """A journal folder with the crowd in it, made where it is not there yet; not to be opened itself."""
    folder = cache_folder() / f"crowd{VERSION}-{count}"
    if not folder.is_dir():
        unfinished = folder.with_name(folder.name + ".partial")
        shutil.rmtree(unfinished, ignore_errors=True)
        journal = Journal.open(unfinished, author="Mina")
        for label, added in (("Import", nuclei(count)), ("Draw", [large_polygon()])):
            journal.append(Edit.create(label, "Mina", after=added))
        journal.close()
        unfinished.replace(folder)
    return folder


@contextmanager
def copied(count: int) -> Iterator[Path]:
    """A copy of that folder to work in."""
    with tempfile.TemporaryDirectory(dir=cache_folder()) as home:
        yield Path(shutil.copytree(stored(count), Path(home) / "journal"))


def some_ids(snapshot: AnnotationSnapshot, count: int, *, seed: int = 5) -> list[UUID]:
    """Ids of nuclei from all over."""
    random = np.random.default_rng(seed)
    chunks = random.integers(0, len(snapshot.chunks), 4 * count)
    found = []
    for number in chunks.tolist():
        chunk = snapshot.chunks[number]
        if len(chunk) > 1:
            found.append(UUID(bytes=chunk.ids[int(random.integers(len(chunk)))].ljust(16, b"\0")))
    return found[:count]


def _centers(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """float64 ``(count, 2)``: clustered places on tissue, level-0 pixels."""
    field, found, there = edge_field(), [np.zeros((0, 2))], 0
    while there < count:
        clusters = random.uniform(0, SIDE, (max(16, 3 * count // CLUSTER), 2))
        places = np.repeat(clusters, CLUSTER, axis=0)
        places += random.normal(0, SPREAD, places.shape)
        cells = np.clip(places // FIELD_STEP, 0, len(field) - 1).astype(int)
        inside = (places > RADII[1]).all(1) & (places < SIDE - RADII[1]).all(1)
        found.append(places[inside & (field[cells[:, 1], cells[:, 0]] > 0)])
        there += len(found[-1])
    return random.permutation(np.concatenate(found))[:count]


def _outlines(random: np.random.Generator, centers: NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 ``(count * VERTICES, 2)`` from the slide's middle, on the grid."""
    count = len(centers)
    turn = np.arange(VERTICES) * (2 * np.pi / VERTICES)
    width, height = random.uniform(*RADII, (2, count, 1)).astype(np.float32)
    lean = random.uniform(0, np.pi, (count, 1)).astype(np.float32)
    wobble = random.uniform(0.9, 1.1, (count, VERTICES)).astype(np.float32)
    along, across = wobble * width * np.cos(turn), wobble * height * np.sin(turn)
    x = along * np.cos(lean) - across * np.sin(lean) + centers[:, :1] - SIDE // 2
    y = along * np.sin(lean) + across * np.cos(lean) + centers[:, 1:] - SIDE // 2
    return (np.round(np.stack([x, y], axis=2) / GRID) * GRID).reshape(-1, 2).astype(np.float32)
