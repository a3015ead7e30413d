from __future__ import annotations

import random
import time
from pathlib import Path

from desktop_app.storage.journal import Journal
from tests.support.scripted_annotator import Model, ScriptedAnnotator, State

KILLS = 10


def _stored(folder: Path) -> State:
    journal = Journal.open(folder, author="Mina")
    assert not journal.read_only
    assert journal.recovery_note == ""
    found = {
        str(a.id): (int(a.parts[0][0][0, 0]), int(a.parts[0][0][0, 1]), str(a.class_name))
        for a in journal.snapshot.iter_annotations()
    }
    journal.close()
    return found


def test_every_finished_edit_survives_ten_kills(tmp_path: Path) -> None:
    folder = tmp_path / "저널"
    dice = random.Random(7)
    model, finished = Model(), 0
    for kill in range(KILLS):
        annotator = ScriptedAnnotator(folder, seed=kill)
        annotator.wait_for_actions(dice.randrange(1, 40))
        time.sleep(dice.random() * 0.02)
        annotator.kill()
        actions = [line for line in annotator.lines if "do" in line]
        done = len(annotator.lines) - len(actions)
        for action in actions[:done]:
            model.act(action)
        stored = _stored(folder)
        if stored != model.state:  # the last action may be stored although nobody was told so
            assert done < len(actions)
            model.act(actions[done])
            assert stored == model.state
        finished += done
    assert finished > KILLS
