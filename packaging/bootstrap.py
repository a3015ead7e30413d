"""Sets Coverslip up on a bare machine, then runs it, its demonstration or its tests.

Standard library only, Python 3.11 to 3.13. Makes ``.venv`` in the checkout, installs through
``packaging/constraints.txt``, and remembers what it installed, so that a second call goes straight on
without touching the network.

    python3 packaging/bootstrap.py demo
    python3 packaging/bootstrap.py test
    python3 packaging/bootstrap.py run -- slide.svs
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
CONSTRAINTS = CHECKOUT / "packaging" / "constraints.txt"
SUPPORTED = ((3, 11), (3, 13))
TORCH = "torch==2.13.0"
ALL_TESTS = ("-n", "auto", "--dist", "loadfile")
"""All of them are run side by side, on every processor; a choice of them is run in one process."""

QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""What Qt links even without a display, and the Debian package of each."""

WINDOW_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What a window on an X display needs besides."""


class BootstrapError(Exception):
    """A step that failed, with the sentence that says how to go on."""


def say(text: str) -> None:
    """Print one line at once, so that it stands before what a child process prints."""
    print(f"bootstrap: {text}", flush=True)


def venv_python(folder: Path) -> Path:
    """The interpreter of a virtual environment on this platform."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted_stamp(extras: str) -> str:
    """A digest of everything that decides what is installed."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {extras} {CHECKOUT}".encode())
    for path in (CHECKOUT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(folder: Path, extras: str) -> bool:
    """Whether the environment holds just what ``extras`` asks for, or more."""
    stamps = (folder / f"coverslip-{name}.stamp" for name in {extras, "dev"})
    return venv_python(folder).exists() and any(
        stamp.exists() and stamp.read_text() == wanted_stamp(stamp.stem.removeprefix("coverslip-"))
        for stamp in stamps
    )


def pip(folder: Path, *arguments: str, quiet_failure: bool = False) -> bool:
    """Run pip in the environment, always under the constraints.

    Returns
    -------
    bool
        Whether it succeeded; only with ``quiet_failure`` is a failure returned and not raised.
    """
    command = [str(venv_python(folder)), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    environment = {**os.environ, "PIP_CONSTRAINT": str(CONSTRAINTS)}
    done = subprocess.run(
        [*command, "-c", str(CONSTRAINTS), *arguments],
        env=environment,
        check=False,
        stderr=subprocess.DEVNULL if quiet_failure else None,
    )
    if done.returncode and not quiet_failure:
        raise BootstrapError(
            "pip could not install what is needed. Connect to the network once (or point pip at a wheelhouse "
            "with PIP_FIND_LINKS) and call this command again."
        )
    return done.returncode == 0


def install_torch(folder: Path, torch_index: str | None) -> None:
    """Install torch as the CPU build where the platform has a choice (Linux)."""
    if sys.platform.startswith("linux"):
        cpu = f"{TORCH}+cpu"
        if pip(folder, cpu, quiet_failure=True):
            return
        if torch_index and pip(folder, cpu, "--extra-index-url", torch_index, quiet_failure=True):
            return
        say(
            "no CPU build of torch in the configured sources; installing the default build, "
            "several gigabytes (--torch-index URL names a source of CPU builds)"
        )
    pip(folder, TORCH)


def has_pip(folder: Path) -> bool:
    """Whether the environment is there and complete enough to install into."""
    python = venv_python(folder)
    if not python.exists():
        return False
    asked = subprocess.run([str(python), "-m", "pip", "--version"], check=False, capture_output=True)
    return asked.returncode == 0


def make_environment(folder: Path) -> None:
    """Create the virtual environment, installing Debian's venv package if that is what is missing."""
    if has_pip(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted attempt left
    try:
        venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    except (subprocess.CalledProcessError, SystemExit):  # Debian's patched venv exits
        shutil.rmtree(folder, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        install_packages([f"python{version}-venv"])
        venv.create(folder, with_pip=True, symlinks=os.name != "nt")


def set_up(extras: str, torch_index: str | None) -> Path:
    """Make or complete the environment.

    Parameters
    ----------
    extras : str
        ``"dev"`` for the tests, ``"run"`` for the application alone.
    torch_index : str | None
        A package index that publishes CPU builds of torch.

    Returns
    -------
    Path
        Its interpreter.
    """
    folder = CHECKOUT / ".venv"
    if not is_current(folder, extras):
        say("setting up .venv (a few minutes the first time)")
        make_environment(folder)
        install_torch(folder, torch_index)
        target = f"{CHECKOUT}[dev]" if extras == "dev" else str(CHECKOUT)
        pip(folder, "-e", target)
        (folder / f"coverslip-{extras}.stamp").write_text(wanted_stamp(extras))
    return venv_python(folder)


def missing_packages(libraries: dict[str, str]) -> list[str]:
    """Debian packages of the libraries that the loader does not find."""
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def install_packages(packages: Sequence[str]) -> None:
    """Install Debian packages as root, or say the one line that does.

    Raises
    ------
    BootstrapError
        With that line, where this process may not install.
    """
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    line = f"apt-get update && {' '.join(install)}"
    if shutil.which("apt-get") is None:
        raise BootstrapError(f"system libraries are missing; Debian calls them: {' '.join(packages)}")
    if os.geteuid() != 0:
        raise BootstrapError(f"system libraries are missing; run once as root: {line}")
    say(f"installing system libraries: {' '.join(packages)}")
    for command in (["apt-get", "update", "-qq"], install):
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise BootstrapError(f"this command failed: {' '.join(command)}")


def prepare_display(environment: dict[str, str]) -> None:
    """Make sure Qt finds its libraries and a platform, saying so where there is no display."""
    if not sys.platform.startswith("linux"):
        return
    has_display = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    needed = {**QT_LIBRARIES, **WINDOW_LIBRARIES} if environment.get("DISPLAY") else QT_LIBRARIES
    missing = missing_packages(needed)
    if missing:
        install_packages(missing)
    if not has_display and "QT_QPA_PLATFORM" not in environment:
        say("no display found; using Qt's offscreen platform")
        environment["QT_QPA_PLATFORM"] = "offscreen"


def command_line(arguments: argparse.Namespace, python: Path) -> list[str]:
    """The command that does the user's bidding."""
    rest = [argument for argument in arguments.rest if argument != "--"]
    if arguments.action == "test":
        return [str(python), "-m", "pytest", *(rest or ALL_TESTS)]
    if arguments.action == "demo":
        return [str(python), "-m", "desktop_app", "demo", *rest]
    return [str(python), "-m", "desktop_app", *rest]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--torch-index", metavar="URL", help="a package index with CPU builds of torch")
    parser.add_argument("action", choices=("demo", "test", "run"))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on (after --)")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Set up and run; the exit status is that of the command."""
    arguments = parse(argv)
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        say(
            f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}; call me with another, "
            "for example: python3.12 packaging/bootstrap.py demo"
        )
        return 2
    environment = dict(os.environ)
    try:
        python = set_up("dev" if arguments.action == "test" else "run", arguments.torch_index)
        prepare_display(environment)
    except BootstrapError as error:
        say(str(error))
        return 2
    folder = CHECKOUT if arguments.action == "test" else Path.cwd()
    return subprocess.run(
        command_line(arguments, python), env=environment, cwd=folder, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
