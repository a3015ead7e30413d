"""The slide shown with its stain normalized: fitted in another process, on the screen only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.viewport import Viewport
from desktop_app.ui.color.normalization_form import NormalizationForm
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, pixels

STAINS = np.array([[0.62, 0.70, 0.35], [0.20, 0.88, 0.42]])


@pytest.fixture
def stained(tmp_path: Path) -> Path:
    """A slide of hematoxylin and eosin, strongly stained, on glass."""
    random = np.random.default_rng(4)
    amounts = random.uniform(0.1, 1.8, (500, 700, 2))
    amounts[:100] = 0
    light = 245 * np.exp(-amounts @ STAINS)
    return write_pyramid(tmp_path / "stained.tiff", np.rint(light).astype(np.uint8))


def form(driver: WindowDriver) -> NormalizationForm:
    found = driver.window.colors.panel.normalization
    driver.wait(lambda: found.method.count() > 1)
    return found


def choose(driver: WindowDriver, use: str) -> None:
    method = form(driver).method
    method.setCurrentIndex(method.findData(use))
    method.activated.emit(method.currentIndex())


def picture(driver: WindowDriver) -> NDArray[np.uint8]:
    view = driver.view
    driver.settle()
    driver.wait(lambda: view.display.is_settled and view.canvas.is_sharp)
    return pixels(view.canvas)


def test_the_picture_is_the_fitted_map_of_what_is_stored(driver: WindowDriver, stained: Path) -> None:
    view = driver.open(stained)
    view.canvas.set_viewport(Viewport((350.0, 250.0), 1.0))
    choose(driver, "stain_macenko/macenko")
    assert "Fitting" in form(driver).state.text()
    driver.wait(lambda: view.display.normalization is not None)
    fitted = view.display.normalization
    assert fitted is not None
    assert not fitted.identity
    shown = picture(driver)
    assert driver.window.colors.badge.changed.text() == "Stain normalized"
    assert "Hold K" in form(driver).state.text()
    view.canvas.setFocus()
    QTest.keyPress(view.canvas, Qt.Key.Key_K)
    stored = picture(driver)
    assert driver.window.colors.badge.changed.isHidden()
    QTest.keyRelease(view.canvas, Qt.Key.Key_K)
    assert np.array_equal(picture(driver), shown)
    rows, columns = stored.shape[0] // 2, stored.shape[1] // 2
    middle = np.s_[rows - 50 : rows + 50, columns - 50 : columns + 50]
    expected = fitted.apply(np.ascontiguousarray(stored[middle]))
    assert np.abs(shown[middle].astype(int) - expected).max() <= 1
    assert np.abs(expected.astype(int) - stored[middle]).mean() > 5
    choose(driver, "")
    assert np.array_equal(picture(driver), stored)


def test_as_stored_and_show_as_scanned_end_it(driver: WindowDriver, stained: Path) -> None:
    view = driver.open(stained)
    for end in (lambda: choose(driver, ""), lambda: driver.trigger("color.reset")):
        choose(driver, "stain_macenko/macenko")
        driver.wait(lambda: view.display.normalization is not None)
        end()
        assert view.display.normalization is None
        assert form(driver).step is None
        assert "as they are stored" in form(driver).state.text()


def test_too_little_tissue_is_a_sentence(driver: WindowDriver, tmp_path: Path) -> None:
    blank = write_pyramid(tmp_path / "blank.tiff", np.full((500, 700, 3), 243, np.uint8))
    view = driver.open(blank)
    choose(driver, "stain_macenko/macenko")
    driver.wait(lambda: view.display.normalization is not None)
    assert form(driver).state.text().startswith("Shown as stored: ")
    assert driver.window.colors.badge.changed.isHidden()


def test_a_parameter_changes_the_fit(driver: WindowDriver, stained: Path) -> None:
    view = driver.open(stained)
    choose(driver, "stain_macenko/macenko")
    driver.wait(lambda: view.display.normalization is not None)
    first = view.display.normalization
    params = form(driver).params
    assert params is not None
    params.set_values({"reference": "tcga"})
    driver.wait(lambda: view.display.normalization is not first)
    assert view.display.normalization is not None
    assert first is not None
    assert not np.allclose(np.asarray(view.display.normalization.matrix), np.asarray(first.matrix))


def test_all_open_slides_are_fitted_each_on_its_own(
    driver: WindowDriver, stained: Path, tmp_path: Path
) -> None:
    pale = write_pyramid(tmp_path / "pale.tiff", np.full((500, 700, 3), 243, np.uint8))
    first, second = driver.open(stained), driver.open(pale)
    driver.window.area.activate(first)
    choose(driver, "stain_macenko/macenko")
    driver.window.colors.panel.spread.emit()
    driver.wait(lambda: None not in (first.display.normalization, second.display.normalization))
    assert first.display.is_normalized
    assert not second.display.is_normalized
