"""``coverslip plugins``: listing, trusting, copying in, switching off, and writing and checking one's own.

Main thread; only the standard library and typer at module level.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from desktop_app.cli.terminal import FAILED, example

if TYPE_CHECKING:
    from desktop_app.plugin_host import PluginHost

plugin_commands = typer.Typer(help="Plugins.", no_args_is_help=True, rich_markup_mode=None)

PluginId = Annotated[str, typer.Argument(metavar="ID", help="The plugin's id, as 'plugins list' prints it.")]
PluginFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="A plugin's folder.", exists=True, file_okay=False)
]


@plugin_commands.command("list", epilog=example("coverslip plugins list --json"))
def list_plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """List every plugin with what it provides, or why it cannot be used."""
    from desktop_app.cli.plugin_report import plugin_lines, plugin_mappings

    listings = host_of_plugins().listings()
    if as_json:
        typer.echo(json.dumps(plugin_mappings(listings), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(plugin_lines(listings)))


@plugin_commands.command("trust", epilog=example("coverslip plugins trust my_encoder"))
def trust_plugin(plugin_id: PluginId) -> None:
    """Trust a third-party plugin exactly as its folder is now; read its code first."""
    listing = host_of_plugins().trust(plugin_id)
    typer.echo(f"{listing.plugin_id} is trusted with the content {listing.content_hash[:12]}")


@plugin_commands.command("add", epilog=example("coverslip plugins add /media/stick/my_encoder"))
def add_plugin(folder: PluginFolder) -> None:
    """Copy a plugin to your plugin folder, in place of an earlier version."""
    listing = host_of_plugins().install(folder)
    typer.echo(f"{listing.plugin_id} was copied to {listing.folder}")
    if not listing.trusted:
        typer.echo(f"Read it, then run: coverslip plugins trust {listing.plugin_id}")


@plugin_commands.command("remove", epilog=example("coverslip plugins remove my_encoder"))
def remove_plugin(plugin_id: PluginId) -> None:
    """Delete a plugin of your plugin folder."""
    host_of_plugins().remove(plugin_id)
    typer.echo(f"{plugin_id} was removed")


@plugin_commands.command("enable", epilog=example("coverslip plugins enable my_encoder"))
def enable_plugin(plugin_id: PluginId) -> None:
    """Switch a plugin on again."""
    host_of_plugins().set_enabled(plugin_id, True)
    typer.echo(f"{plugin_id} is switched on")


@plugin_commands.command("disable", epilog=example("coverslip plugins disable my_encoder"))
def disable_plugin(plugin_id: PluginId) -> None:
    """Switch a plugin off without removing it."""
    host_of_plugins().set_enabled(plugin_id, False)
    typer.echo(f"{plugin_id} is switched off")


@plugin_commands.command("new", epilog=example("coverslip plugins new encoder my_encoder"))
def new_plugin(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="tissue_detector, artifact_detector, stain_normalizer, encoder, aggregator, "
            "slide_encoder, annotation_format or slide_reader.",
        ),
    ],
    name: Annotated[str, typer.Argument(help="Its id: lower-case letters, digits, underscores.")],
    out: Annotated[
        Path, typer.Option(help="Where its folder is made; here if not given.", file_okay=False)
    ] = Path(),
) -> None:
    """Write a new plugin that works, with its manifest, model card and test."""
    from desktop_app.conformance.scaffold import write_plugin
    from desktop_app.plugin_api import PluginKind
    from desktop_app.storage.locations import Locations

    kinds = {str(known): known for known in get_args(PluginKind)}
    if kind not in kinds:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(kinds)}", param_hint="KIND")
    folder = write_plugin(kinds[kind], name, out, templates=Locations.default().plugin_templates)
    typer.echo(f"{folder} was written")
    typer.echo(f"Check it: coverslip plugins check {folder}")
    typer.echo(f"Use it:   coverslip plugins add {folder}")


@plugin_commands.command("check", epilog=example("coverslip plugins check my_encoder"))
def check_plugin_folder(
    folder: PluginFolder,
    samples: Annotated[
        Path | None,
        typer.Option(help="Files a slide reader must open; else DIR/samples.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Check a plugin against everything its kind promises.

    Its code runs, in a process of its own.
    """
    from desktop_app.conformance import check_in_process

    failed = 0
    for result in check_in_process(folder, samples=samples):
        failed += not result.passed
        typer.echo(f"{'ok    ' if result.passed else 'FAILED'}  {result.subject}: {result.promise}")
        for problem in result.problems:
            typer.echo(f"        {problem}")
    typer.echo("Every check passed." if not failed else f"{failed} checks failed.")
    if failed:
        raise typer.Exit(FAILED)


def host_of_plugins() -> PluginHost:
    """The plugins of this installation."""
    from desktop_app.storage.locations import Locations
    from desktop_app.worker import plugin_host

    return plugin_host(Locations.default())
