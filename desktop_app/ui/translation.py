"""The one door through which every visible sentence passes.

Texts are written in English where they are used and looked up in Qt's installed translators at the
moment they are shown, so that a language (or the tests' pseudo-locale) can be put in without touching a
widget. GUI thread, except that looking up is safe on any.
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject

CONTEXT = "coverslip"
"""The translation context of every text."""

DATA_PROPERTY = "data"
"""Set on widgets whose text is data."""

Shown = TypeVar("Shown", bound=QObject)


def tr(text: str, **fields: object) -> str:
    """A visible text in the user's language.

    Parameters
    ----------
    text : str
        English, with ``{name}`` where a field goes; the look-up is done before the fields are put in.
    **fields : object
        Values by name; a text without fields is shown as it is, braces included.

    Returns
    -------
    str
        The translation, or the English text where there is none.
    """
    translated = QCoreApplication.translate(CONTEXT, text)
    return translated.format(**fields) if fields else translated


def marked(text: str) -> str:
    """A text of a table that is translated later, when it is shown; returns it unchanged."""
    return text


def as_data(widget: Shown) -> Shown:
    """Mark a widget whose text comes from files or users and is not translated; returns it.

    The tests' search for untranslated sentences leaves such widgets out.
    """
    widget.setProperty(DATA_PROPERTY, True)
    return widget
