"""Asking for files and folders, in one place so that a test can answer instead of the user."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.ui.translation import tr

SLIDE_SUFFIXES = [
    ".svs",
    ".tif",
    ".tiff",
    ".ndpi",
    ".mrxs",
    ".scn",
    ".bif",
    ".vms",
    ".vmu",
    ".svslide",
    ".czi",
    ".dcm",
    ".zvi",
    ".qptiff",
    ".btf",
]
"""What the dialog shows first; any other file can be tried too."""


class FileChooser:
    """Asks with the system's dialogs; every method returns None (or nothing) when the user declines."""

    def slides(self, parent: QWidget, folder: str) -> list[Path]:
        """Slides to open."""
        patterns = " ".join(f"*{suffix}" for suffix in SLIDE_SUFFIXES)
        kinds = f"{tr('Slides')} ({patterns});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(parent, tr("Open slides"), folder, kinds)
        return [Path(name) for name in names]

    def annotations_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """A GeoJSON file to import."""
        kinds = f"{tr('GeoJSON')} (*.geojson *.json *.geojson.gz);;{tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(parent, tr("Import annotations"), folder, kinds)
        return Path(name) if name else None

    def annotations_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Where to save GeoJSON; the dialog has asked before it names an existing file."""
        kinds = f"{tr('GeoJSON')} (*.geojson)"
        name, _ = QFileDialog.getSaveFileName(parent, tr("Save annotations"), str(proposed), kinds)
        return _with_suffix(name, ".geojson")

    def recipe_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """A recipe file to run."""
        name, _ = QFileDialog.getOpenFileName(parent, tr("Open recipe"), folder, f"{tr('Recipes')} (*.toml)")
        return Path(name) if name else None

    def recipe_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Where to save a recipe."""
        kinds = f"{tr('Recipes')} (*.toml)"
        name, _ = QFileDialog.getSaveFileName(parent, tr("Save recipe"), str(proposed), kinds)
        return _with_suffix(name, ".toml")

    def folder(self, parent: QWidget, folder: str) -> Path | None:
        """A folder for results."""
        name = QFileDialog.getExistingDirectory(parent, tr("Folder for results"), folder)
        return Path(name) if name else None


def _with_suffix(name: str, suffix: str) -> Path | None:
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_name(path.name + suffix)
