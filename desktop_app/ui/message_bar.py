"""A bar above the slide that tells and offers, in place of dialogs that stop the work.

One message at a time is shown, the latest; what was not yet answered comes back when it is closed, and the
bar says how much that is. News that asks nothing and warns of nothing makes room for the next. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app.ui.translation import tr

Severity: TypeAlias = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something the user can do about a message.

    Attributes
    ----------
    text : str
        Of its button.
    act : Callable[[], None]
        Called once; the message is closed first.
    """

    text: str
    act: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message.

    Attributes
    ----------
    text : str
        One or two sentences, translated.
    severity : Severity
        Decides the color.
    offers : tuple[Offer, ...]
        Ways out, the best one first.
    """

    text: str
    severity: Severity = "info"
    offers: tuple[Offer, ...] = ()


class MessageBar(QFrame):
    """Shows notices; hidden while there are none.

    Parameters
    ----------
    shown : Callable[[str], str]
        Makes a text as it may be seen (``Privacy.hide``).

    Notes
    -----
    ``noticed(Notice)`` is emitted with each one, for the log.
    """

    noticed = Signal(object)

    def __init__(self, shown: Callable[[str], str] = str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._notices: list[Notice] = []
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._close = QPushButton(tr("Dismiss"))
        self._close.clicked.connect(self.dismiss)
        self._build_layout()
        self.setAccessibleName(tr("Messages"))
        self.hide()

    def _build_layout(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self._label, 1)
        layout.addLayout(self._buttons)
        layout.addWidget(self._close)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is not dismissed yet, the shown one last."""
        return tuple(self._notices)

    def show_notice(self, notice: Notice) -> None:
        """Tell the user; the same notice is not told twice at a time, and old news not after new."""
        self._notices = [old for old in self._notices if old != notice and not _is_news(old)]
        self._notices.append(notice)
        self._refresh()
        self.noticed.emit(notice)

    def tell(self, text: str, severity: Severity = "info") -> None:
        """Tell the user something that needs no answer."""
        self.show_notice(Notice(text, severity))

    def dismiss(self) -> None:
        """Close the shown message."""
        if self._notices:
            self._notices.pop()
        self._refresh()

    def withdraw(self, notice: Notice) -> None:
        """Close a message that is true no more, shown or not."""
        self._notices = [other for other in self._notices if other != notice]
        self._refresh()

    def clear(self) -> None:
        """Close all of them."""
        self._notices.clear()
        self._refresh()

    def refresh(self) -> None:
        """Write what is shown again; names may have to be hidden now."""
        self._refresh()

    def _refresh(self) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not self._notices:
            self.hide()
            return
        notice = self._notices[-1]
        self._label.setText(self._shown(notice.text))
        more = len(self._notices) - 1
        self._close.setText(tr("Dismiss ({count} more)", count=more) if more else tr("Dismiss"))
        self.setObjectName(notice.severity)
        self.style().unpolish(self)
        self.style().polish(self)
        for offer in notice.offers:
            self._buttons.addWidget(self._button(notice, offer))
        self.show()

    def _button(self, notice: Notice, offer: Offer) -> QPushButton:
        button = QPushButton(offer.text)

        def act() -> None:
            if notice in self._notices:
                self._notices.remove(notice)
            self._refresh()
            offer.act()

        button.clicked.connect(act)
        return button


def _is_news(notice: Notice) -> bool:
    return notice.severity == "info" and not notice.offers
