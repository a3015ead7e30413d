"""The tree itself: what may stand where, and how long code may be."""

from __future__ import annotations

import ast
import socket
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
TOP_LEVEL = {"desktop_app", "resources", "plugins", "tests", "packaging", ".ci", ".github"}
FORBIDDEN_NAMES = {"utils", "misc", "common", "helpers", "core", "util"}


def tracked(*patterns: str) -> list[Path]:
    """Files below the given folders that git tracks or would track, else all of them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines()
    return sorted({CHECKOUT / name for name in names if (CHECKOUT / name).is_file()})


def python_files(*folders: str) -> list[Path]:
    return [path for path in tracked(*folders) if path.suffix == ".py"]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def docstring_lines(node: ast.AST) -> int:
    body = getattr(node, "body", [])
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring_lines(function)


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {getattr(getattr(d, "func", d), "attr", "") for d in function.decorator_list}
    return bool(names & {"command", "callback"})


def test_only_the_folders_of_the_design_stand_at_the_top() -> None:
    folders = {path.relative_to(CHECKOUT).parts[0] for path in tracked() if path.parent != CHECKOUT}
    assert folders <= TOP_LEVEL


@pytest.mark.parametrize("folder", ["plugins", "resources", "tests", "packaging"])
def test_no_package_shadows_a_library(folder: str) -> None:
    assert not list((CHECKOUT / folder).rglob("__init__.py"))


def test_every_room_of_the_application_is_a_package() -> None:
    folders = {path.parent for path in python_files("desktop_app")}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]


def test_no_drawer_for_odds_and_ends() -> None:
    parts = {part for path in python_files("desktop_app", "plugins") for part in path.with_suffix("").parts}
    assert not parts & FORBIDDEN_NAMES


def test_files_and_functions_keep_the_house_style() -> None:
    long_files, long_functions, wide, lengths = [], [], [], []
    for path in python_files("desktop_app", "plugins"):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        documentation = sum(
            docstring_lines(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        )
        if source.count("\n") - documentation > 500:
            long_files.append(path.name)
        for function in functions(tree):
            lengths.append(code_lines(function))
            if lengths[-1] > 60:
                long_functions.append(f"{path.name}:{function.name}")
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            named = [argument for argument in arguments if argument.arg not in {"self", "cls"}]
            if len(named) > 5 and not is_command(function):
                wide.append(f"{path.name}:{function.name}")
    assert not long_files
    assert not long_functions
    assert not wide
    assert statistics.median(lengths) <= 9


def test_every_module_says_why_it_exists() -> None:
    silent = [
        path.name
        for path in python_files("desktop_app", "plugins", "packaging")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_the_network_guard_refuses_another_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection,
        pytest.raises(AssertionError, match="connection to"),
    ):
        connection.connect(("192.0.2.1", 80))
