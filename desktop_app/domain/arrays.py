"""Array types in the field's terms, so that signatures say shape and dtype in one word."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

RgbArray: TypeAlias = NDArray[np.uint8]
"""uint8 RGB, ``(H, W, 3)`` for one picture or ``(N, H, W, 3)`` for a batch of tiles."""

ChannelArray: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""uint8 or uint16 ``(H, W, C)``, the channels of a fluorescence slide."""

MaskArray: TypeAlias = NDArray[np.bool_]
"""bool ``(H, W)``, True on the thing the mask is of."""

FloatArray: TypeAlias = NDArray[np.floating[Any]]
"""float32 or float64; the docstring says which and the shape."""

IntArray: TypeAlias = NDArray[np.int64]
"""int64; the docstring says the shape."""
