"""The checks of each plugin kind: what its protocol promises, tried on made-up pixels.

Each is a function of a :class:`Case` whose docstring's first line is the promise. They run the plugin's code
and raise ``PluginRunError`` (or whatever the plugin raised, mapped by the host) where it is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from desktop_app.conformance.case import Case
from desktop_app.conformance.file_checks import ANNOTATION_FORMAT_CHECKS, SLIDE_READER_CHECKS
from desktop_app.conformance.learned_checks import AGGREGATOR_CHECKS, SLIDE_ENCODER_CHECKS
from desktop_app.conformance.samples import SLIDE_SIZE, TISSUE_RECT, SampleSlide, stained_tiles
from desktop_app.domain.artifact import ArtifactMap
from desktop_app.domain.stain import FittedStain
from desktop_app.engine.check_answers import check_encoder, check_features, check_stain, check_tissue
from desktop_app.plugin_api.manifest import ParamSpec, ParamValue, PluginKind

Check: TypeAlias = Callable[[Case], None]

TISSUE_TOLERANCE = 40
"""Level-0 pixels by which an outline may miss the edge of the tissue."""


def takes_every_allowed_value(case: Case) -> None:
    """It is built with its defaults and with the ends of every parameter's range."""
    case.build()
    for spec in case.provided.params:
        for value in _allowed_ends(spec):
            case.build({spec.name: value})
    for preset in case.provided.presets:
        case.build(preset.values)


def _allowed_ends(spec: ParamSpec) -> list[ParamValue]:
    if spec.type == "choice":
        return list(spec.choices)
    if spec.type == "bool":
        return [True, False]
    if spec.type == "text":
        return [spec.default]
    bounds = [bound for bound in (spec.minimum, spec.maximum) if bound is not None]
    return [int(bound) if spec.type == "int" else bound for bound in bounds]


