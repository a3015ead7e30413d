"""All checks of one plugin, one after the other, each with its outcome.

``check_plugin`` runs the plugin's code on the caller's thread; :mod:`desktop_app.conformance.watched` does
the same in a process that may crash.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.conformance.case import Case
from desktop_app.conformance.kind_checks import KIND_CHECKS, Check, takes_every_allowed_value
from desktop_app.conformance.static_checks import card_problems, import_problems, manifest_problems
from desktop_app.errors import CoverslipError
from desktop_app.plugin_api.manifest import PluginManifest
from desktop_app.plugin_host import PluginHost

MANIFEST, CARD, IMPORTS = (
    "plugin.toml says enough for a dialog",
    "README.md is a complete model card",
    "of the application only plugin_api is imported",
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check went.

    Attributes
    ----------
    subject : str
        The plugin's id, or ``"plugin_id/provided_id"``.
    promise : str
        What was checked, as a sentence.
    problems : tuple[str, ...]
        What is wrong; empty if nothing is.
    """

    subject: str
    promise: str
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the promise is kept."""
        return not self.problems


Started = Callable[[str, str], None]
"""Told the subject and the promise of each check before it begins."""


def check_plugin(
    folder: Path, started: Started = lambda subject, promise: None, *, samples: Path | None = None
) -> Iterator[CheckResult]:
    """Run every check on a plugin's folder.

    Parameters
    ----------
    folder : Path
        Holds ``plugin.toml``; trusted by being named here, for as long as this runs.
    started : Started
        Told of each check before it begins, so that one that never ends can be named.
    samples : Path | None
        Folder of files that its slide readers must open; None for ``samples`` in the plugin's folder.

    Raises
    ------
    PluginError
        If the folder is no plugin that can be listed; no check was run then.
    """
    folder = folder.resolve()
    with tempfile.TemporaryDirectory(prefix="coverslip-check-") as scratch:
        # Bundled plugins are trusted, so the folder's parent stands for their place.
        host = PluginHost(folder.parent, Path(scratch) / "none", Path(scratch) / "trusted.json")
        manifest = host.trust(folder.name).manifest
        assert manifest is not None  # trust() refuses a broken plugin
        yield from _look_at(folder, manifest, started)
        for provided in manifest.provides:
            case = Case(host, manifest.plugin_id, provided, Path(scratch), samples or folder / "samples")
            yield from _try_out(case, started)


def _look_at(folder: Path, manifest: PluginManifest, started: Started) -> Iterator[CheckResult]:
    for promise, problems in (
        (MANIFEST, manifest_problems(manifest)),
        (CARD, card_problems(folder)),
        (IMPORTS, import_problems(folder)),
    ):
        started(manifest.plugin_id, promise)
        yield CheckResult(manifest.plugin_id, promise, tuple(problems))


def _try_out(case: Case, started: Started) -> Iterator[CheckResult]:
    kind = case.provided.kind
    for number, check in enumerate((takes_every_allowed_value, *KIND_CHECKS.get(kind, ()))):
        own = replace(case, scratch=case.scratch / f"{case.provided.id}-{number}")
        own.scratch.mkdir()
        promise = _promise(check)
        started(case.use, promise)
        yield CheckResult(case.use, promise, _problems(check, own))


def _promise(check: Check) -> str:
    return (check.__doc__ or check.__name__).splitlines()[0].rstrip(".")


def _problems(check: Check, case: Case) -> tuple[str, ...]:
    try:
        check(case)
    except CoverslipError as error:
        return (getattr(error, "reason", str(error)),)
    except Exception as error:  # noqa: BLE001 - an answer so wrong that looking at it fails is an outcome, too
        return (f"the answer cannot be used ({type(error).__name__}: {error})",)
    return ()
