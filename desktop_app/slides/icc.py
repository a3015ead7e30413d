"""ICC profiles: the name of one, and the way of colors from one to another.

littleCMS does the arithmetic, through Pillow; what it answers for every color is the reference that the
picture on screen is held to. Any thread, but one map belongs to one thread at a time.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from desktop_app.domain.arrays import RgbArray
from desktop_app.errors import ColorProfileError


@lru_cache(maxsize=16)
def icc_profile_name(profile: bytes) -> str:
    """The profile's own description; ``"not readable"`` where littleCMS refuses it."""
    from PIL import ImageCms

    try:
        return str(ImageCms.getProfileDescription(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "not readable"


def icc_color_map(profile: bytes | None, screen: bytes | None = None) -> Callable[[RgbArray], RgbArray]:
    """The way of colors from a slide to a screen.

    Parameters
    ----------
    profile : bytes | None
        The slide's profile; None for sRGB.
    screen : bytes | None
        The monitor's profile; None for sRGB.

    Returns
    -------
    Callable[[RgbArray], RgbArray]
        uint8 ``(N, 3)`` to uint8 ``(N, 3)``, with the rendering intent that the slide's profile prefers.

    Raises
    ------
    ColorProfileError
        If either profile is damaged, or is not one of an RGB device.
    """
    from PIL import Image, ImageCms

    source, target = _opened(profile, "the slide's"), _opened(screen, "the monitor's")
    try:
        intent = ImageCms.Intent(ImageCms.getDefaultIntent(source))
        transform = ImageCms.buildTransform(source, target, "RGB", "RGB", intent)
    except (ImageCms.PyCMSError, ValueError) as error:
        raise ColorProfileError(f"{error}") from error

    def convert(colors: RgbArray) -> RgbArray:
        picture = Image.fromarray(np.ascontiguousarray(colors)[None])
        ImageCms.applyTransform(picture, transform, inPlace=True)
        converted: RgbArray = np.asarray(picture, np.uint8)[0]
        return converted

    return convert


def _opened(profile: bytes | None, whose: str) -> Any:
    from PIL import ImageCms

    if profile is None:
        return ImageCms.createProfile("sRGB")
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError) as error:
        raise ColorProfileError(f"{whose} color profile is damaged") from error
    if opened.profile.xcolor_space.strip() != "RGB":
        raise ColorProfileError(f"{whose} color profile is not one for RGB colors")
    return opened
