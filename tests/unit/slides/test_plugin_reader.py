"""A plugin's reader held to its contract: each of its errors is about the slide and names the plugin."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.slide_info import Channel, Level, SlideInfo
from desktop_app.errors import (
    PluginError,
    PluginLoadError,
    PluginRunError,
    SlideGoneError,
    SlideReadError,
    UnsupportedSlideError,
)
from desktop_app.slides import PluginSlideReader, SlideOpener
from desktop_app.slides.identity import content_hash

INFO = SlideInfo(
    path=Path("elsewhere"),
    slide_id="",
    size=(100, 60),
    levels=(Level(0, (100, 60), 1.0), Level(1, (50, 30), 2.0)),
    vendor="acme",
)
CHANNELS = (
    Channel("DAPI", (0, 0, 255), 65535, (0.0, 100.0)),
    Channel("Cy3", (255, 0, 0), 65535, (0.0, 100.0)),
)
FLUORESCENCE = replace(INFO, channels=CHANNELS, background=(0, 0, 0))


class Source:
    """Answers as it is told."""

    def __init__(self, info: Any = INFO, answer: Any = None) -> None:
        self.info = info
        self.answer = answer
        self.closed = 0
        self.gate = threading.Event()
        self.gate.set()
        self.reading = threading.Event()

    def read_argb(self, location: Any, level: int, size: tuple[int, int]) -> Any:
        self.reading.set()
        self.gate.wait(10)
        assert not self.closed
        if isinstance(self.answer, Exception):
            raise self.answer
        return np.full((size[1], size[0], 4), 7, np.uint8) if self.answer is None else self.answer

    def read_channels(self, location: Any, level: int, size: tuple[int, int]) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return np.full((size[1], size[0], 2), 50, np.uint16) if self.answer is None else self.answer

    def read_associated_argb(self, name: str) -> Any:
        return self.read_argb((0, 0), 0, (4, 3))

    def close(self) -> None:
        self.closed += 1


class Reader:
    def __init__(self, source: Any) -> None:
        self.source = source

    def open(self, path: Path) -> Any:
        if isinstance(self.source, Exception):
            raise self.source
        return self.source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "슬라이드.acme"
    file.write_bytes(b"acme slide")
    return file


def reader(source: Any) -> PluginSlideReader:
    return PluginSlideReader("acme/slides", lambda: Reader(source))


def opened(path: Path, source: Source) -> Any:
    found = reader(source).open(path)
    assert found is not None
    return found


def test_a_good_source_becomes_a_slide(path: Path) -> None:
    source = Source()
    with SlideOpener([reader(source)]).open(path, mpp=0.5) as slide:
        assert slide.info.path == path
        assert slide.info.slide_id == content_hash(path)
        assert slide.info.mpp == (0.5, 0.5)
        assert slide.read_argb((0, 0), 1, (5, 4)).tolist() == np.full((4, 5, 4), 7).tolist()
        with pytest.raises(ValueError, match="no channels"):
            slide.read_channels((0, 0), 0, (1, 1))
    assert source.closed == 1


def test_a_plugin_that_does_not_know_the_file_is_passed_over(path: Path) -> None:
    assert reader(None).open(path) is None


def test_a_reader_is_built_once_and_only_when_it_is_asked(path: Path) -> None:
    built: list[int] = []

    def build() -> Reader:
        built.append(1)
        return Reader(None)

    asked = PluginSlideReader("acme/slides", build)
    assert not built
    assert asked.open(path) is None
    assert asked.open(path) is None
    assert built == [1]


@pytest.mark.parametrize(
    "error",
    [
        PluginRunError("acme", "KeyError: 'tile'"),
        PluginLoadError("acme", "no module"),
        SlideReadError(Path("x"), "y"),
    ],
)
def test_a_plugin_that_fails_to_open_is_named(path: Path, error: Exception) -> None:
    with pytest.raises(UnsupportedSlideError) as caught:
        reader(error).open(path)
    assert str(error) in str(caught.value)
    assert caught.value.path == path


def test_a_refusal_on_purpose_stays_as_it_is(path: Path) -> None:
    with pytest.raises(UnsupportedSlideError, match=r"slide: save it again\.$") as caught:
        reader(UnsupportedSlideError(path, "save it again.")).open(path)
    assert not isinstance(caught.value.__cause__, PluginError)


@pytest.mark.parametrize(
    ("info", "says"),
    [
        ({"size": 3}, "no SlideInfo"),
        (replace(INFO, levels=()), "as large as the slide"),
        (replace(INFO, size=(99, 60)), "as large as the slide"),
        (replace(INFO, levels=(INFO.levels[0], Level(2, (50, 30), 2.0))), "wrong index"),
        (replace(INFO, levels=(INFO.levels[0], Level(1, (50, 0), 2.0))), "wrong index or no pixels"),
        (replace(INFO, levels=(INFO.levels[0], Level(1, (50, 30), 0.5))), "not in order"),
        (replace(INFO, levels=(INFO.levels[0], Level(1, (50, 30), float("nan")))), "not in order"),
        (replace(INFO, tile_size=(0, 256)), "tile size"),
        (replace(INFO, mpp=(0.5, 0.5)), "without its source"),
        (replace(INFO, mpp=(0.5, -1.0), mpp_source="metadata"), "pixel size is"),
        (replace(INFO, channels=(replace(CHANNELS[0], largest=1000),)), "largest values"),
        (replace(INFO, channels=(CHANNELS[0], replace(CHANNELS[1], largest=255))), "largest values"),
        (replace(INFO, channels=(replace(CHANNELS[0], window=(5.0, 5.0)),)), "window"),
    ],
)
def test_metadata_that_make_no_sense_are_refused(path: Path, info: Any, says: str) -> None:
    source = Source(info)
    with pytest.raises(UnsupportedSlideError, match=rf"The plugin acme/slides gives wrong answers: .*{says}"):
        reader(source).open(path)
    assert source.closed == 1


def test_a_source_without_the_method_it_needs_is_refused(path: Path) -> None:
    class Bare:
        info = FLUORESCENCE

        def close(self) -> None:
            """Nothing to close."""

    with pytest.raises(UnsupportedSlideError, match=r"no method read_channels\(\)"):
        reader(Bare()).open(path)


@pytest.mark.parametrize(
    "answer",
    [
        None.__class__,
        [[0]],
        np.zeros((4, 5, 3), np.uint8),
        np.zeros((5, 4, 4), np.uint8),
        np.zeros((4, 5, 4), np.uint16),
        np.zeros((4, 5, 4), np.float32),
    ],
)
def test_pixels_of_a_wrong_shape_or_type_are_a_read_error(path: Path, answer: Any) -> None:
    with pytest.raises(SlideReadError, match=r"acme/slides gave .* in place of uint8 \(4, 5, 4\)") as caught:
        opened(path, Source(answer=answer)).read_argb((3, 2), 0, (5, 4))
    assert caught.value.location == (3, 2)


def test_pixels_that_are_not_contiguous_are_made_so(path: Path) -> None:
    answer = np.zeros((8, 5, 4), np.uint8)[::2]
    assert opened(path, Source(answer=answer)).read_argb((0, 0), 0, (5, 4)).flags.c_contiguous


def test_a_plugin_that_fails_to_read_is_named_and_the_next_read_goes_on(path: Path) -> None:
    source = Source(answer=PluginRunError("acme", "IndexError: 9"))
    found = opened(path, source)
    with pytest.raises(SlideReadError, match=r"at \(3, 2\): The plugin acme failed: IndexError: 9\."):
        found.read_argb((3, 2), 0, (5, 4))
    source.answer = None
    assert found.read_argb((3, 2), 0, (5, 4)).shape == (4, 5, 4)


def test_a_file_that_is_gone_is_told_as_such(path: Path) -> None:
    source = Source(answer=SlideReadError(path, "no such file"))
    found = opened(path, source)
    path.unlink()
    with pytest.raises(SlideGoneError):
        found.read_argb((0, 0), 0, (5, 4))


def test_channels_are_checked_and_mixed(path: Path) -> None:
    source = Source(FLUORESCENCE)
    found = opened(path, source)
    assert found.read_channels((0, 0), 0, (5, 4)).dtype == np.uint16
    assert found.read_argb((0, 0), 0, (5, 4))[0, 0].tolist() == [128, 0, 128, 255]
    source.answer = np.zeros((4, 5, 2), np.uint8)
    with pytest.raises(SlideReadError, match=r"in place of uint16 \(4, 5, 2\)"):
        found.read_argb((0, 0), 0, (5, 4))


def test_beyond_a_level_a_mixed_picture_is_transparent(path: Path) -> None:
    argb = opened(path, Source(FLUORESCENCE)).read_argb((-4, 56), 1, (60, 10))
    inside = np.zeros((10, 60), bool)
    inside[:2, 2:52] = True
    assert np.array_equal(argb[..., 3] == 255, inside)
    assert argb[~inside].max() == 0


def test_an_associated_image_may_have_any_size(path: Path) -> None:
    found = opened(path, Source(replace(INFO, associated_names=("label",))))
    assert found.read_associated_argb("label").shape == (3, 4, 4)
    with pytest.raises(KeyError):
        found.read_associated_argb("macro")
    flat = opened(path, Source(replace(INFO, associated_names=("label",)), np.zeros((3, 4), np.uint8)))
    with pytest.raises(SlideReadError, match="acme/slides gave"):
        flat.read_associated_argb("label")


def test_it_closes_after_the_last_read(path: Path) -> None:
    source = Source()
    found = opened(path, source)
    source.gate.clear()
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(found.read_argb((0, 0), 0, (5, 4))))
    thread.start()
    assert source.reading.wait(5)
    found.close()
    found.close()
    assert source.closed == 0
    source.gate.set()
    thread.join(5)
    assert results[0].shape == (4, 5, 4)
    assert source.closed == 1
    with pytest.raises(ValueError, match="was closed"):
        found.read_argb((0, 0), 0, (1, 1))


def test_a_plugin_that_cannot_close_costs_a_line_without_the_slides_name(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Stuck(Source):
        def close(self) -> None:
            raise PluginRunError("acme", f"{path.name} is stuck")

    with caplog.at_level(logging.WARNING):
        opened(path, Stuck()).close()
    assert len(caplog.messages) == 1
    assert path.name not in caplog.text
