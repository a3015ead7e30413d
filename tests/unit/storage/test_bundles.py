"""Model bundles: what is written comes back, and nothing else is believed."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.errors import ModelBundleError, StorageError
from desktop_app.storage.bundles import find_bundle, list_bundles, read_bundle, write_bundle

CONTENT = b"weights, as far as a bundle is concerned"


def described(**changes: Any) -> ModelBundle:
    bundle = ModelBundle(
        path=Path(),
        bundle_id="nests-1.0",
        name="Nests 둥지",
        version="1.0",
        licence="Apache-2.0",
        kind="aggregator",
        architecture="mil_attention/additive",
        encoder="encoder_texture/texture",
        n_features=3,
        tile_px=256,
        mpp=0.5,
        classes=(
            ModelClass("종양 Tumor", (200, 0, 10), 0.4, -0.0125),
            ModelClass("Stroma", (0, 255, 0), 1.0, 2.0),
        ),
        weights=Path(),
        sha256="",
        architecture_params={"hidden_bias": False, "attention_hidden": 16},
        feature_names=("a", "b", "c"),
        demonstration=True,
        training={"seed": 7, "domain": {"mean": [1.0, 2.5]}},
    )
    return replace(bundle, **changes)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "trained.safetensors"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def written(tmp_path: Path, weights: Path) -> Path:
    folder = tmp_path / "models" / "모델"
    write_bundle(folder, described(), weights)
    return folder


def change(folder: Path, **values: Any) -> None:
    """Replace top-level keys of a manifest; None removes one."""
    path = folder / "bundle.toml"
    manifest = tomllib.loads(path.read_text("utf-8")) | values
    kept = {key: value for key, value in manifest.items() if value is not None}
    path.write_bytes(tomli_w.dumps(kept).encode("utf-8"))


def weights_table(folder: Path, **values: Any) -> dict[str, Any]:
    manifest = tomllib.loads((folder / "bundle.toml").read_text("utf-8"))
    table: dict[str, Any] = manifest["weights"]
    return table | values


def test_a_bundle_comes_back_as_it_was(tmp_path: Path, weights: Path) -> None:
    folder = tmp_path / "deep" / "모델"
    digest = hashlib.sha256(CONTENT).hexdigest()
    expected = described(path=folder, weights=folder / "weights.safetensors", sha256=digest)
    assert write_bundle(folder, described(), weights) == expected
    assert read_bundle(folder) == expected
    assert sorted(path.name for path in folder.iterdir()) == ["bundle.toml", "weights.safetensors"]
    assert (folder / "weights.safetensors").read_bytes() == CONTENT


def test_optional_keys_have_defaults(written: Path) -> None:
    change(written, demonstration=None, feature_names=None, architecture_params=None, training=None)
    bundle = read_bundle(written)
    assert bundle.demonstration is False
    assert bundle.feature_names == ()
    assert bundle.architecture_params == bundle.training == {}


def test_a_bundle_is_replaced_and_may_take_its_own_weights(written: Path) -> None:
    bundle = read_bundle(written)
    again = write_bundle(written, replace(bundle, version="2"), bundle.weights)
    assert again == replace(bundle, version="2")
    assert read_bundle(written) == again


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": None}, "name is missing"),
        ({"name": " "}, "name is empty"),
        ({"name": 5}, "name is 5, which is of the wrong type"),
        ({"label": "x"}, "label is not a key"),
        ({"schema": 2}, "schema is 2, this version of Coverslip reads 1"),
        ({"id": "../evil"}, "id is '../evil', must be lower-case"),
        ({"kind": "slide_encoder"}, "kind is 'slide_encoder', must be one of aggregator"),
        ({"architecture": "additive"}, "architecture is 'additive', must be like"),
        ({"n_features": 0}, "n_features is 0, must be at least 1"),
        ({"n_features": True}, "n_features is True, which is of the wrong type"),
        ({"n_features": 4}, "feature_names has 3 names for 4 features"),
        ({"feature_names": ["a", "b", "a"]}, "feature_names names a feature twice"),
        ({"feature_names": ["a", "b", 1]}, "feature_names must be a list of texts"),
        ({"mpp": 0.0}, "mpp is 0, must be above 0"),
        ({"mpp": float("nan")}, "mpp is not a finite number"),
        ({"demonstration": 1}, "demonstration is 1, which is of the wrong type"),
        ({"classes": []}, "classes must be at least one table"),
        ({"training": "much"}, "training is 'much', which is of the wrong type"),
        ({"weights": None}, "weights is missing"),
    ],
)
def test_a_mistake_is_named_by_its_key(written: Path, values: dict[str, Any], sentence: str) -> None:
    change(written, **values)
    with pytest.raises(ModelBundleError) as caught:
        read_bundle(written)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("The model bundle 모델 cannot be used: ")
    assert caught.value.path == written


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"color": [1, 2]}, "classes[1].color is [1, 2], must be three"),
        ({"color": [1, 2, 256]}, "classes[1].color is [1, 2, 256]"),
        ({"decision_threshold": 1.5}, "classes[1].decision_threshold is 1.5, must be a probability"),
        ({"region_threshold": float("inf")}, "classes[1].region_threshold is not a finite number"),
        ({"name": "A"}, "classes names a class twice"),
        ({"label": "A"}, "classes[1].label is not a key"),
    ],
)
def test_a_mistake_in_a_class_is_named_too(written: Path, values: dict[str, Any], sentence: str) -> None:
    good = {"name": "A", "color": [1, 2, 3], "decision_threshold": 0.5, "region_threshold": 0.0}
    change(written, classes=[good, good | {"name": "B"} | values])
    with pytest.raises(ModelBundleError) as caught:
        read_bundle(written)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../trained.safetensors", "/etc/passwd", "a\\b.safetensors", "C:x.safetensors", "weights.pt", ""]
)
def test_weights_are_a_safetensors_file_inside_the_folder(written: Path, name: str) -> None:
    change(written, weights=weights_table(written, file=name))
    with pytest.raises(ModelBundleError, match=r"weights\.file is"):
        read_bundle(written)


def test_a_link_is_refused(written: Path, weights: Path) -> None:
    target = written / "weights.safetensors"
    target.unlink()
    try:
        target.symlink_to(weights)
    except OSError:
        pytest.skip("this system lets no one make links")
    with pytest.raises(ModelBundleError, match="is a link"):
        read_bundle(written)


def test_changed_shortened_and_missing_weights_are_refused(written: Path) -> None:
    path = written / "weights.safetensors"
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ModelBundleError, match="SHA-256"):
        read_bundle(written)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelBundleError, match=f"has {len(CONTENT) - 1} bytes instead of {len(CONTENT)}"):
        read_bundle(written)
    path.unlink()
    with pytest.raises(ModelBundleError, match=r"weights\.safetensors is missing"):
        read_bundle(written)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"schema = ", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (None, "is missing")],
)
def test_an_unreadable_manifest_is_refused(written: Path, content: bytes | None, sentence: str) -> None:
    path = written / "bundle.toml"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelBundleError, match=sentence):
        read_bundle(written)


@pytest.mark.parametrize(
    "changes",
    [{"bundle_id": "No Good"}, {"classes": ()}, {"mpp": float("nan")}, {"training": {"note": None}}],
)
def test_what_could_not_be_read_back_is_not_written(
    tmp_path: Path, weights: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(ModelBundleError):
        write_bundle(tmp_path / "new", described(**changes), weights)
    assert not (tmp_path / "new").exists()


def test_missing_weights_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_bundle(tmp_path / "new", described(), tmp_path / "nowhere.safetensors")
    assert not (tmp_path / "new").exists()


def test_bundles_are_found_by_id_by_folder_name_and_by_path(written: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "none", written.parent]
    assert find_bundle("nests-1.0", folders).path == written
    assert find_bundle("모델", folders).path == written
    assert find_bundle(str(written), []).path == written
    with pytest.raises(ModelBundleError, match="there is none of that name"):
        find_bundle("other", folders)


def test_the_first_folder_wins(written: Path, tmp_path: Path, weights: Path) -> None:
    shipped = tmp_path / "shipped"
    write_bundle(shipped / "nests", described(name="Shipped"), weights)
    write_bundle(shipped / "another", described(bundle_id="another"), weights)
    assert [bundle.name for bundle in list_bundles([written.parent, shipped])] == ["Nests 둥지", "Nests 둥지"]
    assert [bundle.name for bundle in list_bundles([shipped, written.parent])] == ["Nests 둥지", "Shipped"]
    assert find_bundle("nests-1.0", [shipped, written.parent]).name == "Shipped"


def test_a_list_leaves_out_what_is_no_bundle(written: Path, tmp_path: Path) -> None:
    (written.parent / "notes").mkdir()
    (written.parent / "readme.txt").write_text("not a folder", "utf-8")
    broken = written.parent / "broken"
    broken.mkdir()
    (broken / "bundle.toml").write_bytes(b"schema = 1")
    assert [bundle.path for bundle in list_bundles([tmp_path / "none", written.parent])] == [written]
    with pytest.raises(ModelBundleError, match="is missing"):
        find_bundle("broken", [written.parent])
