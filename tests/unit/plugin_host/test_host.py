"""The plugin host: finding, trusting, loading and building, and what a broken plugin cannot do."""

from __future__ import annotations

import importlib.util
import json
import py_compile
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.errors import (
    CoverslipError,
    JobCancelledError,
    ManifestError,
    OutOfMemoryError,
    PluginError,
    PluginLoadError,
    PluginRunError,
    UntrustedPluginError,
)
from desktop_app.plugin_host import PluginHost, PluginListing
from desktop_app.plugin_host.content import MAX_BYTES
from desktop_app.plugin_host.loader import PACKAGE_PREFIX

ENCODER = """
class Thing:
    feature_names = ("a", "b")
    n_features = 2

    def __init__(self, size=1.0):
        self.size = size

    def encode(self, tiles, mpp):
        return self.size * mpp
"""


class Plugins:
    """Writes plugin folders and makes hosts for them."""

    def __init__(self, root: Path) -> None:
        self.bundled = root / "bundled 플러그인"
        self.user = root / "user"
        self.trust_file = root / "config" / "trusted.json"

    def host(self) -> PluginHost:
        return PluginHost(self.bundled, self.user, self.trust_file)

    def write(
        self, plugin_id: str, code: str = ENCODER, *, parent: Path | None = None, kind: str = "encoder"
    ) -> Path:
        folder = (parent or self.bundled) / plugin_id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plugin.toml").write_text(
            f'api_version = 0\nid = "{plugin_id}"\nname = "N"\nversion = "1"\nlicence = "MIT"\n'
            f'description = "D"\n[[provides]]\nkind = "{kind}"\nid = "thing"\nname = "T"\n'
            'entry = "module:Thing"\n[[provides.params]]\nname = "size"\ntype = "float"\ndefault = 1.0\n'
            'minimum = 0.0\nlabel = "Size"\n',
            encoding="utf-8",
        )
        (folder / "module.py").write_text(code, encoding="utf-8")
        return folder


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    return Plugins(tmp_path)


def listing(host: PluginHost, plugin_id: str) -> PluginListing:
    return next(one for one in host.listings() if one.plugin_id == plugin_id)


def private_modules() -> set[str]:
    return {name for name in sys.modules if name.startswith(PACKAGE_PREFIX)}


def test_no_folders_means_no_plugins(plugins: Plugins) -> None:
    assert plugins.host().listings() == ()
    assert plugins.host().provided("encoder") == ()


def test_a_bundled_plugin_is_built_with_its_parameters(plugins: Plugins) -> None:
    plugins.write("one")
    host = plugins.host()

    thing = host.build("encoder", "one/thing", {"size": 4})

    assert thing.encode(None, 0.5) == 2.0
    assert thing.feature_names == ("a", "b")
    assert listing(host, "one").is_usable
    assert [(manifest.plugin_id, one.id) for manifest, one in host.provided("encoder")] == [("one", "thing")]
    assert host.provided("aggregator") == ()
    assert host.check_params("encoder", "one/thing", {}) == {"size": 1.0}


def test_wrong_parameters_are_refused_before_anything_is_loaded(plugins: Plugins) -> None:
    plugins.write("one", "raise RuntimeError('loaded')")

    with pytest.raises(PluginError, match="size"):
        plugins.host().build("encoder", "one/thing", {"size": -1.0})
    with pytest.raises(PluginError, match="sice"):
        plugins.host().build("encoder", "one/thing", {"sice": 1.0})


@pytest.mark.parametrize(
    ("kind", "use", "sentence"),
    [
        ("encoder", "two/thing", "There is no plugin 'two'; there are one"),
        ("encoder", "one/other", "There is no encoder 'one/other'; the plugin provides one/thing"),
        ("aggregator", "one/thing", "There is no aggregator 'one/thing'"),
        ("encoder", "one", "There is no encoder 'one'"),
        ("encoder", "", "There is no plugin ''"),
    ],
)
def test_what_is_not_there_is_said(plugins: Plugins, kind: Any, use: str, sentence: str) -> None:
    plugins.write("one")

    with pytest.raises(PluginError, match=sentence):
        plugins.host().find(kind, use)


