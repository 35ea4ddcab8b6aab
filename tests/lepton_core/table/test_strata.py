"""Of each stratum a like share is held out, and a row keeps its side whatever comes later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact, InvalidData, NewerFormat
from lepton_core.table import Categories, Numbers, Strata, Table, row_keys
from lepton_core.table.arcs import arc_of, in_arc, start_of
from tests.support.sampling import examples

SETTINGS = settings(deadline=None, max_examples=examples(150))
FRACTIONS = st.sampled_from([0.01, 0.2, 0.5, 0.8, 0.99])
rows = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("pqrs")), min_size=2, max_size=60)


def table_of(rows: list[tuple[int, str]]) -> Table:
    return Table(
        (Numbers("a", np.array([float(a) for a, _ in rows])), Categories.of("y", [y for _, y in rows]))
    )


def sides(strata: Strata, table: Table) -> dict[int, bool]:
    """The side of each row by its key."""
    keys = row_keys(table)
    return dict(zip(keys.tolist(), strata.held_out(keys, table["y"]).tolist(), strict=True))


def share(rows: int, fraction: float) -> int:
    return min(max(int(fraction * rows + 0.5), 1), rows - 1)


def first_of(table: Table, fraction: float) -> Strata:
    return Strata.of(row_keys(table), table["y"], fraction)


@SETTINGS
@given(rows, FRACTIONS)
def test_of_each_class_its_share_is_held_out_to_the_nearest_row_and_both_sides_have_one(rows, fraction):
    table = table_of(rows)
    held = first_of(table, fraction).held_out(row_keys(table), table["y"])
    counts = np.bincount(table["y"].codes)
    for code, count in enumerate(counts.tolist()):
        if count > 1:
            assert held[table["y"].codes == code].sum() == share(count, fraction)
    alone = counts[table["y"].codes] == 1
    if alone.sum() > 1:
        assert held[alone].sum() == share(int(alone.sum()), fraction)
    assert 0 < held.sum() < len(rows)


@SETTINGS
@given(rows, st.lists(rows, max_size=4), FRACTIONS)
def test_a_row_keeps_its_side_when_rows_are_appended_and_new_classes_have_both_sides(first, more, fraction):
    table = table_of(first)
    strata = first_of(table, fraction)
    known = sides(strata, table)
    for appended in more:
        first = first + appended
        table = table_of(first)
        strata = strata.extended(row_keys(table), table["y"])
        now = sides(strata, table)
        assert known.items() <= now.items()
        held = strata.held_out(row_keys(table), table["y"])
        for code in np.unique(table["y"].codes).tolist():
            own = held[table["y"].codes == code]
            assert len(own) == 1 or set(own.tolist()) == {True, False}
        known = now


@SETTINGS
@given(rows, st.randoms(), FRACTIONS)
def test_the_order_of_the_rows_changes_no_side(rows, random, fraction):
    shuffled = list(rows)
    random.shuffle(shuffled)
    table, other = table_of(rows), table_of(shuffled)
    assert sides(first_of(table, fraction), table) == sides(first_of(other, fraction), other)


@SETTINGS
@given(st.integers(2, 4000), st.integers(2, 30), FRACTIONS, st.integers(0, 2**32))
def test_of_each_range_of_a_quantity_its_share_is_held_out(m, distinct, fraction, seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=m) if distinct > 20 else rng.integers(distinct, size=m).astype(float)
    table = Table((Numbers("y", y), Numbers("a", rng.normal(size=m))))
    strata = first_of(table, fraction)
    held = strata.held_out(row_keys(table), table["y"])
    _, places = strata.strata(table["y"])
    for place in np.unique(places):
        count = int((places == place).sum())
        assert count == 1 or held[places == place].sum() == share(count, fraction)


@pytest.mark.slow
@given(st.integers(1, 3))
def test_of_rows_that_come_later_each_stratum_gets_the_same_share_however_small_it_began(each):
    held = []
    for seed in range(40):
        rng = np.random.default_rng(seed)

        def more(count: int, draw: np.random.Generator = rng) -> Table:
            return Table(
                (Numbers("a", draw.normal(size=count)), Categories.of("y", ["p", "q"] * (count // 2)))
            )

        strata = first_of(more(2 * each), 0.2)
        later = more(4000)
        keys = row_keys(later)
        held.append(strata.extended(keys, later["y"]).held_out(keys, later["y"])[::2].mean())
    # Five standard deviations of 2000 draws: a threshold would have to lie anywhere between 0 and 1.
    assert max(abs(np.array(held) - 0.2)) < 5 * np.sqrt(0.2 * 0.8 / 2000)


def test_a_later_file_of_the_same_rows_has_the_same_sides_though_others_are_gone():
    rng = np.random.default_rng(0)
    whole = Table((Numbers("a", rng.normal(size=500)), Categories.of("y", ["n", "y"] * 250)))
    strata = first_of(whole, 0.2)
    fewer = whole.take(rng.permutation(500)[:200])
    later = sides(strata.extended(row_keys(fewer), fewer["y"]), fewer)
    assert later.items() <= sides(strata, whole).items()


def test_a_few_numbers_that_become_a_quantity_keep_their_sides():
    few = Table((Numbers("y", np.arange(40.0) % 5), Numbers("a", np.arange(40.0))))
    strata = first_of(few, 0.2)
    values = np.concatenate([few["y"].values, np.arange(1000.0) + 0.5])
    many = Table((Numbers("y", values), Numbers("a", np.arange(1040.0))))
    keys = row_keys(many)
    strata_now = strata.extended(keys, many["y"])
    assert sides(strata, few).items() <= sides(strata_now, many).items()
    assert abs(strata_now.held_out(keys, many["y"]).mean() - 0.2) < 5 * np.sqrt(0.16 / 1040)


def test_a_class_whose_rows_are_all_replaced_has_both_sides_all_the_same():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        first = Table((Numbers("a", rng.normal(size=6)), Categories.of("y", ["p", "q"] * 3)))
        other = Table((Numbers("a", rng.normal(size=4)), Categories.of("y", ["p", "q"] * 2)))
        keys = row_keys(other)
        held = first_of(first, 0.2).extended(keys, other["y"]).held_out(keys, other["y"])
        assert sorted(held[::2].tolist()) == sorted(held[1::2].tolist()) == [False, True]


def test_levels_that_spell_one_number_are_one_stratum():
    table = Table((Numbers("a", np.arange(10.0)), Categories.of("y", ["3", "3.0"] * 5)))
    assert first_of(table, 0.2).held_out(row_keys(table), table["y"]).sum() == 2


def test_one_row_cannot_be_split():
    table = table_of([(1, "p")])
    with pytest.raises(InvalidData, match="two rows"):
        first_of(table, 0.2).held_out(row_keys(table), table["y"])


@SETTINGS
@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=50, unique=True), FRACTIONS)
def test_an_arc_holds_the_floor_or_the_ceiling_of_its_share_as_wanted(keys, fraction):
    ordered = np.array(sorted(keys), dtype=np.uint64)
    for wanted in {int(fraction * len(keys)), min(int(fraction * len(keys)) + 1, len(keys))}:
        start = start_of(ordered, arc_of(fraction), wanted)
        assert in_arc(ordered, start, arc_of(fraction)).sum() == wanted


@SETTINGS
@given(rows, FRACTIONS)
def test_strata_are_stored_and_read_back(rows, fraction):
    table = table_of(rows)
    strata = first_of(table, fraction)
    back = Strata.unpack(*read_container(write_container(*strata.pack())))
    assert sides(back, table) == sides(strata, table)
    assert write_container(*back.pack()) == write_container(*strata.pack())


ARRAYS, META = first_of(table_of([(1, "p"), (2, "p"), (3, "q"), (4, "q"), (5, "r")]), 0.2).pack()


@pytest.mark.parametrize(
    ("arrays", "meta"),
    [
        ({}, {"fraction": 1.5}),
        ({}, {"fraction": 1}),
        ({}, {"more": 1}),
        ({"names": ARRAYS["names"][::-1]}, {}),
        ({"names": ARRAYS["names"][:1]}, {}),
        ({"starts": ARRAYS["starts"].astype(np.float64)}, {}),
        ({"lone": ARRAYS["lone"][:0]}, {}),
        ({"start": ARRAYS["starts"]}, {}),
        ({"edges": np.array([1.0, 1.0])}, {}),
        ({"edges": np.array([np.nan, np.nan])}, {}),
        ({"more": ARRAYS["names"]}, {}),
    ],
)
def test_damaged_strata_are_refused(arrays, meta):
    with pytest.raises(InvalidArtifact):
        Strata.unpack({**ARRAYS, **arrays}, {**META, **meta})


def test_strata_of_a_newer_format_are_refused_by_name():
    with pytest.raises(NewerFormat, match="strata has format 2"):
        Strata.unpack(ARRAYS, {**META, "format": 2, "more": 1})
