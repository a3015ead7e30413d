"""One provided thing under test, and how a check says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.errors import PluginRunError
from desktop_app.plugin_api.manifest import ParamValue, Provided
from desktop_app.plugin_host import PluginHost


@dataclass(frozen=True, slots=True)
class Case:
    """A provided thing and the means to try it.

    Attributes
    ----------
    host : PluginHost
        Lists and trusts the plugin.
    plugin_id : str
        Whose it is.
    provided : Provided
        Its manifest entry.
    scratch : Path
        An empty folder.
    samples : Path
        Folder of files that a slide reader must open.
    """

    host: PluginHost
    plugin_id: str
    provided: Provided
    scratch: Path
    samples: Path

    @property
    def use(self) -> str:
        """``"plugin_id/provided_id"``."""
        return f"{self.plugin_id}/{self.provided.id}"

    def build(self, values: Mapping[str, ParamValue] | None = None) -> Any:
        """A new object of it, behind the boundary that every user of a plugin has."""
        return self.host.build(self.provided.kind, self.use, values or {})

    def demand(self, condition: bool, sentence: str) -> None:
        """Go on only if something holds.

        Raises
        ------
        PluginRunError
            With the sentence, if it does not.
        """
        if not condition:
            raise PluginRunError(self.plugin_id, sentence)
