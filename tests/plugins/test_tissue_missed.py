"""No connected piece of tissue above 0.05 mm² is missed on real slides.

What is a piece is judged apart from every detector: by the colors of a slightly blurred picture at 8 µm per
pixel, against the brightest quarter of the slide. The result was looked at on each slide.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.plugin_api import MaskArray, SlidePixels
from desktop_app.worker import slide_opener
from tests.support.plugin_cases import bundled_host
from tests.support.shared_data import shared_file

SLIDES = {
    "CMU-1-Small-Region.svs": None,
    "TCGA-CR-7395-01A-01-TS1.svs": 0.5,
    "OS-1-detail.ome.tif": None,
    "camelyon_jpeg.dcm": None,
}
USES = ("tissue_otsu/saturation", "tissue_stain/entropy", "tissue_stain/any_stain")

MIN_PIECE_UM2 = 50_000.0

COLORED = 14.0
"""Difference from the glass's own color in LAB's a and b above which a pixel certainly holds stain."""


def certain_pieces(slide: SlidePixels) -> tuple[list[MaskArray], tuple[int, int]]:
    """Connected pieces of certain stain above the size, each bool ``(H, W)``, and that ``(W, H)``."""
    mpp = slide.info.require_mpp()
    size = tuple(
        max(1, min(full, round(full * um / 8.0))) for full, um in zip(slide.info.size, mpp, strict=True)
    )
    width, height = slide.info.size
    picture = slide.read_scaled((0.0, 0.0), (float(width), float(height)), (size[0], size[1]))
    lab = cv2.cvtColor(cv2.GaussianBlur(picture, (3, 3), 0), cv2.COLOR_RGB2LAB).astype(np.float32)
    bright = lab[..., 0] >= np.quantile(lab[..., 0], 0.75)
    glass = np.median(lab[bright], axis=0) if lab[..., 0].max() > 215 else np.array([255.0, 128.0, 128.0])
    stained = np.hypot(lab[..., 1] - glass[1], lab[..., 2] - glass[2]) > COLORED
    _, labels, stats, _ = cv2.connectedComponentsWithStats(stained.astype(np.uint8), connectivity=8)
    pixel_um2 = mpp[0] * width / size[0] * mpp[1] * height / size[1]
    large = [n for n in range(1, len(stats)) if stats[n, cv2.CC_STAT_AREA] * pixel_um2 > MIN_PIECE_UM2]
    return [labels == n for n in large], (size[0], size[1])


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", SLIDES)
def test_no_piece_is_missed(tmp_path: Path, use: str, name: str) -> None:
    host = bundled_host(tmp_path)
    path = shared_file(f"slides/{name}")
    with slide_opener(host).open(path, mpp=SLIDES[name]) as slide:
        pieces, size = certain_pieces(slide)
        tissue = host.build("tissue_detector", use, {}).detect(slide)
    found = cv2.resize(tissue.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0

    assert pieces
    assert min(found[piece].mean() for piece in pieces) > 0.9
