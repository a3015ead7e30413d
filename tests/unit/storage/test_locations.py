"""Folders: portable mode, and the checkout before the installed copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.storage.locations import Locations

CHECKOUT = Path(__file__).resolve().parents[3]


def test_the_checkout_is_looked_at_first() -> None:
    locations = Locations.default()
    assert locations.bundled_plugins == CHECKOUT / "plugins"
    assert locations.recipes == CHECKOUT / "resources" / "recipes"


def test_portable_mode_keeps_everything_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "슬라이드 USB"
    monkeypatch.setenv("COVERSLIP_HOME", str(home))
    locations = Locations.default()
    owned = (
        locations.user_data,
        locations.user_config,
        locations.user_plugins,
        locations.models,
        locations.journals,
        locations.trust_file,
    )
    assert all(path.is_relative_to(home) for path in owned)
    assert not home.exists()


def test_without_portable_mode_nothing_lies_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERSLIP_HOME")
    assert not Locations.default().user_data.is_relative_to(CHECKOUT)
