"""Which of a slide's properties can tell who the patient is, or who handled the slide.

Scanners write names, numbers, barcodes, paths and dates into their files under names of their own. What is
told here is hidden until the user asks; the list is made to hide too much rather than too little. Pure; any
thread.

Source: the attributes that DICOM PS3.15 Table E.1-1 (basic confidentiality profile) removes or replaces, and
the properties of the same meaning that OpenSlide hands on from each vendor's files.
"""

from __future__ import annotations

import re
from pathlib import Path

TELLING_WORDS = (
    "patient",
    "person",
    "physician",
    "operator",
    "user",
    "author",
    "artist",
    "accession",
    "specimen",
    "barcode",
    "label",
    "slide_name",
    "slidename",
    "slide_id",
    "slideid",
    "imageid",
    "image_id",
    "case",
    "project_name",
    "projectname",
    "study",
    "instanceuid",
    "institution",
    "station",
    "serial",
    "computer",
    "filename",
    "file_name",
    "file_path",
    "title",
    "comment",
    "description",
    "document",
    "notes",
    "date",
    "birth",
    "address",
    "telephone",
)
"""Parts of property names, in lower case and without spaces."""

HARMLESS = frozenset({"openslide.objective-power", "tiff.ResolutionUnit"})
LEAST_STEM = 3


def may_identify(name: str, value: str, path: Path) -> bool:
    """Whether a property can identify somebody.

    Parameters
    ----------
    name : str
        As the reader gives it, ``"aperio.Filename"``.
    value : str
        Its value; one that holds the slide's file name identifies as that does.
    path : Path
        The slide file.
    """
    if name in HARMLESS or not value.strip():
        return False
    plain = re.sub(r"[\s-]+", "", name).lower()
    stem = path.stem
    return any(word in plain for word in TELLING_WORDS) or (len(stem) >= LEAST_STEM and stem in value)
