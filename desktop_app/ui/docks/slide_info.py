"""What is known of the slide: facts, pictures beside it, levels, Deep Zoom, raw properties.

Label and macro pictures can hold patient names: they are listed by name, and shown on demand in a dialog of
their own. The panel is filled when it is seen. GUI thread.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.ui.docks.level_tables import DEEP_ZOOM_EXPLAINED, deep_zoom_table, level_table
from desktop_app.ui.docks.property_table import PropertyTable
from desktop_app.ui.docks.slide_facts import Shown, SlideFacts
from desktop_app.ui.privacy import Privacy
from desktop_app.ui.translation import as_data, tr
from desktop_app.ui.wide_scroll import WideScroll


class SlideInfoPanel(WideScroll):
    """The slide in front, from its name to its last property.

    Parameters
    ----------
    privacy : Privacy
        Says what may be seen.

    Notes
    -----
    ``pixel_size_wanted()`` and ``image_wanted(str)`` are the user's wishes; ``profile_wanted(bytes)`` asks
    for the name of a color profile, which is answered by :meth:`show_profile_name`.
    """

    pixel_size_wanted = Signal()
    image_wanted = Signal(str)
    profile_wanted = Signal(object)

    def __init__(self, privacy: Privacy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._privacy = privacy
        self._info: SlideInfo | None = None
        self._stale = True
        self._in_front = True
        self.facts: SlideFacts | None = None
        self.properties: PropertyTable | None = None
        self.needs.connect(self.setMinimumWidth)
        self.setAccessibleName(tr("Slide information"))

    def show_info(self, info: SlideInfo | None) -> None:
        """Show a slide's facts, or that there is none."""
        self._info = info
        self._stale = True
        self._fill_if_seen()

    def set_in_front(self, in_front: bool) -> None:
        """Whether it is seen, or behind another tab, where Qt still calls it visible."""
        self._in_front = in_front
        self._fill_if_seen()

    def show_profile_name(self, profile: bytes, name: str) -> None:
        """Show what a slide's color profile calls itself, if that slide is still shown."""
        if self.facts is not None and self._info is not None and self._info.icc_profile == profile:
            self.facts.show_profile_name(name)

    def showEvent(self, event: QShowEvent) -> None:
        """Fill it now."""
        super().showEvent(event)
        self._fill_if_seen()

    def _fill_if_seen(self) -> None:
        """Making its tables takes longer than a frame."""
        if self._stale and self._in_front and self.isVisible():
            self._fill()

    def _fill(self) -> None:
        self._stale = False
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(10, 10, 10, 10)
        if self._info is None:
            self.facts = self.properties = None
            layout.addWidget(_faint(tr("No slide is open.")))
        else:
            self._fill_with(self._info, layout)
        layout.addStretch(1)
        self.setWidget(content)

    def _fill_with(self, info: SlideInfo, layout: QVBoxLayout) -> None:
        self.facts = SlideFacts(info, self._shown(info))
        self.properties = PropertyTable(info, may_reveal=not self._privacy.is_on)
        explained = _faint(tr(DEEP_ZOOM_EXPLAINED))
        layout.addWidget(self.facts)
        layout.addWidget(_heading(tr("Pictures beside the slide")))
        layout.addWidget(self._pictures(info))
        layout.addWidget(_heading(tr("Levels")))
        layout.addWidget(level_table(info))
        layout.addWidget(_heading(tr("Properties")))
        layout.addWidget(self.properties)
        layout.addWidget(_heading(tr("Deep Zoom levels")))
        layout.addWidget(explained)
        layout.addWidget(deep_zoom_table(info))
        if info.icc_profile is not None:
            self.profile_wanted.emit(info.icc_profile)

    def _shown(self, info: SlideInfo) -> Shown:
        folder = tr("hidden") if self._privacy.is_on else str(info.path.parent)
        return Shown(self._privacy.name(info.path), folder, self.pixel_size_wanted.emit)

    def _pictures(self, info: SlideInfo) -> QWidget:
        if not info.associated_names:
            return _faint(tr("None."))
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, name in enumerate(info.associated_names):
            grid.addWidget(as_data(QLabel(name)), row, 0)
            grid.addWidget(as_data(_faint(_picture_size(info, name))), row, 1)
            grid.addWidget(self._show_button(name), row, 2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(
            _faint(tr("They can hold names and are not shown until you ask.")), grid.rowCount(), 0, 1, 3
        )
        return box

    def _show_button(self, name: str) -> QPushButton:
        button = QPushButton(tr("Show…"))
        button.setObjectName("small")
        button.setAccessibleName(tr("Show the picture {name}", name=name))
        button.setEnabled(not self._privacy.is_on)
        if self._privacy.is_on:
            button.setToolTip(tr("Not in privacy mode"))
        button.clicked.connect(partial(self.image_wanted.emit, name))
        return button


def _picture_size(info: SlideInfo, name: str) -> str:
    sides = [info.properties.get(f"openslide.associated.{name}.{side}") for side in ("width", "height")]
    return " × ".join(side for side in sides if side is not None)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label


def _faint(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("faint")
    label.setWordWrap(True)
    return label
