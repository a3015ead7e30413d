"""A plugin's class imported by path, under a private module name.

The modules of a plugin live in a package ``_coverslip_plugin_<id>_<content>`` of their own, so that plugins
use relative imports, two plugins may have modules of the same name, and changed content is loaded afresh.
``sys.path`` stays as it is. Only source files that still have the bytes they had when the folder was hashed
are compiled: neither a byte-code file nor a file changed since the user trusted the folder can run.
Called in the process that runs the plugin, from any thread.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from desktop_app.errors import PluginLoadError
from desktop_app.plugin_api.manifest import PluginManifest
from desktop_app.plugin_host.content import FolderContent

PACKAGE_PREFIX = "_coverslip_plugin_"


def load_class(manifest: PluginManifest, content: FolderContent, entry: str) -> type:
    """Import ``"module:Class"`` of a plugin, once per content.

    Parameters
    ----------
    manifest : PluginManifest
        The plugin.
    content : FolderContent
        Its folder as it was hashed, and trusted where that is needed.
    entry : str
        As the manifest states it.

    Raises
    ------
    PluginLoadError
        If the import fails for any reason, or the module has no such class. Everything the failed import
        left in ``sys.modules`` is removed again.
    """
    package = package_name(manifest, content)
    module_name, _, class_name = entry.partition(":")
    _install_finder(package, manifest.folder, content.digests)
    try:
        module = importlib.import_module(f"{package}.{module_name}")
    except (Exception, SystemExit) as error:  # the plugin boundary: importing runs foreign code
        _forget(package)
        raise PluginLoadError(manifest.plugin_id, f"{type(error).__name__}: {error}") from error
    provided = getattr(module, class_name, None)
    if not isinstance(provided, type):
        raise PluginLoadError(manifest.plugin_id, f"{module_name}.py has no class {class_name}")
    return provided


def package_name(manifest: PluginManifest, content: FolderContent) -> str:
    """The private package of one content in one folder."""
    place = f"{manifest.folder.resolve()}\n{content.content_hash}".encode("utf-8", "surrogateescape")
    return f"{PACKAGE_PREFIX}{manifest.plugin_id}_{hashlib.sha256(place).hexdigest()[:12]}"


class _PluginFinder(MetaPathFinder):
    """Finds the modules of one plugin folder and no others."""

    def __init__(self, package: str, folder: Path, digests: Mapping[str, str]) -> None:
        self.package = package
        self._folder = folder
        self._digests = digests

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the private package or of a module below it."""
        if fullname != self.package and not fullname.startswith(f"{self.package}."):
            return None
        parts = fullname[len(self.package) + 1 :].split(".")
        relative = "/".join(part for part in parts if part)
        inside = f"{relative}/" if relative else ""
        if f"{inside}__init__.py" in self._digests:
            return self._spec(fullname, f"{inside}__init__.py", is_package=True)
        if f"{relative}.py" in self._digests:
            return self._spec(fullname, f"{relative}.py", is_package=False)
        if any(name.startswith(inside) for name in self._digests):
            return ModuleSpec(fullname, None, is_package=True)
        return None

    def _spec(self, fullname: str, relative: str, *, is_package: bool) -> ModuleSpec | None:
        path = str(self._folder / relative)
        # An empty search path: submodules come through this finder alone, never from the folder unchecked.
        return spec_from_file_location(
            fullname,
            path,
            loader=_CheckedLoader(fullname, path, self._digests[relative]),
            submodule_search_locations=[] if is_package else None,
        )


class _CheckedLoader(SourceFileLoader):
    """Compiles a source file only if its bytes are the ones that were hashed; ignores byte code."""

    def __init__(self, fullname: str, path: str, digest: str) -> None:
        super().__init__(fullname, path)
        self._digest = digest

    def get_code(self, fullname: str) -> CodeType:
        """The compiled module."""
        source = Path(self.path).read_bytes()
        if hashlib.sha256(source).hexdigest() != self._digest:
            raise ImportError(f"{Path(self.path).name} was changed while it was being loaded")
        return self.source_to_code(source, self.path)


def _install_finder(package: str, folder: Path, digests: Mapping[str, str]) -> None:
    for finder in sys.meta_path:
        if isinstance(finder, _PluginFinder) and finder.package == package:
            return
    sys.meta_path.append(_PluginFinder(package, folder, digests))


def _forget(package: str) -> None:
    """Remove every trace of a package whose import failed."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if not (isinstance(finder, _PluginFinder) and finder.package == package)
    ]
