"""Feature files, read back by readers written as other tools write theirs."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from desktop_app.domain.prediction import Bag
from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.errors import StorageError
from desktop_app.storage.features import FeatureProvenance, read_features, write_features

INFO = SlideInfo(
    path=Path("슬라이드.svs"),
    slide_id="feed" * 16,
    size=(2220, 2967),
    levels=(Level(0, (2220, 2967), 1.0),),
    vendor="aperio",
    mpp=(0.25, 0.26),
    mpp_source="given",
    objective=40.0,
)
SETTINGS = TileSettings(size_px=256, mpp=0.5, overlap_px=16)


def make_bag(count: int = 5) -> Bag:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(count, 3)).astype(np.float32)
    locations = np.stack([np.arange(count) * 480, np.arange(count) * 10], axis=1).astype(np.int64)
    return Bag(features, locations, (512.0, 492.3), ("a", "b", "밀도"))


def written(folder: Path, bag: Bag, **provenance: object) -> Path:
    path = folder / "슬라이드.h5"
    source = FeatureProvenance("encoder_texture/texture", **provenance)
    write_features(path, bag, info=INFO, settings=SETTINGS, provenance=source)
    return path


def trident_style(path: Path) -> tuple[np.ndarray, np.ndarray, int, float, str]:
    """The way TRIDENT's users read: attributes of ``coords`` decide the geometry."""
    with h5py.File(path, "r") as file:
        features = file["features"][:]
        coords = file["coords"][:]
        attributes = dict(file["coords"].attrs)
        encoder = file["features"].attrs["encoder"]
    patch_size_level0 = attributes["patch_size_level0"]
    magnification = attributes["level0_magnification"] / attributes["target_magnification"]
    assert attributes["patch_size"] == 256
    assert attributes["overlap"] == 16
    assert attributes["name"] == "슬라이드"
    assert (attributes["level0_width"], attributes["level0_height"]) == (2220, 2967)
    return features, coords, int(patch_size_level0), float(magnification), str(encoder)


def clam_style(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The way CLAM reads a bag: two data sets and nothing else."""
    with h5py.File(path, "r") as file:
        return file["features"][:], file["coords"][:].astype(np.int32)


def test_a_trident_style_reader_gets_all_it_looks_up(tmp_path: Path) -> None:
    bag = make_bag()
    features, coords, patch, magnification, encoder = trident_style(written(tmp_path, bag))
    np.testing.assert_array_equal(features, bag.features)
    np.testing.assert_array_equal(coords, bag.locations)
    assert (features.dtype, coords.dtype) == (np.float32, np.int64)
    assert (patch, magnification, encoder) == (502, 2.0, "encoder_texture/texture")


def test_a_clam_style_reader_gets_the_bag(tmp_path: Path) -> None:
    bag = make_bag()
    features, coords = clam_style(written(tmp_path, bag))
    np.testing.assert_array_equal(features, bag.features)
    np.testing.assert_array_equal(coords, bag.locations)


def test_the_superset_says_where_everything_came_from(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        make_bag(),
        encoder_sha256="ab" * 32,
        encoder_params={"stains": "qupath"},
        stain={"method": "macenko"},
        tool_version="0.1.0",
        run_id="run-1",
        warning="careful",
    )
    with h5py.File(path, "r") as file:
        attributes = dict(file.attrs)
    assert attributes["mpp"] == 0.5
    assert attributes["mpp_source"] == "given"
    assert (attributes["level0_mpp_x"], attributes["level0_mpp_y"]) == (0.25, 0.26)
    assert list(attributes["tile_size_level0"]) == [512.0, 492.3]
    assert attributes["slide_quickhash"] == INFO.slide_id
    assert json.loads(attributes["encoder_preproc"]) == {"stains": "qupath"}
    assert json.loads(attributes["stain_norm"]) == {"method": "macenko"}
    assert (attributes["encoder_sha256"], attributes["warning"]) == ("ab" * 32, "careful")


def test_our_own_reader_gets_an_equal_bag(tmp_path: Path) -> None:
    bag = make_bag(3000)
    back = read_features(written(tmp_path, bag))
    np.testing.assert_array_equal(back.features, bag.features)
    np.testing.assert_array_equal(back.locations, bag.locations)
    assert (back.tile_size, back.feature_names) == (bag.tile_size, bag.feature_names)


def test_no_stain_is_the_word_none_and_no_tile_is_an_empty_bag(tmp_path: Path) -> None:
    path = written(tmp_path, make_bag(0))
    assert read_features(path).features.shape == (0, 3)
    with h5py.File(path, "r") as file:
        assert file.attrs["stain_norm"] == "None"


def test_another_file_is_refused_with_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(b"not HDF5")
    with pytest.raises(StorageError, match="not a feature file"):
        read_features(path)
