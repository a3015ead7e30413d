"""napari on the big slide: first picture, jumps and pan frames.

    PEERS/bin/python tests/benchmarks/peers/napari_tour.py SLIDE CENTERS.json

Run by ``tests/benchmarks/canvas/beside_napari.py`` in the peers' environment, under a display. The slide's
levels are zarr arrays over the file (tifffile); slicing is synchronous, which is napari's default, so that a
frame is done when its events are processed. Prints JSON: ``first_at`` on the monotonic clock, lists in ms.
"""

from __future__ import annotations

import json
import sys
import time

import napari
import tifffile
import zarr
from qtpy.QtWidgets import QApplication

VIEW = (1280, 900)


def levels(path: str) -> list[zarr.Array]:
    """The pyramid, finest first."""
    group = zarr.open(tifffile.imread(path, aszarr=True), mode="r")
    return [group[str(index)] for index in range(len(list(group.array_keys())))]


def shown(viewer: napari.Viewer) -> None:
    """Everything sliced and painted."""
    viewer.window._qt_viewer.canvas.native.repaint()
    QApplication.processEvents()


def move_ms(viewer: napari.Viewer, x: float, y: float) -> float:
    """Milliseconds to another middle."""
    began = time.perf_counter()
    viewer.scene.camera.center = (0, y, x)
    shown(viewer)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """The same views as ours."""
    with open(sys.argv[2], encoding="utf-8") as file:  # noqa: PTH123 - plain in a script for another venv
        tour = json.load(file)
    viewer = napari.Viewer(show=True)
    viewer.window._qt_window.resize(VIEW[0] + 320, VIEW[1] + 120)
    canvas = viewer.window._qt_viewer.canvas.native
    canvas.setFixedSize(*VIEW)
    viewer.add_image(levels(sys.argv[1]), multiscale=True, rgb=True)
    viewer.reset_view()
    shown(viewer)
    first_at = time.monotonic()
    assert (canvas.width(), canvas.height()) == VIEW
    viewer.scene.camera.zoom = 1.0
    jumps = [move_ms(viewer, x, y) for x, y in tour["jumps"]]
    level = int(viewer.layers[0].data_level)
    pans = [move_ms(viewer, x, y) for x, y in tour["pan"]]
    print(json.dumps({"first_at": first_at, "jump_ms": jumps, "pan_ms": pans, "level": level}))


if __name__ == "__main__":
    main()
