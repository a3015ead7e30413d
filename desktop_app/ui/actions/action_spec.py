"""One row of the action table: everything a menu, a toolbar, a shortcut and the help page need to know.

Actions are data, so that all of them, and the tests, are made from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

Mode: TypeAlias = Literal["view", "annotate"]
Fact: TypeAlias = str
"""Something that is true of the window now: ``"slide"``, ``"selection"``, ``"tool.rectangle"``, ..."""

Handler: TypeAlias = Callable[["MainWindow"], None]

BOTH: frozenset[Mode] = frozenset({"view", "annotate"})
ANNOTATE: frozenset[Mode] = frozenset({"annotate"})

EMPTY: Mapping[Mode, str] = {}
NO_ICONS: Mapping[Fact, str] = {}


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What one action is.

    Attributes
    ----------
    key : str
        Its name for good, ``"file.open"``.
    text : str
        In the menu, English, with ``&`` before its mnemonic.
    menu : str
        Key of the menu or submenu it stands in.
    handler : Handler
        What it does.
    shortcut : str
        In both modes, in Qt's portable text; empty for none.
    second_shortcut : str
        A key that triggers it as well, for hands used to another program; unless another action has it.
    mode_shortcuts : Mapping[Mode, str]
        Where it differs between the modes.
    modes : frozenset[Mode]
        Where it can be used.
    needs : frozenset[Fact]
        It is enabled while all of these hold.
    checked_when : Fact
        A checkable action is ticked while this holds; empty for an action without a tick.
    icon : str
        File name in ``resources/icons``.
    icon_when : Mapping[Fact, str]
        Another icon while a fact holds, since the action does something else then.
    tip : str
        What the tooltip says more than the text.
    canvas_only : bool
        Its shortcut works while the slide has the keyboard only (Tab must still leave a text field).
    starts_group : bool
        A line stands above it in the menu.
    """

    key: str
    text: str
    menu: str
    handler: Handler
    shortcut: str = ""
    second_shortcut: str = ""
    mode_shortcuts: Mapping[Mode, str] = field(default_factory=lambda: EMPTY)
    modes: frozenset[Mode] = BOTH
    needs: frozenset[Fact] = frozenset()
    checked_when: Fact = ""
    icon: str = ""
    icon_when: Mapping[Fact, str] = field(default_factory=lambda: NO_ICONS)
    tip: str = ""
    canvas_only: bool = False
    starts_group: bool = False

    def shortcut_in(self, mode: Mode) -> str:
        """The keys that trigger it in a mode; empty for none."""
        if mode not in self.modes:
            return ""
        return self.mode_shortcuts.get(mode, self.shortcut)

    def icon_for(self, facts: AbstractSet[Fact]) -> str:
        """The file name of its icon while some facts hold; empty for none."""
        return next((icon for fact, icon in self.icon_when.items() if fact in facts), self.icon)


def needs(*facts: Fact) -> frozenset[Fact]:
    """A set of facts, for the table's readability."""
    return frozenset(facts)
