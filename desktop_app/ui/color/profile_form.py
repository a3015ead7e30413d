"""Color management: the slide's profile on or off, and the monitor's. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.ui.display_keeper import ColorState, DisplayKeeper
from desktop_app.ui.translation import as_data, marked, tr

STATES: dict[ColorState, str] = {
    "managed": marked("Colors are shown as the profile says."),
    "off": marked("The profile is not applied: colors are shown as they are stored."),
    "no_profile": marked("The slide has no color profile; its colors are taken for sRGB."),
    "unusable": marked("The profile cannot be used."),
}


class ProfileForm(QWidget):
    """What becomes of the color profiles."""

    switched = Signal(bool)
    """The slide's profile shall be applied, or not."""

    screen_asked = Signal()
    """The user wants to choose the monitor's profile."""

    screen_cleared = Signal()
    """The monitor shall be taken for sRGB."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.apply = QCheckBox(tr("Apply the slide's color profile"))
        self.name = as_data(QLabel())
        self.state = QLabel()
        self.monitor = as_data(QLabel())
        self.choose = QPushButton(tr("Choose…"))
        self.clear = QPushButton(tr("sRGB"))
        self._build()

    def show_keeper(self, keeper: DisplayKeeper, *, profile_name: str, screen_name: str) -> None:
        """Show a view's state.

        Parameters
        ----------
        keeper : DisplayKeeper
            The view's.
        profile_name : str
            The slide's profile; empty if it has none.
        screen_name : str
            The monitor's; empty for sRGB.
        """
        state = keeper.color_state
        self.apply.blockSignals(True)
        self.apply.setChecked(keeper.settings.icc)
        self.apply.blockSignals(False)
        self.apply.setEnabled(state != "no_profile")
        self.name.setText(profile_name)
        self.name.setVisible(bool(profile_name))
        self.state.setText(keeper.color_note or tr(STATES[state]))
        self.monitor.setText(tr("Monitor: {name}", name=screen_name or tr("sRGB")))
        self.clear.setEnabled(bool(screen_name))

    def _build(self) -> None:
        for label in (self.name, self.state):
            label.setObjectName("faint")
            label.setWordWrap(True)
        self.monitor.setWordWrap(True)
        self.choose.setToolTip(tr("An ICC file (.icc, .icm) of this monitor."))
        self.choose.setAccessibleName(tr("Choose the monitor's profile"))
        self.clear.setAccessibleName(tr("Take the monitor for sRGB"))
        line = QHBoxLayout()
        line.addWidget(self.choose)
        line.addWidget(self.clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.apply, self.name, self.state, self.monitor):
            layout.addWidget(widget)
        layout.addLayout(line)
        self.apply.toggled.connect(self.switched)
        self.choose.clicked.connect(self.screen_asked)
        self.clear.clicked.connect(self.screen_cleared)
