"""The whole action table, the menus it fills and the toolbar's choice of it."""

from __future__ import annotations

from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.actions.analyze_actions import ANALYZE_ACTIONS
from desktop_app.ui.actions.annotate_actions import ANNOTATE_ACTIONS
from desktop_app.ui.actions.color_actions import COLOR_ACTIONS
from desktop_app.ui.actions.edit_actions import EDIT_ACTIONS, HISTORY_ACTIONS
from desktop_app.ui.actions.file_actions import FILE_ACTIONS
from desktop_app.ui.actions.guidance_actions import (
    KEY_ACTIONS,
    PALETTE_ACTIONS,
    PRIVACY_ACTIONS,
)
from desktop_app.ui.actions.help_actions import HELP_ACTIONS
from desktop_app.ui.actions.layout_actions import LAYOUT_ACTIONS
from desktop_app.ui.actions.navigate_actions import NAVIGATE_ACTIONS
from desktop_app.ui.actions.object_actions import CLIPBOARD_ACTIONS, OBJECT_ACTIONS
from desktop_app.ui.actions.outline_actions import OUTLINE_ACTIONS
from desktop_app.ui.actions.overlay_actions import OVERLAY_ACTIONS
from desktop_app.ui.actions.picture_actions import PICTURE_ACTIONS
from desktop_app.ui.actions.shape_actions import SHAPE_ACTIONS
from desktop_app.ui.actions.slide_actions import SLIDE_ACTIONS
from desktop_app.ui.actions.view_actions import VIEW_ACTIONS
from desktop_app.ui.tools.toolbox import TOOL_NAMES
from desktop_app.ui.translation import marked

ACTIONS: tuple[ActionSpec, ...] = (
    *FILE_ACTIONS,
    *HISTORY_ACTIONS,
    *CLIPBOARD_ACTIONS,
    *EDIT_ACTIONS,
    *OBJECT_ACTIONS,
    *KEY_ACTIONS,
    *VIEW_ACTIONS,
    *PRIVACY_ACTIONS,
    *COLOR_ACTIONS,
    *OVERLAY_ACTIONS,
    *NAVIGATE_ACTIONS,
    *ANNOTATE_ACTIONS,
    *OUTLINE_ACTIONS,
    *SHAPE_ACTIONS,
    *ANALYZE_ACTIONS,
    *SLIDE_ACTIONS,
    *PICTURE_ACTIONS,
    *LAYOUT_ACTIONS,
    *PALETTE_ACTIONS,
    *HELP_ACTIONS,
)

MENUS = {
    "file": marked("&File"),
    "file/recent": marked("Open &recent"),
    "edit": marked("&Edit"),
    "edit/objects": marked("Loc&k and hide"),
    "view": marked("&View"),
    "view/magnification": marked("&Magnification"),
    "view/color": marked("&Colors"),
    "view/stain": marked("&Stain view"),
    "view/overlays": marked("&Overlays"),
    "view/measure": marked("Meas&ure"),
    "view/minimap": marked("On the minima&p"),
    "view/movement": marked("Mo&vement"),
    "view/panels": marked("&Panels"),
    "view/theme": marked("&Theme"),
    "navigate": marked("Navi&gate"),
    "navigate/turn": marked("&Turn and mirror"),
    "annotate": marked("A&nnotate"),
    "annotate/class": marked("&Class"),
    "annotate/outline": marked("O&utlines"),
    "annotate/shape": marked("&Shape"),
    "slide": marked("&Slide"),
    "analyze": marked("An&alyze"),
    "window": marked("&Window"),
    "window/layout": marked("&Layout"),
    "help": marked("&Help"),
}

TOOLBAR = (
    ("file.open",),
    tuple(f"annotate.{name}" for name in TOOL_NAMES),
    ("edit.undo", "edit.redo", "edit.delete"),
    ("view.fit", "view.one_to_one", "view.zoom_in", "view.zoom_out"),
    ("view.annotations", "view.heat_map"),
    ("measure.ruler", "picture.snapshot"),
    ("analyze.run", "analyze.pause", "analyze.cancel"),
)
