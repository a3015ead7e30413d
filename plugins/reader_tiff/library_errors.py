"""The boundary to the libraries that decode: their errors become sentences about the file.

tifffile and imagecodecs raise errors of a dozen unrelated kinds for damaged files. They are caught here and
nowhere else. Any thread.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from desktop_app.plugin_api import SlideReadError, UnsupportedSlideError

COPY_AGAIN = "; copy it again from where it was made"

_LONGEST = 160


_SAYS_NOTHING = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    SyntaxError,
    TypeError,
    struct.error,
)
"""What a library stumbles over when a damaged file is not what it takes for granted; for programmers only."""


class RefusalError(Exception):
    """A file or a part of it that is not read on purpose; the message is the reason, for people."""


class DamageError(RefusalError):
    """A part that is not what the file says of it; the message is the reason without the way out."""


@contextmanager
def library_errors(make_error: Callable[[str], Exception], *, way_out: str = "") -> Iterator[None]:
    """Map whatever goes wrong inside the block.

    Parameters
    ----------
    make_error : Callable[[str], Exception]
        Makes the error to raise from a reason without a full stop.
    way_out : str
        Added to the reason where the file is damaged.

    Raises
    ------
    Exception
        What ``make_error`` made; ``MemoryError`` and errors that are about the slide already go through.
    """
    try:
        yield
    except (SlideReadError, UnsupportedSlideError, MemoryError):
        raise
    except DamageError as error:
        raise make_error(f"{error}{way_out}") from error
    except RefusalError as error:
        raise make_error(str(error)) from error
    except OSError as error:
        # Pillow says of a damaged file that it is an operating system's error, but without a number.
        damaged = error.errno is None
        raise make_error(
            _damaged(error) + way_out if damaged else f"the system cannot read it ({error.strerror})"
        ) from error
    except Exception as error:  # the plugin's one boundary: the libraries promise no kinds of errors
        raise make_error(_damaged(error) + way_out) from error


def _damaged(error: Exception) -> str:
    sentence = "the file is damaged or of an unknown kind"
    if isinstance(error, _SAYS_NOTHING):
        return sentence
    return f"{sentence} ({type(error).__name__}: {_short(error)})"


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
