"""A label, macro or thumbnail picture of a slide, shown because the user asked for it.

It is held for as long as the dialog is open and written nowhere. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent, QTransform
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.arrays import RgbArray
from desktop_app.ui.translation import tr

LARGEST = QSize(900, 640)
"""Logical pixels at first."""


class AssociatedImageDialog(QDialog):
    """One picture and a warning.

    Parameters
    ----------
    name : str
        What the slide calls it.
    pixels : RgbArray
        uint8 ``(H, W, 3)``.
    """

    def __init__(self, name: str, pixels: RgbArray, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Picture beside the slide: {name}", name=name))
        height, width = pixels.shape[:2]
        self._image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.picture = FittedPicture(self._image)
        self.picture.setAccessibleName(name)
        layout = QVBoxLayout(self)
        layout.addWidget(_warning())
        layout.addWidget(self.picture, 1)
        layout.addWidget(self._buttons())
        self.adjustSize()

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        turn = buttons.addButton(tr("Turn"), QDialogButtonBox.ButtonRole.ActionRole)
        turn.clicked.connect(self._turn)
        buttons.rejected.connect(self.reject)
        return buttons

    def _turn(self) -> None:
        self._image = self._image.transformed(QTransform().rotate(90))
        self.picture.show_image(self._image)


class FittedPicture(QLabel):
    """A picture made as large as there is room, never larger than it is.

    Parameters
    ----------
    image : QImage
        The picture.
    """

    def __init__(self, image: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = image
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage) -> None:
        """Show another one."""
        self._image = image
        self._fit()

    def sizeHint(self) -> QSize:
        """The picture's own size, if that is not too large for a dialog."""
        size = self._image.size()
        if size.width() <= LARGEST.width() and size.height() <= LARGEST.height():
            return size
        return size.scaled(LARGEST, Qt.AspectRatioMode.KeepAspectRatio)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit it again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        ratio = self.devicePixelRatioF()
        room = self.size() * ratio
        image = self._image
        if image.width() > room.width() or image.height() > room.height():
            image = image.scaled(
                room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        image.setDevicePixelRatio(ratio)
        self.setPixmap(QPixmap.fromImage(image))


def _warning() -> QFrame:
    frame = QFrame()
    frame.setObjectName("warning")
    label = QLabel(tr("This picture can show the patient's name or number. Privacy mode closes it."))
    label.setWordWrap(True)
    row = QHBoxLayout(frame)
    row.addWidget(label)
    return frame
