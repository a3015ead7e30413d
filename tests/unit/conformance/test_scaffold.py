"""A new plugin of every kind works, and its own test says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from desktop_app.conformance import check_plugin
from desktop_app.conformance.scaffold import write_plugin
from desktop_app.errors import ManifestError, StorageError
from desktop_app.plugin_api import PluginKind
from desktop_app.storage.locations import Locations
from tests.support.plugin_cases import CHECKOUT

TEMPLATES = Locations.default().plugin_templates


@pytest.mark.parametrize("kind", get_args(PluginKind))
def test_a_new_plugin_of_every_kind_keeps_every_promise(kind: PluginKind, tmp_path: Path) -> None:
    folder = write_plugin(kind, "my_own", tmp_path / "새", templates=TEMPLATES)
    results = list(check_plugin(folder))
    assert {result.promise: result.problems for result in results if not result.passed} == {}
    assert len(results) >= 5
    assert not [path for path in folder.rglob("*") if path.suffix == ".py" and "@ID@" in path.read_text()]


def test_its_own_test_passes(tmp_path: Path) -> None:
    folder = write_plugin("encoder", "my_own", tmp_path, templates=TEMPLATES)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_my_own.py")]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_plugin("encoder", "my_own", tmp_path, templates=TEMPLATES)
    with pytest.raises(StorageError, match="there already"):
        write_plugin("encoder", "my_own", tmp_path, templates=TEMPLATES)


@pytest.mark.parametrize("name", ["", "My own", "../up", "9lives"])
def test_a_name_that_is_no_id_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestError, match="lower-case"):
        write_plugin("encoder", name, tmp_path, templates=TEMPLATES)