def test_a_broken_plugin_is_listed_and_stops_nothing(plugins: Plugins) -> None:
    plugins.write("good")
    (plugins.write("bad") / "plugin.toml").write_text("nonsense", encoding="utf-8")
    (plugins.bundled / "empty").mkdir()
    (plugins.bundled / ".hidden").mkdir()
    (plugins.bundled / "__pycache__").mkdir()
    (plugins.bundled / "file.txt").touch()
    plugins.write("wrong_name").rename(plugins.bundled / "renamed")
    host = plugins.host()

    errors = {one.plugin_id: one.error for one in host.listings()}

    assert set(errors) == {"good", "bad", "empty", "renamed"}
    assert errors["good"] == ""
    assert "not valid TOML" in errors["bad"]
    assert "no plugin.toml" in errors["empty"]
    assert "must be named 'wrong_name'" in errors["renamed"]
    assert host.build("encoder", "good/thing", {}).encode(None, 3.0) == 3.0
    with pytest.raises(ManifestError, match="not valid TOML"):
        host.build("encoder", "bad/thing", {})
    assert [manifest.plugin_id for manifest, _ in host.provided("encoder")] == ["good"]


def test_listing_runs_no_code(plugins: Plugins) -> None:
    plugins.write("one", "raise SystemExit('ran')")
    before = private_modules()

    assert plugins.host().listings()[0].error == ""
    assert private_modules() == before


def test_a_user_plugin_waits_for_trust(plugins: Plugins) -> None:
    plugins.write("theirs", "raise SystemExit('ran untrusted')", parent=plugins.user)
    host = plugins.host()

    found = listing(host, "theirs")
    assert (found.origin, found.trusted, found.error, found.is_usable) == ("user", False, "", False)
    assert host.provided("encoder") == ()
    with pytest.raises(UntrustedPluginError, match="coverslip plugins trust theirs"):
        host.build("encoder", "theirs/thing", {})


def test_trust_is_kept_and_ends_when_a_file_changes(plugins: Plugins) -> None:
    folder = plugins.write("theirs", parent=plugins.user)
    trusted = plugins.host().trust("theirs")
    assert trusted.trusted
    assert trusted.is_usable

    assert plugins.host().build("encoder", "theirs/thing", {}).encode(None, 2.0) == 2.0
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"x")
    assert listing(plugins.host(), "theirs").trusted

    (folder / "data.bin").write_bytes(b"new")
    assert not listing(plugins.host(), "theirs").trusted
    with pytest.raises(UntrustedPluginError):
        plugins.host().build("encoder", "theirs/thing", {})
    plugins.host().trust("theirs")
    assert listing(plugins.host(), "theirs").trusted


def test_trust_is_for_content_under_its_name(plugins: Plugins) -> None:
    """Bytes that move between files are other content."""
    folder = plugins.write("theirs", parent=plugins.user)
    (folder / "a.txt").write_text("ab")
    (folder / "b.txt").write_text("c")
    before = listing(plugins.host(), "theirs").content_hash

    (folder / "a.txt").write_text("a")
    (folder / "b.txt").write_text("bc")
    assert listing(plugins.host(), "theirs").content_hash != before
    (folder / "a.txt").write_text("ab")
    (folder / "b.txt").write_text("c")
    assert listing(plugins.host(), "theirs").content_hash == before


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"trusted": 5}', '{"trusted": {"theirs": "other"}}'])
def test_a_damaged_trust_file_trusts_nothing(plugins: Plugins, damage: str) -> None:
    plugins.write("theirs", parent=plugins.user)
    plugins.host().trust("theirs")
    plugins.trust_file.write_text(damage)

    assert not listing(plugins.host(), "theirs").trusted
    plugins.host().trust("theirs")
    assert listing(plugins.host(), "theirs").trusted
    assert [path.name for path in plugins.trust_file.parent.iterdir()] == [plugins.trust_file.name]


