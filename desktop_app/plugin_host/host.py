"""The plugins of this installation: listed, chosen, trusted, built.

Made once by a composition root and passed down. Listing reads the folders each time, so a plugin that was
just copied in or edited is seen without a restart; it takes milliseconds and runs no plugin code. Methods may
be called from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.errors import ManifestError, PluginError, PluginLoadError, UntrustedPluginError
from desktop_app.plugin_api.manifest import Params, ParamValue, PluginKind, PluginManifest, Provided
from desktop_app.plugin_host.activity import PluginActivity
from desktop_app.plugin_host.boundary import GuardedPlugin
from desktop_app.plugin_host.content import FolderContent, read_content
from desktop_app.plugin_host.discovery import FoundPlugin, PluginOrigin, find_plugins
from desktop_app.plugin_host.installing import copy_plugin, delete_plugin
from desktop_app.plugin_host.loader import load_class
from desktop_app.plugin_host.manifest_file import read_manifest
from desktop_app.plugin_host.parameters import complete_params
from desktop_app.plugin_host.trust import TrustFile

_METHODS: Mapping[str, tuple[str, ...]] = {
    "tissue_detector": ("detect",),
    "artifact_detector": ("detect",),
    "stain_normalizer": ("fit",),
    "encoder": ("encode",),
    "aggregator": ("build", "open"),
    "slide_encoder": ("encode",),
    "annotation_format": ("read", "write"),
    "slide_reader": ("open",),
}
"""What a class of each kind must be able to do; kinds without a protocol yet ask for nothing."""


@dataclass(frozen=True, slots=True)
class PluginListing:
    """One plugin as it is found, usable or not.

    Attributes
    ----------
    plugin_id : str
        The manifest's id, or the folder's name where the manifest could not be read.
    origin : PluginOrigin
        Where it was found.
    manifest : PluginManifest | None
        None where it could not be read.
    error : str
        One sentence saying why the plugin cannot be used; empty if it can.
    trusted : bool
        Bundled, or the user has trusted exactly this content.
    content_hash : str
        SHA-256 of the folder's content; empty where it could not be read.
    folder : Path | None
        The plugin's folder; None where an installed package names one that is not there.
    enabled : bool
        False where the user has switched it off.
    """

    plugin_id: str
    origin: PluginOrigin
    manifest: PluginManifest | None
    error: str
    trusted: bool
    content_hash: str
    folder: Path | None
    enabled: bool = True

    @property
    def is_usable(self) -> bool:
        """Whether its classes may be built."""
        return self.manifest is not None and self.trusted and self.enabled and not self.error


class PluginHost:
    """Everything the application knows of plugins.

    Parameters
    ----------
    bundled : Path
        The folder of the plugins that ship with the application; trusted.
    user : Path
        The user's plugin folder; need not exist.
    trust_file : Path
        Where trusted contents are remembered.
    activity : PluginActivity | None
        Told of each call into a plugin, where somebody watches this process.
    """

    def __init__(
        self, bundled: Path, user: Path, trust_file: Path, *, activity: PluginActivity | None = None
    ) -> None:
        self._activity = activity or PluginActivity()
        self._bundled = bundled
        self._user = user
        self._trust = TrustFile(trust_file)
        self._loading = threading.Lock()

    def listings(self) -> tuple[PluginListing, ...]:
        """Every plugin found, the broken and the untrusted too: bundled, user's, installed, each by name."""
        return tuple(listing for listing, _ in self._scan())

    def provided(self, kind: PluginKind) -> tuple[tuple[PluginManifest, Provided], ...]:
        """What usable plugins provide of one kind, in the order of the listings."""
        return tuple(
            (listing.manifest, thing)
            for listing in self.listings()
            if listing.manifest is not None and listing.is_usable
            for thing in listing.manifest.provides
            if thing.kind == kind
        )

    def find(self, kind: PluginKind, use: str) -> tuple[PluginManifest, Provided]:
        """The manifest entry of ``"plugin_id/provided_id"``.

        Raises
        ------
        UntrustedPluginError
            If the user has not trusted the plugin's present content.
        ManifestError
            If the plugin is there but broken.
        PluginError
            If there is no such plugin, or it provides nothing of that id and kind.
        """
        manifest, provided, _ = self._find(kind, use)
        return manifest, provided

    def check_params(self, kind: PluginKind, use: str, params: Params) -> dict[str, ParamValue]:
        """Parameters with their defaults filled in, as :meth:`build` would use them; loads nothing.

        Raises
        ------
        PluginError
            As :meth:`find`, and if a parameter is unknown, of the wrong type or out of range.
        """
        manifest, provided, _ = self._find(kind, use)
        return complete_params(manifest.plugin_id, provided, params)

    def build(self, kind: PluginKind, use: str, params: Params) -> Any:
        """Load a plugin's class and make one object of it.

        Parameters
        ----------
        kind : PluginKind
            The protocol that the caller needs.
        use : str
            ``"plugin_id/provided_id"``.
        params : Params
            Values by name; those left out take their defaults.

        Returns
        -------
        Any
            An object of the kind's protocol in ``plugin_api``; what its methods raise is mapped to
            ``desktop_app.errors``.

        Raises
        ------
        PluginError
            As :meth:`check_params`.
        PluginLoadError
            If the code cannot be imported, is not what the manifest says, or refuses its parameters.
        """
        manifest, provided, content = self._find(kind, use)
        values = complete_params(manifest.plugin_id, provided, params)
        plugin_id = manifest.plugin_id
        with self._activity.during(plugin_id):
            with self._loading:
                provided_class = load_class(manifest, content, provided.entry)
            _check_methods(plugin_id, provided, provided_class)
            built = _construct(plugin_id, provided_class, values)
        return GuardedPlugin(plugin_id, built, self._activity)

    def trust(self, plugin_id: str) -> PluginListing:
        """Trust the present content of a third-party plugin, until a file of it changes.

        Raises
        ------
        PluginError
            If there is no such plugin.
        ManifestError
            If it is broken; there is nothing to trust then.
        StorageError
            If the trust file cannot be written.
        """
        listing, _ = self._listing(plugin_id)
        if not listing.trusted:
            self._trust.add(plugin_id, listing.content_hash)
        return self._listing(plugin_id)[0]

    def set_enabled(self, plugin_id: str, enabled: bool) -> None:
        """Switch a plugin on or off; it stays where it is and stays trusted.

        Raises
        ------
        PluginError
            If there is no such plugin.
        StorageError
            If this cannot be remembered.
        """
        self._any_listing(plugin_id)
        self._trust.set_enabled(plugin_id, enabled)

    def install(self, folder: Path) -> PluginListing:
        """Copy a plugin's folder to the user's plugins, in place of an earlier version of the same id.

        Nothing of it runs; a content that was not trusted before has to be trusted then.

        Raises
        ------
        ManifestError
            If it is no plugin, or the id is that of a bundled or an installed one; nothing was changed.
        StorageError
            If the copy cannot be written; the earlier version stays then.
        """
        plugin_id = read_manifest(folder).plugin_id
        for listing in self.listings():
            if listing.plugin_id == plugin_id and listing.origin != "user":
                raise ManifestError(
                    folder.name, f"the id '{plugin_id}' is taken by a plugin ({listing.origin})"
                )
        copy_plugin(folder, self._user / plugin_id)
        return self._listing(plugin_id)[0]

    def remove(self, plugin_id: str) -> None:
        """Delete a plugin of the user's folder, a broken one as well, and forget that it was trusted.

        Raises
        ------
        PluginError
            If there is none of that id in the user's folder.
        StorageError
            If it cannot be deleted.
        """
        listing = self._any_listing(plugin_id)
        if listing.origin != "user" or listing.folder is None:
            raise PluginError(
                plugin_id, f"The plugin {plugin_id} is not in your plugin folder: switch it off."
            )
        delete_plugin(listing.folder)
        self._trust.forget(plugin_id)

    def _any_listing(self, plugin_id: str) -> PluginListing:
        """The first plugin of that id, in whatever state."""
        listings = self.listings()
        for listing in listings:
            if listing.plugin_id == plugin_id:
                return listing
        known = ", ".join(sorted({listing.plugin_id for listing in listings})) or "none"
        raise PluginError(plugin_id, f"There is no plugin '{plugin_id}'; there are {known}.")

    def _find(self, kind: PluginKind, use: str) -> tuple[PluginManifest, Provided, FolderContent]:
        plugin_id, _, provided_id = use.partition("/")
        listing, content = self._listing(plugin_id)
        if not listing.trusted:
            raise UntrustedPluginError(plugin_id)
        if not listing.enabled:
            raise PluginError(
                plugin_id,
                f"The plugin {plugin_id} is switched off: switch it on under Plugins in the window, or run "
                f"'coverslip plugins enable {plugin_id}'.",
            )
        assert listing.manifest is not None  # _listing refuses broken ones
        provided = listing.manifest.find(provided_id)
        if provided is None or provided.kind != kind:
            known = ", ".join(f"{plugin_id}/{thing.id} ({thing.kind})" for thing in listing.manifest.provides)
            raise PluginError(plugin_id, f"There is no {kind} '{use}'; the plugin provides {known}.")
        return listing.manifest, provided, content

    def _listing(self, plugin_id: str) -> tuple[PluginListing, FolderContent]:
        """The first plugin of that id, which must not be broken."""
        scanned = list(self._scan())
        for listing, content in scanned:
            if listing.plugin_id != plugin_id:
                continue
            if content is None or listing.error:
                raise ManifestError(plugin_id, listing.error)
            return listing, content
        known = ", ".join(sorted({listing.plugin_id for listing, _ in scanned})) or "none"
        raise PluginError(plugin_id, f"There is no plugin '{plugin_id}'; there are {known}.")

    def _scan(self) -> Iterator[tuple[PluginListing, FolderContent | None]]:
        seen: dict[str, PluginOrigin] = {}
        for found in find_plugins(self._bundled, self._user):
            listing, content = self._list(found, seen)
            seen.setdefault(listing.plugin_id, listing.origin)
            yield listing, content

    def _list(
        self, found: FoundPlugin, seen: Mapping[str, PluginOrigin]
    ) -> tuple[PluginListing, FolderContent | None]:
        try:
            manifest, content = _read(found)
            _check_name(found, manifest, seen)
        except ManifestError as error:
            return _broken(found, error), None
        trusted = found.origin == "bundled" or self._trust.trusts(manifest.plugin_id, content.content_hash)
        listing = PluginListing(
            plugin_id=manifest.plugin_id,
            origin=found.origin,
            manifest=manifest,
            error="",
            trusted=trusted,
            content_hash=content.content_hash,
            folder=found.folder,
            enabled=self._trust.is_enabled(manifest.plugin_id),
        )
        return listing, content


