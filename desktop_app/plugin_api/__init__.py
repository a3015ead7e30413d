"""The only room a plugin may import: one Protocol per plugin kind and the domain types they speak in."""

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.arrays import ChannelArray, FloatArray, IntArray, MaskArray, RgbArray
from desktop_app.domain.artifact import ARTIFACT_CLASSES, ArtifactMap
from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.domain.channels import PALETTE as CHANNEL_COLORS
from desktop_app.domain.color_maps import LabMap, LevelCurves, SparseMap, sparse_amounts
from desktop_app.domain.lab import lab_from_rgb
from desktop_app.domain.mpp import StatedMpp, mpp_of_metadata, mpp_of_tag
from desktop_app.domain.prediction import Bag, Prediction
from desktop_app.domain.shapes import drawn
from desktop_app.domain.slide_info import Channel, Level, SlideInfo
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.stain_depths import StainDepths, density_of, hardly_there, too_few
from desktop_app.domain.stain_vectors import find_stain_vectors, problem_of_vectors
from desktop_app.domain.tissue import Occupancy, Tissue
from desktop_app.errors import (
    AnnotationFormatError,
    MissingMppError,
    ModelBundleError,
    PluginRunError,
    SlideReadError,
    UnsupportedSlideError,
)
from desktop_app.plugin_api.contours import polygons_from_mask
from desktop_app.plugin_api.density import glass_color, optical_density
from desktop_app.plugin_api.manifest import ParamSpec, PluginKind, PluginManifest, Preset, Provided
from desktop_app.plugin_api.overview import (
    channel_extremes,
    close_gaps,
    drop_small,
    odd_pixels,
    otsu_threshold,
    pixel_um,
    read_overview,
)
from desktop_app.plugin_api.protocols import (
    Aggregator,
    AnnotationFormat,
    ArtifactDetector,
    BagModel,
    Encoder,
    ReferenceNormalizer,
    SlideEncoder,
    StainNormalizer,
    TissueDetector,
)
from desktop_app.plugin_api.slide import SlidePixels
from desktop_app.plugin_api.slide_reader import ChannelSource, SlideReader, SlideSource

API_VERSION = 0
"""The version a manifest must state; without promise while it is 0."""

__all__ = [
    "API_VERSION",
    "ARTIFACT_CLASSES",
    "CHANNEL_COLORS",
    "Aggregator",
    "Annotation",
    "AnnotationFormat",
    "AnnotationFormatError",
    "ArtifactDetector",
    "ArtifactMap",
    "Bag",
    "BagModel",
    "Channel",
    "ChannelArray",
    "ChannelSource",
    "Encoder",
    "FittedStain",
    "FloatArray",
    "IntArray",
    "LabMap",
    "Level",
    "LevelCurves",
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
    "Preset",
    "Provided",
    "ReferenceNormalizer",
    "RgbArray",
    "SlideEncoder",
    "SlideInfo",
    "SlidePixels",
    "SlideReadError",
    "SlideReader",
    "SlideSource",
    "SparseMap",
    "StainDepths",
    "StainNormalizer",
    "StatedMpp",
    "Tissue",
    "TissueDetector",
    "UnsupportedSlideError",
    "channel_extremes",
    "close_gaps",
    "density_of",
    "drawn",
    "drop_small",
    "find_stain_vectors",
    "glass_color",
    "hardly_there",
    "lab_from_rgb",
    "mpp_of_metadata",
    "mpp_of_tag",
    "odd_pixels",
    "optical_density",
    "otsu_threshold",
    "pixel_um",
    "polygons_from_mask",
    "problem_of_vectors",
    "read_overview",
    "sparse_amounts",
    "too_few",
]
