"""The class in hand: what newly drawn shapes get.

It stays until another is chosen, so that many objects of one class are drawn without a further thought.
GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.edits import AnnotationChange
from desktop_app.ui.models.slide_document import SlideDocument


class ClassChoice(QObject):
    """One class of the document's list, or none.

    Parameters
    ----------
    document : SlideDocument
        Whose classes can be chosen.

    Notes
    -----
    ``changed()`` follows every change of :attr:`name`.
    """

    changed = Signal()

    def __init__(self, document: SlideDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._name: str | None = None
        document.changed.connect(self._follow)

    @property
    def name(self) -> str | None:
        """The class's name; None for no class."""
        return self._name

    @property
    def index(self) -> int | None:
        """Its place in the document's list; None for no class."""
        names = [entry.name for entry in self._document.snapshot.classes]
        return names.index(self._name) if self._name in names else None

    def choose(self, name: str | None) -> None:
        """Take a class in hand by its name."""
        if name != self._name:
            self._name = name
            self.changed.emit()

    def choose_index(self, index: int | None) -> None:
        """Take a class in hand by its place in the list, None for no class; a place beyond it is ignored."""
        classes = self._document.snapshot.classes
        if index is None:
            self.choose(None)
        elif 0 <= index < len(classes):
            self.choose(classes[index].name)

    def _follow(self, change: AnnotationChange) -> None:
        if change.classes_changed and self._name not in [entry.name for entry in change.snapshot.classes]:
            self.choose(None)
