"""Finds, checks, trusts and loads plugins; knows no particular plugin.

Everything up to ``build`` reads files and runs none of a plugin's code, so a broken or slow plugin is a line
with an error in a list. Composition roots make one :class:`PluginHost`; its methods may be called from any
thread.
"""

from desktop_app.plugin_host.activity import ActivityBoard, Busy, PluginActivity
from desktop_app.plugin_host.discovery import PluginOrigin
from desktop_app.plugin_host.host import PluginHost, PluginListing

__all__ = ["ActivityBoard", "Busy", "PluginActivity", "PluginHost", "PluginListing", "PluginOrigin"]
