"""What predictions cost, of one row and of a thousand, beside scikit-learn: ``make bench`` writes the page.

``python -m tests.benchmarks.hot_path docs/benchmarks/hot_path.md`` writes the table between the page's marks; without a
page it is printed.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from functions import predict
from functions.edge import Call
from infra.local.stack import OWNER, WORKSPACE, Stack, open_embedded
from lepton_ai.data import Data
from lepton_ai.demo import platform
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.model import Model
from lepton_ai.transport import Transport
from tests.benchmarks.defaults import write_or_print
from tests.benchmarks.hot_path_tables import TABLES, Row, Rows
from tests.benchmarks.measured import measured_at

ROUNDS = 9
MANY = 1000

Predicting = Callable[[list[Row]], Any]


def main(arguments: Sequence[str]) -> None:
    """Write the page, or print its lines."""
    write_or_print(arguments, figures())


def figures(many: int = MANY, rounds: int = ROUNDS) -> Iterator[str]:
    """The lines of the page: of each table one row, and as many in one call, in milliseconds."""
    yield measured_at("scikit-learn", "pandas", "numpy")
    yield ""
    with tempfile.TemporaryDirectory() as folder, platform(Path(folder) / "http") as http:
        found: dict[tuple[str, int], dict[str, float]] = {}
        for place, (name, make) in enumerate(TABLES.items()):
            given = make(many)
            with closing(EmbeddedStack(Path(folder) / str(place))) as embedded:
                ways = _ways(embedded, http, f"table-{place}", given)
                # The server's part of one row is on the clock only; of many rows others on the machine would be, too.
                for rows, calls, clock in ((1, 40, time.perf_counter), (many, 5, time.process_time)):
                    things = {way: of(given.rows[:rows]) for way, of in ways.items()}
                    found[name, rows] = _measure(things, calls, rounds, clock)
                    head = list(found[name, rows])
    yield "| table | rows | " + " | ".join(head) + " |"
    yield "|---|---:|" + "---:|" * len(head)
    for (name, rows), costs in found.items():
        yield (
            f"| {name} | {rows} | " + " | ".join(f"{seconds * 1e3:.2f}" for seconds in costs.values()) + " |"
        )


class EmbeddedStack(EmbeddedTransport):
    """The embedded platform, and the stack that it opened."""

    def __init__(self, data: Path) -> None:
        self.stack: Stack | None = None

        def opened(folder: Path) -> Stack:
            self.stack = open_embedded(folder)
            return self.stack

        super().__init__(data, opened)

    @property
    def opened(self) -> Stack:
        """The stack, which the first call opens. Raises ``RuntimeError`` before that."""
        if self.stack is None:
            raise RuntimeError("nothing was asked yet")
        return self.stack


def _ways(
    embedded: EmbeddedStack, http: Transport, name: str, given: Rows
) -> dict[str, Callable[[list[Row]], Callable[[], Any]]]:
    model, remote = (deployed(transport, name, given) for transport in (embedded, http))
    theirs = given.fitted()
    return {
        "handler": lambda rows: _handler(embedded, name, rows),
        "embedded": lambda rows: lambda: model.predict(rows if len(rows) > 1 else rows[0]),
        "HTTP": lambda rows: lambda: remote.predict(rows if len(rows) > 1 else rows[0]),
        "scikit-learn": lambda rows: lambda: theirs(rows),
    }


def deployed(transport: Transport, name: str, given: Rows) -> Model:
    """A logistic regression of these rows, which answers."""
    model = Model("logistic_regression", name=name, quiet=True, transport=transport)
    model.upload_data(Data.from_pandas(given.frame, label="label"))
    model.train()
    model.deploy()
    return model


def _handler(embedded: EmbeddedStack, name: str, rows: list[Row]) -> Callable[[], Any]:
    """The answer to a body that is decoded already, before it is encoded."""
    world = embedded.opened.platform
    raw = msgspec.json.encode({"rows": rows})
    body = msgspec.json.decode(raw, type=predict.Predict)
    call = Call(platform=world, caller=OWNER, store=world.workspace(WORKSPACE), body=body, raw=raw)
    return lambda: predict.predict(call, name)


def _measure(
    things: dict[str, Callable[[], Any]], calls: int, rounds: int, clock: Callable[[], float]
) -> dict[str, float]:
    """Medians over rounds that alternate between the things, so that a slow moment hits each; the first warms up."""
    times: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds + 1):
        for name, call in things.items():
            began = clock()
            for _ in range(calls):
                call()
            times[name].append((clock() - began) / calls)
    return {name: float(np.median(found[1:])) for name, found in times.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
