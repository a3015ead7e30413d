"""Both tissue detectors: against the original's tile list, against another library's outlines, and in µm."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import pytest
import shapely
from skimage.filters import threshold_otsu

from desktop_app.domain.recipe import TileSettings
from desktop_app.engine.job import JobControl
from desktop_app.engine.read_tiles import read_tiles
from desktop_app.engine.tiles import plan_tiles
from desktop_app.errors import MissingMppError
from desktop_app.plugin_api import RgbArray, SlidePixels, Tissue
from desktop_app.slides import OpenSlideReader, SlideOpener
from tests.support.plugin_cases import ArraySlide, bundled_host, stained_tiles
from tests.support.shared_data import shared_file
from tests.support.slide_factory import write_pyramid

Corners: TypeAlias = set[tuple[int, int]]

GLASS = (243, 243, 243)


def detect(slide: SlidePixels, which: str, folder: Path, **params: Any) -> Tissue:
    detector = bundled_host(folder).build("tissue_detector", f"tissue_otsu/{which}", params)
    tissue = detector.detect(slide, target_mpp=0.5)
    assert isinstance(tissue, Tissue)
    return tissue


def tissue_picture(size: tuple[int, int] = (1700, 1100), seed: int = 3) -> RgbArray:
    """Glass with stained tissue in two irregular pieces, one with a hole, and dust."""
    rng = np.random.default_rng(seed)
    width, height = size
    stain = stained_tiles(1, 256, seed)[0]
    texture = np.tile(stain, (height // 256 + 1, width // 256 + 1, 1))[:height, :width]
    shape = np.zeros((height, width), np.uint8)
    cv2.ellipse(shape, (width // 3, height // 2), (width // 5, height // 3), 20, 0, 360, 1, -1)
    cv2.ellipse(shape, (width * 3 // 4, height * 2 // 3), (width // 9, height // 6), 0, 0, 360, 1, -1)
    cv2.circle(shape, (width // 3, height // 2), height // 12, 0, -1)
    for x, y in rng.integers(0, min(size), (6, 2)):
        cv2.circle(shape, (int(x), int(y)), 2, 1, -1)
    glass = np.clip(rng.normal(GLASS, 1.5, (height, width, 3)), 0, 255).astype(np.uint8)
    return np.where(shape[..., None] > 0, texture, glass)


# The Prov-GigaPath rule, written out straightforwardly: the whole slide in memory, no pyramids, no plugin.


def reference_tiles(lowest: RgbArray, target: RgbArray, *, tile: int, occupancy: float) -> Corners:
    """Top left corners, in pixels of the target level, of the tiles that the original pipeline keeps.

    ``lowest`` and ``target`` are uint8 ``(H, W, 3)`` of the lowest and of the target level.
    """
    luminance = lowest.astype(np.float64).mean(axis=2)
    threshold = threshold_otsu(luminance.astype(np.float32))
    rows, columns = np.nonzero(luminance < threshold)
    scale_x, scale_y = target.shape[1] / lowest.shape[1], target.shape[0] / lowest.shape[0]
    x0, x1 = int(columns.min() * scale_x), int((columns.max() + 1) * scale_x)
    y0, y1 = int(rows.min() * scale_y), int((rows.max() + 1) * scale_y)
    roi = target[y0:y1, x0:x1]
    pad_y, pad_x = -roi.shape[0] % tile, -roi.shape[1] % tile
    before_y, before_x = pad_y // 2, pad_x // 2
    padded = np.pad(
        roi, ((before_y, pad_y - before_y), (before_x, pad_x - before_x), (0, 0)), constant_values=255
    )
    kept = set()
    for top in range(0, padded.shape[0], tile):
        for left in range(0, padded.shape[1], tile):
            pixels = padded[top : top + tile, left : left + tile].astype(np.float64)
            if (pixels.mean(axis=2) < threshold).mean() > occupancy:
                kept.add((x0 - before_x + left, y0 - before_y + top))
    return kept


def kept_tiles(slide: SlidePixels, tissue: Tissue, settings: TileSettings) -> Corners:
    """The engine's tiles, in pixels at the target mpp, judged by the rule that the tissue carries."""
    plan = plan_tiles(slide.info, tissue, settings, ())
    assert plan.pixel_rule is not None
    downsample = plan.grid.tile[0] / settings.size_px
    kept = set()
    for batch in read_tiles(slide, plan, plan.candidates, control=JobControl()):
        shares = plan.pixel_rule.tissue_pixels(batch.pixels).mean(axis=(1, 2))
        for x, y in plan.grid.corners()[batch.indices[shares > settings.min_tissue]] / downsample:
            kept.add((int(np.floor(x + 1e-6)), int(np.floor(y + 1e-6))))
    return kept


