"""Readers asked in turn, and whose refusal is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.errors import PluginError, UnsupportedSlideError
from desktop_app.slides import OpenSlideReader, SlideOpener, SlideReader, SlideSource
from tests.support.slide_factory import write_pyramid
from tests.support.tiff_factory import write_oriented


class Refusing:
    """Raises, or knows nothing."""

    def __init__(self, reason: str = "", cause: Exception | None = None) -> None:
        self._reason, self._cause = reason, cause
        self.asked = 0

    def open(self, path: Path) -> SlideSource | None:
        self.asked += 1
        if self._reason:
            raise UnsupportedSlideError(path, self._reason) from self._cause
        return None


def refusal(path: Path, *readers: SlideReader) -> str:
    with pytest.raises(UnsupportedSlideError) as caught:
        SlideOpener(readers).open(path)
    return caught.value.reason


@pytest.fixture
def nonsense(tmp_path: Path) -> Path:
    path = tmp_path / "a.dat"
    path.write_bytes(b"no slide")
    return path


def test_a_refusal_does_not_keep_the_next_reader_from_opening(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "a.tiff")
    with SlideOpener([Refusing("damaged."), OpenSlideReader()]).open(path) as slide:
        assert slide.info.size == (700, 500)


def test_the_first_refusal_is_told(nonsense: Path) -> None:
    assert refusal(nonsense, Refusing(), Refusing("first."), Refusing("second.")) == "first."
    assert "not one of the slide formats" in refusal(nonsense, Refusing())


def test_a_plugin_that_fails_is_told_only_where_no_reader_says_more(nonsense: Path) -> None:
    failing = Refusing("The plugin a failed.", PluginError("a", "The plugin a failed."))
    assert refusal(nonsense, failing, Refusing("damaged.")) == "damaged."
    assert refusal(nonsense, failing, Refusing()) == "The plugin a failed."


def test_further_readers_are_looked_for_only_when_they_are_needed(tmp_path: Path, nonsense: Path) -> None:
    looked: list[int] = []
    last = Refusing()

    def further() -> list[SlideReader]:
        looked.append(1)
        return [last]

    opener = SlideOpener([OpenSlideReader()], further)
    opener.open(write_pyramid(tmp_path / "a.tiff")).close()
    assert not looked
    for _ in range(2):
        with pytest.raises(UnsupportedSlideError):
            opener.open(nonsense)
    assert (len(looked), last.asked) == (2, 2)


def test_openslide_gives_way_where_it_would_show_a_file_wrong(tmp_path: Path) -> None:
    reader = OpenSlideReader()
    assert reader.open(write_oriented(tmp_path / "turned.tif", 3, tile=(64, 64))) is None
    source = reader.open(write_oriented(tmp_path / "upright.tif", 1, tile=(64, 64)))
    assert source is not None
    source.close()


def test_a_dicom_file_that_is_no_slide_gets_its_own_sentence(tmp_path: Path) -> None:
    path = tmp_path / "환자.dcm"
    path.write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 64)
    with pytest.raises(UnsupportedSlideError, match=r"DICOM file, but not a whole-slide image .* JPEG 2000"):
        SlideOpener([OpenSlideReader()]).open(path)
