"""A worker process as the window starts one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from desktop_app.engine.job import Failed, Finished, Job, Message
from desktop_app.storage.locations import Locations
from desktop_app.worker import serve

TIMEOUT_S = 60.0


@dataclass
class Worker:
    """The parent's ends."""

    connection: Connection
    process: Any
    cancel: Any
    pause: Any

    def send(self, job: Job | None) -> None:
        self.connection.send(job)

    def receive(self) -> Message:
        assert self.connection.poll(TIMEOUT_S), "the worker is silent"
        message: Message = self.connection.recv()
        return message

    def outcome(self) -> tuple[Finished | Failed, list[Message]]:
        """The job's last message and those before it."""
        earlier: list[Message] = []
        while not isinstance(message := self.receive(), Finished | Failed):
            earlier.append(message)
        return message, earlier


@contextmanager
def started_worker(locations: Locations) -> Iterator[Worker]:
    """A spawned worker, ended and joined at the end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    cancel, pause = context.Event(), context.Event()
    process = context.Process(target=serve, args=(theirs, cancel, pause, locations))
    process.start()
    theirs.close()
    try:
        yield Worker(ours, process, cancel, pause)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        ours.close()
