"""The manifest reader: what is right is read, what is wrong is named by its key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desktop_app.errors import ManifestError
from desktop_app.plugin_api import ParamSpec
from desktop_app.plugin_host.manifest_file import read_manifest

RIGHT = """
api_version = 0
id = "example"
name = "Example 병리"
version = "1.2"
licence = "MIT"
description = "One line."

[[provides]]
kind = "encoder"
id = "first"
name = "First"
entry = "encoder:First"

[[provides.params]]
name = "size"
type = "float"
default = 3
minimum = 1
maximum = 9.5
unit = "µm"
label = "Size"
help = "How large."

[[provides.params]]
name = "mode"
type = "choice"
default = "fast"
choices = ["fast", "slow"]
label = "Mode"

[[provides.presets]]
name = "Large"
values = { size = 9, mode = "slow" }

[[provides]]
kind = "tissue_detector"
id = "second"
name = "Second"
entry = "nested.module:Second"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "example"
    (folder / "nested").mkdir(parents=True)
    (folder / "encoder.py").write_text("raise SystemExit('a manifest is read without running code')")
    (folder / "nested" / "module.py").touch()
    return folder


def write(folder: Path, text: str) -> None:
    (folder / "plugin.toml").write_text(text, encoding="utf-8")


def test_presets_are_read_with_checked_values(folder: Path) -> None:
    write(folder, RIGHT)
    first, second = read_manifest(folder).provides
    assert [(preset.name, dict(preset.values)) for preset in first.presets] == [
        ("Large", {"size": 9.0, "mode": "slow"})
    ]
    assert second.presets == ()


def test_a_right_manifest_is_read(folder: Path) -> None:
    write(folder, RIGHT)

    manifest = read_manifest(folder)

    assert (manifest.plugin_id, manifest.name, manifest.licence) == ("example", "Example 병리", "MIT")
    first, second = manifest.provides
    assert (first.kind, first.id, first.entry) == ("encoder", "first", "encoder:First")
    assert first.params[0] == ParamSpec("size", "float", 3.0, "Size", 1.0, 9.5, "µm", (), "How large.")
    assert type(first.params[0].default) is float
    assert first.defaults() == {"size": 3.0, "mode": "fast"}
    assert second.params == ()
    assert manifest.find("second") is second
    assert manifest.find("third") is None


WRONG = [
    ('name = "Example 병리"\n', "", "name is missing"),
    ('name = "Example 병리"', 'name = ""', "name is ''"),
    ('name = "Example 병리"', "name = 5", "name is 5"),
    ('licence = "MIT"\n', "", "licence is missing"),
    ("api_version = 0\n", "", "api_version is missing"),
    ("api_version = 0", "api_version = 1", "api_version is 1"),
    ("api_version = 0", "api_version = 7", "install a newer version of Coverslip that fits"),
    ("api_version = 0", "api_version = -1", "install a version of the plugin that fits"),
    ("size = 9, ", "size = 10, ", "values do not fit: The parameter 'size'"),
    ("size = 9, ", "sice = 9, ", "values.sice is no parameter of it"),
    ('{ size = 9, mode = "slow" }', "{}", "values must be a table of parameters"),
    ("api_version = 0", "api_version = false", "api_version is False"),
    ("api_version = 0", 'api_version = "0"', "api_version is '0'"),
    ('id = "example"', 'id = "Bad Id"', "id is 'Bad Id'"),
    ('id = "example"', 'id = "../x"', "id is '../x'"),
    ('version = "1.2"', 'edition = "1.2"', "edition is not a known key"),
    ('kind = "encoder"', 'kind = "wizard"', "provides[0].kind is 'wizard'"),
    ('kind = "encoder"\n', "", "provides[0].kind is missing"),
    ('id = "second"', 'id = "first"', "provides[1].id repeats 'first'"),
    ('entry = "encoder:First"', 'entry = "encoder"', "provides[0].entry is 'encoder'"),
    ('entry = "encoder:First"', 'entry = "..encoder:First"', "provides[0].entry is '..encoder:First'"),
    ('entry = "encoder:First"', 'entry = "gone:First"', "provides[0].entry names the module gone"),
    ('entry = "encoder:First"', 'entry = "encoder:First"\nextra = 1', "provides[0].extra is not a known key"),
    ('name = "size"', 'name = "a b"', "provides[0].params[0].name is 'a b'"),
    ('name = "size"', 'name = "class"', "provides[0].params[0].name is 'class'"),
    ('name = "mode"', 'name = "size"', "provides[0].params[1].name repeats 'size'"),
    ('type = "float"', 'type = "double"', "provides[0].params[0].type is 'double'"),
    ("default = 3\n", "", "provides[0].params[0].default is missing"),
    ("default = 3\n", 'default = "3"\n', "provides[0].params[0].default does not fit"),
    ("default = 3\n", "default = 0\n", "provides[0].params[0].default does not fit"),
    ("default = 3\n", "default = nan\n", "provides[0].params[0].default does not fit"),
    ("default = 3\n", "default = true\n", "provides[0].params[0].default does not fit"),
    ("minimum = 1\n", "minimum = 10\n", "provides[0].params[0].minimum is larger than maximum"),
    ("minimum = 1\n", 'minimum = "1"\n', "provides[0].params[0].minimum is '1'"),
    ('label = "Size"\n', "", "provides[0].params[0].label is missing"),
    ('choices = ["fast", "slow"]\n', "", "provides[0].params[1].choices must be given"),
    ('choices = ["fast", "slow"]', "choices = [1, 2]", "provides[0].params[1].choices must be a list"),
    ('choices = ["fast", "slow"]', 'choices = "fast"', "provides[0].params[1].choices must be a list"),
    ('choices = ["fast", "slow"]', 'choices = ["slow"]', "provides[0].params[1].default does not fit"),
    ('label = "Mode"', 'label = "Mode"\nminimum = 1', "provides[0].params[1].minimum is for numbers only"),
    ("[[provides.params]]", "[provides.params]", "not valid TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), WRONG)
def test_a_mistake_is_named_by_its_key(folder: Path, right: str, wrong: str, sentence: str) -> None:
    assert right in RIGHT
    write(folder, RIGHT.replace(right, wrong, 1))

    with pytest.raises(ManifestError, match=re.escape(sentence)) as caught:
        read_manifest(folder)

    assert caught.value.plugin_id == "example"


HEAD = RIGHT.partition("[[provides]]")[0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("= nothing", "not valid TOML"),
        (HEAD, "provides must hold at least one table"),
        (HEAD + "provides = 5", "provides must be written as"),
        (HEAD + "provides = [1]", "provides must be written as"),
        ("api_version = 0\n" + "#" * 2**20, "larger than 1 MiB"),
    ],
)
def test_a_broken_file_is_refused(folder: Path, text: str, sentence: str) -> None:
    write(folder, text)

    with pytest.raises(ManifestError, match=re.escape(sentence)):
        read_manifest(folder)


def test_a_missing_or_unreadable_file_is_refused(folder: Path) -> None:
    with pytest.raises(ManifestError, match=r"it has no plugin\.toml"):
        read_manifest(folder)
    (folder / "plugin.toml").write_bytes(b"id = '\xff'")
    with pytest.raises(ManifestError, match="not valid TOML"):
        read_manifest(folder)
