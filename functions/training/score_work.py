"""What a run that scores a file does: it cuts the file into parts, predicts each part, and joins them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial, reduce
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from functions.context import Context
from functions.records.files import File, read_value, write_file
from functions.records.kinds import DUE_KEPT, WINDOWS, DueKept, Model, SketchDocument, Window, number
from functions.runs import kept
from functions.runs.job import ScoreJob
from functions.runs.kind import Ending
from functions.runs.record import Run, ScoreOutcome, file_key
from functions.runs.score_task import CutRows, CutTask, FirstRow, JoinedRows, JoinTask, PartTask, ScoredPart
from functions.runs.scored import demand_size
from functions.runs.task import Result, Task, key_of
from functions.serving.artifacts import read_predictor
from functions.serving.windows import HOUR
from functions.settings import Settings
from functions.storage import BlobMissing, Workspace, Write
from lepton_core.artifact import digest
from lepton_core.drift import Counter, Sketch, merge, no_calls
from lepton_core.errors import Conflict, InvalidData, NotFound, RowError, TooLarge
from lepton_core.shown import each_shown, in_order, shown
from lepton_core.table.file_rows import rows_as_written
from lepton_core.table.files.unpacking import unpacked
from lepton_core.table.formats import is_packed
from lepton_core.table.formats.excel_written import with_cells
from lepton_core.table.row_form import TYPED
from lepton_core.table.said_cells import as_said
from lepton_core.table.scored_file import (
    added_columns,
    form_of,
    scored_name,
    whole,
    with_columns,
    with_keys,
    written,
)

if TYPE_CHECKING:
    from lepton_core.servable import Servable

PART_ROWS = 5_000
"""Rows that one task predicts, unless the file has so many that there would be more than `MOST_PARTS`."""

MOST_PARTS = 400
"""The names of all parts go to the task that joins them, in one message."""

BYTES_A_CELL = 150
"""So many bytes of memory are taken for a cell of a narrow table, its share of its row among them."""

KEPT_FOR = timedelta(days=7)
"""How long a scored file is kept."""

_NAMES = 20
"""Columns that were ignored, or filled, which an outcome names."""

_FIRST_ROWS, _FIRST_COLUMNS, _FIRST_ERRORS, _FIRST_LETTERS = 10, 8, 5, 100
"""What an outcome shows of a file: so many rows of so many columns, refusals, and letters of a text."""


class PartOfFile(msgspec.Struct, frozen=True):
    """Rows of a file as they are written, their ``lines``, and ``said``: as they are read, if something was said.

    ``unread`` says of rows that are null why, by their place in the part; ``first`` is that of the part in the file.
    """

    columns: list[str]
    first: int
    rows: list[list[Any] | None]
    lines: list[int]
    unread: dict[int, tuple[str, str | None]]
    said: list[list[Any] | None] | None = None


class ScoredRows(msgspec.Struct, frozen=True):
    """Rows of a part as they are written, and behind them what the model says of each; None where it says nothing.

    ``errors`` say why, by place. ``classes`` None: they are values. ``sketch`` is what was counted of the rows.
    """

    columns: list[str]
    lines: list[int]
    rows: list[list[Any] | None]
    answers: list[list[Any] | None]
    errors: dict[int, str]
    classes: list[str] | None
    sketch: SketchDocument


class _Told(msgspec.Struct, frozen=True, gc=False):
    """Of one row, in the order in which `lepton_core.shown` makes it."""

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    error: RowError | None = None


_PART = msgspec.json.Decoder(PartOfFile)
_SCORED = msgspec.json.Decoder(ScoredRows)


def work(context: Context, store: Workspace, run: Run, job: ScoreJob, task: Task) -> Result:
    """Cut the file, predict one part, or join them."""
    match task:
        case CutTask():
            return _cut(context, store, run, job)
        case PartTask(at, file):
            name = (store.name, run.model, job.version, job.artifact.digest)
            predictor = context.recent.get(
                name, lambda: read_predictor(store, run.model, job.version, job.artifact)
            )
            part = read_value(store, file, _PART, f"part {at} of {job.name!r}")
            scored, errors, ignored, filled = predicted(part, predictor, job)
            key = file_key(context, store, run, key_of(task))
            made = write_file(store, key, msgspec.json.encode(scored))
            return ScoredPart(made, len(scored.rows), errors, ignored, filled)
        case JoinTask():
            return _join(context, store, run, job, task)
        case _:
            raise ValueError(f"scoring has no task {task}")


def _file(store: Workspace, job: ScoreJob) -> bytes:
    try:
        data = store.blobs.get(job.key)
    except BlobMissing:
        raise NotFound(f"the file {job.name!r} is gone; send it again") from None
    if job.digest and digest(data) != job.digest:
        raise Conflict(f"the file {job.name!r} was replaced while it was scored; send it again")
    return data


def _cut(context: Context, store: Workspace, run: Run, job: ScoreJob) -> CutRows:
    data = _file(store, job)
    most = demand_size(len(data), context.settings)
    cells = context.settings.memory_bytes // BYTES_A_CELL or None
    plain = unpacked(data, most) if is_packed(data) else data
    found = rows_as_written(plain, job.reading, most_cells=cells)
    if not found.rows:
        raise InvalidData("the file has names of columns and no rows; send at least one row")
    _demand_texts(found.rows, most)
    said = as_said(found.rows, found.columns, job.reading)
    lines = list(found.lines())
    unread = {one.place: (one.reason, one.column) for one in found.unread}
    rows = max(PART_ROWS, -(-len(found.rows) // MOST_PARTS))
    parts = []
    for first in range(0, len(found.rows), rows):
        end = first + rows
        part = PartOfFile(
            list(found.columns),
            first,
            found.rows[first:end],
            lines[first:end],
            {place - first: why for place, why in unread.items() if first <= place < end},
            None if said is found.rows else said[first:end],
        )
        key = file_key(context, store, run, f"rows-{first}")
        parts.append(write_file(store, key, msgspec.json.encode(part)))
    form = form_of(data, plain, found.delimiter, found.sheet)
    return CutRows(parts, len(found.rows), form)


def _demand_texts(rows: Sequence[list[Any] | None], most: int) -> None:
    """Raise `TooLarge` for rows with more letters than ``most``: a typed file may hold one text once for many cells."""
    letters = sum(len(cell) for row in rows if row for cell in row if isinstance(cell, str))
    if letters > most:
        raise TooLarge(f"the cells of the file have {letters} letters; the most is {most}; send parts of it")


def predicted(
    part: PartOfFile, predictor: "Servable", job: ScoreJob
) -> tuple[ScoredRows, int, tuple[str, ...], tuple[str, ...]]:
    """What the version says of the rows of a part, how many it refuses, and the columns it ignored and filled.

    Raises `InvalidData` for what is wrong with all rows, as where no column is one of the model's.
    """
    from lepton_core.table.each_row import EachRow, read_each_row  # noqa: PLC0415  (as predictions of files do)

    ignore = frozenset(filter(None, [predictor.label, predictor.weight]))
    rows: Any = part.rows if part.said is None else part.said
    read = partial(read_each_row, rows, predictor.schema, part.columns, ignore=ignore, reads=predictor.reads)
    output = np.zeros(0)

    def predict(table: Any) -> tuple[Any, list[_Told]]:
        output = predictor.predict(table)
        return output, shown(_Told, predictor, output, job.rule)

    each: EachRow
    each, output, told = each_shown(lambda known: read(known=known), predict)
    counter = Counter(predictor.reference)
    if each.read is not None:
        counter.observe(each.read.table, output, 0.0, len(each.errors))
    else:
        counter.error(0.0, len(each.errors), "invalid_data")
    classes = None if predictor.task == "regression" else list(predictor.classes)
    answers = [_answer(one, classes) for one in in_order(each, told, _Told)]
    errors = {one.row - 1: _said(one, part) for one in each.errors}
    sketch = _no_calls(counter.snapshot()).as_dict()
    scored = ScoredRows(part.columns, part.lines, part.rows, answers, errors, classes, sketch)
    if each.read is None:
        return scored, len(errors), (), ()
    ignored, filled = (
        _distinct(one.column for one in some) for some in (each.read.ignored, each.read.filled)
    )
    return scored, len(errors), ignored, filled


def _answer(one: _Told, classes: Sequence[str] | None) -> list[Any] | None:
    if one.error is not None:
        return None
    if classes is None:
        return [one.value]
    shares = one.probabilities or {}
    return [one.label, *(shares[name] for name in classes)]


def _said(error: RowError, part: PartOfFile) -> str:
    """Why a row has no prediction, with the line in which it begins, or its number in the file."""
    place = error.row - 1
    reason, column = part.unread.get(place, (error.reason, error.column))
    where = f"line {part.lines[place]}" if part.lines else f"row {part.first + error.row}"
    return f"{where}{'' if column is None else f', column {column!r}'}: {reason}"


def _no_calls(sketch: Sketch) -> Sketch:
    """Without the call: nobody waited for the rows of a file, so they are no request, and none that was refused."""
    nothing = no_calls()
    return replace(
        nothing, **{name: getattr(sketch, name) for name in ("rows", "errors", "counts", "prediction")}
    )


def _join(context: Context, store: Workspace, run: Run, job: ScoreJob, task: JoinTask) -> JoinedRows:
    files = [(at, file) for at, file in enumerate(task.parts)]

    def read(at: int, file: File) -> ScoredRows:
        return read_value(store, file, _SCORED, f"part {at} of {job.name!r}, scored")

    first = read(*files[0])
    # An object in a cell of JSON, or of a typed file, is columns of their own, and has a name, too.
    above = [] if task.form.rows == "csv" else [name.partition(".")[0] for name in first.columns]
    added = added_columns([*first.columns, *above], first.classes, errors=task.refused)
    sketches: list[Sketch] = []
    errors: list[str] = []

    def parts() -> Iterator[ScoredRows]:
        for at, file in files:
            one = first if at == 0 else read(at, file)
            sketches.append(Sketch.from_dict(one.sketch))
            errors.extend(map(_beginning, islice(one.errors.values(), _FIRST_ERRORS - len(errors))))
            yield one

    key = file_key(context, store, run, "scored")
    draft = store.blobs.draft()
    try:
        for piece in _pieces(context.settings, store, job, task, first.columns, parts(), added):
            draft.write(piece)
        draft.put(key)
        made = File(key, draft.digest)
    finally:
        draft.drop()
    columns = list(map(_beginning, first.columns[:_FIRST_COLUMNS]))
    return JoinedRows(made, reduce(merge, sketches).as_dict(), columns, _first_rows(first), errors)


def _first_rows(part: ScoredRows) -> list[FirstRow]:
    rows = list[FirstRow]()
    for at, (row, answer) in enumerate(zip(part.rows[:_FIRST_ROWS], part.answers, strict=False)):
        cells = [_beginning(whole(cell)) for cell in (row or [])[:_FIRST_COLUMNS]]
        if answer is None:
            rows.append(FirstRow(cells, error=_beginning(part.errors.get(at))))
        elif part.classes is None:
            rows.append(FirstRow(cells, value=answer[0]))
        else:
            label, *shares = answer
            rows.append(FirstRow(cells, label, shares[part.classes.index(label)]))
    return rows


def _beginning(cell: Any) -> Any:
    """A cell to be shown: of a long text its beginning, of a list nothing."""
    if isinstance(cell, str) and len(cell) > _FIRST_LETTERS:
        return f"{cell[:_FIRST_LETTERS]}…"
    return None if isinstance(cell, list) else cell


def _pieces(
    settings: Settings,
    store: Workspace,
    job: ScoreJob,
    task: JoinTask,
    columns: list[str],
    parts: Iterator[ScoredRows],
    added: list[str],
) -> Iterator[bytes]:
    width = len(columns)
    if task.form.rows != "csv":
        cells = (cells for part in parts for cells in _behind(part, len(added), refused=task.refused))
        data = _file(store, job)
        plain = unpacked(data, demand_size(len(data), settings)) if is_packed(data) else data
        if task.form.rows in TYPED:
            errors = added[-1:] if task.refused else []
            labels = added[:1] if len(added) > len(errors) + 1 else []
            yield with_columns(task.form, plain, added, list(zip(*cells, strict=True)), labels + errors)
        elif task.form.rows == "excel":
            numbered = (
                one
                for part in parts
                for one in zip(part.lines, _behind(part, len(added), refused=task.refused), strict=True)
            )
            yield with_cells(plain, task.form.sheet, chain([(task.form.header, added)], numbered))
        else:
            yield from with_keys(task.form, plain, job.reading.encoding, added, cells)
        return
    rows = (
        [*(map(whole, row) if row else [None] * width), *cells]
        for part in parts
        for row, cells in zip(part.rows, _behind(part, len(added), refused=task.refused), strict=True)
    )
    yield from written(task.form, [*columns, *added], rows)


def _behind(part: ScoredRows, width: int, *, refused: bool) -> Iterator[list[Any]]:
    """The cells that each row gets behind its own."""
    for at, answer in enumerate(part.answers):
        own = answer if answer is not None else [None] * (width - refused)
        yield [*own, part.errors.get(at)] if refused else own


def finish(
    context: Context,
    store: Workspace,
    run: Run,
    job: ScoreJob,
    cut: CutRows,
    joined: JoinedRows,
    parts: Sequence[ScoredPart],
    model: Model,
) -> Ending:
    """The scored file is kept for a time, and its rows count as traffic of the version that serves, in this hour."""
    if model.state == "retired":
        raise Conflict(f"model {run.model!r} was retired meanwhile")
    until = context.clock() + KEPT_FOR
    outcome = ScoreOutcome(
        joined.file,
        scored_name(job.name, cut.form),
        cut.rows,
        sum(one.refused for one in parts),
        job.artifact.digest,
        until,
        cut.form.as_it_came,
        _distinct(name for one in parts for name in one.ignored),
        _distinct(name for one in parts for name in one.filled),
        joined.columns,
        joined.first,
        joined.errors,
    )
    due = DueKept(store.name, run.id, run.model, until, scored=True)
    writes: list[Write] = [context.system.put(DUE_KEPT, kept.key_of(store.name, run.id), value=due, expect=0)]
    if job.watched:
        hour = run.created.strftime(HOUR)
        window = Window(run.model, job.version, hour, run.id, joined.sketch)
        key = f"{hour}:{number(job.version)}:{run.id}"
        writes.append(store.put(WINDOWS, run.model, key, value=window, expect=0))
    return Ending(model, writes, job.version, outcome)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_beginning, islice(dict.fromkeys(names), _NAMES)))
