"""The color panel's forms: each control changes its own setting and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.display_settings import DAB, EOSIN, ChannelDisplay, DisplaySettings
from desktop_app.domain.slide_info import Channel
from desktop_app.ui.color.badge import adjustment_text
from desktop_app.ui.color.channel_form import ChannelForm
from desktop_app.ui.color.estimates import windowed_channels
from desktop_app.ui.color.histogram import BINS, HistogramCurve
from desktop_app.ui.color.panel import SHIPPED, ColorPanel
from desktop_app.ui.color.stain_form import StainForm
from desktop_app.ui.color.tone_form import ROWS, ToneForm

CHANNELS = (
    Channel("DAPI", (0, 0, 255), 65535, (100.0, 4000.0)),
    Channel("CD3", (0, 255, 0), 65535, (0.0, 900.0)),
)
DISPLAYS = tuple(ChannelDisplay(True, channel.color, *channel.window) for channel in CHANNELS)


@pytest.fixture
def tone(qtbot: QtBot) -> ToneForm:
    form = ToneForm()
    qtbot.addWidget(form)
    return form


@pytest.fixture
def stains(qtbot: QtBot) -> StainForm:
    form = StainForm()
    qtbot.addWidget(form)
    form.show_settings(DisplaySettings())
    return form


@pytest.mark.parametrize("spec", ROWS, ids=lambda spec: spec.name)
def test_each_slider_changes_its_own_setting(tone: ToneForm, qtbot: QtBot, spec: object) -> None:
    name = spec.name
    row = tone.rows[name]
    with qtbot.waitSignal(tone.edited) as caught:
        row.slider.setValue(row.slider.value() + (5 if spec.plain != spec.maximum else -5))
    changed = caught.args[0]
    assert getattr(changed, name) == pytest.approx(row.field.value(), abs=1e-9)
    assert replace(changed, **{name: getattr(DisplaySettings(), name)}) == DisplaySettings()


def test_a_double_click_on_the_name_sets_a_number_back(tone: ToneForm, qtbot: QtBot) -> None:
    tone.show_settings(DisplaySettings(gamma=2.0))
    label = tone.rows["gamma"].layout().itemAt(0).widget()
    with qtbot.waitSignal(tone.edited) as caught:
        qtbot.mouseDClick(label, Qt.MouseButton.LeftButton)
    assert caught.args[0].gamma == 1.0


def test_black_stays_below_white(tone: ToneForm, qtbot: QtBot) -> None:
    tone.show_settings(DisplaySettings(black=10, white=100))
    with qtbot.waitSignal(tone.edited) as caught:
        tone.rows["black"].field.setValue(180)
    assert (caught.args[0].black, caught.args[0].white) == (180, 181)


def test_reset_is_only_there_when_something_is_changed(tone: ToneForm, qtbot: QtBot) -> None:
    tone.show_settings(DisplaySettings(icc=False))
    assert not tone.reset.isEnabled()
    tone.show_settings(DisplaySettings(icc=False, brightness=0.3, white_point=(1, 2, 3), monochrome=True))
    with qtbot.waitSignal(tone.edited) as caught:
        tone.reset.click()
    assert caught.args[0] == DisplaySettings(icc=False)
    assert not tone.clear_white.isEnabled()


def test_another_pair_of_stains_brings_names_and_vectors(stains: StainForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stains.edited) as caught:
        stains.kind.setCurrentIndex(1)
    settings = caught.args[0]
    assert settings.stains.names == ("Hematoxylin", "DAB")
    assert settings.stains.vectors[1] == DAB
    assert stains.view.itemText(2) == "DAB"


def test_an_edited_vector_is_of_unit_length_and_the_users_own(stains: StainForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stains.edited) as caught:
        stains.vectors[0][0].setValue(0.9)
    vector = caught.args[0].stains.vectors[0]
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-9)
    assert caught.args[0].stains.vectors[1] == pytest.approx(EOSIN, abs=1e-3)
    assert stains.kind.currentIndex() == 2


def test_a_vector_without_direction_is_not_taken(stains: StainForm, qtbot: QtBot) -> None:
    seen = []
    for field in stains.vectors[1]:
        field.setValue(0.0)
    stains.edited.connect(seen.append)
    stains.vectors[1][0].setValue(0.0)
    assert not [settings for settings in seen if not any(settings.stains.vectors[1])]


def test_the_stain_shown_is_chosen_by_name(stains: StainForm, qtbot: QtBot) -> None:
    assert [stains.view.itemText(index) for index in range(3)] == ["Off", "Hematoxylin", "Eosin"]
    with qtbot.waitSignal(stains.edited) as caught:
        stains.view.setCurrentIndex(4)
    assert caught.args[0].stain_view == "false_color"


def test_channels_are_hidden_and_windowed_one_by_one(qtbot: QtBot) -> None:
    form = ChannelForm()
    qtbot.addWidget(form)
    form.show_channels(CHANNELS, DISPLAYS)
    with qtbot.waitSignal(form.edited) as caught:
        form.rows[1].shown.setChecked(False)
    assert [display.visible for display in caught.args[0]] == [True, False]
    with qtbot.waitSignal(form.edited) as caught:
        form.rows[0].low.setValue(5000)
    assert caught.args[0][0].low < caught.args[0][0].high
    form.show_channels((), ())
    assert not form.rows


def test_a_histogram_counts_every_pixel_and_glass_does_not_flatten_it() -> None:
    values = np.concatenate([np.full(100_000, 240), np.arange(256).repeat(10)])
    curve = HistogramCurve.of(values, (0, 0, 0), largest=255)
    assert curve.counts.sum() == len(values)
    assert len(curve.share) == BINS
    assert np.sort(curve.share)[len(curve.share) // 2] > 0.9


def test_auto_gives_each_channel_its_own_window_and_leaves_hidden_ones() -> None:
    hidden = replace(DISPLAYS[1], visible=False)
    dim = HistogramCurve.of(np.arange(1000), (0, 0, 255), largest=4000)
    first, second, third = windowed_channels((DISPLAYS[0], hidden, DISPLAYS[1]), (dim, dim))
    assert second == hidden
    assert (first.low, first.high) == (third.low, third.high)
    assert first.low < 40
    assert 960 < first.high < 1040


def test_an_empty_channel_keeps_a_window() -> None:
    dark = HistogramCurve.of(np.zeros(500), (0, 0, 255), largest=1)
    (display,) = windowed_channels(DISPLAYS[:1], (dark,))
    assert display.low < display.high


def test_a_preset_leaves_the_slides_own_glass_alone(qtbot: QtBot) -> None:
    panel = ColorPanel()
    qtbot.addWidget(panel)
    panel.show_presets({"mine": DisplaySettings(gamma=1.7, white_point=(1, 1, 1))})
    panel._settings = DisplaySettings(white_point=(220, 221, 222))
    index = panel.presets.findText("mine")
    assert index == len(SHIPPED) + 1
    with qtbot.waitSignal(panel.edited) as caught:
        panel.presets.setCurrentIndex(index)
        panel.presets.activated.emit(index)
    assert caught.args[0] == DisplaySettings(gamma=1.7, white_point=(220, 221, 222))
    assert panel.delete.isEnabled()
    panel.presets.setCurrentIndex(1)
    assert not panel.delete.isEnabled()


def test_the_badge_says_what_is_changed() -> None:
    assert adjustment_text(DisplaySettings(icc=False)) == ""
    assert adjustment_text(DisplaySettings(gamma=2)) == "Colors adjusted"
    assert adjustment_text(DisplaySettings(gamma=2, stain_view="second")) == "Stain view: Eosin"
