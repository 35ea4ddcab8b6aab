"""Hints say what another split would do, and stay silent where it would do nothing."""

import numpy as np
import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Numbers, Table
from lepton_core.table.split_hints import split_hints

TRIES = 40


def clean(seed: int, rows: int = 400) -> Table:
    """Independent rows: numbers, ages, years, a few and many categories, a label that depends on them."""
    rng = np.random.default_rng(seed)
    x, age = rng.normal(size=rows), rng.integers(18, 90, rows).astype(float)
    town = rng.integers(40, size=rows)
    y = x + age / 40 + rng.normal(size=rows) > 1.5
    return Table(
        (
            Numbers("c1", x),
            Numbers("c2", age),
            Numbers("c3", rng.integers(1950, 2020, rows).astype(float)),
            Categories.of("c4", [f"town {one}" for one in town]),
            Categories.of("c5", ["red", "blue"] * (rows // 2)),
            Categories.of("c6", ["yes" if one else "no" for one in y]),
        )
    )


def reasons(table: Table) -> list[tuple[str, str | None]]:
    return [(hint.reason, hint.column) for hint in split_hints(table, "c6")]


def test_independent_rows_get_no_hint():
    assert sum(bool(reasons(clean(seed))) for seed in range(TRIES)) <= TRIES * 0.05


def test_tables_of_few_different_rows_get_no_hint():
    rng = np.random.default_rng(0)
    columns = [Categories.of(f"c{i}", ["ab"[one] for one in rng.integers(2, size=500)]) for i in (1, 2, 6)]
    assert reasons(Table(tuple(columns))) == []


@pytest.mark.slow
@pytest.mark.parametrize("as_text", [True, False])
def test_rows_in_the_order_of_time_get_the_hint_and_its_effect(as_text):
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        table = clean(seed)
        steps = np.sort(rng.integers(0, 9_000, table.rows))
        column = (
            Categories.of("when", [str(np.datetime64("2001-01-01") + int(one)) for one in steps])
            if as_text
            else Numbers("when", 1e9 + steps * 60.0)
        )
        drifting = rng.random(table.rows) < np.linspace(0.1, 0.9, table.rows)
        label = Categories.of("c6", ["yes" if one else "no" for one in drifting])
        (hint,) = split_hints(Table((column, *table.columns[:5], label)), "c6")
        assert (hint.reason, hint.column) == ("time", "when")
        assert str(hint.remedy) == "model.train(split=Split('time', 'when'))"
        assert "likely better than on new rows" in hint.effect


def test_a_row_number_is_no_time():
    table = clean(0)
    assert reasons(Table((Numbers("row", np.arange(400.0)), *table.columns))) == []


@pytest.mark.slow
@pytest.mark.parametrize("sparse", [True, False])
def test_ids_that_come_again_get_the_hint(sparse):
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        ids = rng.integers(80, size=400)
        sex, risk = rng.integers(2, size=80), rng.random(80)
        sick = rng.random(400) < np.where(risk[ids] > 0.5, 0.9, 0.1)
        own = rng.permutation(10**6)[:80] if sparse else np.arange(80)
        table = Table(
            (
                Numbers("id", own[ids].astype(float)),
                *clean(seed).columns[:4],
                *([] if sparse else [Categories.of("sex", ["fm"[sex[one]] for one in ids])]),
                Categories.of("c6", ["yes" if one else "no" for one in sick]),
            )
        )
        assert ("group", "id") in reasons(table)


@pytest.mark.slow
@pytest.mark.parametrize("each", [3, 6, 20])
def test_ids_that_count_up_without_gaps_get_the_hint(each):
    found = 0
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        persons = 1200 // each
        who = np.repeat(np.arange(persons), each) if seed % 2 else rng.integers(persons, size=1200)
        sick = rng.random(1200) < np.where(rng.random(persons) < 0.5, 0.8, 0.2)[who]
        label = Categories.of("c6", ["yes" if one else "no" for one in sick])
        found += ("group", "user") in reasons(
            Table((Numbers("user", 1.0 + who), *clean(seed, 1200).columns[:4], label))
        )
    assert found >= 0.95 * TRIES


def whole_numbers(how: str, rng: np.random.Generator, rows: int) -> np.ndarray:
    """Whole numbers that measure something."""
    if how == "uniform":
        return rng.integers(0, 60, rows)
    if how == "counts":
        return rng.negative_binomial(2, 0.06, rows)
    return np.clip(np.round(rng.normal(40, 12, rows)), 0, 100).astype(int)


@pytest.mark.parametrize("how", ["uniform", "counts", "scores"])
@pytest.mark.parametrize("shape", ["nothing", "line", "step", "hill", "wave"])
def test_numbers_that_measure_get_no_hint_whatever_the_label_makes_of_them(how, shape):
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        rows = int(rng.integers(500, 3000))
        values = whole_numbers(how, rng, rows)
        x = (values - values.mean()) / values.std()
        tells = {
            "nothing": 0 * x,
            "line": x,
            "step": 2.0 * (x > 0.3),
            "hill": 1.5 - x**2,
            "wave": 2 * np.sin(3 * x),
        }[shape]
        label = Categories.of("c6", ["yes" if one else "no" for one in tells + rng.normal(size=rows) > 0.5])
        table = Table((Numbers("x", values.astype(float)), Numbers("c1", rng.normal(size=rows)), label))
        assert ("group", "x") not in reasons(table)


def test_too_few_rows_say_nothing_and_an_absent_label_is_named():
    assert split_hints(clean(0).take(np.arange(40)), "c6") == ()
    with pytest.raises(InvalidData) as caught:
        split_hints(clean(0), "z")
    assert caught.value.column == "z"
