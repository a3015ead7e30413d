"""A process that annotates without pause until it is killed, and a model of what it has finished.

The process says what it is about to do before it does it and *done* after; the model here is a dictionary
and two stacks, and shares no code with the application.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ("Tumor", "Stroma", "면역 세포")
CHOICES = (*["add"] * 3, *["change"] * 2, "remove", *["undo"] * 2, "redo", "import", "save")
CORNERS = ((0, 0), (100, 0), (100, 100), (0, 100))

State = dict[str, tuple[int, int, str]]


class Model:
    """What the annotations must be: id to (x, y, class), with undo and redo; and what was saved."""

    def __init__(self) -> None:
        self.state: State = {}
        self.saved: State | None = None
        self._undo: list[State] = []
        self._redo: list[State] = []

    def act(self, action: dict[str, Any]) -> None:
        match action["do"]:
            case "save":
                self.saved = self.state
            case "undo":
                self._redo.append(self.state)
                self.state = self._undo.pop()
            case "redo":
                self._undo.append(self.state)
                self.state = self._redo.pop()
            case _:
                self._edit(action)

    def _edit(self, action: dict[str, Any]) -> None:
        self._undo.append(self.state)
        self._redo = []
        self.state = dict(self.state)
        if action["do"] == "remove":
            del self.state[action["id"]]
        for entry in action.get("objects", [action] if action["do"] != "remove" else []):
            self.state[entry["id"]] = (entry["x"], entry["y"], entry["class"])


class ScriptedProcess:
    """A process that tells on its standard output what it does; kill it at any time."""

    def __init__(self, arguments: Sequence[str]) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.PIPE, env=environment, cwd=ROOT
        )
        self.lines: list[dict[str, Any]] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for_actions(self, count: int) -> None:
        """Read on until that many actions are finished."""
        while self.finished < count:
            self._read()

    def kill(self) -> None:
        """End it as a crash does, and read what it had said."""
        self._process.kill()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._take(line)
        self._process.wait()
        self._process.stdout.close()

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What it began, in order."""
        return [line for line in self.lines if "do" in line]

    @property
    def finished(self) -> int:
        """How many of these it has finished: all, or all but the last."""
        return sum("done" in line for line in self.lines)

    def _read(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process ended by itself"
        self._take(line)

    def _take(self, line: bytes) -> None:
        if line.endswith(b"\n"):  # the last one may be cut off by the kill
            self.lines.append(json.loads(line))


class ScriptedAnnotator(ScriptedProcess):
    """Annotates through the journal alone; copies go beside a slide in the folder above."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        super().__init__([str(Path(__file__)), str(folder), str(seed)])


def told(action: dict[str, Any]) -> None:
    """Say what is about to be done, or that it is done."""
    sys.stdout.write(json.dumps(action) + "\n")
    sys.stdout.flush()


def choose(dice: random.Random, ids: Sequence[UUID], *, undo: bool, redo: bool) -> dict[str, Any]:
    """What to do next."""
    action = dice.choice(CHOICES)
    if (action == "undo" and undo) or (action == "redo" and redo) or action == "save":
        return {"do": action}
    if action == "import":
        return {"do": "import", "objects": [_new(dice) for _ in range(dice.randrange(1, 6))]}
    if action in ("change", "remove") and ids:
        return {**_new(dice), "do": action, "id": str(dice.choice(ids))}
    return {"do": "add", **_new(dice)}


def _new(dice: random.Random) -> dict[str, Any]:
    place = {"x": dice.randrange(90_000), "y": dice.randrange(60_000), "class": dice.choice(CLASSES)}
    return {"id": str(UUID(int=dice.getrandbits(128))), **place}


def geojson_of(objects: Sequence[dict[str, Any]]) -> bytes:
    """A file to import, written as another program would."""
    features = [
        {
            "type": "Feature",
            "id": entry["id"],
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[entry["x"] + x, entry["y"] + y] for x, y in (*CORNERS, CORNERS[0])]],
            },
            "properties": {"objectType": "annotation", "classification": {"name": entry["class"]}},
        }
        for entry in objects
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def square_of(entry: dict[str, Any]) -> Any:
    """The annotation of an entry."""
    import numpy as np

    from desktop_app.domain.annotation import Annotation

    ring = np.array([entry["x"], entry["y"]], dtype=np.float64) + np.array(CORNERS)
    return Annotation(UUID(entry["id"]), "rectangle", ((ring,),), class_name=entry["class"])


def state_of(annotations: Any) -> State:
    """What the model would say of annotations."""
    return {
        str(a.id): (int(a.parts[0][0][0, 0]), int(a.parts[0][0][0, 1]), str(a.class_name))
        for a in annotations
    }


def _perform(action: dict[str, Any], journal: Any) -> None:
    from desktop_app.domain.edits import Edit
    from desktop_app.storage.folder_copy import FolderCopy
    from desktop_app.storage.geojson import read_geojson

    match action["do"]:
        case "undo":
            path = journal.undo_path
            journal.move_cursor(path[-2].edit_id if len(path) > 1 else None)
        case "redo":
            journal.move_cursor(journal.redo_path[0].edit_id)
        case "save":
            copy = FolderCopy(journal.folder.parent / "slide.svs", journal.folder)
            copy.write(journal.snapshot, str(len(journal.history)))
        case "import":
            source = journal.folder.parent / "in.geojson"
            source.write_bytes(geojson_of(action["objects"]))
            journal.append(Edit.create("Import", "Mina", after=read_geojson(source).annotations))
        case name:
            present = journal.snapshot.get(UUID(action["id"]))
            before = () if present is None else (present,)
            after = () if name == "remove" else (square_of(action),)
            journal.append(Edit.create(name, "Mina", before=before, after=after))


def main(folder: Path, seed: int) -> None:
    from desktop_app.storage import journal as journal_module

    journal_module.CHECKPOINT_EVERY = 20  # so that kills also fall into the writing of checkpoints
    journal = journal_module.Journal.open(folder, author="Mina")
    dice = random.Random(seed)
    while True:
        can_undo, can_redo = bool(journal.undo_path), bool(journal.redo_path)
        action = choose(dice, journal.snapshot.ids(), undo=can_undo, redo=can_redo)
        told(action)
        _perform(action, journal)
        told({"done": 1})


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
