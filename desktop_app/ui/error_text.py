"""Errors as sentences in the user's language, by their type and attributes.

The English sentence of an error is written where the error is defined; here the same is said through the
translators, with the way out that the window offers.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop_app import errors
from desktop_app.engine.job import Failed, Job
from desktop_app.ui.translation import tr

SLIDE_ID = re.compile("[0-9a-f]{64}")

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where there is no room, of the disk or of the user's share of it."""


def sentence(error: errors.CoverslipError) -> str:
    """What to tell the user of an error."""
    for kind in type(error).__mro__:
        if kind in _SENTENCES:
            return _SENTENCES[kind](error)
    return tr(str(error))


def job_sentence(job: Job, failed: Failed) -> str:
    """What to tell the user of a failed job.

    Only the error's name and English sentence cross the process border; where the name and the job are
    enough to say it again, it is said in the user's language.
    """
    if failed.error == "MissingMppError":
        return sentence(errors.MissingMppError(job.slide))
    if failed.error == "NotBrightfieldError":
        return sentence(errors.NotBrightfieldError(job.slide, job.recipe.tissue.use))
    if failed.error == "NoTissueError":
        return sentence(errors.NoTissueError(job.slide, in_roi=job.roi is not None))
    if failed.error == "JobCancelledError":
        return sentence(errors.JobCancelledError())
    return tr(failed.sentence)


def crash_sentence(error: BaseException, log_file: Path | None) -> str:
    """What to tell the user of an error that nobody foresaw."""
    what = type(error).__name__
    if log_file is None:
        return tr("Something went wrong that should not have ({what}). Your edits are saved.", what=what)
    return tr(
        "Something went wrong that should not have ({what}). Your edits are saved; details are in {file}.",
        what=what,
        file=log_file,
    )


def _unsupported(error: errors.UnsupportedSlideError) -> str:
    return tr("{file} cannot be opened as a slide: {reason}", file=error.path.name, reason=error.reason)


def _unreadable(error: errors.SlideReadError) -> str:
    text = tr("{file} cannot be read: {reason}. ", file=error.path.name, reason=error.reason)
    return text + tr("Copy the file again from the scanner or archive; it may be damaged.")


def _gone(error: errors.SlideGoneError) -> str:
    return tr(
        "{file} is not there at the moment: connect its drive or network again; what is missing is then "
        "read by itself.",
        file=error.path.name,
    )


def _missing_mpp(error: errors.MissingMppError) -> str:
    return tr(
        "{file} does not say how large a pixel is. Set it under Slide, Set pixel size.", file=error.path.name
    )


def _not_brightfield(error: errors.NotBrightfieldError) -> str:
    return tr(
        "{use} needs a brightfield (H&E or IHC) slide; {file} has fluorescence channels, which can be "
        "looked at and annotated only.",
        use=error.use,
        file=error.path.name,
    )


def _too_coarse(error: errors.SlideTooCoarseError) -> str:
    return tr(
        "{file} has {mpp} µm per pixel, coarser than the {target} the recipe asks for. "
        "Choose a coarser recipe, or allow upsampling in it.",
        file=error.path.name,
        mpp=f"{error.mpp:.4g}",
        target=f"{error.target_mpp:.4g}",
    )


def _no_tissue(error: errors.NoTissueError) -> str:
    if error.in_roi:
        return tr(
            "No tissue was found in the region on {file}. Move the region, or try another tissue detector "
            "or a lower threshold.",
            file=error.path.name,
        )
    return tr(
        "No tissue was found on {file}. Try another tissue detector or a lower threshold.",
        file=error.path.name,
    )


def _profile(error: errors.ColorProfileError) -> str:
    return tr("Colors are shown as they are stored: {reason}.", reason=error.reason)


def _stains(error: errors.StainEstimateError) -> str:
    text = tr("The stains cannot be estimated: {reason} ", reason=error.reason)
    return text + tr("Draw a region that shows both, or type them in.")


