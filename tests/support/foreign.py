"""Requests as clients of other systems send them: one table of every kind of cell, in each form of each protocol."""

import csv
import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lepton_core.models import ALGORITHMS
from lepton_core.predict import Predictor
from lepton_core.protocols import Message, ServedVersion, Wire, mlflow, open_inference, sagemaker
from lepton_core.shown import shown
from lepton_core.table import parse_csv, read_rows
from lepton_core.train import Recipe, train
from tests.support.algorithms import quick

Row = dict[str, Any]
Request = tuple[Mapping[str, str], bytes]

NAMES = ("amount", "visits", "paid", "town", "joined", "note", "code")
TOWNS = ("Ulm", "Köln", "Bonn, West")
WORDS = ("late", "parcel", "never came", "kind", "Größe", '"quoted"', "good", "again")

_CELLS: list[tuple[Any, ...]] = [
    (12.1, 3, True, "Ulm", "2024-02-29", "a kind parcel", "007"),
    (None,) * 7,
    (0.1 + 0.2, -1, False, "Köln", "2023-12-31", 'never, "ever" 字', "012"),
    (1e-17, 0, True, "nowhere", "2024-01-01", "again\nlate", "001"),
    (-3.5, 2**40, False, "Bonn, West", None, "good", "999"),
]

ROWS: list[Row] = [dict(zip(NAMES, cells, strict=True)) for cells in _CELLS]
"""Rows of every kind of cell, with gaps, a text that training never saw, and cells that CSV must quote."""


def training_file(classes: int, rows: int = 90) -> bytes:
    """A file of such rows with a label: of so many classes, or a number if there are none."""
    rng = np.random.default_rng(5)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*NAMES, "label"])
    for at in range(rows):
        amount, town = rng.normal(), TOWNS[rng.integers(3)]
        note = " ".join(rng.choice(WORDS, 6))
        label = f"c{at % classes}" if classes else f"{amount * 3 + len(town) + rng.normal():.4f}"
        cells: list[Any] = [
            f"{amount + (at % max(classes, 1)):.6f}", int(rng.integers(20)), ["false", "true"][at % 2], town,
            f"202{at % 5}-0{at % 9 + 1}-1{at % 7}", f"{note} {at}", f"0{rng.integers(10)}{at % 4}",
        ]  # fmt: skip
        if at % 11 == 3:
            cells[at % 7] = ""
        writer.writerow([*cells, label])
    return out.getvalue().encode()


@cache
def predictor(algorithm: str, classes: int) -> Predictor:
    """A version of that file."""
    table = parse_csv(training_file(classes), label="label")
    settings = quick(ALGORITHMS[algorithm], iterations=8, trees=4)
    task = "classification" if classes else "regression"
    return train(Recipe(algorithm, "label", settings, task=task), table, np.arange(table.rows))


def version_of(of: Predictor) -> ServedVersion:
    """What a protocol knows of it."""
    ignored = frozenset({of.label})
    return ServedVersion("m", 3, "sha256:abc", of.task, of.classes, of.schema, of.reads, ignored)


@dataclass
class Told:
    """What is told of one row."""

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None


def own(of: Predictor, rows: Sequence[Row]) -> list[Told]:
    """What the platform's own protocol tells."""
    table = read_rows(rows, of.schema, ignore=frozenset({of.label}), reads=of.reads).table
    return shown(Told, of, of.predict(table))


def asked(wire: Wire, of: Predictor, request: Request) -> Message:
    """The answer of a protocol, as a server gives it."""
    headers, body = request
    found = wire.decode(headers, body, version_of(of))
    read = found.read()
    return found.answer(shown(Told, of, of.predict(read.table)), read)


def _json(value: Any) -> Request:
    return {"content-type": "application/json"}, json.dumps(value).encode()


