"""What all tools of one view are told besides the mouse: the user's choices, and whether drawing selects.

It is the one place where tools ask for something outside their view: another brush size, Move after a shape.
GUI thread.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop_app.storage.drawing_settings import LARGEST_BRUSH, SMALLEST_BRUSH, DrawingSettings

BRUSH_STEP = 1.15
"""From one brush size to the next."""


class ToolOptions(QObject):
    """The choices that tools follow.

    Attributes
    ----------
    settings : DrawingSettings
        The user's choices.
    held : bool
        Whether the key that selects by drawing is held.
    switched : bool
        Whether selecting by drawing was switched on.

    Notes
    -----
    ``changed()`` follows other choices. ``wanted(DrawingSettings)`` asks for other ones.
    ``shape_finished()`` follows a shape after which Move may come. ``pointer_left()`` says that the mouse is
    no longer over the slide.
    """

    changed = Signal()
    wanted = Signal(object)
    shape_finished = Signal()
    pointer_left = Signal()

    def __init__(self, settings: DrawingSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings or DrawingSettings()
        self.held = False
        self.switched = False

    @property
    def selecting(self) -> bool:
        """Whether a drawn outline selects what it encloses and adds nothing."""
        return self.held != self.switched

    def apply(self, settings: DrawingSettings) -> None:
        """Take over the user's choices."""
        if settings != self.settings:
            self.settings = settings
            self.changed.emit()

    def switch_selecting(self) -> None:
        """Select by drawing from now on, or draw again."""
        self.switched = not self.switched
        self.changed.emit()

    def hold_selecting(self, held: bool) -> None:
        """Select by drawing while a key is held."""
        if held != self.held:
            self.held = held
            self.changed.emit()

    def resize_brush(self, steps: float) -> None:
        """Ask for a brush larger by so many steps, smaller for negative ones."""
        size = self.settings.brush_size * BRUSH_STEP**steps
        self.want(replace(self.settings, brush_size=min(max(size, SMALLEST_BRUSH), LARGEST_BRUSH)))

    def want(self, settings: DrawingSettings) -> None:
        """Take other choices and ask that they be kept."""
        if settings != self.settings:
            self.apply(settings)
            self.wanted.emit(settings)
