"""The set-up script: when it installs, what it says, and what it passes on."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", CHECKOUT / "packaging" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment(folder: Path, bootstrap: ModuleType, extras: str) -> Path:
    """A folder that looks like an environment set up for ``extras``."""
    python = bootstrap.venv_python(folder)
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / f"coverslip-{extras}.stamp").write_text(bootstrap.wanted_stamp(extras))
    return folder


def test_an_environment_for_the_tests_also_runs_the_application(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    folder = environment(tmp_path / "env", bootstrap, "dev")
    assert bootstrap.is_current(folder, "dev")
    assert bootstrap.is_current(folder, "run")


def test_an_environment_for_the_application_lacks_the_tests(bootstrap: ModuleType, tmp_path: Path) -> None:
    folder = environment(tmp_path / "env", bootstrap, "run")
    assert bootstrap.is_current(folder, "run")
    assert not bootstrap.is_current(folder, "dev")


def test_changed_constraints_make_it_install_again(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = environment(tmp_path / "env", bootstrap, "dev")
    changed = tmp_path / "constraints.txt"
    changed.write_text("numpy==2.0.0\n")
    monkeypatch.setattr(bootstrap, "CONSTRAINTS", changed)
    assert not bootstrap.is_current(folder, "dev")


def test_a_missing_library_names_its_package(bootstrap: ModuleType) -> None:
    libraries = {"libc.so.6": "libc6", "libnothing-of-the-kind.so.9": "libnothing9"}
    if not sys.platform.startswith("linux"):
        pytest.skip("Debian's packages are a matter of Linux")
    assert bootstrap.missing_packages(libraries) == ["libnothing9"]


def test_without_root_the_one_line_is_said(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: "/usr/bin/apt-get")
    with pytest.raises(bootstrap.BootstrapError, match=r"apt-get install -y --no-install-recommends libegl1"):
        bootstrap.install_packages(["libegl1"])


def test_no_display_means_offscreen_and_is_said(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "missing_packages", lambda _libraries: [])
    variables: dict[str, str] = {}
    bootstrap.prepare_display(variables)
    assert variables["QT_QPA_PLATFORM"] == "offscreen"
    assert "no display" in capsys.readouterr().out


def test_a_display_is_left_alone(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "missing_packages", lambda _libraries: [])
    variables = {"DISPLAY": ":1"}
    bootstrap.prepare_display(variables)
    assert "QT_QPA_PLATFORM" not in variables


def test_arguments_after_the_dashes_reach_the_command(bootstrap: ModuleType) -> None:
    arguments = bootstrap.parse(["run", "--", "info", "슬라이드.svs", "--json"])
    line = bootstrap.command_line(arguments, Path("python"))
    assert line == ["python", "-m", "desktop_app", "info", "슬라이드.svs", "--json"]


def test_all_tests_are_run_side_by_side_and_a_choice_of_them_is_not(bootstrap: ModuleType) -> None:
    line = bootstrap.command_line(bootstrap.parse(["test"]), Path("python"))
    assert line[1:5] == ["-m", "pytest", "-n", "auto"]
    line = bootstrap.command_line(bootstrap.parse(["test", "tests/unit"]), Path("python"))
    assert line[1:] == ["-m", "pytest", "tests/unit"]


def test_constraints_pin_the_cpu_torch_and_a_sound_pyside() -> None:
    lines = (CHECKOUT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    assert pins["torch"] == "2.13.0"
    assert tuple(int(part) for part in pins["PySide6_Essentials"].split(".")[:2]) < (6, 12)
    assert not [name for name in pins if name.lower().startswith(("nvidia", "cuda", "triton"))]


def test_it_runs_on_the_standard_library_alone() -> None:
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "packaging" / "bootstrap.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "demo" in done.stdout
