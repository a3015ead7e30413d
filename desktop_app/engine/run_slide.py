"""The pipeline: one slide through one recipe, from tissue to regions.

The window's worker process, the command and the demonstration's training all call ``run_slide``. It
writes nothing; ``write_results`` does. Runs on the caller's thread and starts reader threads of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from shapely import Polygon, box

from desktop_app.domain.arrays import IntArray
from desktop_app.domain.bundle import DEMONSTRATION_WARNING
from desktop_app.domain.prediction import Bag, Prediction
from desktop_app.domain.regions import clipped, polygons_from_rings
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tiling import COARSENESS_TOLERANCE
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.aggregate import HeatMapFrame, PartialHeatMap, predict
from desktop_app.engine.artifacts import (
    WARNING_SHARE,
    FoundArtifact,
    detect_artifacts,
    excluded_share,
    leave_out,
)
from desktop_app.engine.check_answers import check_encoder, check_stain, check_tissue
from desktop_app.engine.check_slide import check_brightfield
from desktop_app.engine.controlled_slide import ControlledSlide
from desktop_app.engine.features import PassSettings, TilePass, judge_and_encode
from desktop_app.engine.job import HeatMapUpdate, Job, JobControl, MessageSink
from desktop_app.engine.model_regions import ModelRegion, draw_regions
from desktop_app.engine.normalize import StainApplier
from desktop_app.engine.reporter import Reporter
from desktop_app.engine.stain import fit_stain
from desktop_app.engine.steps import Steps
from desktop_app.engine.tiles import TilePlan, check_resolution, plan_tiles
from desktop_app.errors import EngineError, NoTissueError
from desktop_app.plugin_api.slide import SlidePixels


@dataclass(frozen=True, slots=True, eq=False)
class SlideResult:
    """Everything a run found out about a slide, in memory.

    Attributes
    ----------
    info : SlideInfo
        The slide.
    tissue : Tissue
        What the detector found on the whole slide.
    outlines : tuple[Polygon, ...]
        The tissue's outlines, cut at the ROI.
    plan : TilePlan
        The grid of tiles.
    tiles : TilePass
        What became of them.
    artifacts : tuple[FoundArtifact, ...]
        What the recipe's artifact detectors found, excluded or not.
    upsampling : float | None
        Enlargement of the slide's pixels, where the recipe allowed it and it was needed.
    stain : FittedStain | None
        With a normalizer.
    prediction : Prediction | None
        With an aggregator.
    regions : tuple[ModelRegion, ...]
        What the prediction draws.
    heat_map : HeatMapUpdate | None
        With an aggregator that explains itself.
    timings : Mapping[str, float]
        Seconds by stage.
    notes : tuple[str, ...]
        What the user should know.
    """

    info: SlideInfo
    tissue: Tissue
    outlines: tuple[Polygon, ...]
    plan: TilePlan
    tiles: TilePass
    artifacts: tuple[FoundArtifact, ...] = ()
    upsampling: float | None = None
    stain: FittedStain | None = None
    prediction: Prediction | None = None
    regions: tuple[ModelRegion, ...] = ()
    heat_map: HeatMapUpdate | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def locations(self) -> IntArray:
        """Top left corners of the kept tiles, int64 ``(N, 2)``, level-0 pixels."""
        return self.plan.grid.locations()[self.tiles.kept]

    @property
    def boxes(self) -> IntArray:
        """Outlines of the kept tiles, cut at the slide's edge, int64 ``(N, 4)``, level-0 pixels."""
        return self.plan.outlines(self.tiles.kept, self.info.size)

    def bag(self, feature_names: tuple[str, ...] = ()) -> Bag:
        """The features of the kept tiles.

        Raises
        ------
        ValueError
            If the recipe had no encoder.
        """
        if self.tiles.features is None:
            raise ValueError("the recipe has no encoder")
        return Bag(self.tiles.features, self.locations, self.plan.grid.tile, feature_names)


