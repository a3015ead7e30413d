"""The commands, their options and their exit codes.

Exit codes: 0 done, 1 something failed (``run``: some slides failed, the others are complete), 2 wrong use,
130 interrupted. Results go to standard output, errors, notes and progress to standard error. Main thread.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from desktop_app import __version__
from desktop_app.cli.model_commands import model_commands
from desktop_app.cli.plugin_commands import host_of_plugins, plugin_commands
from desktop_app.cli.terminal import DONE, FAILED, INTERRUPTED, complain, example

COMMANDS = ("open", "demo", "info", "run", "quality", "deepzoom", "annotations", "plugins", "models")
"""A first word that is one of these is the command; a slide of that name is opened as ``./run``."""

DEMO_FOLDER = Path("out") / "demo"


application = typer.Typer(
    name="coverslip",
    help="Read, annotate and analyze whole-slide images. For research use only, not for diagnosis.",
    epilog=example("coverslip slide.svs", "opens it in the window; so does: coverslip open slide.svs"),
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
annotation_commands = typer.Typer(help="Annotation files.", no_args_is_help=True, rich_markup_mode=None)
application.add_typer(
    annotation_commands,
    name="annotations",
    epilog=example("coverslip annotations convert qupath.json copy.geojson"),
)
application.add_typer(plugin_commands, name="plugins", epilog=example("coverslip plugins list"))
application.add_typer(model_commands, name="models", epilog=example("coverslip models list"))

SlideFile = Annotated[
    Path, typer.Argument(metavar="SLIDE", help="A slide file.", exists=True, dir_okay=False)
]


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line.

    Parameters
    ----------
    arguments : Sequence[str]
        Without the program's name; empty opens the window.

    Returns
    -------
    int
        The exit code.
    """
    from desktop_app.errors import CoverslipError

    _make_streams_lenient()
    try:
        application(args=with_command(arguments), prog_name="coverslip")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except CoverslipError as error:
        complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def with_command(arguments: Sequence[str]) -> list[str]:
    """The arguments with ``open`` put in where the user left it out.

    Nothing at all opens the window; a first word that is neither an option nor a command is a slide, unless
    it looks like a mistyped command (then it is left for typer to refuse).
    """
    words = list(arguments)
    if not words:
        return ["open"]
    first = words[0]
    if first.startswith("-") or first in COMMANDS or _is_mistyped(first):
        return words
    return ["open", *words]


@application.callback(invoke_without_command=True)
def top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Handle what stands before a command."""
    if version:
        typer.echo(f"coverslip {__version__}")
    elif context.invoked_subcommand is None:
        raise typer.BadParameter("a command or a slide is missing; see coverslip --help")


@application.command("open", epilog=example("coverslip open slide.svs other.ndpi"))
def open_window(
    slides: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SLIDE", help="Slides to open.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Open the window, with slides or empty."""
    from desktop_app.app import run as run_window

    raise typer.Exit(run_window(tuple(slides or ())))


@application.command("demo", epilog=example("coverslip demo --out my-demo --no-window"))
def demo(
    out: Annotated[
        Path, typer.Option(help="Folder of the slide and the results.", file_okay=False)
    ] = DEMO_FOLDER,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Do not open the window afterwards.")
    ] = False,
) -> None:
    """Draw a synthetic slide, run the demonstration model on it, show it."""
    from desktop_app.cli.run_slides import run_demonstration

    report = run_demonstration(out, echo=typer.echo)
    for line in report.lines():
        typer.echo(line)
    if no_window:
        return
    from desktop_app.app import run as run_window

    if _has_display():
        raise typer.Exit(run_window((report.slide,)))
    picture = out / "window.png"
    typer.echo(f"No display was found; the window is drawn offscreen, see {picture}")
    raise typer.Exit(run_window((report.slide,), picture=picture))


