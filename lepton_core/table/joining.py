"""Rows of a file joined to those of the version before: which of them are there already, and columns that differ."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.remedy import argument
from lepton_core.table.cells import shown
from lepton_core.table.columns import Column, IndexArray
from lepton_core.table.csv_columns import Wanted, columns_from
from lepton_core.table.kinds import BY_NAME, kind_of
from lepton_core.table.parse import MOST_MISFIT_SHARE
from lepton_core.table.reading_given import text_chunks
from lepton_core.table.row_keys import row_keys
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.source import concatenate
from lepton_core.table.spelling.decision import bare
from lepton_core.table.splitting import Rows
from lepton_core.table.table import Table


@dataclass(frozen=True)
class Joined:
    """The ``rows`` of both, of which the last ``added`` (k) are new, and ``repeated`` of the file were there already.

    ``as_before``: the columns are those of the version before, so its rows stand as they were. ``plain``: the keys of
    all rows follow from their cells; rows keep theirs when columns come or go. ``absent`` are the columns that the file
    lacks. ``places`` (k,) are those of the new rows among the rows of the file.
    """

    rows: Rows
    added: int
    repeated: int
    as_before: bool
    plain: bool
    places: IndexArray
    absent: tuple[str, ...] = ()

    @property
    def news(self) -> Table:
        """The rows that are new."""
        table = self.rows.table
        return table.take(np.arange(table.rows - self.added, table.rows))


def join_rows(before: Rows, new: Table, *, plain: bool = True, exclude: Collection[str] = ()) -> Joined:
    """The rows ``before`` and, below them, those of ``new`` that are not among them.

    A row is known by what it holds and by how manyth copy of that it is in its own table, see `row_keys`. So a row that
    stands n times before and m times in ``new`` is there max(n, m) times, and joining a table twice adds nothing.
    ``plain`` says whether the keys ``before`` follow from the cells. Columns in ``exclude`` are left out. A column that
    one side lacks is missing there; one of two kinds is of the kind that it has in ``new``. Earlier rows keep their
    keys.

    Raises `InvalidData` for a column of which too many earlier cells are not of that kind, and for an absent label.

    >>> from lepton_core.table import Numbers
    >>> def rows(*values):
    ...     return Table((Numbers("a", np.array(values)), Numbers("y", np.zeros(len(values)))))
    >>> joined = join_rows(Rows.of(rows(1.0, 2.0, 2.0), "y"), rows(2.0, 3.0, 3.0))
    >>> joined.rows.table["a"].values.tolist(), joined.added, joined.repeated
    ([1.0, 2.0, 2.0, 3.0, 3.0], 2, 1)
    """
    if before.label not in new:
        raise InvalidData("the label is missing; a file that is appended has it", column=before.label)
    table = before.table
    names = [*(name for name in table.names if name not in exclude)]
    names += [name for name in new.names if name not in names]
    late = Table(tuple(new[name] if name in new else _missing(table[name], new.rows) for name in names))
    early = Table(tuple(alike(table, late[name]) for name in names))
    as_before = _kinds(early) == _kinds(table)
    known = before.keys if plain and as_before else row_keys(early, form=before.form)
    keys = row_keys(late, form=before.form)
    fresh = np.flatnonzero(~np.isin(keys, known))
    whole = concatenate([early, late.take(fresh)]) if len(fresh) else early
    return Joined(
        Rows(whole, np.concatenate([before.keys, keys[fresh]]), before.label, before.form),
        added=len(fresh),
        repeated=new.rows - len(fresh),
        as_before=as_before,
        plain=plain and as_before,
        places=fresh,
        absent=tuple(name for name in table.names if name not in new and name not in exclude),
    )


def _kinds(table: Table) -> tuple[ColumnSchema, ...]:
    return tuple(replace(one, levels=(), notation=bare(one.notation)) for one in table.schema.columns)


def alike(table: Table, like: Column) -> Column:
    """The column of ``table`` that is called as ``like``, of the same kind and spelled alike.

    Missing in each row if it is not there or has no cell. Raises `InvalidData` as `join_rows` does.
    """
    if like.name not in table or table[like.name].missing.all():
        return _missing(like, table.rows)
    column = table[like.name]
    if like.kind in (column.kind, kind_of(column).wider):
        return replace(column, kind=like.kind, notation=like.notation, missing_words=like.missing_words)  # type: ignore[type-var]
    wanted = {like.name: Wanted(like.kind, like.notation, like.missing_words)}
    [read] = columns_from([like.name], lambda: text_chunks([column]), wanted)
    there = len(column) - int(column.missing.sum())
    if read.column.kind != like.kind or len(read.misfits) > MOST_MISFIT_SHARE * there:
        text = shown(next(iter(read.misfits.values()), ""))
        way = argument(kinds={like.name: column.kind})
        raise InvalidData(
            f"is of the kind {like.kind} in the file, and {len(read.misfits)} of {there} cells of the version before "
            f"are no {like.kind}, the first is {text}; read the column as it was with {way}",
            column=like.name,
            remedies=(way,),
        )
    return read.column


def _missing(like: Column, rows: int) -> Column:
    """A column of so many missing cells."""
    known = ColumnSchema(like.name, like.kind, (), like.notation, like.missing_words)
    reader = BY_NAME[like.kind].reader(known)
    reader.take([""] * rows)
    return reader.column()
