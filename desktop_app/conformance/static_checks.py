"""What is looked at without running any of a plugin's code: manifest, model card, imports.

Pure but for reading the folder; any thread.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from desktop_app.plugin_api.manifest import ParamSpec, PluginManifest

MODEL_CARD = ("what", "source", "licence", "expected", "limits")
"""How the headings of ``README.md`` begin, whatever their case."""

_FOREIGN = re.compile(r"(desktop_app(?!\.plugin_api\b)|plugins|tests)\b")
_ENOUGH = 20
"""Letters of a sentence that says something."""


def manifest_problems(manifest: PluginManifest) -> Iterator[str]:
    """Why no good dialog could be made of a manifest that is valid."""
    if len(manifest.description) <= _ENOUGH:
        yield "plugin.toml: description should be a sentence"
    for provided in manifest.provides:
        for spec in provided.params:
            yield from _param_problems(f"plugin.toml: {provided.id}.{spec.name}", spec)


def _param_problems(where: str, spec: ParamSpec) -> Iterator[str]:
    if len(spec.help) <= _ENOUGH // 2:
        yield f"{where} needs a sentence of help"
    if spec.type in ("int", "float") and None in (spec.minimum, spec.maximum):
        yield f"{where} needs a minimum and a maximum"


def card_problems(folder: Path) -> Iterator[str]:
    """What the model card does not say."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        yield "README.md is missing: it is the model card"
        return
    sections = [part.partition("\n") for part in re.split(r"^## +", text, flags=re.MULTILINE)[1:]]
    bodies = {heading.split()[0].lower(): body.strip() for heading, _, body in sections if heading.split()}
    for heading in MODEL_CARD:
        if len(bodies.get(heading, "")) <= _ENOUGH:
            yield f"README.md needs a section '## {heading.capitalize()} …' that says something"
    if not re.search(r"mpp|µm per pixel", bodies.get("expected", "")):
        yield "README.md: the section 'Expected …' must say the mpp"


def import_problems(folder: Path) -> Iterator[str]:
    """What is imported of the application apart from ``desktop_app.plugin_api``."""
    for path in sorted(folder.rglob("*.py")):
        if "__pycache__" in path.parts or path.name.startswith("test_"):
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError as error:
            yield f"{path.name}, line {error.lineno}: {error.msg}"
            continue
        for name in _imported(tree):
            if _FOREIGN.match(name):
                yield f"{path.name} imports {name}; it may import desktop_app.plugin_api only"


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
