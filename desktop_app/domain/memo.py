"""Results kept beside a value that never changes.

A chunk of annotations is asked for the same areas, or the same edges, again and again; they are worked out at
the first question and live as long as the chunk. Any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

Result = TypeVar("Result")


class Memo:
    """A base for immutable values (frozen dataclasses too) that keep what was worked out from them.

    Notes
    -----
    Threads that ask for the same result at once may each work it out; all of them get a sound one.
    """

    __slots__ = ("_results",)

    _results: dict[Hashable, object]

    def once(self, name: Hashable, make: Callable[[], Result]) -> Result:
        """The result of ``make``, which is called only if the result of this name is not there yet."""
        try:
            results = self._results
        except AttributeError:
            results = {}
            object.__setattr__(self, "_results", results)
        if name not in results:
            results[name] = make()
        return results[name]  # type: ignore[return-value]
