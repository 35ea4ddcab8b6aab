"""Predict: rows in, predictions out. A warm call reads nothing from the stores; traffic is counted in memory."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from chalice.app import Blueprint
from numpy.typing import NDArray

from functions.api import Predict, Prediction, Predictions
from functions.edge import Call, leniently, route
from functions.served import Service
from lepton_core.errors import InvalidInput, LeptonError, TooLarge
from lepton_core.predict import Predictor
from lepton_core.table import Table, rows_to_table

bp = Blueprint(__name__)

MAX_ROWS = 20_000
MAX_NUMBERS = 100_000
"""Numbers in one answer: each row has a probability for every class. It must fit into the 6 MB of a Lambda answer."""


def misread(call: Call[bytes], model: str) -> None:
    """Name the row and column of a body that is no `Predict`: of NaN, infinity, a list in a cell. It is counted."""
    began = time.perf_counter()
    wanted = _lenient(call.body)
    if wanted is None:
        return
    platform = call.platform
    service = platform.served.service(platform, call.store, model)
    try:
        tabulate(service, wanted)
    except RecursionError:  # a cell that is nested as deeply as can be read, but not quoted
        return
    except LeptonError:
        service.count_error(_since(began), platform.clock())
        raise
    finally:
        platform.served.after(platform, service)


def _lenient(raw: bytes) -> Predict | None:
    match leniently(raw):
        case {"rows": list(rows), **others} if others.keys() <= {"columns"}:
            columns = others.get("columns")
            if columns is None or (isinstance(columns, list) and all(isinstance(c, str) for c in columns)):
                return Predict(rows, columns)
    return None


@route(
    bp,
    "POST",
    "/v1/models/{model}/predict",
    scope="predict",
    body=Predict,
    returns=Predictions,
    misread=misread,
)
def predict(call: Call[Predict], model: str) -> Predictions:
    """Predict every row with the deployed version."""
    began = time.perf_counter()
    platform = call.platform
    service = platform.served.service(platform, call.store, model)
    try:
        predictions = answer(service, call, began)
    except LeptonError:
        service.count_error(_since(began), platform.clock())
        raise
    finally:
        platform.served.after(platform, service)
    return Predictions(model, service.version, predictions)


def answer(service: Service, call: Call[Predict], began: float) -> list[Prediction]:
    """Predict the rows and count them."""
    predictor = service.predictor
    table = tabulate(service, call.body)
    output = predictor.predict(table)
    predictions = shown(predictor, output)
    service.count(table, output, _since(began), call.platform.clock())
    return predictions


def tabulate(service: Service, wanted: Predict) -> Table:
    """The rows as a table of the columns that the model reads; errors name the row and the column."""
    rows: Any = wanted.rows
    if not rows:
        raise InvalidInput("there are no rows", field="rows")
    if len(rows) > MAX_ROWS:
        raise TooLarge(f"{len(rows)} rows; the most in one call is {MAX_ROWS}", field="rows")
    predictor = service.predictor
    most = MAX_NUMBERS // max(1, len(predictor.classes))
    if len(rows) > most:
        raise TooLarge(f"{len(rows)} rows; the most in one call of this model is {most}", field="rows")
    return rows_to_table(rows, predictor.schema, columns=wanted.columns, ignore=service.ignored)


def shown(predictor: Predictor, output: NDArray[np.float64]) -> list[Prediction]:
    """The output of the engine, (m, K) or (m,), as a caller reads it."""
    if predictor.task == "regression":
        return [Prediction(value=value) for value in output.tolist()]
    best = output.argmax(axis=1).tolist()
    classes: Sequence[str] = predictor.classes
    return [
        Prediction(label=classes[at], probabilities=dict(zip(classes, row, strict=True)))
        for at, row in zip(best, output.tolist(), strict=True)
    ]


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000.0
