"""A row's key says what it holds and how manyth copy of that it is."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table import Categories, Numbers, Table, parse_csv, row_keys
from lepton_core.table.arcs import arc_of, in_arc
from lepton_core.table.row_keys import STEP, copy_numbers, row_hashes

pytestmark = pytest.mark.usefixtures("either_reader")

SETTINGS = settings(deadline=None, max_examples=80)
cells = st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.5, None]), st.sampled_from("pq")), max_size=30)


def table_of(rows: list[tuple[float | None, str]]) -> Table:
    values = np.array([np.nan if a is None else a for a, _ in rows], dtype=np.float64)
    return Table((Numbers("a", values), Categories.of("y", [y for _, y in rows])))


@SETTINGS
@given(cells)
def test_every_row_has_a_key_of_its_own_and_copies_go_round_by_the_golden_ratio(rows):
    table = table_of(rows)
    keys, hashes = row_keys(table), row_hashes(table)
    assert len(set(keys.tolist())) == len(rows)
    seen: Counter[int] = Counter()
    for key, one in zip(keys.tolist(), hashes.tolist(), strict=True):
        assert key == (one + seen[one] * int(STEP)) % 2**64
        seen[one] += 1


@pytest.mark.slow
@SETTINGS
@given(cells, st.randoms())
def test_the_order_of_the_rows_changes_no_key_as_a_multiset(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert sorted(row_keys(table_of(rows)).tolist()) == sorted(row_keys(table_of(shuffled)).tolist())


@SETTINGS
@given(cells, st.lists(st.integers(0, 30), max_size=5))
def test_keys_are_the_same_in_parts_and_at_once(rows, cuts):
    ends = sorted({min(cut, len(rows)) for cut in cuts} | {len(rows)})
    found = np.zeros(0, dtype=np.uint64)
    whole, start = table_of(rows), 0
    for end in ends:
        part = whole.take(np.arange(start, end))
        found = np.concatenate([found, row_keys(part, earlier=found)])
        start = end
    assert found.tolist() == row_keys(whole).tolist()


def test_ten_thousand_copies_in_parts_are_numbered_on():
    whole = table_of([(1.5, "p")] * 10_000)
    first = row_keys(whole.take(np.arange(7001)))
    last = row_keys(whole.take(np.arange(7001, 10_000)), earlier=first)
    assert np.array_equal(row_keys(whole), np.concatenate([first, last]))


@SETTINGS
@given(st.integers(1, 5000), st.floats(0.01, 0.99), st.integers(0, 2**64 - 1))
def test_of_any_number_of_copies_each_arc_holds_its_share_within_a_few(copies, fraction, start):
    keys = row_keys(table_of([(1.5, "p")] * copies))
    held = int(in_arc(keys, np.uint64(start), arc_of(fraction)).sum())
    # The discrepancy of n multiples of the golden ratio is below 2 + log2(n) (Niederreiter 1992, theorem 3.4).
    assert abs(held - fraction * copies) <= 2 + np.log2(copies)


@SETTINGS
@given(st.lists(st.integers(0, 5), max_size=40))
def test_copies_are_counted_in_their_order(values):
    seen: Counter[int] = Counter()
    wanted = []
    for value in values:
        wanted.append(seen[value])
        seen[value] += 1
    assert copy_numbers(np.array(values, dtype=np.uint64)).tolist() == wanted


def test_levels_of_other_rows_and_the_names_of_columns_make_no_difference():
    table = table_of([(1.5, "p"), (None, "q"), (0.0, "p")])
    wider = Categories("y", table["y"].codes + np.int32(1), ("a", *table["y"].levels))
    assert row_keys(table).tolist() == row_keys(Table((table["a"], wider))).tolist()
    renamed = Table((replace(table["a"], name="z"), replace(table["y"], name="b")))
    assert row_keys(table).tolist() == row_keys(renamed).tolist()


def test_in_the_first_form_the_order_of_columns_makes_no_difference():
    table = table_of([(1.5, "p"), (None, "q"), (0.0, "p")])
    turned = Table((table["y"], table["a"]))
    assert row_keys(table, form=1).tolist() == row_keys(turned, form=1).tolist()
    assert row_keys(table).tolist() != row_keys(turned).tolist()


def test_a_column_that_turns_to_text_keeps_the_keys_of_its_numbers():
    before = parse_csv(b"a,y\n1,p\n2.50,q\n,p\n")
    after = parse_csv(b"a,y\n1,p\n2.50,q\n,p\nx,q\n")
    assert after["a"].kind == "category"
    assert np.array_equal(row_keys(before), row_keys(after)[:3])


def test_every_cell_and_the_place_of_its_column_matter():
    base = Table((Numbers("a", np.array([1.0])), Categories.of("c", ["x"])))
    others = [
        Table((Numbers("a", np.array([1.0 + 2**-52])), base["c"])),
        Table((Numbers("a", np.array([np.nan])), base["c"])),
        Table((base["a"], Categories.of("c", ["y"]))),
        Table((base["a"], Categories.of("c", [None]))),
        Table((base["c"], base["a"])),
    ]
    assert len({int(row_hashes(table)[0]) for table in [base, *others]}) == 6
    assert row_keys(base, salt="s") != row_keys(base)


@pytest.mark.slow
def test_a_million_rows_of_small_whole_numbers_do_not_collide():
    a, b = np.divmod(np.arange(1_000_000.0), 1000)
    hashes = row_hashes(Table((Numbers("a", a), Numbers("b", b))))
    assert len(np.unique(hashes)) == 1_000_000
    # As evenly as by chance: 1000 equal arcs, five standard deviations.
    counts = np.bincount((hashes >> np.uint64(32)) * 1000 >> np.uint64(32), minlength=1000)
    assert abs(counts - 1000).max() < 5 * np.sqrt(1000)


@pytest.mark.parametrize(("form", "columns"), [(1, "acy"), (1, "yca"), (2, "acy")])
def test_keys_never_change(form, columns):
    # Rows of every stored dataset version stand on the side that these numbers put them on.
    table = parse_csv(b"a,c,y\n1,red,p\n-2.5,,q\n,3,p\n1,red,p\n").select(columns)
    assert [f"{x:016x}" for x in row_keys(table, form=form).tolist()] == [
        "a7f2dd6f4e7c9db3",
        "a49d2bede811e83f",
        "15c5978ad6699857",
        "462a5728cdc719c8",
    ]


def test_nor_do_those_of_the_third_form():
    table = parse_csv(b"a,c,y\n1,red,p\n-2.5,,q\n,3,p\n1,red,p\n")
    assert [f"{x:016x}" for x in row_keys(table, form=3).tolist()] == [
        "632f78c16c903edc",
        "a9c9d56a5aa938d0",
        "8a027142487e7340",
        "0166f27aebdabaf1",
    ]
