"""A new plugin's folder, made from the templates: works at once and passes the conformance suite."""

from __future__ import annotations

import re
from pathlib import Path

from desktop_app.errors import ManifestError, StorageError
from desktop_app.plugin_api.manifest import PluginKind

SHARED = "shared"
LICENCE = "MIT"

_ID = re.compile(r"[a-z][a-z0-9_]*")
_TEXTS = (".py", ".md", ".toml")


def write_plugin(kind: PluginKind, plugin_id: str, parent: Path, *, templates: Path) -> Path:
    """Write a plugin that does something simple, with its manifest, model card and test.

    Parameters
    ----------
    kind : PluginKind
        What it provides.
    plugin_id : str
        Its id and its folder's name; the name that people see is made from it.
    parent : Path
        Where the folder is made; made as well if missing.
    templates : Path
        The shipped folder with one template per kind.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    ManifestError
        If the id is none.
    StorageError
        If the folder is there already, or cannot be written.
    """
    if _ID.fullmatch(plugin_id) is None:
        raise ManifestError(plugin_id, "its id must be lower-case letters, digits and underscores")
    folder = parent / plugin_id
    if folder.exists():
        raise StorageError(folder, "it is there already; choose another name or folder")
    words = {
        "@ID@": plugin_id,
        "@NAME@": plugin_id.replace("_", " ").capitalize(),
        "@LICENCE@": LICENCE,
    }
    try:
        _copy(templates / kind, folder, words)
        _copy(templates / SHARED, folder, words)
        (folder / "test_plugin.py").rename(folder / f"test_{plugin_id}.py")
        _join_manifest(folder)
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error
    return folder


def _copy(source: Path, target: Path, words: dict[str, str]) -> None:
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        if path.suffix in _TEXTS:
            text = content.decode("utf-8")
            for mark, word in words.items():
                text = text.replace(mark, word)
            content = text.encode("utf-8")
        copy.write_bytes(content)


def _join_manifest(folder: Path) -> None:
    """Put the kind's part of the manifest at the end of the common one."""
    part = folder / "provides.toml"
    with (folder / "plugin.toml").open("ab") as manifest:
        manifest.write(part.read_bytes())
    part.unlink()
