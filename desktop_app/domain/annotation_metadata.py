"""Free metadata of an annotation: texts by key, and the description that is one of them.

GeoJSON keeps them in a feature's ``metadata``; here they live in ``Annotation.extra`` with the other members
that this application gives no field of their own. Pure, on any thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desktop_app.domain.annotation import Annotation

DESCRIPTION_KEY = "ANNOTATION_DESCRIPTION"
"""QuPath's key for the text that describes an annotation."""

OWN_PREFIX = "coverslip:"
"""Keys that begin with it are written by this application, and by nobody else."""


def metadata_of(annotation: Annotation) -> dict[str, str]:
    """Texts by key, in the order they were written; a value that is no text as its JSON."""
    group = _members(annotation).get("metadata", {})
    return {key: _text(value) for key, value in group.items()}


def with_metadata(annotation: Annotation, metadata: Mapping[str, str]) -> Annotation:
    """The annotation with other metadata; every other member it carries stays."""
    if dict(metadata) == metadata_of(annotation):
        return annotation
    members = _members(annotation)
    members.pop("metadata", None)
    if metadata:
        members["metadata"] = dict(metadata)
    packed = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() if members else b""
    return replace(annotation, extra=packed)


def description_of(annotation: Annotation) -> str:
    """What somebody wrote about an annotation; empty for nothing."""
    return metadata_of(annotation).get(DESCRIPTION_KEY, "")


def with_description(annotation: Annotation, text: str) -> Annotation:
    """The annotation with another description; an empty one is not kept."""
    metadata = metadata_of(annotation)
    if text:
        metadata[DESCRIPTION_KEY] = text
    else:
        metadata.pop(DESCRIPTION_KEY, None)
    return with_metadata(annotation, metadata)


def is_own(key: str) -> bool:
    """Whether a key belongs to this application, so that a person can read but not write it."""
    return key.startswith(OWN_PREFIX)


def _members(annotation: Annotation) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(annotation.extra) if annotation.extra else {}
    return members


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
