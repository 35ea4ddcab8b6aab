"""Predict: rows in, predictions out. A warm call reads nothing from the stores; traffic is counted in memory.

The shape of the answer is here; `functions/edge/respond.py` makes it JSON.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from functions.context import LoadedModel, Platform
from functions.edge import Call, Flag, Reply, route
from functions.edge.blueprint import Blueprint
from functions.edge.shapes import Cell, HandedCells, Request
from functions.edge.twice import keys_around, refuse_twice
from lepton_core.errors import InvalidInput, LeptonError, RowError, TooLarge
from lepton_core.evaluate import LabelRule
from lepton_core.protocols import VERSION_HEADER, version_header
from lepton_core.shown import demand_rows, each_shown, in_order, shown
from lepton_core.table import Filled, Ignored, ReadRows, Table, Unknown, read_rows
from lepton_core.table.cells import Assumed
from lepton_core.table.given_container import given_from_container
from lepton_core.table.given_rows import read_given_rows

if TYPE_CHECKING:
    from lepton_core.servable import Servable
    from lepton_core.table.each_row import EachRow


class Predict(Request, frozen=True):
    """Rows as objects by column name, or as arrays in the order of ``columns`` (default: the trained order).

    An object in a cell is columns of its own: ``{"at": {"zip": "01010"}}`` is ``{"at.zip": "01010"}``. A bare ``NaN``
    in a cell, and nowhere else, is ``null``, a missing value.

    With ``explain`` each prediction says what every column adds to it. With ``coverage``, a share from 0.5 to 0.99, it
    has the interval, or the classes, that hold the truth of so many rows. With ``row_errors``, for the rows of a file,
    one that cannot be read does not refuse the call: it gets an ``error`` in place of a prediction. A row is null if
    the caller could not read it.
    """

    rows: list[dict[str, Cell] | list[Cell] | None]
    columns: list[str] | None = None
    explain: bool = False
    row_errors: bool = False
    coverage: Annotated[float, Meta(extra_json_schema={"minimum": 0.5, "maximum": 0.99})] | None = None


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Of one row: ``label`` and ``probabilities`` (classification), or ``value`` (regression).

    If it is explained, ``base`` and all ``contributions`` (by column) sum to the output in ``unit`` ('value',
    'log-odds', 'score' or 'probability', maybe with ' before calibration'): one number, or one a class; of two classes,
    that of the second.

    With a ``coverage`` a value has an ``interval``, its low and high end, and a label the ``plausible`` classes, the
    likeliest first. With ``row_errors`` a row that could not be read has an ``error`` and nothing else.
    """

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    contributions: dict[str, float | dict[str, float]] | None = None
    base: float | dict[str, float] | None = None
    unit: str | None = None
    error: RowError | None = None
    interval: Annotated[list[float], Meta(min_length=2, max_length=2)] | None = None
    plausible: tuple[str, ...] | None = None


