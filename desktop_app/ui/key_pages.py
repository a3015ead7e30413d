"""The manual's chapter on keys and mouse, made from the action table and the keys in use.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from desktop_app.storage.key_map import Keys
from desktop_app.ui.actions.action_keys import (
    FIXED_ROWS,
    ActionKeys,
    menu_text,
    native,
    plain_text,
)
from desktop_app.ui.manual_book import Chapter, keys_chapter
from desktop_app.ui.translation import tr

KEYS = "keys.md"
"""The chapter's name in links."""


def chapter_on_keys(keys: ActionKeys, menus: Mapping[str, str]) -> Chapter:
    """Every action with a key, by menu, then what the slide answers to by itself."""
    return keys_chapter(KEYS, tr("Keyboard and mouse"), _groups(keys, menus))


def keys_text(keys: Keys) -> str:
    """The keys of an action, with the mode where it matters."""
    view, annotate = (native(text) for text in keys)
    if view == annotate:
        return view
    parts = []
    if view:
        parts.append(tr("{keys} in View", keys=view))
    if annotate:
        parts.append(tr("{keys} in Annotate", keys=annotate))
    return ", ".join(parts)


def _groups(keys: ActionKeys, menus: Mapping[str, str]) -> Iterator[tuple[str, list[Sequence[str]]]]:
    head = (tr("Action"), tr("Keys"))
    groups: dict[str, list[Sequence[str]]] = {}
    for spec in keys.specs:
        text = keys_text(keys.both(spec))
        if text:
            groups.setdefault(menu_text(spec, menus), [head]).append((plain_text(spec), text))
    yield from groups.items()
    fixed: list[Sequence[str]] = [head, *((tr(what), tr(how)) for what, how in FIXED_ROWS)]
    yield tr("On the slide"), fixed
