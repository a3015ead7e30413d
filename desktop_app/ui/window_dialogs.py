"""Opening the window's dialogs with what they need, and doing what they say. GUI thread."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QMessageBox

from desktop_app.engine.job import Job, MppOverride
from desktop_app.errors import CoverslipError, NotBrightfieldError
from desktop_app.storage.bundles import list_bundles
from desktop_app.storage.plugin_values import PluginValues
from desktop_app.storage.recipes import list_recipes
from desktop_app.ui.dialogs.about import AboutDialog
from desktop_app.ui.dialogs.models import ModelsDialog
from desktop_app.ui.dialogs.pixel_size import PixelSizeDialog
from desktop_app.ui.dialogs.plugins import PluginDesk, PluginsDialog
from desktop_app.ui.dialogs.run_recipe import RunChoice, RunOptions, RunRecipeDialog
from desktop_app.ui.error_text import sentence
from desktop_app.ui.message_bar import Notice, Offer
from desktop_app.ui.model_desk import ModelDesk
from desktop_app.ui.plugin_log import PluginLog
from desktop_app.ui.run_region import areas_of, roi_counts, roi_of, used_classes
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView


class WindowDialogs:
    """The dialogs of a window; one at a time.

    Attributes
    ----------
    shown : QDialog | None
        The dialog that is open or was open last.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.shown: QDialog | None = None
        self.plugin_log = PluginLog(window.engine)
        self.models = ModelDesk(window.locations, window.report_crash)

    def show_about(self) -> None:
        """What this program is."""
        self.show(AboutDialog(self._window.windowIcon(), self._window))

    def show_plugins(self) -> None:
        """The plugins."""
        window = self._window
        values = PluginValues(window.locations.plugin_values)
        desk = PluginDesk(window.parts.host, values, self.plugin_log, window.files, window.background)
        self.show(PluginsDialog(desk, window))

    def show_models(self) -> None:
        """The model bundles."""
        self.show(ModelsDialog(self.models, self._window.files, self._window))

    def offer_pixel_size(self) -> None:
        """Say why there is no magnification, with the way to it."""
        text = tr("The size of this slide's pixels is unknown, and so is its magnification.")
        offer = Offer(tr("Set pixel size…"), self.ask_pixel_size)
        self._window.messages.show_notice(Notice(text, "info", (offer,)))

    def ask_pixel_size(self, *, then_run: bool = False) -> None:
        """How large a pixel is; with ``then_run`` the recipe dialog follows."""
        view = self._window.current
        dialog = PixelSizeDialog(self._window.privacy.info(view.info), self._window)
        dialog.chosen.connect(lambda chosen: self._set_pixel_size(view, chosen, then_run=then_run))
        self.show(dialog)

    def ask_recipe(self) -> None:
        """What to run; asks for the pixel size first where the slide does not say it."""
        view = self._window.current
        if not view.info.is_brightfield:
            shown = self._window.privacy.info(view.info).path
            error = NotBrightfieldError(shown, tr("Running a recipe"))
            self._window.messages.tell(sentence(error), "warning")
            return
        if view.info.mpp is None:
            self.ask_pixel_size(then_run=True)
            return
        try:
            dialog = RunRecipeDialog(
                self._window.parts.host, self._options(view), files=self._window.files, parent=self._window
            )
        except CoverslipError as error:
            self._window.messages.tell(sentence(error), "error")
            return
        dialog.chosen.connect(lambda choice: self._run(view, choice))
        self.show(dialog)

    def ask_quit(self) -> None:
        """Whether to quit although jobs run."""
        box = QMessageBox(
            QMessageBox.Icon.Question,
            tr("Quit"),
            tr("An analysis is still running. Quit and stop it?"),
            parent=self._window,
        )
        box.setInformativeText(
            tr("Nothing is lost of your annotations; the unfinished slide has to be run again.")
        )
        quit_button = box.addButton(tr("Quit and stop it"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(tr("Go on working"), QMessageBox.ButtonRole.RejectRole))
        quit_button.clicked.connect(self._window.quit_now)
        self.show(box)

    def close_all(self) -> None:
        """Close what is open; names may have to be hidden."""
        if self.shown is not None:
            self.shown.close()

    def show(self, dialog: QDialog, *, modal: bool = True) -> None:
        """Show a dialog in place of the one that is open."""
        if self.shown is not None:
            self.shown.close()
        self.shown = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _result: self._forget(dialog))
        if modal:
            dialog.open()
        else:
            dialog.show()

    def _forget(self, dialog: QDialog) -> None:
        if self.shown is dialog:
            self.shown = None

    def _set_pixel_size(self, view: SlideView, chosen: MppOverride, *, then_run: bool) -> None:
        view.set_pixel_size(chosen)
        sizes = {**self._window.settings.pixel_sizes, view.document_id: chosen.mpp}
        self._window.change_settings(replace(self._window.settings, pixel_sizes=sizes))
        self._window.show_slide_info()
        if then_run:
            self.ask_recipe()

    def _options(self, view: SlideView) -> RunOptions:
        locations = self._window.locations
        snapshot = view.document.snapshot
        return RunOptions(
            recipes=list_recipes(locations.recipes),
            bundles=list_bundles(locations.bundle_folders),
            selected=len(areas_of(snapshot, view.selected_ids)),
            classes=used_classes(snapshot),
            out=self._out_folder(view),
            rois=roi_counts(snapshot, view.selected_ids),
            values=PluginValues(locations.plugin_values),
        )

    def _out_folder(self, view: SlideView) -> Path:
        if self._window.privacy.is_on:
            return self._window.locations.user_data / "results"
        chosen = self._window.settings.out_folder
        return Path(chosen) if chosen else view.info.path.parent / "coverslip-results"

    def _run(self, view: SlideView, choice: RunChoice) -> None:
        privacy = self._window.privacy
        if not privacy.is_on:
            self._window.change_settings(replace(self._window.settings, out_folder=str(choice.out)))
        job = Job(
            job_id=uuid.uuid4().hex,
            slide=view.info.path,
            recipe=choice.recipe,
            out=choice.out,
            roi=roi_of(view.document.snapshot, choice.region, view.selected_ids),
            device=choice.device,
            mpp=view.mpp_override,
            table_mpp=view.info.mpp if view.info.mpp_source == "table" else None,
            slide_name=privacy.job_name(view.info),
        )
        record = self._window.engine.submit(job)
        self._window.results.asked(view, record)
        self._window.panels.show("jobs")
        self._window.refresh_actions()
