"""Fixtures of every test: no network, and user folders of its own."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("coverslip", deadline=None)
settings.load_profile("coverslip")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "2")

LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost"}


class NetworkUsedError(AssertionError):
    """A test (or the code it runs) tried to reach another machine."""


def _refuse(address: Any) -> None:
    if isinstance(address, tuple) and address and address[0] not in LOCAL_HOSTS:
        raise NetworkUsedError(f"connection to {address!r}")


class GuardedSocket(socket.socket):
    """A socket that talks to this machine only."""

    def connect(self, address: Any) -> None:
        _refuse(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        _refuse(address)
        return super().connect_ex(address)

    def sendto(self, *arguments: Any) -> int:
        _refuse(arguments[-1])
        return super().sendto(*arguments)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection to another machine fail."""
    monkeypatch.setattr(socket, "socket", GuardedSocket)

    def resolve(host: Any, *_arguments: Any, **_options: Any) -> Any:
        raise NetworkUsedError(f"name look-up of {host!r}")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """User folders that no other test and no user shares."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("COVERSLIP_HOME", str(home))
    return home
