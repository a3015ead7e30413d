"""What ``plugin.toml`` says, as values; reading it imports none of the plugin's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

PluginKind: TypeAlias = Literal[
    "tissue_detector",
    "artifact_detector",
    "stain_normalizer",
    "encoder",
    "aggregator",
    "slide_encoder",
    "annotation_format",
    "slide_reader",
]
ParamType: TypeAlias = Literal["float", "int", "bool", "choice", "text"]
ParamValue: TypeAlias = float | int | bool | str


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One typed parameter, from which a dialog row is built.

    Attributes
    ----------
    name : str
        The keyword argument of the provided class.
    type : ParamType
        Its type.
    default : ParamValue
        Of that type and inside the range.
    label : str
        What the dialog shows.
    minimum, maximum : float | None
        Inclusive range of a number.
    unit : str
        ``"µm"``, ``"µm²"``, ``"px"``, ... ; empty if it has none.
    choices : tuple[str, ...]
        For ``"choice"``.
    help : str
        One sentence.
    """

    name: str
    type: ParamType
    default: ParamValue
    label: str
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """Parameters that go together, under a name; one ``[[provides.presets]]`` table.

    Attributes
    ----------
    name : str
        What the user chooses.
    values : Mapping[str, ParamValue]
        Checked values by parameter name; those left out take their defaults.
    """

    name: str
    values: Mapping[str, ParamValue]


@dataclass(frozen=True, slots=True)
class Provided:
    """One ``[[provides]]`` table.

    Attributes
    ----------
    kind : PluginKind
        Which protocol the class follows.
    id : str
        Unique in the plugin; recipes name it ``"plugin_id/id"``.
    name : str
        What the user sees.
    entry : str
        ``"module:Class"`` relative to the plugin's folder.
    params : tuple[ParamSpec, ...]
        In the order of the manifest.
    presets : tuple[Preset, ...]
        Offered above the parameters.
    """

    kind: PluginKind
    id: str
    name: str
    entry: str
    params: tuple[ParamSpec, ...] = ()
    presets: tuple[Preset, ...] = ()

    def defaults(self) -> dict[str, ParamValue]:
        """Every parameter's default by name."""
        return {spec.name: spec.default for spec in self.params}


@dataclass(frozen=True, slots=True)
class PluginManifest:
    """The whole ``plugin.toml``.

    Attributes
    ----------
    folder : Path
        The plugin's folder.
    plugin_id, name, version, licence, description : str
        As stated.
    api_version : int
        0 until the platform is settled.
    provides : tuple[Provided, ...]
        At least one.
    """

    folder: Path
    plugin_id: str
    name: str
    version: str
    licence: str
    description: str
    api_version: int
    provides: tuple[Provided, ...]

    def find(self, provided_id: str) -> Provided | None:
        """The provided thing of that id, or None."""
        return next((thing for thing in self.provides if thing.id == provided_id), None)


Params: TypeAlias = Mapping[str, Any]
"""Values by parameter name, as a recipe carries them."""
