"""Feature bags as HDF5, readable by what reads TRIDENT's and CLAM's files.

``features`` ``(N, D)`` and ``coords`` ``(N, 2)`` with the attributes those tools write, and beside them
what they leave out: the exact pixel size and where it came from, the encoder, the stain and the version.
Any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from desktop_app.domain.prediction import Bag
from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.errors import StorageError
from desktop_app.storage.atomic import atomic_file

SCHEMA = "coverslip-features-1"

_CHUNK_ROWS = 1024


@dataclass(frozen=True, slots=True)
class FeatureProvenance:
    """Where features came from.

    Attributes
    ----------
    encoder : str
        ``"plugin_id/provided_id"``.
    encoder_sha256 : str
        Content hash of the encoder's plugin.
    encoder_params : Mapping[str, Any]
        Its parameters.
    stain : Mapping[str, Any] | None
        ``FittedStain.to_json()``, or None.
    tissue_params_hash : str
        SHA-256 of the tissue step.
    tool_version : str
        Of the application.
    run_id : str
        The run that made them.
    warning : str
        Empty, or the demonstration model's.
    """

    encoder: str
    encoder_sha256: str = ""
    encoder_params: Mapping[str, Any] = field(default_factory=dict)
    stain: Mapping[str, Any] | None = None
    tissue_params_hash: str = ""
    tool_version: str = ""
    run_id: str = ""
    warning: str = ""


def write_features(
    path: Path, bag: Bag, *, info: SlideInfo, settings: TileSettings, provenance: FeatureProvenance
) -> None:
    """Write the bag of a slide.

    Parameters
    ----------
    path : Path
        The ``.h5`` file; written atomically.
    bag : Bag
        Features and level-0 locations, in the frame of the whole canvas (slide bounds not subtracted).
    info : SlideInfo
        Of the slide, with its mpp.
    settings : TileSettings
        How the tiles were cut.
    provenance : FeatureProvenance
        How the features were made.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    import h5py

    attributes = _attributes(bag, info, settings, provenance)
    rows, columns = bag.features.shape
    chunks = (min(rows, _CHUNK_ROWS), columns) if rows else None
    with atomic_file(path) as temporary, h5py.File(temporary, "w") as file:
        features = file.create_dataset("features", data=np.float32(bag.features), chunks=chunks)
        coords = file.create_dataset("coords", data=np.int64(bag.locations))
        file.attrs.update(attributes)
        features.attrs.update({key: attributes[key] for key in ("name", "savetodir", "encoder")})
        coords.attrs.update(attributes)
        if bag.feature_names:
            file.create_dataset("feature_names", data=list(bag.feature_names), dtype=h5py.string_dtype())


def read_features(path: Path) -> Bag:
    """Read a bag that ``write_features`` wrote.

    Raises
    ------
    StorageError
        If the file cannot be read or is of another layout.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            coords = file["coords"]
            width, height = (float(edge) for edge in coords.attrs["tile_size_level0"])
            names = file["feature_names"].asstr()[:] if "feature_names" in file else ()
            return Bag(
                features=file["features"][:],
                locations=coords[:],
                tile_size=(width, height),
                feature_names=tuple(names),
            )
    except (OSError, KeyError, ValueError) as error:
        raise StorageError(path, f"it is not a feature file of this application ({error})") from error


def _attributes(
    bag: Bag, info: SlideInfo, settings: TileSettings, provenance: FeatureProvenance
) -> dict[str, Any]:
    mpp = info.require_mpp()
    return {
        **_trident_attributes(bag, info, settings),
        "schema": SCHEMA,
        "mpp": settings.mpp,
        "mpp_source": str(info.mpp_source),
        "level0_mpp_x": mpp[0],
        "level0_mpp_y": mpp[1],
        "tile_size_level0": bag.tile_size,
        "patch_spacing_um_px": settings.mpp,
        "slide_quickhash": info.slide_id,
        "encoder": provenance.encoder,
        "encoder_sha256": provenance.encoder_sha256,
        "encoder_preproc": _json(provenance.encoder_params),
        "stain_norm": _json(provenance.stain),
        "tissue_params_hash": provenance.tissue_params_hash,
        "tool_version": provenance.tool_version,
        "run_id": provenance.run_id,
        "warning": provenance.warning,
    }


def _trident_attributes(bag: Bag, info: SlideInfo, settings: TileSettings) -> dict[str, Any]:
    """The names TRIDENT's readers look up; integers where they expect integers."""
    mpp = sum(info.require_mpp()) / 2
    return {
        "name": info.path.stem,
        "savetodir": "None",
        "patch_size": settings.size_px,
        "patch_size_level0": round(sum(bag.tile_size) / 2),
        "level0_magnification": round(info.objective) if info.objective else round(10 / mpp),
        "target_magnification": round(10 / settings.mpp),
        "overlap": settings.overlap_px,
        "level0_width": info.size[0],
        "level0_height": info.size[1],
    }


def _json(value: Mapping[str, Any] | None) -> str:
    return "None" if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