def _read(found: FoundPlugin) -> tuple[PluginManifest, FolderContent]:
    if found.folder is None:
        raise ManifestError(found.name, "the installed package it names is not there")
    # Hash first: a manifest changed in between is then loaded under a hash that no longer fits it.
    content = read_content(found.folder)
    return read_manifest(found.folder), content


def _check_name(found: FoundPlugin, manifest: PluginManifest, seen: Mapping[str, PluginOrigin]) -> None:
    if found.origin != "entry_point" and manifest.plugin_id != found.name:
        raise ManifestError(found.name, f"its folder must be named '{manifest.plugin_id}', as its id is")
    if (other := seen.get(manifest.plugin_id)) is not None:
        raise ManifestError(found.name, f"the id '{manifest.plugin_id}' is taken by a plugin ({other})")


def _broken(found: FoundPlugin, error: ManifestError) -> PluginListing:
    return PluginListing(
        plugin_id=found.name,
        origin=found.origin,
        manifest=None,
        error=error.reason,
        trusted=False,
        content_hash="",
        folder=found.folder,
    )


def _check_methods(plugin_id: str, provided: Provided, provided_class: type) -> None:
    for method in _METHODS.get(provided.kind, ()):
        if not callable(getattr(provided_class, method, None)):
            raise PluginLoadError(plugin_id, f"{provided.entry} has no method {method}()")


def _construct(plugin_id: str, provided_class: type, values: Mapping[str, ParamValue]) -> Any:
    try:
        return provided_class(**values)
    except (Exception, SystemExit) as error:  # the plugin boundary: foreign code may raise anything
        raise PluginLoadError(
            plugin_id, f"{provided_class.__name__} refuses its parameters ({type(error).__name__}: {error})"
        ) from error
