"""A split by near-copies: what is near stays together, and later rows move none."""

from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Column, Numbers, Rows, Split, Table, asked_split
from lepton_core.table.near_groups import near_groups
from lepton_core.table.row_keys import row_keys
from lepton_core.table.split import NEAR_COPIES
from lepton_core.table.splitting import dealt_by


def table(seed: int, rows: int, copied: int, size: float = 1e-3) -> tuple[Table, np.ndarray]:
    """Rows of which the last ones are near-copies of some of the first, and which one each comes from."""
    rng = np.random.default_rng(seed)
    origin = np.append(np.arange(rows), rng.choice(rows, copied))
    off = size * rng.normal(size=(6, len(origin))) * (np.arange(len(origin)) >= rows)
    made: list[Column] = [
        Numbers(f"c{at}", 10 * (rng.normal(size=rows)[origin] + off[at])) for at in range(6)
    ]
    made.append(Categories.of("kind", [f"k{one}" for one in rng.integers(5, size=rows)[origin]]))
    label = rng.random(rows)[origin] < 0.4
    return Table((*made, Categories.of("y", ["sick" if one else "well" for one in label]))), origin


def held(table: Table, first: Table | None = None, split: Split = NEAR_COPIES) -> np.ndarray:
    rows = Rows.of(table, "y")
    _, train, out = asked_split(rows, rows if first is None else Rows.of(first, "y"), split)
    assert sorted([*train, *out]) == list(range(table.rows))
    return np.isin(np.arange(table.rows), out)


@pytest.mark.parametrize("size", [1e-6, 1e-4, 1e-2])
def test_rows_that_differ_a_little_in_their_numbers_are_on_one_side(size: float) -> None:
    for seed in range(10):
        made, origin = table(seed, 600, 400, size)
        out = held(made)
        assert (out[600:] == out[origin[600:]]).mean() > 0.99
        assert abs(out.mean() - 0.2) < 0.02


def test_rows_that_differ_in_one_cell_are_on_one_side() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        made, origin = table(seed, 600, 400, 0.0)
        at = int(rng.integers(7))
        other = made.columns[at].take(np.append(np.arange(600), rng.choice(600, 400)))
        out = held(Table((*made.columns[:at], other, *made.columns[at + 1 :])))
        assert (out[600:] == out[origin[600:]]).all()


def test_a_like_share_of_each_class_is_held_out() -> None:
    made, _ = table(3, 2000, 2000)
    out = held(made)
    sick = made["y"].codes == 0
    assert abs(out[sick].mean() - 0.2) < 0.02
    assert abs(out[~sick].mean() - 0.2) < 0.02


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(60, 200), st.integers(1, 120), st.floats(0.0, 0.3))
def test_rows_keep_their_side_when_rows_are_appended(seed: int, rows: int, more: int, size: float) -> None:
    whole, _ = table(seed, rows, more, size)
    first = whole.take(np.arange(rows + more // 2))
    before = held(first)
    assert (held(whole, first)[: first.rows] == before).all()
    extreme = whole.take(np.arange(whole.rows))
    values = extreme["c0"].values.copy()
    values[-1] = 1e300
    later = Table((Numbers("c0", values), *extreme.columns[1:]))
    assert (held(later, first)[: first.rows] == before).all()


def test_the_order_of_the_rows_of_the_first_version_changes_nothing() -> None:
    for seed in range(5):
        first, _ = table(seed, 300, 200, 1e-2)
        order = np.random.default_rng(seed).permutation(first.rows)
        assert (held(first.take(order), first) == held(first)[order]).all()


def test_names_change_nothing() -> None:
    made, _ = table(0, 300, 200)
    renamed = Table(
        (*(replace(one, name=f"z{9 - at}") for at, one in enumerate(made.columns[:-1])), made["y"])
    )  # type: ignore[type-var]
    assert (held(renamed) == held(made)).all()


def test_rows_that_are_far_from_each_other_are_groups_of_their_own() -> None:
    made, _ = table(0, 3000, 0)
    features, keys = made.without("y"), row_keys(made)
    groups = near_groups(features, features, keys, keys)
    assert len(np.unique(groups.values)) > 0.97 * made.rows


def test_missing_cells_are_like_each_other_and_like_nothing_else() -> None:
    made, origin = table(0, 300, 200)
    gone = np.where(np.arange(300) % 3 == 0, np.nan, made["c0"].values[:300])
    made = Table((Numbers("c0", gone[origin]), *made.columns[1:]))
    out = held(made)
    assert (out[300:] == out[origin[300:]]).all()


def test_one_group_cannot_be_split() -> None:
    made, _ = table(0, 100, 0)
    same = made.take(np.zeros(100, dtype=np.int64))
    with pytest.raises(InvalidData, match="two groups") as caught:
        held(same)
    assert caught.value.column is None


def test_a_column_that_the_first_version_lacks_is_not_looked_at() -> None:
    made, origin = table(0, 300, 200)
    more = Numbers("new", np.random.default_rng(0).normal(size=made.rows))
    out = held(Table((*made.columns[:-1], more, made["y"])), made)
    assert (out[300:] == out[origin[300:]]).all()


def test_the_rule_puts_rows_where_it_always_did() -> None:
    """Another digest needs another number of the rule: versions that were trained under this one go on with it."""
    made, _ = table(0, 300, 200)
    rows = Rows.of(made, "y")
    by = dealt_by(rows, rows, NEAR_COPIES)
    assert by is not None
    digest = blake2b(by.values.tobytes(), digest_size=8).hexdigest()
    assert digest == "5fac0bfe43017e52"
