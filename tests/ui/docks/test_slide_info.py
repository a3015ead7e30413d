"""The slide information panel: what it says, what it masks, and what it asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.deepzoom import deep_zoom_levels
from desktop_app.domain.slide_info import Channel, Level, SlideInfo
from desktop_app.ui.docks.level_tables import deep_zoom_table, level_table
from desktop_app.ui.docks.property_table import PropertyTable
from desktop_app.ui.docks.slide_info import SlideInfoPanel
from desktop_app.ui.privacy import Privacy

LEVELS = (Level(0, (40000, 30000), 1.0), Level(1, (10000, 7500), 4.0), Level(2, (2500, 1875), 16.0))
PROPERTIES = {
    "aperio.Filename": "Kim",
    "aperio.AppMag": "20",
    "openslide.associated.label.width": "300",
    "openslide.associated.label.height": "200",
    "vendor.Stage": "Kim 01",
}
INFO = SlideInfo(
    Path("/clinic/Kim/Kim 01.svs"),
    "0123456789abcdef" * 4,
    LEVELS[0].size,
    LEVELS,
    "aperio",
    mpp=(0.5, 0.5),
    mpp_source="metadata",
    objective=20.0,
    icc_profile=b"profile",
    associated_names=("label",),
    properties=PROPERTIES,
)


@pytest.fixture
def privacy(qtbot: QtBot, tmp_path: Path) -> Privacy:
    return Privacy(tmp_path)


@pytest.fixture
def panel(qtbot: QtBot, privacy: Privacy) -> SlideInfoPanel:
    made = SlideInfoPanel(privacy)
    qtbot.addWidget(made)
    made.resize(340, 700)
    made.show()
    return made


def words(panel: SlideInfoPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel))


def button(panel: SlideInfoPanel, name: str) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.accessibleName() == name)


def column(table: QTableWidget, number: int) -> list[str]:
    cells = [table.item(row, number) for row in range(table.rowCount())]
    return [cell.text() for cell in cells if cell is not None]


def test_it_says_what_is_known(panel: SlideInfoPanel) -> None:
    panel.show_info(INFO)
    text = words(panel)
    for said in ("Kim 01.svs", "/clinic/Kim", "40,000 × 30,000 px", "20.00 × 15.00 mm", "20×", "300 × 200"):
        assert said in text
    assert "0.5 µm, from the scanner's metadata" in text
    assert "0123456789abcdef…" in text
    panel.show_info(None)
    assert "No slide is open." in words(panel)


def test_a_refused_pixel_size_is_explained_and_can_be_set(panel: SlideInfoPanel, qtbot: QtBot) -> None:
    panel.show_info(replace(INFO, mpp=None, mpp_source=None, mpp_note="the tag says 72 dpi"))
    assert "the tag says 72 dpi" in words(panel)
    assert "Extent" not in words(panel)
    with qtbot.waitSignal(panel.pixel_size_wanted):
        button(panel, "Set the pixel size").click()


def test_channels_are_named(panel: SlideInfoPanel) -> None:
    channels = (Channel("DAPI", (0, 0, 255), 65535, (0, 900)), Channel("FITC", (0, 255, 0), 65535, (0, 900)))
    panel.show_info(replace(INFO, channels=channels))
    assert "DAPI, FITC (16 bit)" in words(panel)


def test_the_hash_is_copied_whole(panel: SlideInfoPanel) -> None:
    panel.show_info(INFO)
    button(panel, "Copy the hash").click()
    assert QGuiApplication.clipboard().text() == INFO.slide_id


def test_the_color_profiles_name_comes_later_and_only_for_its_slide(panel: SlideInfoPanel) -> None:
    asked: list[object] = []
    panel.profile_wanted.connect(asked.append)
    panel.show_info(INFO)
    assert asked == [b"profile"]
    assert "embedded" in words(panel)
    panel.show_profile_name(b"another", "Wrong")
    assert "Wrong" not in words(panel)
    panel.show_profile_name(b"profile", "ScanScope v1")
    assert "ScanScope v1" in words(panel)


def test_nothing_is_made_before_it_is_seen(panel: SlideInfoPanel) -> None:
    panel.hide()
    panel.show_info(INFO)
    assert panel.facts is None
    panel.show()
    assert panel.facts is not None


def test_pictures_are_asked_for_by_name_and_not_in_privacy_mode(
    panel: SlideInfoPanel, privacy: Privacy, qtbot: QtBot
) -> None:
    panel.show_info(INFO)
    with qtbot.waitSignal(panel.image_wanted) as wanted:
        button(panel, "Show the picture label").click()
    assert wanted.args == ["label"]
    privacy.set_on(True)
    panel.show_info(INFO)
    assert not button(panel, "Show the picture label").isEnabled()
    assert "Kim" not in words(panel)
    assert "Slide 1" in words(panel)


def test_what_identifies_is_masked_until_asked(qtbot: QtBot) -> None:
    table = PropertyTable(INFO, may_reveal=True)
    qtbot.addWidget(table)
    shown = {table.model.index(row, 0).data(): table.model.index(row, 1).data() for row in range(5)}
    assert shown["aperio.AppMag"] == "20"
    assert (shown["aperio.Filename"], shown["vendor.Stage"]) == ("masked", "masked")
    table.search.setText("kim")
    assert table.table.model().rowCount() == 0
    table.search.clear()
    table.copy()
    assert "Kim" not in QGuiApplication.clipboard().text()
    assert "aperio.AppMag\t20" in QGuiApplication.clipboard().text()
    table.reveal.click()
    table.search.setText("kim")
    assert table.table.model().rowCount() == 2
    table.table.selectRow(0)
    table.table.setFocus()
    QTest.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    table.copy()
    assert QGuiApplication.clipboard().text() == "aperio.Filename\tKim"


def test_in_privacy_mode_it_stays_masked(qtbot: QtBot) -> None:
    table = PropertyTable(INFO, may_reveal=False)
    qtbot.addWidget(table)
    assert not table.reveal.isEnabled()
    assert not table.reveal.isChecked()


def test_levels_are_counted_from_the_finest_by_openslide_and_to_the_finest_by_deep_zoom(qtbot: QtBot) -> None:
    levels, zoom = level_table(INFO), deep_zoom_table(INFO)
    for table in (levels, zoom):
        qtbot.addWidget(table)
    assert column(levels, 0) == ["0", "1", "2"]
    assert column(levels, 3) == ["0.5", "2", "8"]
    expected = deep_zoom_levels(INFO.size, LEVELS)
    assert column(zoom, 0) == [str(level.index) for level in reversed(expected)]
    assert column(zoom, 0)[0] == str(len(expected) - 1)
    assert column(zoom, 1)[0] == "40,000 × 30,000"
    assert column(zoom, 3)[:5] == ["0", "0", "1", "1", "2"]
    assert column(zoom, 4)[:5] == ["1", "2", "1", "2", "1"]


def test_a_narrow_table_keeps_its_last_row_above_the_scroll_bar(qtbot: QtBot) -> None:
    table = deep_zoom_table(INFO)
    qtbot.addWidget(table)
    table.setFixedWidth(150)
    table.show()
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() > 0)
    qtbot.waitUntil(lambda: table.viewport().height() >= table.verticalHeader().length())
    table.setFixedWidth(700)
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
    assert table.viewport().height() <= table.verticalHeader().length() + 2


def test_behind_another_tab_it_is_filled_when_it_comes_to_the_front(panel: SlideInfoPanel) -> None:
    panel.set_in_front(False)
    panel.show_info(INFO)
    assert panel.facts is None
    panel.set_in_front(True)
    assert panel.facts is not None
    assert "40,000" in words(panel)
