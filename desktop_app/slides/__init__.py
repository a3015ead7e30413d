"""Slides: opening them, their metadata and their pixels."""

from desktop_app.slides.opener import SlideOpener
from desktop_app.slides.openslide_reader import OpenSlideReader
from desktop_app.slides.plugin_reader import PluginSlideReader
from desktop_app.slides.reader import SlideReader, SlideSource
from desktop_app.slides.slide import Slide

__all__ = ["OpenSlideReader", "PluginSlideReader", "Slide", "SlideOpener", "SlideReader", "SlideSource"]
