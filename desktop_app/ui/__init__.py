"""The window: everything that imports PySide6 or pyqtgraph.

Widgets live on the GUI thread; what they wait for (pixels, jobs, disks) runs elsewhere and comes back
through queued signals.
"""
