"""What every bundled plugin must keep to; a third party can run its own through the same checks.

Each test is parametrized over what the manifests say, so that a new plugin is covered by being there.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from desktop_app.errors import PluginError, UnsupportedSlideError
from desktop_app.plugin_api import FittedStain, ParamSpec, Provided, RgbArray, Tissue
from desktop_app.plugin_host import PluginHost, PluginListing
from desktop_app.slides import PluginSlideReader, Slide
from tests.support.plugin_cases import (
    BUNDLED,
    CHECKOUT,
    ArraySlide,
    bundled_host,
    bundled_listings,
    bundled_provides,
    stained_tiles,
)
from tests.support.slide_factory import stamp
from tests.support.tiff_factory import channel_values, write_ome, write_plain

MODEL_CARD = ("what", "source", "licence", "expected", "limits")
"""How the headings of a model card begin, whatever their case."""

REQUIRED = {
    "tissue_otsu/gigapath",
    "tissue_otsu/saturation",
    "tissue_clam/clam",
    "tissue_stain/entropy",
    "tissue_stain/any_stain",
    "stain_histogram/histogram",
    "stain_macenko/macenko",
    "stain_reinhard/reinhard",
    "stain_ruifrok/ruifrok",
    "stain_vahadane/vahadane",
    "encoder_texture/texture",
    "mil_attention/abmil",
    "mil_attention/additive",
    "reader_tiff/tiff",
    "reader_tiff/picture",
}

PROVIDES = bundled_provides()
PARAMS = [
    pytest.param(use, provided, spec, id=f"{use}-{spec.name}")
    for use, provided in PROVIDES
    for spec in provided.params
]


def of_kind(kind: str) -> list[str]:
    return [use for use, provided in PROVIDES if provided.kind == kind]


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    return bundled_host(tmp_path)


# Manifest, model card, code


def test_every_promised_plugin_is_there() -> None:
    assert {use for use, _ in PROVIDES} >= REQUIRED


@pytest.mark.parametrize("listing", bundled_listings(), ids=lambda listing: listing.plugin_id)
def test_a_bundled_plugin_is_usable(listing: PluginListing) -> None:
    assert listing.error == ""
    assert listing.is_usable


@pytest.mark.parametrize("listing", bundled_listings(), ids=lambda listing: listing.plugin_id)
def test_the_manifest_says_enough_for_a_dialog(listing: PluginListing) -> None:
    assert listing.manifest is not None
    assert len(listing.manifest.description) > 20
    for provided in listing.manifest.provides:
        for spec in provided.params:
            assert len(spec.help) > 10, f"{provided.id}.{spec.name} needs a sentence of help"
            if spec.type in ("int", "float"):
                assert None not in (spec.minimum, spec.maximum), f"{provided.id}.{spec.name} needs a range"


@pytest.mark.parametrize("listing", bundled_listings(), ids=lambda listing: listing.plugin_id)
def test_the_model_card_is_complete(listing: PluginListing) -> None:
    assert listing.folder is not None
    text = (listing.folder / "README.md").read_text(encoding="utf-8")
    sections = [part.partition("\n") for part in re.split(r"^## +", text, flags=re.MULTILINE)[1:]]
    bodies = {heading.split()[0].lower(): body.strip() for heading, _, body in sections}
    for heading in MODEL_CARD:
        assert len(bodies.get(heading, "")) > 20, f"README.md needs a section '{heading}'"
    assert re.search(r"mpp|µm per pixel", bodies["expected"])
    assert "tile" in bodies["expected"].lower()


def sources() -> list[Path]:
    return sorted(path for path in BUNDLED.rglob("*.py") if "__pycache__" not in path.parts)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(BUNDLED)))
def test_of_the_application_only_plugin_api_is_imported(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            assert not re.match(r"(desktop_app(?!\.plugin_api\b)|plugins|tests)\b", name), f"imports {name}"


def test_listing_imports_no_plugin_and_no_heavy_library() -> None:
    code = (
        "import sys; from pathlib import Path; from desktop_app.plugin_host import PluginHost\n"
        f"host = PluginHost(Path({str(BUNDLED)!r}), Path('no'), Path('no'))\n"
        "assert len(host.provided('tissue_detector')) >= 2\n"
        "heavy = {'torch', 'skimage', 'sklearn', 'scipy', 'PySide6', 'cv2'} & set(sys.modules)\n"
        "private = [name for name in sys.modules if name.startswith('_coverslip_plugin')]\n"
        "assert not heavy and not private, (heavy, private)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


# Parameters


@pytest.mark.parametrize(("use", "provided"), PROVIDES, ids=[use for use, _ in PROVIDES])
def test_it_is_built_with_its_defaults(host: PluginHost, use: str, provided: Provided) -> None:
    assert host.build(provided.kind, use, {}) is not None
    assert host.build(provided.kind, use, provided.defaults()) is not None


def accepted_values(spec: ParamSpec) -> list[Any]:
    """The ends of what the manifest allows."""
    if spec.type == "choice":
        return list(spec.choices)
    if spec.type == "bool":
        return [True, False]
    if spec.type == "text":
        return [spec.default]
    bounds = [bound for bound in (spec.minimum, spec.maximum) if bound is not None]
    return [int(bound) if spec.type == "int" else bound for bound in bounds]


def refused_values(spec: ParamSpec) -> list[Any]:
    """Just beyond what the manifest allows, and of another type."""
    if spec.type in ("choice", "text", "bool"):
        return [5, None] if spec.type != "choice" else ["no such choice", 5]
    beyond: list[Any] = ["1", True, float("nan")]
    if spec.minimum is not None:
        beyond.append(type(spec.default)(spec.minimum - 1))
    if spec.maximum is not None:
        beyond.append(type(spec.default)(spec.maximum + 1))
    return beyond


@pytest.mark.parametrize(("use", "provided", "spec"), PARAMS)
def test_every_allowed_value_is_accepted(
    host: PluginHost, use: str, provided: Provided, spec: ParamSpec
) -> None:
    for value in accepted_values(spec):
        assert host.build(provided.kind, use, {spec.name: value}) is not None


@pytest.mark.parametrize(("use", "provided", "spec"), PARAMS)
def test_what_is_out_of_range_is_refused(
    host: PluginHost, use: str, provided: Provided, spec: ParamSpec
) -> None:
    for value in refused_values(spec):
        with pytest.raises(PluginError, match=spec.name):
            host.build(provided.kind, use, {spec.name: value})


# Tissue detectors


def tissue_slide(mpp: float = 1.0) -> ArraySlide:
    """Stained tissue in the right half of a slide that is not square, on bright glass."""
    pixels = np.full((768, 1280, 3), 244, np.uint8)
    pixels[128:656, 640:1152] = stained_tiles(1, 528)[0][:, :512]
    return ArraySlide(pixels, pixels[::2, ::2], mpp=(mpp, mpp))


@pytest.mark.parametrize("use", of_kind("tissue_detector"))
@pytest.mark.parametrize("mpp", [0.5, 1.0, 20.0])
def test_a_tissue_detector_finds_the_tissue(host: PluginHost, use: str, mpp: float) -> None:
    slide = tissue_slide(mpp)
    tissue = host.build("tissue_detector", use, {}).detect(slide, target_mpp=mpp)

    assert isinstance(tissue, Tissue)
    assert tissue.mask.dtype == np.bool_
    assert tissue.mask.ndim == 2
    height, width = tissue.mask.shape
    assert tissue.mpp == pytest.approx((1280 * mpp / width, 768 * mpp / height))
    assert np.isfinite(tissue.threshold)
    assert all(polygon.is_valid and polygon.geom_type == "Polygon" for polygon in tissue.polygons)
    areas = [polygon.area for polygon in tissue.polygons]
    assert areas == sorted(areas, reverse=True)
    left, top, right, bottom = tissue.polygons[0].bounds
    assert np.abs(np.subtract((left, top, right, bottom), (640, 128, 1152, 656))).max() <= 40
    covered = tissue.mask[height // 4 : height // 2, width * 5 // 8 : width * 3 // 4].mean()
    assert covered > 0.3
    assert tissue.mask[:, : width // 4].mean() == 0
    if tissue.extent is not None:
        assert len(tissue.extent) == 4


@pytest.mark.parametrize("use", of_kind("tissue_detector"))
def test_a_tissue_detector_is_deterministic(host: PluginHost, use: str) -> None:
    first, second = (host.build("tissue_detector", use, {}).detect(tissue_slide()) for _ in range(2))

    assert np.array_equal(first.mask, second.mask)
    assert first.threshold == second.threshold
    assert first.polygons == second.polygons


# Stain normalizers


def slide_pixels() -> RgbArray:
    return stained_tiles(4, 128).reshape(-1, 3)


@pytest.mark.parametrize("use", of_kind("stain_normalizer"))
def test_a_normalizer_fits_a_map_that_is_data(host: PluginHost, use: str) -> None:
    fitted = host.build("stain_normalizer", use, {}).fit(slide_pixels())

    assert isinstance(fitted, FittedStain)
    assert not fitted.identity
    assert fitted.matrix.shape == (3, 3)
    assert fitted.matrix.dtype == np.float64
    assert np.isfinite(fitted.matrix).all()
    assert np.array_equal(FittedStain.from_json(fitted.to_json()).matrix, fitted.matrix)
    again = host.build("stain_normalizer", use, {}).fit(slide_pixels())
    assert np.array_equal(again.matrix, fitted.matrix)


@pytest.mark.parametrize("use", of_kind("stain_normalizer"))
@pytest.mark.parametrize("count", [0, 1, 10])
@pytest.mark.parametrize("level", [0, 120, 255])
def test_a_normalizer_never_fails_for_want_of_stain(
    host: PluginHost, use: str, count: int, level: int
) -> None:
    fitted = host.build("stain_normalizer", use, {}).fit(np.full((count, 3), level, np.uint8))

    assert fitted.identity
    assert fitted.note


# Encoders


@pytest.mark.parametrize("use", of_kind("encoder"))
def test_an_encoder_gives_finite_features(host: PluginHost, use: str) -> None:
    encoder = host.build("encoder", use, {})
    tiles = np.concatenate([stained_tiles(3, 96), np.zeros((1, 96, 96, 3), np.uint8)])
    before = tiles.copy()

    features = encoder.encode(tiles, 0.5)

    assert features.dtype == np.float32
    assert features.shape == (4, encoder.n_features)
    assert np.isfinite(features).all()
    assert encoder.feature_names == () or len(set(encoder.feature_names)) == encoder.n_features
    assert np.array_equal(tiles, before)
    assert not np.array_equal(features[0], features[1])


@pytest.mark.parametrize("use", of_kind("encoder"))
@pytest.mark.parametrize("gray", [0, 127, 255])
def test_an_encoder_copes_with_tiles_of_one_color(host: PluginHost, use: str, gray: int) -> None:
    assert np.isfinite(
        host.build("encoder", use, {}).encode(np.full((2, 64, 64, 3), gray, np.uint8), 0.5)
    ).all()


@pytest.mark.parametrize("use", of_kind("encoder"))
def test_an_encoder_judges_each_tile_alone(host: PluginHost, use: str) -> None:
    encoder, tiles = host.build("encoder", use, {}), stained_tiles(5, 96)
    together = encoder.encode(tiles, 0.5)

    assert np.array_equal(encoder.encode(tiles, 0.5), together)
    for index in range(5):
        np.testing.assert_allclose(
            encoder.encode(tiles[index : index + 1], 0.5)[0], together[index], rtol=1e-5, atol=1e-6
        )
    np.testing.assert_allclose(encoder.encode(tiles[::-1], 0.5), together[::-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("use", of_kind("encoder"))
def test_an_encoder_takes_an_empty_batch(host: PluginHost, use: str) -> None:
    encoder = host.build("encoder", use, {})

    assert encoder.encode(np.empty((0, 64, 64, 3), np.uint8), 0.5).shape == (0, encoder.n_features)


# Aggregators


@pytest.mark.parametrize("use", of_kind("aggregator"))
@pytest.mark.parametrize(("instances", "classes"), [(1, 1), (17, 1), (40, 3)])
def test_an_aggregator_builds_a_network(host: PluginHost, use: str, instances: int, classes: int) -> None:
    import torch

    network = host.build("aggregator", use, {}).build(12, classes)
    assert isinstance(network, torch.nn.Module)
    assert any(parameter.requires_grad for parameter in network.parameters())
    network.eval()
    features = torch.randn(instances, 12, generator=torch.Generator().manual_seed(0))

    with torch.no_grad():
        output, again = network(features), network(features)

    assert output.logits.shape == (classes,)
    assert output.attention_logits.shape == (instances,)
    assert torch.isfinite(output.logits).all()
    assert torch.equal(output.logits, again.logits)
    if output.contributions is not None:
        assert output.contributions.shape == (instances, classes)
        torch.testing.assert_close(output.contributions.sum(dim=0), output.logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("use", of_kind("aggregator"))
def test_an_aggregator_does_not_depend_on_the_order_of_tiles(host: PluginHost, use: str) -> None:
    import torch

    network = host.build("aggregator", use, {}).build(8, 2).eval()
    features = torch.randn(25, 8, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(25, generator=torch.Generator().manual_seed(1))

    with torch.no_grad():
        straight, shuffled = network(features), network(features[order])

    torch.testing.assert_close(shuffled.logits, straight.logits, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        shuffled.attention_logits, straight.attention_logits[order], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("use", of_kind("aggregator"))
def test_an_aggregator_learns(host: PluginHost, use: str) -> None:
    """Every trainable weight has a gradient."""
    import torch

    network = host.build("aggregator", use, {}).build(8, 2)
    network.train()
    network(torch.randn(30, 8, generator=torch.Generator().manual_seed(0))).logits.square().sum().backward()

    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


# Slide readers


def write_png(path: Path) -> Path:
    Image.fromarray(stamp((300, 200))).save(path)
    return path


SAMPLES: dict[str, dict[str, Callable[[Path], Path]]] = {
    "reader_tiff/tiff": {
        "plain.tif": write_plain,
        "rgb.ome.tif": lambda path: write_ome(path, stamp((300, 200)), levels=3),
        "channels.ome.tif": lambda path: write_ome(path, channel_values(), levels=2),
    },
    "reader_tiff/picture": {"a.png": write_png},
}
"""Files that a reader must open; a third party adds its own."""


def slide_reader(host: PluginHost, use: str) -> PluginSlideReader:
    return PluginSlideReader(use, lambda: host.build("slide_reader", use, {}))


@pytest.mark.parametrize("use", of_kind("slide_reader"))
@pytest.mark.parametrize(
    "content", [b"", b"text of some kind", bytes(range(256)) * 20, b"PK\3\4" + b"\0" * 500]
)
def test_a_reader_passes_on_what_is_of_no_format_of_its(
    host: PluginHost, use: str, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "환자.dat"
    path.write_bytes(content)
    assert slide_reader(host, use).open(path) is None


@pytest.mark.parametrize(
    ("use", "name"),
    [(use, name) for use in of_kind("slide_reader") for name in SAMPLES.get(use, {"none": None})],
)
def test_a_reader_keeps_to_its_contract(host: PluginHost, use: str, name: str, tmp_path: Path) -> None:
    assert use in SAMPLES, f"a file for {use} is missing in SAMPLES"
    path = SAMPLES[use][name](tmp_path / f"슬라이드 {name}")
    source = slide_reader(host, use).open(path)
    assert source is not None
    with Slide(source, source.info) as slide:
        assert slide.info.path == path
        assert slide.info.slide_id
        for level in slide.info.levels:
            check_reads(slide, level.index, level.size)
        for associated in slide.info.associated_names:
            assert slide.associated_image(associated).ndim == 3
    with pytest.raises(ValueError, match="closed"):
        source.read_argb((0, 0), 0, (1, 1))


def check_reads(slide: Slide, level: int, size: tuple[int, int]) -> None:
    """A level as a whole, in parts, over the edge and beside it."""
    scale = slide.info.levels[level].downsample
    whole = slide.read_argb((0, 0), level, size)
    assert whole.shape == (size[1], size[0], 4)
    assert (whole[..., :3] <= whole[..., 3:]).all(), "colors must be premultiplied"
    x, y = size[0] // 3, size[1] // 4
    part = slide.read_argb((round(x * scale), round(y * scale)), level, (20, 10))
    assert np.array_equal(part, whole[y : y + 10, x : x + 20])
    over = slide.read_argb((round(-5 * scale), round((size[1] - 4) * scale)), level, (15, 9))
    assert np.array_equal(over[:4, 5:], whole[-4:, :10])
    assert over[4:].max() == over[:, :5].max() == 0
    assert slide.read_argb((-1000, -1000), level, (7, 3)).max() == 0
    assert slide.read_argb((0, 0), level, (0, 0)).shape == (0, 0, 4)
    if slide.info.channels:
        values = slide.read_channels((0, 0), level, size)
        assert values.shape == (size[1], size[0], len(slide.info.channels))
        assert values.max() <= slide.info.channels[0].largest


@pytest.mark.parametrize("use", of_kind("slide_reader"))
def test_a_reader_opens_or_refuses_a_damaged_file_and_never_fails(
    host: PluginHost, use: str, tmp_path: Path
) -> None:
    reader = slide_reader(host, use)
    rng = np.random.default_rng(7)
    for name, write in SAMPLES[use].items():
        data = bytearray(write(tmp_path / name).read_bytes())
        for attempt in range(12):
            broken = data[: rng.integers(20, len(data))] if attempt % 2 else bytearray(data)
            for place in rng.integers(4, min(len(broken), 2000), 8):
                broken[place] = int(rng.integers(0, 256))
            path = tmp_path / f"{attempt}-{name}"
            path.write_bytes(broken)
            check_answer(reader, path)


def check_answer(reader: PluginSlideReader, path: Path) -> None:
    """A slide, None, or a refusal on purpose; an error that the host had to catch is none of them."""
    try:
        source = reader.open(path)
    except UnsupportedSlideError as error:
        if isinstance(error.__cause__, PluginError):
            raise error.__cause__ from error
    else:
        if source is not None:
            source.close()
