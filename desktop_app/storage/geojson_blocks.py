"""GeoJSON text cut into blocks of whole features, without decoding it.

A list of a million features is never one document here: quotes and braces say where each feature begins and
ends, a block of some hundreds is handed on, and its text is forgotten. Where the text is damaged, the place
is told and the next thing that looks like a feature is gone on with. Any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from desktop_app.storage.geojson_source import GeoJsonSource

BLOCK_BYTES = 1 << 19
"""So much text is read at a time; a feature may be longer."""

Positions: TypeAlias = NDArray[np.int64]

_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _BETWEEN = b'"\\{}|'
_SPACE = b" \t\r\n"
_FEATURE = re.compile(rb'\{\s*"type"\s*:\s*"Feature"\s*,')
_MEMBER = re.compile(rb'\s*"((?:[^"\\]|\\.)*)"\s*:\s*(?=\S)')
_SCALAR = re.compile(rb'(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)(?=\s*[,}])')
_NESTED = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_COMMA = re.compile(rb"\s*,")
_GEOMETRY_MEMBERS = (b"geometry", b"coordinates", b"geometries", b"properties")


class NotAListError(ValueError):
    """The text is no list of features that could be cut up; it has to be read as one document."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Where a text that begins outside of a string has its quotes and braces.

    Attributes
    ----------
    codes : NDArray[np.uint8]
        The text's bytes.
    quotes : Positions
        Quotes that begin or end a string.
    braces : Positions
        Braces outside of strings, up to one that closes what was never opened.
    depths : Positions
        How many objects are open after each brace.
    stray : int
        Where that one brace is; -1 for none.
    """

    codes: NDArray[np.uint8]
    quotes: Positions
    braces: Positions
    depths: Positions
    stray: int

    @classmethod
    def of(cls, text: bytes) -> Marks:
        """The marks of a text."""
        codes = np.frombuffer(text, dtype=np.uint8)
        quotes = np.flatnonzero(codes == _QUOTE)
        if _BACKSLASH in text:
            quotes = quotes[~_escaped(codes, quotes)]
        # One comparison for both braces; what lies between them is sorted out where there is less.
        braces = np.flatnonzero(codes - np.uint8(_OPEN) <= _CLOSE - _OPEN)
        braces = braces[(codes[braces] != _BETWEEN) & (np.searchsorted(quotes, braces) % 2 == 0)]
        depths = np.cumsum(_BETWEEN - codes[braces].astype(np.int64))
        below = np.flatnonzero(depths < 0)
        if not len(below):
            return cls(codes, quotes, braces, depths, -1)
        first = int(below[0])
        return cls(codes, quotes, braces[:first], depths[:first], int(braces[first]))

    def objects(self) -> tuple[Positions, Positions]:
        """Begin and end of each object that is in no other; the last may have no end."""
        opening = self.codes[self.braces] == _OPEN
        starts = self.braces[opening & (self.depths == 1)]
        return starts, self.braces[~opening & (self.depths == 0)] + 1

    def depth_at(self, positions: Positions) -> Positions:
        """How many objects are open at some places."""
        padded = np.concatenate([np.zeros(1, dtype=np.int64), self.depths])
        depths: Positions = padded[np.searchsorted(self.braces, positions)]
        return depths


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """Some whole features.

    Attributes
    ----------
    text : bytes
        Them, and maybe more.
    marks : Marks
        Of the text.
    starts, ends : Positions
        Where each feature begins and ends in it.
    """

    text: bytes
    marks: Marks
    starts: Positions
    ends: Positions

    def __len__(self) -> int:
        return len(self.starts)

    def feature(self, row: int) -> bytes:
        """The text of one feature."""
        return self.text[self.starts[row] : self.ends[row]]


@dataclass(frozen=True, slots=True)
class _Cut:
    """How far a text could be cut, and what comes then.

    Attributes
    ----------
    count : int
        So many features are whole.
    stop : int
        Where the text goes on after them.
    state : Literal["more", "closed", "junk"]
        More is to be read; the list ends at ``stop``; something that is no feature stands at ``stop``.
    resume : int
        After junk: where a feature may begin again.
    """

    count: int
    stop: int
    state: Literal["more", "closed", "junk"]
    resume: int = 0


class FeatureBlocks:
    """The features of a source in blocks.

    Parameters
    ----------
    source : GeoJsonSource
        At its beginning.
    report : Callable[[int, str], None]
        Told of text that is no feature: where in the present text (see :meth:`place`), and what is wrong.

    Attributes
    ----------
    is_collection : bool
        Whether it is a FeatureCollection, and not a bare list.
    is_finished : bool
        Whether the end of the list has been found.
    """

    def __init__(self, source: GeoJsonSource, report: Callable[[int, str], None]) -> None:
        self._source = source
        self._report = report
        self._text = b""
        self._byte, self._line = 0, 1
        self._head, self._rest = b"", b""
        self._is_read = False
        self._resume: int | None = None
        self.is_collection = False
        self.is_finished = False

    def place(self, position: int) -> tuple[int, int]:
        """Byte (from 0) and line (from 1) in the whole text of a place in the present block's."""
        return self._byte + position, self._line + self._text.count(b"\n", 0, position)

    def resume_within(self, start: int, end: int) -> bool:
        """After a damaged feature: whether another begins inside of it, which is then gone on with."""
        found = _FEATURE.search(self._text, start + 1, end)
        if found is not None:
            self._resume = found.start()
        return found is not None

    def frame(self) -> bytes:
        """What stands around the features once all have been read: the document with an empty list."""
        return self._head + self._rest

    def blocks(self) -> Iterator[TextBlock]:
        """Blocks in the order of the file.

        Raises
        ------
        NotAListError
            If the text is no list of features.
        """
        self._find_list()
        is_first = True
        while True:
            marks = Marks.of(self._text)
            cut, starts, ends = self._cut(marks, is_first=is_first)
            if cut.count:
                is_first = False
                yield TextBlock(self._text, marks, starts[: cut.count], ends[: cut.count])
            if self._resume is not None:
                is_first = self._go_on_at(self._resume)
            elif cut.state == "junk":
                is_first = self._go_on_after_junk(cut, is_first=is_first)
            elif cut.state == "closed":
                self._go_on_at(cut.stop)
                self._rest = self._text + self._source.read()
                self.is_finished = True
                return
            elif not self._is_read:
                self._go_on_at(cut.stop)
                self._read_more()
            elif not self._salvage(starts, cut):
                return
            else:
                is_first = True

    def _go_on_at(self, position: int) -> bool:
        """Forget what is before; True, since no comma is expected in front of what follows."""
        self._resume = None
        self._byte, self._line = self.place(position)
        self._text = self._text[position:]
        return True

    def _go_on_after_junk(self, cut: _Cut, *, is_first: bool) -> bool:
        junk = self._text[cut.stop : cut.resume]
        if not self.is_collection and b"[" in junk:
            raise NotAListError  # a list in a list; no program is known to write them
        lead = len(junk) - len(junk.lstrip(_SPACE + b","))
        self._report(cut.stop + lead, _fault(junk, junk[lead:]))
        self._go_on_at(cut.resume)
        return is_first or not junk.endswith(b"}")

    def _salvage(self, starts: Positions, cut: _Cut) -> bool:
        """The text is over before the list is; whether there is another feature to begin again with."""
        if len(starts) == cut.count:
            self._report(len(self._text), "the file ends before its list of features does")
            return False
        unfinished = int(starts[cut.count])
        self._report(unfinished, "the file ends within it, or a brace or quote of it is missing")
        found = _FEATURE.search(self._text, unfinished + 1)
        if found is None:
            return False
        return self._go_on_at(found.start())

    def _read_more(self) -> None:
        more = self._source.read(max(BLOCK_BYTES, len(self._text)))
        self._is_read = not more
        self._text += more

    def _find_list(self) -> None:
        """Come to the first feature."""
        while True:
            self._read_more()
            lead = self._text.lstrip(_SPACE)[:1]
            start = _list_start(self._text) if lead == b"{" else None
            if lead == b"[":
                start = self._text.index(b"[") + 1
            if start is None or (start < 0 and self._is_read):
                raise NotAListError
            if start >= 0:
                break
        self.is_collection = lead == b"{"
        self._head = self._text[:start]
        self._go_on_at(start)

    def _cut(self, marks: Marks, *, is_first: bool) -> tuple[_Cut, Positions, Positions]:
        starts, ends = marks.objects()
        count = len(ends)
        begins = [0, *ends.tolist()]
        gaps = [self._text[begin:end] for begin, end in zip(begins, starts[:count].tolist(), strict=False)]
        bad = _first_bad(gaps, is_first=is_first)
        if bad is not None:
            return self._at_gap(bad, begins[bad], gaps[bad], int(starts[bad])), starts, ends
        stop = begins[count]
        return self._at_end(marks, count, stop, is_first=is_first and not count), starts, ends

    def _at_gap(self, count: int, stop: int, gap: bytes, resume: int) -> _Cut:
        if gap.lstrip(_SPACE).startswith(b"]"):
            return _Cut(count, stop + gap.index(b"]"), "closed")
        return _Cut(count, stop, "junk", resume)

    def _at_end(self, marks: Marks, count: int, stop: int, *, is_first: bool) -> _Cut:
        """What comes after the last whole feature: the end of the list, half a feature, or something else."""
        after = marks.braces[np.searchsorted(marks.braces, stop) :][:1].tolist()
        edge = after[0] if after else marks.stray if marks.stray >= 0 else len(self._text)
        tail = self._text[stop:edge].strip(_SPACE)
        if tail.startswith(b"]"):
            return _Cut(count, self._text.index(b"]", stop), "closed")
        if tail == b"," or (not tail and (is_first or edge == len(self._text))):
            ends_here = bool(after) or edge == len(self._text)
            return _Cut(count, stop, "more") if ends_here else _Cut(count, stop, "junk", edge + 1)
        if after:
            return _Cut(count, stop, "junk", edge)
        if b"]" in tail:
            return _Cut(count, stop, "junk", self._text.index(b"]", stop))
        if marks.stray >= 0:
            return _Cut(count, stop, "junk", edge + 1)
        return _Cut(count, stop, "junk", edge) if self._is_read else _Cut(count, stop, "more")


