"""The texture encoder: components against scikit-image or a closed form, invariances, degenerate tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

from desktop_app.errors import PluginRunError
from plugins.encoder_texture import cooccurrence
from plugins.encoder_texture.arrangement import LUMEN_NAMES, NUCLEI_NAMES, lumen_features, nuclei_features
from plugins.encoder_texture.binary_patterns import uniform_pattern_histogram
from plugins.encoder_texture.encoder import FEATURE_NAMES, TextureEncoder
from plugins.encoder_texture.intensity import density_statistics, histogram, intensity_features
from plugins.encoder_texture.nuclei import Nuclei, measure_nuclei
from plugins.encoder_texture.scale import TileScale
from plugins.encoder_texture.stains import (
    RESIDUAL_ZERO,
    STAIN_VECTORS,
    STEP,
    StainPlanes,
    StainSeparator,
    unmixing_matrix,
)

Bytes = NDArray[np.uint8]
Points = list[tuple[float, float]]
SCALE = TileScale(0.5, 128, 128)
README = Path(__file__).parents[2] / "plugins" / "encoder_texture" / "README.md"


def smooth_noise(size: int = 128, seed: int = 0, sigma: float = 2.0) -> Bytes:
    noise = np.random.default_rng(seed).normal(size=(size, size)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigma)
    return np.asarray(cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX, dtype=cv2.CV_8U))


def stained(hematoxylin: NDArray[Any], eosin: NDArray[Any], stains: str = "qupath") -> Bytes:
    """A tile with given stain densities."""
    vectors = np.array(STAIN_VECTORS[stains])
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    density = hematoxylin[..., None] * vectors[0] + eosin[..., None] * vectors[1]
    return np.asarray(np.clip(np.round(256 * np.exp(-density) - 1), 0, 255), dtype=np.uint8)


def nuclei_tile(centers: Points, axes: tuple[int, int] = (7, 7), angle: float = 0) -> Bytes:
    """Ellipses of 1.2 hematoxylin density (semi-axes in pixels) on pale eosin, 128 px."""
    hematoxylin = np.zeros((128, 128))
    for x, y in centers:
        cv2.ellipse(hematoxylin, (round(x), round(y)), axes, angle, 0, 360, 1.2, -1)
    return stained(hematoxylin, np.full((128, 128), 0.3))


def tiles(seed: int = 0, count: int = 6, size: int = 96) -> Bytes:
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        hematoxylin = np.clip(smooth_noise(size, seed * 100 + number, 3.0) / 80.0 - 1.0, 0, None)
        made.append(stained(hematoxylin, rng.uniform(0.1, 0.8) * smooth_noise(size, number + 7) / 255.0))
    return np.stack(made)


def encode_named(tile: Bytes, mpp: float = 0.5) -> dict[str, float]:
    row = TextureEncoder().encode(tile[None], mpp)[0]
    return dict(zip(FEATURE_NAMES, row.tolist(), strict=True))


def measured(tile: Bytes, scale: TileScale = SCALE) -> Nuclei:
    return measure_nuclei(StainSeparator("qupath").separate(tile).hematoxylin, scale, 0.7)


# --- names


def test_names_are_unique_and_every_one_is_described() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES) == TextureEncoder().n_features == 116
    card = README.read_text("utf-8")
    for name in (*NUCLEI_NAMES, *LUMEN_NAMES):
        stem = name.rsplit("_", 1)[0]
        assert f"`{name}`" in card or f"`{stem}_{{" in card, name
    for start in ("glcm_{", "lbp_{", "_od_skew", "hematoxylin_eosin_correlation"):
        assert start in card


# --- stains


@pytest.mark.parametrize("stains", sorted(STAIN_VECTORS))
def test_densities_are_recovered(stains: str) -> None:
    hematoxylin, eosin = np.meshgrid(np.linspace(0.0, 1.6, 64), np.linspace(0.0, 1.0, 64))
    planes = StainSeparator(stains).separate(stained(hematoxylin, eosin, stains))
    # The tile itself is rounded to gray levels, which at these densities is a few steps.
    np.testing.assert_allclose(planes.hematoxylin * STEP, hematoxylin, atol=5 * STEP)
    np.testing.assert_allclose(planes.eosin * STEP, eosin, atol=5 * STEP)
    np.testing.assert_allclose((planes.residual.astype(int) - RESIDUAL_ZERO) * STEP, 0.0, atol=5 * STEP)


def test_unmixing_is_the_inverse_of_mixing() -> None:
    for name, vectors in STAIN_VECTORS.items():
        unit = np.array(vectors) / np.linalg.norm(vectors, axis=1, keepdims=True)
        recovered = unmixing_matrix(name) @ unit.T
        np.testing.assert_allclose(recovered, [[1, 0], [0, 1], [0, 0]], atol=1e-12)


def test_planes_follow_the_formula_pixel_by_pixel() -> None:
    tile = np.random.default_rng(0).integers(0, 256, (32, 40, 3), dtype=np.uint8)
    density = -np.log((tile + 1.0) / 256.0)
    exact = density @ unmixing_matrix("qupath").T / STEP
    planes = StainSeparator("qupath").separate(tile)
    for plane, value in zip(planes[:2], (exact[..., 0], exact[..., 1]), strict=True):
        assert np.abs(plane - np.clip(value, 0, 255)).max() <= 0.51
    assert np.abs(planes.residual - np.clip(exact[..., 2] + RESIDUAL_ZERO, 0, 255)).max() <= 0.51
    assert np.abs(planes.total - np.clip(density.mean(axis=2) / STEP, 0, 255)).max() <= 0.51


def test_white_has_no_density() -> None:
    planes = StainSeparator("qupath").separate(np.full((16, 16, 3), 255, dtype=np.uint8))
    assert [int(plane.max()) for plane in planes] == [0, 0, RESIDUAL_ZERO, 0]


# --- intensity


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**16), low=st.integers(0, 200), span=st.integers(1, 55))
def test_statistics_are_those_of_the_pixels(seed: int, low: int, span: int) -> None:
    plane = np.random.default_rng(seed).integers(low, low + span + 1, (17, 23), dtype=np.uint8)
    values = (plane.astype(np.float64) - RESIDUAL_ZERO) * STEP
    found = density_statistics(histogram(plane), RESIDUAL_ZERO)
    quantiles = np.percentile(values, (5, 25, 50, 75, 95), method="inverted_cdf")
    np.testing.assert_allclose(found[:2], [values.mean(), values.std()], atol=1e-12)
    np.testing.assert_allclose(found[2:7], quantiles, atol=1e-12)
    skew = 3 * (values.mean() - quantiles[2]) / values.std() if values.std() > 0 else 0.0
    assert found[7] == pytest.approx(skew)
    assert abs(found[7]) <= 3


def test_correlation_is_pearsons() -> None:
    first, second = smooth_noise(64, 1), smooth_noise(64, 2)
    for other in (second, 255 - first, first):
        planes = StainPlanes(first, other, first, first)
        expected = np.corrcoef(first.ravel(), other.ravel())[0, 1]
        assert intensity_features(planes)[-1] == pytest.approx(expected, abs=1e-9)
    flat = np.full_like(first, 9)
    assert intensity_features(StainPlanes(first, flat, first, first))[-1] == 0.0


# --- co-occurrence


@pytest.mark.parametrize("distance", [1, 2, 3, 5, 8])
def test_cooccurrence_is_that_of_scikit_image(distance: int) -> None:
    levels = cooccurrence.gray_levels(smooth_noise(61)[:, :53].copy(), 16)
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    theirs = graycomatrix(levels, [distance], angles, levels=16, symmetric=True, normed=True)
    counts = cooccurrence.cooccurrence_counts(levels, cooccurrence.directions(distance))
    ours = cooccurrence.cooccurrence_matrices(counts)
    np.testing.assert_allclose(ours, np.moveaxis(theirs[:, :, 0], 2, 0), atol=1e-15)
    names = ("contrast", "correlation", "ASM", "homogeneity", "entropy")
    expected = np.stack([graycoprops(theirs, name)[0] for name in names], axis=1)
    np.testing.assert_allclose(cooccurrence.haralick(ours), expected, atol=1e-9)


def test_a_checkerboard_has_its_closed_form() -> None:
    board = (np.indices((32, 32)).sum(axis=0) % 2 * 4).astype(np.uint8)
    counts = cooccurrence.cooccurrence_counts(board, [(0, 1), (1, 1)])
    neighbors, diagonal = cooccurrence.haralick(cooccurrence.cooccurrence_matrices(counts))
    np.testing.assert_allclose(neighbors, [16.0, -1.0, 0.5, 1 / 17, np.log(2)], atol=1e-12)
    # Within 31 x 31 pixels one color has one pixel more than the other.
    np.testing.assert_allclose(diagonal, [0.0, 1.0, 0.5, 1.0, np.log(2)], atol=1e-5)


def test_levels_are_steps_of_density() -> None:
    plane = np.arange(256, dtype=np.uint8).reshape(16, 16)
    levels = cooccurrence.gray_levels(plane, cooccurrence.HEMATOXYLIN_STEPS).ravel()
    np.testing.assert_array_equal(levels, np.minimum((np.arange(256) * STEP / 0.15 + 1e-9).astype(int), 15))


# --- local binary patterns


@pytest.mark.parametrize("radius", [1, 2, 4])
def test_patterns_are_those_of_scikit_image(radius: int) -> None:
    plane = np.random.default_rng(radius).integers(0, 256, (96, 80), dtype=np.uint8)
    labels = local_binary_pattern(plane, 8, radius, method="uniform")[radius:-radius, radius:-radius]
    theirs = np.bincount(labels.astype(int).ravel(), minlength=10) / labels.size
    # Ours interpolates at whole sixteenths, which turns a comparison here and there.
    np.testing.assert_allclose(uniform_pattern_histogram(plane, radius), theirs, atol=0.012)


def test_flat_peaked_and_edged_planes_have_their_patterns() -> None:
    flat = uniform_pattern_histogram(np.full((20, 20), 77, dtype=np.uint8), 2)
    np.testing.assert_array_equal(flat, np.eye(10)[8])
    peaks = np.zeros((21, 21), dtype=np.uint8)
    peaks[10, 10] = 200
    assert uniform_pattern_histogram(peaks, 1)[0] == pytest.approx(1 / 19**2)
    edge = np.zeros((20, 20), dtype=np.uint8)
    edge[:, 10:] = 200
    shares = uniform_pattern_histogram(edge, 1)
    # The 18 pixels right of the edge see five neighbors as high as themselves; all others see eight.
    assert shares[5] == pytest.approx(1 / 18)
    assert shares[8] == pytest.approx(17 / 18)


def test_patterns_ignore_rotation_and_brightness() -> None:
    plane = smooth_noise(64) // 2
    shares = uniform_pattern_histogram(plane, 2)
    for turned in (np.rot90(plane), plane[::-1], plane.T, plane + np.uint8(60)):
        np.testing.assert_array_equal(uniform_pattern_histogram(np.ascontiguousarray(turned), 2), shares)


# --- nuclei


def test_a_round_nucleus_is_measured() -> None:
    nuclei = measured(nuclei_tile([(64, 50)], axes=(10, 10)))
    assert len(nuclei.area_um2) == 1
    np.testing.assert_allclose(nuclei.center_um[0], [32.25, 25.25], atol=0.3)
    assert nuclei.area_um2[0] == pytest.approx(np.pi * 5.25**2, rel=0.08)
    assert nuclei.eccentricity[0] < 0.25
    assert nuclei.od_mean[0] == pytest.approx(1.2, abs=0.1)
    assert nuclei.complete.all()


@pytest.mark.parametrize("angle", [-60.0, 0.0, 30.0, 90.0])
def test_a_long_nucleus_has_its_direction_and_eccentricity(angle: float) -> None:
    nuclei = measured(nuclei_tile([(64, 64)], axes=(16, 6), angle=angle))
    assert len(nuclei.area_um2) == 1
    difference = np.deg2rad(angle) - nuclei.angle[0]
    assert np.cos(2 * difference) > 0.99
    assert nuclei.eccentricity[0] == pytest.approx(np.sqrt(1 - (6 / 16) ** 2), abs=0.03)


def test_touching_nuclei_are_told_apart() -> None:
    nuclei = measured(nuclei_tile([(50, 64), (64, 64), (78, 64)], axes=(8, 8)))
    assert len(nuclei.area_um2) == 3
    np.testing.assert_allclose(np.sort(nuclei.center_um[:, 0]), [25.25, 32.25, 39.25], atol=0.8)


def test_nuclei_at_the_edge_count_but_do_not_shape() -> None:
    tile = nuclei_tile([(0, 64), (64, 64)], axes=(9, 9))
    nuclei = measured(tile)
    assert sorted(nuclei.complete.tolist()) == [False, True]
    features = dict(zip(NUCLEI_NAMES, nuclei_features(nuclei, SCALE), strict=True))
    assert features["nuclei_per_mm2"] == pytest.approx(2 / (0.064**2))
    assert features["nucleus_area_um2_median"] == nuclei.area_um2[nuclei.complete][0]


def test_specks_are_no_nuclei() -> None:
    assert len(measured(nuclei_tile([(40, 40), (80, 80)], axes=(2, 2))).area_um2) == 0


def test_a_lattice_has_its_closed_form() -> None:
    centers = [(16.0 + 32 * column, 16.0 + 32 * row) for row in range(4) for column in range(4)]
    nuclei = measured(nuclei_tile(centers))
    features = dict(zip(NUCLEI_NAMES, nuclei_features(nuclei, SCALE), strict=True))
    assert features["nuclei_per_mm2"] == pytest.approx(16 / 0.064**2)
    assert features["nearest_nucleus_um_median"] == pytest.approx(16.0, abs=0.05)
    assert features["nearest_nucleus_variation"] == pytest.approx(0.0, abs=0.01)
    assert features["clark_evans_ratio"] == pytest.approx(2.0, abs=0.02)
    assert features["nuclei_within_15um_mean"] == 0.0
    assert features["nuclei_dispersion_32um"] == 0.0
    assert features["nucleus_fraction"] == pytest.approx(nuclei.area_um2.sum() / 64**2, rel=1e-6)


def test_clusters_are_denser_around_and_more_dispersed() -> None:
    spread = [(16.0 + 32 * column, 16.0 + 32 * row) for row in range(3) for column in range(3)]
    crowd = [(22.0 + 17 * column, 22.0 + 17 * row) for row in range(3) for column in range(3)]
    loose, dense = (
        dict(zip(NUCLEI_NAMES, nuclei_features(measured(nuclei_tile(centers)), SCALE), strict=True))
        for centers in (spread, crowd)
    )
    assert loose["nuclei_per_mm2"] == dense["nuclei_per_mm2"]
    assert dense["clark_evans_ratio"] < loose["clark_evans_ratio"]
    assert dense["nuclei_within_15um_mean"] > loose["nuclei_within_15um_mean"]
    assert dense["nuclei_dispersion_32um"] > loose["nuclei_dispersion_32um"]


def test_parallel_nuclei_are_coherent() -> None:
    centers = [(30.0, 30.0), (30.0, 90.0), (90.0, 30.0), (90.0, 90.0)]
    parallel = encode_named(nuclei_tile(centers, axes=(14, 6), angle=40))
    across = [
        nuclei_tile([center], (14, 6), angle) for center, angle in zip(centers, (0, 90) * 2, strict=True)
    ]
    crossed = encode_named(np.min(across, axis=0))
    assert parallel["nucleus_orientation_coherence"] > 0.98
    assert crossed["nucleus_orientation_coherence"] < 0.1


def test_a_tile_without_nuclei_has_defined_values() -> None:
    features = encode_named(np.full((128, 128, 3), 255, dtype=np.uint8))
    expected = {
        "nearest_nucleus_um_median": 64 * 2**0.5,
        "clark_evans_ratio": 1.0,
    }
    for name in NUCLEI_NAMES:
        assert features[name] == pytest.approx(expected.get(name, 0.0)), name


# --- lumens and fibers


def test_lumens_are_counted_inside_and_measured() -> None:
    total = np.full((128, 128), 60, dtype=np.uint8)
    cv2.circle(total, (40, 40), 12, 0, -1)
    cv2.circle(total, (90, 80), 12, 0, -1)
    total[:20, 100:] = 0
    features = dict(zip(LUMEN_NAMES, lumen_features(total, SCALE), strict=True))
    assert features["lumens_per_mm2"] == pytest.approx(2 / 0.064**2)
    assert features["lumen_area_um2_median"] == pytest.approx(np.pi * 6**2, rel=0.15)
    assert features["clear_area_um2_largest"] == pytest.approx(10 * 14, rel=0.01)
    assert features["clear_fraction"] == pytest.approx((total == 0).mean(), abs=0.02)


def test_coherence_is_one_for_stripes_and_near_zero_for_noise() -> None:
    wave = np.tile(60 + 50 * np.sin(np.arange(128) / 4), (128, 1)).astype(np.uint8)
    assert lumen_features(wave, SCALE)[-1] == pytest.approx(1.0)
    assert lumen_features(np.ascontiguousarray(wave.T), SCALE)[-1] == pytest.approx(1.0)
    assert lumen_features(smooth_noise(), SCALE)[-1] < 0.15


# --- the whole vector


@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
@pytest.mark.parametrize("size", [16, 97])
def test_constant_tiles_are_finite(value: int, size: int) -> None:
    for mpp in (0.05, 0.5, 30.0):
        row = TextureEncoder().encode(np.full((1, size, size, 3), value, dtype=np.uint8), mpp)
        assert np.isfinite(row).all()
        assert row.dtype == np.float32


@pytest.mark.parametrize("shape", [(16, 16), (16, 300), (131, 77)])
def test_any_shape_and_pixel_size_is_finite(shape: tuple[int, int]) -> None:
    batch = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    for mpp in (0.1, 1.0, 10.0):
        assert np.isfinite(TextureEncoder().encode(batch, mpp)).all()


def test_an_empty_batch_gives_no_rows() -> None:
    assert TextureEncoder().encode(np.zeros((0, 64, 64, 3), dtype=np.uint8), 0.5).shape == (0, 116)


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(6)), keep=st.integers(1, 6))
def test_a_row_depends_on_its_tile_alone(order: list[int], keep: int) -> None:
    batch = tiles()
    chosen = order[:keep]
    whole = TextureEncoder().encode(batch, 0.5)
    np.testing.assert_array_equal(TextureEncoder().encode(batch[chosen], 0.5), whole[chosen])


def test_the_same_tiles_give_the_same_bits() -> None:
    encoder, batch = TextureEncoder(), tiles()
    first = encoder.encode(batch, 0.5)
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        np.testing.assert_array_equal(encoder.encode(np.asfortranarray(batch), 0.5), first)
    finally:
        cv2.setNumThreads(threads)


def test_most_components_ignore_a_quarter_turn() -> None:
    tile = tiles(count=1)[0]
    straight, turned = encode_named(tile), encode_named(np.ascontiguousarray(np.rot90(tile)))
    exact = [name for name in FEATURE_NAMES if "_od_" in name or name.startswith(("lbp", "glcm"))]
    exact = [name for name in exact if not name.startswith("nucleus")]
    for name in exact:
        assert turned[name] == pytest.approx(straight[name], rel=1e-5, abs=1e-6), name


def test_physical_components_agree_between_pixel_sizes() -> None:
    centers = [(30.0, 30.0), (64.0, 40.0), (95.0, 70.0), (40.0, 95.0)]
    fine = nuclei_tile(centers, axes=(9, 9))
    coarse = cv2.resize(fine, (64, 64), interpolation=cv2.INTER_AREA)
    one, two = encode_named(fine, 0.25), encode_named(np.asarray(coarse), 0.5)
    assert one["nuclei_per_mm2"] == two["nuclei_per_mm2"]
    assert two["nearest_nucleus_um_median"] == pytest.approx(one["nearest_nucleus_um_median"], rel=0.03)
    assert two["nucleus_area_um2_median"] == pytest.approx(one["nucleus_area_um2_median"], rel=0.2)
    assert two["eosin_od_p50"] == pytest.approx(one["eosin_od_p50"], abs=0.02)


def test_stains_and_nucleus_threshold_matter() -> None:
    batch = tiles()
    default = TextureEncoder().encode(batch, 0.5)
    assert not np.allclose(TextureEncoder(stains="ruifrok").encode(batch, 0.5), default)
    fraction = FEATURE_NAMES.index("nucleus_fraction")
    strict = TextureEncoder(nucleus_od=1.7).encode(batch, 0.5)
    assert (strict[:, fraction] <= default[:, fraction]).all()
    assert (strict[:, fraction] < default[:, fraction]).any()


@pytest.mark.parametrize(
    ("batch", "mpp", "sentence"),
    [
        (np.zeros((1, 64, 64, 3), dtype=np.float32), 0.5, "must be uint8"),
        (np.zeros((64, 64, 3), dtype=np.uint8), 0.5, "must be uint8"),
        (np.zeros((1, 64, 64, 4), dtype=np.uint8), 0.5, "must be uint8"),
        (np.zeros((1, 64, 15, 3), dtype=np.uint8), 0.5, "too small"),
        (np.zeros((1, 64, 64, 3), dtype=np.uint8), 0.0, "not a pixel size"),
        (np.zeros((1, 64, 64, 3), dtype=np.uint8), float("nan"), "not a pixel size"),
    ],
)
def test_what_cannot_be_encoded_is_refused(batch: Any, mpp: float, sentence: str) -> None:
    with pytest.raises(PluginRunError, match=sentence):
        TextureEncoder().encode(batch, mpp)
