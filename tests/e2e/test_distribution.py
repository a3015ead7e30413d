"""What is shipped is what is in the tree, and what is in the tree is what runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SHIPPED = {"desktop_app": "desktop_app", "plugins": "desktop_app/_bundled/plugins"}
SHIPPED["resources"] = "desktop_app/_bundled/resources"


def tree(folder: str) -> set[str]:
    """Files of a folder that git tracks or would track, relative to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", folder]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name and (CHECKOUT / name).is_file()]
    return {str(Path(name).relative_to(folder)) for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    return zipfile.ZipFile(next(out.glob("*.whl")))


@pytest.mark.parametrize("folder", sorted(SHIPPED))
def test_the_wheel_holds_the_tree(wheel: zipfile.ZipFile, folder: str) -> None:
    prefix = SHIPPED[folder] + "/"
    names = {name.removeprefix(prefix) for name in wheel.namelist() if name.startswith(prefix)}
    if folder == "desktop_app":
        names = {name for name in names if not name.startswith("_bundled/")}
    assert names == tree(folder)


def test_the_wheel_owns_one_top_level_name(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"desktop_app"}


def test_a_changed_plugin_is_the_one_that_is_used(tmp_path: Path) -> None:
    copy = tmp_path / "사본"
    for folder in ("desktop_app", "plugins", "resources"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", copy)
    manifest = copy / "plugins" / "tissue_otsu" / "plugin.toml"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    first_name = next(index for index, line in enumerate(lines) if line.startswith("name"))
    lines[first_name] = 'name = "Changed in place"'
    manifest.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "desktop_app", "plugins", "list", "--json"]
    listed = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    assert "Changed in place" in json.dumps(json.loads(listed.stdout))
