"""A loaded version that is asked as a platform is, with the requests that the SDK makes of rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace

from lepton_ai.answers import Answer
from lepton_ai.cell_rows import CellColumns
from lepton_ai.predictions import Prediction
from lepton_ai.row_error import RowError
from lepton_ai.row_notes import Assumed, Filled, Ignored, Unknown
from lepton_ai.transport import encode
from lepton_core.errors import RowError as CoreRowError
from lepton_core.errors import TooLarge
from lepton_core.export import ExportHead
from lepton_core.shown import Predicted, demand_rows, each_shown, in_order, shown
from lepton_core.table import ReadRows, Table, read_rows

if TYPE_CHECKING:
    from lepton_core.servable import Servable
    from lepton_core.table.each_row import EachRow

Cell = float | int | str | bool | None


class _Asked(msgspec.Struct, frozen=True):
    """A body of JSON, as a platform takes it."""

    rows: list[dict[str, Cell] | list[Cell] | None]
    columns: list[str] | None = None
    explain: bool = False
    row_errors: bool = False
    coverage: float | None = None


class _Rows(msgspec.Struct, frozen=True):
    """Rows for a version to read, all of them or each by itself, and how the predictions are wanted."""

    read: Callable[[], ReadRows]
    read_each: "Callable[[Mapping[int, CoreRowError]], EachRow] | None" = None
    explain: bool = False
    coverage: float | None = None


_decoder = msgspec.json.Decoder(_Asked)


T = TypeVar("T")


def _same(kind: Callable[..., T], given: Iterable[Any]) -> tuple[T, ...]:
    """What the core tells of rows, as the SDK shows it."""
    return tuple(kind(**asdict(one)) for one in given)


def _unread(error: CoreRowError) -> Prediction:
    return Prediction(error=RowError(**asdict(error)))


class Inside:
    """The ``version`` that answers; see `lepton_ai.answers.Asks`."""

    def __init__(self, version: "Servable", head: ExportHead) -> None:
        self.version = version
        self._head = head
        self._columns: dict[str, Any] = {
            "ignore": frozenset(filter(None, [version.label, version.weight])),
            "reads": version.reads,
        }

    def call(self, method: str, path: str, **sent: Any) -> Answer:
        """The answer to the body of a call of predict, as the platform would give it. Raises what it would raise."""
        body = sent["body"]
        if isinstance(body, CellColumns):
            return self._answer(self._of_cells(body))
        if isinstance(body, bytes):
            return self._answer(self._of_container(body, sent.get("query") or {}))
        return self._answer(self._of_json(encode(body)))

    def _answer(self, rows: _Rows) -> Answer:
        rule = self._head.rule
        predict = partial(self._predicted, rows)
        if rows.read_each is None:
            read: ReadRows | None = rows.read()
            assert read is not None  # noqa: S101  (for the type checker)
            _, predictions = predict(read.table)
        else:
            each, _, some = each_shown(rows.read_each, predict)
            read, predictions = each.read, in_order(each, some, _unread)
        if read is None:
            return Answer(self._head.version, predictions, rule=rule)
        return Answer(
            self._head.version,
            predictions,
            _same(Ignored, read.ignored),
            _same(Filled, read.filled),
            _same(Unknown, read.unknown),
            _same(Assumed, read.assumed),
            rule,
        )

    def _predicted(self, rows: _Rows, table: Table) -> Predicted[Prediction]:
        if rows.explain:
            from lepton_core.explained import explained, most_explained  # noqa: PLC0415  (few calls explain)

            most = most_explained(self.version)
            if most is not None and table.rows > most:
                raise TooLarge(f"{table.rows} rows; {most} are explained at once", field="rows")
        output = self.version.predict(table)
        predictions = shown(Prediction, self.version, output, self._head.rule)
        if rows.coverage is not None:
            from lepton_core.covered import covered  # noqa: PLC0415  (few calls ask for it)

            predictions = covered(replace, self.version, output, predictions, rows.coverage)
            predictions = [
                one if one.interval is None else replace(one, interval=tuple(one.interval))
                for one in predictions
            ]
        if rows.explain:
            predictions = explained(replace, self.version, table, predictions)
        return output, predictions

    def _of_cells(self, body: CellColumns) -> _Rows:
        from lepton_core.table.row_cells import read_cells  # noqa: PLC0415  (objects have no need of it)

        read = partial(read_cells, body.cells, self.version.schema, body.columns, **self._columns)
        return _Rows(read, explain=body.explain, coverage=body.coverage)

    def _of_container(self, body: bytes, query: Mapping[str, str]) -> _Rows:
        from lepton_core.table.each_row import read_each_given_row  # noqa: PLC0415  (few rows need it)
        from lepton_core.table.given_container import given_from_container  # noqa: PLC0415
        from lepton_core.table.given_rows import read_given_rows  # noqa: PLC0415

        given, schema = given_from_container(body), self.version.schema
        demand_rows(given.rows)
        how = {"in_order": "in_order" in query, **self._columns}
        read = partial(read_given_rows, given, schema, **how)

        def read_each(known: Mapping[int, CoreRowError]) -> "EachRow":
            return read_each_given_row(given, schema, **how, known=known)

        coverage = float(query["coverage"]) if "coverage" in query else None
        each = read_each if "row_errors" in query else None
        return _Rows(read, each, "explain" in query, coverage)

    def _of_json(self, raw: bytes) -> _Rows:
        try:
            body = _decoder.decode(raw)
        except msgspec.ValidationError:  # objects or lists in cells
            body = self._meant(msgspec.json.decode(raw))

        demand_rows(len(body.rows))

        def read_each(known: Mapping[int, CoreRowError]) -> "EachRow":
            from lepton_core.table.each_row import read_each_row  # noqa: PLC0415  (only a file needs it)

            rows: Any = body.rows
            return read_each_row(rows, self.version.schema, body.columns, **self._columns, known=known)

        read = partial(self._read, body.columns, body.rows)
        return _Rows(read, read_each if body.row_errors else None, body.explain, body.coverage)

    def _read(self, columns: list[str] | None, rows: Any) -> ReadRows:
        return read_rows(rows, self.version.schema, columns, **self._columns)

    def _meant(self, body: dict[str, Any]) -> _Asked:
        """What is meant by rows with objects or lists in their cells. Raises `InvalidData` naming row and column."""
        from lepton_core.table.meant_rows import meant_or_refused  # noqa: PLC0415  (few rows need it)

        rows, columns, each = body["rows"], body.get("columns"), body.get("row_errors", False)
        schema, read = self.version.schema, partial(self._read, columns)
        meant = meant_or_refused(rows, columns, schema, self.version.reads, read, each=each)
        return _Asked(**{**body, "rows": rows if meant is None else meant})
