"""Picture files: pixels, resolution, and nothing that names a slide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from desktop_app.errors import StorageError
from desktop_app.storage.pictures import write_picture

PIXELS = np.random.default_rng(1).integers(0, 255, (70, 110, 3), dtype=np.uint8)


def test_a_tiff_says_how_large_a_pixel_is(tmp_path: Path) -> None:
    path = tmp_path / "그림.tif"
    write_picture(path, PIXELS, (0.5, 0.25))
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[0]
        assert np.array_equal(page.asarray(), PIXELS)
        across, down = (page.tags[name].value for name in ("XResolution", "YResolution"))
        assert across[0] / across[1] == pytest.approx(20_000)
        assert down[0] / down[1] == pytest.approx(40_000)
        assert page.tags["ResolutionUnit"].value == 3
        assert {"ImageDescription", "DateTime", "HostComputer", "Artist"}.isdisjoint(
            tag.name for tag in page.tags
        )


def test_a_tiff_of_unknown_scale_claims_none(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.TIFF", PIXELS, None)
    with tifffile.TiffFile(tmp_path / "a.TIFF") as tiff:
        assert tiff.pages[0].tags["ResolutionUnit"].value == 1


@pytest.mark.parametrize("mpp", [(0.25, 0.25), None])
def test_a_png_says_it_in_words(tmp_path: Path, mpp: tuple[float, float] | None) -> None:
    write_picture(tmp_path / "a.png", PIXELS, mpp)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"
        assert np.array_equal(np.asarray(picture), PIXELS)
        told = {"Software": "Coverslip", "Description": "0.25 × 0.25 µm per pixel"}
        assert picture.info == (told if mpp else {"Software": "Coverslip"})


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_picture(tmp_path / "nowhere" / "a.png", PIXELS, None)
    assert list(tmp_path.iterdir()) == []
