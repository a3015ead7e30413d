"""What is asked of a worker, and what it says while it works.

Both sides of the process border import this module; every value here pickles and holds no handle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.recipe import Recipe
from desktop_app.domain.slide_info import Mpp

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Stage: TypeAlias = Literal["tissue", "tiles", "stain", "features", "aggregate", "write"]


@dataclass(frozen=True, slots=True)
class Roi:
    """A region that limits a run.

    Attributes
    ----------
    rings : tuple[tuple[FloatArray, ...], ...]
        Polygon parts of ``(outer, hole, ...)`` rings, float64 ``(M, 2)``, level-0 pixels.
    description : str
        How it was chosen: a file, *selected annotations*, or *class Tumor*.
    """

    rings: tuple[tuple[FloatArray, ...], ...]
    description: str


@dataclass(frozen=True, slots=True)
class MppOverride:
    """The user's word on the pixel size.

    Attributes
    ----------
    mpp : float
        µm per level-0 pixel, both axes.
    force : bool
        False fills in a missing value only; True replaces what the file says.
    """

    mpp: float
    force: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One slide through one recipe.

    Attributes
    ----------
    job_id : str
        Becomes the run id of everything it makes.
    slide : Path
        The slide file.
    recipe : Recipe
        What to do.
    out : Path
        Folder of the outputs; made if missing.
    roi : Roi | None
        None for the whole slide.
    device : Device
        Where encoders and aggregators run.
    mpp : MppOverride | None
        Where the user gave a pixel size.
    slide_name : str
        What files, reports and sentences call the slide where its file name may tell who the patient is;
        empty for the file name.
    table_mpp : Mpp | None
        µm per level-0 pixel that a table of slides states for this one.
    """

    job_id: str
    slide: Path
    recipe: Recipe
    out: Path
    roi: Roi | None = None
    device: Device = "auto"
    mpp: MppOverride | None = None
    slide_name: str = ""
    table_mpp: Mpp | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes
    ----------
    job_id : str
    stage : Stage
    done, total : int
        Units of the stage (tiles for ``features``).
    seconds_left : float | None
        None while unknown.
    """

    job_id: str
    stage: Stage
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class HeatMapUpdate:
    """The aggregator on the tiles read so far.

    Attributes
    ----------
    job_id : str
    locations : IntArray
        int64 ``(n, 2)``, level-0 top left of each tile.
    tile_size : tuple[float, float]
        Level-0 pixels.
    values : FloatArray
        float32 ``(n,)``: contribution (logit units) or attention logit.
    quantity : str
        ``"contribution"`` or ``"attention"``, for the legend.
    done, total : int
        *partial, n of N*; equal when complete.
    demonstration : bool
        True where the legend must say *demonstration model, meaningless on real tissue*.
    class_name : str
        The class whose contributions these are; empty for attention.
    """

    job_id: str
    locations: IntArray
    tile_size: tuple[float, float]
    values: FloatArray
    quantity: str
    done: int
    total: int
    demonstration: bool = False
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A sentence for the job's log, from a plugin where one is named; never contains a patient identifier."""

    job_id: str
    text: str
    plugin_id: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where a finished job's files are.

    Attributes
    ----------
    job_id : str
    geojson, features, report : Path
        ``<slide>.geojson``, ``<slide>.h5`` and ``<slide>.run.json``.
    prediction, heatmap : Path | None
        With an aggregator only.
    notes : tuple[str, ...]
        What the user should know (a file kept and a second one written, a warning).
    """

    job_id: str
    geojson: Path
    report: Path
    features: Path | None = None
    prediction: Path | None = None
    heatmap: Path | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The job is done and its files are on disk."""

    job_id: str
    result: RunResult


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a result.

    Attributes
    ----------
    job_id : str
    error : str
        The error's class name in ``desktop_app.errors``.
    sentence : str
        ``str(error)``.
    cancelled : bool
        True if the user asked for it.
    plugin_id : str
        The plugin at fault; empty if none is.
    """

    job_id: str
    error: str
    sentence: str
    cancelled: bool = False
    plugin_id: str = ""


Message: TypeAlias = Progress | HeatMapUpdate | LogLine | Finished | Failed
MessageSink: TypeAlias = Callable[[Message], None]


class JobControl:
    """Cancel and pause as a running job sees them; the default never does either."""

    def checkpoint(self) -> None:
        """Called between batches (at most 0.3 s apart); waits while paused.

        Raises
        ------
        JobCancelledError
            If the user cancelled.
        """
