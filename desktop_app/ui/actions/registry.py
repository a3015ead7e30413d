"""Menus, toolbar and shortcuts built from the action table, and kept true to the window's state.

GUI thread. The registry alone sets an action's enabled state, tick and shortcut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from desktop_app.storage.key_map import KeyMap
from desktop_app.ui.actions.action_keys import ActionKeys, native, plain_text
from desktop_app.ui.actions.action_spec import ActionSpec, Fact, Mode
from desktop_app.ui.icons import IconSet
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


class ActionRegistry:
    """The table's actions as Qt has them.

    Parameters
    ----------
    window : MainWindow
        Owner of the actions and argument of every handler.
    specs : Sequence[ActionSpec]
        The table.

    Attributes
    ----------
    keys : ActionKeys
        Which keys they have now.
    """

    def __init__(self, window: MainWindow, specs: Sequence[ActionSpec]) -> None:
        self.specs = tuple(specs)
        self.keys = ActionKeys(specs, KeyMap())
        self._window = window
        self._actions = {spec.key: self._make(spec) for spec in self.specs}
        self._menus: dict[str, QMenu] = {}
        self._icons: IconSet | None = None
        self._facts: frozenset[Fact] = frozenset()
        self._shown: tuple[Mode, frozenset[Fact], ActionKeys] | None = None

    def __getitem__(self, key: str) -> QAction:
        """The action of that key."""
        return self._actions[key]

    def menu(self, key: str) -> QMenu:
        """The menu of that key, once ``build_menus`` has run."""
        return self._menus[key]

    def build_menus(self, bar: QMenuBar, titles: Mapping[str, str]) -> None:
        """Fill the menu bar.

        Parameters
        ----------
        bar : QMenuBar
            Empty.
        titles : Mapping[str, str]
            Title by menu key, in order; ``"view/zoom"`` is a submenu of ``"view"``.
        """
        for key, title in titles.items():
            parent = key.rpartition("/")[0]
            menu = QMenu(tr(title), self._menus[parent] if parent else bar)
            menu.setToolTipsVisible(True)
            self._menus[key] = menu
            if not parent:
                bar.addMenu(menu)
        for spec in self.specs:
            menu = self._menus[spec.menu]
            self._place_submenus(spec, menu)
            if spec.starts_group:
                menu.addSeparator()
            menu.addAction(self._actions[spec.key])
        for key in titles:
            self._place_submenu(key)

    def add_to_canvas(self, canvas: QWidget) -> None:
        """Give a canvas the actions whose shortcuts work only there."""
        for spec in self.specs:
            if spec.canvas_only:
                canvas.addAction(self._actions[spec.key])

    def set_icons(self, icons: IconSet) -> None:
        """Dress the actions in a theme's icons."""
        self._icons = icons
        for spec in self.specs:
            self._dress(spec)

    def set_key_map(self, key_map: KeyMap) -> None:
        """Use other keys; the next ``refresh`` shows them."""
        self.keys = ActionKeys(self.specs, key_map)

    def refresh(self, mode: Mode, facts: Iterable[Fact]) -> None:
        """Bring every action in line with what is true now; costs little where that is what was true."""
        true = self._facts = frozenset(facts)
        if self._shown == (mode, true, self.keys):
            return
        self._shown = (mode, true, self.keys)
        for spec in self.specs:
            action = self._actions[spec.key]
            action.setEnabled(mode in spec.modes and spec.needs <= true)
            if spec.checked_when:
                action.setChecked(spec.checked_when in true)
            if spec.icon_when:
                self._dress(spec)
            keys = self.keys.all_of(spec, mode)
            sequences = [QKeySequence(key) for key in keys if key]
            if action.shortcuts() != sequences:
                action.setShortcuts(sequences)
                action.setToolTip(tool_tip(spec, keys[0]))

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(tr(spec.text), self._window)
        action.setObjectName(spec.key)
        action.setToolTip(tool_tip(spec, ""))
        action.setCheckable(bool(spec.checked_when))
        # In a menu a tick says it; in the toolbar the icon has a background of its own.
        action.setIconVisibleInMenu(not spec.checked_when)
        action.triggered.connect(self._trigger(spec))
        if spec.canvas_only:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            self._window.addAction(action)
        return action

    def _dress(self, spec: ActionSpec) -> None:
        if spec.icon and self._icons is not None:
            self._actions[spec.key].setIcon(self._icons.icon(spec.icon_for(self._facts)))

    def _trigger(self, spec: ActionSpec) -> Callable[[], None]:
        def trigger() -> None:
            spec.handler(self._window)
            # Qt flips a tick by itself; the state behind it decides.
            self._shown = None
            self._window.refresh_actions()

        return trigger

    def _place_submenus(self, spec: ActionSpec, menu: QMenu) -> None:
        """Put the spec's submenu into its parent where its first action comes in the table."""
        if "/" in spec.menu and menu.menuAction() not in self._menus[spec.menu.rpartition("/")[0]].actions():
            self._menus[spec.menu.rpartition("/")[0]].addMenu(menu)

    def _place_submenu(self, key: str) -> None:
        """Put a submenu that holds no action of the table (the recent slides) into its parent."""
        parent = key.rpartition("/")[0]
        if parent and self._menus[key].menuAction() not in self._menus[parent].actions():
            second = self._menus[parent].actions()[1]
            self._menus[parent].insertMenu(second, self._menus[key])


def tool_tip(spec: ActionSpec, keys: str) -> str:
    """Text, more words and keys (in Qt's portable text), for a toolbar."""
    text = plain_text(spec)
    title = f"{text} ({native(keys)})" if keys else text
    return f"{title}\n{tr(spec.tip)}" if spec.tip else title