def test_trust_keeps_the_other_plugins(plugins: Plugins) -> None:
    for plugin_id in ("first", "second"):
        plugins.write(plugin_id, parent=plugins.user)
        plugins.host().trust(plugin_id)

    assert set(json.loads(plugins.trust_file.read_text())["trusted"]) == {"first", "second"}
    with pytest.raises(PluginError, match="no plugin 'third'"):
        plugins.host().trust("third")


def test_byte_code_beside_the_source_never_runs(plugins: Plugins) -> None:
    """``__pycache__`` is outside the hash, so it must be outside the import too."""
    folder = plugins.write("theirs", parent=plugins.user)
    source = folder / "module.py"
    plugins.host().trust("theirs")
    honest = source.read_text()
    source.write_text(honest.replace("self.size * mpp", "'not what was trusted'"))
    py_compile.compile(
        str(source),
        cfile=importlib.util.cache_from_source(str(source)),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    source.write_text(honest)

    assert plugins.host().build("encoder", "theirs/thing", {}).encode(None, 2.0) == 2.0


def test_a_file_changed_after_it_was_hashed_does_not_run(plugins: Plugins) -> None:
    folder = plugins.write(
        "one",
        "class Thing:\n    def __init__(self, size): pass\n"
        "    def encode(self, tiles, mpp):\n        from . import late\n        return late.VALUE\n",
    )
    (folder / "late.py").write_text("VALUE = 1")
    thing = plugins.host().build("encoder", "one/thing", {})

    (folder / "late.py").write_text("VALUE = 2")

    with pytest.raises(PluginRunError, match="changed while it was being loaded"):
        thing.encode(None, 1.0)


def test_a_changed_bundled_plugin_is_used_at_once(plugins: Plugins) -> None:
    folder = plugins.write("one")
    host = plugins.host()
    old = host.build("encoder", "one/thing", {})

    (folder / "module.py").write_text(ENCODER.replace("self.size * mpp", "'changed'"))

    assert host.build("encoder", "one/thing", {}).encode(None, 2.0) == "changed"
    assert old.encode(None, 2.0) == 2.0


def test_plugins_import_their_own_modules_relatively_and_privately(plugins: Plugins) -> None:
    path_before = list(sys.path)
    for plugin_id, value in (("one", 1), ("two", 2)):
        folder = plugins.write(
            plugin_id,
            "from .part import VALUE\nfrom .deep.inner import OTHER\n"
            "class Thing:\n    def __init__(self, size): pass\n"
            "    def encode(self, tiles, mpp): return (VALUE, OTHER, __name__)\n",
        )
        (folder / "part.py").write_text(f"VALUE = {value}")
        (folder / "deep").mkdir()
        (folder / "deep" / "inner.py").write_text("from ..part import VALUE\nOTHER = 10 * VALUE")

    host = plugins.host()
    one = host.build("encoder", "one/thing", {}).encode(None, 1.0)
    two = host.build("encoder", "two/thing", {}).encode(None, 1.0)

    assert one[:2] == (1, 10)
    assert two[:2] == (2, 20)
    assert one[2].startswith("_coverslip_plugin_one_")
    assert sys.path == path_before
    assert "part" not in sys.modules


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_library_anywhere", "ModuleNotFoundError"),
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("from . import gone", "ImportError"),
        ("Thing = 5", "no class Thing"),
        ("class Other: pass", "no class Thing"),
        ("class Thing:\n    def __init__(self, size): pass", r"no method encode\(\)"),
        ("class Thing:\n    encode = 5", r"no method encode\(\)"),
        ("class Thing:\n    def encode(self): pass", "refuses its parameters"),
        ("class Thing:\n    def encode(self): pass\n    def __init__(self, size): 1 / 0", "ZeroDivision"),
    ],
)
def test_code_that_cannot_be_loaded_is_named(plugins: Plugins, code: str, reason: str) -> None:
    plugins.write("bad", code)
    plugins.write("good")

    with pytest.raises(PluginLoadError, match=reason):
        plugins.host().build("encoder", "bad/thing", {})

    assert plugins.host().build("encoder", "good/thing", {}).encode(None, 1.0) == 1.0


