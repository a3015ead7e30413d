"""A few letters find what is meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.ui.dialogs.palette_match import match

WORDS = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd", "Zs"]), max_size=30)


def score(typed: str, text: str) -> float:
    found = match(typed, text)
    assert found is not None, (typed, text)
    return found.score


def test_letters_must_be_there_in_order() -> None:
    assert match("fsw", "Fit slide in window") is not None
    assert match("wsf", "Fit slide in window") is None
    assert match("", "anything") is not None
    assert match("a", "") is None


def test_beginnings_of_words_and_runs_of_letters_are_meant_first() -> None:
    assert score("fsw", "Fit slide in window") > score("fsw", "Off as elsewhere")
    assert score("mag", "Magnification") > score("mag", "Mirror left and right")
    assert score("zoom", "Zoom in") > score("zoom", "Deep zoo manager")
    assert score("log", "Log") > score("log", "Leave or go")


def test_the_places_are_those_of_the_best_way() -> None:
    found = match("win", "Fit slide in window")
    assert found is not None
    assert found.places == (13, 14, 15)
    spaced = match("fit win", "Fit slide in window")
    assert spaced is not None
    assert spaced.places == (0, 1, 2, 13, 14, 15)


@given(WORDS, st.data())
def test_every_subsequence_is_found_where_it_is(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, max(0, len(text) - 1)), unique=True)) if text else []
    typed = "".join(text[place] for place in sorted(places))
    found = match(typed, text)
    assert found is not None
    assert list(found.places) == sorted(set(found.places))
    letters = "".join(text[place] for place in found.places).lower()
    assert letters == "".join(typed.split()).lower()
