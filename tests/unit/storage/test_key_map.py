"""Key maps: files that come back as they were, and presets that mean something."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.errors import KeyMapError, StorageError
from desktop_app.storage.key_map import KeyMap, read_key_map, read_presets, write_key_map
from desktop_app.storage.locations import Locations


def test_a_map_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "열쇠" / "keys.toml"
    key_map = KeyMap(
        "Meine", {"view.fit": ("F", "F"), "view.magnify_1": ("1", "Alt+1"), "file.close": ("", "")}
    )
    write_key_map(path, key_map)
    assert read_key_map(path) == key_map


@pytest.mark.parametrize(
    "content",
    [
        "keys = [",
        'schema = "other"\n',
        'schema = "coverslip-keys-1"\nkeys = 3\n',
        'schema = "coverslip-keys-1"\n[keys]\na = 3\n',
        'schema = "coverslip-keys-1"\n[keys]\na = { drawing = "X" }\n',
        'schema = "coverslip-keys-1"\n[keys]\na = { view = 3 }\n',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(KeyMapError, match=r"keys\.toml cannot be read as a key map"):
        read_key_map(path)
    with pytest.raises(KeyMapError):
        read_key_map(tmp_path / "missing.toml")


def test_a_mode_that_is_not_named_has_no_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('schema = "coverslip-keys-1"\n[keys]\na = { annotate = "X" }\n', encoding="utf-8")
    assert read_key_map(path).changes == {"a": ("", "X")}


def test_a_map_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.mkdir()
    with pytest.raises(StorageError):
        write_key_map(path, KeyMap())
    assert path.is_dir()


def test_the_shipped_presets_can_be_read() -> None:
    presets = read_presets(Locations.default().resources / "key_maps")
    assert [preset.name for preset in presets] == ["ASAP", "QuPath"]
    assert all(preset.changes for preset in presets)


def test_taking_a_change_back_leaves_the_others() -> None:
    key_map = KeyMap("", {"a": ("A", "A"), "b": ("B", "B")})
    assert key_map.with_keys("a", None).changes == {"b": ("B", "B")}
    assert key_map.with_keys("a", ("C", "")).changes["a"] == ("C", "")
    assert key_map.changes["a"] == ("A", "A")
