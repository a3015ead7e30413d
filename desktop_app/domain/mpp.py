"""The pixel size a slide's file states, with where it came from or why it was refused.

Every measurement and every model input depends on this one number, so it is never guessed: a value counts
as the scanner's word or as a TIFF tag, and a tag that merely says how large a picture should be printed is
refused with a reason. Pure; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from desktop_app.domain.slide_info import Mpp, MppSource, SlideInfo

TAG_RANGE = (0.05, 50.0)
"""µm per pixel that a TIFF resolution tag, or a user, may plausibly state for a slide, inclusive."""

SCREEN_AND_PRINT_DPI = (72, 96, 150, 300)
"""Resolutions that image programs write when they know nothing."""

DPI_TOLERANCE = 0.005
"""Relative."""

_UM_PER_INCH = 25_400
_TAG_DIGITS = 7
_TAG_VENDORS = frozenset({"generic-tiff"})


@dataclass(frozen=True, slots=True)
class StatedMpp:
    """What a file says of its pixel size.

    Attributes
    ----------
    mpp : Mpp | None
        µm per level-0 pixel ``(x, y)``; None when the file says nothing that can be trusted.
    source : MppSource | None
        ``"metadata"`` or ``"tiff_tag"``; None exactly when ``mpp`` is None.
    note : str
        Why a stated value was refused; empty if none was.
    """

    mpp: Mpp | None = None
    source: MppSource | None = None
    note: str = ""


def stated_mpp(properties: Mapping[str, str]) -> StatedMpp:
    """Apply the rules to OpenSlide's properties.

    Parameters
    ----------
    properties : Mapping[str, str]
        With ``openslide.vendor`` and, where the file states a pixel size, ``openslide.mpp-x`` and ``-y``.

    Returns
    -------
    StatedMpp
        From a scanner's format: the value as it is. From a plain TIFF (``generic-tiff``), where OpenSlide
        derives it from the resolution tag: rounded to seven digits, the precision such a tag keeps, or
        refused if it is a screen or print resolution or outside ``TAG_RANGE``.
    """
    stated = [properties.get(f"openslide.mpp-{axis}") for axis in "xy"]
    if stated == [None, None]:
        return StatedMpp()
    mpp = (_number(stated[0]), _number(stated[1]))
    if not all(math.isfinite(value) and value > 0 for value in mpp):
        return StatedMpp(
            note=f"the file states {stated[0]} × {stated[1]} µm per pixel, which is no pixel size"
        )
    if properties.get("openslide.vendor") not in _TAG_VENDORS:
        return StatedMpp(mpp, "metadata")
    return mpp_of_tag(mpp)


def mpp_of_tag(mpp: Mpp) -> StatedMpp:
    """Apply the rules to the resolution that a TIFF, PNG or JPEG file states.

    Parameters
    ----------
    mpp : Mpp
        The tag's resolution as µm per pixel ``(x, y)``.

    Returns
    -------
    StatedMpp
        Rounded to seven digits, or refused with the reason.
    """
    note = next((reason for value in mpp if (reason := _tag_refusal(value))), "")
    if note:
        return StatedMpp(note=note)
    return StatedMpp((_tag_value(mpp[0]), _tag_value(mpp[1])), "tiff_tag")


def mpp_of_metadata(mpp: Mpp) -> StatedMpp:
    """Apply the rules to a pixel size that a file states in so many words, as OME-XML does.

    Programs that convert pictures write the resolution for a screen there too, so the range of plausible
    sizes holds here as well.

    Parameters
    ----------
    mpp : Mpp
        µm per level-0 pixel ``(x, y)``.
    """
    wrong = next((value for value in mpp if not is_plausible(value)), None)
    if wrong is None:
        return StatedMpp(mpp, "metadata")
    return StatedMpp(note=f"the file states {wrong:.4g} µm per pixel, which no scanner has")


def with_table_mpp(info: SlideInfo, mpp: Mpp | None) -> SlideInfo:
    """Apply what a table of slides says; it fills in a missing value only.

    Parameters
    ----------
    info : SlideInfo
        As the file states it.
    mpp : Mpp | None
        µm per level-0 pixel ``(x, y)``; None where no table names the slide.

    Returns
    -------
    SlideInfo
        With ``mpp_source = "table"`` where the value was taken.

    Raises
    ------
    ValueError
        If ``mpp`` is no plausible pixel size.
    """
    if mpp is None or info.mpp is not None:
        return info
    if not all(is_plausible(value) for value in mpp):
        raise ValueError(f"{mpp[0]} × {mpp[1]} µm per pixel is no pixel size")
    return info.with_mpp(mpp, "table")


def with_given_mpp(info: SlideInfo, mpp: float | None, *, force: bool = False) -> SlideInfo:
    """Apply the user's word to a slide.

    Parameters
    ----------
    info : SlideInfo
        As the file states it.
    mpp : float | None
        µm per level-0 pixel, both axes, within ``TAG_RANGE``; None leaves ``info`` as it is.
    force : bool
        False fills in a missing value only; True replaces what the file says.

    Returns
    -------
    SlideInfo
        With ``mpp_source = "given"`` where the value was taken.

    Raises
    ------
    ValueError
        If ``mpp`` is not a number within ``TAG_RANGE``, or ``force`` comes without one.
    """
    if mpp is None:
        if force:
            raise ValueError("an mpp can only be forced together with a value")
        return info
    if not is_plausible(mpp):
        raise ValueError(f"{mpp} µm per pixel is no pixel size")
    if info.mpp is not None and not force:
        return info
    return info.with_mpp((mpp, mpp), "given")


def is_plausible(mpp: float) -> bool:
    """Whether a scanner could have pixels of so many µm; a slip of the comma is caught, NaN too."""
    return TAG_RANGE[0] <= mpp <= TAG_RANGE[1]


def _tag_refusal(mpp: float) -> str:
    """Why a tag's value cannot be a slide's pixel size; empty if it can."""
    if not (math.isfinite(mpp) and mpp > 0):
        return f"the file's resolution tag says {mpp:.4g} µm per pixel, which is no pixel size"
    dpi = _UM_PER_INCH / mpp
    known = next((known for known in SCREEN_AND_PRINT_DPI if abs(dpi / known - 1) <= DPI_TOLERANCE), None)
    if known is not None:
        stated = f"{known} dpi ({mpp:.4g} µm per pixel)"
        return f"the file's resolution tag says {stated}, a screen or print resolution"
    if not is_plausible(mpp):
        return f"the file's resolution tag says {mpp:.4g} µm per pixel, which no scanner has"
    return ""


def _tag_value(mpp: float) -> float:
    # Tags are ratios that libtiff hands on in single precision: 0.25 comes back as 0.25000000000000006.
    return float(f"{mpp:.{_TAG_DIGITS}g}")


def _number(text: str | None) -> float:
    """The number a property states; NaN if it states none."""
    try:
        return float(text) if text is not None else math.nan
    except ValueError:
        return math.nan
