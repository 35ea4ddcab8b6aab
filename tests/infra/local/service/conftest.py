"""Servers of a trained model in this process."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import urllib3

from infra.local.listening import listener_on
from infra.local.service.app import Stage
from infra.local.service.keys import guard
from infra.local.service.one import server_for
from infra.local.service.source import OneModel
from tests.infra.local.service.kit import Serve, Served
from tests.support.waiting import BACKSTOP, happened, joined


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a `OneModel` on this machine, as if it listened on ``host`` and its environment named ``key``."""
    with ExitStack() as stack:
        http = stack.enter_context(urllib3.PoolManager(retries=False, timeout=BACKSTOP))

        def served(source: OneModel, host: str = "127.0.0.1", key: str = "") -> Served:
            stage, ready = Stage(), threading.Event()
            server = server_for(
                source, guard(source, host, key), listener_on("127.0.0.1", 0), "127.0.0.1", stage
            )
            thread = threading.Thread(target=server.run, args=(ready.set,))
            thread.start()
            stack.callback(joined, thread)
            stack.callback(server.stop)
            stack.callback(source.close)
            happened(ready, "the server listens")
            return Served(server.url, stage, http)

        yield served
