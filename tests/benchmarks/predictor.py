"""Predictions in process beside scikit-learn, and many rows beside a bare program: the sides take turns in one thread.

``python -m tests.benchmarks.predictor docs/benchmarks/predictor.md`` writes the table between the page's marks; without
a page it is printed. Set ``OPENBLAS_NUM_THREADS=1``, as each side has one core.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np

import lepton_ai
from functions import predict
from functions.edge import Call
from functions.edge.decode import body_decoder
from infra.local.stack import OWNER, WORKSPACE
from lepton_core.artifact import write_container
from lepton_core.table import Table, pack_table
from lepton_core.table.given import given_column
from tests.benchmarks.defaults import write_or_print
from tests.benchmarks.hot_path import EmbeddedStack, deployed
from tests.benchmarks.hot_path_tables import numbers
from tests.benchmarks.measured import measured_at

ROUNDS, MANY = 41, 1000

Sides = dict[str, Callable[[], Any]]


class BareBody(msgspec.Struct):
    """What the bare program decodes."""

    rows: list[dict[str, float]]


def main(arguments: Sequence[str]) -> None:
    """Write the page, or print its lines."""
    write_or_print(arguments, figures())


def figures(many: int = MANY, rounds: int = ROUNDS) -> Iterator[str]:
    """The lines of the page: microseconds of processor time a call, and how many times less the second side takes."""
    yield measured_at("scikit-learn", "numpy", "msgspec")
    yield ""
    yield "| what | rows | side | µs | Lepton | µs | times |"
    yield "|---|---:|---|---:|---|---:|---:|"
    with tempfile.TemporaryDirectory() as folder, closing(EmbeddedStack(Path(folder) / "data")) as embedded:
        given = numbers(many)
        model = deployed(embedded, "m", given)
        alone = lepton_ai.load(model.export(Path(folder) / "m.lepton"))
        X = np.array([list(row.values()) for row in given.rows])
        pipeline = given.pipeline.fit(X, given.labels)
        for rows in (1, many):
            one = np.ascontiguousarray(X[:rows])
            sides: Sides = {
                "Pipeline.predict_proba": lambda one=one: pipeline.predict_proba(one),  # type: ignore[misc]
                "ExportedModel.predict_proba": lambda one=one: alone.predict_proba(one),  # type: ignore[misc]
            }
            yield _line("in process", rows, sides, rounds, calls=max(100, 400 // rows))
        raw = json.dumps({"rows": given.rows}).encode()
        json_sides: Sides = {
            "bare, JSON": _bare(raw, list(given.rows[0])),
            "handler, JSON": handler(embedded, raw),
        }
        yield _line("answer", many, json_sides, rounds, calls=3)
        packed = container(X, list(given.rows[0]))
        binary: Sides = {
            "handler, JSON": json_sides["handler, JSON"],
            "handler, container": handler(embedded, packed, is_json=False),
        }
        yield _line("answer", many, binary, rounds, calls=3)


def _line(what: str, rows: int, sides: Sides, rounds: int, *, calls: int) -> str:
    (theirs, of_theirs), (ours, of_ours) = measured(sides, rounds, calls).items()
    times = f"{of_theirs / of_ours:.2f}"
    return f"| {what} | {rows} | {theirs} | {of_theirs:.2f} | {ours} | {of_ours:.2f} | {times} |"


def measured(sides: Sides, rounds: int, calls: int) -> dict[str, float]:
    """Microseconds of this thread a call, medians over rounds in which the sides take turns; the first one warms up."""
    found: dict[str, list[int]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, call in sides.items():
            began = time.thread_time_ns()
            for _ in range(calls):
                call()
            found[name].append(time.thread_time_ns() - began)
    return {name: median(each[1:]) / calls / 1e3 for name, each in found.items()}


def _bare(raw: bytes, names: list[str]) -> Callable[[], bytes]:
    """What a program of ten lines does: it decodes, multiplies and encodes the probability of one class."""
    decode, encode = msgspec.json.Decoder(BareBody).decode, msgspec.json.Encoder().encode
    w = np.linspace(-1, 1, len(names)) / 1e4

    def answer() -> bytes:
        X = np.array([[row[name] for name in names] for row in decode(raw).rows])
        return encode({"predictions": (1 / (1 + np.exp(-X @ w))).tolist()})

    return answer


def handler(embedded: EmbeddedStack, raw: bytes, *, is_json: bool = True) -> Callable[[], bytes]:
    """What the platform does between the bytes of a body and those of its answer, counting for monitoring included."""
    world = embedded.opened.platform
    store = world.workspace(WORKSPACE)
    decode, encode = body_decoder(predict.Predict), msgspec.json.Encoder().encode
    query: dict[str, str] = {}

    def answer() -> bytes:
        body = decode(raw) if is_json else raw
        call = Call(platform=world, caller=OWNER, store=store, body=body, raw=raw, query=query)
        return encode((predict.predict(call, "m") if is_json else predict.predict_columns(call, "m")).value)

    return answer


def container(X: Any, names: list[str]) -> bytes:
    """The rows of ``X`` (m, n) as a container of typed columns."""
    return write_container(*pack_table(Table(tuple(map(given_column, names, X.T)))))


if __name__ == "__main__":
    main(sys.argv[1:])
