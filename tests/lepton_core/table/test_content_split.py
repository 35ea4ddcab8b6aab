"""Under the first rule a row's side is decided by what it holds alone: that of versions made before stays as it was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Categories, Numbers, Table, parse_csv
from lepton_core.table.content_split import content_hashes, split_by_content

SETTINGS = settings(deadline=None, max_examples=80)


def big(rows: int, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    return Table(
        (
            Numbers("a", rng.normal(size=rows)),
            Numbers("b", np.where(rng.random(rows) < 0.1, np.nan, rng.integers(0, 5, rows))),
            Categories.of("c", [["red", "blue", None][i] for i in rng.integers(0, 3, rows)]),
            Categories.of("y", ["pq"[i] for i in rng.integers(0, 2, rows)]),
        )
    )


def cells(table: Table, index: int) -> tuple[object, ...]:
    """Row ``index`` as values that compare; zero has no sign, NaN is None."""
    row: list[object] = []
    for column in table.columns:
        if isinstance(column, Categories):
            code = column.codes[index]
            row.append(column.levels[code] if code >= 0 else None)
        else:
            row.append(None if np.isnan(column.values[index]) else float(column.values[index]) + 0.0)
    return tuple(row)


def sides(table: Table, **options) -> dict[tuple[object, ...], set[bool]]:
    train, held_out = split_by_content(table, label="y", **options)
    found: dict[tuple[object, ...], set[bool]] = {}
    for indices, side in ((train, False), (held_out, True)):
        for index in indices:
            found.setdefault(cells(table, index), set()).add(side)
    return found


@st.composite
def small_tables(draw):
    """Few values, so that duplicates and lopsided classes are common."""
    a = st.sampled_from([0.0, -0.0, 1.0, 2.5, None])
    y = st.sampled_from(["p", "q", "r", None])
    rows = draw(st.lists(st.tuples(a, y), min_size=2, max_size=14))
    label = [text for _, text in rows]
    column = Categories.of("y", label)
    if draw(st.booleans()):
        column = Numbers("y", np.array([np.nan if t is None else ord(t) for t in label], dtype=np.float64))
    return Table((Numbers("a", np.array([x for x, _ in rows], dtype=np.float64)), column))


@pytest.mark.slow
@SETTINGS
@given(small_tables(), st.sampled_from([0.01, 0.2, 0.5, 0.99]), st.sampled_from(["", "s"]))
def test_small_tables_are_split_whole_repaired_and_without_straddling(table, fraction, salt):
    distinct = {cells(table, i) for i in range(table.rows)}
    if len(distinct) < 2:
        with pytest.raises(InvalidData, match="two different rows"):
            split_by_content(table, label="y", fraction=fraction, salt=salt)
        return
    train, held_out = split_by_content(table, label="y", fraction=fraction, salt=salt)
    assert (train.dtype, held_out.dtype) == (np.int64, np.int64)
    assert np.array_equal(np.sort(np.concatenate([train, held_out])), np.arange(table.rows))
    assert (np.diff(train) > 0).all()
    assert (np.diff(held_out) > 0).all()
    assert len(train) > 0
    assert len(held_out) > 0
    found = sides(table, fraction=fraction, salt=salt)
    assert all(len(side) == 1 for side in found.values())
    for label in {row[-1] for row in distinct} - {None}:
        members = [side for row, side in found.items() if row[-1] == label]
        if len(members) >= 2:
            assert {True} in members
            assert {False} in members


@pytest.mark.slow
@SETTINGS
@given(small_tables(), st.randoms())
def test_small_tables_are_split_alike_in_any_order(table, random):
    if len({cells(table, i) for i in range(table.rows)}) < 2:
        return
    order = list(range(table.rows))
    random.shuffle(order)
    assert sides(table) == sides(table.take(np.array(order)))


def test_about_the_fraction_is_held_out():
    table = big(20_000)
    for fraction in (0.05, 0.2, 0.5):
        _, held_out = split_by_content(table, label="y", fraction=fraction)
        # five standard deviations
        assert abs(len(held_out) / 20_000 - fraction) < 5 * np.sqrt(fraction * (1 - fraction) / 20_000)


def test_a_larger_fraction_holds_out_a_superset():
    table = big(2000)
    smaller = split_by_content(table, label="y", fraction=0.1)[1]
    larger = split_by_content(table, label="y", fraction=0.3)[1]
    assert set(smaller) < set(larger)


def test_rows_keep_their_sides_in_any_order_and_among_more_rows():
    table, more = big(500), big(1500, seed=1)
    order = np.random.default_rng(2).permutation(500)
    assert sides(table) == sides(table.take(order))
    both = Table(
        tuple(
            Numbers(a.name, np.concatenate([b.values, a.values]))
            if isinstance(a, Numbers)
            else Categories.of(a.name, [c.levels[k] if k >= 0 else None for c in (b, a) for k in c.codes])
            for a, b in zip(table.columns, more.columns, strict=True)
        )
    )
    assert sides(both).items() >= sides(table).items()


def test_levels_of_other_rows_and_the_order_of_columns_make_no_difference():
    table = big(300)
    coded = table["c"]
    wider = Categories(
        "c", np.where(coded.codes < 0, -1, coded.codes + 1).astype(np.int32), ("a", *coded.levels)
    )
    assert np.array_equal(
        content_hashes(table),
        content_hashes(Table((wider, *(c for c in reversed(table.columns) if c.name != "c")))),
    )


def test_a_column_that_turns_to_text_keeps_the_hashes_of_its_numbers():
    before = parse_csv(b"a,y\n1,p\n2.50,q\n,p\n")
    after = parse_csv(b"a,y\n1,p\n2.50,q\n,p\nx,q\n")
    assert after["a"].kind == "category"
    assert np.array_equal(content_hashes(before), content_hashes(after)[:3])


def test_every_cell_matters():
    base = Table((Numbers("a", np.array([1.0])), Categories.of("c", ["x"])))
    others = [
        Table((Numbers("a", np.array([1.0 + 2**-52])), base["c"])),
        Table((Numbers("a", np.array([np.nan])), base["c"])),
        Table((base["a"], Categories.of("c", ["y"]))),
        Table((base["a"], Categories.of("c", [None]))),
        Table((base["a"], Categories("c", np.array([1], dtype=np.int32), ("x",)))),
    ]
    assert len({int(content_hashes(table)[0]) for table in [base, *others]}) == 6
    assert content_hashes(base, salt="s") != content_hashes(base)


def test_hashes_never_change():
    # Rows of every stored dataset version stand on the side that these numbers put them on.
    table = parse_csv(b"a,c,y\n1,red,p\n-2.5,,q\n,3,p\n")
    assert [f"{x:016x}" for x in content_hashes(table).tolist()] == [
        "4f14222fe61f4371",
        "9f1d4a84ee28e72d",
        "95972bced9280efc",
    ]


def test_a_salt_gives_another_split():
    table = big(500)
    one, two = (set(split_by_content(table, label="y", salt=salt)[1]) for salt in ("one", "two"))
    assert one != two


@pytest.mark.slow
def test_many_classes_and_quantities():
    names = [f"class {i // 3}" for i in range(3000)]
    table = Table((Numbers("a", np.arange(3000.0)), Categories.of("y", names)))
    found = sides(table)
    for place in range(1000):
        members = [side for row, side in found.items() if row[-1] == f"class {place}"]
        assert {True} in members
        assert {False} in members
    quantity = Table((Numbers("y", np.arange(3000.0)),))
    assert abs(len(split_by_content(quantity, label="y")[1]) - 600) < 120


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.2, 1.5, float("nan")])
def test_a_fraction_outside_the_open_interval_is_refused(fraction):
    with pytest.raises(InvalidInput) as caught:
        split_by_content(big(10), label="y", fraction=fraction)
    assert caught.value.field == "fraction"


def test_an_absent_label_and_a_single_row_are_refused():
    with pytest.raises(InvalidData) as caught:
        split_by_content(big(10), label="z")
    assert caught.value.column == "z"
    with pytest.raises(InvalidData, match="two different rows"):
        split_by_content(big(1), label="y")
