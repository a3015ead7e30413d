"""The toolbar: the two modes, then the actions used all the time. GUI thread."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSlider, QToolBar, QToolButton, QWidget

from desktop_app.ui.actions.action_keys import native
from desktop_app.ui.actions.action_spec import Fact, Mode
from desktop_app.ui.actions.table import TOOLBAR
from desktop_app.ui.icons import IconSet
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

MODES: dict[Mode, tuple[str, str]] = {
    "view": (marked("View"), marked("Look only: nothing can be changed")),
    "annotate": (marked("Annotate"), marked("Draw and edit")),
}


class ToolBar(QToolBar):
    """Modes, tools and actions.

    Parameters
    ----------
    window : MainWindow
        Whose actions are shown.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(tr("Toolbar"))
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window = window
        self.mode_buttons: dict[Mode, QToolButton] = {}
        self.addWidget(self._mode_switch())
        for keys in TOOLBAR:
            self.addSeparator()
            for key in keys:
                self.addAction(window.actions_by_key[key])
        self.opacity = self._opacity_slider()
        self._opacity_action = self.insertWidget(window.actions_by_key["analyze.run"], self.opacity)

    def refresh(self, mode: Mode, facts: AbstractSet[Fact]) -> None:
        """Show the mode, and the slider only with a heat map."""
        for name, button in self.mode_buttons.items():
            button.setChecked(name == mode)
            button.setToolTip(self._mode_tip(name))
            button.setEnabled("slide" in facts)
        self._opacity_action.setVisible("heat_map_shown" in facts)

    def set_icons(self, icons: IconSet) -> None:
        """Dress the mode switch, and the button for what a narrow window has no room for."""
        for name, button in self.mode_buttons.items():
            button.setIcon(icons.icon(name))
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:
            more.setIcon(icons.icon("more"))
            more.setToolTip(tr("More"))

    def _mode_tip(self, mode: Mode) -> str:
        tip = tr(MODES[mode][1])
        keys = native(self._window.actions_by_key["view.mode"].shortcut().toString())
        return tr("{tip} ({keys} switches)", tip=tip, keys=keys) if keys else tip

    def show_opacity(self, opacity: float) -> None:
        """Put the slider where the setting is."""
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(opacity * 100))
        self.opacity.blockSignals(False)

    def _mode_switch(self) -> QWidget:
        box = QWidget()
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(0)
        group = QButtonGroup(self)
        for mode, (text, _tip) in MODES.items():
            button = QToolButton()
            button.setObjectName("mode")
            button.setText(tr(text))
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(partial(self._window.set_mode, mode))
            group.addButton(button)
            layout.addWidget(button)
            self.mode_buttons[mode] = button
        return box

    def _opacity_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(10, 100)
        slider.setFixedWidth(110)
        slider.setToolTip(tr("Heat map opacity"))
        slider.setAccessibleName(tr("Heat map opacity"))
        slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        slider.valueChanged.connect(self._change_opacity)
        return slider

    def _change_opacity(self, percent: int) -> None:
        self._window.change_settings(replace(self._window.settings, heat_map_opacity=percent / 100))
