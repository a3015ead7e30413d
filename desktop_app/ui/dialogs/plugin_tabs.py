"""What the plugins dialog shows of the chosen plugin: about it, its parameters, its log. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.plugin_host import PluginListing
from desktop_app.storage.plugin_values import PluginValues
from desktop_app.ui.dialogs.param_form import ParamForm, usable_values
from desktop_app.ui.plugin_log import PluginLog
from desktop_app.ui.translation import as_data, marked, tr

KINDS = {
    "tissue_detector": marked("tissue detector"),
    "artifact_detector": marked("artifact detector"),
    "stain_normalizer": marked("stain normalizer"),
    "encoder": marked("encoder"),
    "aggregator": marked("aggregator"),
    "slide_encoder": marked("slide encoder"),
    "annotation_format": marked("annotation format"),
    "slide_reader": marked("slide reader"),
}


class AboutPage(QWidget):
    """What the manifest says, and what is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self._rows = QFormLayout(self)

    def show_plugin(self, listing: PluginListing | None) -> None:
        """Show another plugin, or none."""
        while self._rows.rowCount():
            self._rows.removeRow(0)
        if listing is None:
            return
        for name, text in _details(listing):
            self._rows.addRow(name, _value(text))
        self._rows.addRow(tr("Folder"), as_data(_value(str(listing.folder or ""))))


class ParamsPage(QWidget):
    """The parameters of what a plugin provides, as what new recipes begin with.

    Notes
    -----
    ``changed(str, dict)`` is emitted with the use and its values at every change.
    """

    changed = Signal(str, dict)

    def __init__(self, remembered: PluginValues) -> None:
        super().__init__()
        self.setObjectName("page")
        self._remembered = remembered
        self._listing: PluginListing | None = None
        self.form: ParamForm | None = None
        self.combo = QComboBox()
        self.combo.setAccessibleName(tr("What the plugin provides"))
        self.combo.currentIndexChanged.connect(lambda _index: self._show_form())
        self._note = QLabel(tr("A step of a recipe begins with these values."))
        self._note.setObjectName("faint")
        self._note.setWordWrap(True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAccessibleName(tr("Parameters"))
        layout = QVBoxLayout(self)
        layout.addWidget(self.combo)
        layout.addWidget(self._note)
        layout.addWidget(self._scroll, 1)

    def show_plugin(self, listing: PluginListing | None) -> None:
        """Show another plugin, or none."""
        self._listing = listing
        self.combo.blockSignals(True)
        self.combo.clear()
        if listing is not None and listing.manifest is not None:
            for thing in listing.manifest.provides:
                self.combo.addItem(tr(thing.name), thing.id)
        self.combo.blockSignals(False)
        self._show_form()

    def _show_form(self) -> None:
        self.form = None
        manifest = self._listing.manifest if self._listing is not None else None
        thing = manifest.find(self.combo.currentData() or "") if manifest is not None else None
        self._note.setVisible(thing is not None and bool(thing.params))
        if manifest is None or thing is None or not thing.params:
            empty = QLabel(tr("It has no parameters."))
            empty.setObjectName("faint")
            empty.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._scroll.setWidget(empty)
            return
        use = f"{manifest.plugin_id}/{thing.id}"
        form = ParamForm(thing.params, usable_values(thing.params, self._remembered.of(use)), thing.presets)
        form.setObjectName("page")
        form.changed.connect(lambda: self.changed.emit(use, form.differing()))
        self.form = form
        self._scroll.setWidget(form)


class LogPage(QPlainTextEdit):
    """What was said by and about a plugin since the start; follows it."""

    def __init__(self, log: PluginLog) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Log of the plugin"))
        self.setPlaceholderText(tr("Nothing was said by this plugin since the program was started."))
        self._log = log
        self._plugin_id = ""
        log.changed.connect(self._follow)

    def show_plugin(self, listing: PluginListing | None) -> None:
        """Show another plugin, or none."""
        self._plugin_id = listing.plugin_id if listing is not None else ""
        self._follow(self._plugin_id)

    def _follow(self, plugin_id: str) -> None:
        if plugin_id == self._plugin_id:
            self.setPlainText("\n".join(self._log.lines(plugin_id)))


def _details(listing: PluginListing) -> list[tuple[str, str]]:
    rows = []
    if listing.error:
        rows.append((tr("Problem"), tr(listing.error)))
    if listing.manifest is not None:
        rows.append((tr("About"), tr(listing.manifest.description)))
        provides = (f"{tr(thing.name)} ({tr(KINDS[thing.kind])})" for thing in listing.manifest.provides)
        rows.append((tr("Provides"), ", ".join(provides)))
        rows.append((tr("License"), tr(listing.manifest.licence)))
    return rows


def _value(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
