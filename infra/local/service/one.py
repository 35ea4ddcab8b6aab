"""One process of a server of one model: it answers, counts and follows the deployment until it is stopped."""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT
from socket import socket
from types import FrameType

from infra.local.daemon_threads import DaemonThreads
from infra.local.hosts import VARIABLE as NAMES
from infra.local.hosts import listed
from infra.local.listening import Server, server_of
from infra.local.service.answers import Answers
from infra.local.service.app import App, Stage
from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.source import OneModel, of_file, of_folder
from lepton_core.errors import LeptonError

log = logging.getLogger("lepton.server")

_THREADS = 4
"""Threads for what is not small: more of them would only share one interpreter."""

_STOP_SECONDS = 10
"""How long a stop waits for the requests under way."""

STOPPING_SERVICE = b"stopping; requests under way are answered\n"

_TICK_SECONDS = 1.0
"""How often counts are written, and it is looked whether the deployment is due to be looked at."""


def opened(options: ServiceOptions) -> OneModel:
    """What the options name."""
    if options.file is not None:
        return of_file(Path(options.file), options.name)
    assert options.name is not None  # noqa: S101  (the command asks for one of the two)
    return of_folder(Path(options.data).absolute(), options.name)


def run(server: Server, source: OneModel, stop: "Stopping", ready: Callable[[], None]) -> LeptonError | None:
    """Serve, count and follow the deployment, until a signal comes or the model is served no more: then, why."""
    follower = Follower(source, server.stop)
    stop.on(server)
    thread = threading.Thread(target=follower.follow, name="follow", daemon=True)
    thread.start()
    try:
        server.run(ready)
    finally:
        follower.ending.set()
        thread.join()
    return follower.why


def server_for(
    source: OneModel, guarded: Callable[..., None], listener: socket, host: str, stage: Stage
) -> Server:
    """A server of ``source`` behind ``listener``; ``guarded`` is what `guard` made, ``host`` what it is called."""
    pool = DaemonThreads(_THREADS, "request")
    names = listed(os.environ.get(NAMES, "")) | {host.lower()}
    app = App(Answers(source, stage, pool.submit).table(), guarded, pool, stage, names)
    return server_of(app, listener, host=host, pools=(pool,), stop_seconds=_STOP_SECONDS, at_once=app.at_once)


def serving_of(source: OneModel, url: str) -> Serving:
    """What is served at ``url``."""
    version = source.loaded().version
    return Serving(url, f"{url}/v1/models/{source.name}/predict", source.name, version, source.watched)


@dataclass
class Follower:
    """Has traffic counted and the deployment followed, and calls ``end`` when the model is served no more."""

    source: OneModel
    end: Callable[[], None]
    ending: threading.Event = field(default_factory=threading.Event)
    why: LeptonError | None = None

    def follow(self) -> None:
        """Look every `_TICK_SECONDS`, until ``ending`` is set."""
        while not self.ending.wait(_TICK_SECONDS):
            try:
                self.why = self.source.ended()
            except Exception:
                log.exception("looking after %r failed and is tried again", self.source.name)
            if self.why is not None:
                self.end()
                return


@dataclass
class Stopping:
    """SIGINT and SIGTERM: before there is a server they end the process, then they stop it.

    A SIGTERM comes from what has others to send requests to: for ``drain_seconds`` the server still takes them, and
    says that it is not ready. A second signal ends that at once. The first one is answered with what is ``said``.
    """

    drain_seconds: float
    said: bytes = STOPPING_SERVICE
    stage: Stage = field(default_factory=Stage)
    server: Server | None = None

    def on(self, server: Server) -> None:
        """There is a server now."""
        self.server = server
        if self.stage.stopping:
            server.stop()

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """A signal came."""
        again, self.stage.stopping = self.stage.stopping, True
        if not again:
            with suppress(OSError):
                os.write(2, self.said)  # no logger: this may interrupt one
        if self.server is None:
            raise SystemExit(0)
        if again or number == SIGINT or not self.drain_seconds:
            self.server.stop()
        else:
            draining = threading.Timer(self.drain_seconds, self.server.stop)
            draining.daemon = True
            draining.start()
