"""Views that move together: when one is panned, zoomed, turned or flipped, the others follow.

Every view is linked to one common frame, so that any of them can lead and nothing adds up over time. What is
seen follows at most once per frame; what waits behind its tab follows when it is called, so that turning from
tab to tab compares one place. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Qt, QTimer

from desktop_app.domain.alignment import Alignment, ViewLink, scale_between
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.slide_view import SlideView

FRAME_MS = 15
"""The least time between two moves of the followers, about one frame of a screen."""

AlignmentOf: TypeAlias = Callable[[SlideView, SlideView], Alignment | None]
"""What is known of how the second view's slide lies on the first's; None for nothing."""


@dataclass(slots=True)
class _Follower:
    """A view that takes part."""

    view: SlideView
    link: ViewLink
    size: tuple[int, int]


class Synchronizer(QObject):
    """Moves views together.

    Parameters
    ----------
    alignment_of : AlignmentOf
        Where two slides were aligned the views show the same place; else they keep their distance.
    shown : Callable[[], Sequence[SlideView]]
        The views that are seen.
    """

    def __init__(
        self,
        alignment_of: AlignmentOf,
        shown: Callable[[], Sequence[SlideView]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._alignment_of, self._shown = alignment_of, shown
        self._on = False
        self._paused = False
        self._carrying = False
        self._members: dict[SlideView, _Follower] = {}
        self._leader: SlideView | None = None
        self._waiting = False
        self._slots: dict[SlideView, Callable[[Viewport], None]] = {}
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.setTimerType(Qt.TimerType.PreciseTimer)
        self._frame.timeout.connect(self._next_frame)

    @property
    def is_on(self) -> bool:
        """Whether views move together."""
        return self._on

    @property
    def paused(self) -> bool:
        """Whether each moves alone for the moment (while landmarks are set)."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused

    @property
    def members(self) -> tuple[SlideView, ...]:
        """The views that move together now."""
        return tuple(self._members)

    def watch(self, view: SlideView) -> None:
        """Listen to a view, which may become one of those that move together."""
        self._slots[view] = partial(self._moved, view)
        view.canvas.viewport_changed.connect(self._slots[view])

    def forget(self, view: SlideView) -> None:
        """Listen to it no more."""
        slot = self._slots.pop(view, None)
        if slot is not None:
            view.canvas.viewport_changed.disconnect(slot)
        self._leave(view)

    def switch_on(self, leader: SlideView, views: Iterable[SlideView]) -> None:
        """Have views move together from how they are now; aligned ones come to where the leader is."""
        self._on = True
        self._members.clear()
        self._leader = leader
        self._join(leader, ViewLink(Alignment()))
        self.include(views)

    def switch_off(self) -> None:
        """Have each move alone."""
        self._on = False
        self._members.clear()
        self._leader = None
        self._frame.stop()

    def include(self, views: Iterable[SlideView]) -> None:
        """Have these views, and no others, move together; those that are new are linked as they are now."""
        if not self._on:
            return
        wanted = list(views)
        for gone in [view for view in self._members if view not in wanted]:
            self._leave(gone)
        for view in wanted:
            if view not in self._members:
                self._link(view)
        self.carry()

    def relink(self) -> None:
        """Link all anew from how they are now."""
        if self._leader is not None:
            self.switch_on(self._leader, self.members)

    @contextmanager
    def parted(self, leader: SlideView) -> Iterator[None]:
        """Let each be moved alone, and link all anew from how they are then."""
        was_on, views = self._on, self.members
        self.switch_off()
        yield
        if was_on:
            self.switch_on(leader, views)

    def carry(self) -> None:
        """Bring the followers to where the leader is, now."""
        if self._leader is None or self._paused:
            return
        lead = self._members[self._leader]
        back, shown = lead.link.inverse(), self._shown()
        self._carrying = True
        for member in self._members.values():
            if member is not lead and member.view in shown:
                link = back.then(member.link)
                member.view.canvas.set_viewport(link.carried(lead.view.canvas.viewport, member.size))
        self._carrying = False

    def place_in(self, view: SlideView, source: SlideView, point: Point) -> Point:
        """Where a level-0 point of one member's slide lies on another's; both must be members."""
        link = self._members[source].link.inverse().then(self._members[view].link)
        return link.alignment.point(point)

    def _link(self, view: SlideView) -> None:
        lead = self._leader if self._leader is not None else view
        if lead is view:
            self._leader = view
            self._join(view, ViewLink(Alignment()))
            return
        known = self._alignment_of(lead, view)
        if known is not None:
            link = ViewLink(known)
        else:
            scale = scale_between(lead.info.mpp, view.info.mpp)
            link = ViewLink.between(lead.canvas.viewport, view.canvas.viewport, scale=scale)
        self._join(view, self._members[lead].link.then(link))

    def _join(self, view: SlideView, link: ViewLink) -> None:
        self._members[view] = _Follower(view, link, view.canvas.viewport.size)

    def _leave(self, view: SlideView) -> None:
        self._members.pop(view, None)
        if self._leader is view:
            seen = [other for other in self._shown() if other in self._members]
            self._leader = next(iter([*seen, *self._members]), None)
        if not self._members:
            # What is opened next has nothing to do with it.
            self.switch_off()

    def _moved(self, view: SlideView, viewport: Viewport) -> None:
        member = self._members.get(view)
        if member is None or self._carrying:
            return
        resized, member.size = member.size != viewport.size, viewport.size
        if self._paused:
            return
        if not resized:
            # A view that only got another size did not choose to go anywhere.
            self._leader = view
        if self._frame.isActive():
            self._waiting = True
        else:
            self.carry()
            self._frame.start()

    def _next_frame(self) -> None:
        if self._waiting:
            self._waiting = False
            self.carry()
            self._frame.start()
