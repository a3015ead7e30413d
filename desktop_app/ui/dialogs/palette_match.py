"""How well a few typed letters fit a text: as a subsequence, best at the beginnings of words.

Pure; fast enough for some hundred texts at every key.

Source: the alignment is the usual dynamic program for a subsequence with bonuses (Smith and Waterman, 1981,
with affine rewards in place of a substitution matrix).
"""

from __future__ import annotations

from dataclasses import dataclass

LETTER, WORD_START, NEXT_TO, WHOLE_START = 1.0, 5.0, 5.0, 2.0
GAP = 0.2
"""Points for a letter found, at the beginning of a word, directly after the last one, at the text's
beginning; and what each letter skipped costs."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a text fits.

    Attributes
    ----------
    score : float
        The more the better.
    places : tuple[int, ...]
        Where in the text the typed letters are.
    """

    score: float
    places: tuple[int, ...]


def match(typed: str, text: str) -> Match | None:
    """The best way to find the typed letters in a text, in order; None if they are not there.

    Parameters
    ----------
    typed : str
        Upper and lower case and spaces do not matter.
    text : str
        What is searched.
    """
    wanted = [letter for letter in typed.lower() if not letter.isspace()]
    letters = text.lower()
    if len(letters) != len(text) or not _has(wanted, letters):
        return None
    if not wanted:
        return Match(0.0, ())
    rows: list[list[float]] = []
    origins: list[list[int]] = []
    for number, letter in enumerate(wanted):
        row, origin = _align(letter, letters, text, rows[-1] if number else None)
        rows.append(row)
        origins.append(origin)
    end = max(range(len(letters)), key=rows[-1].__getitem__)
    places = [end]
    for origin in reversed(origins[1:]):
        places.append(origin[places[-1]])
    return Match(rows[-1][end] - LENGTH * len(letters), tuple(reversed(places)))


LENGTH = 0.01
"""What each letter of the text costs: of two that fit alike the shorter is meant."""

_NEVER = float("-inf")


def _align(letter: str, letters: str, text: str, before: list[float] | None) -> tuple[list[float], list[int]]:
    """The best score with this letter at each place, and where the letter before it is then."""
    row, origin = [_NEVER] * len(letters), [-1] * len(letters)
    best, best_at = _NEVER, -1
    for place, found in enumerate(letters):
        if before is not None and place > 1 and before[place - 2] - GAP > best:
            best, best_at = before[place - 2], place - 2
        if found == letter:
            start = 0.0 if before is None else best
            at = best_at
            if before is not None and place and before[place - 1] + NEXT_TO >= best:
                start, at = before[place - 1] + NEXT_TO, place - 1
            row[place] = start + _worth(text, place)
            origin[place] = at
        best -= GAP
    return row, origin


def _worth(text: str, place: int) -> float:
    if place == 0:
        return LETTER + WORD_START + WHOLE_START
    starts = text[place].isalnum() and not text[place - 1].isalnum()
    return LETTER + WORD_START if starts else LETTER


def _has(wanted: list[str], letters: str) -> bool:
    rest = iter(letters)
    return all(letter in rest for letter in wanted)
