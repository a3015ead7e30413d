"""Killing the program at any moment loses nothing that was finished, without a window and with one."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from desktop_app.storage.folder_copy import SUFFIXES
from desktop_app.storage.geojson import read_geojson
from desktop_app.storage.journal import Journal
from desktop_app.storage.locations import Locations
from tests.support.scripted_annotator import Model, ScriptedAnnotator, ScriptedProcess, State, state_of
from tests.support.slide_factory import write_pyramid

KILLS = 10
WINDOW_KILLS = 3
WINDOW_SCRIPT = Path(__file__).parents[1] / "support" / "window_annotator.py"
MANY_KILLS = 200


def _stored(folder: Path) -> State:
    journal = Journal.open(folder, author="Mina")
    assert not journal.read_only
    assert journal.recovery_note == ""
    found = state_of(journal.snapshot.iter_annotations())
    journal.close()
    return found


def _copied(slide: Path) -> State | None:
    path = slide.with_name(slide.name + SUFFIXES[0])
    return state_of(read_geojson(path).annotations) if path.exists() else None


class Witness:
    """Compares what is stored after each kill with the model of what was finished."""

    def __init__(self, journal: Path, slide: Path) -> None:
        self.journal, self.slide = journal, slide
        self.model = Model()
        self.finished = self.in_flight = self.kept = 0

    def check(self, killed: ScriptedProcess) -> None:
        actions, done = killed.actions, killed.finished
        for action in actions[:done]:
            self.model.act(action)
        self.finished += done
        stored, copied = _stored(self.journal), _copied(self.slide)
        if done < len(actions):
            self._settle(actions[done]["do"], actions[done], stored, copied)
        assert stored == self.model.state
        assert copied == self.model.saved

    def _settle(self, name: str, action: dict[str, object], stored: State, copied: State | None) -> None:
        """The last action may be there although nobody was told so."""
        self.in_flight += 1
        there = copied != self.model.saved if name == "save" else stored != self.model.state
        if there:
            self.model.act(action)
            self.kept += 1


def _killed(folder: Path, kills: int, *, seed: int) -> Witness:
    dice = random.Random(seed)
    witness = Witness(folder / "저널", folder / "slide.svs")
    for kill in range(kills):
        annotator = ScriptedAnnotator(witness.journal, seed=1000 * seed + kill)
        annotator.wait_for_actions(dice.randrange(1, 40))
        time.sleep(dice.random() * 0.02)
        annotator.kill()
        witness.check(annotator)
    return witness


def test_every_finished_edit_survives_ten_kills(tmp_path: Path) -> None:
    witness = _killed(tmp_path, KILLS, seed=7)
    assert witness.finished > KILLS


class WindowModel:
    """What the window may say it shows, and what must be there after a kill: states and two stacks."""

    def __init__(self) -> None:
        self.state: State = {}
        self.saved: State | None = None
        self.finished = 0
        self._undo: list[State] = []
        self._redo: list[State] = []

    def follow(self, killed: ScriptedProcess) -> str:
        """Check everything that was finished; returns what was begun last if it was not."""
        opened, *lines = killed.lines
        assert opened["opened"] == plain(self.state)
        for begun, ended in zip(lines[::2], lines[1::2], strict=False):
            self.take(begun["do"], {key: tuple(value) for key, value in ended["state"].items()})
            self.finished += 1
        return str(lines[-1]["do"]) if len(lines) % 2 else ""

    def take(self, name: str, new: State) -> None:
        """One finished action: it leads where it must."""
        old = self.state
        if name == "save":
            assert new == old
            self.saved = new
        elif name == "undo":
            assert new == self._undo.pop()
            self._redo.append(old)
        elif name == "redo":
            assert new == self._redo.pop()
            self._undo.append(old)
        elif new != old:
            assert len(set(new.items()) ^ set(old.items())) <= 2, "one object at a time"
            self._undo.append(old)
            self._redo = []
        else:
            assert name == "change", "an object may get the class it has"
        self.state = new


def plain(state: State) -> dict[str, list[object]]:
    return {key: list(value) for key, value in state.items()}


def test_every_finished_edit_survives_three_kills_of_the_window(tmp_path: Path) -> None:
    slide = write_pyramid(tmp_path / "슬라이드.tiff", size=(700, 500), mpp=0.5)
    model, dice = WindowModel(), random.Random(3)
    for kill in range(WINDOW_KILLS):
        window = ScriptedProcess([str(WINDOW_SCRIPT), str(slide), str(kill)])
        window.wait_for_actions(dice.randrange(8, 25))
        time.sleep(dice.random() * 0.03)
        window.kill()
        begun = model.follow(window)
        (journal,) = Locations.default().journals.iterdir()
        stored = _stored(journal)
        if begun and begun != "save" and stored != model.state:  # nobody was told, and yet it is there
            model.take(begun, stored)
        copied = _copied(slide)
        assert stored == model.state
        assert copied == model.saved or (begun == "save" and copied == model.state)
        model.saved = copied
    assert model.finished >= 8 * WINDOW_KILLS


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_finished_edit_survives_two_hundred_kills(tmp_path: Path) -> None:
    finished = in_flight = kept = 0
    for seed in range(MANY_KILLS // 20):  # now and then from an empty journal
        folder = tmp_path / str(seed)
        folder.mkdir()
        witness = _killed(folder, 20, seed=seed)
        finished += witness.finished
        in_flight += witness.in_flight
        kept += witness.kept
    print(  # noqa: T201 - the count is what this is run for
        f"\n{MANY_KILLS} kills, {finished} finished actions, none lost and none back; "
        f"{in_flight} kills within an action, {kept} of which were stored"
    )
    assert finished > 10 * MANY_KILLS