def lines(rows: Sequence[Row], *, header: bool = False) -> bytes:
    """The rows in CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if header:
        writer.writerow(NAMES)
    for row in rows:
        writer.writerow([str(row[name]).lower() if type(row[name]) is bool else row[name] for name in NAMES])
    return out.getvalue().encode()


def _lists(rows: Sequence[Row]) -> list[list[Any]]:
    return [[row[name] for name in NAMES] for row in rows]


def _cells(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in NAMES}


DATATYPES = {"amount": "FP64", "visits": "FP64", "paid": "BOOL"}


def tensors(rows: Sequence[Row], *, raw: bool = False, **more: Any) -> Request:
    """A tensor for each column, in JSON or raw; raw truth values with a gap are floats."""
    inputs, behind = [], b""
    for name, given in _cells(rows).items():
        kind, cells = DATATYPES.get(name, "BYTES"), given
        if raw and kind == "BOOL" and None in cells:
            kind, cells = "BYTES", ["" if cell is None else str(cell).lower() for cell in cells]
        one = {"name": name, "shape": [len(cells)], "datatype": kind}
        if raw:
            data = raw_tensor(kind, cells)
            behind += data
            inputs.append({**one, "parameters": {"binary_data_size": len(data)}})
        else:
            inputs.append({**one, "data": cells})
    head = json.dumps({"inputs": inputs, **more}).encode()
    return ({"inference-header-content-length": str(len(head))} if raw else {}), head + behind


def raw_tensor(kind: str, cells: Sequence[Any]) -> bytes:
    """The bytes of a tensor, written without the code under test."""
    if kind == "BYTES":
        texts = [("" if cell is None else cell).encode() for cell in cells]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    if kind == "BOOL":
        return bytes(cells)
    return struct.pack(f"<{len(cells)}d", *(float("nan") if cell is None else cell for cell in cells))


def told_by_tensors(answer: Message) -> list[Told]:
    """What an answer tells, read without the code under test."""
    length = answer.headers.get("inference-header-content-length")
    head = answer.body if length is None else answer.body[: int(length)]
    behind, found = answer.body[len(head) :], dict[str, Any]()
    for one in json.loads(head)["outputs"]:
        size = one.get("parameters", {}).get("binary_data_size")
        values = one.get("data")
        if size is not None:
            raw, behind = behind[:size], behind[size:]
            values = _texts(raw) if one["datatype"] == "BYTES" else list(struct.unpack(f"<{size // 8}d", raw))
        found[one["name"]] = np.array(values, dtype=object).reshape(one["shape"]).tolist()
    if "value" in found:
        return [Told(value=value) for value in found["value"]]
    both = zip(found["label"], found["probabilities"], strict=True)
    return [Told(label, {f"c{k}": p for k, p in enumerate(row)}) for label, row in both]


def _texts(raw: bytes) -> list[str]:
    found = []
    while raw:
        (length,) = struct.unpack("<I", raw[:4])
        found.append(raw[4 : 4 + length].decode())
        raw = raw[4 + length :]
    return found


def _told_by_json(answer: Message) -> list[Told]:
    predictions = json.loads(answer.body)["predictions"]
    return [Told(**one) if isinstance(one, dict) else Told(value=one) for one in predictions]


def _told_by_csv(answer: Message) -> list[Told]:
    lines = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    if len(lines[0]) == 1:
        return [Told(value=float(line[0])) for line in lines]
    return [Told(line[0], {f"c{k}": float(p) for k, p in enumerate(line[1:])}) for line in lines]


@dataclass(frozen=True)
class Form:
    """One way to ask in a protocol: its name, how rows are asked for, and how the answer is read."""

    name: str
    wire: Wire
    request: Callable[[Sequence[Row]], Request]
    told: Callable[[Message], list[Told]]


CSV = {"content-type": "text/csv; charset=utf-8"}

FORMS = (
    Form("tensors in JSON", open_inference, tensors, told_by_tensors),
    Form("tensors in raw bytes", open_inference, lambda rows: tensors(rows, raw=True), told_by_tensors),
    Form(
        "tensors answered in raw bytes", open_inference,
        lambda rows: tensors(rows, parameters={"binary_data_output": True}), told_by_tensors,
    ),
    Form("sagemaker objects", sagemaker, lambda rows: _json({"instances": rows}), _told_by_json),
    Form("sagemaker lists", sagemaker, lambda rows: _json({"instances": _lists(rows)}), _told_by_json),
    Form(
        "sagemaker rows and columns", sagemaker,
        lambda rows: _json({"rows": [one[::-1] for one in _lists(rows)], "columns": NAMES[::-1]}), _told_by_json,
    ),
    Form(
        "sagemaker CSV", sagemaker,
        lambda rows: ({**CSV, "accept": "text/csv"}, lines(rows)), _told_by_csv,
    ),
    Form("mlflow records", mlflow, lambda rows: _json({"dataframe_records": rows}), _told_by_json),
    Form(
        "mlflow split", mlflow,
        lambda rows: _json({"dataframe_split": {"index": [1], "columns": NAMES, "data": _lists(rows)}}), _told_by_json,
    ),
    Form("mlflow instances", mlflow, lambda rows: _json({"instances": rows, "params": {}}), _told_by_json),
    Form("mlflow inputs", mlflow, lambda rows: _json({"inputs": _cells(rows)}), _told_by_json),
    Form("mlflow CSV", mlflow, lambda rows: (CSV, lines(rows, header=True)), _told_by_json),
)  # fmt: skip
