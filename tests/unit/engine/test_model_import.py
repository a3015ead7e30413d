"""Models brought in: each form, what is refused, and that nothing is left of a refusal."""

from __future__ import annotations

import json
import os
import zipfile
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from desktop_app.domain.tile_model import TileModel
from desktop_app.engine.model_import import check_model, import_in_process, import_model, try_in_process
from desktop_app.errors import ModelBundleError
from desktop_app.storage import model_source
from desktop_app.storage.model_source import recognize, unpack
from desktop_app.storage.model_store import StoredModel, list_models, read_model, remove_model

WSINFER = {
    "spec_version": "1.0",
    "architecture": "tiny",
    "num_classes": 2,
    "patch_size_pixels": 32,
    "spacing_um_px": 0.25,
    "class_names": ["Tumor", "Other"],
    "transform": [
        {"name": "Resize", "arguments": {"size": 16}},
        {"name": "ToTensor"},
        {"name": "Normalize", "arguments": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}},
    ],
}


class Tiny(torch.nn.Module):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([factor, 2.0, 3.0]))

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        return tiles.mean(dim=(2, 3)) * self.weight


class Rogue:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/never",)


def write_wsinfer(folder: Path, network: torch.nn.Module | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(WSINFER))
    (folder / "LICENSE").write_text("\nApache License 2.0\nmore")
    torch.jit.script(network or Tiny()).save(str(folder / "torchscript_model.pt"))
    return folder


def stored(models: Path) -> StoredModel:
    (only,) = list_models([models])
    return only


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "모델"


def test_a_wsinfer_folder_becomes_a_classifier(tmp_path: Path, models: Path) -> None:
    source = recognize(write_wsinfer(tmp_path / "Breast tumor"))
    assert source.licence == "Apache License 2.0"
    folder = import_in_process(source, models, licence=source.licence)
    model = read_model(folder)
    assert isinstance(model, TileModel)
    assert (model.model_id, model.kind, model.classes) == ("breast-tumor", "classifier", ("Tumor", "Other"))
    assert (model.input.tile_px, model.input.mpp, model.input.mean) == (16, 0.25, (0.5, 0.5, 0.5))
    record = stored(models).record
    assert record is not None
    assert record.dry_run.output_shape == (1, 3)
    assert len(record.dry_run.output_sha256) == 64
    assert record.licence_accepted.endswith("+00:00")
    assert try_in_process(folder).output_sha256 == record.dry_run.output_sha256
    assert [path.name for path in models.iterdir()] == ["breast-tumor"]


def test_the_same_in_a_zip_and_as_a_plain_file(tmp_path: Path, models: Path) -> None:
    folder = write_wsinfer(tmp_path / "tiny")
    packed = tmp_path / "stick.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"tiny/{path.name}")
    found = recognize(unpack(packed, tmp_path / "scratch"))
    assert (found.form, found.kind) == ("torchscript", "classifier")
    alone = recognize(folder / "torchscript_model.pt")
    assert (alone.form, alone.kind, alone.input.tile_px) == ("torchscript", "network", 224)
    assert import_model(alone, models, "MIT").name == "torchscript_model"


@pytest.mark.parametrize(
    "saved",
    [
        lambda tensors: tensors,
        lambda tensors: {"state_dict": {f"module.{name}": one for name, one in tensors.items()}, "epoch": 3},
        lambda tensors: {"teacher": OrderedDict((f"backbone.{name}", one) for name, one in tensors.items())},
    ],
)
def test_a_state_dict_is_stored_as_safetensors_with_both_hashes(
    tmp_path: Path, models: Path, saved: Any
) -> None:
    tensors = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}
    path = tmp_path / "net.pth"
    torch.save(saved(tensors), path)
    model = read_model(import_model(recognize(path), models, "MIT"))
    assert isinstance(model, TileModel)
    assert model.weights.suffix == ".safetensors"
    assert model.sha256 != model.source_sha256
    read = load_file(model.weights)
    assert set(read) == set(tensors)
    assert torch.equal(read["a.weight"], tensors["a.weight"])
    record = stored(models).record
    assert record is not None
    assert "no architecture" in record.dry_run.note


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (Rogue(), "system"),
        ({"state_dict": {"a": torch.ones(2)}, "args": SimpleNamespace(lr=1)}, "types.SimpleNamespace"),
        (Tiny(), "Tiny"),
        ({"a": np.ones(2)}, "numpy"),
    ],
)
def test_anything_but_tensors_is_refused_by_its_type(
    tmp_path: Path, models: Path, content: Any, name: str
) -> None:
    path = tmp_path / "net.pth"
    torch.save(content, path)
    with pytest.raises(ModelBundleError, match=f"it holds .*{name}"):
        import_in_process(recognize(path), models, licence="MIT")
    assert list(models.iterdir()) == []
    assert not Path("/tmp/never").exists()