@application.command("info", epilog=example("coverslip info slide.svs --json"))
def info(
    slide: SlideFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Print size, levels, mpp, ICC profile and Deep Zoom table of a slide."""
    from desktop_app.cli.pixel_sizes import found_table_mpp
    from desktop_app.cli.slide_report import SlideReport
    from desktop_app.storage.locations import Locations
    from desktop_app.worker import slide_opener

    table_mpp = found_table_mpp(slide, Locations.default(), warn=complain)
    with slide_opener(host_of_plugins()).open(slide, table_mpp=table_mpp) as opened:
        report = SlideReport(opened.info)
    if as_json:
        typer.echo(json.dumps(report.as_mapping(), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(report.as_lines()))


@application.command(
    "run", epilog=example("coverslip run a.svs b.svs --recipe demonstration --out results --mpp 0.25")
)
def run(
    slides: Annotated[list[Path], typer.Argument(metavar="SLIDE", help="Slide files.")],
    out: Annotated[Path, typer.Option(help="Folder of the results; made if missing.", file_okay=False)],
    recipe: Annotated[
        str, typer.Option(metavar="NAME_OR_FILE", help="A recipe's name or TOML file.")
    ] = "default",
    roi: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.geojson",
            help="Analyze inside its areas only; inside its ROIs, where it has some.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where models run.")] = "auto",
    mpp: Annotated[
        float | None, typer.Option(metavar="X", help="µm per pixel, for slides that do not say it.")
    ] = None,
    force_mpp: Annotated[
        float | None, typer.Option(metavar="X", help="µm per pixel, whatever the slides say.")
    ] = None,
    mpp_table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="µm per pixel by slide (slide,mpp); else coverslip-mpp.csv beside each slide is used.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Run a recipe on slides and write the results.

    A slide that fails does not stop the others; the exit code is then 1.
    """
    from desktop_app.cli.pixel_sizes import mpp_override, named_table
    from desktop_app.cli.run_slides import RunRequest, run_slides
    from desktop_app.errors import ModelBundleError, PluginError, RecipeError
    from desktop_app.storage.locations import Locations
    from desktop_app.storage.recipes import find_recipe
    from desktop_app.worker import check_recipe

    override = mpp_override(mpp, force_mpp)
    locations = Locations.default()
    try:
        found = find_recipe(recipe, locations.recipes)
        check_recipe(found, locations)
    except (RecipeError, PluginError, ModelBundleError) as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from error
    request = RunRequest(
        tuple(slides),
        found,
        out,
        roi_file=roi,
        device=device,
        mpp=override,
        mpp_table=None if mpp_table is None else named_table(mpp_table),
    )
    outcome = run_slides(request, locations)
    if outcome.cancelled:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if outcome.failed else DONE)


@application.command("quality", epilog=example("coverslip quality slides --out quality.csv"))
def quality(
    slides: Annotated[
        list[Path], typer.Argument(metavar="SLIDE_OR_FOLDER", help="Slides, or folders of them.", exists=True)
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="A .csv or .json file, replaced if it is there.", dir_okay=False),
    ],
    mpp: Annotated[
        float | None, typer.Option(metavar="X", help="µm per pixel, for slides that do not say it.")
    ] = None,
) -> None:
    """Write tissue area, share in focus, artifacts, stains and brightness of slides to a table.

    A slide that fails has a row that says why; the exit code is then 1.
    """
    from desktop_app.cli.pixel_sizes import mpp_override
    from desktop_app.cli.quality import ENDINGS, quality_rows, quality_table, slides_of
    from desktop_app.storage.atomic import write_atomically
    from desktop_app.storage.locations import Locations

    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise typer.BadParameter(f"must end in {' or '.join(ENDINGS)}", param_hint="--out")
    override = mpp_override(mpp, None)
    rows = quality_rows(slides_of(slides), Locations.default(), mpp=override, warn=complain)
    if not rows:
        raise typer.BadParameter("there is no file in the folder", param_hint="SLIDE_OR_FOLDER")
    write_atomically(out, quality_table(rows, ending))
    failed = sum(bool(row["error"]) for row in rows)
    typer.echo(f"{len(rows) - failed} of {len(rows)} slides measured, written to {out}")
    raise typer.Exit(FAILED if failed else DONE)


