"""The folders the application reads from and writes to, decided once and passed down.

The checkout is looked at before the installed copy, because an editable install keeps stale copies of
plugins and resources. Safe on any thread; nothing is created here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Locations:
    """Where everything is.

    Attributes
    ----------
    bundled_plugins, resources : Path
        Read-only parts of the application.
    user_plugins : Path
        Folder for third-party plugins.
    user_data : Path
        Journals, models, job registry, logs.
    user_config : Path
        Settings.
    models : Path
        The user's model bundles.
    trust_file : Path
        Content hashes of the third-party plugins the user trusts.
    journals : Path
        One folder per ``slide_id``.
    """

    bundled_plugins: Path
    resources: Path
    user_plugins: Path
    user_data: Path
    user_config: Path
    models: Path
    trust_file: Path
    journals: Path

    @classmethod
    def default(cls) -> Locations:
        """The user's own folders, or everything below ``COVERSLIP_HOME`` where that is set.

        ``COVERSLIP_HOME`` makes the application portable (a USB stick) and gives tests a place of their own.
        """
        home = os.environ.get("COVERSLIP_HOME")
        if home:
            return cls.below(Path(home) / "data", Path(home) / "config")
        data = platformdirs.user_data_path("coverslip", appauthor=False)
        return cls.below(data, platformdirs.user_config_path("coverslip", appauthor=False))

    @classmethod
    def below(cls, user_data: Path, user_config: Path) -> Locations:
        """The standard layout below two given folders."""
        shipped = _shipped_root()
        return cls(
            bundled_plugins=shipped / "plugins",
            resources=shipped / "resources",
            user_plugins=user_data / "plugins",
            user_data=user_data,
            user_config=user_config,
            models=user_data / "models",
            trust_file=user_config / "trusted_plugins.json",
            journals=user_data / "journals",
        )

    @property
    def recipes(self) -> Path:
        """The shipped recipes."""
        return self.resources / "recipes"

    @property
    def plugin_templates(self) -> Path:
        """One folder per plugin kind, from which a new plugin is made."""
        return self.resources / "plugin_templates"

    @property
    def plugin_values(self) -> Path:
        """The file of parameter values that plugins begin with."""
        return self.user_config / "plugin_values.json"

    @property
    def run_registry(self) -> Path:
        """The file that remembers which runs' regions are on which slide."""
        return self.user_data / "runs.json"

    @property
    def slide_memory(self) -> Path:
        """One folder per slide: how it was looked at last (display, bookmarks, coverage)."""
        return self.user_data / "slides"

    @property
    def pyramid_cache(self) -> Path:
        """Pyramids made for slides that have none; may be deleted at any time."""
        return self.user_data / "pyramids"

    @property
    def mpp_tables(self) -> Path:
        """Pixel size tables of folders that cannot be written."""
        return self.user_data / "pixel-sizes"

    @property
    def manual(self) -> Path:
        """The manual's chapters, Markdown."""
        return self.resources / "manual"

    @property
    def bundle_folders(self) -> tuple[Path, ...]:
        """Where model bundles are looked for, the user's own first."""
        return (self.models, self.resources / "models")


def _shipped_root() -> Path:
    """The checkout if this is one, else the folder inside the installed package."""
    checkout = _PACKAGE.parent
    return checkout if (checkout / "pyproject.toml").is_file() else _PACKAGE / "_bundled"
