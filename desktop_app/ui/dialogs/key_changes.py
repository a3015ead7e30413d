"""What a new key for an action means for the others: nobody else has it, or it is taken, swapped or given up.

Pure; the dialog shows it and asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.storage.key_map import KeyMap, Keys
from desktop_app.ui.actions.action_keys import KEY_MODES, ActionKeys, table_keys
from desktop_app.ui.actions.action_spec import ActionSpec, Mode


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key that the user pressed for an action.

    Attributes
    ----------
    spec : ActionSpec
        The action.
    modes : tuple[Mode, ...]
        Where it is to have the key.
    keys : str
        In Qt's portable text; empty to take its key away.
    """

    spec: ActionSpec
    modes: tuple[Mode, ...]
    keys: str


def wish_for(current: ActionKeys, spec: ActionSpec, mode: Mode, *, keys: str, together: bool) -> KeyWish:
    """The wish that a key pressed in one mode's column means.

    With ``together`` it is for both modes, if the action has one key in both now.
    """
    view, annotate = current.both(spec)
    both = together and view == annotate and len(spec.modes) == len(KEY_MODES)
    return KeyWish(spec, KEY_MODES if both else (mode,), keys)


def others_with(current: ActionKeys, wish: KeyWish) -> tuple[ActionSpec, ...]:
    """Other actions that have the key where it is wanted, each once."""
    found = (current.owner(wish.keys, mode) for mode in wish.modes)
    return tuple({one.key: one for one in found if one is not None and one is not wish.spec}.values())


def granted(current: ActionKeys, wish: KeyWish) -> KeyMap:
    """The key map in which the action has the key and nobody else has it there."""
    key_map = current.key_map
    for other in others_with(current, wish):
        # An action that the user never changed loses its key by itself, and gets it back by itself.
        if other.key in key_map.changes:
            key_map = _changed(key_map, other, _replaced(current.both(other), wish.modes, wish.keys, ""))
    return _changed(key_map, wish.spec, _set(current.both(wish.spec), wish.modes, wish.keys))


def swapped(current: ActionKeys, wish: KeyWish) -> KeyMap:
    """The key map in which the action has the key, and who had it has the action's old one."""
    old: Sequence[str] = current.both(wish.spec)
    key_map = current.key_map
    for other in others_with(current, wish):
        theirs = list(current.both(other))
        for number, mode in enumerate(KEY_MODES):
            if mode in wish.modes and theirs[number] == wish.keys:
                theirs[number] = old[number] if mode in other.modes else ""
        key_map = _changed(key_map, other, (theirs[0], theirs[1]))
    return _changed(key_map, wish.spec, _set(current.both(wish.spec), wish.modes, wish.keys))


def reset(current: ActionKeys, spec: ActionSpec) -> KeyMap:
    """The key map in which the action has its table's keys; it takes them from whoever was given them."""
    key_map = current.key_map.with_keys(spec.key, None)
    for mode, keys in zip(KEY_MODES, table_keys(spec), strict=True):
        owner = current.owner(keys, mode)
        if owner is not None and owner is not spec and owner.key in key_map.changes:
            held = key_map.changes[owner.key]
            key_map = _changed(key_map, owner, _replaced(held, (mode,), keys, ""))
    return key_map


def _changed(key_map: KeyMap, spec: ActionSpec, keys: Keys) -> KeyMap:
    return key_map.with_keys(spec.key, None if keys == table_keys(spec) else keys)


def _set(keys: Keys, modes: tuple[Mode, ...], new: str) -> Keys:
    view, annotate = (new if mode in modes else old for mode, old in zip(KEY_MODES, keys, strict=True))
    return view, annotate


def _replaced(keys: Keys, modes: tuple[Mode, ...], old: str, new: str) -> Keys:
    view, annotate = (
        new if mode in modes and text == old else text for mode, text in zip(KEY_MODES, keys, strict=True)
    )
    return view, annotate
