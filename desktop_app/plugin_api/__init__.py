"""The only room a plugin may import: one Protocol per plugin kind and the domain types they speak in."""

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray, RgbArray
from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.domain.prediction import Bag, Prediction
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tissue import Occupancy, Tissue
from desktop_app.errors import MissingMppError, ModelBundleError, PluginRunError, SlideReadError
from desktop_app.plugin_api.contours import polygons_from_mask
from desktop_app.plugin_api.manifest import ParamSpec, PluginKind, PluginManifest, Provided
from desktop_app.plugin_api.protocols import (
    Aggregator,
    BagModel,
    Encoder,
    StainNormalizer,
    TissueDetector,
)
from desktop_app.plugin_api.slide import SlidePixels

API_VERSION = 0
"""The version a manifest must state; without promise while it is 0."""

__all__ = [
    "API_VERSION",
    "Aggregator",
    "Bag",
    "BagModel",
    "Encoder",
    "FittedStain",
    "FloatArray",
    "IntArray",
    "Level",
    "MaskArray",
    "MissingMppError",
    "ModelBundle",
    "ModelBundleError",
    "ModelClass",
    "Occupancy",
    "ParamSpec",
    "PluginKind",
    "PluginManifest",
    "PluginRunError",
    "Prediction",
    "Provided",
    "RgbArray",
    "SlideInfo",
    "SlidePixels",
    "SlideReadError",
    "StainNormalizer",
    "Tissue",
    "TissueDetector",
    "polygons_from_mask",
]
