"""Which keys trigger which action: the table's own, changed by the user's key map.

A key triggers one action in each mode. What the user chose comes first; an action of the table whose key is
taken by such a choice has none. Pure, but for Qt's knowledge of key names; GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtGui import QKeySequence

from desktop_app.storage.key_map import KeyMap, Keys
from desktop_app.ui.actions.action_spec import ActionSpec, Mode
from desktop_app.ui.translation import marked, tr

KEY_MODES: tuple[Mode, Mode] = ("view", "annotate")

ARROWS = ("Left", "Right", "Up", "Down")
FIXED_KEYS = frozenset(
    {
        *("Space", "Return", "Enter", "Esc", "Backspace", "S", "K", "[", "]"),
        *ARROWS,
        *(f"Shift+{arrow}" for arrow in ARROWS),
    }
)
"""What the canvas and its tools answer to by themselves; no action can have them."""

FIXED_ROWS = (
    (marked("Zoom about the cursor"), marked("Wheel")),
    (marked("Move the slide in any mode"), marked("Middle button, or Space and drag")),
    (marked("Move the slide in View mode"), marked("Drag")),
    (marked("Move the slide; hold for more, with Shift faster"), marked("Arrow keys")),
    (marked("Bring a place into the middle, in View mode"), marked("Double click")),
    (marked("Zoom to a box, in View mode"), marked("Shift and drag")),
    (marked("Turn the slide; with Shift in steps of 15°"), marked("Ctrl and Alt and drag")),
    (marked("Go back and forward between views"), marked("The mouse's buttons 4 and 5")),
    (marked("See the slide without stain normalization"), marked("K, held")),
    (marked("Change between Move and the last tool"), marked("Click of the middle button")),
    (marked("Finish the polygon or polyline"), marked("Enter or double click")),
    (marked("Remove its last vertex"), marked("Backspace")),
    (marked("Add what is drawn to what is selected"), marked("Shift, with polygon, brush or points")),
    (marked("Subtract what is drawn from the selected area"), marked("Alt and draw")),
    (marked("Select what a drawn outline encloses"), marked("Hold S and draw")),
    (marked("Make the brush smaller or larger"), marked("[ and ], or Alt and wheel")),
    (marked("Fade what lies over the slide"), marked("Ctrl and wheel")),
    (marked("Give up the shape being drawn"), marked("Esc")),
    (marked("Add a vertex to the selected outline"), marked("Click on an edge")),
    (marked("Remove a vertex"), marked("Alt and click, or double click")),
    (marked("Select several vertices"), marked("Ctrl and click, or Shift and drag a box")),
    (marked("Nudge selected vertices; with Shift by 10 pixels"), marked("Arrow keys")),
    (marked("Redraw a stretch of the selected outline"), marked("Shift and drag from the outline")),
    (marked("Move a selected shape"), marked("Drag its outline, or Ctrl and drag")),
    (marked("Properties of what is selected"), marked("Enter")),
    (marked("The menu of a place or an object"), marked("Right button, the menu key, or Shift and F10")),
    (marked("Clear the last measurement, then put the ruler away"), marked("Esc")),
    (marked("Clear all measurements, with the ruler or angle in hand"), marked("Del")),
)
"""The same, and the mouse, for people: what, and by which key."""


class ActionKeys:
    """The keys of every action.

    Parameters
    ----------
    specs : Sequence[ActionSpec]
        The table.
    key_map : KeyMap
        The user's changes; those that cannot be used are left out.
    """

    def __init__(self, specs: Sequence[ActionSpec], key_map: KeyMap) -> None:
        self.specs = tuple(specs)
        by_key = {spec.key: spec for spec in specs}
        usable = {
            name: _possible(by_key[name], keys) for name, keys in key_map.changes.items() if name in by_key
        }
        self.key_map = KeyMap(key_map.name, usable)
        self._keys = _without_conflicts(specs, usable)

    def of(self, spec: ActionSpec, mode: Mode) -> str:
        """The keys of an action in a mode, in Qt's portable text; empty for none."""
        return self._keys[spec.key][KEY_MODES.index(mode)]

    def all_of(self, spec: ActionSpec, mode: Mode) -> tuple[str, ...]:
        """The keys of an action in a mode, and the table's second one while that is free."""
        first, second = self.of(spec, mode), spec.second_shortcut
        wanted = bool(first and second) and not self.is_changed(spec)
        return (first, second) if wanted and self.owner(second, mode) is None else (first,)

    def both(self, spec: ActionSpec) -> Keys:
        """The keys of an action in View and in Annotate."""
        return self._keys[spec.key]

    def owner(self, keys: str, mode: Mode) -> ActionSpec | None:
        """The action that a key triggers in a mode."""
        return next((spec for spec in self.specs if keys and self.of(spec, mode) == keys), None)

    def is_changed(self, spec: ActionSpec) -> bool:
        """Whether an action's keys are not the table's."""
        return self.both(spec) != table_keys(spec)


def table_keys(spec: ActionSpec) -> Keys:
    """The table's own keys of an action."""
    return spec.shortcut_in("view"), spec.shortcut_in("annotate")


def is_possible(keys: str) -> bool:
    """Whether an action can have a key: one that Qt knows and that the canvas does not need itself."""
    sequence = QKeySequence(keys)
    return not keys or (sequence.toString() == keys and sequence.count() == 1 and keys not in FIXED_KEYS)


def native(keys: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def plain_text(spec: ActionSpec) -> str:
    """An action's text without what only a menu needs."""
    number = spec.key.rpartition("_")[2]
    text = tr(spec.text, number=number) if "{number}" in spec.text else tr(spec.text)
    return text.replace("&", "").removesuffix("…")


def menu_text(spec: ActionSpec, menus: Mapping[str, str]) -> str:
    """Where an action is found: ``View › Panels``."""
    parts = spec.menu.split("/")
    path = ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return " › ".join(tr(menus[key]).replace("&", "") for key in path)


def _possible(spec: ActionSpec, keys: Keys) -> Keys:
    view, annotate = (
        text if mode in spec.modes and is_possible(text) else ""
        for mode, text in zip(KEY_MODES, keys, strict=True)
    )
    return view, annotate


def _without_conflicts(specs: Sequence[ActionSpec], changes: Mapping[str, Keys]) -> dict[str, Keys]:
    taken: set[tuple[str, str]] = set()
    chosen = {spec.key: tuple(_free(changes[spec.key], taken)) for spec in specs if spec.key in changes}
    others = {spec.key: tuple(_free(table_keys(spec), taken)) for spec in specs if spec.key not in changes}
    return {name: (keys[0], keys[1]) for name, keys in {**chosen, **others}.items()}


def _free(keys: Keys, taken: set[tuple[str, str]]) -> Iterator[str]:
    """The keys as far as no action before has them."""
    for mode, text in zip(KEY_MODES, keys, strict=True):
        free = bool(text) and (mode, text) not in taken
        taken.add((mode, text))
        yield text if free else ""
