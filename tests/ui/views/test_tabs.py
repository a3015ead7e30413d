"""The line of tabs: names that can still be told apart, however many slides are open."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop_app.ui.view_tabs import ViewTabs


def test_many_tabs_are_scrolled_and_their_names_stay_legible(qtbot: QtBot) -> None:
    tabs = ViewTabs()
    qtbot.addWidget(tabs)
    for number in range(9):
        tabs.add()
        tabs.setTabText(number, f"TCGA-CR-7395-01A-01-TS{number}.svs")
    tabs.setTabText(0, "a.svs")
    tabs.resize(700, 32)
    tabs.show()
    letters = tabs.fontMetrics().averageCharWidth()
    assert min(tabs.tabRect(index).width() for index in range(1, 9)) >= 16 * letters
    # A short name takes no more than it needs.
    assert tabs.tabRect(0).width() < tabs.tabRect(1).width()
    tabs.setCurrentIndex(8)
    assert tabs.tabRect(8).right() <= tabs.width()