def agreement(ours: Corners, theirs: Corners) -> tuple[int, int]:
    """Tiles of each list that the other lacks; a corner half a pixel away is the same tile."""

    def lacking(some: Corners, others: Corners) -> int:
        return sum(not any(abs(x - u) <= 1 and abs(y - v) <= 1 for u, v in others) for x, y in some)

    return lacking(ours, theirs), lacking(theirs, ours)


@pytest.mark.parametrize(("mpp", "target_mpp"), [(0.5, 0.5), (0.5, 1.0)])
def test_gigapath_keeps_the_tiles_of_the_original(tmp_path: Path, mpp: float, target_mpp: float) -> None:
    pixels = tissue_picture()
    path = write_pyramid(tmp_path / "조직.tif", pixels, levels=3, mpp=mpp)
    settings = TileSettings(size_px=128, mpp=target_mpp)

    with SlideOpener([OpenSlideReader()]).open(path) as slide:
        ours = kept_tiles(slide, detect(slide, "gigapath", tmp_path), settings)
        lowest, target = slide.info.levels[-1], slide.info.level_for_downsample(target_mpp / mpp)
        theirs = reference_tiles(
            slide.read_region((0, 0), lowest.index, lowest.size),
            slide.read_region((0, 0), target.index, target.size),
            tile=128,
            occupancy=0.1,
        )

    assert len(theirs) > 10
    assert agreement(ours, theirs) == (0, 0)


def test_gigapath_keeps_the_tiles_of_the_original_on_a_real_slide(tmp_path: Path) -> None:
    with SlideOpener([OpenSlideReader()]).open(shared_file("slides/CMU-1-Small-Region.svs")) as slide:
        settings = TileSettings(size_px=256, mpp=slide.info.require_mpp()[0])
        ours = kept_tiles(slide, detect(slide, "gigapath", tmp_path), settings)
        whole = slide.read_region((0, 0), 0, slide.info.size)

    theirs = reference_tiles(whole, whole, tile=256, occupancy=0.1)
    assert len(theirs) > 30
    assert agreement(ours, theirs) == (0, 0)


def test_gigapath_threshold_is_otsu_of_the_lowest_level(tmp_path: Path) -> None:
    fine = tissue_picture()
    coarse = cv2.resize(fine, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)

    tissue = detect(ArraySlide(fine, coarse), "gigapath", tmp_path)

    assert tissue.threshold == pytest.approx(threshold_otsu(coarse.mean(axis=2, dtype=np.float32)))
    assert tissue.occupancy == "pixels"
    assert tissue.mask.shape == coarse.shape[:2]


def test_gigapath_extent_is_not_transposed(tmp_path: Path) -> None:
    """The original exchanges x and y here; a slide that is not square shows it."""
    pixels = np.full((400, 1000, 3), 240, np.uint8)
    pixels[100:140, 700:900] = (150, 80, 160)

    tissue = detect(ArraySlide(pixels), "gigapath", tmp_path)

    assert tissue.extent == (700.0, 100.0, 200.0, 40.0)


def test_gigapath_reads_a_large_single_level_reduced(tmp_path: Path) -> None:
    slide = ArraySlide(np.kron(tissue_picture((500, 1100)), np.ones((5, 5, 1), np.uint8)))

    tissue = detect(slide, "gigapath", tmp_path)

    assert max(tissue.mask.shape) == 4096
    assert slide.largest_read == 3 * tissue.mask.size


