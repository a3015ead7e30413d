"""The conformance suite: our plugins pass it, and each broken promise is named."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from desktop_app.conformance import CheckResult, check_in_process, check_plugin
from desktop_app.errors import PluginError
from tests.support.plugin_cases import BUNDLED
from tests.support.slide_factory import stamp
from tests.support.tiff_factory import channel_values, write_ome, write_plain

CARD = "\n".join(
    f"## {heading}\n\nA sentence that says enough, with mpp in it.\n"
    for heading in ("What it does", "Source", "Licence", "Expected input", "Limits")
)
ENCODER = """
    import numpy as np

    class Thing:
        feature_names = ("red", "green", "blue")
        n_features = 3

        def encode(self, tiles, mpp):
            return tiles.mean(axis=(1, 2)).astype(np.float32).reshape(-1, 3)
"""


def write_plugin(root: Path, code: str, kind: str = "encoder", card: str = CARD) -> Path:
    folder = root / "tried"
    folder.mkdir()
    (folder / "plugin.toml").write_text(
        f'api_version = 0\nid = "tried"\nname = "N"\nversion = "1"\nlicence = "MIT"\n'
        f'description = "Means of the colors of a tile."\n[[provides]]\nkind = "{kind}"\nid = "thing"\n'
        'name = "T"\nentry = "module:Thing"\n'
    )
    (folder / "module.py").write_text(textwrap.dedent(code))
    (folder / "README.md").write_text(card)
    return folder


def broken(results: list[CheckResult]) -> dict[str, str]:
    return {result.promise: " ".join(result.problems) for result in results if not result.passed}


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    write_plain(folder / "plain.tif")
    write_ome(folder / "rgb.ome.tif", stamp((300, 200)), levels=3)
    write_ome(folder / "channels.ome.tif", channel_values(), levels=2)
    return folder


@pytest.mark.parametrize("plugin", ["encoder_texture", "mil_attention", "stain_macenko", "tissue_otsu"])
def test_our_plugins_pass(plugin: str) -> None:
    results = list(check_plugin(BUNDLED / plugin))
    assert broken(results) == {}
    assert len(results) >= 6


def test_a_reader_is_tried_on_samples(samples: Path) -> None:
    results = list(check_plugin(BUNDLED / "reader_tiff", samples=samples))
    wrong = {result.subject: result.problems for result in results if not result.passed}
    assert set(wrong) == {"reader_tiff/picture"}
    assert "opens none of the files" in wrong["reader_tiff/picture"][0]


def test_a_good_encoder_passes(tmp_path: Path) -> None:
    assert broken(list(check_plugin(write_plugin(tmp_path, ENCODER)))) == {}


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("np.float32).reshape(-1, 3)", "np.float32).reshape(-1, 3) * np.nan", "not all finite"),
        ("n_features = 3", "n_features = 4", "4 feature names or none"),
        (".reshape(-1, 3)", ".reshape(-1, 3)[:, :2]", "it gave (4, 2) float32"),
        ("return tiles", "tiles[:] = 0; return tiles", "it changes the tiles it is given"),
        ("return tiles", "return 0 * tiles", "different tiles get the same features"),
        (".reshape(-1, 3)", ".reshape(-1, 3) - tiles.mean()", "a tile's features change"),
        (
            "import numpy as np",
            "import numpy as np\n    from desktop_app import engine",
            "imports desktop_app",
        ),
        ("import numpy as np", "import numpy as np\n    import nowhere", "No module named 'nowhere'"),
    ],
)
def test_each_broken_promise_is_named(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    assert right in ENCODER
    folder = write_plugin(tmp_path, ENCODER.replace(right, wrong, 1))
    assert any(sentence in problem for problem in broken(list(check_plugin(folder))).values())


def test_a_thin_model_card_is_told_section_by_section(tmp_path: Path) -> None:
    folder = write_plugin(tmp_path, ENCODER, card="## What\n\nshort\n")
    problems = broken(list(check_plugin(folder)))["README.md is a complete model card"]
    assert "'## Limits …'" in problems
    assert "must say the mpp" in problems


def test_what_is_no_plugin_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PluginError, match=r"it has no plugin\.toml"):
        list(check_plugin(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import os\nos._exit(3)", "crashed the analysis process (exit code 3)"),
        ("import threading\nthreading.Event().wait()", "it did not answer for 10 s"),
    ],
)
def test_a_crash_and_a_hang_are_outcomes_in_a_process(tmp_path: Path, code: str, sentence: str) -> None:
    results = list(check_in_process(write_plugin(tmp_path, code), seconds=10.0))
    assert [result.passed for result in results] == [True, True, True, False]
    assert sentence in results[-1].problems[0]


def test_a_refusal_crosses_the_process_border(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PluginError, match=r"it has no plugin\.toml"):
        list(check_in_process(tmp_path / "empty"))
