"""New versions of a dataset have the columns of the one before, but for those that were left out on purpose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.conform import demand_columns
from lepton_core.errors import InvalidData
from lepton_core.table import Categories, ReadingOptions, Table

NAMES = st.sets(st.sampled_from("abcdef"))


def table(names: set[str]) -> Table:
    return Table(tuple(Categories.of(name, ["x"]) for name in sorted(names)))


@given(NAMES, NAMES, NAMES)
def test_a_column_that_is_neither_there_nor_excluded_is_refused_by_name(
    now: set[str], before: set[str], excluded: set[str]
) -> None:
    reading = ReadingOptions(exclude=tuple(sorted(excluded)))
    gone = before - now - excluded
    if not gone:
        demand_columns(table(now), sorted(before), reading)
        return
    with pytest.raises(InvalidData, match="the version before has it") as caught:
        demand_columns(table(now), sorted(before), reading)
    assert caught.value.column in gone


def test_the_remedy_can_be_pasted_and_keeps_what_was_said() -> None:
    with pytest.raises(InvalidData) as caught:
        demand_columns(table({"a"}), ["a", "n"], ReadingOptions(exclude=("id",), decimal=","))
    assert caught.value.message.endswith("Data.from_csv(path, exclude=['id', 'n'], decimal=',')")


def test_all_that_is_missing_is_offered_at_once_and_no_column_that_the_file_has() -> None:
    reading = ReadingOptions(exclude=("a", "old"))
    with pytest.raises(InvalidData) as caught:
        demand_columns(table({"x"}), ["x", "n", "m"], reading, again=["a"])
    assert "is missing (and 1 more: 'm')" in caught.value.message
    assert caught.value.message.endswith(
        "Data.from_csv(path, exclude=['old', 'n', 'm']) (this reads 'a' again, left out before)"
    )


def test_a_new_column_that_looks_like_the_missing_one_is_named_first() -> None:
    with pytest.raises(InvalidData) as caught:
        demand_columns(table({"a", "new"}), ["a", "n"], ReadingOptions(), like={"n": "new"}.get)
    assert "; 'new' is new and looks like it: rename it in the file if it is the same; to go on" in str(
        caught.value
    )
