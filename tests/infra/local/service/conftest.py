"""A trained model, in its platform's folder and in a file, and servers of it in this process."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import urllib3

from infra.local.listening import listener_on
from infra.local.service.app import Stage
from infra.local.service.keys import guard
from infra.local.service.one import server_for
from infra.local.service.source import OneModel
from infra.local.stack import open_embedded
from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from tests.infra.local.service.kit import Made, Serve, Served
from tests.support.waiting import BACKSTOP, happened, joined
from tests.support.world import two_classes


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    (tmp_path / "data.csv").write_bytes(two_classes())
    opened = open_embedded(tmp_path / "state", background=False)
    transport = EmbeddedTransport(tmp_path / "state", opener=lambda _: opened)
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(tmp_path / "data.csv", quiet=True))
    model.train(iterations=5)
    model.deploy()
    model.train(iterations=9)
    file = model.export(tmp_path / "m.lepton", 1)
    yield Made(tmp_path / "state", file, model, opened)
    transport.close()


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
