"""The command line: ``coverslip`` and its subcommands.

``commands`` imports only the standard library and typer, so that ``--help`` is quick and ``coverslip info``
loads neither Qt nor torch; each command imports what it needs, the other modules of this room included.
"""

from desktop_app.cli.commands import run_command

__all__ = ["run_command"]
