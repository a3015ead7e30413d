"""The display lookup that the benchmarks put on: color management, a stain view and a gamma, all at once."""

from __future__ import annotations

import stage  # noqa: F401 - puts the checkout on the path

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.ui.canvas import DisplayLookup
from desktop_app.ui.display_tables import ColorRequest, DisplayTables


def full_display() -> DisplayLookup:
    """As a view that settled on it has it: the exact table."""
    settings = DisplaySettings(icc=True, gamma=1.3, stain_view="first")
    table = DisplayTables().exact(ColorRequest(settings, profile=_profile()), lambda: True)
    assert table is not None
    return DisplayLookup(1, table)


def _profile() -> bytes:
    """sRGB as littleCMS has it: what a profile says changes the table's entries, not its cost."""
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
