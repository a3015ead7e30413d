"""The normalizers beside TIAToolbox: its stored results, and the package itself where it is installed.

The package runs in an environment of its own (``tests/benchmarks/peers/setup.py``), in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from desktop_app.domain.color_maps import sparse_amounts
from desktop_app.engine.normalize import StainApplier
from desktop_app.plugin_api import FittedStain, RgbArray, StainDepths, density_of
from tests.support.plugin_cases import bundled_host
from tests.support.shared_data import shared_file

PEERS = Path(__file__).resolve().parents[1] / "benchmarks" / "peers"
THEIRS = {"intensity": 255.0, "dark": 0.0}
PRESETS: dict[str, dict[str, Any]] = {
    "macenko": THEIRS | {"alpha": 1.0, "counted": "lightness"},
    "ruifrok": THEIRS,
    "reinhard": {"round_down": True},
}
ASK = """
import sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from tiatoolbox_stain import normalizers
module, pixels = normalizers(), np.load(sys.argv[2])
answers = {}
for name in ("Macenko", "Ruifrok", "Reinhard", "Vahadane"):
    normalizer = getattr(module, name + "Normalizer")()
    normalizer.fit(pixels["target"].copy())
    answers[name.lower()] = normalizer.transform(pixels["source"].copy())
extractor = normalizer.extractor
answers["vectors"] = extractor.get_stain_matrix(pixels["source"].copy())
answers["target_vectors"] = extractor.get_stain_matrix(pixels["target"].copy())
np.savez(sys.argv[3], **answers)
"""


def picture(name: str) -> RgbArray:
    pixels = cv2.imread(str(shared_file(f"tiles/tiatoolbox_{name}.png")))
    return np.ascontiguousarray(pixels[..., ::-1])


def ours(method: str, folder: Path, **params: Any) -> RgbArray:
    """Source brought to target, through the applier that analysis uses."""
    source, target = picture("source"), picture("target")
    normalizer = bundled_host(folder).build("stain_normalizer", f"stain_{method}/{method}", params)
    fitted: FittedStain = normalizer.fit_to(source.reshape(-1, 3), target.reshape(-1, 3))
    assert not fitted.identity, fitted.note
    return StainApplier(fitted).apply(source[None])[0]


def difference(first: RgbArray, second: RgbArray) -> float:
    return float(np.abs(first.astype(int) - second).mean())


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the installed package makes of the same pictures."""
    sys.path.insert(0, str(PEERS))
    try:
        from setup import interpreter
    finally:
        sys.path.remove(str(PEERS))
    folder = tmp_path_factory.mktemp("tiatoolbox")
    np.savez(folder / "asked.npz", source=picture("source"), target=picture("target"))
    command = [interpreter(), "-c", ASK, PEERS, folder / "asked.npz", folder / "answers.npz"]
    if not interpreter().exists():
        pytest.skip("no environment of peers: tests/benchmarks/peers/setup.py makes it")
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip(f"TIAToolbox is not installed among the peers: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "answers.npz"))


@pytest.mark.parametrize("method", PRESETS)
def test_it_equals_the_stored_result(method: str, tmp_path: Path) -> None:
    expected = picture(f"expected_{method}")
    assert difference(ours(method, tmp_path, **PRESETS[method]), expected) <= 1


@pytest.mark.parametrize("method", PRESETS)
def test_it_equals_the_installed_package(method: str, tmp_path: Path, theirs: dict[str, Any]) -> None:
    assert difference(ours(method, tmp_path, **PRESETS[method]), theirs[method]) <= 1


def test_vahadane_equals_it_given_its_stain_vectors(theirs: dict[str, Any]) -> None:
    source, target = picture("source"), picture("target")
    measured = [
        StainDepths.measure(density_of(pixels, 255.0, 0.0), theirs[vectors].T)
        for pixels, vectors in ((source, "vectors"), (target, "target_vectors"))
    ]
    fitted = FittedStain("vahadane", measured[0].to_reference(measured[1]), 255.0, dark=0.0)
    assert difference(StainApplier(fitted).apply(source[None])[0], theirs["vahadane"]) <= 1


def test_vahadane_costs_no_more_than_theirs(tmp_path: Path, theirs: dict[str, Any]) -> None:
    source = picture("source")
    normalizer = bundled_host(tmp_path).build("stain_normalizer", "stain_vahadane/vahadane", THEIRS)
    found = normalizer.fit(source.reshape(-1, 3)).diagnostics
    density = density_of(source, 255.0, 0.0)
    stained = density[(density >= 0.15).all(axis=1)]

    def cost(vectors: np.ndarray) -> float:
        amounts = sparse_amounts(stained, vectors, 0.1)
        return float((((stained - amounts @ vectors.T) ** 2).sum(1) / 2 + 0.1 * amounts.sum(1)).mean())

    own = np.column_stack([found["hematoxylin"], found["eosin"]])
    assert cost(own) <= 1.02 * cost(theirs["vectors"].T)
