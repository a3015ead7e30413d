"""Which runs were asked for from the window, on which slide, and whether their regions are on it yet.

One small JSON file in the user's data. It is what lets a result survive a crash between the last file
written and the regions merged, and what brings a heat map back after a restart. Any thread; one process.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from desktop_app.storage.atomic import write_atomically

RunState: TypeAlias = Literal["asked", "finished", "wanted", "offered", "merged"]
"""``"asked"``: not known to have ended; ``"finished"``: files are on disk; ``"wanted"``: likewise, and to be
merged without asking; ``"offered"``: the user was told that they are not merged; ``"merged"``: the regions
are annotations."""

KEPT_RUNS = 400


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run.

    Attributes
    ----------
    job_id : str
        The run's id.
    slide_id : str
        Of its slide.
    out : str
        Folder of its files.
    recipe : str
        The recipe's name.
    state : RunState
        Where it stands.
    geojson, prediction : str
        Its files once it has finished; ``prediction`` is empty without a model.
    """

    job_id: str
    slide_id: str
    out: str
    recipe: str
    state: RunState = "asked"
    geojson: str = ""
    prediction: str = ""


class RunRegistry:
    """The runs, oldest first.

    Parameters
    ----------
    path : Path
        The JSON file; it need not exist. A damaged one counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._fleeting: set[str] = set()
        self._entries = {entry.job_id: entry for entry in _read(path)}

    def get(self, job_id: str) -> RunEntry | None:
        """The run of that id."""
        return self._entries.get(job_id)

    def of_slide(self, slide_id: str) -> tuple[RunEntry, ...]:
        """A slide's runs, oldest first."""
        with self._lock:
            return tuple(entry for entry in self._entries.values() if entry.slide_id == slide_id)

    def put(self, entry: RunEntry, *, on_disk: bool = True) -> None:
        """Add a run or change it.

        Parameters
        ----------
        entry : RunEntry
            Takes the place of the one of the same id.
        on_disk : bool
            False keeps the run, for good, out of the file, where its folder must not be read.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        with self._lock:
            self._entries[entry.job_id] = entry
            if not on_disk:
                self._fleeting.add(entry.job_id)
            self._write()

    def mark(self, job_id: str, state: RunState) -> None:
        """Change a run's state; an unknown run is left unknown."""
        entry = self.get(job_id)
        if entry is not None:
            self.put(replace(entry, state=state))

    def want(self, entry: RunEntry) -> None:
        """Have a run that finished elsewhere merged when its slide is opened; its files only once.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        if all(known.geojson != entry.geojson for known in self.of_slide(entry.slide_id)):
            self.put(replace(entry, state="wanted"))

    def forget(self, job_id: str) -> None:
        """Remove a run that left no files."""
        with self._lock:
            if self._entries.pop(job_id, None) is not None:
                self._write()

    def _write(self) -> None:
        kept = [entry for entry in self._entries.values() if entry.job_id not in self._fleeting][-KEPT_RUNS:]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps([asdict(entry) for entry in kept], ensure_ascii=False, indent=1)
        write_atomically(self._path, content.encode())


def _read(path: Path) -> list[RunEntry]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    items = content if isinstance(content, list) else []
    return [RunEntry(**item) for item in items if _is_entry(item)]


def _is_entry(item: Any) -> bool:
    names = {field.name for field in fields(RunEntry)}
    return (
        isinstance(item, dict)
        and set(item) == names
        and all(isinstance(value, str) for value in item.values())
        and item["state"] in get_args(RunState)
    )