def run_slide(
    slide: SlidePixels, steps: Steps, *, job: Job, sink: MessageSink, control: JobControl
) -> SlideResult:
    """Run a job's recipe on its slide.

    Parameters
    ----------
    slide : SlidePixels
        The open slide, with the user's mpp where one was given.
    steps : Steps
        The recipe's plugins.
    job : Job
        Recipe and ROI; its ``out`` is not touched.
    sink : MessageSink
        Takes progress, partial heat maps and log lines.
    control : JobControl
        Cancel and pause, asked at most 0.3 s apart.

    Raises
    ------
    NotBrightfieldError, MissingMppError, SlideTooCoarseError
        Before anything is read.
    NoTissueError
        If no tile holds enough tissue.
    EngineError
        If the ROI lies beside the slide or has no area.
    SlideReadError, PluginError, JobCancelledError
        From below.
    """
    check_brightfield(slide.info, job.recipe)
    upsampling = check_resolution(slide.info, job.recipe.tiles)
    reporter = Reporter(job.job_id, sink, control=control)
    return _Run(ControlledSlide(slide, control), steps, job=job, reporter=reporter, control=control).result(
        upsampling if upsampling > COARSENESS_TOLERANCE else None
    )


def warns_of_demonstration(steps: Steps, info: SlideInfo) -> bool:
    """Whether every output must say that the model means nothing on this slide."""
    return steps.bundle is not None and steps.bundle.demonstration and not info.is_synthetic