@application.command("deepzoom", epilog=example("coverslip deepzoom slide.svs web/slide --quality 85"))
def deepzoom(
    slide: SlideFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="OUT.dzi and the folder OUT_files are written.")],
    tile_size: Annotated[int, typer.Option(help="Pixels of a tile without overlap.", min=16, max=4096)] = 254,
    overlap: Annotated[int, typer.Option(help="Pixels shown of each neighbor.", min=0, max=64)] = 1,
    picture_format: Annotated[
        Literal["jpeg", "png"], typer.Option("--format", help="Of the tiles.")
    ] = "jpeg",
    quality: Annotated[int, typer.Option(help="Of JPEG tiles.", min=1, max=100)] = 90,
    levels: Annotated[
        str, typer.Option(metavar="A-B", help="Deep Zoom levels, as 'info' lists them; all if not given.")
    ] = "",
    limit_bounds: Annotated[
        bool, typer.Option("--limit-bounds", help="Only the scanned part, where the slide states one.")
    ] = False,
    icc: Annotated[bool, typer.Option(help="Put the slide's color profile into each tile.")] = True,
) -> None:
    """Write a slide as Deep Zoom tiles for web viewers; no label, macro picture or name goes with it."""
    from desktop_app.cli.deepzoom import base_of, export_progress, levels_of, said_of
    from desktop_app.cli.run_slides import cancelled_by_interrupt
    from desktop_app.domain.deepzoom_tiles import DeepZoomTiling
    from desktop_app.errors import JobCancelledError
    from desktop_app.slides.deepzoom_export import DeepZoomExport
    from desktop_app.worker import slide_opener

    with slide_opener(host_of_plugins()).open(slide) as opened, cancelled_by_interrupt() as control:
        tiling = DeepZoomTiling(opened.info, tile_size, overlap, limit_bounds)
        export = DeepZoomExport(
            base_of(out),
            tiling,
            picture_format=picture_format,
            quality=quality,
            levels=levels_of(levels, len(tiling.levels)),
            keep_icc=icc,
        )
        with export_progress(export.tile_count) as show:

            def report(done: int) -> None:
                control.checkpoint()
                show(done)

            try:
                export.run(opened, report)
            except JobCancelledError:
                complain("cancelled; nothing was written")
                raise typer.Exit(INTERRUPTED) from None
    typer.echo(said_of(export))


@annotation_commands.command(
    "convert", epilog=example("coverslip annotations convert qupath.json copy.geojson")
)
def convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="The file to read.", exists=True, dir_okay=False)
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.", dir_okay=False)],
    skip_malformed: Annotated[
        bool, typer.Option("--skip-malformed", help="Leave out features that cannot be read.")
    ] = False,
) -> None:
    """Read annotations and write them in another format.

    The endings of the file names say which: .geojson, .json, and either with .gz; .zip can be read.
    """
    from desktop_app.cli.annotation_files import UnknownFormatError, convert_annotations

    try:
        count, warnings = convert_annotations(source, target, skip_malformed=skip_malformed)
    except UnknownFormatError as error:
        raise typer.BadParameter(str(error)) from error
    for warning in warnings:
        complain(f"{source.name}: {warning}")
    typer.echo(f"{count} annotations written to {target}")


def _is_mistyped(word: str) -> bool:
    """Whether a word is rather a command with a slip: a bare word, no file, and close to a command."""
    is_bare = Path(word).name == word and not Path(word).suffix
    if not is_bare or Path(word).exists():
        return False
    return bool(difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.6))


def _has_display() -> bool:
    """Whether a window can be seen; outside Linux there always is a display."""
    if os.environ.get("QT_QPA_PLATFORM") in {"offscreen", "minimal"}:
        return False
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _make_streams_lenient() -> None:
    """A name that the terminal's encoding lacks must not end a run half-way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