def finds_the_tissue(case: Case) -> None:
    """It finds the tissue and leaves the glass, whatever the pixel size."""
    for mpp in (0.5, 1.0, 20.0):
        tissue = check_tissue(case.build().detect(SampleSlide(mpp), target_mpp=mpp), case.use)
        height, width = tissue.mask.shape
        mpp_of_mask = (SLIDE_SIZE[0] * mpp / width, SLIDE_SIZE[1] * mpp / height)
        case.demand(np.allclose(tissue.mpp, mpp_of_mask), f"at {mpp} mpp it says {tissue.mpp} of its mask")
        case.demand(bool(tissue.polygons), f"at {mpp} mpp it outlines no tissue")
        missed = np.abs(np.subtract(tissue.polygons[0].bounds, TISSUE_RECT)).max()
        case.demand(
            missed <= TISSUE_TOLERANCE, f"at {mpp} mpp the outline misses the tissue by {missed:g} px"
        )
        case.demand(tissue.mask[:, : width // 4].mean() == 0, f"at {mpp} mpp it takes glass for tissue")


def finds_the_same_tissue_twice(case: Case) -> None:
    """It answers the same when it is asked again."""
    first, second = (case.build().detect(SampleSlide()) for _ in range(2))
    case.demand(np.array_equal(first.mask, second.mask), "two runs give different masks")
    case.demand(first.polygons == second.polygons, "two runs give different outlines")


def maps_artifacts(case: Case) -> None:
    """It gives finite maps, one for each class, with valid outlines, and the same ones twice."""
    slide = SampleSlide()
    first, second = (case.build().detect(slide) for _ in range(2))
    case.demand(isinstance(first, tuple) and bool(first), "it must give a tuple with a map for each class")
    names = [one.class_name for one in first]
    case.demand(len(set(names)) == len(names), f"it gives a class twice: {names}")
    for one, again in zip(first, second, strict=True):
        _demand_map(case, one)
        same = np.array_equal(one.mask, again.mask) and np.array_equal(one.score, again.score)
        case.demand(same, f"two runs give different maps of {one.class_name}")


def _demand_map(case: Case, one: ArtifactMap) -> None:
    name, score, mask = one.class_name, np.asarray(one.score), np.asarray(one.mask)
    case.demand(mask.dtype == np.bool_ and mask.ndim == 2, f"the mask of {name} must be bool (H, W)")
    case.demand(score.shape == mask.shape, f"score and mask of {name} are of different shapes")
    in_range = bool(np.isfinite(score).all()) and score.min() >= 0 and score.max() <= 1
    case.demand(in_range, f"the score of {name} must be finite, from 0 to 1")
    size = (SLIDE_SIZE[0] / mask.shape[1], SLIDE_SIZE[1] / mask.shape[0])
    case.demand(np.allclose(one.mpp, size), f"it says {one.mpp} mpp of the map of {name}")
    valid = all(polygon.is_valid for polygon in one.polygons)
    case.demand(valid, f"an outline of {name} is no valid polygon")


def fits_a_map_that_is_data(case: Case) -> None:
    """It fits a finite map that survives JSON, the same one each time."""
    pixels = stained_tiles(4, 128).reshape(-1, 3)
    fitted = check_stain(case.build().fit(pixels), case.use)
    case.demand(not fitted.identity, f"it leaves stained tissue unchanged: {fitted.note}")
    shown = fitted.apply(pixels)
    read_back = FittedStain.from_json(fitted.to_json())
    case.demand(np.array_equal(read_back.apply(pixels), shown), "its map is another one after JSON")
    again = case.build().fit(pixels)
    case.demand(np.array_equal(again.apply(pixels), shown), "two fits of the same pixels differ")


def says_why_it_cannot_fit(case: Case) -> None:
    """It leaves a slide without stain unchanged and says why, instead of failing."""
    for count in (0, 1, 10):
        for level in (0, 120, 255):
            fitted = case.build().fit(np.full((count, 3), level, np.uint8))
            where = f"{count} pixels of gray {level}"
            case.demand(fitted.identity and bool(fitted.note), f"{where} must give no map, and a reason")


def gives_finite_features(case: Case) -> None:
    """It gives finite features of the length it states and leaves the tiles alone."""
    encoder = check_encoder(case.build(), case.use)
    tiles = np.concatenate([stained_tiles(3, 96), np.zeros((1, 96, 96, 3), np.uint8)])
    before = tiles.copy()
    features = check_features(encoder.encode(tiles, 0.5), (4, encoder.n_features), case.use)
    case.demand(np.array_equal(tiles, before), "it changes the tiles it is given")
    case.demand(not np.array_equal(features[0], features[1]), "different tiles get the same features")
    for gray in (0, 127, 255):
        plain = np.full((2, 64, 64, 3), gray, np.uint8)
        check_features(encoder.encode(plain, 0.5), (2, encoder.n_features), case.use)
    check_features(encoder.encode(tiles[:0], 0.5), (0, encoder.n_features), case.use)


def judges_each_tile_alone(case: Case) -> None:
    """Its features of a tile do not depend on the other tiles of the batch."""
    encoder, tiles = case.build(), stained_tiles(5, 96)
    together = encoder.encode(tiles, 0.5)
    alone = np.concatenate([encoder.encode(tiles[index : index + 1], 0.5) for index in range(len(tiles))])
    case.demand(
        np.allclose(alone, together, rtol=1e-4, atol=1e-5), "a tile's features change with its neighbors"
    )
    case.demand(np.array_equal(encoder.encode(tiles, 0.5), together), "two runs give different features")


KIND_CHECKS: Mapping[PluginKind, tuple[Check, ...]] = {
    "tissue_detector": (finds_the_tissue, finds_the_same_tissue_twice),
    "artifact_detector": (maps_artifacts,),
    "stain_normalizer": (fits_a_map_that_is_data, says_why_it_cannot_fit),
    "encoder": (gives_finite_features, judges_each_tile_alone),
    "aggregator": AGGREGATOR_CHECKS,
    "slide_encoder": SLIDE_ENCODER_CHECKS,
    "annotation_format": ANNOTATION_FORMAT_CHECKS,
    "slide_reader": SLIDE_READER_CHECKS,
}
"""After ``takes_every_allowed_value``, which is for all."""
