"""The form of facts about a slide: file, size, pixel size and its source, format, color profile, hash.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app.domain.slide_info import MppSource, SlideInfo
from desktop_app.ui.translation import as_data, marked, tr

SOURCES: dict[MppSource, str] = {
    "metadata": marked("from the scanner's metadata"),
    "tiff_tag": marked("from a TIFF tag"),
    "table": marked("from a table"),
    "given": marked("given by you"),
}
HASH_LETTERS = 16
"""Shown of a hash; all of it is copied."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the form needs to know besides the slide.

    Attributes
    ----------
    name, folder : str
        As they may be seen.
    set_pixel_size : Callable[[], object]
        Asks for the pixel size.
    """

    name: str
    folder: str
    set_pixel_size: Callable[[], object]


class SlideFacts(QWidget):
    """Names and values.

    Parameters
    ----------
    info : SlideInfo
        The slide.
    shown : Shown
        Its name, and what the button does.
    """

    def __init__(self, info: SlideInfo, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.profile = _value(tr("embedded") if info.icc_profile else tr("none; taken as sRGB"))
        self.values: dict[str, str] = {}
        for name, text in facts(info, name=shown.name, folder=shown.folder):
            self.values[name] = text
            if name == tr("Pixel size"):
                self._form.addRow(_name(name), _with_button(text, _set_button(shown.set_pixel_size)))
            else:
                self._form.addRow(_name(name), _value(text))
        self._form.addRow(_name(tr("Color profile")), self.profile)
        digest = _with_button(_short(info.slide_id), _copy_button(info.slide_id))
        as_data(digest).setToolTip(info.slide_id)
        self._form.addRow(_name(tr("Hash")), digest)

    def show_profile_name(self, name: str) -> None:
        """Show what the color profile calls itself."""
        self.profile.setText(name)
        self.profile.setToolTip(name)


def facts(info: SlideInfo, *, name: str, folder: str) -> list[tuple[str, str]]:
    """``(name, value)`` of what is plain text in the form, translated."""
    width, height = info.size
    rows = [
        (tr("File"), name),
        (tr("Folder"), folder),
        (tr("Size"), tr("{width} × {height} px", width=f"{width:,}", height=f"{height:,}")),
        (tr("Pixel size"), pixel_size(info)),
    ]
    if info.mpp is not None:
        rows.append((tr("Extent"), _extent(info)))
    rows.append((tr("Objective"), f"{info.objective:g}×" if info.objective else tr("not stated")))
    rows.append((tr("Format"), info.vendor))
    if info.bounds is not None:
        x, y, w, h = info.bounds
        rows.append((tr("Scanned part"), tr("{w} × {h} px at ({x}, {y})", w=w, h=h, x=x, y=y)))
    if info.channels:
        rows.append((tr("Channels"), _channels(info)))
    return rows


def pixel_size(info: SlideInfo) -> str:
    """The pixel size, where it is from, and why another value was refused."""
    if info.mpp is None or info.mpp_source is None:
        return tr(info.mpp_note) if info.mpp_note else tr("not stated")
    x, y = info.mpp
    size = f"{x:.4g}" if x == y else f"{x:.4g} × {y:.4g}"
    text = tr("{size} µm, {source}", size=size, source=tr(SOURCES[info.mpp_source]))
    return f"{text}\n{tr(info.mpp_note)}" if info.mpp_note else text


def _channels(info: SlideInfo) -> str:
    bits = 16 if info.channels[0].largest > 255 else 8
    names = ", ".join(channel.name for channel in info.channels)
    return tr("{names} ({bits} bit)", names=names, bits=bits)


def _extent(info: SlideInfo) -> str:
    assert info.mpp is not None
    across, down = (pixels * mpp / 1000 for pixels, mpp in zip(info.size, info.mpp, strict=True))
    return tr("{across} × {down} mm", across=f"{across:.2f}", down=f"{down:.2f}")


def _short(digest: str) -> str:
    return digest if len(digest) <= HASH_LETTERS else f"{digest[:HASH_LETTERS]}…"


def _name(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("faint")
    return label


def _value(text: str) -> QLabel:
    label = as_data(QLabel(text))
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _with_button(text: str, button: QPushButton) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(_value(text), 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
    return box


def _set_button(act: Callable[[], object]) -> QPushButton:
    button = QPushButton(tr("Set…"))
    button.setObjectName("small")
    button.setAccessibleName(tr("Set the pixel size"))
    button.clicked.connect(act)
    return button


def _copy_button(text: str) -> QPushButton:
    button = QPushButton(tr("Copy"))
    button.setObjectName("small")
    button.setAccessibleName(tr("Copy the hash"))
    button.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    return button
