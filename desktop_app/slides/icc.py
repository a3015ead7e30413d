"""The name of an embedded ICC profile, for people.

The profile's bytes are what color management uses; the name tells the user which scanner or color space
made them. littleCMS reads it, through Pillow. Any thread.
"""

from __future__ import annotations

import io


def icc_profile_name(profile: bytes) -> str:
    """The profile's own description; ``"not readable"`` where littleCMS refuses it."""
    from PIL import ImageCms

    try:
        return str(ImageCms.getProfileDescription(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "not readable"
