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
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ("Tumor", "Stroma", "면역 세포")

State = dict[str, tuple[int, int, str]]


class Model:
    """What the annotations must be: id to (x, y, class), with undo and redo."""

    def __init__(self) -> None:
        self.state: State = {}
        self._undo: list[State] = []
        self._redo: list[State] = []

    def act(self, action: dict[str, Any]) -> None:
        name, key = action["do"], action.get("id", "")
        if name == "undo":
            self._redo.append(self.state)
            self.state = self._undo.pop()
            return
        if name == "redo":
            self._undo.append(self.state)
            self.state = self._redo.pop()
            return
        self._undo.append(self.state)
        self._redo = []
        self.state = dict(self.state)
        if name == "remove":
            del self.state[key]
        else:
            self.state[key] = (action["x"], action["y"], action["class"])


class ScriptedAnnotator:
    """The process; kill it at any time."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        command = [sys.executable, str(Path(__file__)), str(folder), str(seed)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        self.lines: list[dict[str, Any]] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for_actions(self, count: int) -> None:
        """Return once it has finished so many actions."""
        assert self._process.stdout is not None
        while sum("done" in line for line in self.lines) < count:
            text = self._process.stdout.readline()
            assert text, "the process ended on its own"
            self.lines.append(json.loads(text))

    def kill(self) -> None:
        """End it as kill -9 does, and take in what it still had said."""
        assert self._process.stdout is not None
        self._process.kill()
        rest = self._process.stdout.read().splitlines(keepends=True)
        self.lines += [json.loads(text) for text in rest if text.endswith(b"\n")]
        self._process.wait()
        self._process.stdout.close()


def _choose(dice: random.Random, journal: Any) -> dict[str, Any]:
    ids = journal.snapshot.ids()
    action = dice.choice(["add", "add", "add", "change", "change", "remove", "undo", "undo", "redo"])
    if action == "undo" and journal.undo_path:
        return {"do": "undo"}
    if action == "redo" and journal.redo_path:
        return {"do": "redo"}
    place = {"x": dice.randrange(90_000), "y": dice.randrange(60_000), "class": dice.choice(CLASSES)}
    if action in ("change", "remove") and ids:
        return {"do": action, "id": str(dice.choice(ids)), **place}
    return {"do": "add", "id": str(UUID(int=dice.getrandbits(128))), **place}


def _perform(action: dict[str, Any], journal: Any) -> None:
    from desktop_app.domain.edits import Edit

    if action["do"] == "undo":
        path = journal.undo_path
        journal.move_cursor(path[-2].edit_id if len(path) > 1 else None)
        return
    if action["do"] == "redo":
        journal.move_cursor(journal.redo_path[0].edit_id)
        return
    key = UUID(action["id"])
    present = journal.snapshot.get(key)
    new = _square(key, action)
    before = () if present is None else (present,)
    after = () if action["do"] == "remove" else (new,)
    journal.append(Edit.create(action["do"], "Mina", before=before, after=after))


def _square(key: UUID, action: dict[str, Any]) -> Any:
    import numpy as np

    from desktop_app.domain.annotation import Annotation

    corner = np.array([action["x"], action["y"]], dtype=np.float64)
    ring = corner + np.array([[0, 0], [100, 0], [100, 100], [0, 100]])
    return Annotation(key, "rectangle", ((ring,),), class_name=action["class"])


def main(folder: Path, seed: int) -> None:
    from desktop_app.storage import journal as journal_module

    journal_module.CHECKPOINT_EVERY = 20  # so that kills also fall into the writing of checkpoints
    journal = journal_module.Journal.open(folder, author="Mina")
    dice = random.Random(seed)
    while True:
        action = _choose(dice, journal)
        sys.stdout.write(json.dumps(action) + "\n")
        sys.stdout.flush()
        _perform(action, journal)
        sys.stdout.write('{"done": 1}\n')
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
