"""Artifact detectors on drawn slides: each finds its own artifact in its place, and none on clean tissue."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import shapely

from desktop_app.plugin_api import ARTIFACT_CLASSES, ArtifactMap, MaskArray, RgbArray
from tests.support.plugin_cases import ArraySlide, bundled_host, stained_tiles
from tests.support.shared_data import shared_file

MPP = 4.0
CLASSES = {
    "pen": "Pen",
    "margin_ink": "Margin ink",
    "edge": "Edge/air bubble",
    "bubble": "Edge/air bubble",
    "fold": "Fold",
    "dark_spot": "Dark spot",
    "focus": "Out of focus",
}
INKS = {
    "green": (40, 160, 120),
    "blue": (30, 60, 190),
    "red": (205, 25, 45),
    "black": (25, 22, 28),
    "yellow": (235, 205, 40),
}


def detect(folder: Path, pixels: RgbArray, which: str, mpp: float = MPP, **params: Any) -> ArtifactMap:
    detector = bundled_host(folder).build("artifact_detector", f"artifact_rules/{which}", params)
    (found,) = detector.detect(ArraySlide(pixels, mpp=(mpp, mpp)))
    assert isinstance(found, ArtifactMap)
    return found


@cache
def _clean() -> tuple[RgbArray, MaskArray]:
    """Glass and a piece of tissue, 4 mm by 3.2 mm at 4 µm per pixel."""
    rng = np.random.default_rng(5)
    texture = cv2.resize(np.tile(stained_tiles(1, 256)[0], (4, 4, 1)), (1000, 800))
    texture = cv2.GaussianBlur(texture, (0, 0), 1.5)
    shape = np.zeros((800, 1000), np.uint8)
    cv2.ellipse(shape, (450, 420), (330, 270), 15, 0, 360, 1, -1)
    glass = np.clip(rng.normal(243, 1.2, (800, 1000, 3)), 0, 255)
    return np.where(shape[..., None] > 0, texture, glass).astype(np.uint8), shape > 0


def clean() -> tuple[RgbArray, MaskArray]:
    pixels, tissue = _clean()
    return pixels.copy(), tissue


def dice(found: ArtifactMap, true: MaskArray) -> float:
    size = true.shape[1], true.shape[0]
    mask = cv2.resize(found.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return float(2 * (mask & true).sum() / (mask.sum() + true.sum()))


def shape_of(draw: Any) -> MaskArray:
    canvas = np.zeros((800, 1000), np.uint8)
    draw(canvas)
    return canvas > 0


@pytest.mark.parametrize("which", CLASSES)
def test_clean_tissue_has_none(tmp_path: Path, which: str) -> None:
    found = detect(tmp_path, clean()[0], which)

    assert found.class_name == CLASSES[which]
    assert found.class_name in ARTIFACT_CLASSES
    assert not found.mask.any()
    assert found.polygons == ()
    assert found.score.dtype == np.float32
    assert found.score.shape == found.mask.shape
    assert found.score.min() >= 0
    assert found.score.max() <= 1


@pytest.mark.parametrize("which", CLASSES)
@pytest.mark.parametrize("gray", [0, 128, 255])
def test_a_slide_of_one_color_does_no_harm(tmp_path: Path, which: str, gray: int) -> None:
    found = detect(tmp_path, np.full((100, 140, 3), gray, np.uint8), which)

    assert np.isfinite(found.score).all()
    assert all(polygon.is_valid for polygon in found.polygons)


@pytest.mark.parametrize("color", INKS.values(), ids=INKS)
def test_pen_of_any_color_is_pen_and_no_margin_ink(tmp_path: Path, color: tuple[int, int, int]) -> None:
    pixels, _ = clean()
    stroke = shape_of(lambda canvas: cv2.line(canvas, (80, 700), (900, 150), 1, 60))
    pixels[stroke] = color

    found = detect(tmp_path, pixels, "pen")

    assert dice(found, stroke) > 0.9
    outline = shapely.union_all(np.asarray(found.polygons))
    assert outline.is_valid
    assert outline.area == pytest.approx(found.mask.mean() * 800_000)
    assert not detect(tmp_path, pixels, "margin_ink").mask.any()


def test_ragged_ink_at_the_edge_is_margin_ink_and_no_pen(tmp_path: Path) -> None:
    pixels, tissue = clean()
    edge = tissue & (cv2.erode(tissue.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0)
    ragged = cv2.resize(np.random.default_rng(3).random((160, 200)), (1000, 800)) > 0.35
    ink = edge & ragged & (np.arange(1000) < 400)
    pixels[ink] = INKS["green"]

    assert dice(detect(tmp_path, pixels, "margin_ink"), ink) > 0.7
    assert not detect(tmp_path, pixels, "pen").mask.any()


def test_a_long_gray_line_is_an_edge_and_a_short_one_is_none(tmp_path: Path) -> None:
    pixels, _ = clean()
    line = shape_of(lambda canvas: cv2.line(canvas, (40, 5), (120, 795), 1, 12))
    pixels[line] = (120, 120, 122)

    assert dice(detect(tmp_path, pixels, "edge"), line) > 0.8
    assert not detect(tmp_path, pixels, "edge", min_length_um=4000.0).mask.any()


@pytest.mark.parametrize("center", [(450, 420), (880, 120)], ids=["on tissue", "on glass"])
def test_a_gray_ring_is_a_bubble_with_its_inside(tmp_path: Path, center: tuple[int, int]) -> None:
    pixels, _ = clean()
    ring = shape_of(lambda canvas: cv2.circle(canvas, center, 70, 1, 10))
    pixels[ring] = (pixels[ring] * 0.45).astype(np.uint8)
    disk = shape_of(lambda canvas: cv2.circle(canvas, center, 75, 1, -1))

    assert dice(detect(tmp_path, pixels, "bubble"), disk) > 0.85


def test_tissue_that_lies_twice_is_a_fold(tmp_path: Path) -> None:
    pixels = cv2.GaussianBlur(clean()[0], (0, 0), 6)
    band = shape_of(lambda canvas: cv2.line(canvas, (300, 380), (600, 470), 1, 25))
    pixels[band] = (pixels[band].astype(np.float64) ** 2 / 243).astype(np.uint8)

    found = detect(tmp_path, pixels, "fold")
    assert dice(found, band) > 0.5
    assert cv2.resize(band.astype(np.uint8), (500, 400))[found.mask].mean() > 0.9
    assert not detect(tmp_path, pixels, "fold", min_length_um=3000.0).mask.any()


def test_small_dark_dirt_is_a_dark_spot_and_no_pen(tmp_path: Path) -> None:
    pixels, _ = clean()
    dirt = shape_of(lambda canvas: [cv2.circle(canvas, at, 14, 1, -1) for at in ((400, 400), (500, 480))])
    pixels[dirt] = (35, 30, 28)

    assert dice(detect(tmp_path, pixels, "dark_spot"), dirt) > 0.8
    assert not detect(tmp_path, pixels, "pen").mask.any()
    assert not detect(tmp_path, pixels, "dark_spot", max_area_um2=1000.0).mask.any()


def test_blur_is_found_cell_by_cell(tmp_path: Path) -> None:
    sharp = np.tile(stained_tiles(1, 256)[0], (2, 3, 1))
    half = cv2.GaussianBlur(sharp, (0, 0), 4)
    half[:, 384:] = sharp[:, 384:]

    found = detect(tmp_path, half, "focus", mpp=1.0)

    assert found.mask.shape == (8, 12)
    assert found.mask[:, :5].all()
    assert not found.mask[:, 7:].any()
    assert not detect(tmp_path, sharp, "focus", mpp=1.0).mask.any()


def test_a_coarse_slide_cannot_be_out_of_focus(tmp_path: Path) -> None:
    blurred = cv2.GaussianBlur(np.tile(stained_tiles(1, 256)[0], (2, 3, 1)), (0, 0), 4)

    assert not detect(tmp_path, blurred, "focus", mpp=2.0).score.any()


@pytest.mark.parametrize("name", ["pen_green", "pen_red"])
def test_pen_on_real_slides(tmp_path: Path, name: str) -> None:
    picture = cv2.imread(str(shared_file(f"artefacts/{name}.png")))
    true = cv2.imread(str(shared_file(f"artefacts/{name}_mask.png")), cv2.IMREAD_GRAYSCALE) > 0

    found = detect(tmp_path, np.ascontiguousarray(picture[..., ::-1]), "pen", mpp=16.0)

    assert dice(found, true) > 0.8