def _untrusted(error: errors.UntrustedPluginError) -> str:
    return tr("The plugin {plugin} is not trusted yet. See Plugins.", plugin=error.plugin_id)


def _plugin_timeout(error: errors.PluginTimeoutError) -> str:
    return tr(
        "The plugin {plugin} did not answer for {seconds} s and was stopped; nothing was written for the "
        "slide. Run it again and give it more time when that is offered, or use another plugin.",
        plugin=error.plugin_id,
        seconds=f"{error.seconds:.0f}",
    )


def _plugin_crash(error: errors.PluginCrashError) -> str:
    return tr(
        "The plugin {plugin} crashed the analysis process ({how}); its job failed and the next one goes on "
        "in a new process.",
        plugin=error.plugin_id,
        how=error.how,
    )


def _plugin(error: Any) -> str:
    reason = getattr(error, "reason", str(error))
    return tr("The plugin {plugin} cannot be used: {reason}", plugin=error.plugin_id, reason=reason)


def _annotations(error: errors.AnnotationFormatError) -> str:
    return tr("{file} cannot be read as annotations: {reason}", file=error.path.name, reason=error.reason)


def _stopped(_error: errors.TransferCancelledError) -> str:
    return tr("It was stopped; nothing was changed.")


def known_folder(path: Path) -> Path:
    """The folder of a file of ours that people know, above those named by a slide's id."""
    ids = [number for number, part in enumerate(path.parts) if SLIDE_ID.fullmatch(part)]
    return Path(*path.parts[: ids[0]]) if ids else path.parent


def _storage(error: errors.StorageError) -> str:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno in FULL:
        return tr(
            "There is no room for {file} in {folder}: the disk is full. Free some room.",
            file=error.path.name,
            folder=known_folder(error.path),
        )
    return tr("{file} cannot be used: {reason}", file=error.path, reason=error.reason)


def _disk_full(error: errors.DiskFullError) -> str:
    return tr(
        "The disk that holds {folder} is full, so nothing was changed. Free some room, then do it again.",
        folder=known_folder(error.path),
    )


def _foreign(error: errors.ForeignFileError) -> str:
    return tr(
        "{file} was written or changed by somebody else and is left as it is. Save under another name.",
        file=error.path.name,
    )


def _key_map(error: errors.KeyMapError) -> str:
    return tr("{file} cannot be read as a key map: {reason}", file=error.path.name, reason=error.reason)


def _recipe(error: errors.RecipeError) -> str:
    return tr("The recipe {name} cannot be used: {reason}", name=error.name, reason=error.reason)


def _cancelled(_error: errors.JobCancelledError) -> str:
    return tr("The job was cancelled; nothing was written for the unfinished slide.")


def _bundle(error: errors.ModelBundleError) -> str:
    return tr("The model bundle {name} cannot be used: {reason}", name=error.path.name, reason=error.reason)


_SENTENCES: dict[type, Callable[[Any], str]] = {
    errors.UnsupportedSlideError: _unsupported,
    errors.SlideReadError: _unreadable,
    errors.SlideGoneError: _gone,
    errors.MissingMppError: _missing_mpp,
    errors.NotBrightfieldError: _not_brightfield,
    errors.SlideTooCoarseError: _too_coarse,
    errors.NoTissueError: _no_tissue,
    errors.ColorProfileError: _profile,
    errors.StainEstimateError: _stains,
    errors.UntrustedPluginError: _untrusted,
    errors.PluginTimeoutError: _plugin_timeout,
    errors.PluginCrashError: _plugin_crash,
    errors.PluginError: _plugin,
    errors.AnnotationFormatError: _annotations,
    errors.TransferCancelledError: _stopped,
    errors.StorageError: _storage,
    errors.DiskFullError: _disk_full,
    errors.ForeignFileError: _foreign,
    errors.KeyMapError: _key_map,
    errors.RecipeError: _recipe,
    errors.JobCancelledError: _cancelled,
    errors.ModelBundleError: _bundle,
}
