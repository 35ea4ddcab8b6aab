"""A table as named arrays and a JSON header, the form in which it is stored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core import artifact
from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.format_check import check_format
from lepton_core.table.kinds import BY_NAME, kind_of
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

FORMAT = 3
"""Of the newest header; a reader refuses what it does not know.

Format 1 knows two kinds of column and no notation. Format 2 has arrays of each column; it is written still, for all
that a header holds. In format 3 the arrays of one dtype lie behind each other and the schema is a document: see
`pack_table`.
"""

_WIDE = 3
_IN_HEADER = 150_000
"""Of more values, names and levels together, the header takes no account."""

_OF_AN_ARRAY = 10
"""So many values of a header tell of an array and its column."""

_LETTERS = 4_000_000
"""Of longer names and levels, all together, neither."""


def pack_table(table: Table) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The arrays ``column.0`` (m,) ... of every column, see `Kind.pack`, and the header that says what they are.

    A kind that packs several arrays has them under ``column.0.offsets`` and the like. Where that is too much for a
    header, ``cells.float64`` and the like hold the arrays of each dtype behind each other, ``lengths`` (a,) how long
    each of all the arrays is, and ``types`` (a,) the place of its dtype among the names of these, sorted; the schema is
    a document, see `pack_document`.

    Raises ``ValueError`` for a column with unseen texts (code ``len(levels)``): their text is lost already. Raises
    `TooLarge` for more names and levels than a document takes.

    >>> from lepton_core.table import Categories
    >>> arrays, meta = pack_table(Table((Categories.of("sex", ["f", None]),)))
    >>> arrays["column.0"], meta["rows"]
    (array([ 0, -1], dtype=int32), 2)
    """
    arrays = {
        array_name(i, part): array
        for i, column in enumerate(table.columns)
        for part, array in kind_of(column).pack(column).items()
    }
    if not _is_wide(table, len(arrays)):
        return arrays, {"format": _WIDE - 1, "rows": table.rows, "schema": table.schema.as_dict()}
    behind = {**_behind_each_other(list(arrays.values())), **artifact.pack_document(table.schema.as_dict())}
    return behind, {"format": _WIDE, "rows": table.rows}


def unpack_table(arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> Table:
    """The table that `pack_table` packed, arrays of shape (m,), without a copy.

    Raises `NewerFormat` for a table of a newer Lepton, and `InvalidArtifact` for all else: an unknown format, names
    or levels that are empty, repeated or not sorted, arrays too many or too few or of another dtype or length, codes
    beyond the levels, infinities.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("age", np.array([31.0])),))
    >>> unpack_table(*pack_table(table)) == table
    True
    """
    if not isinstance(meta, Mapping) or "format" not in meta:
        raise InvalidArtifact("this is not the header of a table")
    check_format(meta["format"], FORMAT, "table")
    wide = meta["format"] == _WIDE
    if set(meta) != ({"format", "rows"} if wide else {"format", "rows", "schema"}):
        raise InvalidArtifact("this is not the header of a table")
    try:
        schema = Schema.from_dict(artifact.unpack_document(arrays) if wide else meta["schema"])
    except InvalidInput as error:
        raise InvalidArtifact(f"the table's header is damaged: {error.field}: {error.message}") from None
    wanted = [
        {part: array_name(i, part) for part in BY_NAME[column.kind].arrays}
        for i, column in enumerate(schema.columns)
    ]
    names = [name for its in wanted for name in its.values()]
    if wide:
        arrays = dict(zip(names, _cut(arrays, len(names)), strict=True))
    elif set(arrays) != set(names):
        raise InvalidArtifact("the table's arrays are not those that its header names")
    rows = meta["rows"]
    if type(rows) is not int or rows < 0 or (rows > 0 and not schema.columns):
        raise InvalidArtifact(f"a table cannot have {rows!r} rows")
    return Table(
        tuple(
            BY_NAME[column.kind].unpack({part: arrays[name] for part, name in names.items()}, column, rows)
            for column, names in zip(schema.columns, wanted, strict=True)
        )
    )


def _is_wide(table: Table, arrays: int) -> bool:
    levels = sum(len(column.levels) for column in table.columns)
    letters = sum(
        len(column.name) + sum(map(len, column.levels)) + sum(map(len, column.missing_words or ()))
        for column in table.columns
    )
    return _OF_AN_ARRAY * arrays + levels > _IN_HEADER or letters > _LETTERS


def _behind_each_other(arrays: Sequence[npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    by_type: dict[str, list[npt.NDArray[Any]]] = {}
    for array in arrays:
        by_type.setdefault(array.dtype.name, []).append(array)
    place = {name: i for i, name in enumerate(sorted(by_type))}
    return {
        "lengths": np.array([len(array) for array in arrays], dtype=np.int64),
        "types": np.array([place[array.dtype.name] for array in arrays], dtype=np.uint8),
        **{f"cells.{name}": np.concatenate(its) for name, its in by_type.items()},
    }


def _cut(arrays: Mapping[str, npt.NDArray[Any]], count: int) -> Iterator[npt.NDArray[Any]]:
    """The ``count`` arrays that `_behind_each_other` joined, as views."""
    cells = {name: array for name, array in sorted(arrays.items()) if name.startswith("cells.")}
    others = {
        name: array for name, array in arrays.items() if name not in cells and not artifact.is_document(name)
    }
    expected = {"lengths": np.dtype(np.int64), "types": np.dtype(np.uint8)}
    if {name: array.dtype for name, array in others.items()} != expected:
        raise InvalidArtifact("the table's arrays are not those that its header names")
    lengths, types = others["lengths"], others["types"]
    if lengths.shape != (count,) or types.shape != (count,) or types.max(initial=0) >= max(1, len(cells)):
        raise InvalidArtifact("the table's arrays are not those that its header names")
    # Each by itself first: the sum of lengths without a bound may be any number.
    longest = max((array.size for array in cells.values()), default=0)
    fit = not count or (lengths.min() >= 0 and lengths.max() <= longest)
    totals = [(int(lengths[types == place].sum()),) for place in range(len(cells))]
    if not fit or [array.shape for array in cells.values()] != totals:
        raise InvalidArtifact("the table's arrays are not as long as its header says")
    joined, ends = list(cells.values()), [0] * len(cells)
    for place, length in zip(types.tolist(), lengths.tolist(), strict=True):
        ends[place] += length
        yield joined[place][ends[place] - length : ends[place]]


def array_name(place: int, part: str = "") -> str:
    """What an array of the column at a ``place`` is called in a container: the only one, or that for a ``part``."""
    return f"column.{place}.{part}" if part else f"column.{place}"
