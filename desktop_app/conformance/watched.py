"""The checks of a plugin in a process of their own, so that a crash or a hang is an outcome as well.

The caller's thread waits for each result. Spawned, since a fork would take the caller's threads with it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from desktop_app.conformance.suite import CheckResult, check_plugin
from desktop_app.engine.memory_limit import limit_memory
from desktop_app.errors import CoverslipError, PluginCrashError, PluginError

SECONDS_PER_CHECK = 120.0


def check_in_process(
    folder: Path, *, samples: Path | None = None, seconds: float = SECONDS_PER_CHECK
) -> Iterator[CheckResult]:
    """As :func:`check_plugin`, with the plugin's code in another process.

    Parameters
    ----------
    folder : Path
        Holds ``plugin.toml``.
    samples : Path | None
        As in :func:`check_plugin`.
    seconds : float
        How long one check may take.

    Raises
    ------
    PluginError
        If the folder is no plugin that can be listed.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_serve, args=(theirs, folder, samples), daemon=True, name="coverslip-check"
    )
    process.start()
    theirs.close()
    under_way = (folder.name, "it can be started")
    try:
        while True:
            if not ours.poll(seconds):
                yield CheckResult(*under_way, (f"it did not answer for {seconds:g} s",))
                return
            try:
                said = ours.recv()
            except EOFError:
                process.join()
                yield CheckResult(*under_way, (str(PluginCrashError(folder.name, process.exitcode)),))
                return
            if said is None:
                return
            if isinstance(said, str):
                raise PluginError(folder.name, said)
            if isinstance(said, CheckResult):
                yield said
            else:
                under_way = said
    finally:
        process.kill()
        process.join()
        ours.close()


def _serve(connection: Connection, folder: Path, samples: Path | None) -> None:
    limit_memory()
    try:
        for result in check_plugin(folder, lambda *under_way: connection.send(under_way), samples=samples):
            connection.send(result)
    except CoverslipError as error:
        connection.send(str(error))
    else:
        connection.send(None)