class _Run:
    """One run's stages, in order; each method is one of them."""

    def __init__(
        self, slide: SlidePixels, steps: Steps, *, job: Job, reporter: Reporter, control: JobControl
    ) -> None:
        self._slide = slide
        self._steps = steps
        self._job = job
        self._recipe = job.recipe
        self._reporter = reporter
        self._control = control
        self._warn = warns_of_demonstration(steps, slide.info)

    def result(self, upsampling: float | None) -> SlideResult:
        self._say_what_matters(upsampling)
        roi = self._roi()
        tissue = self._detect()
        artifacts = self._find_artifacts(tissue)
        plan = self._plan(tissue, roi, artifacts)
        stain = self._fit(plan, tissue)
        tiles = self._encode(plan, stain)
        self._say_what_was_left_out(plan, tiles)
        prediction, regions, heat_map = self._aggregate(plan, tiles)
        return SlideResult(
            info=self._slide.info,
            tissue=tissue,
            outlines=clipped(tissue.polygons, roi) if roi else tissue.polygons,
            plan=plan,
            tiles=tiles,
            artifacts=artifacts,
            upsampling=upsampling,
            stain=stain,
            prediction=prediction,
            regions=regions,
            heat_map=heat_map,
            timings=self._reporter.timings,
            notes=tuple(self._reporter.notes),
        )

    def _say_what_matters(self, upsampling: float | None) -> None:
        self._say_whose_mpp()
        if self._warn:
            self._reporter.note(f"{DEMONSTRATION_WARNING[0].upper()}{DEMONSTRATION_WARNING[1:]}.")
        if self._job.device == "cuda":
            self._reporter.note("The plugins of this recipe compute on the CPU; none of them uses a GPU.")
        if upsampling is not None:
            self._reporter.note(f"The slide's pixels were enlarged {upsampling:.3g} times.")

    def _say_whose_mpp(self) -> None:
        """Never let a pixel size win in silence, the user's or the file's."""
        info, asked = self._slide.info, self._job.mpp
        used = info.require_mpp()[0]
        if info.mpp_source == "given":
            whatever = ", whatever the file says" if asked is not None and asked.force else ""
            self._reporter.note(f"The pixel size, {used:g} µm, was given by the user{whatever}.")
        elif asked is not None and not math.isclose(used, asked.mpp, rel_tol=0.01):
            ignored = f"the {asked.mpp:g} µm given by the user was not used"
            self._reporter.note(f"The file states a pixel size, {used:g} µm; {ignored}.")

    def _roi(self) -> tuple[Polygon, ...]:
        """The parts of the ROI that the slide has a share in; empty for a run without an ROI."""
        if self._job.roi is None:
            return ()
        canvas = box(0, 0, *self._slide.info.size)
        parts = polygons_from_rings(self._job.roi.rings)
        on_slide = tuple(part for part in parts if clipped((part,), (canvas,)))
        if not on_slide:
            # An empty region would mean the whole slide further down.
            raise EngineError(
                f"The ROI ({self._job.roi.description}) encloses no part of {self._slide.info.path.name}: "
                "draw an area on the slide."
            )
        return on_slide

    def _detect(self) -> Tissue:
        with self._reporter.stage("tissue"):
            answer = self._steps.tissue.detect(self._slide, target_mpp=self._recipe.tiles.mpp)
        tissue = check_tissue(answer, self._recipe.tissue.use)
        if not tissue.mask.any():
            raise NoTissueError(self._slide.info.path)
        return tissue

    def _find_artifacts(self, tissue: Tissue) -> tuple[FoundArtifact, ...]:
        if not self._recipe.artifacts:
            return ()
        with self._reporter.stage("tissue"):
            return detect_artifacts(
                self._slide, tissue, steps=self._recipe.artifacts, detectors=self._steps.artifacts
            )

    def _plan(
        self, tissue: Tissue, roi: tuple[Polygon, ...], artifacts: tuple[FoundArtifact, ...]
    ) -> TilePlan:
        with self._reporter.stage("tiles"):
            plan = plan_tiles(self._slide.info, tissue, self._recipe.tiles, roi)
            if not len(plan.candidates):
                raise self._no_tissue()
            plan = leave_out(plan, artifacts, self._slide.info)
        if not len(plan.candidates):
            raise EngineError(
                f"Every tile of {self._slide.info.path.name} was left out because of artifacts: "
                "exclude fewer classes in the recipe, or raise min_share."
            )
        return plan

    def _say_what_was_left_out(self, plan: TilePlan, tiles: TilePass) -> None:
        share = excluded_share(plan, float(tiles.shares.sum()))
        if share > WARNING_SHARE:
            names = ", ".join(name for name, indices in plan.artifacts.items() if len(indices))
            self._reporter.note(
                f"{share:.0%} of the tissue was left out because of artifacts ({names}): look at the slide "
                "before trusting the result."
            )

    def _no_tissue(self) -> NoTissueError:
        return NoTissueError(self._slide.info.path, in_roi=self._job.roi is not None)

    def _fit(self, plan: TilePlan, tissue: Tissue) -> FittedStain | None:
        if self._steps.normalizer is None or self._recipe.normalizer is None:
            return None
        with self._reporter.stage("stain"):
            answer = fit_stain(
                self._slide, self._steps.normalizer, plan=plan, tissue=tissue, control=self._control
            )
        fitted = check_stain(answer, self._recipe.normalizer.use)
        if fitted.note:
            self._reporter.note(fitted.note)
        return fitted

    def _encode(self, plan: TilePlan, stain: FittedStain | None) -> TilePass:
        encoder, step = self._steps.encoder, self._recipe.encoder
        if encoder is not None and step is not None:
            check_encoder(encoder, step.use)
        partial = self._partial_heat_map(plan)

        def on_batch(so_far: TilePass, done: int, total: int) -> None:
            self._reporter.progress(done, total)
            if partial is not None:
                partial.update(so_far, done, total)

        settings = PassSettings(
            applier=StainApplier(stain) if stain is not None else None,
            encoder=encoder,
            encoder_use=step.use if step is not None else "",
            on_batch=on_batch,
        )
        with self._reporter.stage("features"):
            tiles = judge_and_encode(self._slide, plan, settings, control=self._control)
        if not len(tiles.kept):
            raise self._no_tissue()
        if tiles.unreadable:
            self._reporter.note(f"{len(tiles.unreadable)} tiles cannot be read and were left out.")
        return tiles

    def _partial_heat_map(self, plan: TilePlan) -> PartialHeatMap | None:
        if self._steps.model is None:
            return None
        return PartialHeatMap(self._steps.model, self._frame(plan), send=self._reporter.send)

    def _frame(self, plan: TilePlan) -> HeatMapFrame:
        return HeatMapFrame(self._job.job_id, plan.grid, self._warn)

    def _aggregate(
        self, plan: TilePlan, tiles: TilePass
    ) -> tuple[Prediction | None, tuple[ModelRegion, ...], HeatMapUpdate | None]:
        model, bundle, step = self._steps.model, self._steps.bundle, self._recipe.aggregator
        if model is None or bundle is None or step is None or tiles.features is None:
            return None, (), None
        with self._reporter.stage("aggregate"):
            boxes = plan.outlines(tiles.kept, self._slide.info.size)
            prediction = predict(model, bundle, np.ascontiguousarray(tiles.features))
            regions = draw_regions(prediction, bundle, boxes=boxes, on_negative=step.regions_on_negative)
        heat_map = self._frame(plan).show(prediction, tiles.kept)
        if heat_map is not None:
            self._reporter.send(heat_map)
        return prediction, regions, heat_map
