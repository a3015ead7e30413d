"""Annotations as objects: properties, lock, hide, classes shown, and what goes from slide to slide.

What the actions of the *Edit* menu and the slide's own menu call. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import uuids_of
from desktop_app.domain.annotation_properties import PropertyEdit
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.id_set import NO_IDS
from desktop_app.domain.transfer import PlaneMap, box_around
from desktop_app.errors import CoverslipError
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.annotation_files import geojson_offset, outside_count
from desktop_app.ui.class_view_keeper import ClassViewKeeper
from desktop_app.ui.clipboard import AnnotationClipboard, Copies, copies_of, scaled_map
from desktop_app.ui.dialogs.annotation_properties import AnnotationPropertiesDialog
from desktop_app.ui.docks.annotations import shown_rect
from desktop_app.ui.error_text import sentence
from desktop_app.ui.slide_menu import SlideMenu
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

MOST = 20_000
"""Objects whose properties are changed at a time; more would stop the window for seconds."""

DRAWN_AT_ONCE = 50
"""A step that adds so few was made by hand, and what it made must be seen."""

TABLE_ACTIONS = ("edit.copy", "edit.cut", "edit.paste", "object.duplicate")
"""Actions of the canvas that the table of annotations answers to as well."""


class ObjectDesk:
    """What is done with the annotations of a window as objects.

    Parameters
    ----------
    window : MainWindow
        Whose views these are.

    Attributes
    ----------
    clipboard : AnnotationClipboard
        Copies and pastes.
    menu : SlideMenu
        The menu on the slide.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.clipboard = AnnotationClipboard(window)
        self.menu = SlideMenu(window, self.ask_properties)
        self._class_views = ClassViewKeeper(window)
        self._counted: tuple[AnnotationSnapshot, bool] | None = None

    # ---- views come and go --------------------------------------------------------------------------

    def add_view(self, view: SlideView) -> None:
        """A view was opened."""
        self.menu.watch(view)
        view.annotations_panel.properties_requested.connect(self.ask_properties)
        for key in TABLE_ACTIONS:
            view.annotations_panel.table.addAction(self._action(key))
        view.class_visibility.changed.connect(partial(self._show_classes, view))
        view.document.changed.connect(partial(self._show_drawn, view))
        self._class_views.add_view(view)

    def remove_view(self, view: SlideView) -> None:
        """A view is about to be closed."""
        self._class_views.remove_view(view)

    def facts(self) -> Iterator[Fact]:
        """What is true of the objects in front, for the action table."""
        view = self._window.front
        if view is None:
            return
        hidden = self._any_hidden(view.document.snapshot)
        if hidden:
            yield "hidden_objects"
        if hidden or view.class_visibility.hidden or not view.annotations_shown:
            yield "something_hidden"
        if self._transfer_pair() is not None:
            yield "transferable"

    # ---- lock, hide, properties ---------------------------------------------------------------------

    def lock(self, locked: bool | None) -> None:
        """Lock or unlock what is selected; None unlocks what is all locked, and locks anything else."""
        view = self._window.current
        if locked is None:
            chosen = self._chosen(view)
            if not chosen:
                return
            locked = not all(found.locked for found in chosen)
        self._attempt(lambda: view.document.set_locked(view.selection.chosen.ids, bool(locked)))

    def hide_selected(self) -> None:
        """Hide what is selected; it is selected no more."""
        view = self._window.current
        chosen = self._chosen(view)
        if chosen:
            self._set_hidden(view, chosen, hidden=True, label=tr("Hide"))
            view.selection.clear()

    def hide_others(self) -> None:
        """Hide everything but what is selected."""
        view = self._window.current
        shown, chosen = _shown_ids(view.document.snapshot), view.selection.chosen
        if self._is_few(len(shown) - len(chosen)):
            others = uuids_of(shown[~chosen.holds(shown)])
            found = tuple(view.document.snapshot.iter_annotations(others))
            self._set_hidden(view, found, hidden=True, label=tr("Hide others"))

    def show_hidden(self) -> None:
        """Show every object that was hidden, as one step."""
        view = self._window.current
        hidden = tuple(_hidden_objects(view.document.snapshot))
        self._set_hidden(view, hidden, hidden=False, label=tr("Show hidden"))

    def show_everything(self) -> None:
        """Show every class and the annotations at all; in Annotate mode hidden objects, too."""
        view = self._window.current
        view.class_visibility.show_all()
        view.show_annotations(True)
        if not self._any_hidden(view.document.snapshot):
            return
        if self._window.mode == "annotate" and not view.document.read_only:
            self.show_hidden()
        else:
            self._window.messages.tell(
                tr("Some annotations were hidden one by one: show them in Annotate mode."), "info"
            )

    def ask_properties(self) -> None:
        """The properties of what is selected."""
        view = self._window.current
        chosen = self._chosen(view)
        if not chosen or self._window.mode != "annotate" or view.document.read_only:
            return
        dialog = AnnotationPropertiesDialog(
            chosen, view.document.snapshot, mpp=view.info.mpp, parent=self._window
        )
        dialog.chosen.connect(lambda edit: self._change_properties(view, [one.id for one in chosen], edit))
        self._window.dialogs.show(dialog)

    def zoom_to_selected(self) -> None:
        """Bring what is selected into view."""
        view = self._window.current
        chosen = self._chosen(view)
        if chosen:
            view.canvas.show_rect(shown_rect(box_around(chosen)))

    # ---- from slide to slide ------------------------------------------------------------------------

    def transfer(self) -> None:
        """Carry the selection to the other slide shown, or that slide's selection to this one."""
        pair = self._transfer_pair()
        if pair is None:
            return
        source, target = pair
        chosen = self.clipboard.chosen(source)
        plane_map, warning = self._map_between(source, target)
        author, classes = target.document.author, source.classes
        self._window.background.run(
            lambda: Copies(copies_of(chosen, plane_map, author), classes, warning),
            lambda copies: self._transferred(target, copies),
            self._tell,
        )

    def _transferred(self, target: SlideView, copies: Copies) -> None:
        if not self.clipboard.add(target, copies, tr("Transfer")):
            return
        outside = outside_count(copies.annotations, target.info.size)
        if outside:
            self._window.messages.tell(
                tr(
                    "Annotations that lie outside the other slide: {count}. Undo takes them back.",
                    count=outside,
                ),
                "warning",
            )
        elif not copies.warning:
            text = tr("Carried to the other slide; annotations: {count}", count=len(copies.annotations))
            self._window.status.showMessage(text, 4000)

    def _map_between(self, source: SlideView, target: SlideView) -> tuple[PlaneMap, str]:
        """Through their alignment where there is one, else by µm from the corner of what was scanned."""
        known = self._window.comparison.alignments.between(source.document_id, target.document_id)
        if known is not None:
            return PlaneMap.through(known), ""
        corners = geojson_offset(source.info), geojson_offset(target.info)
        plane_map, warning = scaled_map(source.info.mpp, target.info.mpp, corners)
        unaligned = tr(
            "The two slides are not aligned: the annotations keep their distance from the slide's corner. "
            "Align the slides (Window, Align serial sections) and transfer again."
        )
        return plane_map, f"{unaligned} {warning}".strip()

    def _transfer_pair(self) -> tuple[SlideView, SlideView] | None:
        """From which view to which: what is aligned goes first; the front's selection before others'."""
        front = self._window.front
        if front is None:
            return None
        others = [view for view in self._window.area.shown if view.document is not front.document]
        alignments = self._window.comparison.alignments
        others.sort(key=lambda view: alignments.between(front.document_id, view.document_id) is None)
        if not others:
            return None
        if len(front.selection):
            return front, others[0]
        return next(((view, front) for view in others if len(view.selection)), None)

    # ---- how it is done -----------------------------------------------------------------------------

    def _chosen(self, view: SlideView) -> tuple[Annotation, ...]:
        return view.selection.annotations() if self._is_few(len(view.selection)) else ()

    def _is_few(self, count: int) -> bool:
        if count > MOST:
            self._window.messages.tell(
                tr(
                    "That would change {count} annotations, and at most {most} can be changed at a time. "
                    "Whole classes are hidden by the eye in the panel Classes.",
                    count=count,
                    most=MOST,
                ),
                "warning",
            )
        return count <= MOST

    def _set_hidden(
        self, view: SlideView, found: tuple[Annotation, ...], *, hidden: bool, label: str
    ) -> None:
        before = tuple(one for one in found if one.hidden != hidden)
        after = tuple(replace(one, hidden=hidden) for one in before)
        self._attempt(lambda: view.document.change(label, before=before, after=after))

    def _change_properties(self, view: SlideView, ids: Iterable[UUID], edit: PropertyEdit) -> None:
        if not view.document.is_open:
            return
        pairs = [(one, edit.applied_to(one)) for one in view.document.snapshot.iter_annotations(ids)]
        pairs = [(before, after) for before, after in pairs if not _is_same(before, after)]
        before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        label = tr("Change properties")
        self._attempt(lambda: view.document.change(label, before=before, after=after))
        view.canvas.setFocus()

    def _show_classes(self, view: SlideView) -> None:
        """Bring a view in line with the classes it shows; nothing invisible stays selected."""
        hidden = view.class_visibility.hidden
        view.annotation_layer.set_hidden_classes(hidden)
        view.selection.hidden_classes = hidden
        snapshot = view.document.snapshot
        if hidden and len(view.selection) <= MOST:
            chosen = snapshot.iter_annotations(view.selected_ids)
            view.selection.set(found.id for found in chosen if found.class_name not in hidden)
        view.canvas.update()
        view.state_changed.emit()

    def _show_drawn(self, view: SlideView, change: AnnotationChange) -> None:
        """What was just drawn is seen, so its class is shown again."""
        hidden = view.class_visibility.hidden
        if hidden and 0 < len(change.added_ids) <= DRAWN_AT_ONCE:
            added = change.snapshot.iter_annotations(uuids_of(change.added_ids))
            view.class_visibility.show({found.class_name for found in added} & hidden)

    def _any_hidden(self, snapshot: AnnotationSnapshot) -> bool:
        if self._counted is None or self._counted[0] is not snapshot:
            self._counted = (snapshot, any(bool(chunk.hidden.any()) for chunk in snapshot.chunks))
        return self._counted[1]

    def _action(self, key: str) -> QAction:
        return self._window.actions_by_key[key]

    def _attempt(self, edit: Callable[[], object]) -> None:
        try:
            edit()
        except CoverslipError as error:
            self._tell(error)

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def _hidden_objects(snapshot: AnnotationSnapshot) -> Iterator[Annotation]:
    return (chunk[row] for chunk in snapshot.chunks for row in np.flatnonzero(chunk.hidden).tolist())


def _shown_ids(snapshot: AnnotationSnapshot) -> NDArray[np.bytes_]:
    """``S16``: the ids of what is not hidden by itself."""
    return np.concatenate([NO_IDS.ids, *(chunk.ids[~chunk.hidden] for chunk in snapshot.chunks)])


def _is_same(one: Annotation, other: Annotation) -> bool:
    """Whether an edit of properties changed nothing; it never touches what is drawn."""
    return (one.name, one.class_name, one.color, one.locked, one.hidden, one.roi, one.extra) == (
        other.name,
        other.class_name,
        other.color,
        other.locked,
        other.hidden,
        other.roi,
        other.extra,
    )
