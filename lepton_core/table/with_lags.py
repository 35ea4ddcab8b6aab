"""The columns of data with what was known before: which stay, and how they are given again."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from lepton_core.errors import InvalidInput
from lepton_core.table.columns import Column
from lepton_core.table.given import given_column
from lepton_core.table.given_container import is_given
from lepton_core.table.kinds import kind_of
from lepton_core.table.lagged import Lags, lagged
from lepton_core.table.table import Table


def with_lags(
    table: Table, wanted: Lags, label: str, known: Sequence[str], said: Collection[str]
) -> tuple[Table, dict[str, str]]:
    """``table`` with the ``wanted`` lags, as a program gives columns, and the kinds of those that are given as texts.

    Of a column that is lagged the present value is left out, unless it is the ``label`` or ``known`` ahead. The kinds
    of columns that somebody ``said`` are among those. Raises `InvalidInput` for a name in ``known`` that is not there,
    and what `lagged` raises.
    """
    for name in known:
        if name not in table:
            like = next(iter(get_close_matches(name, table.names, 1)), None)
            meant = "" if like is None else f"; did you mean {like!r}?"
            raise InvalidInput(f"names no column: {name!r}{meant}", field="known")
    left_out = set(wanted.of) - {label, *known}
    shown = [one for one in lagged(table, wanted).columns if one.name not in left_out]
    kinds = {one.name: one.kind for one in shown if one.name in said or not is_given(one)}
    return Table(tuple(map(as_given, shown))), kinds


def as_given(column: Column) -> Column:
    """A column that was read, as a program gives it: as it is, or its texts, where programs give no such column.

    >>> from lepton_core.table import Categories
    >>> as_given(Categories.of("sex", ["f", "m"])).kind
    'text'
    """
    return (
        column
        if is_given(column)
        else given_column(column.name, kind_of(column).one_by_one(column).as_list())
    )
