"""The manual's "your first plugin in 20 lines", done word for word."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.cli import run_command
from desktop_app.storage.locations import Locations
from desktop_app.worker import plugin_host
from tests.support.plugin_cases import stained_tiles

CHAPTER = Locations.default().manual / "plugins.md"
SECTION = re.compile(r"^## Your first plugin in (\d+) lines\n(.*?)^## ", re.DOTALL | re.MULTILINE)


@pytest.fixture
def blocks() -> tuple[int, list[str]]:
    """How many lines it promises, and its indented blocks in their order."""
    found = SECTION.search(CHAPTER.read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]), list(indented(found[2]))


def test_the_text_of_the_manual_makes_a_plugin_that_works(
    blocks: tuple[int, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    promised, (new, manifest, code, commands) = blocks
    assert sum(bool(line.strip()) for line in (manifest + code).splitlines()) <= promised
    monkeypatch.chdir(tmp_path)
    assert run_command(new.split()[1:]) == 0
    for name, text in (("plugin.toml", manifest), ("encoder.py", code)):
        (tmp_path / "mean_color" / name).write_text(text, encoding="utf-8")
    for line in commands.splitlines():
        assert run_command(line.split()[1:]) == 0, capsys.readouterr().out
    tiles = stained_tiles(3)
    encoder = plugin_host(Locations.default()).build("encoder", "mean_color/mean", {})
    np.testing.assert_allclose(encoder.encode(tiles, 0.5), tiles.mean(axis=(1, 2)) / 255, rtol=1e-5)


def indented(text: str) -> Iterator[str]:
    """Each run of lines that begin with four spaces, without these."""
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE):
        if block.strip():
            yield textwrap.dedent(block).strip() + "\n"
