"""What the command palette offers: every action, the bookmarks, the open slides and the recent ones.

Made anew each time it opens, so that it costs nothing until then. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_keys import menu_text, native
from desktop_app.ui.actions.action_spec import ActionSpec, Fact, Mode
from desktop_app.ui.actions.table import MENUS
from desktop_app.ui.dialogs.palette_match import Match, match
from desktop_app.ui.translation import marked, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

OWN_ACTION = "help.palette"

REASONS: dict[Fact, str] = {
    "slide": marked("Needs an open slide"),
    "writable": marked("This slide can only be looked at here"),
    "mpp": marked("The pixel size is not known"),
    "selection": marked("Nothing is selected"),
    "area_selected": marked("No area is selected"),
    "two_areas": marked("Needs two selected areas"),
    "area_and_line": marked("Needs a selected area and a line"),
    "outline_selected": marked("No outline is selected"),
    "transferable": marked("Needs an annotation and a second slide"),
    "hidden_objects": marked("No annotation is hidden"),
    "something_hidden": marked("Nothing is hidden"),
    "history_chosen": marked("No state is chosen in the history"),
    "annotations": marked("There are no annotations"),
    "undo": marked("There is nothing to undo"),
    "redo": marked("There is nothing to redo"),
    "heat_map": marked("There is no heat map"),
    "heat_map_shown": marked("The heat map is hidden"),
    "running": marked("No job is running"),
    "unmerged": marked("No finished result is waiting"),
    "recent": marked("No slide was opened yet"),
    "several_slides_shown": marked("Needs two slides on the screen"),
    "several_shown": marked("Needs two views on the screen"),
    "several_views": marked("Needs a second view"),
    "grid": marked("Only one view is laid out"),
    "aligned": marked("Not aligned with another slide"),
    "turned": marked("Neither turned nor mirrored"),
    "can_go_back": marked("There is no earlier place"),
    "can_go_forward": marked("There is no later place"),
    "brightfield": marked("For brightfield slides only"),
    "color_profile": marked("The slide has no color profile"),
    "color_adjusted": marked("Colors are as scanned"),
    "minimap": marked("The minimap is hidden"),
    "coverage": marked("Nothing was recorded yet"),
    "measurements": marked("There are no measurements"),
    "can_strengthen": marked("It is as strong as can be"),
    "can_weaken": marked("It is as weak as can be"),
}
"""What is missing where a fact does not hold; the first of these that an action needs is shown."""

ALSO_CALLED = {
    "navigate/turn": marked("rotate, flip, orientation"),
    "navigate.add_bookmark": marked("remember place"),
    "view/magnification": marked("zoom, objective"),
    "view.panel_color": marked("brightness, contrast, gamma, histogram, white balance"),
    "view.privacy": marked("anonymize, patient, file names"),
    "view.heat_map": marked("attention, overlay"),
    "view.fit": marked("whole slide, overview"),
    "picture.snapshot": marked("screenshot, export image"),
    "measure.ruler": marked("distance, length"),
    "overlay.field": marked("HPF, mitosis"),
    "slide.information": marked("metadata, properties, label, macro, barcode"),
    "slide.pixel_size": marked("mpp, resolution, calibration"),
    "help.key_map": marked("shortcuts, hotkeys, QuPath, ASAP"),
    "help.shortcuts": marked("hotkeys"),
    "layout.synchronize": marked("link viewers"),
    "analyze.run": marked("model, AI, inference, tissue"),
}
"""What people who come from elsewhere look for, by an action's key or its menu's."""

WHERE_SHARE = 0.75
"""What a match of the menu's name, or of another name, is worth beside one of the action's."""

USED, DISABLED = 0.1, 4.0
"""Points for each action that was used less lately, and the loss of one that cannot be used now."""


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing that can be chosen.

    Attributes
    ----------
    key : str
        The action's; empty for a slide.
    title, where, keys : str
        What it is, where else it is found, its keys as this system writes them.
    run : Callable[[], object]
        Does it.
    also : str
        What else people call it.
    reason : str
        Why it cannot be done now, where that is known.
    enabled, ticked : bool
        Whether it can be done; whether it is on.
    """

    key: str
    title: str
    where: str
    keys: str
    run: Callable[[], object]
    also: str = ""
    reason: str = ""
    enabled: bool = True
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry and the places of the typed letters in its title."""

    entry: PaletteEntry
    places: tuple[int, ...] = ()


def entries_of(window: MainWindow) -> tuple[PaletteEntry, ...]:
    """Everything that can be chosen in a window now."""
    return (*_actions(window), *_bookmarks(window), *_slides(window))


def found(entries: Sequence[PaletteEntry], typed: str, used: Sequence[str]) -> list[FoundEntry]:
    """The entries that fit, best first; without letters the latest used, then all as they are.

    What cannot be done now comes after what can, as far as both fit alike.
    """
    rank = {key: len(used) - number for number, key in enumerate(used)}
    if not typed.strip():
        order = sorted(entries, key=lambda entry: (-rank.get(entry.key, 0), not entry.enabled))
        return [FoundEntry(entry) for entry in order]
    scored = [(entry, fit) for entry in entries if (fit := _fit(entry, typed)) is not None]
    scored.sort(key=lambda pair: -_worth(pair[0], pair[1], rank.get(pair[0].key, 0)))
    return [FoundEntry(entry, fit.places) for entry, fit in scored]


def missing(spec: ActionSpec, mode: Mode, facts: AbstractSet[Fact]) -> str:
    """Why an action cannot be used now; empty where it can, or the reason is not known."""
    lacking = spec.needs - facts
    if mode not in spec.modes and "slide" not in lacking:
        return tr("In Annotate mode only") if mode == "view" else tr("In View mode only")
    return tr(next((text for fact, text in REASONS.items() if fact in lacking), ""))


def _worth(entry: PaletteEntry, fit: Match, rank: int) -> float:
    # Rounded, so that what fits alike stays in the menus' order.
    return round(fit.score + USED * rank - (0.0 if entry.enabled else DISABLED), 1)


def _fit(entry: PaletteEntry, typed: str) -> Match | None:
    """The best of the title, the title with its menu before it, and the other names."""
    fits = [match(typed, entry.title)]
    skipped = len(entry.where) + 1
    in_path, in_also = match(typed, f"{entry.where} {entry.title}"), match(typed, entry.also)
    if in_path is not None:
        places = tuple(place - skipped for place in in_path.places if place >= skipped)
        fits.append(Match(WHERE_SHARE * in_path.score, places))
    if in_also is not None:
        fits.append(Match(WHERE_SHARE * in_also.score, ()))
    return max((fit for fit in fits if fit is not None), key=lambda fit: fit.score, default=None)


def _actions(window: MainWindow) -> Iterator[PaletteEntry]:
    registry, facts = window.actions_by_key, window.facts()
    for spec in registry.specs:
        absent = any(fact.startswith("has_") for fact in spec.needs - facts)
        if spec.key == OWN_ACTION or absent:
            continue
        action = registry[spec.key]
        yield PaletteEntry(
            key=spec.key,
            title=action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…"),
            where=menu_text(spec, MENUS),
            keys=native(registry.keys.of(spec, window.mode)),
            run=action.trigger,
            also=tr(ALSO_CALLED.get(spec.key) or ALSO_CALLED.get(spec.menu, "")),
            reason="" if action.isEnabled() else missing(spec, window.mode, facts),
            enabled=action.isEnabled(),
            ticked=action.isChecked(),
        )


def _bookmarks(window: MainWindow) -> Iterator[PaletteEntry]:
    if window.front is not None:
        for bookmark in window.navigation.bookmarks.of(window.front).bookmarks:
            go_to = partial(window.navigation.go_to_bookmark, bookmark)
            yield PaletteEntry("", bookmark.name, tr("Bookmark"), "", go_to)


def _slides(window: MainWindow) -> Iterator[PaletteEntry]:
    for view in window.views:
        go_to = partial(window.area.activate, view)
        name = window.names.title_of(view)[0]
        yield PaletteEntry("", name, tr("Open slide"), "", go_to, ticked=view is window.front)
    shown = {view.info.path for view in window.views}
    for path in window.recent.paths:
        if path not in shown:
            there = path.exists()
            yield PaletteEntry(
                "",
                path.name,
                tr("Recent slide"),
                "",
                partial(window.open_paths, [path]),
                reason="" if there else tr("The file is not there"),
                enabled=there,
            )
