"""New versions of a dataset: with the columns of the earlier ones, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.conform import demand_columns
from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Table

NAMES = st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True)


@given(NAMES, NAMES)
def test_the_first_column_that_is_gone_is_named_and_more_are_welcome(
    there: list[str], required: list[str]
) -> None:
    table = Table(tuple(Categories.of(name, ["x"]) for name in there))
    gone = [name for name in required if name not in there]
    if not gone:
        demand_columns(table, required)
        return
    with pytest.raises(InvalidData, match=f"column '{gone[0]}': is missing; every earlier version") as caught:
        demand_columns(table, required)
    assert (caught.value.row, caught.value.column) == (None, gone[0])
