"""What ``coverslip plugins list`` prints, as lines and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_app.plugin_host import PluginListing


def plugin_mappings(listings: Sequence[PluginListing]) -> list[dict[str, Any]]:
    """One JSON-able mapping for each plugin, usable or not."""
    return [
        {
            "id": listing.plugin_id,
            "origin": listing.origin,
            "name": listing.manifest.name if listing.manifest else None,
            "version": listing.manifest.version if listing.manifest else None,
            "licence": listing.manifest.licence if listing.manifest else None,
            "folder": str(listing.folder) if listing.folder else None,
            "trusted": listing.trusted,
            "usable": listing.is_usable,
            "error": listing.error,
            "content_hash": listing.content_hash,
            "provides": [
                {"kind": thing.kind, "use": f"{listing.plugin_id}/{thing.id}", "name": thing.name}
                for thing in (listing.manifest.provides if listing.manifest else ())
            ],
        }
        for listing in listings
    ]


def plugin_lines(listings: Sequence[PluginListing]) -> Iterator[str]:
    """The list for a terminal."""
    if not listings:
        yield "No plugins were found."
    for listing in listings:
        version = f" {listing.manifest.version}" if listing.manifest else ""
        yield f"{listing.plugin_id}{version} ({listing.origin.replace('_', ' ')}): {_state(listing)}"
        for thing in listing.manifest.provides if listing.manifest else ():
            yield f"  {thing.kind:<18}{f'{listing.plugin_id}/{thing.id}':<30}{thing.name}"


def _state(listing: PluginListing) -> str:
    """Ready, or one sentence saying why not."""
    if listing.is_usable:
        return "ready"
    if listing.error:
        return listing.error
    return f"not trusted; read {listing.folder}, then: coverslip plugins trust {listing.plugin_id}"
