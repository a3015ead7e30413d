"""The figures of a slide's quality, on slides of known tissue, artifacts and stain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.artifact import ArtifactMap
from desktop_app.domain.slide_info import Channel
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.quality import QualityDetectors, measure_quality
from desktop_app.errors import MissingMppError, NotBrightfieldError
from tests.support.plugin_cases import EOSIN, HEMATOXYLIN, ArraySlide, stained


class Answers:
    """A detector with a fixed answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def detect(self, slide: Any, **_: Any) -> Any:
        return self.answer


def artifact(name: str, columns: slice) -> ArtifactMap:
    """Artifact over whole columns of a map of half the slide's pixels."""
    mask = np.zeros((100, 150), np.bool_)
    mask[:, columns] = True
    return ArtifactMap(name, mask.astype(np.float32), mask, (2.0, 2.0), 0.5, ())


def detectors(*maps: ArtifactMap, tissue: bool = True) -> QualityDetectors:
    mask = np.zeros((200, 300), np.bool_)
    mask[:, 100:] = tissue
    return QualityDetectors(
        "fake/tissue",
        Answers(Tissue(mask, (1.0, 1.0), 0.0, ())),
        tuple(f"fake/{number}" for number in range(len(maps))),
        tuple(Answers((one,)) for one in maps),
    )


def slide(**options: Any) -> ArraySlide:
    """Glass on the left; on the right two stains in known amounts, each pixel 8 µm wide when it is read."""
    options.setdefault("mpp", (1.0, 1.0))
    rng = np.random.default_rng(0)
    amounts = np.kron(rng.uniform(0.2, 1.2, (25, 38, 2)), np.ones((8, 8, 1)))[:200, :300]
    pixels = stained(amounts)
    pixels[:, :100] = 240
    return ArraySlide(pixels, **options)


def test_areas_and_shares() -> None:
    found = measure_quality(
        slide(), detectors(artifact("Fold", slice(50, 75)), artifact("Pen", slice(0, 100)))
    )

    assert found["tissue_mm2"] == pytest.approx(0.04)
    assert found["tissue_share_of_slide"] == pytest.approx(2 / 3)
    assert found["fold_mm2"] == pytest.approx(0.01)
    assert found["fold_share"] == pytest.approx(0.25)
    assert found["pen_mm2"] == pytest.approx(0.04)
    assert found["pen_share"] == pytest.approx(0.5)
    assert found["dark_spot_mm2"] is None
    assert (found["slide"], found["mpp_source"]) == ("in memory.svs", "metadata")


def test_two_detectors_of_one_class_are_one_figure() -> None:
    name = "Edge/air bubble"
    found = measure_quality(slide(), detectors(artifact(name, slice(50, 75)), artifact(name, slice(60, 85))))

    assert found["edge_air_bubble_mm2"] == pytest.approx(0.02)
    assert found["edge_air_bubble_share"] == pytest.approx(0.35)


@pytest.mark.parametrize(("mpp", "share"), [(1.0, 0.75), (2.0, None)])
def test_focus_is_only_known_on_fine_slides(mpp: float, share: float | None) -> None:
    blurred = artifact("Out of focus", slice(50, 75))
    found = measure_quality(slide(mpp=(mpp, mpp)), detectors(blurred))

    assert found["in_focus_share"] == (None if share is None else pytest.approx(share))
    assert (found["out_of_focus_mm2"] is None) == (share is None)


def test_stains_and_brightness_are_the_slides_own() -> None:
    found = measure_quality(slide(), detectors())

    for name, stain in (("hematoxylin", HEMATOXYLIN), ("eosin", EOSIN)):
        vector = np.array([found[f"{name}_{channel}"] for channel in ("red", "green", "blue")])
        assert vector @ stain / np.linalg.norm(stain) > 0.98
        assert found[f"{name}_amount"] == pytest.approx(0.7, abs=0.12)
    assert [found[f"glass_{channel}"] for channel in ("red", "green", "blue")] == pytest.approx(
        [240] * 3, abs=3
    )
    assert 60 < found["tissue_brightness"] < 180


def test_a_slide_without_tissue_has_no_shares() -> None:
    found = measure_quality(slide(), detectors(artifact("Pen", slice(0, 100)), tissue=False))

    assert found["tissue_mm2"] == 0
    for name in ("pen_share", "tissue_brightness", "density_red", "hematoxylin_amount", "in_focus_share"):
        assert found[name] is None


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(MissingMppError):
        measure_quality(slide(mpp=None), detectors())
    channels = slide()
    channels.info = replace(channels.info, channels=(Channel("DAPI", (0, 0, 255), 255, (0, 255)),))
    with pytest.raises(NotBrightfieldError):
        measure_quality(channels, detectors())
