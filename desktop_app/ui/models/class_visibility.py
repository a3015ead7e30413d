"""Which classes one slide's views do not show: a matter of looking, never an edit.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal


class ClassVisibility(QObject):
    """The hidden classes by name; None among them stands for what has no class.

    Notes
    -----
    ``changed()`` follows every change of :attr:`hidden`.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden: frozenset[str | None] = frozenset()

    @property
    def hidden(self) -> frozenset[str | None]:
        """The classes that are not shown."""
        return self._hidden

    def is_shown(self, name: str | None) -> bool:
        """Whether a class is shown."""
        return name not in self._hidden

    def set_hidden(self, names: Iterable[str | None]) -> None:
        """Hide these classes and no others."""
        hidden = frozenset(names)
        if hidden != self._hidden:
            self._hidden = hidden
            self.changed.emit()

    def toggle(self, name: str | None) -> None:
        """Hide one class more, or one less."""
        self.set_hidden(self._hidden ^ {name})

    def show(self, names: Iterable[str | None]) -> None:
        """Show these again, whatever else is hidden."""
        self.set_hidden(self._hidden - set(names))

    def show_only(self, name: str | None, names: Iterable[str | None]) -> None:
        """Hide every class of ``names`` but one."""
        self.set_hidden(other for other in names if other != name)

    def show_all(self) -> None:
        """Hide nothing."""
        self.set_hidden(())
