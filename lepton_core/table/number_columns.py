"""Many rows of nothing but numbers that come as a container of typed columns: all their cells at once."""

from functools import lru_cache

import numpy as np

from lepton_core.artifact.container import HEADER_AT, header_text, layout_of
from lepton_core.errors import InvalidArtifact
from lepton_core.table.columns import FloatArray, Numbers
from lepton_core.table.given_container import is_given
from lepton_core.table.number_rows import gapless_numbers, takes_numbers
from lepton_core.table.packing import array_name, unpack_table
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

_LONGEST, _MOST_KNOWN = 1 << 16, 32
"""Of headers up to so many bytes the newest ones stay known: calls of one client have the same."""


def number_columns(data: bytes, schema: Schema, *, in_order: bool) -> Table | None:
    """The table of a container that holds the columns of ``schema``, and nothing but finite numbers.

    None of any other: it is to be read with care, see `lepton_core.table.given_rows`, which makes the same of this one.
    """
    if not takes_numbers(schema):
        return None
    try:
        text = header_text(data)
        start = HEADER_AT + len(text)
        found = _places(text, len(data) - start, schema.names, in_order) if len(text) <= _LONGEST else None
    except InvalidArtifact:
        return None
    if found is None:
        return None
    rows, places = found
    cells: FloatArray = np.frombuffer(data, "<f8", offset=start).reshape(len(places), rows)
    if not np.isfinite(cells).all():
        return None
    return gapless_numbers([cells[at] for at in places], schema)


@lru_cache(maxsize=_MOST_KNOWN)
def _places(
    text: bytes, size: int, names: tuple[str, ...], in_order: bool
) -> tuple[int, tuple[int, ...]] | None:
    """How many rows a header tells of, and the place of each column's array; None if other ones are there, too.

    ``size`` is that of all arrays in bytes. Raises `InvalidArtifact`.
    """
    layout = layout_of(text)
    if layout.size != size:
        return None
    # The reader of tables looks at the header alone here: behind it there is one cell for all.
    cells = {one.name: np.broadcast_to(np.zeros((), one.dtype), one.shape) for one in layout.entries}
    table = unpack_table(cells, layout.meta)
    plain = all(one.kind == Numbers.kind and is_given(one) for one in table.columns)
    wanted = table.names if in_order else names
    if not plain or not table.rows or len(table.names) != len(names) or set(table.names) != set(wanted):
        return None
    at = {one.name: place for place, one in enumerate(layout.entries)}
    arrays = {name: at.get(array_name(place)) for place, name in enumerate(table.names)}
    places = tuple(arrays[name] for name in wanted)
    return None if None in places else (table.rows, tuple(place for place in places if place is not None))
