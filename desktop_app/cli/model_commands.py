"""``coverslip models``: bundles brought in, listed, checked and removed, on a machine without network.

Main thread; only the standard library and typer at module level. Weights are converted and run in a process
of their own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli.terminal import FAILED, complain, example

if TYPE_CHECKING:
    from desktop_app.storage.model_store import StoredModel

NOT_STATED = "not stated"

model_commands = typer.Typer(help="Model bundles.", no_args_is_help=True, rich_markup_mode=None)

ModelId = Annotated[str, typer.Argument(metavar="ID", help="The model's id, as 'models list' prints it.")]


@model_commands.command("list", epilog=example("coverslip models list"))
def list_stored_models() -> None:
    """List every model bundle, with what is wrong with it if anything is."""
    for model in _models():
        typer.echo(_line(model))


@model_commands.command("add", epilog=example("coverslip models add /media/stick/model.zip"))
def add_model(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A bundle, a WSInfer, timm or Hugging Face folder, a .zip of one of these, or a file of "
            "TorchScript, ONNX, safetensors or a state dict.",
            exists=True,
        ),
    ],
    accept: Annotated[
        bool, typer.Option("--accept-licence", help="Accept the license without being asked.")
    ] = False,
) -> None:
    """Bring a model in, after its license was shown and accepted.

    It is converted where that makes it safe, and run once on a fixed picture.
    """
    from desktop_app.engine.model_import import import_in_process
    from desktop_app.storage.locations import Locations
    from desktop_app.storage.model_source import recognize, unpack

    with tempfile.TemporaryDirectory(prefix="coverslip-model-") as scratch:
        found = recognize(unpack(source, Path(scratch)))
        licence = found.licence or NOT_STATED
        typer.echo(f"{found.name}: {found.kind}, {found.form}\nLicense: {licence}")
        if not accept and not typer.confirm("Do you accept this license?"):
            complain("The license was not accepted; nothing was added.")
            raise typer.Exit(FAILED)
        folder = import_in_process(found, Locations.default().models, licence=licence)
    model = next(one for one in _models() if one.folder == folder)
    typer.echo(f"Added as {model.model_id}: {folder}")
    if model.record is not None:
        run = model.record.dry_run
        typer.echo(run.note or f"Tried: output {run.output_shape}, SHA-256 {run.output_sha256}")


@model_commands.command("check", epilog=example("coverslip models check my-model"))
def check_stored_model(model_id: ModelId) -> None:
    """Verify a model's hashes and run it once more; it must answer as it did when it was added."""
    from desktop_app.engine.model_import import try_in_process

    answered = try_in_process(_find(model_id).folder)
    typer.echo(f"{model_id} is as it was added.")
    typer.echo(answered.note or f"Output {answered.output_shape}, SHA-256 {answered.output_sha256}")


@model_commands.command("remove", epilog=example("coverslip models remove my-model"))
def remove_stored_model(model_id: ModelId) -> None:
    """Delete a model bundle of your own."""
    from desktop_app.storage.model_store import remove_model

    remove_model(_find(model_id))
    typer.echo(f"{model_id} was removed")


def _models() -> tuple[StoredModel, ...]:
    from desktop_app.storage.locations import Locations
    from desktop_app.storage.model_store import list_models

    return list_models(Locations.default().bundle_folders)


def _find(model_id: str) -> StoredModel:
    from desktop_app.errors import ModelBundleError

    models = _models()
    for model in models:
        if model.model_id == model_id:
            return model
    known = ", ".join(model.model_id for model in models) or "none"
    raise ModelBundleError(Path(model_id), f"there is none of that id; there are {known}")


def _line(model: StoredModel) -> str:
    if model.model is None:
        return f"{model.model_id}: {model.problem}"
    return f"{model.model_id} ({model.model.kind}, license {model.model.licence}): {model.problem or 'ready'}"
