"""Every error the application raises on purpose, grouped by cause.

A library's own errors are mapped to one of these once, at the boundary where the library is called.
``str(error)`` is one sentence a pathologist can act on; the window translates by type and attributes.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class CoverslipError(Exception):
    """Root of the tree; raised only through its subclasses."""


class SlideError(CoverslipError):
    """Something about one slide.

    Attributes
    ----------
    path : Path
        The slide file.
    """

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


class UnsupportedSlideError(SlideError):
    """No reader opens the file (unknown format, damaged header, or not there)."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, f"{path.name} cannot be opened as a slide: {reason}")
        self.reason = reason


class SlideReadError(SlideError):
    """The slide opened, but some of its pixels cannot be read."""

    def __init__(self, path: Path, reason: str, location: tuple[int, int] | None = None) -> None:
        where = f" at ({location[0]}, {location[1]})" if location is not None else ""
        super().__init__(
            path,
            f"{path.name} cannot be read{where}: {reason}. "
            "Copy the file again from the scanner or archive; it may be damaged.",
        )
        self.reason = reason
        self.location = location


class SlideGoneError(SlideReadError):
    """The file of an open slide is not there any more: a drive or network went away."""

    def __init__(self, path: Path, location: tuple[int, int] | None = None) -> None:
        SlideError.__init__(
            self,
            path,
            f"{path.name} is not there at the moment: connect its drive or network again; "
            "what is missing is then read by itself.",
        )
        self.reason = "the file is not there at the moment"
        self.location = location


class MissingMppError(SlideError):
    """An operation in micrometres on a slide whose pixel size is unknown."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"{path.name} does not say how large a pixel is (mpp): "
            "give it with --mpp, or set it in the window under Slide, Set pixel size.",
        )


class NotBrightfieldError(SlideError):
    """Something that knows stains was asked of a slide with fluorescence channels.

    Attributes
    ----------
    use : str
        What was asked, ``"plugin_id/provided_id"``.
    """

    def __init__(self, path: Path, use: str) -> None:
        super().__init__(
            path,
            f"{use} needs a brightfield (H&E or IHC) slide; {path.name} has fluorescence channels, "
            "which can be looked at and annotated only.",
        )
        self.use = use


class SlideTooCoarseError(SlideError):
    """The finest level is coarser than the recipe asks for, and upsampling is not allowed."""

    def __init__(self, path: Path, mpp: float, target_mpp: float) -> None:
        super().__init__(
            path,
            f"{path.name} has {mpp:.4g} µm per pixel, coarser than the {target_mpp:.4g} the recipe asks for: "
            "choose a coarser recipe, or allow upsampling in it (tiles.allow_upsampling = true).",
        )
        self.mpp = mpp
        self.target_mpp = target_mpp


class NoTissueError(SlideError):
    """The tissue detector found nothing to analyze, on the slide or in the ROI.

    Attributes
    ----------
    in_roi : bool
        Whether only an ROI was to be analyzed; there may be tissue outside it then.
    """

    def __init__(self, path: Path, *, in_roi: bool = False) -> None:
        where = f"in the ROI on {path.name}: move the ROI," if in_roi else f"on {path.name}:"
        super().__init__(
            path, f"No tissue was found {where} try another tissue detector or a lower threshold."
        )
        self.in_roi = in_roi


class ColorProfileError(CoverslipError):
    """An ICC profile that cannot be used.

    Attributes
    ----------
    reason : str
        Which, and why.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"Colors are shown as they are stored: {reason}.")
        self.reason = reason


class StainEstimateError(CoverslipError):
    """The stains of a slide or region cannot be told apart.

    Attributes
    ----------
    reason : str
        Why; one sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The stains cannot be estimated: {reason} Draw a region that shows both, or type them in."
        )
        self.reason = reason


class PluginError(CoverslipError):
    """Something about one plugin.

    Attributes
    ----------
    plugin_id : str
        The plugin's id, or its folder's name where the manifest could not be read.
    """

    def __init__(self, plugin_id: str, sentence: str) -> None:
        super().__init__(sentence)
        self.plugin_id = plugin_id


class ManifestError(PluginError):
    """``plugin.toml`` is missing, malformed, or of another API version."""

    def __init__(self, plugin_id: str, reason: str) -> None:
        super().__init__(plugin_id, f"The plugin {plugin_id} cannot be listed: {reason}")
        self.reason = reason


class PluginLoadError(PluginError):
    """The plugin's code cannot be imported, or does not provide what its manifest says."""

    def __init__(self, plugin_id: str, reason: str) -> None:
        super().__init__(plugin_id, f"The plugin {plugin_id} cannot be loaded: {reason}")
        self.reason = reason


