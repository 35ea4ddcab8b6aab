"""A table as named arrays and a JSON header, the form in which it is stored."""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.format_check import check_format
from lepton_core.table.kinds import BY_NAME, kind_of
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

FORMAT = 2
"""Of the header; a reader refuses what it does not know. Format 1 knows two kinds of column and no notation."""


def pack_table(table: Table) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The arrays ``column.0`` (m,) ... of every column, see `Kind.pack`, and the header that says what they are.

    A kind that packs several arrays has them under ``column.0.offsets`` and the like.

    Raises ``ValueError`` for a column with unseen texts (code ``len(levels)``): their text is lost already.

    >>> from lepton_core.table import Categories
    >>> arrays, meta = pack_table(Table((Categories.of("sex", ["f", None]),)))
    >>> arrays["column.0"], meta["rows"]
    (array([ 0, -1], dtype=int32), 2)
    """
    arrays = {
        _array_name(i, part): array
        for i, column in enumerate(table.columns)
        for part, array in kind_of(column).pack(column).items()
    }
    return arrays, {"format": FORMAT, "rows": table.rows, "schema": table.schema.as_dict()}


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
    if set(meta) != {"format", "rows", "schema"}:
        raise InvalidArtifact("this is not the header of a table")
    try:
        schema = Schema.from_dict(meta["schema"])
    except InvalidInput as error:
        raise InvalidArtifact(f"the table's header is damaged: {error.field}: {error.message}") from None
    wanted = [
        {part: _array_name(i, part) for part in BY_NAME[column.kind].arrays}
        for i, column in enumerate(schema.columns)
    ]
    if set(arrays) != {name for names in wanted for name in names.values()}:
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


def _array_name(place: int, part: str) -> str:
    return f"column.{place}.{part}" if part else f"column.{place}"
