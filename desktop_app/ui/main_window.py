"""The window: slides in tabs and cells, panels around them, two modes, and what ties the parts together.

It builds and connects; what the user can do is in ``ui.actions``, what becomes of results in
``ui.results``, opening in ``ui.slide_opening``. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.viewport import Viewport
from desktop_app.errors import AnnotationError, CoverslipError
from desktop_app.plugin_host import PluginHost
from desktop_app.slides import SlideOpener
from desktop_app.storage.drawing_settings import DrawingSettings
from desktop_app.storage.locations import Locations
from desktop_app.storage.run_registry import RunRegistry
from desktop_app.storage.settings import Settings, read_settings, write_settings
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.actions.action_spec import Fact, Mode
from desktop_app.ui.actions.annotate_actions import CLASS_KEYS
from desktop_app.ui.actions.registry import ActionRegistry
from desktop_app.ui.actions.table import ACTIONS, MENUS
from desktop_app.ui.annotation_files import AnnotationFiles
from desktop_app.ui.background import Background
from desktop_app.ui.color.desk import ColorDesk
from desktop_app.ui.comparison import Comparison
from desktop_app.ui.dialogs.files import FileChooser, forget_visited_folders
from desktop_app.ui.display_tables import DisplayTables
from desktop_app.ui.docks.jobs import show_files
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.error_text import crash_sentence, sentence
from desktop_app.ui.folder_copies import FolderCopies
from desktop_app.ui.guidance import Guidance
from desktop_app.ui.history_travel import HistoryTravel
from desktop_app.ui.icons import IconSet, application_icon
from desktop_app.ui.key_choice import KeyChoice
from desktop_app.ui.memory_shares import share_memory
from desktop_app.ui.message_bar import MessageBar
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.navigation import Navigation
from desktop_app.ui.object_desk import ObjectDesk
from desktop_app.ui.overlays.overlay_desk import OverlayDesk
from desktop_app.ui.panels import Panels
from desktop_app.ui.pictures.snapshots import Snapshots
from desktop_app.ui.pixel_size_tables import PixelSizeTables
from desktop_app.ui.privacy import Privacy
from desktop_app.ui.pyramid_building import PyramidBuilding
from desktop_app.ui.recent_slides import RecentSlides
from desktop_app.ui.results import ResultKeeper
from desktop_app.ui.saving import Saving
from desktop_app.ui.shape_desk import ShapeDesk
from desktop_app.ui.shown_names import ShownNames
from desktop_app.ui.slide_details import SlideDetails
from desktop_app.ui.slide_leases import SlideLeases
from desktop_app.ui.slide_opening import SlideOpening
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.start_page import StartPage
from desktop_app.ui.status_bar import StatusBar
from desktop_app.ui.theme import apply_theme
from desktop_app.ui.tool_bar import ToolBar
from desktop_app.ui.translation import as_data, tr
from desktop_app.ui.unreadable_notices import UnreadableNotices
from desktop_app.ui.view_area import ViewArea
from desktop_app.ui.view_cell import ViewCell
from desktop_app.ui.window_dialogs import WindowDialogs

SETTINGS_DELAY_MS = 400
FIRST_SIZE = QSize(1280, 860)
"""Logical pixels; the user's own size is remembered."""

GEOJSON_SUFFIXES = (".geojson", ".json", ".geojson.gz", ".json.gz", ".zip")


@dataclass(frozen=True, slots=True)
class WindowParts:
    """What a window is made with, by its composition root.

    Attributes
    ----------
    locations : Locations
        Where everything is.
    opener : SlideOpener
        Opens slides.
    host : PluginHost
        Lists plugins.
    engine : JobEngine
        Runs jobs.
    files : FileChooser
        Asks for files.
    """

    locations: Locations
    opener: SlideOpener
    host: PluginHost
    engine: JobEngine
    files: FileChooser


