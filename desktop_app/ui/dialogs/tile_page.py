"""How tiles are cut, as a page of the recipe dialog."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.recipe import TileSettings
from desktop_app.plugin_api.manifest import ParamSpec
from desktop_app.ui.dialogs.param_form import ParamForm
from desktop_app.ui.translation import marked

_DEFAULT = TileSettings()

TILE_PARAMS = (
    ParamSpec(
        "size_px",
        "int",
        _DEFAULT.size_px,
        marked("Tile size"),
        16,
        8192,
        "px",
        help=marked("Edge of a tile."),
    ),
    ParamSpec(
        "mpp",
        "float",
        _DEFAULT.mpp,
        marked("Resolution"),
        0.05,
        100.0,
        "µm/px",
        help=marked("Tiles are cut at exactly this pixel size, whatever the scan's."),
    ),
    ParamSpec(
        "overlap_px",
        "int",
        _DEFAULT.overlap_px,
        marked("Overlap"),
        0,
        8191,
        "px",
        help=marked("What neighboring tiles share; less than the tile size."),
    ),
    ParamSpec(
        "min_tissue",
        "float",
        _DEFAULT.min_tissue,
        marked("Minimum tissue"),
        0.0,
        0.999,
        help=marked("A tile is kept if more than this share of it is tissue."),
    ),
    ParamSpec(
        "allow_upsampling",
        "bool",
        _DEFAULT.allow_upsampling,
        marked("Allow upsampling"),
        help=marked("Enlarge slides that are coarser than the resolution; otherwise they are refused."),
    ),
)


class TilePage(QWidget):
    """The tile settings as rows.

    Notes
    -----
    ``changed()`` is emitted with every change.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._form = ParamForm(TILE_PARAMS, {})
        self._layout.addWidget(self._form)

    @property
    def form(self) -> ParamForm:
        """The rows."""
        return self._form

    def set_settings(self, settings: TileSettings) -> None:
        """Show a recipe's settings."""
        self._layout.removeWidget(self._form)
        self._form.deleteLater()
        values = {spec.name: getattr(settings, spec.name) for spec in TILE_PARAMS}
        self._form = ParamForm(TILE_PARAMS, values)
        self._form.changed.connect(self.changed)
        self._layout.addWidget(self._form)

    def settings(self) -> TileSettings:
        """The settings as they are shown."""
        values = self._form.values()
        return TileSettings(
            size_px=int(values.get("size_px", _DEFAULT.size_px)),
            mpp=float(values.get("mpp", _DEFAULT.mpp)),
            overlap_px=int(values.get("overlap_px", _DEFAULT.overlap_px)),
            min_tissue=float(values.get("min_tissue", _DEFAULT.min_tissue)),
            allow_upsampling=bool(values.get("allow_upsampling", _DEFAULT.allow_upsampling)),
        )
