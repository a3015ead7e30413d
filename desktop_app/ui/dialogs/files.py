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

PICTURE_SUFFIXES = [".png", ".jpg", ".jpeg", ".jp2", ".webp", ".bmp"]
"""Pictures of slides; shown when they are asked for, since folders hold many other pictures."""


class FileChooser:
    """Asks with the system's dialogs; every method returns None (or nothing) when the user declines."""

    def slides(self, parent: QWidget, folder: str) -> list[Path]:
        """Slides to open."""
        patterns = " ".join(f"*{suffix}" for suffix in SLIDE_SUFFIXES)
        pictures = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        kinds = f"{tr('Slides')} ({patterns});;{tr('Pictures')} ({pictures});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(parent, tr("Open slides"), folder, kinds)
        return [Path(name) for name in names]

    def annotations_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """A GeoJSON file to import."""
        kinds = f"{tr('GeoJSON')} (*.geojson *.json *.geojson.gz *.json.gz *.zip);;{tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(parent, tr("Import annotations"), folder, kinds)
        return Path(name) if name else None

    def annotations_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Where to save GeoJSON; the dialog has asked before it names an existing file."""
        kinds = f"{tr('GeoJSON')} (*.geojson)"
        name, _ = QFileDialog.getSaveFileName(parent, tr("Save annotations"), str(proposed), kinds)
        return _with_suffix(name, ".geojson")

    def picture_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Where to save a picture; the suffix says in which format."""
        kinds = {
            f"{tr('PNG picture')} (*.png)": ".png",
            f"{tr('TIFF with its resolution')} (*.tif *.tiff)": ".tif",
        }
        name, kind = QFileDialog.getSaveFileName(parent, tr("Save picture"), str(proposed), ";;".join(kinds))
        suffix = kinds.get(kind, ".png")
        # The proposed name's suffix stays in the field when another format is chosen.
        replaced = name.removesuffix(".png") if suffix == ".tif" else name
        return _with_suffix(replaced, suffix)

    def pixel_sizes_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """A table of pixel sizes to import."""
        kinds = f"{tr('Tables')} (*.csv *.txt *.tsv);;{tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(parent, tr("Import pixel sizes"), folder, kinds)
        return Path(name) if name else None

    def recipe_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """A recipe file to run."""
        name, _ = QFileDialog.getOpenFileName(parent, tr("Open recipe"), folder, f"{tr('Recipes')} (*.toml)")
        return Path(name) if name else None

    def recipe_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Where to save a recipe."""
        kinds = f"{tr('Recipes')} (*.toml)"
        name, _ = QFileDialog.getSaveFileName(parent, tr("Save recipe"), str(proposed), kinds)
        return _with_suffix(name, ".toml")

    def color_profile(self, parent: QWidget, folder: str) -> Path | None:
        """The monitor's ICC file."""
        kinds = f"{tr('Color profiles')} (*.icc *.icm);;{tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(parent, tr("The monitor's color profile"), folder, kinds)
        return Path(name) if name else None

    def key_map_to_read(self, parent: QWidget) -> Path | None:
        """A file of keys."""
        kinds = f"{tr('Keyboard maps')} (*.toml)"
        name, _ = QFileDialog.getOpenFileName(parent, tr("Import keys"), "", kinds)
        return Path(name) if name else None

    def key_map_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Where to save the keys."""
        kinds = f"{tr('Keyboard maps')} (*.toml)"
        name, _ = QFileDialog.getSaveFileName(parent, tr("Export keys"), str(proposed), kinds)
        return _with_suffix(name, ".toml")

    def plugin_folder(self, parent: QWidget) -> Path | None:
        """The folder of a plugin to copy in."""
        name = QFileDialog.getExistingDirectory(parent, tr("Folder of the plugin"))
        return Path(name) if name else None

    def model_file(self, parent: QWidget) -> Path | None:
        """A file to import a model from."""
        kinds = f"{tr('Models')} (*.zip *.safetensors *.onnx *.pt *.pth *.bin *.ts *.ckpt)"
        name, _ = QFileDialog.getOpenFileName(parent, tr("Model to add"), "", kinds)
        return Path(name) if name else None

    def model_folder(self, parent: QWidget) -> Path | None:
        """A folder to import a model from."""
        name = QFileDialog.getExistingDirectory(parent, tr("Folder of the model"))
        return Path(name) if name else None

    def folder(self, parent: QWidget, folder: str) -> Path | None:
        """A folder for results."""
        name = QFileDialog.getExistingDirectory(parent, tr("Folder for results"), folder)
        return Path(name) if name else None


def forget_visited_folders() -> None:
    """Make Qt forget, also in its own settings file, which folders its dialogs have shown."""
    dialog = QFileDialog(None, "", str(Path.home()))
    dialog.setHistory([])
    # Qt writes the list when a dialog goes.
    del dialog


def _with_suffix(name: str, suffix: str) -> Path | None:
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_name(path.name + suffix)
