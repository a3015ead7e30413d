"""Plugins switched off and on, copied in, replaced and removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.errors import ManifestError, PluginError
from desktop_app.plugin_host import PluginHost, PluginListing


def write(folder: Path, code: str = "class Thing: encode = None", version: str = "1") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.toml").write_text(
        f'api_version = 0\nid = "{folder.name}"\nname = "N"\nversion = "{version}"\nlicence = "MIT"\n'
        'description = "D"\n[[provides]]\nkind = "encoder"\nid = "thing"\nname = "T"\n'
        'entry = "module:Thing"\n'
    )
    (folder / "module.py").write_text(code)
    return folder


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    write(tmp_path / "bundled" / "ours")
    return PluginHost(tmp_path / "bundled", tmp_path / "user", tmp_path / "config" / "trusted.json")


def listing(host: PluginHost, plugin_id: str) -> PluginListing:
    return next(one for one in host.listings() if one.plugin_id == plugin_id)


def test_a_plugin_that_is_switched_off_is_listed_and_not_used(host: PluginHost) -> None:
    host.set_enabled("ours", False)
    assert not listing(host, "ours").enabled
    assert not listing(host, "ours").is_usable
    assert host.provided("encoder") == ()
    with pytest.raises(PluginError, match=r"is switched off: .*coverslip plugins enable ours"):
        host.find("encoder", "ours/thing")
    host.set_enabled("ours", True)
    assert listing(host, "ours").is_usable
    with pytest.raises(PluginError, match="There is no plugin 'other'"):
        host.set_enabled("other", False)


def test_switching_off_keeps_what_is_trusted(host: PluginHost, tmp_path: Path) -> None:
    host.install(write(tmp_path / "stick" / "theirs"))
    host.trust("theirs")
    host.set_enabled("theirs", False)
    host.set_enabled("theirs", True)
    assert listing(host, "theirs").trusted


def test_a_plugin_is_copied_in_and_waits_to_be_trusted(host: PluginHost, tmp_path: Path) -> None:
    source = write(tmp_path / "stick" / "theirs")
    (source / "__pycache__").mkdir()
    installed = host.install(source)
    assert (installed.origin, installed.trusted) == ("user", False)
    assert sorted(path.name for path in (tmp_path / "user" / "theirs").iterdir()) == [
        "module.py",
        "plugin.toml",
    ]


def test_an_update_replaces_the_folder_and_asks_for_trust_again(host: PluginHost, tmp_path: Path) -> None:
    source = write(tmp_path / "stick" / "theirs")
    (source / "old.txt").touch()
    host.install(source)
    host.trust("theirs")
    assert host.install(source).trusted
    (source / "old.txt").unlink()
    write(source, version="2")
    updated = host.install(source)
    assert updated.manifest is not None
    assert (updated.manifest.version, updated.trusted) == ("2", False)
    assert not (tmp_path / "user" / "theirs" / "old.txt").exists()
    assert [path.name for path in (tmp_path / "user").iterdir()] == ["theirs"]


def test_what_must_not_be_installed_changes_nothing(host: PluginHost, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="taken by a plugin"):
        host.install(write(tmp_path / "stick" / "ours"))
    broken = write(tmp_path / "stick" / "broken")
    (broken / "plugin.toml").write_text("nothing")
    with pytest.raises(ManifestError, match=r"not valid TOML|is missing"):
        host.install(broken)
    linked = write(tmp_path / "stick" / "linked")
    (linked / "link.py").symlink_to("/etc/passwd")
    with pytest.raises(ManifestError, match="is a link"):
        host.install(linked)
    assert not (tmp_path / "user").exists()


def test_a_removed_plugin_is_gone_and_not_trusted_when_it_comes_back(
    host: PluginHost, tmp_path: Path
) -> None:
    source = write(tmp_path / "stick" / "theirs")
    host.install(source)
    host.trust("theirs")
    host.remove("theirs")
    assert [one.plugin_id for one in host.listings()] == ["ours"]
    assert list((tmp_path / "user").iterdir()) == []
    assert not host.install(source).trusted
    with pytest.raises(PluginError, match="not in your plugin folder"):
        host.remove("ours")


def test_a_broken_plugin_can_be_removed(host: PluginHost, tmp_path: Path) -> None:
    folder = write(tmp_path / "user" / "theirs")
    (folder / "plugin.toml").write_text("nothing")
    host.remove("theirs")
    assert not folder.exists()
