"""Several processes that serve one model at one port; one that dies is started again."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from signal import SIGINT, SIGTERM
from socket import socket
from types import FrameType

import msgspec

from functions.storage import posix
from infra.local.listening import listener_on
from infra.local.service.one import STOPPING_SERVICE
from infra.local.service.options import ServiceOptions, Serving, Work, WorkerWord
from lepton_core.errors import Conflict, LeptonError, NotFound, error_from

log = logging.getLogger("lepton.server")

LONGEST_ABSENCE = 10.0
"""Seconds that a worker at most is left alone which dies time and again."""

_MODULE = f"{__package__}.worker"
_FIRST_PAUSE = 0.1
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Each worker has a core for itself at best."""


def started(options: ServiceOptions, listener: socket) -> "subprocess.Popen[bytes]":
    """A worker that was told what to serve at the open ``listener``."""
    number = listener.fileno()
    process = subprocess.Popen(  # noqa: S603  (this program)
        [sys.executable, "-P", "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**_ONE_THREAD, **os.environ},
        pass_fds=[number],
        # A Ctrl-C of the terminal is for this process, which tells the others.
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101  (for the type checker)
    process.stdin.write(msgspec.json.encode(Work(options, number)) + b"\n")
    process.stdin.flush()
    return process


@dataclass
class Workers:
    """The processes of a server; ``ready`` is called once all of them answer.

    Each has a socket of its own at the port, among which the kernel deals out the connections. This process keeps all
    of them open: what waits at the socket of a worker that died is answered by the one that takes its place.
    """

    options: ServiceOptions
    ready: Callable[[Serving], None]
    begin: "Callable[[ServiceOptions, socket], subprocess.Popen[bytes]]" = field(default=started)
    stopping: threading.Event = field(default_factory=threading.Event)
    why: LeptonError | None = None
    _answering: set[int] = field(default_factory=set)
    _processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> LeptonError | None:
        """Serve until a signal comes, or the model is served no more: then, why.

        Raises `Conflict` (field 'port') for a port that is taken, and what a worker raises that never answered.
        """
        listeners = _listeners(self.options)
        with posix.on_stop(self._heard):
            keepers = [
                threading.Thread(target=self._keep, args=(place, listener), name=f"worker-{place}")
                for place, listener in enumerate(listeners)
            ]
            for keeper in keepers:
                keeper.start()
            self.stopping.wait()
            with self._lock:
                for listener in listeners:
                    listener.close()
            for keeper in keepers:
                keeper.join()
        if self.why is not None and len(self._answering) < self.options.workers:
            raise self.why
        return self.why

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping.is_set():
            os.write(2, STOPPING_SERVICE)
        self._end(number if number == SIGINT else SIGTERM)

    def _end(self, number: int) -> None:
        self.stopping.set()
        for process in list(self._processes.values()):
            if process.poll() is None:
                process.send_signal(number)

    def _keep(self, place: int, listener: socket) -> None:
        pause = _FIRST_PAUSE
        while not self.stopping.is_set():
            try:
                process = self._begun(place, listener)
            except OSError as error:  # the machine has no room for it now
                pause = min(LONGEST_ABSENCE, pause * 2)
                log.warning("a worker cannot be started, and it is tried again: %s", error)
                self.stopping.wait(pause)
                continue
            if process is None:
                return
            answered = self._hear_out(place, process)
            status = process.wait()
            if self.stopping.is_set():
                return
            pause = _FIRST_PAUSE if answered else min(LONGEST_ABSENCE, pause * 2)
            log.warning("worker %d ended with status %d and is started again", process.pid, status)
            self.stopping.wait(pause)

    def _begun(self, place: int, listener: socket) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self.stopping.is_set():
                return None
            self._processes[place] = process = self.begin(self.options, listener)
        if self.stopping.is_set():  # the signal came before this one could be sent it
            process.send_signal(SIGTERM)
        return process

    def _hear_out(self, place: int, process: "subprocess.Popen[bytes]") -> bool:
        """Listen to a worker until it ends; whether it ever answered."""
        assert process.stdout is not None  # noqa: S101  (for the type checker)
        assert process.stdin is not None  # noqa: S101
        answered = False
        with process.stdout, process.stdin:
            for line in process.stdout:
                told = msgspec.json.decode(line, type=WorkerWord)
                if told.serving is not None:
                    answered = True
                    self._answers(place, told.serving)
                if told.error is not None:
                    self._is_over(place, error_from(told.error))
        return answered

    def _answers(self, place: int, serving: Serving) -> None:
        with self._lock:
            before = len(self._answering)
            self._answering.add(place)
            is_last = before < len(self._answering) == self.options.workers
        if is_last:
            self.ready(serving)

    def _is_over(self, place: int, error: LeptonError) -> None:
        is_retired = isinstance(error, NotFound | Conflict)
        with self._lock:
            if self.stopping.is_set() or (place in self._answering and not is_retired):
                return  # what keeps a worker from starting again may be mended, and so it is tried again
            self.why = self.why or error
        self._end(SIGTERM)


def _listeners(options: ServiceOptions) -> list[socket]:
    host, port = options.host, options.port
    if port:
        listener_on(host, port).close()  # others could share a port that is shared, and this one is not to be
    listeners = [listener_on(host, port, shared=True)]
    port = listeners[0].getsockname()[1]
    listeners += [listener_on(host, port, shared=True) for _ in range(options.workers - 1)]
    return listeners
