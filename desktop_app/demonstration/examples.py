"""Synthetic slides as labelled bags, by the same path that a user's slide takes.

A slide is drawn, opened, its tissue found, its tiles cut and encoded by the engine and the bundled plugins,
and the pixels are thrown away. Runs on the caller's thread or in processes of its own.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from desktop_app.demonstration.generator import draw_slide
from desktop_app.demonstration.scoring import pattern_shares
from desktop_app.demonstration.spec import SlideSpec, factor_stream
from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.recipe import Recipe, Step, TileSettings
from desktop_app.engine.job import Job, JobControl, Message
from desktop_app.engine.run_slide import SlideResult, run_slide
from desktop_app.engine.steps import Steps
from desktop_app.plugin_api.protocols import Encoder, TissueDetector
from desktop_app.plugin_api.slide import SlidePixels
from desktop_app.plugin_host import PluginHost
from desktop_app.slides import SlideOpener
from desktop_app.slides.openslide_reader import OpenSlideReader
from desktop_app.storage.atomic import atomic_file
from desktop_app.storage.locations import Locations

RECIPE = Recipe(
    name="demonstration features",
    tissue=Step("tissue_otsu/saturation"),
    tiles=TileSettings(size_px=256, mpp=0.5, min_tissue=0.1),
    encoder=Step("encoder_texture/texture"),
)
"""What the demonstration model is trained on; the recipe that uses it must agree."""

_WIDTHS = (5000, 9000)
_HEIGHTS = (4000, 7000)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One slide as a labelled bag.

    Attributes
    ----------
    seed : int
        Of the slide.
    label : bool
        Whether the pattern is on it: all that training may see of the truth.
    features : FloatArray
        float32 ``(N, D)``.
    feature_names : tuple[str, ...]
        D names.
    locations : IntArray
        int64 ``(N, 2)``, level-0 pixels.
    tile_size : tuple[float, float]
        Level-0 pixels.
    shares : FloatArray
        float64 ``(N,)``, share of each tile on the pattern; for evaluation only.
    mean_rgb : FloatArray
        float64 ``(3,)``, over the tissue's pixels.
    """

    seed: int
    label: bool
    features: FloatArray
    feature_names: tuple[str, ...]
    locations: IntArray
    tile_size: tuple[float, float]
    shares: FloatArray
    mean_rgb: FloatArray

    def save(self, path: Path) -> None:
        """Write as ``.npz``, whole or not at all."""
        with atomic_file(path) as temporary, temporary.open("wb") as file:
            np.savez(
                file,
                seed=self.seed,
                label=self.label,
                features=self.features,
                feature_names=np.array(self.feature_names),
                locations=self.locations,
                tile_size=self.tile_size,
                shares=self.shares,
                mean_rgb=self.mean_rgb,
            )

    @classmethod
    def load(cls, path: Path) -> Example:
        """The inverse of :meth:`save`."""
        with np.load(path) as data:
            return cls(
                seed=int(data["seed"]),
                label=bool(data["label"]),
                features=data["features"],
                feature_names=tuple(str(name) for name in data["feature_names"]),
                locations=data["locations"],
                tile_size=(float(data["tile_size"][0]), float(data["tile_size"][1])),
                shares=data["shares"],
                mean_rgb=data["mean_rgb"],
            )


def example_spec(seed: int) -> SlideSpec:
    """The slide of a seed: every other one has the pattern, sizes vary from 5,000 × 4,000 px on."""
    rng = factor_stream(seed, "size")
    size = int(rng.integers(*_WIDTHS)), int(rng.integers(*_HEIGHTS))
    return SlideSpec.draw(seed, label=seed % 2 == 1, size=size)


def make_example(spec: SlideSpec, locations: Locations, *, folder: Path, threads: int = 1) -> Example:
    """Draw a slide in ``folder``, encode it and remove it again.

    Raises
    ------
    StorageError, SlideError, PluginError
        From below.
    """
    path = folder / f"{spec.seed}.tiff"
    drawn = draw_slide(path, spec, threads=threads)
    try:
        with SlideOpener([OpenSlideReader()]).open(path) as slide:
            result, names = encode_slide(slide, locations)
            overview = slide.read_scaled((0, 0), slide.info.size, result.tissue.mask.shape[::-1])
    finally:
        path.unlink()
        drawn.truth.unlink()
    bag = result.bag(names)
    return Example(
        seed=spec.seed,
        label=spec.label,
        features=bag.features,
        feature_names=names,
        locations=bag.locations,
        tile_size=bag.tile_size,
        shares=pattern_shares(bag.locations, bag.tile_size, drawn.truth_polygons),
        mean_rgb=overview[result.tissue.mask].mean(axis=0),
    )


def encode_slide(slide: SlidePixels, locations: Locations) -> tuple[SlideResult, tuple[str, ...]]:
    """Tissue, tiles and features of an open slide, and the features' names."""
    host = PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)
    encoder_step = RECIPE.encoder
    assert encoder_step is not None
    tissue: TissueDetector = host.build("tissue_detector", RECIPE.tissue.use, RECIPE.tissue.params)
    encoder: Encoder = host.build("encoder", encoder_step.use, encoder_step.params)
    job = Job(job_id="demonstration", slide=slide.info.path, recipe=RECIPE, out=slide.info.path.parent)
    steps = Steps(tissue=tissue, encoder=encoder)
    result = run_slide(slide, steps, job=job, sink=_drop, control=JobControl())
    return result, tuple(encoder.feature_names)


def make_examples(
    seeds: Sequence[int],
    locations: Locations,
    *,
    cache: Path | None = None,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Example]:
    """The examples of some seeds, in the order of the seeds.

    Parameters
    ----------
    seeds : Sequence[int]
        One slide each.
    locations : Locations
        Where the plugins are.
    cache : Path | None
        Folder in which finished examples are kept and looked for. It knows nothing of the generator's or
        the encoder's version: use an empty one after a change.
    processes : int
        Slides drawn at once.
    progress : Callable[[int, int], None] | None
        Called with slides done and slides in all, on the caller's thread.
    """
    with tempfile.TemporaryDirectory(prefix="coverslip-demonstration-") as scratch:
        folder = cache if cache is not None else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        missing = [seed for seed in seeds if not _file(folder, seed).is_file()]
        for done, _ in enumerate(_drawn(missing, folder, locations=locations, processes=processes), start=1):
            if progress is not None:
                progress(len(seeds) - len(missing) + done, len(seeds))
        return [Example.load(_file(folder, seed)) for seed in seeds]


def _drawn(seeds: Sequence[int], folder: Path, *, locations: Locations, processes: int) -> Iterator[None]:
    """Make and keep one example after the other, or several at once in processes."""
    tasks = [(seed, folder, locations) for seed in seeds]
    if processes == 1 or len(tasks) < 2:
        yield from map(_make_and_keep, tasks)
        return
    # Spawned, because forking a process with OpenCV's threads can hang.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_make_and_keep, tasks)


def _make_and_keep(task: tuple[int, Path, Locations]) -> None:
    seed, folder, locations = task
    with tempfile.TemporaryDirectory(prefix="coverslip-slide-") as scratch:
        example = make_example(example_spec(seed), locations, folder=Path(scratch))
    example.save(_file(folder, seed))


def _file(folder: Path, seed: int) -> Path:
    return folder / f"{seed}.npz"


def _drop(_message: Message) -> None:
    """Nobody watches these runs."""
