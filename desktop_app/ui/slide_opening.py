"""Opening slides without holding the window up: the file and its journal on a pool thread, the view here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.engine.job import MppOverride
from desktop_app.errors import CoverslipError, DiskFullError, StorageError
from desktop_app.slides import Slide
from desktop_app.slides.pyramid_cache import open_made_levels
from desktop_app.storage.display_file import display_from_mapping
from desktop_app.storage.journal import Journal
from desktop_app.storage.journal_lock import Holder, login_name
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.display_keeper import DISPLAY_FILE, DisplayKeeper
from desktop_app.ui.display_tables import ColorRequest
from desktop_app.ui.error_text import known_folder, sentence
from desktop_app.ui.message_bar import Notice, Offer, Severity
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.translation import tr
from desktop_app.ui.view_cell import ViewCell

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


class SlideOpening:
    """Opens slides into a window.

    Parameters
    ----------
    window : MainWindow
        Gets the views.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._under_way: set[Path] = set()
        self._cells: dict[Path, ViewCell] = {}

    @property
    def under_way(self) -> frozenset[Path]:
        """Slides that are being opened."""
        return frozenset(self._under_way)

    def open(self, path: Path, cell: ViewCell | None = None) -> None:
        """Open a slide (in a cell of the grid), or bring it to the front if it is open."""
        path = path.expanduser().absolute()
        for view in self._window.views:
            if view.info.path == path:
                self._window.area.activate(view)
                return
        if path in self._under_way:
            return
        self._under_way.add(path)
        if cell is not None:
            self._cells[path] = cell
        self._window.status.showMessage(tr("Opening {slide}…", slide=self._window.privacy.name(path)))
        self._window.background.run(
            lambda: self._open(path),
            lambda opened: self._opened(path, *opened),
            lambda error: self._failed(path, error),
        )

    def _open(self, path: Path) -> tuple[Slide, Journal, DisplaySettings]:
        slide = self._window.parts.opener.open(path, table_mpp=self._window.pixel_sizes.mpp_for(path))
        try:
            journal = self._journal(slide.info)
        except CoverslipError:
            slide.close()
            raise
        slide.attach_made_levels(open_made_levels(slide.info, self._window.locations.pyramid_cache))
        return slide, journal, self._display(slide.info, journal)

    def _journal(self, info: SlideInfo) -> Journal:
        """The slide's journal; where nothing can be stored (a full disk), what is there, to look at."""
        folder, author = self._folder(info), self._author()
        try:
            return Journal.open(folder, author=author)
        except StorageError as error:
            return Journal.open_to_look(folder, author=author, obstacle=error)

    def _display(self, info: SlideInfo, journal: Journal) -> DisplaySettings:
        """How the slide was shown last; its first lookup is made here, before anything is painted."""
        memory = SlideMemory(self._window.locations.slide_memory / journal.folder.name)
        settings = display_from_mapping(memory.read(DISPLAY_FILE))
        request = ColorRequest(settings, info.icc_profile, self._window.screen_profile)
        self._window.display_tables.warm(request)
        return settings

    def _folder(self, info: SlideInfo) -> Path:
        """The journal's folder: one of the file's own where the user said that it is another slide."""
        own = self._own_folder(info)
        return own if own.is_dir() else self._window.locations.journals / info.slide_id

    def _own_folder(self, info: SlideInfo) -> Path:
        digest = hashlib.sha256(str(info.path).encode()).hexdigest()[:8]
        return self._window.locations.journals / f"{info.slide_id}-{digest}"

    def _opened(self, path: Path, slide: Slide, journal: Journal, display: DisplaySettings) -> None:
        cell = self._done(path)
        twin = next((view for view in self._window.views if view.document_id == journal.folder.name), None)
        if twin is not None:
            journal.close()
            slide.close()
            self._window.area.activate(twin)
            file = self._window.privacy.name(path)
            self._tell(tr("{file} is the slide that is open already.", file=file))
            return
        sizes = self._window.settings.pixel_sizes
        view = self._view(SlideDocument(slide, journal, background=self._window.background), display)
        if journal.folder.name in sizes:
            view.set_pixel_size(MppOverride(sizes[journal.folder.name], force=slide.info.mpp is not None))
        self._window.add_view(view, cell)
        self._window.pixel_sizes.tell_problem(path)
        self._tell_about(view, journal)

    def another_view(self, source: SlideView) -> SlideView:
        """One more view of an open slide, looking as the one given; the window does not have it yet."""
        view = self._view(source.document, source.display.settings)
        view.set_heat_map(source.heat_map)
        return view

    def _view(self, document: SlideDocument, display: DisplaySettings) -> SlideView:
        window = self._window
        info = document.slide.info
        keeper = DisplayKeeper(info, window.display_tables, settings=display, screen=window.screen_profile)
        return SlideView(document, window.settings, display=keeper)

    def _tell_about(self, view: SlideView, journal: Journal) -> None:
        name = self._window.privacy.name(view.info.path)
        if journal.recovery_note:
            self._tell(tr(journal.recovery_note), "warning")
        if journal.obstacle is not None:
            self._tell_obstacle(view, journal.obstacle)
        elif journal.read_only:
            self._tell(
                tr(
                    "{slide} is open for annotation elsewhere ({who}); here it can only be looked at.",
                    slide=name,
                    who=_who(journal.holder),
                ),
                "warning",
            )
        elif not journal.slide_paths:
            self._remember_path(view)
        elif str(view.info.path) not in journal.slide_paths:
            self._ask_whether_same(view, journal)

    def _tell_obstacle(self, view: SlideView, obstacle: StorageError) -> None:
        """Annotations cannot be stored; the slide is looked at until that is set right."""
        name = self._window.privacy.name(view.info.path)
        if isinstance(obstacle, DiskFullError):
            text = tr(
                "The disk that holds {folder} is full, so {slide} can only be looked at. Free some room.",
                folder=known_folder(obstacle.path),
                slide=name,
            )
        else:
            text = tr("{reason} So {slide} can only be looked at.", reason=sentence(obstacle), slide=name)
        again = Offer(tr("Open it again"), lambda: self._reopen(view))
        self._window.messages.show_notice(Notice(text, "warning", (again,)))

    def _ask_whether_same(self, view: SlideView, journal: Journal) -> None:
        """Two files with one id are nearly always copies; the user decides once."""
        text = tr(
            "The annotations shown were made on {other}. Is {slide} the same slide?",
            other=self._window.privacy.place(Path(journal.slide_paths[-1])),
            slide=self._window.privacy.name(view.info.path),
        )
        same = Offer(tr("The same slide"), lambda: self._same(view))
        another = Offer(tr("Another slide"), lambda: self._another(view))
        self._window.messages.show_notice(Notice(text, "warning", (same, another)))

    def _same(self, view: SlideView) -> None:
        if view in self._window.views:
            self._remember_path(view)

    def _remember_path(self, view: SlideView) -> None:
        if self._window.privacy.may_remember(view.info.path):
            view.document.journal.remember_slide_path(view.info.path)

    def _another(self, view: SlideView) -> None:
        """Give the file a journal of its own, and open it again."""
        if view in self._window.views:
            self._own_folder(view.info).mkdir(parents=True, exist_ok=True)
            self._reopen(view)

    def _reopen(self, view: SlideView) -> None:
        """Close all views of a slide and open it once."""
        if view in self._window.views:
            path = view.info.path
            for one in self._window.views_of(view.document):
                self._window.close_slide(one)
            self.open(path)

    def _tell(self, text: str, severity: Severity = "info") -> None:
        self._window.messages.tell(text, severity)

    def _failed(self, path: Path, error: CoverslipError) -> None:
        self._done(path)
        self._tell(sentence(error), "error")

    def _done(self, path: Path) -> ViewCell | None:
        self._under_way.discard(path)
        self._window.status.clearMessage()
        return self._cells.pop(path, None)

    def _author(self) -> str:
        return self._window.settings.author or login_name()


def _who(holder: Holder | None) -> str:
    if holder is None:
        return tr("unknown")
    return tr("{user} on {machine}", user=holder.user, machine=holder.host)