def test_gigapath_does_not_take_a_dark_background_color_for_tissue(tmp_path: Path) -> None:
    """Some formats paint what was not scanned black."""
    pixels = tissue_picture()
    bright = detect(ArraySlide(pixels), "gigapath", tmp_path)
    pixels[:, :300] = 0

    tissue = detect(ArraySlide(pixels, background=(0, 0, 0)), "gigapath", tmp_path)

    assert not tissue.mask[:, :300].any()
    assert tissue.threshold == pytest.approx(bright.threshold, abs=5)


def test_gigapath_fixed_threshold(tmp_path: Path) -> None:
    tissue = detect(ArraySlide(tissue_picture()), "gigapath", tmp_path, method="fixed", fixed_threshold=190.0)

    assert tissue.threshold == 190.0


@pytest.mark.parametrize("which", ["gigapath", "saturation"])
def test_an_empty_slide_has_no_tissue(tmp_path: Path, which: str) -> None:
    tissue = detect(ArraySlide(np.full((300, 500, 3), 244, np.uint8)), which, tmp_path)

    assert not tissue.mask.any()
    assert tissue.polygons == ()
    assert tissue.extent is None


@pytest.mark.parametrize("which", ["gigapath", "saturation"])
def test_a_slide_without_mpp_is_refused(tmp_path: Path, which: str) -> None:
    with pytest.raises(MissingMppError, match="--mpp"):
        detect(ArraySlide(tissue_picture(), mpp=None), which, tmp_path)


def test_saturation_area_does_not_depend_on_the_scanner(tmp_path: Path) -> None:
    """The same tissue at several pixel sizes has the same area in µm²."""
    finest = tissue_picture((2400, 1600))
    areas = []
    for mpp in (0.25, 0.5, 1.0, 2.0):
        size = (round(2400 * 0.25 / mpp), round(1600 * 0.25 / mpp))
        slide = ArraySlide(cv2.resize(finest, size, interpolation=cv2.INTER_AREA), mpp=(mpp, mpp))
        tissue = detect(slide, "saturation", tmp_path)
        areas.append(sum(polygon.area for polygon in tissue.polygons) * mpp**2)

    assert areas[0] > 30_000
    assert areas == pytest.approx([areas[0]] * 4, rel=0.03)


def test_saturation_area_with_pixels_that_are_not_square(tmp_path: Path) -> None:
    square = tissue_picture((2000, 1600))
    wide = cv2.resize(square, (1000, 1600), interpolation=cv2.INTER_AREA)

    square_tissue = detect(ArraySlide(square, mpp=(0.5, 0.5)), "saturation", tmp_path)
    wide_tissue = detect(ArraySlide(wide, mpp=(1.0, 0.5)), "saturation", tmp_path)

    assert wide_tissue.mpp == pytest.approx(square_tissue.mpp)
    assert (wide_tissue.mask != square_tissue.mask).mean() < 0.01


def test_a_slide_coarser_than_the_reading_resolution_is_read_at_its_own(tmp_path: Path) -> None:
    pixels = tissue_picture((300, 200))

    tissue = detect(ArraySlide(pixels, mpp=(28.97, 28.97)), "saturation", tmp_path)

    assert tissue.mask.shape == (200, 300)
    assert tissue.mpp == pytest.approx((28.97, 28.97))
    assert tissue.polygons


def test_saturation_polygons_are_the_mask(tmp_path: Path) -> None:
    slide = ArraySlide(tissue_picture())

    tissue = detect(slide, "saturation", tmp_path, min_object_um2=10_000.0, min_hole_um2=1000.0)

    area = sum(polygon.area for polygon in tissue.polygons)
    assert area == pytest.approx(tissue.mask.mean() * 1700 * 1100)
    assert any(polygon.interiors for polygon in tissue.polygons)
    assert len(tissue.polygons) == 2


def test_small_objects_and_holes_are_measured_in_um2(tmp_path: Path) -> None:
    pixels = np.full((800, 800, 3), 244, np.uint8)
    pixels[80:480, 80:480] = (200, 120, 180)
    pixels[240:320, 240:320] = 244  # a hole of 40 µm a side
    pixels[600:680, 600:680] = (200, 120, 180)  # an object of 40 µm a side
    slide, plain = ArraySlide(pixels), {"median_um": 0.0, "closing_um": 0.0, "reading_mpp": 1.0}

    kept = detect(slide, "saturation", tmp_path, min_object_um2=1500.0, min_hole_um2=1500.0, **plain)
    dropped = detect(slide, "saturation", tmp_path, min_object_um2=1700.0, min_hole_um2=1700.0, **plain)

    assert [len(polygon.interiors) for polygon in kept.polygons] == [1, 0]
    assert [(polygon.area, len(polygon.interiors)) for polygon in dropped.polygons] == [(400.0 * 400.0, 0)]


