"""Both looks can be read, and the icons follow them."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from desktop_app.storage.locations import Locations
from desktop_app.ui.actions.table import ACTIONS
from desktop_app.ui.icons import IconSet, application_icon
from desktop_app.ui.theme import DARK, LIGHT, Look, apply_theme, contrast, palette_of
from desktop_app.ui.tool_bar import MODES

FOLDER = Locations.default().resources / "icons"


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_writing_has_a_contrast_of_at_least_four_and_a_half(look: Look) -> None:
    surfaces = (look.window, look.base, look.alternate, look.button, look.info, look.warning, look.error)
    for text, surface in product((look.text,), surfaces):
        assert contrast(text, surface) >= 4.5
    for text, surface in product((look.faint, look.link), (look.window, look.base, look.alternate)):
        assert contrast(text, surface) >= 4.5
    assert contrast(look.on_accent, look.accent) >= 4.5


def test_contrast_agrees_with_the_known_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_icon_of_the_table_is_there_and_is_drawn_in_the_theme(qapp: QApplication) -> None:
    names = {spec.icon for spec in ACTIONS if spec.icon} | set(MODES)
    names |= {icon for spec in ACTIONS for icon in spec.icon_when.values()}
    for look in (LIGHT, DARK):
        icons = IconSet(FOLDER, palette_of(look))
        for name in names:
            image = icons.icon(name).pixmap(QSize(20, 20), 1.0).toImage()
            inked = [
                image.pixelColor(x, y)
                for x in range(20)
                for y in range(20)
                if image.pixelColor(x, y).alpha() > 200
            ]
            assert inked, name
            assert all(_near(color, QColor(look.text)) for color in inked), name


def test_icons_are_sharp_at_two_device_pixels(qapp: QApplication) -> None:
    icon = IconSet(FOLDER, palette_of(LIGHT)).icon("run")
    assert icon.pixmap(QSize(20, 20), 2.0).size() == QSize(40, 40)
    checked = icon.pixmap(QSize(20, 20), 1.0, QIcon.Mode.Normal, QIcon.State.On).toImage()
    plain = icon.pixmap(QSize(20, 20), 1.0, QIcon.Mode.Normal, QIcon.State.Off).toImage()
    assert checked != plain


def test_the_application_has_an_icon(qapp: QApplication) -> None:
    assert not application_icon(FOLDER).pixmap(64, 64).toImage().allGray()


def test_a_choice_beats_the_system(qapp: QApplication) -> None:
    assert apply_theme(qapp, "dark") is DARK
    assert qapp.palette().window().color() == QColor(DARK.window)
    assert apply_theme(qapp, "light") is LIGHT
    assert apply_theme(qapp, "system") in {LIGHT, DARK}


def _near(first: QColor, second: QColor) -> bool:
    return all(
        abs(one - other) <= 24 for one, other in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)
    )