class Predictions(msgspec.Struct, frozen=True, omit_defaults=True):
    """One prediction a row, in the order of the rows, and what was done with cells that the model does not know.

    ``ignored`` are columns that the model does not read (the first 20), ``filled`` those that some rows lack, and
    ``unknown`` those with texts that training saw in too few rows, or never. ``assumed`` are those with dates without a
    zone, taken as UTC where training saw zones, or with lengths of time without a unit, taken as seconds. ``rule`` made
    the labels where the most probable class did not. Each is there only if it says something.
    """

    model: str
    version: int
    predictions: list[Prediction]
    ignored: tuple[Ignored, ...] = ()
    filled: tuple[Filled, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    rule: LabelRule | None = None


ReadEach = Callable[[LoadedModel, Mapping[int, RowError]], "EachRow"]
"""Reads the rows of a call for a model, but for those that cannot be read, and those that it is given."""


@dataclass(frozen=True, slots=True)
class ToPredict:
    """A call, however its rows came: what reads them for a model, and whether to ``explain`` the predictions.

    ``coverage`` is that of their intervals or sets, None if there are to be none.
    ``read_each`` is there if an unreadable row gets an error of its own; it passes over the rows that it is given.
    ``version`` is the one that the call names; `check` raises if it is not served, which is no call of the one that is.
    """

    read: Callable[[LoadedModel], ReadRows]
    explain: bool
    read_each: ReadEach | None = None
    coverage: float | None = None
    version: int | None = None
    check: Callable[[LoadedModel], object] = lambda loaded: None


bp = Blueprint()

MAX_REQUEST_ROWS = 20_000

MAX_ANSWER_NUMBERS = 100_000
"""Numbers in one answer: each row has a probability for every class."""


def misread(call: Call[bytes], model: str) -> Predict | None:
    """The body that one with objects or NaN in cells means; of another, as with infinity, name and count the fault."""
    from functions.edge.meant_body import lenient, meant_of  # noqa: PLC0415  (only other bodies need it)

    began = time.perf_counter()
    wanted = lenient(call.body, Predict)
    if wanted is None:
        return None
    platform = call.platform
    loaded = platform.loaded.get(call.store.name, model, call.headers)

    def understood(loaded: LoadedModel) -> Predict | None:
        schema, reads = loaded.predictor.schema, loaded.reads
        body: Predict | None = meant_of(wanted, schema, reads, lambda body: tabulate(body, loaded))
        return body

    def again(loaded: LoadedModel) -> object:
        if (body := understood(loaded)) is None:
            raise InvalidInput("is not JSON", field="body")
        each = partial(tabulate_each, body) if body.row_errors else None
        return _asked(ToPredict(partial(tabulate, body), body.explain, each, body.coverage), loaded)

    try:
        return understood(loaded)
    except RecursionError:  # a cell that is nested as deeply as can be read, but not quoted
        return None
    except Exception as error:
        _count_refused(loaded, error, began, platform, again)
        raise
    finally:
        platform.loaded.after(call.store.name, model)


def predict_columns(call: Call[bytes], model: str) -> Reply[Predictions]:
    """Predict the rows of a container of typed columns."""
    wanted = ToPredict(
        partial(tabulate_columns, call),
        explain=call.flag("explain"),
        read_each=partial(tabulate_each_column, call) if call.flag("row_errors") else None,
    )
    if "coverage" in call.query:
        from functions.covering import coverage_of  # noqa: PLC0415  (few calls ask for it)

        wanted = dataclasses.replace(wanted, coverage=coverage_of(call.query["coverage"]))
    return served(call, model, wanted)


def predict_cells(call: Call[HandedCells], model: str) -> Reply[Predictions]:
    """Predict rows that came as `HandedCells`, as those of a `Predict` of lists."""
    read, body = partial(tabulate_cells, call.body), call.body
    return served(call, model, ToPredict(read, body.explain, coverage=body.coverage))


@route(
    bp,
    "POST",
    "/v1/models/{model}/predict",
    scope="predict",
    body=Predict,
    returns=Predictions,
    query={
        "explain": Flag("Of a container: each prediction says what every column adds to it."),
        "coverage": "Of a container: how many truths intervals or sets are to hold, a share from 0.5 to 0.99.",
        "in_order": Flag("Of a container: its columns are those of the model in the trained order."),
        "row_errors": Flag(
            "Of a container: a row that cannot be read gets an error in place of a prediction."
        ),
    },
    content_types=("application/json", "application/octet-stream"),
    misread=misread,
    of_bytes=predict_columns,
    of_handed=predict_cells,
)
def predict(call: Call[Predict], model: str) -> Reply[Predictions]:
    """Predict every row with the deployed version.

    Many rows are faster as typed columns: a safetensors file of the platform's own, as it is uploaded.
    """
    for key in call.query:
        raise InvalidInput("is said of a container only; in JSON it is a part of the body", field=key)
    body = call.body
    read_each = partial(_checked, tabulate_each, call) if body.row_errors else None
    read = partial(_checked, tabulate, call)
    return served(call, model, ToPredict(read, body.explain, read_each, body.coverage))


def served(call: Call[Any], model: str, wanted: ToPredict) -> Reply[Predictions]:
    """Predict what is wanted with the version that answers, and count it, or why it was refused."""
    platform = call.platform
    loaded = platform.loaded.get(call.store.name, model, call.headers, wanted.version)
    wanted.check(loaded)
    began = time.perf_counter()  # what was loaded first would make a new version slow
    try:
        answering = answer if wanted.read_each is None else answer_each
        return replied(answering(loaded, call, wanted, model, began), loaded)
    except Exception as error:
        _count_refused(loaded, error, began, platform, partial(_asked, wanted))
        if not isinstance(error, LeptonError) or not error.remedies:
            raise
        from functions.training.made_again import of_served  # noqa: PLC0415  (few calls are refused)

        raise of_served(error, call.store, model, loaded.version) from None
    finally:
        platform.loaded.after(call.store.name, model)


def replied(made: Predictions, loaded: LoadedModel) -> Reply[Predictions]:
    """The answer, with the header that says which version made it."""
    return Reply(made, 200, headers={VERSION_HEADER: version_header(loaded.version, loaded.digest)})


def _count_refused(
    loaded: LoadedModel, error: Exception, began: float, platform: Platform, again: Callable[..., object]
) -> None:
    took, shown = _since(began), error if isinstance(error, LeptonError) else LeptonError("")
    failed, alike = shown.status >= LeptonError.status, False
    if not failed and (beside := loaded.beside) is not None:
        from functions.serving.alike import refuses  # noqa: PLC0415  (few versions are watched)

        alike = refuses(beside, again)
    loaded.count_error(took, platform.clock(), shown.rows, shown.code, failed=failed, alike=alike)


def _asked(wanted: ToPredict, loaded: LoadedModel) -> object:
    """What a version answers, without a count: of a call with ``row_errors`` an `EachRow`."""
    if wanted.read_each is not None:
        return _each(wanted, wanted.read_each, loaded)[0]
    return _predicted(loaded.predictor, loaded.rule, wanted, wanted.read(loaded).table)


def answer(loaded: LoadedModel, call: Call[Any], wanted: ToPredict, model: str, began: float) -> Predictions:
    """Predict the rows and count them."""
    read, rule = wanted.read(loaded), loaded.rule
    output, predictions = _predicted(loaded.predictor, rule, wanted, read.table)
    loaded.count(read.table, output, _since(began), call.platform.clock(), explained=wanted.explain)
    return _noted(Predictions(model, loaded.version, predictions, rule=rule), read)


def answer_each(
    loaded: LoadedModel, call: Call[Any], wanted: ToPredict, model: str, began: float
) -> Predictions:
    """Predict the rows that can be read, tell of each other one why not, and count them."""
    rule, read_each = loaded.rule, wanted.read_each
    if read_each is None:
        raise TypeError("this call does not ask for row_errors")
    each, output, found = _each(wanted, read_each, loaded)
    predictions = in_order(each, found, Prediction)
    now, unread, read = call.platform.clock(), len(each.errors), each.read
    took, alike = _since(began), False
    if unread:
        from functions.serving.alike import refuses_too  # noqa: PLC0415  (most files are without fault)

        alike = refuses_too(loaded, each, partial(_asked, wanted))
    if read is None:
        loaded.count_error(took, now, unread, "invalid_data", alike=alike)
        return Predictions(model, loaded.version, predictions, rule=rule)
    loaded.count(read.table, output, took, now, unread, alike=alike, explained=wanted.explain)
    return _noted(Predictions(model, loaded.version, predictions, rule=rule), read)


def _each(
    wanted: ToPredict, read_each: ReadEach, loaded: LoadedModel
) -> tuple["EachRow", NDArray[np.float64], list[Prediction]]:
    return each_shown(partial(read_each, loaded), partial(_predicted, loaded.predictor, loaded.rule, wanted))


def _noted(made: Predictions, read: ReadRows) -> Predictions:
    return replace(made, ignored=read.ignored, filled=read.filled, unknown=read.unknown, assumed=read.assumed)


def _predicted(
    predictor: "Servable", rule: LabelRule | None, wanted: ToPredict, table: Table
) -> tuple[NDArray[np.float64], list[Prediction]]:
    output = predictor.predict(table)
    predictions = shown(Prediction, predictor, output, rule)
    if wanted.coverage is not None:
        from lepton_core.covered import covered  # noqa: PLC0415  (few calls ask for it)

        predictions = covered(replace, predictor, output, predictions, wanted.coverage)
    if wanted.explain:
        from lepton_core.explained import explained  # noqa: PLC0415  (few calls explain)

        predictions = explained(replace, predictor, table, predictions)
    return output, predictions


def _checked(read: Callable[..., Any], call: Call[Predict], *loaded: Any) -> Any:
    """What ``read`` makes of the rows of a body, of which each has a column once."""
    body = call.body
    if body.rows:
        said = {"columns": body.columns is not None, "explain": body.explain, "row_errors": body.row_errors}
        around = keys_around(call.raw, said) + (body.coverage is not None)
        refuse_twice(call.raw, body.rows, around=around)
    return read(body, *loaded)


def tabulate(wanted: Predict, loaded: LoadedModel) -> ReadRows:
    """The rows as a table of the columns that the model reads; errors name the row and the column."""
    rows: Any = wanted.rows
    check_size(len(rows), loaded.predictor, explain=wanted.explain)
    return read_rows(rows, loaded.predictor.schema, wanted.columns, ignore=loaded.ignored, reads=loaded.reads)


def tabulate_cells(given: HandedCells, loaded: LoadedModel) -> ReadRows:
    """The cells of columns as `tabulate` reads rows."""
    from lepton_core.table.row_cells import read_cells  # noqa: PLC0415  (objects have no need of it)

    check_size(len(given.cells[0]), loaded.predictor, explain=given.explain)
    schema, reads = loaded.predictor.schema, loaded.reads
    return read_cells(given.cells, schema, given.columns, ignore=loaded.ignored, reads=reads)


def tabulate_each(wanted: Predict, loaded: LoadedModel, known: Mapping[int, RowError]) -> "EachRow":
    """As `tabulate`, but for those rows that cannot be read, and those that are ``known``, by place."""
    from lepton_core.table.each_row import read_each_row  # noqa: PLC0415  (only a file needs it)

    rows: Any = wanted.rows
    check_size(len(rows), loaded.predictor, explain=wanted.explain)
    schema, reads = loaded.predictor.schema, loaded.reads
    return read_each_row(rows, schema, wanted.columns, ignore=loaded.ignored, reads=reads, known=known)


def tabulate_columns(call: Call[bytes], loaded: LoadedModel) -> ReadRows:
    """The columns of a container as `tabulate` reads rows."""
    in_order, schema, reads = call.flag("in_order"), loaded.predictor.schema, loaded.reads
    if len(reads) == len(schema.names):
        from lepton_core.table.number_columns import number_columns  # noqa: PLC0415  (rows of JSON need it not)

        if (table := number_columns(call.body, schema, in_order=in_order)) is not None:
            check_size(table.rows, loaded.predictor, explain=call.flag("explain"))
            return ReadRows(table)
    given = _given(call, loaded)
    return read_given_rows(given, schema, in_order=in_order, ignore=loaded.ignored, reads=reads)


def tabulate_each_column(call: Call[bytes], loaded: LoadedModel, known: Mapping[int, RowError]) -> "EachRow":
    """The columns of a container as `tabulate_each` reads rows."""
    from lepton_core.table.each_row import read_each_given_row  # noqa: PLC0415  (only a file needs it)

    given, in_order = _given(call, loaded), call.flag("in_order")
    schema, reads = loaded.predictor.schema, loaded.reads
    return read_each_given_row(
        given, schema, in_order=in_order, ignore=loaded.ignored, reads=reads, known=known
    )


def _given(call: Call[bytes], loaded: LoadedModel) -> Table:
    given = given_from_container(call.body)
    check_size(given.rows, loaded.predictor, explain=call.flag("explain"))
    return given


def check_size(rows: int, predictor: "Servable", *, explain: bool) -> None:
    """Raise `InvalidInput` for no rows, and `TooLarge` for more than one call answers."""
    demand_rows(rows)
    if rows > MAX_REQUEST_ROWS:
        raise TooLarge(f"{rows} rows; the most in one call is {MAX_REQUEST_ROWS}", field="rows")
    most = MAX_ANSWER_NUMBERS // max(1, len(predictor.classes))
    if rows * len(predictor.classes) > 10_000:  # no names make fewer numbers too large
        from functions.answer_size import most_answered  # noqa: PLC0415  (few calls have so many rows)

        most = min(most, most_answered(predictor))
    if rows > most:
        raise TooLarge(f"{rows} rows; the most in one call of this model is {most}", field="rows")
    if explain:
        from functions.answer_size import check_explainable  # noqa: PLC0415  (few calls explain)

        check_explainable(predictor, rows)


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000.0
