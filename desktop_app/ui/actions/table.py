"""The whole action table, the menus it fills and the toolbar's choice of it."""

from __future__ import annotations

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.actions.analyze_actions import ANALYZE_ACTIONS
from desktop_app.ui.actions.annotate_actions import ANNOTATE_ACTIONS
from desktop_app.ui.actions.edit_actions import EDIT_ACTIONS
from desktop_app.ui.actions.file_actions import FILE_ACTIONS
from desktop_app.ui.actions.help_actions import HELP_ACTIONS
from desktop_app.ui.actions.view_actions import VIEW_ACTIONS
from desktop_app.ui.translation import marked

ACTIONS: tuple[ActionSpec, ...] = (
    *FILE_ACTIONS,
    *EDIT_ACTIONS,
    *VIEW_ACTIONS,
    *ANNOTATE_ACTIONS,
    *ANALYZE_ACTIONS,
    *HELP_ACTIONS,
)

MENUS = {
    "file": marked("&File"),
    "file/recent": marked("Open &recent"),
    "edit": marked("&Edit"),
    "view": marked("&View"),
    "view/magnification": marked("&Magnification"),
    "view/panels": marked("&Panels"),
    "view/theme": marked("&Theme"),
    "annotate": marked("A&nnotate"),
    "annotate/class": marked("&Class"),
    "slide": marked("&Slide"),
    "analyze": marked("An&alyze"),
    "help": marked("&Help"),
}

TOOLBAR = (
    ("file.open",),
    ("annotate.move", "annotate.rectangle", "annotate.ellipse", "annotate.polygon", "annotate.point"),
    ("edit.undo", "edit.redo", "edit.delete"),
    ("view.fit", "view.one_to_one", "view.zoom_in", "view.zoom_out"),
    ("view.annotations", "view.heat_map"),
    ("analyze.run", "analyze.pause", "analyze.cancel"),
)
