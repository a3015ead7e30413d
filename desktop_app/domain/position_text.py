"""Reading a position as people write it: ``12345, 678 px``, ``1.2, 3.4 mm``, ``x=10 y=20``.

Pure; any thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point

Unit: TypeAlias = Literal["px", "µm", "mm"]

MICROMETRES: dict[Unit, float] = {"µm": 1.0, "mm": 1000.0}
UNITS: tuple[Unit, ...] = get_args(Unit)

_SPELLINGS: dict[str, Unit] = {
    "px": "px",
    "pixel": "px",
    "pixels": "px",
    "µm": "µm",
    "μm": "µm",  # the Greek letter, which looks the same
    "um": "µm",
    "micron": "µm",
    "microns": "µm",
    "mm": "mm",
}
_NUMBER = r"([+-]?(?:\d+(?:[.,]\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
_POINT_NUMBER = r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_UNIT = r"([a-zµμ]*)"
_AXIS = r"(?:{axis}\s*[=:]?\s*)?"


def _pattern(number: str, between: str) -> re.Pattern[str]:
    first, second = (_AXIS.format(axis=axis) + number + r"\s*" + _UNIT for axis in ("x", "y"))
    return re.compile(rf"[(\[]?\s*{first}\s*{between}\s*{second}\s*[)\]]?", re.IGNORECASE)


_FORMS = (
    _pattern(_POINT_NUMBER, r"[,;×/\t]"),
    _pattern(_NUMBER, r"[;×/\t]"),
    _pattern(_NUMBER, r"(?<=[\s\w]) (?=[xy+\-.\d])"),
    _pattern(_POINT_NUMBER, r"(?=y)"),
)
"""With a comma between the numbers they have decimal points; with anything else between they may have
decimal commas."""


@dataclass(frozen=True, slots=True)
class Position:
    """Two numbers and what they count.

    Attributes
    ----------
    x, y : float
        Right and down from the slide's top left.
    unit : Unit | None
        None where the text does not say.
    """

    x: float
    y: float
    unit: Unit | None = None

    @classmethod
    def read(cls, text: str) -> Position | None:
        """The position that a text says; None where it is not understood."""
        # A readout says the place twice, the second time in pixels and in brackets.
        twice = re.fullmatch(r"[^(]*[^(\s]\s*(\([^()]*\))", text.strip())
        stripped = twice.group(1) if twice else text.strip()
        matches = (form.fullmatch(stripped) for form in _FORMS)
        found = next((match.groups() for match in matches if match is not None), None)
        return None if found is None else cls._of(*found)

    @classmethod
    def _of(cls, x: str, x_unit: str, y: str, y_unit: str) -> Position | None:
        units = {_SPELLINGS.get(spelling.lower()) for spelling in (x_unit, y_unit) if spelling}
        if None in units or len(units) > 1:
            return None
        return cls(_number(x), _number(y), units.pop() if units else None)

    def in_pixels(self, unit: Unit, mpp: Mpp | None) -> Point | None:
        """The place in level-0 pixels; None for a length on a slide whose mpp is unknown.

        Parameters
        ----------
        unit : Unit
            Used where the text said none.
        mpp : Mpp | None
            µm per level-0 pixel.
        """
        meant = self.unit or unit
        if meant == "px":
            return self.x, self.y
        if mpp is None:
            return None
        return self.x * MICROMETRES[meant] / mpp[0], self.y * MICROMETRES[meant] / mpp[1]


def _number(text: str) -> float:
    return float(text.replace(",", "."))
