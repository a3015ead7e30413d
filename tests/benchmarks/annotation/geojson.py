"""GeoJSON of 10⁵ and 10⁶ nuclei: read until it can be drawn, and written.

    .venv/bin/python tests/benchmarks/peers/setup.py      # once: geopandas, in an environment of its own
    .venv/bin/python tests/benchmarks/annotation/geojson.py

Rows 7 and 8. Every measurement is a process of its own, the file's pages warm; the best of three interleaved
rounds with 10⁵, one with 10⁶. *Read* is: an indexed snapshot with closed rings, finite, and how many objects
lie beside the slide. *json and shapely* is ``json.load`` and ``shapely.geometry.shape`` for each feature.
*orjson, feature by feature* writes one dictionary after the other, whose rings are rounded and closed arrays
before the clock starts; both writers sync and rename. Memory is how much the process grew at most (Linux).
Prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))

from crowd import SIDE, VERTICES, cache_folder, nuclei
from setup import interpreter

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.storage.atomic import atomic_file
from desktop_app.storage.geojson import read_geojson, write_snapshot
from desktop_app.ui.annotation_files import outside_count

PEERS = Path(__file__).resolve().parents[1] / "peers"
SMALL, LARGE, ROUNDS = 10**5, 10**6, 3
NO_IDS = np.zeros(0, "S16")
COLORS = {"Tumor": [200, 0, 0], "Stroma": [150, 200, 150], "Immune cells": [160, 90, 160]}


def file_of(count: int) -> Path:
    """The nuclei as a file, written where it is not there yet."""
    path = cache_folder() / f"nuclei-{count}.geojson"
    if not path.exists():
        write_snapshot(path, AnnotationSnapshot.empty().replaced(NO_IDS, nuclei(count)))
    return path


def memory(name: str) -> int:
    """A line of this process's state in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds and bytes that some work took."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = memory("VmRSS")
    began = time.perf_counter()
    held = work()
    seconds = time.perf_counter() - began
    grown = memory("VmHWM") - before
    del held
    return seconds, grown


def read_ours(path: Path) -> AnnotationSnapshot:
    """Read until it can be drawn."""
    found = read_geojson(path).annotations
    if outside_count(found, (SIDE, SIDE)):
        raise SystemExit("nuclei lie beside the slide")
    return AnnotationSnapshot.empty().replaced(NO_IDS, found)


def read_json(path: Path) -> list[object]:
    """Read with the standard library and shapely."""
    from shapely.geometry import shape

    with path.open(encoding="utf-8") as file:
        return [shape(feature["geometry"]) for feature in json.load(file)["features"]]


def write_ours(count: int) -> tuple[float, float]:
    """Write the columns."""
    snapshot = AnnotationSnapshot.empty().replaced(NO_IDS, nuclei(count))
    return measured(lambda: write_snapshot(cache_folder() / "ours.geojson", snapshot))


def write_orjson(count: int) -> tuple[float, float]:
    """Write feature by feature."""
    chunk = nuclei(count)
    rings = np.round(chunk.offsets.reshape(count, VERTICES, 2) + chunk.origin, 2)
    rings = np.ascontiguousarray(np.concatenate([rings, rings[:, :1]], axis=1))
    ids = [str(key) for key in chunk.uuids()]
    names = [chunk.class_names[row] for row in range(count)]

    def write() -> None:
        target = cache_folder() / "orjson.geojson"
        with atomic_file(target) as temporary, temporary.open("wb") as file:
            file.write(b'{"type":"FeatureCollection","features":[\n')
            for key, name, ring in zip(ids, names, rings, strict=True):
                feature = {
                    "type": "Feature",
                    "id": key,
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                    "properties": {
                        "objectType": "detection",
                        "classification": {"name": name, "color": COLORS.get(name or "", [50, 50, 50])},
                    },
                }
                file.write(orjson.dumps(feature, option=orjson.OPT_SERIALIZE_NUMPY) + b",\n")
            file.write(b"]}\n")

    return measured(write)


def child(*words: str) -> tuple[float, float]:
    """Measure in a process of its own."""
    command = [sys.executable, str(Path(__file__)), *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, grown = done.stdout.split()
    return float(seconds), float(grown)


def geopandas(path: Path) -> float:
    """Seconds that geopandas takes to read."""
    command = [str(interpreter()), str(PEERS / "read_geojson.py"), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[0])


def figures() -> dict[str, float]:
    """All of them."""
    small, large = file_of(SMALL), file_of(LARGE)
    sizes = {count: path.stat().st_size for count, path in ((SMALL, small), (LARGE, large))}
    rounds: dict[str, list[float]] = {name: [] for name in ("ours", "geopandas", "json", "write", "orjson")}
    grown_small = 0.0
    for _ in range(ROUNDS):
        seconds, grown_small = child("read", str(small))
        rounds["ours"].append(seconds)
        rounds["geopandas"].append(geopandas(small))
        rounds["json"].append(child("json", str(small))[0])
        rounds["write"].append(child("write", str(SMALL))[0])
        rounds["orjson"].append(child("orjson", str(SMALL))[0])
    best = {name: min(values) for name, values in rounds.items()}
    read_large, grown_large = child("read", str(large))
    write_large, written_grown = child("write", str(LARGE))
    return {
        "read_geopandas": best["ours"] / best["geopandas"],
        "read_json_shapely": best["ours"] / best["json"],
        "read_memory": grown_small / sizes[SMALL],
        "read_memory_large": grown_large / sizes[LARGE],
        "read_linear": read_large / (10 * best["ours"]),
        "read_s": best["ours"],
        "read_large_s": read_large,
        "geopandas_s": best["geopandas"],
        "geopandas_large_s": geopandas(large),
        "json_shapely_s": best["json"],
        "write_orjson": best["write"] / best["orjson"],
        "write_s": best["write"],
        "write_large_s": write_large,
        "write_memory_mb": written_grown / 2**20,
        "orjson_s": best["orjson"],
    }


def main() -> None:
    """Measure and print; with arguments, one thing only."""
    match sys.argv[1:]:
        case ["read", path]:
            print(*measured(lambda: read_ours(Path(path))))
        case ["json", path]:
            print(*measured(lambda: read_json(Path(path))))
        case ["write", count]:
            print(*write_ours(int(count)))
        case ["orjson", count]:
            print(*write_orjson(int(count)))
        case _:
            print(json.dumps(figures()))


if __name__ == "__main__":
    main()
