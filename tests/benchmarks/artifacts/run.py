"""The artifact detectors against known truth: precision, recall and Dice, and what they find on clean tissue.

    .venv/bin/python tests/benchmarks/artifacts/run.py [--development]

Pen and edge are scored on HistoQC's annotated pictures, the others on artifacts drawn over real slides with
seeds that were not used while the parameters were chosen (``--development`` shows those that were). All in
``../shared/data``; nothing is measured where it is missing.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests"), str(Path(__file__).parent)]

from support.plugin_cases import ArraySlide, bundled_host  # noqa: E402 - found by the path set above
from synthetic import DRAWN  # noqa: E402

from desktop_app.worker import slide_opener  # noqa: E402

DATA = CHECKOUT.parent / "shared" / "data"
SLIDES = {"CMU-1-Small-Region.svs": None, "TCGA-CR-7395-01A-01-TS1.svs": 0.5}
CLEAN = {**SLIDES, "OS-1-detail.ome.tif": None, "camelyon_jpeg.dcm": None}
"""The last two are too small and too coarse to draw on: 250 µm wide, and 29 µm per pixel."""
PICTURES = {"pen_green": "pen", "pen_red": "pen", "coverslip_edge_he": "edge"}
PICTURE_MPP = 16.0
"""The pictures do not say theirs."""

DETECTORS = ("pen", "margin_ink", "edge", "bubble", "fold", "dark_spot", "focus")
DEVELOPMENT, HELD_OUT = range(6), range(2000, 2012)
SCORING_MPP = 4.0


class Scores:
    """Pixels found rightly, found, and true."""

    def __init__(self) -> None:
        self.right = self.found = self.true = 0

    def add(self, found: np.ndarray, true: np.ndarray) -> None:
        self.right += int((found & true).sum())
        self.found += int(found.sum())
        self.true += int(true.sum())

    def line(self, name: str) -> str:
        precision, recall = self.right / max(1, self.found), self.right / max(1, self.true)
        dice = 2 * self.right / max(1, self.found + self.true)
        return f"| {name} | {precision:.2f} | {recall:.2f} | {dice:.2f} |"


def resized(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return cv2.resize(mask.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--development", action="store_true")
    seeds = DEVELOPMENT if parser.parse_args().development else HELD_OUT
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is missing")
    host = bundled_host(Path("nowhere"))
    detectors = {name: host.build("artifact_detector", f"artifact_rules/{name}", {}) for name in DETECTORS}
    find_tissue = host.build("tissue_detector", "tissue_otsu/saturation", {}).detect
    scores: dict[str, Scores] = defaultdict(Scores)
    for name, detector in PICTURES.items():
        picture = cv2.imread(str(DATA / "artefacts" / f"{name}.png"))[..., ::-1]
        true = cv2.imread(str(DATA / "artefacts" / f"{name}_mask.png"), cv2.IMREAD_GRAYSCALE) > 0
        slide = ArraySlide(np.ascontiguousarray(picture), mpp=(PICTURE_MPP, PICTURE_MPP))
        found = detectors[detector].detect(slide, tissue=find_tissue(slide))[0].mask
        scores[f"{detector} ({name})"].add(found, true)
    opener = slide_opener(host)
    for name, mpp in SLIDES.items():
        with opener.open(DATA / "slides" / name, mpp=mpp) as slide:
            picture = slide.read_region((0, 0), 0, slide.info.size)
            um = slide.info.require_mpp()[0]
            clean = find_tissue(slide)
        tissue = resized(clean.mask, picture.shape[:2])
        scoring = tuple(max(1, round(side * um / SCORING_MPP)) for side in picture.shape[:2])
        for detector, draw in DRAWN.items():
            for seed in seeds:
                rng = np.random.default_rng([seed, len(name)])
                drawn, true = draw(picture, tissue, um, rng)
                made = ArraySlide(drawn, mpp=(um, um))
                found = detectors[detector].detect(made, tissue=find_tissue(made))[0].mask
                scores[detector].add(resized(found, scoring), resized(true, scoring))
    print("| class | precision | recall | Dice |\n|---|---|---|---|")
    print("\n".join(score.line(name) for name, score in scores.items()))
    print(f"\n| clean slide, % of its tissue | {' | '.join(DETECTORS)} |\n|{'---|' * (len(DETECTORS) + 1)}")
    for name, mpp in CLEAN.items():
        with opener.open(DATA / "slides" / name, mpp=mpp) as slide:
            tissue = find_tissue(slide)
            shares = []
            for detector in detectors.values():
                found = detector.detect(slide, tissue=tissue)[0].mask
                inside = resized(tissue.mask, found.shape)
                shares.append(f"{100 * (found & inside).sum() / max(1, inside.sum()):.2f}")
        print(f"| {name} | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()
