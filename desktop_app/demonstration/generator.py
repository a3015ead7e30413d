"""A synthetic slide with its ground truth, drawn from a seed.

Gives a new user, the demonstration model and the end-to-end tests a slide whose regions are known. The
slide is painted and written strip by strip, so memory does not grow with its height. Runs on the caller's
thread, painting blocks on a few threads of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from desktop_app.demonstration.painting import Painter
from desktop_app.demonstration.scene import Scene
from desktop_app.demonstration.spec import PATTERN_CLASS, SlideSpec
from desktop_app.domain.annotation import Annotation
from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE
from desktop_app.slides.pyramid_writer import PyramidWriter
from desktop_app.storage.geojson import write_geojson

STRIP_ROWS = 512
_BLOCK_COLUMNS = 1024
_PATTERN_COLOR = (200, 0, 90)
_NAMESPACE = uuid.UUID("5c9f0f5c-0f0e-4f0b-9c53-c04e5e1bd001")


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticSlide:
    """A slide that was drawn.

    Attributes
    ----------
    path : Path
        The pyramidal TIFF.
    truth : Path
        GeoJSON beside it with the regions of class *Synthetic pattern*; empty where there are none.
    spec : SlideSpec
        What was drawn.
    truth_polygons : tuple[Polygon, ...]
        The same regions in level-0 pixels.
    pattern_share : float
        Their area over the tissue's, 0 to 1.
    """

    path: Path
    truth: Path
    spec: SlideSpec
    truth_polygons: tuple[Polygon, ...]
    pattern_share: float


def draw_slide(
    path: Path, spec: SlideSpec, *, progress: Callable[[int, int], None] | None = None, threads: int = 2
) -> SyntheticSlide:
    """Draw a slide and its ground truth.

    Parameters
    ----------
    path : Path
        The TIFF to write; the truth goes beside it as ``<stem>.truth.geojson``.
    spec : SlideSpec
        What to draw.
    progress : Callable[[int, int], None] | None
        Called with rows done and rows in all after each strip, on the caller's thread.
    threads : int
        Blocks painted at once; the pixels do not depend on it.

    Raises
    ------
    StorageError
        If a file cannot be written.
    """
    scene = Scene.draw(spec)
    _write_pixels(path, scene, progress=progress or _ignore, threads=threads)
    region = scene.layout.pattern_region()
    polygons = truth_polygons(scene)
    truth = path.with_name(f"{path.stem}.truth.geojson")
    write_geojson(truth, _annotations(spec, polygons), {PATTERN_CLASS: _PATTERN_COLOR})
    return SyntheticSlide(path, truth, spec, polygons, float(region.area / scene.layout.tissue_area_um2))


def truth_polygons(scene: Scene) -> tuple[Polygon, ...]:
    """The pattern's regions, level-0 pixels, overlapping ones joined."""
    region = scene.layout.pattern_region()
    scaled = [_scaled(part, 1 / scene.spec.mpp) for part in _parts(region)]
    return tuple(scaled)


def _write_pixels(path: Path, scene: Scene, *, progress: Callable[[int, int], None], threads: int) -> None:
    width, height = scene.spec.size
    painter = Painter(scene)
    with (
        ThreadPoolExecutor(threads) as pool,
        PyramidWriter(path, scene.spec.size, mpp=scene.spec.mpp, software=SYNTHETIC_SOFTWARE) as writer,
    ):
        for top in range(0, height, STRIP_ROWS):
            rows = min(STRIP_ROWS, height - top)
            blocks = [
                pool.submit(painter.paint, (left, top), (min(_BLOCK_COLUMNS, width - left), rows))
                for left in range(0, width, _BLOCK_COLUMNS)
            ]
            writer.write_strip(np.concatenate([block.result() for block in blocks], axis=1))
            progress(top + rows, height)


def _annotations(spec: SlideSpec, polygons: tuple[Polygon, ...]) -> list[Annotation]:
    return [
        Annotation(
            id=uuid.uuid5(_NAMESPACE, f"{spec.seed}/{spec.size}/{index}"),
            kind="polygon",
            parts=((np.asarray(polygon.exterior.coords)[:-1],),),
            class_name=PATTERN_CLASS,
            name=f"Drawn pattern {index + 1}",
        )
        for index, polygon in enumerate(polygons)
    ]


def _parts(region: BaseGeometry) -> list[Polygon]:
    if isinstance(region, Polygon):
        return [] if region.is_empty else [region]
    return list(region.geoms) if isinstance(region, MultiPolygon) else []


def _scaled(polygon: Polygon, factor: float) -> Polygon:
    return Polygon(np.asarray(polygon.exterior.coords) * factor)


def _ignore(_done: int, _total: int) -> None:
    """Say nothing."""
