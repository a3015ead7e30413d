"""The command line's grammar, exit codes and messages."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import desktop_app.app
import desktop_app.worker
from desktop_app import __version__
from desktop_app.cli import run_command
from desktop_app.cli.commands import COMMANDS, with_command
from desktop_app.engine.job import Job, JobControl, LogLine, MessageSink, MppOverride, Progress, RunResult
from desktop_app.errors import MissingMppError, PluginRunError, UnsupportedSlideError
from desktop_app.storage.locations import Locations
from tests.support.slide_factory import write_bounded, write_pyramid

CHECKOUT = Path(__file__).resolve().parents[2]

SQUARE = {
    "type": "Feature",
    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [50, 0], [50, 40], [0, 40], [0, 0]]]},
    "properties": {"objectType": "annotation", "classification": {"name": "Tumor", "color": [200, 0, 0]}},
}
POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [3, 4]}, "properties": {}}


class Recorder:
    """A stand-in for the worker: notes the jobs, and does to each what its slide's name says."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def __call__(
        self, job: Job, locations: Locations, *, sink: MessageSink, control: JobControl
    ) -> RunResult:
        self.jobs.append(job)
        name = job.slide.stem
        sink(Progress(job.job_id, "features", 1, 2, seconds_left=200.0))
        sink(LogLine(job.job_id, "one tile is unreadable"))
        if name == "nompp":
            raise MissingMppError(job.slide)
        if name == "broken":
            raise UnsupportedSlideError(job.slide, "it is broken.")
        if name == "plugin":
            raise PluginRunError("evil", "it is hostile")
        if name == "crash":
            raise ZeroDivisionError("a plugin's mistake")
        if name == "interrupted":
            signal.raise_signal(signal.SIGINT)
            control.checkpoint()
        return RunResult(
            job.job_id, job.out / f"{name}.geojson", job.out / f"{name}.run.json", notes=("a note",)
        )


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(desktop_app.worker, "run_job", recorder)
    return recorder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, ...]]:
    """The slides of each window that was opened."""
    windows: list[tuple[Path, ...]] = []

    def run(slides: tuple[Path, ...], *, picture: Path | None = None) -> int:
        windows.append(tuple(slides))
        return 0

    monkeypatch.setattr(desktop_app.app, "run", run)
    return windows


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["open"]),
        (["slide.svs"], ["open", "slide.svs"]),
        (["a.svs", "b.svs"], ["open", "a.svs", "b.svs"]),
        (["./run"], ["open", "./run"]),
        (["run"], ["run"]),
        (["open", "run"], ["open", "run"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        (["rnu", "a.svs"], ["rnu", "a.svs"]),
        (["info", "a.svs"], ["info", "a.svs"]),
        (["환자.svs"], ["open", "환자.svs"]),
    ],
)
def test_open_may_be_left_out(words: list[str], expected: list[str]) -> None:
    assert with_command(words) == expected


