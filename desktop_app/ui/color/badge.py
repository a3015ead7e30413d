"""What the status bar says of colors: whether the profile is applied, and whether anything else is changed.

Nobody should take an adjusted picture, or one of computed stains, for the slide as it was scanned. GUI
thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.ui.color.profile_form import STATES
from desktop_app.ui.display_keeper import ColorState, DisplayKeeper
from desktop_app.ui.translation import marked, tr

BADGES: dict[ColorState, str] = {
    "managed": marked("ICC"),
    "off": marked("ICC off"),
    "no_profile": marked("No ICC"),
    "unusable": marked("ICC unusable"),
}


class ColorBadge(QWidget):
    """The state of the view in front; a click applies the profile, or does not."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.profile = QToolButton()
        self.profile.setAutoRaise(True)
        self.profile.setCheckable(True)
        self.profile.clicked.connect(self.clicked)
        self.changed = QLabel()
        self.changed.setObjectName("adjusted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.changed)
        layout.addWidget(self.profile)
        self.show_keeper(None)

    def show_keeper(self, keeper: DisplayKeeper | None) -> None:
        """Show a view's state, or nothing without one."""
        self.setVisible(keeper is not None)
        if keeper is None:
            return
        state = keeper.color_state
        self.profile.setText(tr(BADGES[state]))
        self.profile.setToolTip(keeper.color_note or tr(STATES[state]))
        self.profile.setAccessibleName(tr("Color profile: {state}", state=tr(BADGES[state])))
        self.profile.setEnabled(state in {"managed", "off"})
        self.profile.setChecked(state == "managed")
        texts = (tr("Stain normalized") if keeper.is_normalized else "", adjustment_text(keeper.settings))
        text = tr(", ").join(filter(None, texts))
        self.changed.setText(text)
        self.changed.setToolTip(tr("The picture is changed; analysis reads the stored pixels."))
        self.changed.setVisible(bool(text))


def adjustment_text(settings: DisplaySettings) -> str:
    """What is changed besides color management; empty for nothing."""
    names: Sequence[str] = settings.stains.names
    texts = {
        "first": tr("Stain view: {stain}", stain=names[0]),
        "second": tr("Stain view: {stain}", stain=names[1]),
        "residual": tr("Stain view: residual"),
        "false_color": tr("Stain view: false colors"),
    }
    if settings.stain_view != "off":
        return texts[settings.stain_view]
    return tr("Colors adjusted") if settings.is_adjusted else ""
