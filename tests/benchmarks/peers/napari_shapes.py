"""napari's shapes layer with the bermuda backend: adding polygons, and frames of a panned view.

    PEERS/bin/python tests/benchmarks/peers/napari_shapes.py POLYGONS.npy WAY.json

Run by ``tests/benchmarks/annotation/beside_shapes.py`` in the peers' environment, under a display. The
polygons are float32 ``(N, M, 2)`` in x, y. Prints JSON: ``add_s`` until they are painted, ``pan_ms`` for
each frame.
"""

from __future__ import annotations

import json
import sys
import time

import napari
import numpy as np
from napari.settings import get_settings
from napari.utils.triangulation_backend import TriangulationBackend
from qtpy.QtWidgets import QApplication

VIEW = (1280, 900)


def shown(viewer: napari.Viewer) -> None:
    """Everything painted."""
    viewer.window._qt_viewer.canvas.native.repaint()
    QApplication.processEvents()


def added_s(viewer: napari.Viewer, polygons: np.ndarray, side: float) -> float:
    """Seconds to add polygons (row, column) and paint them with the whole slide in view."""
    viewer.scene.camera.center = (0, side / 2, side / 2)
    viewer.scene.camera.zoom = min(VIEW) / side
    shown(viewer)
    began = time.perf_counter()
    viewer.add_shapes(
        list(polygons), shape_type="polygon", face_color="transparent", edge_color="red", edge_width=2
    )
    shown(viewer)
    return time.perf_counter() - began


def main() -> None:
    """The same polygons and views as ours."""
    with open(sys.argv[2], encoding="utf-8") as file:  # noqa: PTH123 - plain in a script for another venv
        way = json.load(file)
    get_settings().experimental.triangulation_backend = TriangulationBackend.bermuda
    viewer = napari.Viewer(show=True)
    viewer.window._qt_window.resize(VIEW[0] + 320, VIEW[1] + 120)
    viewer.window._qt_viewer.canvas.native.setFixedSize(*VIEW)
    viewer.add_image(np.full((64, 64), 255, np.uint8), scale=(way["side"] / 64,) * 2)
    shown(viewer)
    # The first shapes of a process import and compile what the others use.
    viewer.add_shapes([np.array([[0, 0], [0, 9], [9, 9.0]])], shape_type="polygon")
    shown(viewer)
    took = added_s(viewer, np.load(sys.argv[1])[..., ::-1], way["side"])
    pans = []
    for x, y in way["pan"]:
        began = time.perf_counter()
        viewer.scene.camera.center = (0, y, x)
        shown(viewer)
        pans.append(1000 * (time.perf_counter() - began))
    print(json.dumps({"add_s": took, "pan_ms": pans[1:]}))


if __name__ == "__main__":
    main()
