"""The manual's text: chapters, their sections, and where a word is found.

Chapters are Markdown files in ``resources/manual``; the first, ``index.md``, gives the order by its links.
One more chapter, on keys, is made from the action table, so that it is never out of date. No Qt here; any
thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FIRST = "index.md"
SNIPPET = 90
"""Letters of a line in which something was found."""

_HEADING = re.compile(r"^(#{1,4}) +(.+?) *#*$")
_FENCE = re.compile(r"^(```|~~~)")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_BARE = re.compile(r"<((?:https?|mailto|ftp):[^>\s]+)>")
_OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MARKS = re.compile(r"(?<!\\)[*`|]|^\s*(?:[-#>]|\d+\.)+\s*|\[|\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, down to the next.

    Attributes
    ----------
    title : str
        The heading.
    level : int
        1 for the chapter's own.
    anchor : str
        Its name in links: lower case, with hyphens.
    lines : tuple[str, ...]
        Its Markdown without the heading.
    """

    title: str
    level: int
    anchor: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file.

    Attributes
    ----------
    name : str
        The file's name, by which links find it.
    markdown : str
        Its text; links out of the manual are written out, since nothing here opens a browser.
    sections : tuple[Section, ...]
        In order; the first is the chapter itself.
    """

    name: str
    markdown: str
    sections: tuple[Section, ...]

    @classmethod
    def from_markdown(cls, name: str, text: str) -> Chapter:
        """Take a text apart."""
        shown = _written_out(text)
        return cls(name, shown, tuple(_sections(name, shown.splitlines())))

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.sections[0].title


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a text was found.

    Attributes
    ----------
    chapter : Chapter
        Where.
    section : Section
        Where in it.
    snippet : str
        The line, without Markdown's marks; the heading where the text is in that.
    """

    chapter: Chapter
    section: Section
    snippet: str


class ManualBook:
    """The chapters in order.

    Parameters
    ----------
    chapters : Sequence[Chapter]
        ``index.md`` among them; those it does not link to come last, by name.
    """

    def __init__(self, chapters: Sequence[Chapter]) -> None:
        by_name = {chapter.name: chapter for chapter in chapters}
        linked = [FIRST] if FIRST in by_name else []
        if linked:
            targets = (link[2].partition("#")[0] for link in _LINK.finditer(by_name[FIRST].markdown))
            linked += [target for target in targets if target in by_name]
        self.chapters = tuple(by_name[name] for name in dict.fromkeys([*linked, *sorted(by_name)]))

    def chapter(self, name: str) -> Chapter | None:
        """The chapter of that file name."""
        return next((chapter for chapter in self.chapters if chapter.name == name), None)

    def find(self, text: str) -> tuple[Hit, ...]:
        """Where a text stands, upper or lower case; in each section the first line, headings first."""
        wanted = text.strip().casefold()
        if not wanted:
            return ()
        hits = [hit for chapter in self.chapters for hit in _hits(chapter, wanted)]
        return tuple(sorted(hits, key=lambda hit: hit.snippet != hit.section.title))


def read_chapters(folder: Path) -> list[Chapter]:
    """The chapters of a folder; a file that cannot be read is left out."""
    found = []
    for path in sorted(folder.glob("*.md")):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found.append(Chapter.from_markdown(path.name, text))
    return found


def anchor_of(title: str) -> str:
    """A heading's name in links."""
    return re.sub(r"[^\w-]+", "-", title.strip().lower()).strip("-")


def keys_chapter(name: str, title: str, groups: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> Chapter:
    """A chapter of tables.

    Parameters
    ----------
    name, title : str
        Of the chapter.
    groups : Iterable[tuple[str, Sequence[Sequence[str]]]]
        A heading and its table each, the table's first row being its header.
    """
    lines = [f"# {title}", ""]
    for heading, table in groups:
        rows = [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in table]
        lines += [f"## {heading}", "", rows[0], "|---" * len(table[0]) + "|", *rows[1:], ""]
    return Chapter.from_markdown(name, "\n".join(lines))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text) or " "


def _written_out(text: str) -> str:
    """A text in which a link out of the manual is its words and its address."""

    def address(link: re.Match[str]) -> str:
        outside = _OUTSIDE.match(link[2])
        return f"{link[1]} (`{link[2]}`)" if outside else link[0]

    return _BARE.sub(r"`\1`", _LINK.sub(address, text))


def _sections(name: str, lines: Sequence[str]) -> Iterator[Section]:
    title, level = name.removesuffix(".md"), 1
    body: list[str] = []
    fenced = begun = False
    for line in lines:
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            body.append(line)
            continue
        if begun or any(line.strip() for line in body):
            yield Section(title, level, anchor_of(title), tuple(body))
        title, level, body, begun = _plain(heading[2]), len(heading[1]), [], True
    yield Section(title, level, anchor_of(title), tuple(body))


def _hits(chapter: Chapter, wanted: str) -> Iterator[Hit]:
    for section in chapter.sections:
        if wanted in section.title.casefold():
            yield Hit(chapter, section, section.title)
            continue
        lines = (_plain(line) for line in section.lines)
        line = next((line for line in lines if wanted in line.casefold()), None)
        if line is not None:
            yield Hit(chapter, section, _cut(line, line.casefold().index(wanted)))


def _plain(line: str) -> str:
    """A line without Markdown's marks, its escaped characters as themselves."""
    bare = re.sub(r"\\(?=[^\w\s])", "", _MARKS.sub("", line))
    return re.sub(r"\s+", " ", bare).strip()


def _cut(line: str, place: int) -> str:
    start = max(0, place - SNIPPET // 3)
    text = line[start : start + SNIPPET]
    return ("…" if start else "") + text + ("…" if start + SNIPPET < len(line) else "")