def test_a_slide_named_like_a_command_opens_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[tuple[Path, ...]]
) -> None:
    write_pyramid(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    assert run_command(["./run"]) == 0
    assert run_command(["open", "run"]) == 0
    assert run_command(["run"]) == 2
    assert opened == [(Path("run"),), (Path("run"),)]


def test_nothing_at_all_opens_the_window(opened: list[tuple[Path, ...]]) -> None:
    assert run_command([]) == 0
    assert opened == [()]


def test_a_slide_that_is_not_there_is_wrong_use(
    opened: list[tuple[Path, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["missing.svs"]) == 2
    assert "missing.svs" in capsys.readouterr().err
    assert opened == []


def test_a_mistyped_command_is_not_taken_for_a_slide(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["inof", "a.svs"]) == 2
    assert "'info'" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--version"]) == 0
    assert capsys.readouterr().out == f"coverslip {__version__}\n"


PLUGIN_COMMANDS = ("list", "trust", "add", "remove", "enable", "disable", "new", "check")


@pytest.mark.parametrize(
    "words",
    [
        [],
        *([command] for command in COMMANDS),
        ["annotations", "convert"],
        *(["plugins", command] for command in PLUGIN_COMMANDS),
        *(["models", command] for command in ("list", "add", "check", "remove")),
    ],
)
def test_every_help_page_has_an_example(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([*words, "--help"]) == 0
    page = capsys.readouterr().out
    assert "Example:\n    coverslip " in page.replace("\r", "")
    assert not [line for line in page.splitlines() if len(line) > 80]


def test_python_m_desktop_app_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "--version"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"coverslip {__version__}\n"


def test_run_makes_one_job_per_slide(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["run", "a.svs", "b/a.svs", "a.svs", "--out", str(tmp_path), "--device", "cpu"]) == 0
    assert [job.slide for job in worker.jobs] == [Path("a.svs"), Path("b/a.svs")]
    assert len({job.job_id for job in worker.jobs}) == 2
    first = worker.jobs[0]
    assert (first.recipe.name, first.out, first.device) == ("default", tmp_path, "cpu")
    assert (first.roi, first.mpp) == (None, None)
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == f"a.svs: {tmp_path / 'a.geojson'}"
    assert "reading tiles: 1 of 2, about 3 min left" in captured.err
    assert "one tile is unreadable" in captured.err
    assert "a.svs: a note" in captured.err


def test_a_failed_slide_does_not_stop_the_others(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["nompp.svs", "good.svs", "broken.svs", "crash.svs", "plugin.svs", "fine.svs"]
    assert run_command(["run", *names, "--out", str(tmp_path)]) == 1
    assert len(worker.jobs) == 6
    captured = capsys.readouterr()
    assert [line.split(":")[0] for line in captured.out.splitlines()] == ["good.svs", "fine.svs"]
    assert "--mpp" in captured.err
    assert "broken.svs cannot be opened as a slide: it is broken." in captured.err
    assert (
        "crash.svs failed by an error in the program (ZeroDivisionError: a plugin's mistake" in captured.err
    )
    assert "Traceback" not in captured.err
    assert "plugin.svs: The plugin evil failed: it is hostile" in captured.err
    assert captured.err.endswith("4 of 6 slides failed: nompp.svs, broken.svs, crash.svs, plugin.svs\n")


def test_a_folder_that_cannot_be_written_is_found_before_any_slide(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert run_command(["run", "good.svs", "--out", str(tmp_path / "file" / "out")]) == 1
    assert "cannot be used" in capsys.readouterr().err
    assert worker.jobs == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--mpp", "0.5"], MppOverride(0.5, force=False)),
        (["--force-mpp", "0.25"], MppOverride(0.25, force=True)),
    ],
)
def test_the_users_mpp_reaches_the_job(
    tmp_path: Path, worker: Recorder, words: list[str], expected: MppOverride
) -> None:
    assert run_command(["run", "a.svs", "--out", str(tmp_path), *words]) == 0
    assert worker.jobs[0].mpp == expected


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["run", "a.svs"], "--out"),
        (["run", "--out", "o"], "SLIDE"),
        (["run", "a.svs", "--out", "o", "--mpp", "0.5", "--force-mpp", "0.5"], "exclude each other"),
        (["run", "a.svs", "--out", "o", "--mpp", "0"], "from 0.05 to 50"),
        (["run", "a.svs", "--out", "o", "--force-mpp", "nan"], "from 0.05 to 50"),
        (["run", "a.svs", "--out", "o", "--mpp", "500"], "from 0.05 to 50"),
        (["run", "a.svs", "--out", "o", "--mpp", "fine"], "valid number"),
        (["run", "a.svs", "--out", "o", "--recipe", "nosuch"], "nosuch"),
        (["run", "a.svs", "--out", "o", "--roi", "nosuch.geojson"], "nosuch.geojson"),
        (["run", "a.svs", "--out", "o", "--device", "tpu"], "tpu"),
        (["run", "a.svs", "--out", "o", "--nosuch"], "--nosuch"),
        (["plugins"], "list"),
        (["annotations", "convert", "a.geojson"], "OUT"),
    ],
)
def test_wrong_use_is_exit_code_2(
    words: list[str], complaint: str, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(words) == 2
    captured = capsys.readouterr()
    assert complaint in captured.err + captured.out
    assert worker.jobs == []


def test_ctrl_c_cancels_and_runs_no_further_slide(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    names = ["good.svs", "interrupted.svs", "fine.svs"]
    assert run_command(["run", *names, "--out", str(tmp_path)]) == 130
    assert [job.slide.name for job in worker.jobs] == names[:2]
    assert "interrupted.svs: cancelled; 1 of 3 slides are complete." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_the_demonstration_is_reported_and_shown_where_there_is_a_display(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    opened: list[tuple[Path, ...]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Report:
        slide = tmp_path / "demonstration.tiff"
        result = RunResult("job", tmp_path / "d.geojson", tmp_path / "d.run.json")

        def lines(self) -> tuple[str, ...]:
            return ("Slide label: positive",)

    folders: list[Path] = []

    def run_demo(out: Path, **_others: object) -> Report:
        folders.append(out)
        return Report()

    monkeypatch.setattr("desktop_app.demonstration.demo.run_demo", run_demo)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run_command(["demo", "--out", str(tmp_path)]) == 0
    assert opened == [(Report.slide,)]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Slide label: positive"
    assert str(tmp_path / "window.png") in lines[1]
    opened.clear()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":99")
    assert run_command(["demo", "--out", str(tmp_path), "--no-window"]) == 0
    assert opened == []
    assert run_command(["demo", "--out", str(tmp_path)]) == 0
    assert opened == [(Report.slide,)]
    assert folders == [tmp_path] * 3


def test_one_real_run_with_good_and_bad_slides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_pyramid(tmp_path / "조직 😐.tif", size=(2400, 2000))
    without_mpp = write_pyramid(tmp_path / "nompp.tif", size=(2400, 2000), mpp=None)
    text = tmp_path / "notes.svs"
    text.write_text("not a slide")
    out = tmp_path / "결과"
    assert run_command(["run", str(text), str(without_mpp), str(good), "--out", str(out)]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [f"{good.name}: {out / '조직 😐.geojson'}"]
    assert "notes.svs cannot be opened as a slide" in captured.err
    assert "nompp.tif does not say how large a pixel is" in captured.err
    assert run_command(["run", str(without_mpp), "--out", str(out), "--mpp", "0.5"]) == 0
    assert capsys.readouterr().err.count("was given by the user") == 1
    report = json.loads((out / "nompp.run.json").read_text(encoding="utf-8"))
    assert '"given"' in json.dumps(report)


def write_roi(path: Path, *features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_the_areas_of_a_file_limit_the_run(tmp_path: Path, worker: Recorder) -> None:
    slide = write_pyramid(tmp_path / "a.tif")
    roi = write_roi(tmp_path / "영역.geojson", SQUARE, POINT)
    assert run_command(["run", str(slide), "--out", str(tmp_path), "--roi", str(roi)]) == 0
    region = worker.jobs[0].roi
    assert region is not None
    assert region.description == "file 영역.geojson"
    assert [part[0].tolist() for part in region.rings] == [[[0, 0], [50, 0], [50, 40], [0, 40]]]


def test_the_areas_are_shifted_by_the_bounds_of_the_slide(tmp_path: Path, worker: Recorder) -> None:
    slide = write_bounded(tmp_path / "a.scn", offset=(250, 300))
    roi = write_roi(tmp_path / "roi.geojson", SQUARE)
    assert run_command(["run", str(slide), "--out", str(tmp_path), "--roi", str(roi)]) == 0
    region = worker.jobs[0].roi
    assert region is not None
    assert region.rings[0][0][0].tolist() == [250, 300]


def test_a_region_file_without_areas_fails(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    slide, roi = write_pyramid(tmp_path / "a.tif"), write_roi(tmp_path / "roi.geojson", POINT)
    assert run_command(["run", str(slide), "--out", str(tmp_path), "--roi", str(roi)]) == 1
    assert "no area" in capsys.readouterr().err
    assert worker.jobs == []


def test_what_is_left_out_of_a_region_file_is_said(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"type": "Polygon", "coordinates": [[["NaN", 0], [50, 0], [50, 40]]]}
    roi = write_roi(tmp_path / "roi.geojson", SQUARE, {**SQUARE, "geometry": broken})
    slide = write_pyramid(tmp_path / "a.tif")
    assert run_command(["run", str(slide), "--out", str(tmp_path), "--roi", str(roi)]) == 0
    assert "roi.geojson: Feature 2" in capsys.readouterr().err
    assert worker.jobs[0].roi is not None
    assert len(worker.jobs[0].roi.rings) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[tissue]\nuse = "nosuch/saturation"', "no plugin 'nosuch'"),
        ('[tissue]\nuse = "tissue_otsu/saturatoin"', "no tissue_detector"),
        ('[tissue]\nuse = "tissue_otsu/saturation"\nparams = {reading_mp = 4}', "no parameter"),
        (
            '[tissue]\nuse = "tissue_otsu/saturation"\n[encoder]\nuse = "encoder_texture/texture"\n'
            '[aggregator]\nbundle = "nosuch"',
            "nosuch cannot be used",
        ),
    ],
)
def test_a_recipe_that_names_what_is_not_there_is_refused_before_any_slide(
    tmp_path: Path, worker: Recorder, text: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(text, encoding="utf-8")
    words = ["run", "a.svs", "b.svs", "--out", str(tmp_path / "out"), "--recipe", str(recipe)]
    assert run_command(words) == 2
    assert capsys.readouterr().err.count(complaint) == 1
    assert worker.jobs == []


def test_annotations_are_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = write_roi(tmp_path / "a.json", SQUARE, POINT), tmp_path / "b.geojson"
    assert run_command(["annotations", "convert", str(source), str(target)]) == 0
    assert capsys.readouterr().out == f"2 annotations written to {target}\n"
    written = json.loads(target.read_text(encoding="utf-8"))["features"]
    assert written[0]["geometry"]["coordinates"] == SQUARE["geometry"]["coordinates"]
    assert written[0]["properties"]["classification"] == {"name": "Tumor", "color": [200, 0, 0]}


@pytest.mark.parametrize(
    ("source", "target"), [("a.xml", "b.geojson"), ("a.geojson", "b.xml"), ("a.json", "b.zip")]
)
def test_other_formats_are_refused_clearly(
    tmp_path: Path, source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_roi(tmp_path / source, SQUARE)
    assert run_command(["annotations", "convert", str(tmp_path / source), str(tmp_path / target)]) == 2
    assert "annotation format" in capsys.readouterr().err
    assert not (tmp_path / target).exists()


def test_a_damaged_annotation_file_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.geojson").write_text("{")
    assert (
        run_command(["annotations", "convert", str(tmp_path / "a.geojson"), str(tmp_path / "b.geojson")]) == 1
    )
    assert "a.geojson cannot be read as annotations" in capsys.readouterr().err


def test_damaged_features_are_left_out_only_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = {**SQUARE, "geometry": {"type": "Blob", "coordinates": []}}
    source, target = write_roi(tmp_path / "a.json", SQUARE, damaged, POINT), tmp_path / "b.geojson"
    words = ["annotations", "convert", str(source), str(target)]
    assert run_command(words) == 1
    assert "1 of its features are damaged, the first is feature 2 (line 1, byte " in capsys.readouterr().err
    assert not target.exists()
    assert run_command([*words, "--skip-malformed"]) == 0
    told = capsys.readouterr()
    assert told.out == f"2 annotations written to {target}\n"
    assert "Left out: feature 2 (line 1, byte " in told.err


def test_the_bundled_plugins_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plugins", "list", "--json"]) == 0
    listed = {plugin["id"]: plugin for plugin in json.loads(capsys.readouterr().out)}
    assert listed["tissue_otsu"]["usable"]
    assert "tissue_otsu/saturation" in [thing["use"] for thing in listed["tissue_otsu"]["provides"]]
    assert run_command(["plugins", "list"]) == 0
    assert "tissue_otsu/saturation" in capsys.readouterr().out


def test_a_third_party_plugin_is_trusted_by_its_id(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Locations.default().user_plugins / "mine"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(
        'api_version = 0\nid = "mine"\nname = "Mine"\nversion = "1"\n'
        'licence = "MIT"\ndescription = "A test."\n'
        '[[provides]]\nkind = "encoder"\nid = "one"\nname = "One"\nentry = "encoder:One"\n',
        encoding="utf-8",
    )
    (folder / "encoder.py").write_text("class One: ...\n")
    assert run_command(["plugins", "list"]) == 0
    assert "coverslip plugins trust mine" in capsys.readouterr().out
    assert run_command(["plugins", "trust", "mine"]) == 0
    assert "mine is trusted" in capsys.readouterr().out
    assert run_command(["plugins", "list", "--json"]) == 0
    listed = {plugin["id"]: plugin for plugin in json.loads(capsys.readouterr().out)}
    assert listed["mine"]["trusted"]


def test_a_plugin_is_written_checked_copied_in_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my_encoder"
    assert run_command(["plugins", "new", "encoder", "my_encoder", "--out", str(tmp_path)]) == 0
    assert run_command(["plugins", "check", str(folder)]) == 0
    assert "Every check passed." in capsys.readouterr().out
    assert run_command(["plugins", "add", str(folder)]) == 0
    assert "coverslip plugins trust my_encoder" in capsys.readouterr().out
    for words in (["trust"], ["disable"], ["enable"], ["remove"]):
        assert run_command(["plugins", *words, "my_encoder"]) == 0
    assert run_command(["plugins", "remove", "my_encoder"]) == 1
    assert "There is no plugin 'my_encoder'" in capsys.readouterr().err


def test_a_plugin_that_breaks_a_promise_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(["plugins", "new", "encoder", "my_encoder", "--out", str(tmp_path)])
    code = tmp_path / "my_encoder" / "encoder.py"
    code.write_text(code.read_text().replace(".astype(np.float32)\n", ".astype(np.float32) * np.nan\n"))
    assert run_command(["plugins", "check", str(tmp_path / "my_encoder")]) == 1
    said = capsys.readouterr().out
    assert "FAILED  my_encoder/my_encoder: It gives finite features" in said
    assert "not all finite" in said


def test_a_model_is_added_checked_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    path = tmp_path / "net.pth"
    torch.save({"a.weight": torch.ones(2, 3)}, path)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run_command(["models", "add", str(path)]) == 1
    said = capsys.readouterr()
    assert "License: not stated" in said.out
    assert "nothing was added" in said.err
    assert run_command(["models", "add", str(path), "--accept-licence"]) == 0
    assert "Added as net" in capsys.readouterr().out
    assert run_command(["models", "list"]) == 0
    said = capsys.readouterr()
    assert "net (network, license not stated): ready" in said.out
    assert "demonstration (aggregator" in said.out
    assert run_command(["models", "check", "net"]) == 0
    assert "net is as it was added" in capsys.readouterr().out
    assert run_command(["models", "remove", "net"]) == 0
    assert run_command(["models", "check", "net"]) == 1
    assert "there is none of that id; there are demonstration" in capsys.readouterr().err


def test_trusting_an_unknown_plugin_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plugins", "trust", "nosuch"]) == 1
    assert "nosuch" in capsys.readouterr().err


def test_the_rois_of_a_file_go_before_its_other_areas(
    tmp_path: Path, worker: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    ring = [[10, 10], [20, 10], [20, 30], [10, 30], [10, 10]]
    region = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"metadata": {"coverslip:roi": "exhaustive"}},
    }
    slide, roi = write_pyramid(tmp_path / "a.tif"), write_roi(tmp_path / "roi.geojson", SQUARE, region)
    assert run_command(["run", str(slide), "--out", str(tmp_path), "--roi", str(roi)]) == 0
    assert "roi.geojson: the run is limited to its ROIs (1 of 2 areas)" in capsys.readouterr().err
    limited = worker.jobs[0].roi
    assert limited is not None
    assert [part[0].tolist() for part in limited.rings] == [ring[:-1]]