def test_a_failed_import_leaves_nothing_behind(plugins: Plugins) -> None:
    folder = plugins.write("bad", "from . import fine\n1 / 0")
    (folder / "fine.py").touch()
    modules, finders = private_modules(), list(sys.meta_path)

    with pytest.raises(PluginLoadError):
        plugins.host().build("encoder", "bad/thing", {})

    assert private_modules() == modules
    assert sys.meta_path == finders


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        ("ValueError('x')", PluginRunError),
        ("AttributeError('x')", PluginRunError),
        ("SystemExit(3)", PluginRunError),
        ("MemoryError()", OutOfMemoryError),
        ("type('OutOfMemoryError', (RuntimeError,), {})('cuda')", OutOfMemoryError),
        ("JobCancelledError()", JobCancelledError),
    ],
)
def test_what_a_plugin_raises_is_mapped(
    plugins: Plugins, raised: str, expected: type[CoverslipError]
) -> None:
    plugins.write(
        "one",
        "from desktop_app.errors import JobCancelledError\n"
        "class Thing:\n    def __init__(self, size): pass\n"
        f"    def encode(self, tiles, mpp): raise {raised}\n"
        f"    @property\n    def n_features(self): raise {raised}\n",
    )
    thing = plugins.host().build("encoder", "one/thing", {})

    with pytest.raises(expected):
        thing.encode(None, 1.0)
    if "AttributeError" in raised:
        assert not hasattr(thing, "n_features")
    else:
        with pytest.raises(expected):
            _ = thing.n_features
    assert not hasattr(thing, "apply")


def test_what_an_aggregator_opens_is_guarded_too(plugins: Plugins) -> None:
    plugins.write(
        "one",
        "class Model:\n    def predict(self, features): raise KeyError('layer')\n"
        "class Thing:\n    def __init__(self, size): pass\n    def build(self, n, c): return 5\n"
        "    def open(self, bundle): return Model()\n",
        kind="aggregator",
    )
    thing = plugins.host().build("aggregator", "one/thing", {})

    assert thing.build(1, 2) == 5
    with pytest.raises(PluginRunError, match="KeyError"):
        thing.open(None).predict(None)


def test_the_bundled_plugin_keeps_its_id(plugins: Plugins) -> None:
    plugins.write("one")
    plugins.write("one", parent=plugins.user)

    bundled, user = plugins.host().listings()

    assert (bundled.origin, bundled.error) == ("bundled", "")
    assert "is taken" in user.error
    assert plugins.host().find("encoder", "one/thing")[0].folder.parent == plugins.bundled


def test_links_and_large_folders_are_refused(plugins: Plugins) -> None:
    linked = plugins.write("linked", parent=plugins.user)
    try:
        (linked / "outside.py").symlink_to(plugins.bundled / "x.py")
    except OSError:
        pytest.skip("this system makes no links")
    large = plugins.write("large", parent=plugins.user)
    with (large / "weights.bin").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)

    errors = {one.plugin_id: one.error for one in plugins.host().listings()}

    assert "outside.py is a link" in errors["linked"]
    assert "larger than 64 MiB" in errors["large"]


def install(site: Path, value: str, name: str = "theirs") -> None:
    """What pip leaves of a distribution that announces a plugin."""
    info = site / f"dist_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[coverslip.plugins]\n{name} = {value}\n")


def test_an_installed_package_is_found_without_importing_it(
    plugins: Plugins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    package = site / "their_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    plugins.write("theirs", parent=package)
    install(site, "their_package.theirs")
    monkeypatch.syspath_prepend(str(site))
    host = plugins.host()

    found = listing(host, "theirs")

    assert (found.origin, found.trusted, found.error) == ("entry_point", False, "")
    assert "their_package" not in sys.modules
    host.trust("theirs")
    assert host.build("encoder", "theirs/thing", {}).encode(None, 1.0) == 1.0
    assert "their_package" not in sys.modules


def test_an_entry_point_to_nowhere_is_listed(
    plugins: Plugins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", "no_such_package_here", "lost")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    assert "is not there" in listing(plugins.host(), "lost").error