@pytest.mark.parametrize(
    ("name", "color"),
    [("green", (60, 170, 140)), ("blue", (40, 80, 200)), ("black", (30, 20, 25)), ("white", (255, 250, 246))],
)
def test_pen_ink_and_glass_are_no_tissue(tmp_path: Path, name: str, color: tuple[int, int, int]) -> None:
    pixels = tissue_picture()
    pixels[:, 1500:1600] = color

    assert not detect(ArraySlide(pixels), "saturation", tmp_path).mask[:, 190:198].any(), name


def test_pen_can_be_kept(tmp_path: Path) -> None:
    pixels = tissue_picture()
    pixels[:, 1500:1600] = (60, 170, 140)

    assert detect(ArraySlide(pixels), "saturation", tmp_path, leave_out_pen=False).mask[:, 190:198].all()


def test_otsu_finds_no_tissue_in_the_noise_of_glass(tmp_path: Path) -> None:
    glass = np.random.default_rng(0).normal(243, 1.0, (800, 800, 3)).astype(np.uint8)

    tissue = detect(ArraySlide(glass), "saturation", tmp_path, method="otsu")

    assert tissue.threshold == 7.0
    assert not tissue.mask.any()


def overlap(polygons: tuple[shapely.Polygon, ...], truth: shapely.Geometry) -> float:
    union = shapely.union_all(np.asarray(polygons))
    return float(union.intersection(truth).area / union.union(truth).area)


def test_outlines_agree_with_another_library(tmp_path: Path) -> None:
    """Agreement between programs on one slide, not truth."""
    slide_path = shared_file("slides/CMU-1-Small-Region.svs")
    truth_path = shared_file("mil/wsidata_CMU-1-Small-Region_tissue.geojson")
    truth = shapely.union_all(shapely.get_parts(shapely.from_geojson(truth_path.read_text())))

    with SlideOpener([OpenSlideReader()]).open(slide_path) as slide:
        saturation = overlap(detect(slide, "saturation", tmp_path).polygons, truth)
        gigapath = overlap(detect(slide, "gigapath", tmp_path).polygons, truth)

    sys.stdout.write(
        f"IoU with wsidata's outlines: saturation {saturation:.3f}, Prov-GigaPath rule {gigapath:.3f}\n"
    )
    assert saturation >= 0.88
    assert gigapath >= 0.88


def test_green_pen_on_a_real_slide_is_left_out(tmp_path: Path) -> None:
    picture = cv2.imread(str(shared_file("artefacts/pen_green.png")))
    pen = cv2.imread(str(shared_file("artefacts/pen_green_mask.png")), cv2.IMREAD_GRAYSCALE) > 0
    slide = ArraySlide(np.ascontiguousarray(picture[..., ::-1]), mpp=(8.0, 8.0))

    with_pen = detect(slide, "saturation", tmp_path, leave_out_pen=False).mask[pen].mean()
    without_pen = detect(slide, "saturation", tmp_path).mask[pen].mean()

    assert with_pen > 0.9
    assert without_pen < 0.35


@pytest.mark.parametrize("width", [1, 3, 7, 31])
@pytest.mark.parametrize("threshold", [0.0, 7.0, 100.5])
def test_counting_gives_the_mask_of_the_median(tmp_path: Path, width: int, threshold: float) -> None:
    detector = bundled_host(tmp_path).build("tissue_detector", "tissue_otsu/saturation", {})
    median_exceeds = sys.modules[type(detector._target).__module__].median_exceeds
    values = np.random.default_rng(8).integers(0, 200, (90, 120)).astype(np.uint8)
    values[20:60, 30:80] //= 20

    assert np.array_equal(median_exceeds(values, width, threshold), cv2.medianBlur(values, width) > threshold)
