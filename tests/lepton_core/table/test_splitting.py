"""Splits that do not lie: copies dealt out, groups together, the last rows last, or as a column says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import (
    CONTENT,
    Categories,
    Column,
    Numbers,
    Rows,
    Split,
    Table,
    asked_split,
    split_rows,
)
from lepton_core.table.content_split import split_by_content

SETTINGS = settings(deadline=None, max_examples=80)
FRACTIONS = st.sampled_from([0.05, 0.2, 0.5, 0.9])


def with_label(column: Column, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    return Table((column, Categories.of("y", ["pq"[i] for i in rng.integers(0, 2, len(column))])))


def split_of(table: Table, split: Split, first: Table | None = None) -> tuple[Split, set[int], set[int]]:
    rows = Rows.of(table, "y")
    found, train, held_out = asked_split(rows, rows if first is None else Rows.of(first, "y"), split)
    assert sorted([*train, *held_out]) == list(range(table.rows))
    assert len(train) > 0
    assert len(held_out) > 0
    return found, set(train.tolist()), set(held_out.tolist())


def test_two_arms_of_few_different_rows_keep_the_shares_of_the_whole():
    cells = [("t", "sick")] * 800 + [("t", "well")] * 200 + [("c", "sick")] * 300 + [("c", "well")] * 700
    table = Table((Categories.of("arm", [a for a, _ in cells]), Categories.of("y", [y for _, y in cells])))
    train, held_out = split_rows(table, label="y")
    assert len(held_out) == 400
    for side in (train, held_out):
        sick = table["y"].codes[side] == 0
        for arm, right in ((0, 0.3), (1, 0.8)):
            assert abs(sick[table["arm"].codes[side] == arm].mean() - right) < 0.02


def test_two_questions_of_five_answers_keep_the_shares_of_each_cell():
    rng = np.random.default_rng(0)
    one, two = rng.integers(5, size=(2, 5000))
    y = rng.random(5000) < 0.1 + 0.08 * (one + two)
    table = Table(
        (
            Categories.of("one", [str(x) for x in one]),
            Categories.of("two", [str(x) for x in two]),
            Categories.of("y", ["yes" if x else "no" for x in y]),
        )
    )
    train, held_out = split_rows(table, label="y")
    assert len(held_out) == 1000
    for cell in range(25):
        inside = (one * 5 + two) == cell
        of_training = y[train][inside[train]]
        noise = np.sqrt(0.25 / inside.sum())
        assert abs(of_training.mean() - y[inside].mean()) < noise


@pytest.mark.slow
@SETTINGS
@given(st.lists(st.integers(0, 12), min_size=2, max_size=80), FRACTIONS, st.integers(0, 99))
def test_all_rows_of_a_group_are_on_one_side(ids, fraction, seed):
    table = with_label(Categories.of("id", [str(one) for one in ids]), seed)
    split = Split("group-1", fraction, "id")
    if len(set(ids)) < 2:
        with pytest.raises(InvalidData, match="two groups") as caught:
            split_of(table, split)
        assert caught.value.column == "id"
        return
    _, train, held_out = split_of(table, split)
    assert not {ids[row] for row in train} & {ids[row] for row in held_out}
    later = with_label(Categories.of("id", [str(one) for one in [*ids, *ids, 99]]), seed + 1)
    _, more, _ = split_of(later, split, first=table)
    assert {ids[row] for row in train} == {ids[row] for row in more if row < len(ids)}


def test_about_the_fraction_of_all_rows_and_of_each_class_is_held_out_by_groups():
    rng = np.random.default_rng(1)
    ids = rng.integers(300, size=3000)
    sick = (ids % 7 == 0) & (rng.random(3000) < 0.9)
    table = Table(
        (Numbers("id", ids.astype(float)), Categories.of("y", ["sick" if one else "well" for one in sick]))
    )
    _, _, held_out = split_of(table, Split("group-1", column="id"))
    held = np.isin(np.arange(3000), list(held_out))
    assert abs(held.mean() - 0.2) < 0.01
    assert abs(held[sick].mean() - 0.2) < 0.01


def test_rows_without_a_group_stand_for_themselves():
    table = with_label(Categories.of("id", [None] * 50 + ["a"] * 50))
    _, train, held_out = split_of(table, Split("group-1", column="id"))
    assert min(len(train & set(range(50))), len(held_out & set(range(50)))) > 0


@SETTINGS
@given(st.lists(st.integers(0, 30), min_size=2, max_size=60), FRACTIONS)
def test_the_last_rows_are_held_out_and_one_time_is_not_cut(times, fraction):
    table = with_label(Numbers("when", np.array(times, dtype=float)))
    if len(set(times)) < 2:
        with pytest.raises(InvalidData, match="two different times"):
            split_of(table, Split("time-1", fraction, "when"))
        return
    found, train, held_out = split_of(table, Split("time-1", fraction, "when"))
    assert max(times[row] for row in train) < found.after <= min(times[row] for row in held_out)
    off = abs(len(held_out) / len(times) - fraction)
    for other in sorted(set(times))[1:]:
        assert off <= abs(sum(time >= other for time in times) / len(times) - fraction) + 1e-12


def test_dates_are_times_and_a_missing_one_is_trained_on():
    days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(100)]
    table = with_label(Categories.of("when", [*days[50:], *days[:49], None]))
    _, _, held_out = split_of(table, Split("time-1", column="when"))
    assert held_out == set(range(30, 50))


def test_no_row_is_held_out_again_that_an_earlier_split_by_time_trained_on():
    table = with_label(Numbers("when", np.arange(100.0)))
    found, _, _ = split_of(table, Split("time-1", column="when"))
    assert found.after == 80
    late = with_label(Numbers("when", np.concatenate([np.arange(100.0), np.zeros(200)])))
    again, _, held_out = split_of(late, found)
    assert (again.after, held_out) == (80, set(range(80, 100)))
    with pytest.raises(InvalidData, match="no row is as late"):
        split_of(with_label(Numbers("when", np.arange(50.0))), found)


@pytest.mark.parametrize(
    ("test", "train"), [("test", "train"), ("TRUE", "False"), ("1", "0"), ("held_out", "no")]
)
def test_a_column_says_which_rows_are_held_out(test, train):
    table = with_label(Categories.of("part", [test, train, train, test]))
    assert split_of(table, Split("column-1", column="part"))[2] == {0, 3}


def test_numbers_say_it_too():
    assert split_of(with_label(Numbers("part", np.array([0.0, 1.0]))), Split("column-1", column="part"))[
        2
    ] == {1}


@pytest.mark.parametrize(
    ("column", "split", "row", "says"),
    [
        (Categories.of("c", ["test", "maybe"]), Split("column-1", column="c"), 2, "'maybe' says no side"),
        (Categories.of("c", ["test", None]), Split("column-1", column="c"), 2, "a missing cell says no side"),
        (Categories.of("c", ["train", "train"]), Split("column-1", column="c"), None, "all rows on one side"),
        (Categories.of("c", ["2024-01-01", "soon"]), Split("time-1", column="c"), 2, "'soon' is no date"),
        (Categories.of("c", ["a", "a"]), Split("group-1", column="c"), None, "two groups"),
    ],
)
def test_a_column_that_cannot_be_split_by_is_named_with_its_row(column, split, row, says):
    with pytest.raises(InvalidData, match=says) as caught:
        split_of(with_label(column), split)
    assert (caught.value.column, caught.value.row) == ("c", row)


def test_another_fraction_is_exact_in_each_class_of_the_first_version():
    table = with_label(Numbers("a", np.arange(200.0)))
    _, _, held_out = split_of(table, Split(fraction=0.35))
    classes = table["y"].codes
    for code in (0, 1):
        count = int((classes == code).sum())
        assert abs(sum(classes[row] == code for row in held_out) - 0.35 * count) <= 0.5


def test_the_first_rule_stays_what_it_was():
    table = with_label(Numbers("a", np.arange(200.0) % 10))
    _, train, held_out = split_of(table, CONTENT)
    before = split_by_content(table, label="y")
    assert (train, held_out) == (set(before[0].tolist()), set(before[1].tolist()))


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.2, 1.5, float("nan")])
def test_a_fraction_outside_the_open_interval_is_refused(fraction):
    with pytest.raises(InvalidInput) as caught:
        split_rows(with_label(Numbers("a", np.arange(10.0))), label="y", fraction=fraction)
    assert caught.value.field == "fraction"
    with pytest.raises(InvalidInput) as caught:
        Split(fraction=fraction)
    assert caught.value.field == "split.fraction"


def test_an_absent_label_and_a_single_row_are_refused():
    with pytest.raises(InvalidData) as caught:
        split_rows(with_label(Numbers("a", np.arange(10.0))), label="z")
    assert caught.value.column == "z"
    with pytest.raises(InvalidData, match="two rows"):
        split_rows(with_label(Numbers("a", np.arange(1.0))), label="y")


def test_a_salt_gives_another_split():
    table = with_label(Numbers("a", np.arange(200.0)))
    one, two = (set(split_rows(table, label="y", salt=salt)[1]) for salt in ("one", "two"))
    assert one != two


@pytest.mark.parametrize(
    ("split", "says"),
    [
        (Split("group-1", column="pateint"), "did you mean 'patient'"),
        (Split("time-1", column="zzz"), "there are patient, y"),
        (Split("group-1", column="y"), "'y' is the label"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_the_nearest(split, says):
    with pytest.raises(InvalidInput, match=says) as caught:
        split.check_columns(["patient", "y"], "y")
    assert caught.value.field == "split.column"


def test_a_rule_says_whether_it_reads_a_column():
    with pytest.raises(InvalidInput, match="names no column"):
        Split("time-1")
    with pytest.raises(InvalidInput, match="reads no column"):
        Split("copies-2", column="a")
