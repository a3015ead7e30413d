"""Pictures of a slide as files for reports and other programs: PNG and TIFF.

They carry how large a pixel is and which program wrote them, and nothing that names the slide. Any thread.
"""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.arrays import RgbArray
from desktop_app.domain.slide_info import Mpp
from desktop_app.storage.atomic import atomic_file

SOFTWARE = "Coverslip"
TIFF_SUFFIXES = frozenset({".tif", ".tiff"})
MICROMETRES_PER_CM = 1e4


def write_picture(path: Path, rgb: RgbArray, mpp: Mpp | None) -> None:
    """Write a picture; the suffix decides the format, PNG unless it is a TIFF's.

    Parameters
    ----------
    path : Path
        The destination; its folder must exist.
    rgb : RgbArray
        uint8 ``(H, W, 3)``.
    mpp : Mpp | None
        µm per pixel of the picture, ``(x, y)``: the resolution tags of a TIFF, a sentence in a PNG (whose
        resolution would only tell word processors to shrink it to its real size).

    Raises
    ------
    StorageError
        If the system refuses.
    """
    with atomic_file(path) as temporary:
        if path.suffix.lower() in TIFF_SUFFIXES:
            _write_tiff(temporary, rgb, mpp)
        else:
            _write_png(temporary, rgb, mpp)


def _write_tiff(path: Path, rgb: RgbArray, mpp: Mpp | None) -> None:
    import tifffile

    # Without an mpp the unit says that the resolution means nothing.
    resolution = (1.0, 1.0) if mpp is None else (MICROMETRES_PER_CM / mpp[0], MICROMETRES_PER_CM / mpp[1])
    tifffile.imwrite(
        path,
        rgb,
        photometric="rgb",
        compression="adobe_deflate",
        predictor=True,
        rowsperstrip=256,
        resolution=resolution,
        resolutionunit="NONE" if mpp is None else "CENTIMETER",
        software=SOFTWARE,
        metadata=None,
    )


def _write_png(path: Path, rgb: RgbArray, mpp: Mpp | None) -> None:
    from PIL import Image, PngImagePlugin

    texts = PngImagePlugin.PngInfo()
    texts.add_text("Software", SOFTWARE)
    if mpp is not None:
        texts.add_itxt("Description", f"{mpp[0]:.5g} × {mpp[1]:.5g} µm per pixel")
    Image.fromarray(rgb).save(path, format="PNG", pnginfo=texts)