def _first_bad(gaps: list[bytes], *, is_first: bool) -> int | None:
    """The first place between two features where something else than a comma stands."""
    odd = {gap for gap in set(gaps[1:]) if gap.strip(_SPACE) != b","}
    if gaps and gaps[0].strip(_SPACE) != (b"" if is_first else b","):
        return 0
    return next((row for row, gap in enumerate(gaps) if row and gap in odd), None) if odd else None


def _escaped(codes: NDArray[np.uint8], quotes: Positions) -> NDArray[np.bool_]:
    """Which quotes have an odd number of backslashes in front."""
    escaped: NDArray[np.bool_] = (quotes > 0) & (codes[quotes - 1] == _BACKSLASH)
    for row in np.flatnonzero(escaped).tolist():
        position = first = int(quotes[row])
        while first > 0 and codes[first - 1] == _BACKSLASH:
            first -= 1
        escaped[row] = (position - first) % 2 == 1
    return escaped


def _list_start(text: bytes) -> int | None:
    """Where the list of a FeatureCollection begins; -1 if more text is needed, None if it is none."""
    position = text.index(b"{") + 1
    while True:
        member = _MEMBER.match(text, position)
        if member is None:
            return -1 if b"}" not in text[position : position + 99] else None
        name, position = member[1], member.end()
        if name == b"features":
            return position + 1 if text[position : position + 1] == b"[" else None
        end = _value_end(text, position)
        is_other = name == b"type" and end > 0 and text[position:end] != b'"FeatureCollection"'
        if name in _GEOMETRY_MEMBERS or is_other:
            return None
        comma = _COMMA.match(text, end) if end > 0 else None
        if comma is None:
            return -1 if end < 0 or not text[end:].strip(_SPACE) else None
        position = comma.end()


def _value_end(text: bytes, position: int) -> int:
    """Where a member's value ends; -1 if the text ends before."""
    if text[position : position + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(text, position)
        return -1 if scalar is None else scalar.end()
    depth = 0
    for token in _NESTED.finditer(text, position):
        depth += (token[0] in (b"{", b"[")) - (token[0] in (b"}", b"]"))
        if depth == 0:
            return token.end()
    return -1


def _fault(junk: bytes, content: bytes) -> str:
    if not content:
        return "a comma stands here before nothing" if b"," in junk else "a comma is missing in front of it"
    return f"what stands here is no feature: {_excerpt(content)}"


def _excerpt(junk: bytes) -> str:
    text = " ".join(junk[:60].decode("utf-8", "replace").split())
    return f"{text[:30]}…" if len(text) > 30 else text
