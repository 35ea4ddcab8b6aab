"""What a request of one row costs, part by part, without sockets: ``FILE MODEL``, the body on stdin.

It stands by itself, so that it can be given a core; the parts are on stdout as JSON, in microseconds by name.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import astuple
from uvicorn import Config
from uvicorn.server import ServerState

from functions import predict
from infra.local.at_once import SentAnswer
from infra.local.protocol import protocol
from infra.local.quick import QuickAnswers
from infra.local.service.source import of_file
from lepton_core.shown import shown
from tests.benchmarks.serve_clients import request

CALLS, ROUNDS = 400, 25


class _Nowhere:
    """A transport that sends nothing."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def write(self, data: bytes) -> None:
        pass

    def is_closing(self) -> bool:
        return False


def microseconds(called: Callable[[], object]) -> float:
    """The median time of the processor of a call."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(CALLS):
            called()
        times.append((time.process_time() - began) / CALLS)
    return median(times) * 1e6


async def parts(file: Path, body: bytes) -> dict[str, float]:
    """The parts of a request with that ``body`` to the version in ``file``."""
    source = of_file(file)
    loaded, quick = source.loaded(), QuickAnswers(source.platform, print, watched=False)
    answer = quick.sent(loaded, source.name, body)
    known = quick.known(loaded)
    assert answer is not None and known is not None
    ready: SentAnswer = answer
    plain = known.plain
    values = np.frombuffer(plain.packed.pack(*astuple(known.read(body).rows[0])))
    output = plain.predict(values)
    assert output is not None
    told = predict.Predictions(source.name, 1, shown(predict.Prediction, plain.predictor, output))
    encode = msgspec.json.Encoder().encode
    made: Any = protocol(30.0, 10, lambda target, headers: lambda body: ready)(
        config=Config(_absent, log_config=None, lifespan="off"), server_state=ServerState(), app_state={}
    )
    made.connection_made(_Nowhere())
    sent = request(1, f"/v1/models/{source.name}/predict", body)
    made.data_received(sent)
    return {
        "the head, known from before, and putting the answer together": microseconds(
            lambda: made.data_received(sent)
        ),
        "reading the body": microseconds(
            lambda: plain.packed.pack(*astuple(known.read(body).rows[0])) and body.count(b":")
        ),
        "the matrix and the model": microseconds(lambda: plain.predict(values)),
        "labels and probabilities": microseconds(lambda: shown(predict.Prediction, plain.predictor, output)),
        "encoding": microseconds(lambda: encode(told)),
        "all of the prediction": microseconds(lambda: quick.sent(loaded, source.name, body)),
    }


async def _absent(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("everything is answered at once")


if __name__ == "__main__":
    found = asyncio.run(parts(Path(sys.argv[1]), sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps(found))
