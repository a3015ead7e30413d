"""A bar over the foot of the slide that tells and offers, in place of dialogs that stop the work.

It takes no room, since a slide that moved whenever something is told would move under the hand that draws;
and it lies where nothing else is clicked: tabs, headers, compass and minimap are at the top. One message at a
time is shown, the latest; what was not yet answered comes back when it is closed, and the bar says how much
that is. News that asks nothing and warns of nothing makes room for the next, and goes by itself. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app.ui.translation import tr

Severity: TypeAlias = Literal["info", "warning", "error"]

MARGIN = 14
"""Logical pixels between the bar and the edges."""

CORNERS = 230
"""Logical pixels left to the scale bar and the legend beside it, where there is room."""

LEAST_WIDTH, MOST_WIDTH = 560, 860
"""Logical pixels; a narrow window has less."""

NEWS_MS = 12_000
"""How long news is shown; the log keeps it."""


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

    Attributes
    ----------
    news_ms : int
        How long news is shown, in milliseconds; while the mouse is on it, it stays.

    Notes
    -----
    ``noticed(Notice)`` is emitted with each one, for the log.
    """

    noticed = Signal(object)

    def __init__(self, shown: Callable[[str], str] = str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._ground: QWidget | None = None
        self.news_ms = NEWS_MS
        self._news_over = QTimer(self, singleShot=True)
        self._news_over.timeout.connect(self._end_news)
        self._notices: list[Notice] = []
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._foot, self._buttons = QHBoxLayout(), QHBoxLayout()
        self._close = _button(tr("Dismiss"))
        self._close.clicked.connect(self.dismiss)
        self._build_layout()
        self.setAccessibleName(tr("Messages"))
        self.hide()

    def _build_layout(self) -> None:
        self._foot.addStretch()
        self._foot.addLayout(self._buttons)
        self._foot.addWidget(self._close)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.addWidget(self._label, 1)
        self._layout.addLayout(self._foot)

    def lie_over(self, ground: QWidget) -> None:
        """Be shown over the foot of a widget, whatever its layout holds."""
        self._ground = ground
        self.setParent(ground)
        ground.installEventFilter(self)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is not dismissed yet, the shown one last."""
        return tuple(self._notices)

    def show_notice(self, notice: Notice) -> None:
        """Tell the user; the same notice is not told twice at a time, and old news not after new."""
        self._notices = [old for old in self._notices if old != notice and not _is_news(old)]
        self._notices.append(notice)
        self._refresh()
        if _is_news(notice):
            self._news_over.start(self.news_ms)
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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the widget below gets another size."""
        if event.type() == QEvent.Type.Resize and watched is self._ground:
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Take the size that the text asks for."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return done

    def _place(self) -> None:
        """Lie in the middle of the foot, the buttons below the text where a line has no room for both."""
        if self._ground is None or self.isHidden():
            return
        ground, edges = self._ground.size(), self._layout.contentsMargins()
        beside_corners = min(MOST_WIDTH, ground.width() - 2 * CORNERS)
        most = min(ground.width() - 2 * MARGIN, max(LEAST_WIDTH, beside_corners))
        text = self._label.fontMetrics().horizontalAdvance(self._label.text()) + MARGIN
        width = edges.left() + text + self._foot.sizeHint().width() + edges.right()
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._layout.setDirection(across if width <= most else down)
        width = min(width, most)
        height = self.heightForWidth(width)
        left = (ground.width() - width) // 2
        self.setGeometry(left, ground.height() - height - MARGIN, width, height)

    def _end_news(self) -> None:
        if self.underMouse():
            self._news_over.start(self.news_ms)
            return
        self._notices = [notice for notice in self._notices if not _is_news(notice)]
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
            self._buttons.addWidget(self._offer_button(notice, offer))
        self.show()
        self.raise_()
        self._place()

    def _offer_button(self, notice: Notice, offer: Offer) -> QPushButton:
        button = _button(offer.text)

        def act() -> None:
            if notice in self._notices:
                self._notices.remove(notice)
            self._refresh()
            offer.act()

        button.clicked.connect(act)
        return button


def _button(text: str) -> QPushButton:
    """A button that leaves the keyboard to the slide when it is clicked."""
    button = QPushButton(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _is_news(notice: Notice) -> bool:
    return notice.severity == "info" and not notice.offers
