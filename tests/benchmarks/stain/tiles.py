"""Normalizers on tiles of 256 and 1024 px: ours, bare OpenCV, torchstain, TIAToolbox.

TIAToolbox runs in the environment of the peers, fed over a pipe, and times itself; rounds are interleaved.
Prints one JSON line; times are the best of three medians, in ms for a tile.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))

from setup import interpreter

from desktop_app.conformance.samples import stained_tiles
from desktop_app.engine.normalize import StainApplier
from desktop_app.plugin_api import FittedStain
from desktop_app.plugin_host import PluginHost

PEERS = Path(__file__).resolve().parents[1] / "peers"
CHECKOUT = Path(__file__).resolve().parents[3]

ROUNDS, LEAST = 3, 13
THREADS = 2
METHODS = ("macenko", "reinhard", "vahadane")
SUB_SAMPLE = 16
"""One pixel in so many, for the fit that does not look at all."""

PEER = """
import sys
sys.path.insert(0, sys.argv[1])
import statistics, time, warnings
import cv2
import numpy as np
from tiatoolbox_stain import normalizers
warnings.filterwarnings("ignore")
cv2.setNumThreads(2)
module, tiles = normalizers(), np.load(sys.argv[2])
fitted = {}
for name in ("Macenko", "Reinhard", "Vahadane"):
    fitted[name.lower()] = getattr(module, name + "Normalizer")()
    fitted[name.lower()].fit(tiles["256"][-1].copy())
print("ready", flush=True)
for line in sys.stdin:
    method, size, count = line.split()
    took = []
    for index in range(int(count)):
        tile = tiles[size][index % len(tiles[size])].copy()
        began = time.perf_counter()
        fitted[method].transform(tile)
        took.append(1000 * (time.perf_counter() - began))
    print(statistics.median(took), flush=True)
"""


def bundled_host(folder: Path) -> PluginHost:
    """A host of the bundled plugins alone."""
    return PluginHost(CHECKOUT / "plugins", folder / "plugins", folder / "trusted.json")


def timed(work: Callable[[int], object], count: int = LEAST) -> float:
    """The median of ``count`` calls, ms."""
    work(0)
    took = []
    for index in range(count):
        began = time.perf_counter()
        work(index)
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def bare(fitted: FittedStain) -> Callable[[np.ndarray], np.ndarray]:
    """The least that OpenCV must do for a map in optical density."""
    table = np.log((np.arange(256) + 1) / fitted.intensity).astype(np.float32)
    matrix = fitted.matrix.astype(np.float32)
    return lambda tile: cv2.convertScaleAbs(
        cv2.exp(cv2.transform(cv2.LUT(tile, table), matrix)), alpha=fitted.intensity
    )


def works(tiles: dict[int, np.ndarray], folder: Path) -> dict[str, Callable[[int], object]]:
    """What is timed, by name."""
    import torch
    import torchstain.torch.normalizers

    torch.set_num_threads(THREADS)
    host = bundled_host(folder)
    normalizers = {name: host.build("stain_normalizer", f"stain_{name}/{name}", {}) for name in METHODS}
    theirs = torchstain.torch.normalizers.TorchMacenkoNormalizer()
    as_torch = {size: torch.from_numpy(some.transpose(0, 3, 1, 2).copy()) for size, some in tiles.items()}
    slide = tiles[256].reshape(-1, 3)
    fits = {name: normalizer.fit(slide) for name, normalizer in normalizers.items()}
    appliers = {name: StainApplier(fitted) for name, fitted in fits.items()}
    opencv = bare(fits["macenko"])

    def at(size: int, index: int) -> np.ndarray:
        return tiles[size][index % len(tiles[size])][None]

    def fit_and_apply(name: str, index: int, step: int = 1) -> object:
        tile = at(256, index)
        return StainApplier(normalizers[name].fit(tile.reshape(-1, 3)[::step])).apply(tile)

    found: dict[str, Callable[[int], object]] = {
        "reinhard_256": lambda index: appliers["reinhard"].apply(at(256, index)),
        "macenko_fit_256": lambda index: fit_and_apply("macenko", index),
        "macenko_sub_256": lambda index: fit_and_apply("macenko", index, SUB_SAMPLE),
        "vahadane_fit_256": lambda index: fit_and_apply("vahadane", index),
        "opencv_64": lambda index: [opencv(tile) for tile in tiles[256]],
        "apply_64": lambda index: appliers["macenko"].apply(tiles[256]),
    }
    for size in tiles:
        found[f"opencv_{size}"] = lambda index, size=size: opencv(at(size, index)[0])
        found[f"apply_{size}"] = lambda index, size=size: appliers["macenko"].apply(at(size, index))
        found[f"torchstain_{size}"] = lambda index, size=size: theirs.normalize(
            as_torch[size][index % len(as_torch[size])], stains=False
        )
    return found


def sub_sampled_difference(tiles: np.ndarray, folder: Path) -> float:
    """Gray levels between the fit on all pixels and on some, the mean over tiles."""
    normalizer = bundled_host(folder).build("stain_normalizer", "stain_macenko/macenko", {})
    differences = []
    for tile in tiles:
        full, some = (normalizer.fit(tile.reshape(-1, 3)[::step]) for step in (1, SUB_SAMPLE))
        differences.append(np.abs(full.apply(tile).astype(int) - some.apply(tile)).mean())
    return float(np.mean(differences))


def main() -> None:
    """Measure and print."""
    cv2.setNumThreads(THREADS)
    tiles = {256: stained_tiles(64, 256), 1024: stained_tiles(4, 1024, seed=1)}
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "tiles.npz", **{str(size): some for size, some in tiles.items()})
        command = [str(interpreter()), "-c", PEER, str(PEERS), str(folder / "tiles.npz")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
            assert peer.stdin is not None
            assert peer.stdout is not None
            peer.stdout.readline()
            for _ in range(ROUNDS):
                for figure, work in works(tiles, folder).items():
                    best[figure] = min(best.get(figure, np.inf), timed(work))
                for method in METHODS:
                    peer.stdin.write(f"{method} 256 {LEAST}\n")
                    peer.stdin.flush()
                    key = f"tiatoolbox_{method}_256"
                    best[key] = min(best.get(key, np.inf), float(peer.stdout.readline()))
            peer.stdin.close()
        best["sub_levels"] = sub_sampled_difference(tiles[256][:12], folder)
    for batch in ("opencv_64", "apply_64"):
        best[batch] /= 64
    ratios = {
        "apply_ratio": best["apply_256"] / best["opencv_256"],
        "apply_64_ratio": best["apply_64"] / best["opencv_64"],
        "apply_1024_ratio": best["apply_1024"] / best["opencv_1024"],
        "fit_gain": best["torchstain_256"] / best["macenko_fit_256"],
        "sub_gain": best["torchstain_256"] / best["macenko_sub_256"],
        "reinhard_gain": best["tiatoolbox_reinhard_256"] / best["reinhard_256"],
        "vahadane_gain": best["tiatoolbox_vahadane_256"] / best["vahadane_fit_256"],
        "large_gain": best["torchstain_1024"] / best["apply_1024"],
        "design_gain": best["torchstain_256"] / best["apply_256"],
    }
    print(json.dumps(best | ratios))


if __name__ == "__main__":
    main()
