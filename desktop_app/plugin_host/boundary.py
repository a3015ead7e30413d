"""The one place where a plugin's own errors become the application's.

The host hands out every built object behind :class:`GuardedPlugin`, so the engine never has to know what a
plugin may raise. Runs on the thread of whoever calls the plugin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from desktop_app.errors import CoverslipError, OutOfMemoryError, PluginRunError
from desktop_app.plugin_host.activity import PluginActivity

_RETURNS_PLUGIN_OBJECT = frozenset({"open"})
"""Methods whose result is code of the plugin again (an aggregator's bag model, a reader's slide), or None."""


class GuardedPlugin:
    """A plugin's object whose every error is one of ``desktop_app.errors``.

    Attributes are read through; calls raise the application's own errors as they are, ``OutOfMemoryError``
    where memory ran out (main memory or the accelerator's), and ``PluginRunError`` for everything else.

    Parameters
    ----------
    plugin_id : str
        Named in the errors.
    target : Any
        The plugin's object.
    activity : PluginActivity
        Told of each call.
    """

    __slots__ = ("_activity", "_plugin_id", "_target")

    def __init__(self, plugin_id: str, target: Any, activity: PluginActivity) -> None:
        self._plugin_id = plugin_id
        self._target = target
        self._activity = activity

    def __repr__(self) -> str:
        return f"GuardedPlugin({self._plugin_id!r}, {self._target!r})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # Copying and pickling ask for these before there is a target to ask.
            raise AttributeError(name)
        try:
            with plugin_boundary(self._plugin_id):
                value = getattr(self._target, name)
        except PluginRunError as error:
            if isinstance(error.__cause__, AttributeError):
                # hasattr() and optional methods rely on this one type.
                raise error.__cause__ from None
            raise
        return self._guard(name, value) if callable(value) else value

    def _guard(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            with plugin_boundary(self._plugin_id), self._activity.during(self._plugin_id):
                result = call(*args, **kwargs)
            if name not in _RETURNS_PLUGIN_OBJECT or result is None:
                return result
            return GuardedPlugin(self._plugin_id, result, self._activity)

        return guarded


@contextmanager
def plugin_boundary(plugin_id: str) -> Iterator[None]:
    """Map whatever a plugin raises inside the block.

    Raises
    ------
    OutOfMemoryError
        For Python's ``MemoryError`` and torch's ``OutOfMemoryError``, which is known by its name so that
        torch need not be imported.
    PluginRunError
        For every other exception that is not the application's own, ``SystemExit`` included: a plugin must
        not end the process that runs it.
    """
    try:
        yield
    except CoverslipError:
        raise
    except (Exception, SystemExit) as error:  # the plugin boundary: foreign code may raise anything
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            reason = str(error) or "the system refused more memory"
            raise OutOfMemoryError(
                f"the plugin {plugin_id} asked for more than there is ({reason})"
            ) from error
        raise PluginRunError(plugin_id, f"{type(error).__name__}: {error}") from error
