"""The one door through which every visible sentence passes.

Texts are written in English where they are used and looked up in Qt's installed translators at the
moment they are shown, so that a language (or the tests' pseudo-locale) can be put in without touching a
widget. GUI thread, except that looking up is safe on any.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "coverslip"
"""The translation context of every text."""


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