class PluginRunError(PluginError):
    """The plugin failed, or returned something its contract does not allow."""

    def __init__(self, plugin_id: str, reason: str) -> None:
        super().__init__(plugin_id, f"The plugin {plugin_id} failed: {reason}")
        self.reason = reason


class PluginTimeoutError(PluginError):
    """The plugin did not answer in time and was stopped.

    Attributes
    ----------
    seconds : float
        How long it was waited for.
    """

    def __init__(self, plugin_id: str, seconds: float) -> None:
        super().__init__(
            plugin_id,
            f"The plugin {plugin_id} did not answer for {seconds:.0f} s and was stopped; nothing was written "
            "for the slide. Run it again and give it more time when that is offered, or use another plugin.",
        )
        self.seconds = seconds


class PluginCrashError(PluginError):
    """The process ended in the middle of the plugin's code.

    Attributes
    ----------
    exit_code : int | None
        Negative for a signal, as ``multiprocessing`` has it.
    how : str
        What that means, in a few words.
    """

    _MEANINGS: ClassVar[dict[int, str]] = {
        -4: "illegal instruction",
        -6: "it aborted",
        -7: "bus error",
        -8: "arithmetic error",
        -9: "the system ended it, most likely because memory ran out",
        -11: "segmentation fault",
    }

    def __init__(self, plugin_id: str, exit_code: int | None) -> None:
        self.how = self._MEANINGS.get(exit_code or 0, f"exit code {exit_code}")
        super().__init__(
            plugin_id,
            f"The plugin {plugin_id} crashed the analysis process ({self.how}); its job failed and the next "
            "one goes on in a new process.",
        )
        self.exit_code = exit_code


class UntrustedPluginError(PluginError):
    """A third-party plugin whose present content the user has not trusted."""

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            plugin_id,
            f"The plugin {plugin_id} is not trusted yet: read its folder, "
            f"then run 'coverslip plugins trust {plugin_id}'.",
        )


class AnnotationError(CoverslipError):
    """Something about annotations."""


class AnnotationFormatError(AnnotationError):
    """An annotation file that cannot be read.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What is wrong, with the position where it is known.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} cannot be read as annotations: {reason}")
        self.path = path
        self.reason = reason


class GeometryError(AnnotationError):
    """A shape that cannot be what it is said to be (too few points, not finite)."""


class TransferCancelledError(AnnotationError):
    """The user stopped the reading or writing of an annotation file."""

    def __init__(self) -> None:
        super().__init__("It was stopped; nothing was changed.")


class StorageError(CoverslipError):
    """A file of ours that cannot be written or read.

    Attributes
    ----------
    path : Path
        The file or folder.
    reason : str
        What the system said.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be used: {reason}")
        self.path = path
        self.reason = reason


class DiskFullError(StorageError):
    """There is no room left where a file of ours is."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "the disk is full")
        self.args = (
            f"The disk that holds {path.parent} is full, so nothing was changed. "
            "Free some room, then do it again.",
        )


class ForeignFileError(StorageError):
    """A file that would be written over is not one that we wrote, or was changed by somebody else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "it was written or changed by somebody else and is left as it is")


class KeyMapError(CoverslipError):
    """A file of keys that cannot be read.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What is wrong.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} cannot be read as a key map: {reason}")
        self.path = path
        self.reason = reason


class EngineError(CoverslipError):
    """Something about a job."""


class RecipeError(EngineError):
    """A recipe that cannot be run as written.

    Attributes
    ----------
    name : str
        The recipe's name or file.
    reason : str
        What is wrong.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The recipe {name} cannot be used: {reason}")
        self.name = name
        self.reason = reason


class JobCancelledError(EngineError):
    """The user cancelled the job."""

    def __init__(self) -> None:
        super().__init__("The job was cancelled; nothing was written for the unfinished slide.")


class OutOfMemoryError(EngineError):
    """A job that needs more memory than there is."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"There is not enough memory for this job: {reason}")
        self.reason = reason


class WorkerNotStartedError(EngineError):
    """The system refused to start the worker process.

    Parameters
    ----------
    reason : str
        The system's word for it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The analysis process could not be started ({reason}); close other programs and run it again."
        )


class WorkerDiedError(EngineError):
    """The worker process ended without an answer.

    Attributes
    ----------
    exit_code : int | None
        Negative for a signal, as ``multiprocessing`` has it.
    """

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(
            f"The analysis process ended unexpectedly (exit code {exit_code}); "
            "the job failed and the next one goes on in a new process.",
        )
        self.exit_code = exit_code


class ModelBundleError(CoverslipError):
    """A model bundle that cannot be used.

    Attributes
    ----------
    path : Path
        The bundle's folder.
    reason : str
        What is wrong.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The model bundle {path.name} cannot be used: {reason}")
        self.path = path
        self.reason = reason
