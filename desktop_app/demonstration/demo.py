"""The demonstration: draw a slide the model has not seen, run the whole path on it, and score the answer.

The command's ``demo`` calls it and then opens the window on what it made. The engine is handed in, since the
worker stands above this room. Runs on the caller's thread for a few minutes the first time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from shapely import Polygon

from desktop_app.demonstration.generator import draw_slide
from desktop_app.demonstration.scoring import tile_auroc
from desktop_app.demonstration.spec import PATTERN_CLASS, SlideSpec
from desktop_app.domain.annotation import Annotation
from desktop_app.engine.job import RunResult
from desktop_app.errors import EngineError
from desktop_app.storage.atomic import write_atomically
from desktop_app.storage.geojson import read_geojson

DEMO_SEED = 2_026_834
"""Used by neither training nor evaluation; picked because its slide has pen, fat, mimics and many regions."""

REPORT_NAME = "demo.json"

Run = Callable[[Path, Path], RunResult]
"""Runs the demonstration recipe on a slide and writes its files to a folder."""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demonstration found out.

    Attributes
    ----------
    slide, truth : Path
        The slide that was drawn and its ground truth.
    seed : int
        It was drawn from.
    label : bool
        Whether the pattern is on it.
    probability : float
        What the model predicts, 0 to 1.
    positive : bool
        Whether that is at or above the model's decision threshold.
    tile_auroc : float | None
        How well the contributions find the drawn regions; None on a slide without any.
    tiles : int
        Tiles analyzed.
    result : RunResult
        The files of the run.
    """

    slide: Path
    truth: Path
    seed: int
    label: bool
    probability: float
    positive: bool
    tile_auroc: float | None
    tiles: int
    result: RunResult

    def lines(self) -> tuple[str, ...]:
        """The report as the command prints it."""
        auroc = "not defined, nothing to find" if self.tile_auroc is None else f"{self.tile_auroc:.3f}"
        return (
            f"Slide label:           {_name(self.label)}",
            f"Predicted probability: {self.probability:.3f} ({_name(self.positive)})",
            f"Tile AUROC:            {auroc} over {self.tiles} tiles",
            f"Results:               {self.result.geojson.parent}",
            "The demonstration model knows synthetic slides only. Research use only, not for diagnosis.",
        )


def run_demo(
    out: Path, *, run: Run, echo: Callable[[str], None], spec: SlideSpec | None = None
) -> DemoReport:
    """Draw the slide (unless an earlier call did), run the recipe, score it, write ``demo.json``.

    Parameters
    ----------
    out : Path
        Folder for the slide and the results; made if missing.
    run : Run
        The engine.
    echo : Callable[[str], None]
        Takes a line of progress.
    spec : SlideSpec | None
        What to draw; None for the demonstration's own slide.

    Raises
    ------
    CoverslipError
        If the slide or a result cannot be written, or the run fails.
    """
    out.mkdir(parents=True, exist_ok=True)
    spec = spec or SlideSpec.draw(DEMO_SEED, label=True)
    slide, truth = _draw_once(out, spec, echo)
    echo("Running the demonstration recipe on it ...")
    report = _score(spec, slide, truth=truth, result=run(slide, out))
    write_atomically(out / REPORT_NAME, orjson.dumps(_as_json(report), option=orjson.OPT_INDENT_2))
    return report


def _draw_once(out: Path, spec: SlideSpec, echo: Callable[[str], None]) -> tuple[Path, Path]:
    """The slide and its truth; both are written atomically, so a file that is there is whole."""
    slide = out / f"demonstration-{spec.seed}.tiff"
    truth = out / f"demonstration-{spec.seed}.truth.geojson"
    if slide.is_file() and truth.is_file():
        echo(f"Using the slide drawn before: {slide}")
        return slide, truth
    echo(f"Drawing a slide of {spec.size[0]:,} x {spec.size[1]:,} pixels (a minute or two) ...")
    quarters = _Quarters(echo)
    drawn = draw_slide(slide, spec, progress=quarters)
    return drawn.path, drawn.truth


class _Quarters:
    """Says so when another quarter of the rows is drawn."""

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo
        self._said = 0

    def __call__(self, done: int, total: int) -> None:
        quarter = 4 * done // total
        if quarter > self._said:
            self._said = quarter
            self._echo(f"  {25 * quarter} % drawn")


def _score(spec: SlideSpec, slide: Path, *, truth: Path, result: RunResult) -> DemoReport:
    if result.prediction is None:
        raise EngineError("The demonstration recipe made no prediction; install the application again.")
    document = orjson.loads(result.prediction.read_bytes())
    names = [entry["name"] for entry in document["classes"]]
    column = names.index(PATTERN_CLASS)
    tiles = document["tiles"]
    locations = np.asarray(tiles["locations"], dtype=np.int64)
    contributions = np.asarray(tiles["contributions"], dtype=np.float64)[:, column]
    auroc = tile_auroc(locations, tuple(tiles["size_level0"]), contributions, _truth_polygons(truth))
    return DemoReport(
        slide=slide,
        truth=truth,
        seed=spec.seed,
        label=spec.label,
        probability=float(document["classes"][column]["probability"]),
        positive=bool(document["classes"][column]["positive"]),
        tile_auroc=None if math.isnan(auroc) else auroc,
        tiles=len(locations),
        result=result,
    )


def _truth_polygons(truth: Path) -> list[Polygon]:
    annotations = read_geojson(truth).annotations
    return [polygon for annotation in annotations for polygon in _polygons(annotation)]


def _polygons(annotation: Annotation) -> list[Polygon]:
    return [Polygon(part[0], part[1:]) for part in annotation.parts]


def _as_json(report: DemoReport) -> dict[str, Any]:
    """File names only: the folder can be moved or shared."""
    values = asdict(report) | {"slide": report.slide.name, "truth": report.truth.name}
    values["result"] = {
        name: value.name
        for name in ("geojson", "report", "features", "prediction", "heatmap")
        if (value := getattr(report.result, name)) is not None
    }
    return {"schema": "coverslip-demo-1", "demonstration": True, **values}


def _name(positive: bool) -> str:
    return "positive" if positive else "negative"
