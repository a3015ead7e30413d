"""A slide reader as a third party drops it in: found, trusted, asked, and never able to do harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop_app.errors import SlideReadError, UnsupportedSlideError
from desktop_app.plugin_host import PluginHost
from desktop_app.worker import slide_opener
from tests.support.plugin_cases import BUNDLED
from tests.support.slide_factory import stamp, write_pyramid
from tests.support.tiff_factory import write_plain

MANIFEST = """
api_version = 0
id = "acme"
name = "Acme scanner"
version = "1"
licence = "MIT"
description = "Opens the slides of a scanner that does not exist."

[[provides]]
kind = "slide_reader"
id = "slides"
name = "Acme"
entry = "reader:AcmeReader"
"""

READER = '''
"""Acme slides: a mark, then width and height as text, then RGB."""
import numpy as np
from desktop_app.plugin_api import Level, SlideInfo


class AcmeReader:
    def open(self, path):
        data = path.read_bytes()
        if not data.startswith(b"ACME "):
            return None
        _, width, height = data.split(b"\\n", 1)[0].split()
        return Source(path, (int(width), int(height)), data.split(b"\\n", 1)[1])


class Source:
    def __init__(self, path, size, data):
        self.info = SlideInfo(path, "", size, (Level(0, size, 1.0),), "acme")
        self._pixels = np.frombuffer(data, np.uint8).reshape(size[1], size[0], 3)

    def read_argb(self, location, level, size):
        (x, y), (width, height) = location, size
        part = self._pixels[y : y + height, x : x + width]
        return np.ascontiguousarray(np.dstack([part[..., ::-1], np.full(part.shape[:2], 255, np.uint8)]))

    def read_associated_argb(self, name):
        raise KeyError(name)

    def close(self):
        self._pixels = None
'''


def write_plugin(folder: Path, reader: str = READER) -> PluginHost:
    (folder / "plugins" / "acme").mkdir(parents=True, exist_ok=True)
    (folder / "plugins" / "acme" / "plugin.toml").write_text(MANIFEST)
    (folder / "plugins" / "acme" / "reader.py").write_text(reader)
    (folder / "plugins" / "acme" / "README.md").write_text("Acme")
    return PluginHost(BUNDLED, folder / "plugins", folder / "trusted.json")


def write_slide(path: Path) -> Path:
    path.write_bytes(b"ACME 70 50\n" + stamp((70, 50)).tobytes())
    return path


def test_a_reader_is_asked_once_the_user_trusts_it(tmp_path: Path) -> None:
    host, path = write_plugin(tmp_path), write_slide(tmp_path / "환자.acme")
    with pytest.raises(UnsupportedSlideError, match="not one of the slide formats"):
        slide_opener(host).open(path)
    host.trust("acme")
    opener = slide_opener(host)
    with opener.open(path) as slide:
        assert slide.info.vendor == "acme"
        assert slide.info.slide_id
        assert np.array_equal(slide.read_region((0, 0), 0, (70, 50)), stamp((70, 50)))
        # This reader answers with too few pixels there, which its contract does not allow.
        with pytest.raises(SlideReadError, match=r"acme/slides gave uint8 \(10, 10, 4\) in place of"):
            slide.read_region((60, 40), 0, (20, 20))
    write_plugin(tmp_path, READER + "\n# changed")
    with pytest.raises(UnsupportedSlideError, match="not one of the slide formats"):
        opener.open(path)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise RuntimeError('boom')", "The plugin acme cannot be loaded: RuntimeError: boom"),
        ("class AcmeReader:\n    pass", r"reader:AcmeReader has no method open\(\)"),
        (
            "class AcmeReader:\n    def open(self, path):\n        raise SystemExit(3)",
            "The plugin acme failed: SystemExit: 3; update the plugin, or remove it",
        ),
        (
            "class AcmeReader:\n    def open(self, path):\n        return 5",
            "acme/slides gives wrong answers: its info",
        ),
    ],
)
def test_a_reader_that_fails_is_named_and_costs_no_other_slide(tmp_path: Path, code: str, says: str) -> None:
    host = write_plugin(tmp_path, code)
    host.trust("acme")
    opener = slide_opener(host)
    with pytest.raises(UnsupportedSlideError, match=says):
        opener.open(write_slide(tmp_path / "a.acme"))
    for path in (write_pyramid(tmp_path / "a.tiff"), write_plain(tmp_path / "strips.tif")):
        with opener.open(path) as slide:
            assert slide.read_region((0, 0), 0, (10, 10)).shape == (10, 10, 3)


def test_a_readers_slide_that_fails_to_read_is_a_slide_error(tmp_path: Path) -> None:
    failing = READER.replace("(x, y), (width, height) = location, size", "return {}['tile']")
    host = write_plugin(tmp_path, failing)
    host.trust("acme")
    with (
        slide_opener(host).open(write_slide(tmp_path / "a.acme")) as slide,
        pytest.raises(SlideReadError, match=r"at \(5, 6\): The plugin acme failed: KeyError"),
    ):
        slide.read_region((5, 6), 0, (3, 3))


def test_the_users_reader_comes_before_the_bundled_ones(tmp_path: Path) -> None:
    greedy = "        return Source(path, (2, 2), bytes(12))\n"
    special = READER.replace("        data = path.read_bytes()\n", greedy)
    host = write_plugin(tmp_path, special)
    host.trust("acme")
    with slide_opener(host).open(write_plain(tmp_path / "strips.tif")) as slide:
        assert slide.info.vendor == "acme"
