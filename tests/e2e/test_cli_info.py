"""``coverslip info``, on slides the tests write and on real ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.cli import run_command
from desktop_app.slides.pyramid_writer import PyramidWriter
from tests.support.shared_data import shared_file
from tests.support.slide_factory import aperio_description, stamp, write_bounded, write_pyramid
from tests.support.tiff_factory import channel_values, write_ome

CHECKOUT = Path(__file__).resolve().parents[2]


def info_json(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run_command(["info", str(path), "--json"]) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def info_text(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run_command(["info", str(path)]) == 0
    return capsys.readouterr().out


def test_the_data_of_a_plain_slide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = info_json(write_pyramid(tmp_path / "환자 1.tif", size=(700, 500), icc=b"x" * 200), capsys)
    assert data["path"] == str(tmp_path / "환자 1.tif")
    assert data["size"] == [700, 500]
    assert data["levels"][1] == {"index": 1, "size": [350, 250], "downsample": 2.0, "mpp": [1.0, 1.0]}
    assert (data["mpp"], data["mpp_source"], data["objective"]) == ([0.5, 0.5], "tiff_tag", None)
    assert data["icc_profile"] == {"bytes": 200, "name": "not readable"}
    assert (data["bounds"], data["associated_images"], data["synthetic"]) == (None, [], False)
    deep_zoom = data["deep_zoom"]["levels"]
    assert [level["size"] for level in (deep_zoom[0], deep_zoom[-1])] == [[1, 1], [700, 500]]
    assert [level["level"] for level in deep_zoom[-3:]] == [2, 1, 0]


def test_the_text_says_what_the_data_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = info_text(write_pyramid(tmp_path / "a.svs", description=aperio_description(0.2527, 40)), capsys)
    assert "0.2527 µm per pixel, from the scanner's metadata" in text
    assert "40×" in text
    assert "aperio" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["1", "350", "250", "2", "0.5054"] in rows
    assert ["10", "700", "500", "3", "2", "level", "0", "1"] in rows


def test_bounds_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = info_text(write_bounded(tmp_path / "a.scn", offset=(250, 300)), capsys)
    assert "600 × 400 pixels at (250, 300)" in text


def test_a_slide_without_mpp_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = info_text(write_pyramid(tmp_path / "a.tif", mpp=None), capsys)
    assert "unknown: the file does not state it" in text


def test_a_synthetic_slide_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    software = "Coverslip demonstration generator 0.1"
    with PyramidWriter(tmp_path / "a.tif", (60, 40), mpp=0.25, software=software) as writer:
        writer.write_strip(stamp((60, 40)))
    assert "drawn by the demonstration generator" in info_text(tmp_path / "a.tif", capsys)


@pytest.mark.parametrize("name", ["missing.svs", "folder"])
def test_what_is_no_file_is_wrong_use(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder").mkdir()
    assert run_command(["info", str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err


def test_what_is_no_slide_fails_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.svs").write_text("not a slide")
    assert run_command(["info", str(tmp_path / "notes.svs")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("notes.svs cannot be opened as a slide")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "CMU-1-Small-Region.svs",
            {"mpp": [0.499, 0.499], "mpp_source": "metadata", "objective": 20.0, "icc_profile": None},
        ),
        (
            "TCGA-CR-7395-01A-01-TS1.svs",
            {
                "mpp": None,
                "mpp_source": None,
                "objective": None,
                "icc_profile": {"bytes": 3144, "name": "sRGB IEC61966-2.1"},
            },
        ),
        ("camelyon_jpeg.dcm", {"mpp": [28.969, 28.968], "mpp_source": "metadata", "vendor": "dicom"}),
        ("boxes.tiff", {"mpp": None, "vendor": "generic-tiff", "objective": None}),
        ("😐.svs", {"size": [16, 16], "mpp": [0.499, 0.499]}),
    ],
)
def test_real_slides(name: str, expected: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    data = info_json(shared_file(f"slides/{name}"), capsys)
    assert {key: data[key] for key in expected} == expected


def test_associated_images_of_a_real_slide_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    data = info_json(shared_file("slides/CMU-1-Small-Region.svs"), capsys)
    assert data["associated_images"] == ["label", "macro", "thumbnail"]


def test_the_72_dpi_tag_of_a_real_slide_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    data = info_json(shared_file("slides/boxes.tiff"), capsys)
    assert "72 dpi" in data["mpp_note"]
    assert "unknown: the file's resolution tag says 72 dpi" in info_text(
        shared_file("slides/boxes.tiff"), capsys
    )


def test_a_real_file_that_does_not_open_fails_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_file("malformed/openslide-python_unopenable.tiff")
    assert run_command(["info", str(path)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "cannot be opened as a slide" in error


def modules_after(arguments: list[str]) -> set[str]:
    """The modules that a process of its own has loaded after a command."""
    program = (
        "import sys; from desktop_app.cli import run_command; "
        f"code = run_command({arguments!r}); print('\\n' + ' '.join(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, encoding="utf-8", check=True
    )
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split(" ")}


def test_info_loads_neither_qt_nor_torch(tmp_path: Path) -> None:
    loaded = modules_after(["info", str(write_pyramid(tmp_path / "a.tif"))])
    assert "openslide" in loaded
    heavy = {"PySide6", "torch", "pyqtgraph", "sklearn", "scipy", "skimage", "cv2", "h5py", "shapely"}
    assert not loaded & heavy


def test_the_version_loads_the_standard_library_and_typer_only() -> None:
    assert not modules_after(["--version"]) & {"numpy", "openslide", "PySide6", "torch", "rich"}


def test_channels_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_ome(tmp_path / "형광.ome.tif", channel_values(count=2), names=("DAPI", "CD8"))
    assert "DAPI, CD8 (fluorescence, 16 bits)" in info_text(path, capsys)
    data = info_json(path, capsys)
    assert [channel["name"] for channel in data["channels"]] == ["DAPI", "CD8"]
    assert data["channels"][0]["largest"] == 65535
    plain = write_pyramid(tmp_path / "a.tif")
    assert "none (brightfield)" in info_text(plain, capsys)
    assert info_json(plain, capsys)["channels"] == []


def test_an_ome_tiff_that_openslide_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    data = info_json(shared_file("slides/OS-1-detail.ome.tif"), capsys)
    assert (data["vendor"], data["size"]) == ("ome-tiff", [1101, 1101])
    assert data["mpp"] == [0.2270972430394695, 0.22710240047237298]