def test_a_file_that_is_nothing_is_refused(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelBundleError, match="damaged or no state dict"):
        import_model(recognize(path), models, "MIT")
    with pytest.raises(ModelBundleError, match="it is no model file"):
        recognize(Path(__file__))


def test_a_timm_folder_becomes_an_encoder(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "vit"
    folder.mkdir()
    config = {"architecture": "vit_tiny", "num_classes": 0, "pretrained_cfg": {"input_size": [3, 96, 96]}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelBundleError) as caught:
        recognize(folder)
    assert "the file model.safetensors or pytorch_model.bin is missing" in caught.value.reason
    assert str(folder) in caught.value.reason
    save_file({"a": torch.ones(2)}, folder / "model.safetensors")
    (folder / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    source = recognize(folder)
    assert (source.kind, source.architecture, source.licence) == ("encoder", "vit_tiny", "cc-by-nc-4.0")
    assert source.input.tile_px == 96


def test_an_empty_folder_says_what_is_missing_and_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(ModelBundleError, match=r"the file config\.json is missing.*does not download"):
        recognize(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(WSINFER))
    with pytest.raises(ModelBundleError, match=r"the file torchscript_model\.pt is missing"):
        recognize(tmp_path)


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "c:out.txt"])
def test_a_zip_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(ModelBundleError, match="leads out"):
        unpack(packed, tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_links_and_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(ModelBundleError, match="is a link"):
        unpack(packed, tmp_path / "scratch")
    folder = write_wsinfer(tmp_path / "tiny")
    monkeypatch.setattr(model_source, "MAX_BYTES", 100)
    with pytest.raises(ModelBundleError, match="it holds more than"):
        recognize(folder)
    monkeypatch.undo()
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(ModelBundleError, match="link is a link"):
        recognize(folder)


def test_a_network_that_cannot_be_run_is_not_added(tmp_path: Path, models: Path) -> None:
    folder = write_wsinfer(tmp_path / "nan", Tiny(float("nan")))
    with pytest.raises(ModelBundleError, match=r"The model bundle nan cannot be used: .* not finite"):
        import_model(recognize(folder), models, "MIT")
    assert list(models.iterdir()) == []


def test_changed_weights_are_found_and_a_model_can_be_removed(tmp_path: Path, models: Path) -> None:
    folder = import_model(recognize(write_wsinfer(tmp_path / "tiny")), models, "MIT")
    weights = folder / "weights.pt"
    weights.write_bytes(weights.read_bytes() + b"x")
    with pytest.raises(ModelBundleError, match="damaged or changed"):
        check_model(folder)
    weights.unlink()
    assert f"the file weights.pt is missing: put it into {folder}" in stored(models).problem
    remove_model(stored(models))
    assert list_models([models]) == ()


def test_a_bundle_is_taken_over_with_nothing_else_in_its_folder(tmp_path: Path, models: Path) -> None:
    folder = import_model(recognize(write_wsinfer(tmp_path / "tiny")), tmp_path / "stick", "MIT")
    (folder / "virus.exe").touch()
    again = import_model(recognize(folder), models, "MIT")
    assert sorted(path.name for path in again.iterdir()) == ["bundle.toml", "import.json", "weights.pt"]


def test_the_shipped_bundle_is_listed_and_stays(models: Path) -> None:
    from desktop_app.storage.locations import Locations

    (shipped,) = list_models([models, *Locations.default().bundle_folders[1:]])
    assert (shipped.model_id, shipped.problem, shipped.removable) == ("demonstration", "", False)
    with pytest.raises(ModelBundleError, match="stays"):
        remove_model(shipped)


def test_an_import_that_the_user_stops_adds_nothing(tmp_path: Path) -> None:
    source = recognize(write_wsinfer(tmp_path / "wsinfer"))
    with pytest.raises(ModelBundleError, match="was stopped"):
        import_in_process(source, tmp_path / "models", licence="MIT", stopped=lambda: True)
    assert list((tmp_path / "models").iterdir()) == []
