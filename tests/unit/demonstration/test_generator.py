"""Slides drawn from a seed: the same each time, true to their truth file, and readable as any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapely import Point, Polygon, union_all

from desktop_app.demonstration.generator import SyntheticSlide, draw_slide
from desktop_app.demonstration.nuclei import KINDS, StampBook
from desktop_app.demonstration.painting import Painter
from desktop_app.demonstration.scene import Scene
from desktop_app.demonstration.spec import PATTERN_CLASS, SlideSpec
from desktop_app.slides import SlideOpener
from desktop_app.slides.openslide_reader import OpenSlideReader
from desktop_app.storage.geojson import read_geojson

SIZE = (1800, 1400)
MPP = 0.5


def small_spec(seed: int = 4, *, label: bool = True) -> SlideSpec:
    return SlideSpec.draw(seed, label=label, size=SIZE, mpp=MPP)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.draw(replace(small_spec(), pen="blue"))


@pytest.fixture(scope="module")
def picture(scene: Scene) -> np.ndarray:
    return Painter(scene).paint((0, 0), SIZE)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> SyntheticSlide:
    return draw_slide(tmp_path_factory.mktemp("조직") / "시험.tiff", small_spec())


def enlarged_nuclei(scene: Scene) -> np.ndarray:
    """Positions of the nuclei that only the pattern has."""
    first = len(scene.book.stamps) - KINDS["enlarged"].variants
    return scene.nuclei.points[scene.nuclei.stamps >= first]


def test_same_seed_same_pixels(picture: np.ndarray, scene: Scene) -> None:
    again = Painter(Scene.draw(scene.spec)).paint((0, 0), SIZE)
    assert np.array_equal(picture, again)
    other = Painter(Scene.draw(replace(scene.spec, seed=5))).paint((0, 0), (200, 200))
    assert not np.array_equal(picture[:200, :200], other)


def test_blocks_meet_without_a_seam(picture: np.ndarray, scene: Scene) -> None:
    painter = Painter(scene)
    left, right = painter.paint((600, 500), (333, 300)), painter.paint((933, 500), (167, 300))
    joined = np.concatenate([left, right], axis=1).astype(int)
    difference = np.abs(joined - picture[500:800, 600:1100])
    assert difference.max() <= 1
    assert difference.mean() < 0.01


def test_pattern_is_where_the_truth_says(scene: Scene) -> None:
    region = scene.layout.pattern_region()
    cells = enlarged_nuclei(scene)
    assert len(cells) > 20
    assert all(region.buffer(0.5).contains(Point(point)) for point in cells)
    for nest in scene.layout.nests:
        assert sum(Polygon(nest).contains(Point(point)) for point in cells) > 10


def test_negative_slide_has_mimics_and_no_pattern() -> None:
    scene = Scene.draw(small_spec(label=False))
    assert len(enlarged_nuclei(scene)) == 0
    assert scene.outlines["follicle"].rings


def test_colors_are_those_of_a_stained_slide(picture: np.ndarray, scene: Scene) -> None:
    glass = picture[:6, :6].reshape(-1, 3).astype(int)
    assert glass.min() > 225
    assert (glass.max(axis=1) - glass.min(axis=1)).mean() < 7
    columns, rows = np.round(scene.layout.nests[0].mean(axis=0) / MPP).astype(int)
    nest = picture[rows - 60 : rows + 60, columns - 60 : columns + 60].reshape(-1, 3).mean(axis=0)
    assert nest[1] < nest[0]
    assert nest[1] < nest[2]


def test_pen_marks_the_glass(picture: np.ndarray, scene: Scene) -> None:
    clean = Painter(Scene.draw(replace(scene.spec, pen="none"))).paint((0, 0), SIZE)
    changed = np.abs(picture.astype(int) - clean).sum(axis=2) > 60
    assert 0.005 < changed.mean() < 0.2
    red, _, blue = picture[changed].mean(axis=0)
    assert blue > red + 40


def test_slide_opens_with_its_metadata(drawn: SyntheticSlide, picture: np.ndarray) -> None:
    with SlideOpener([OpenSlideReader()]).open(drawn.path) as slide:
        assert slide.info.size == SIZE
        assert slide.info.mpp == pytest.approx((MPP, MPP))
        assert slide.info.is_synthetic
        assert len(slide.info.levels) > 1
        pixels = slide.read_region((600, 500), 0, (300, 200))
    painted = Painter(Scene.draw(drawn.spec)).paint((600, 500), (300, 200))
    assert np.abs(pixels.astype(int) - painted).mean() < 6


def test_truth_file_holds_the_regions(drawn: SyntheticSlide) -> None:
    content = read_geojson(drawn.truth)
    assert content.annotations
    assert {annotation.class_name for annotation in content.annotations} == {PATTERN_CLASS}
    written = union_all([Polygon(annotation.parts[0][0]) for annotation in content.annotations])
    told = union_all(list(drawn.truth_polygons))
    assert written.symmetric_difference(told).area < 0.01 * told.area
    assert 0 < drawn.pattern_share < 1


def test_slide_without_pattern_has_an_empty_truth_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    drawn = draw_slide(
        tmp_path / "negative.tiff",
        small_spec(label=False),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert len(read_geojson(drawn.truth).annotations) == 0
    assert drawn.truth_polygons == ()
    assert seen == sorted(seen)
    assert seen[-1] == (SIZE[1], SIZE[1])


def test_stamps_have_the_size_of_their_kind() -> None:
    book = StampBook(0.25, np.random.default_rng(0))

    def area(kind: str) -> float:
        chosen = book.choose(kind, 40)
        return float(np.mean([(book.stamps[i].hematoxylin > 0.2).sum() * 0.25**2 for i in chosen]))

    assert area("small") == pytest.approx(np.pi / 4 * 6.9 * 6.3, rel=0.25)
    assert area("enlarged") > 2.2 * area("small")
