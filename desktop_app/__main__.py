"""The entry of ``coverslip`` and of ``python -m desktop_app``.

``freeze_support`` comes first: in a frozen application a worker process starts here too.
"""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the command with the process's arguments and return its exit code."""
    multiprocessing.freeze_support()
    from desktop_app.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