class MainWindow(QMainWindow):
    """The application's window.

    Parameters
    ----------
    parts : WindowParts
        Made by the composition root.
    """

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self.parts = parts
        self.locations, self.engine, self.files = parts.locations, parts.engine, parts.files
        self.settings: Settings = read_settings(self._settings_file)
        self.mode: Mode = "view"
        self._quit_confirmed = False
        self._settings_timer = QTimer(self, singleShot=True, interval=SETTINGS_DELAY_MS)
        self._settings_timer.timeout.connect(self._write_settings)
        self.background = Background(self.report_crash)
        self.pyramids = PyramidBuilding(self)
        self.pixel_sizes = PixelSizeTables(self)
        self.unreadable = UnreadableNotices(self)
        self.display_tables = DisplayTables()
        self.screen_profile: bytes | None = None
        self.privacy = Privacy(self.locations.user_data, self)
        self.messages = MessageBar(self.privacy.hide)
        self.dialogs = WindowDialogs(self)
        self.guidance = Guidance(self)
        self.annotation_files = AnnotationFiles(self)
        self.opening = SlideOpening(self)
        self.folder_copies, self.leases = FolderCopies(self), SlideLeases(self)
        self.saving = Saving(self)
        self.results = ResultKeeper(self, RunRegistry(self.locations.run_registry))
        self.overlays = OverlayDesk(self)
        self.snapshots = Snapshots(self)
        self.actions_by_key = ActionRegistry(self, ACTIONS)
        self._build_center()
        self._build_panels()
        self._build_bars()
        self.colors = ColorDesk(self, self.panels.color)
        self.details = SlideDetails(self)
        self.navigation = Navigation(self, self.panels.bookmarks)
        self.objects = ObjectDesk(self)
        self.history = HistoryTravel(self, self.panels.history)
        self.shapes = ShapeDesk(self)
        self._build_connections()
        self._restore_layout()
        self.apply_theme()
        self.key_choice = KeyChoice(self)
        self.apply_settings()

    # ---- building -----------------------------------------------------------------------------------

    def _build_center(self) -> None:
        icon = application_icon(self.locations.resources / "icons")
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AnimatedDocks)
        self.start_page = StartPage(icon, self.actions_by_key["file.open"].trigger)
        self.names = ShownNames(self)
        self.area = ViewArea(self.names.title_of, self.actions)
        self.area.window_geometry = self.settings.own_window
        self.comparison = Comparison(self)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start_page)
        self.stack.addWidget(self.area)
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.stack, 1)
        self.messages.lie_over(center)
        self.setCentralWidget(center)

    def _build_panels(self) -> None:
        self.panels = Panels(self, self.engine, self.privacy)
        for dock in self.panels.docks.values():
            dock.visibilityChanged.connect(self.refresh_actions)

    def _build_bars(self) -> None:
        self.actions_by_key.build_menus(self.menuBar(), MENUS)
        self.tool_bar = ToolBar(self)
        self.addToolBar(self.tool_bar)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.recent = RecentSlides(self)

    def _build_connections(self) -> None:
        self.area.front_changed.connect(self._front_changed)
        self.area.arranged.connect(self._arranged)
        self.area.close_wanted.connect(self.close_slide)
        self.area.dropped.connect(self.open_paths_in)
        self.messages.noticed.connect(self.panels.log.add_notice)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.engine.logged.connect(self.panels.log.add_job_line)
        self.panels.jobs.opened.connect(show_files)
        self.start_page.opened.connect(self._open_one)

    def _restore_layout(self) -> None:
        # A dense or small screen may have less room than that.
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        if self.settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.settings.geometry.encode()))
        if self.settings.docks:
            self.restoreState(QByteArray.fromBase64(self.settings.docks.encode()))

    # ---- views --------------------------------------------------------------------------------------

    @property
    def views(self) -> tuple[SlideView, ...]:
        """The open views, in the order of their tabs; two of them may show one slide."""
        return self.area.views

    @property
    def front(self) -> SlideView | None:
        """The active view, wherever it is shown, or None without a slide."""
        return self.area.front

    @property
    def current(self) -> SlideView:
        """The view in front; only for actions that need a slide."""
        view = self.front
        assert view is not None
        return view

    def views_of(self, document: SlideDocument) -> tuple[SlideView, ...]:
        """The views of one slide, in the order of their tabs."""
        return tuple(view for view in self.views if view.document is document)

    def memory_of(self, view: SlideView) -> SlideMemory:
        """What is remembered of a view's slide; read and written on the background pool."""
        return SlideMemory(self.locations.slide_memory / view.document_id)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open slides, and import GeoJSON into the slide in front."""
        self.open_paths_in(None, paths)

    def open_paths_in(self, cell: ViewCell | None, paths: Sequence[Path]) -> None:
        """The same, the first slide in a cell of the grid."""
        for path in paths:
            if path.name.lower().endswith(GEOJSON_SUFFIXES):
                self.annotation_files.read(path)
            else:
                self.opening.open(path, cell)
                cell = None

    def add_view(self, view: SlideView, cell: ViewCell | None = None) -> None:
        """Show a new view: in the cell given, else in a free one, else in the active one."""
        is_first = not self.views_of(view.document)
        self.panels.add_view(view)
        self.actions_by_key.add_to_canvas(view.canvas)
        view.canvas.viewport_changed.connect(partial(self._follow_view, view))
        view.canvas.cursor_moved.connect(partial(self._show_cursor, view))
        view.canvas.tool_changed.connect(self.status.end_hint)
        self.unreadable.add_view(view)
        view.state_changed.connect(self.refresh_actions)
        view.failed.connect(self._tell_error)
        view.drawing.wanted.connect(self._keep_drawing)
        self.saving.add_view(view)
        view.set_mode(self.mode)
        self.recent.remember(view.info.path)
        self.overlays.add_view(view)
        self.objects.add_view(view)
        self.folder_copies.add_view(view)
        self.leases.add_view(view)
        self.area.add(view, cell)
        self.comparison.add(view)
        self.colors.add_view(view)
        if is_first:
            self.results.restore(view)
        self.pyramids.add_view(view)

    def close_slide(self, view: SlideView | None = None) -> None:
        """Close a view, or the one in front; the slide is closed with its last view."""
        view = view or self.front
        if view is None:
            return
        view.document.finish()
        self.comparison.remove(view)
        self.area.remove(view)
        self.colors.remove_view(view)
        self.overlays.remove_view(view)
        self.objects.remove_view(view)
        self.shapes.remove_view(view)
        self.folder_copies.remove_view(view)
        self.leases.remove_view(view)
        self.saving.remove_view(view)
        self.snapshots.remove_view(view)
        self.panels.remove_view(view)
        self.unreadable.remove_view(view)
        view.shutdown()
        view.deleteLater()
        self.refresh_actions()

    # ---- state --------------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Switch between View and Annotate."""
        self.mode = mode
        for view in self.views:
            view.set_mode(mode)
        self.leases.follow_mode()
        self.refresh_actions()

    def facts(self) -> frozenset[Fact]:
        """What is true of the window now, for the action table."""
        return frozenset(self._window_facts()) | (self.front.facts() if self.front else frozenset())

    def _window_facts(self) -> Iterator[Fact]:
        settings, running = self.settings, self.engine.running
        yield f"theme_{settings.theme}"
        yield from self.panels.facts()
        yield from self.comparison.facts()
        yield from self.overlays.facts()
        yield from self.navigation.facts()
        yield from self.objects.facts()
        yield from self.folder_copies.facts()
        yield from self.history.facts()
        if (self.area.window_of(self.front) or self).isFullScreen():
            yield "full_screen"
        if settings.minimap:
            yield "minimap"
        if settings.privacy:
            yield "privacy"
        if settings.recent:
            yield "recent"
        if settings.heat_map_opacity < 1:
            yield "can_strengthen"
        if settings.heat_map_opacity > 0.1:
            yield "can_weaken"
        if running is not None:
            yield "running"
            if running.state == "paused":
                yield "paused"
        if self.front is not None and self.results.has_unmerged(self.front):
            yield "unmerged"

    def refresh_actions(self) -> None:
        """Bring actions and toolbar in line with the state."""
        facts = self.facts()
        self.actions_by_key.refresh(self.mode, facts)
        self._name_classes()
        self.tool_bar.refresh(self.mode, facts)
        self.status.selecting.setVisible(self.mode == "annotate" and "selecting" in facts)

    def change_settings(self, settings: Settings) -> None:
        """Take over the user's choices; they are written a moment later, for a slider moves often."""
        theme_changed = settings.theme != self.settings.theme
        self.settings = settings
        self._settings_timer.start()
        if theme_changed:
            self.apply_theme()
        self.apply_settings()

    def _keep_drawing(self, drawing: DrawingSettings) -> None:
        self.change_settings(replace(self.settings, drawing=drawing))

    def apply_theme(self) -> None:
        """Give the application the look of the settings."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.settings.theme)
        icons = IconSet(self.locations.resources / "icons", app.palette())
        self.actions_by_key.set_icons(icons)
        self.area.set_icons(icons)
        self.tool_bar.set_icons(icons)
        self.panels.set_icons(icons)

    def _follow_system(self) -> None:
        if self.settings.theme == "system":
            self.apply_theme()

    def apply_settings(self) -> None:
        """Make the window's content as the settings say."""
        self.area.set_layout_size(self.settings.rows, self.settings.columns)
        self.tool_bar.show_opacity(self.settings.heat_map_opacity)
        self.privacy.set_on(self.settings.privacy)
        self.recent.show_on_start_page()
        for view in self.views:
            view.apply_settings(self.settings)
        self.overlays.apply_settings()
        self.refresh_actions()

    def _write_settings(self) -> None:
        self._settings_timer.stop()
        try:
            write_settings(self._settings_file, self.settings)
        except CoverslipError as error:
            self.messages.tell(sentence(error), "warning")

    def toggle_full_screen(self) -> None:
        """Fill the screen with the window of the view in front, or stop doing so."""
        window = self.area.window_of(self.front) or self
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _tell_error(self, error: CoverslipError) -> None:
        # What is merely refused has cost nothing: it need not be dismissed.
        refused = isinstance(error, AnnotationError)
        self.messages.tell(sentence(error), "info" if refused else "error")

    def _open_one(self, path: Path) -> None:
        self.open_paths([path])

    def report_crash(self, error: BaseException) -> None:
        """Tell of an error that nobody foresaw."""
        self.messages.tell(crash_sentence(error, None), "error")

    # ---- what the view in front says ----------------------------------------------------------------

    def _front_changed(self) -> None:
        view = self.front
        self.stack.setCurrentWidget(self.area if view is not None else self.start_page)
        self.names.show_title()
        self.show_slide_info()
        self.saving.show_front()
        self.panels.show_view(view)
        self.colors.show_view(view)
        self.pyramids.show_front()
        self.refresh_actions()

    def show_slide_info(self) -> None:
        """Show the facts of the slide in front, which change when its pixel size is set."""
        self.panels.slide.show_info(self.front.info if self.front is not None else None)
        self.navigation.refresh()
        self._show_readout()

    def _show_readout(self) -> None:
        view = self.front
        if view is None:
            self.status.show_view(None, None)
        else:
            self.status.show_view(view.info, view.canvas.viewport)

    def _follow_view(self, view: SlideView, _viewport: Viewport) -> None:
        if view is self.front:
            self._show_readout()

    def _arranged(self) -> None:
        share_memory(self.views, self.area.shown)
        self.comparison.follow_arrangement()
        self.refresh_actions()

    def _show_cursor(self, view: SlideView, point: tuple[float, float] | None) -> None:
        if view is self.front:
            self.status.show_cursor(view.info, point)

    def _name_classes(self) -> None:
        classes = self.front.classes if self.front is not None else ()
        for number in range(1, CLASS_KEYS + 1):
            text = classes[number - 1].name if number <= len(classes) else tr("Class {number}", number=number)
            as_data(self.actions_by_key[f"annotate.class_{number}"]).setText(text.replace("&", "&&"))

    @property
    def _settings_file(self) -> Path:
        return self.parts.locations.user_config / "settings.json"

    # ---- Qt's events --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.open_paths([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first while jobs run; then end everything that runs."""
        if not self.engine.is_idle and not self._quit_confirmed:
            event.ignore()
            self.dialogs.ask_quit()
            return
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        docks = bytes(self.saveState().toBase64().data()).decode()
        own_window = self.area.close_windows()
        if self.privacy.is_on:
            forget_visited_folders()
        self.settings = replace(self.settings, geometry=geometry, docks=docks, own_window=own_window)
        self._write_settings()
        self.overlays.coverage.write_all()
        for view in self.views:
            view.document.finish()
        self.folder_copies.write_all()
        self.annotation_files.stop()
        self.background.shutdown()
        self.dialogs.models.shutdown()
        while self.views:
            self.close_slide(self.views[-1])
        self.pyramids.shutdown()
        self.engine.shutdown()
        event.accept()

    def quit_now(self) -> None:
        """Close although jobs run."""
        self._quit_confirmed = True
        self.close()
