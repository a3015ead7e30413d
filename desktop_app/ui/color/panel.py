"""The color panel: profile, tone, histogram, stain view or channels of the view in front. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.display_settings import ChannelDisplay, DisplaySettings
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.storage.display_presets import with_preset
from desktop_app.ui.color.channel_form import ChannelForm
from desktop_app.ui.color.histogram import HistogramPlot
from desktop_app.ui.color.normalization_form import NormalizationForm
from desktop_app.ui.color.profile_form import ProfileForm
from desktop_app.ui.color.stain_form import StainForm
from desktop_app.ui.color.tone_form import ToneForm
from desktop_app.ui.display_keeper import DisplayKeeper
from desktop_app.ui.translation import as_data, marked, tr
from desktop_app.ui.wide_scroll import WideScroll

SHIPPED: Mapping[str, DisplaySettings] = {
    marked("As scanned"): DisplaySettings(),
    marked("More contrast"): DisplaySettings(contrast=0.15),
    marked("Brighter"): DisplaySettings(gamma=1.4),
    marked("Black and white"): DisplaySettings(monochrome=True),
    marked("Hematoxylin alone"): DisplaySettings(stain_view="first"),
}


class ColorPanel(QStackedWidget):
    """Controls of one view's colors, or the word that no slide is open.

    Attributes
    ----------
    profile, tone, histogram, stains, normalization, channels : QWidget
        Its parts; their signals are for the desk.
    """

    edited = Signal(object)
    """``DisplaySettings`` as the user wants them now."""

    saved = Signal(str)
    """A preset of that name shall keep the present settings."""

    deleted = Signal(str)
    """A preset shall go."""

    spread = Signal()
    """All open slides shall be shown like this one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = DisplaySettings()
        self._own: dict[str, DisplaySettings] = {}
        self.profile, self.tone, self.histogram = ProfileForm(), ToneForm(), HistogramPlot()
        self.stains, self.normalization, self.channels = StainForm(), NormalizationForm(), ChannelForm()
        self.presets = QComboBox()
        self.save, self.delete = QPushButton(tr("Save…")), QPushButton(tr("Delete"))
        self.apply_to_all = QPushButton(tr("Show all open slides like this"))
        self._sections: dict[str, QWidget] = {}
        self.setAccessibleName(tr("Color"))
        self._build()

    def show_none(self) -> None:
        """No slide is open."""
        self.setCurrentIndex(0)

    def show_slide(
        self, keeper: DisplayKeeper, info: SlideInfo, *, profile_name: str, screen_name: str
    ) -> None:
        """Show a view's settings; names as for :meth:`ProfileForm.show_keeper`."""
        self._settings = keeper.settings
        self.profile.show_keeper(keeper, profile_name=profile_name, screen_name=screen_name)
        self.tone.show_settings(keeper.settings)
        self.stains.show_settings(keeper.settings)
        self.channels.show_channels(info.channels, keeper.channels)
        for name in ("profile", "stains", "normalization"):
            self._sections[name].setVisible(info.is_brightfield)
        self._sections["channels"].setVisible(not info.is_brightfield)
        self.tone.set_brightfield(info.is_brightfield)
        self.setCurrentIndex(1)

    def show_presets(self, own: Mapping[str, DisplaySettings]) -> None:
        """List the shipped presets and the user's own."""
        self._own = dict(own)
        self.presets.clear()
        self.presets.addItem(tr("Preset…"))
        for name in SHIPPED:
            self.presets.addItem(tr(name), SHIPPED[name])
        for name, settings in self._own.items():
            self.presets.addItem(name, settings)
        self._allow_deleting()

    def _build(self) -> None:
        empty = QLabel(tr("No slide is open."))
        empty.setObjectName("faint")
        empty.setContentsMargins(10, 10, 10, 10)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(10)
        note = QLabel(tr("This changes the picture only. Analysis always reads the stored pixels."))
        note.setObjectName("faint")
        note.setWordWrap(True)
        layout.addWidget(note)
        layout.addLayout(self._build_presets())
        for name, title, body in (
            ("profile", tr("Color profile"), self.profile),
            ("channels", tr("Channels"), self.channels),
            ("tone", tr("Brightness and contrast"), self.tone),
            ("histogram", tr("Histogram of the view, as stored"), self.histogram),
            ("stains", tr("Stain view"), self.stains),
            ("normalization", tr("Stain normalization"), self.normalization),
        ):
            self._sections[name] = _section(title, body)
            layout.addWidget(self._sections[name])
        layout.addWidget(self.apply_to_all)
        layout.addStretch(1)
        scroll = WideScroll()
        scroll.setAccessibleName(tr("Color settings"))
        scroll.setWidget(content)
        self.addWidget(empty)
        self.addWidget(scroll)
        scroll.needs.connect(self.setMinimumWidth)
        self._build_connections()

    def _build_presets(self) -> QHBoxLayout:
        as_data(self.presets)
        self.presets.setAccessibleName(tr("Presets"))
        self.presets.setMinimumContentsLength(8)
        self.presets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.save.setAccessibleName(tr("Save as a preset"))
        self.delete.setAccessibleName(tr("Delete the preset"))
        line = QHBoxLayout()
        line.addWidget(self.presets, 1)
        line.addWidget(self.save)
        line.addWidget(self.delete)
        return line

    def _build_connections(self) -> None:
        self.profile.switched.connect(lambda on: self._take(replace(self._settings, icc=on)))
        self.tone.edited.connect(self._take)
        self.stains.edited.connect(self._take)
        self.channels.edited.connect(self._take_channels)
        self.presets.activated.connect(self._take_preset)
        self.presets.currentIndexChanged.connect(self._allow_deleting)
        self.save.clicked.connect(self._ask_name)
        self.delete.clicked.connect(lambda: self.deleted.emit(self.presets.currentText()))
        self.apply_to_all.clicked.connect(self.spread)

    def _take(self, settings: DisplaySettings) -> None:
        self._settings = settings
        self.edited.emit(settings)

    def _take_channels(self, channels: tuple[ChannelDisplay, ...]) -> None:
        self._take(replace(self._settings, channels=channels))

    def _take_preset(self, index: int) -> None:
        preset = self.presets.itemData(index)
        if isinstance(preset, DisplaySettings):
            self._take(with_preset(self._settings, preset))

    def _allow_deleting(self) -> None:
        self.delete.setEnabled(self.presets.currentText() in self._own)

    def _ask_name(self) -> None:
        name, accepted = QInputDialog.getText(self, tr("Save preset"), tr("Name of the preset:"))
        if accepted and name.strip():
            self.saved.emit(name.strip())


def _section(title: str, body: QWidget) -> QWidget:
    section = QWidget()
    layout = QVBoxLayout(section)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    heading = QLabel(title)
    heading.setObjectName("heading")
    layout.addWidget(heading)
    layout.addWidget(body)
    return section
