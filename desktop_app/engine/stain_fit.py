"""A stain normalizer of a plugin fitted for the canvas, in a process of its own.

The plugin's code never runs in the window: what comes back is a map of colors as plain JSON.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.stain import FittedStain
from desktop_app.engine.check_answers import check_stain
from desktop_app.engine.memory_limit import limit_memory
from desktop_app.errors import CoverslipError, PluginError
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.locations import Locations

SECONDS = 60.0
"""How long a fit may take; those of the bundled plugins take less than one."""


def tissue_pixels(pixels: RgbArray) -> RgbArray:
    """Those of sampled pixels that Otsu's threshold calls darker than glass.

    Parameters
    ----------
    pixels : RgbArray
        uint8 ``(N, 3)``.

    Returns
    -------
    RgbArray
        uint8 ``(M, 3)``.

    Notes
    -----
    *Source*: the rule of Prov-GigaPath's tiling: mean of red, green and blue below Otsu's threshold.
    """
    import cv2

    if not len(pixels):
        return pixels
    gray = np.rint(pixels.mean(axis=1)).astype(np.uint8)
    threshold, _ = cv2.threshold(gray[None], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return np.asarray(pixels[gray <= threshold], np.uint8)


def fit_in_process(
    pixels: RgbArray, locations: Locations, use: str, params: Mapping[str, Any], *, seconds: float = SECONDS
) -> FittedStain:
    """Fit a normalizer on pixels.

    Parameters
    ----------
    pixels : RgbArray
        uint8 ``(N, 3)``, tissue.
    locations : Locations
        Where plugins are.
    use : str
        ``"plugin_id/provided_id"``.
    params : Mapping[str, Any]
        Values by name; those left out take their defaults.
    seconds : float
        How long it may take.

    Returns
    -------
    FittedStain
        The identity, with its reason, where the normalizer had too little to fit on.

    Raises
    ------
    PluginError
        If it is missing, not trusted or broken, answers nonsense, or crashed or hung its process.
    """
    plugin_id = use.split("/", maxsplit=1)[0]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, pixels, locations, use, dict(params)), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise PluginError(
                plugin_id, f"The plugin {plugin_id} did not answer for {seconds:g} s and was stopped."
            )
        said = json.loads(ours.recv_bytes())
    except EOFError:
        process.join()
        reason = f"The plugin {plugin_id} crashed its process (exit code {process.exitcode})."
        raise PluginError(plugin_id, reason) from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if "refused" in said:
        raise PluginError(plugin_id, said["refused"])
    return FittedStain.from_json(said["fitted"])


def _serve(
    connection: Connection, pixels: RgbArray, locations: Locations, use: str, params: dict[str, Any]
) -> None:
    limit_memory()
    host = PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)
    try:
        fitted = check_stain(host.build("stain_normalizer", use, params).fit(pixels), use)
        said: dict[str, Any] = {"fitted": fitted.to_json()}
    except CoverslipError as error:
        said = {"refused": str(error)}
    except MemoryError:
        said = {"refused": f"The plugin {use.split('/', maxsplit=1)[0]} needs more memory than there is."}
    connection.send_bytes(json.dumps(said).encode())
