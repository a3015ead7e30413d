"""The dialogs: forms made from parameters, recipes as data, honest questions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QLabel, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.domain.recipe import Recipe, Step, TileSettings
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.engine.job import MppOverride
from desktop_app.plugin_api.manifest import ParamSpec, Preset
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.locations import Locations
from desktop_app.storage.recipes import list_recipes, read_recipe, recipe_to_toml
from desktop_app.ui.dialogs.about import AboutDialog, versions_text
from desktop_app.ui.dialogs.param_form import NumberBox, ParamForm, describe
from desktop_app.ui.dialogs.pixel_size import PixelSizeDialog
from desktop_app.ui.dialogs.run_recipe import RoiCounts, RunChoice, RunOptions, RunRecipeDialog
from desktop_app.ui.icons import application_icon
from tests.support.window_driver import ScriptedFiles

SPECS = (
    ParamSpec("radius", "float", 2.5, "Radius", 0.0, 10.0, "µm", help="How far."),
    ParamSpec("count", "int", 3, "Count", 1, 9),
    ParamSpec("keep", "bool", True, "Keep"),
    ParamSpec("rule", "choice", "otsu", "Rule", choices=("fixed", "otsu")),
    ParamSpec("label", "text", "a", "Label"),
)


@pytest.fixture
def host() -> PluginHost:
    locations = Locations.default()
    return PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)


def info(mpp: tuple[float, float] | None = None) -> SlideInfo:
    made = SlideInfo(Path("/data/가.svs"), "id", (700, 500), (Level(0, (700, 500), 1.0),), "generic-tiff")
    return made if mpp is None else made.with_mpp(mpp, "metadata")


def bundle(**changes: object) -> ModelBundle:
    made = ModelBundle(
        path=Path("/models/demo"),
        bundle_id="demo",
        name="Demo",
        version="1",
        licence="Apache-2.0",
        kind="aggregator",
        architecture="mil_attention/additive",
        encoder="encoder_texture/texture",
        n_features=3,
        tile_px=256,
        mpp=0.5,
        classes=(ModelClass("Pattern", (1, 2, 3), 0.5, 0.1),),
        weights=Path("/models/demo/w.safetensors"),
        sha256="0" * 64,
        demonstration=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def run_dialog(qtbot: QtBot, host: PluginHost, tmp_path: Path, **options: object) -> RunRecipeDialog:
    recipes = list_recipes(Locations.default().recipes)
    offered = RunOptions(recipes, (), 0, (), tmp_path)
    dialog = RunRecipeDialog(host, replace(offered, **options), files=ScriptedFiles())  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose_recipe(dialog: RunRecipeDialog, name: str) -> None:
    dialog.recipe_combo.setCurrentIndex(dialog.recipe_combo.findText(name))


# ---- parameters -------------------------------------------------------------------------------------


def test_a_form_starts_with_defaults_and_says_only_what_differs(qtbot: QtBot) -> None:
    form = ParamForm(SPECS, {})
    qtbot.addWidget(form)
    assert form.values() == {}
    radius, count, keep, rule, label = (form.editor(spec.name) for spec in SPECS)
    assert isinstance(radius, NumberBox)
    assert isinstance(count, QSpinBox)
    assert isinstance(keep, QCheckBox)
    assert isinstance(rule, QComboBox)
    assert isinstance(label, QLineEdit)
    assert radius.text() == "2.5 µm"
    assert (radius.minimum(), radius.maximum(), count.minimum(), count.maximum()) == (0, 10, 1, 9)
    radius.setValue(4)
    count.setValue(5)
    keep.setChecked(False)
    rule.setCurrentIndex(0)
    label.setText("b")
    assert form.values() == {"radius": 4.0, "count": 5, "keep": False, "rule": "fixed", "label": "b"}


def test_reset_goes_back_and_is_offered_only_then(qtbot: QtBot) -> None:
    form = ParamForm(SPECS, {"count": 7})
    qtbot.addWidget(form)
    form.show()
    resets = [form._resets[spec.name] for spec in SPECS]
    assert [button.isVisible() for button in resets] == [False, True, False, False, False]
    qtbot.mouseClick(resets[1], Qt.MouseButton.LeftButton)
    assert not resets[1].isVisible()
    # What the recipe said stays said, even where it is the default.
    assert form.values() == {"count": 3}


def test_a_preset_sets_every_row_and_is_named_as_long_as_it_holds(qtbot: QtBot) -> None:
    fine = Preset("Fine", {"radius": 1.0, "rule": "fixed"})
    form = ParamForm(SPECS, {}, (fine,))
    qtbot.addWidget(form)
    form.show()
    assert not form.reset_all.isEnabled()
    count = form.editor("count")
    assert isinstance(count, QSpinBox)
    count.setValue(5)
    assert form.preset_box.currentText() == "Own values"
    form.preset_box.setCurrentText("Fine")
    form.preset_box.activated.emit(1)
    assert form.values() == {"radius": 1.0, "rule": "fixed"}
    assert form.preset_box.currentText() == "Fine"
    qtbot.mouseClick(form.reset_all, Qt.MouseButton.LeftButton)
    assert form.values() == {}
    assert form.preset_box.currentText() == "Defaults"


@given(
    radius=st.floats(0, 10).map(lambda x: round(x, 4)),
    count=st.integers(1, 9),
    keep=st.booleans(),
    rule=st.sampled_from(["fixed", "otsu"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_pass_through_a_form_unchanged(
    qtbot: QtBot, radius: float, count: int, keep: bool, rule: str
) -> None:
    given_values = {"radius": radius, "count": count, "keep": keep, "rule": rule, "label": "x"}
    form = ParamForm(SPECS, given_values)
    qtbot.addWidget(form)
    assert form.values() == given_values


def test_a_tooltip_says_help_range_and_default() -> None:
    assert describe(SPECS[0]) == "How far.\nFrom 0 to 10 µm\nDefault: 2.5 µm"
    assert describe(ParamSpec("x", "int", 1, "X", minimum=1)) == "At least 1\nDefault: 1"
    assert describe(ParamSpec("x", "int", 1, "X", maximum=2, unit="px")) == "At most 2 px\nDefault: 1 px"
    assert describe(SPECS[2]) == "Default: yes"


# ---- the recipe dialog ------------------------------------------------------------------------------


def test_an_untouched_recipe_is_run_as_it_is(qtbot: QtBot, host: PluginHost, tmp_path: Path) -> None:
    dialog = run_dialog(qtbot, host, tmp_path)
    choose_recipe(dialog, "default")
    shipped = next(recipe for recipe in list_recipes(Locations.default().recipes) if recipe.name == "default")
    assert dialog.recipe() == shipped
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    choice = chosen.args[0]
    assert isinstance(choice, RunChoice)
    assert choice.recipe == shipped
    assert (choice.region.kind, choice.out, choice.device) == ("slide", tmp_path, "auto")


def test_run_answers_to_enter_whatever_was_chosen(qtbot: QtBot, host: PluginHost, tmp_path: Path) -> None:
    dialog = run_dialog(qtbot, host, tmp_path)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.recipe_combo.setFocus()
    choose_recipe(dialog, "demonstration")
    dialog.out_line.clear()
    assert not dialog.run_button.isEnabled()
    dialog.out_line.setText(str(tmp_path / "결과"))
    dialog.out_line.setFocus()
    choose_recipe(dialog, "default")
    with qtbot.waitSignal(dialog.chosen):
        qtbot.keyClick(dialog.out_line, Qt.Key.Key_Return)


def test_a_folder_that_cannot_be_written_to_stops_the_run(
    qtbot: QtBot, host: PluginHost, tmp_path: Path
) -> None:
    dialog = run_dialog(qtbot, host, tmp_path)
    choose_recipe(dialog, "default")
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    dialog.out_line.setText(str(in_the_way / "results"))
    with qtbot.assertNotEmitted(dialog.chosen):
        qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert str(in_the_way) in dialog._problem.text()
    dialog.out_line.setText(str(tmp_path / "결과" / "1"))
    with qtbot.waitSignal(dialog.chosen):
        qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    assert list((tmp_path / "결과" / "1").iterdir()) == []


def test_a_changed_recipe_says_so_and_can_be_saved_and_read(
    qtbot: QtBot, host: PluginHost, tmp_path: Path
) -> None:
    dialog = run_dialog(qtbot, host, tmp_path)
    choose_recipe(dialog, "default")
    editor = dialog.tiles.form.editor("size_px")
    assert isinstance(editor, QSpinBox)
    editor.setValue(512)
    recipe = dialog.recipe()
    assert recipe.name == "default (changed)"
    assert recipe.tiles.size_px == 512
    files = dialog._files
    assert isinstance(files, ScriptedFiles)
    files.recipe_answer = tmp_path / "큰 타일.toml"
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert read_recipe(files.recipe_answer) == replace(recipe, name="큰 타일")
    assert dialog.recipe() == replace(recipe, name="큰 타일")


def test_a_recipe_file_can_be_opened_and_a_bad_one_says_why(
    qtbot: QtBot, host: PluginHost, tmp_path: Path
) -> None:
    dialog = run_dialog(qtbot, host, tmp_path)
    files = dialog._files
    assert isinstance(files, ScriptedFiles)
    recipe = Recipe("mine", Step("tissue_otsu/gigapath"), tiles=TileSettings(mpp=1.0))
    files.recipe_answer = tmp_path / "mine.toml"
    files.recipe_answer.write_text(recipe_to_toml(recipe), encoding="utf-8")
    qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert dialog.recipe() == recipe
    files.recipe_answer.write_text("tissue = 3", encoding="utf-8")
    qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert any("mine" in label.text() for label in dialog.findChildren(QLabel))
    assert dialog.recipe() == recipe


def test_a_missing_plugin_stops_the_run_and_stays_in_the_recipe(
    qtbot: QtBot, host: PluginHost, tmp_path: Path
) -> None:
    recipe = Recipe("theirs", Step("not_here/thing", {"a": 1}))
    dialog = run_dialog(qtbot, host, tmp_path, recipes=(recipe,))
    assert not dialog.run_button.isEnabled()
    assert "not_here/thing" in dialog.problem()
    assert dialog.recipe() == recipe
    dialog.tissue.combo.setCurrentIndex(0)
    assert dialog.run_button.isEnabled()


def test_impossible_tiles_stop_the_run(qtbot: QtBot, host: PluginHost, tmp_path: Path) -> None:
    dialog = run_dialog(qtbot, host, tmp_path)
    editor = dialog.tiles.form.editor("overlap_px")
    assert isinstance(editor, QSpinBox)
    editor.setValue(8000)
    assert not dialog.run_button.isEnabled()
    editor.setValue(0)
    dialog.out_line.setText("  ")
    assert not dialog.run_button.isEnabled()


def test_a_model_wants_the_features_it_was_trained_on(qtbot: QtBot, host: PluginHost, tmp_path: Path) -> None:
    dialog = run_dialog(qtbot, host, tmp_path, bundles=(bundle(), bundle(bundle_id="other", mpp=0.25)))
    choose_recipe(dialog, "default")
    dialog.model.combo.setCurrentIndex(dialog.model.combo.findData("demo"))
    assert dialog.run_button.isEnabled()
    assert any("meaningless on real tissue" in label.text() for label in dialog.findChildren(QLabel))
    dialog.model.combo.setCurrentIndex(dialog.model.combo.findData("other"))
    assert "0.25" in dialog.problem()
    assert not dialog.run_button.isEnabled()


def test_regions_are_offered_where_there_are_any(qtbot: QtBot, host: PluginHost, tmp_path: Path) -> None:
    plain = run_dialog(qtbot, host, tmp_path)
    assert offered(plain) == {"slide": True, "rois": False}
    assert plain.region_combo.itemText(1) == "ROIs: none is drawn on this slide"
    dialog = run_dialog(qtbot, host, tmp_path, selected=2, classes=("종양",))
    assert offered(dialog) == {"slide": True, "selected": True, "rois": False, "class": True}
    dialog.region_combo.setCurrentIndex(3)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.run_button.click()
    assert chosen.args[0].region.class_name == "종양"


def offered(dialog: RunRecipeDialog) -> dict[str, bool]:
    """Which regions are listed, and whether they can be chosen."""
    combo = dialog.region_combo
    flags = [combo.model().index(row, 0).flags() for row in range(combo.count())]
    kinds = [combo.itemData(row).kind for row in range(combo.count())]
    return dict(zip(kinds, [bool(flag & Qt.ItemFlag.ItemIsEnabled) for flag in flags], strict=True))


def test_rois_are_offered_with_the_reason_where_one_kind_is_missing(
    qtbot: QtBot, host: PluginHost, tmp_path: Path
) -> None:
    some = run_dialog(qtbot, host, tmp_path, rois=RoiCounts(every=3))
    assert offered(some) == {"slide": True, "rois": True, "exhaustive_rois": False, "selected_rois": False}
    assert "no ROI is marked so" in some.region_combo.itemText(2)
    every = run_dialog(qtbot, host, tmp_path, rois=RoiCounts(3, 2, 1))
    assert all(offered(every).values())
    every.region_combo.setFocus()
    for _ in range(2):
        qtbot.keyClick(every.region_combo, Qt.Key.Key_Down)
    with qtbot.waitSignal(every.chosen) as chosen:
        every.run_button.click()
    assert chosen.args[0].region.kind == "exhaustive_rois"


# ---- the others -------------------------------------------------------------------------------------


def test_a_pixel_size_fills_in_or_overrides(qtbot: QtBot) -> None:
    dialog = PixelSizeDialog(info())
    qtbot.addWidget(dialog)
    dialog.size_box.setValue(0.25)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog._buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert chosen.args == [MppOverride(0.25, force=False)]
    stated = PixelSizeDialog(info((0.5, 0.5)))
    qtbot.addWidget(stated)
    assert not stated.size_box.isEnabled()
    stated.override_box.setChecked(True)
    stated.size_box.setValue(0.25)
    with qtbot.waitSignal(stated.chosen) as forced:
        stated._buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert forced.args == [MppOverride(0.25, force=True)]


def test_a_typed_pixel_size_replaces_what_stood_there_and_nothing_is_proposed(qtbot: QtBot) -> None:
    ok = QDialogButtonBox.StandardButton.Ok
    dialog = PixelSizeDialog(info())
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
    assert not dialog._buttons.button(ok).isEnabled()
    assert dialog.focusWidget() is dialog.size_box
    qtbot.keyClicks(dialog.size_box, "0.25")
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.keyClick(dialog.size_box, Qt.Key.Key_Return)
    assert chosen.args == [MppOverride(0.25)]
    again = PixelSizeDialog(info().with_mpp((20.5, 20.5), "given"))
    qtbot.addWidget(again)
    with qtbot.waitActive(again):
        again.show()
    qtbot.keyClicks(again.size_box, "0.5")
    with qtbot.waitSignal(again.chosen) as corrected:
        qtbot.keyClick(again.size_box, Qt.Key.Key_Return)
    assert corrected.args == [MppOverride(0.5)]


def test_about_names_versions_licence_and_purpose(qtbot: QtBot) -> None:
    dialog = AboutDialog(application_icon(Locations.default().resources / "icons"))
    qtbot.addWidget(dialog)
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "not for diagnosis" in text
    assert "Apache" in text
    assert "PySide6" in versions_text()
