"""Processes that do tasks beside a program which embeds the platform.

They are begun as programs of their own: a child of ``multiprocessing`` would run the program's main module again.
What travels is what travels to a function on AWS, behind the length of it in four bytes.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import msgspec

from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed, Died
from functions.runs.places.remote import Asked, Functions, answer
from functions.runs.task import Result
from functions.settings import Settings
from lepton_core.errors import Unavailable


class Beside:
    """A `Place` in at most ``width`` processes, each made by ``begin`` when all others are busy.

    Their parent's end is theirs, and so is that of the place.
    """

    def __init__(self, begin: Callable[[], "subprocess.Popen[bytes]"], width: int) -> None:
        self._begin = begin
        self._functions = Functions(self.call, width=width)
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._all: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        return self._functions.submit(order)

    def call(self, asked: bytes) -> bytes:
        """The `Answer` to an `Asked`, both as JSON.

        Raises `Died` if the process did, `Closed` after `close`, and `Unavailable` if none can be begun.
        """
        process = self._take()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101  (both are pipes)
        try:
            send(process.stdin, asked)
            told = receive(process.stdout)
        except OSError:
            told = None
        if told is None:
            self._drop(process)
            raise Closed if self._closed else Died
        with self._lock:
            self._idle.append(process)
        return told

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`; a process that is not done by then is ended."""
        self._functions.close(grace_seconds)
        with self._lock:
            self._closed = True
            processes = list(self._all)
        for process in processes:
            process.kill()
        for process in processes:
            _bury(process)

    def _take(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._closed:
                raise Closed
            if self._idle:
                return self._idle.pop()
            try:
                process = self._begin()
            except OSError as error:
                raise Unavailable("no process could be begun beside this one") from error
            self._all.add(process)
            return process

    def _drop(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        with self._lock:
            mine = process in self._all and not self._closed
            self._all.discard(process)
        if mine:
            _bury(process)


def _bury(process: "subprocess.Popen[bytes]") -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not sent is lost
                pipe.close()


def of_folder(data: Path, settings: Settings | None) -> "subprocess.Popen[bytes]":
    """A worker process over the folder ``data``."""
    return program("infra.local.work_beside", str(data), msgspec.json.encode(settings).decode())


def program(module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """A process that finds the modules which this one has found, and none in the folder that it is begun in."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(  # noqa: S603  (this very Python)
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,  # what a terminal sends to all of a group would look like a task that ended it
    )


def send(stream: IO[bytes], message: bytes) -> None:
    """Write one message."""
    stream.write(len(message).to_bytes(4, "little") + message)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one message; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(int.from_bytes(head, "little"))
    return body if len(body) == int.from_bytes(head, "little") else None


def work(worker: Worker, source: IO[bytes], sink: IO[bytes], end: Callable[[int], None]) -> None:
    """Answer each message of ``source`` into ``sink``; ``end`` this process when ``source`` ends, also amid a task."""
    asked: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        while (message := receive(source)) is not None:
            asked.put(message)
        end(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        told = answer(worker, msgspec.json.decode(asked.get(), type=Asked))
        send(sink, msgspec.json.encode(told))


def live(open_worker: Callable[[], Worker]) -> None:
    """The life of such a process. Only answers go to its standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    work(open_worker(), sys.stdin.buffer, answers, os._exit)
