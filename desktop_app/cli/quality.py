"""``coverslip quality``: which slides are meant, and the file of their figures.

A slide that fails has a row with the reason, so that the table has a row for each slide.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_app.engine.job import MppOverride
    from desktop_app.storage.locations import Locations

ENDINGS = (".csv", ".json")


def slides_of(paths: Sequence[Path]) -> list[Path]:
    """Files as they are, and of each folder its files in order, without hidden ones."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        entries = sorted(path.iterdir())
        found += [entry for entry in entries if entry.is_file() and not entry.name.startswith(".")]
    return found


def quality_rows(
    slides: Sequence[Path],
    locations: Locations,
    *,
    mpp: MppOverride | None,
    warn: Callable[[str], None],
) -> list[dict[str, Any]]:
    """A row of figures for each slide; of those that cannot be measured, ``slide`` and ``error``."""
    from desktop_app.cli.pixel_sizes import found_table_mpp
    from desktop_app.engine.quality import measure_quality
    from desktop_app.errors import CoverslipError
    from desktop_app.worker import plugin_host, quality_detectors, slide_opener

    host = plugin_host(locations)
    opener, detectors = slide_opener(host), quality_detectors(host)
    given, force = (mpp.mpp, mpp.force) if mpp is not None else (None, False)
    rows: list[dict[str, Any]] = []
    for path in slides:
        try:
            table = found_table_mpp(path, locations, warn=warn)
            with opener.open(path, mpp=given, force_mpp=force, table_mpp=table) as slide:
                rows.append({**measure_quality(slide, detectors), "error": ""})
        except CoverslipError as error:
            warn(str(error))
            rows.append({"slide": path.name, "error": str(error)})
    return rows


def quality_table(rows: Sequence[dict[str, Any]], ending: str) -> bytes:
    """The rows as a CSV or a JSON file; a figure that is not known is empty or null."""
    if ending == ".json":
        return (json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n").encode()
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
