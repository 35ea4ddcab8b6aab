"""Near-copies are found whatever they differ in, and rows that are alike by nature are none."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_core.report.near import NearCopies, near_copies
from lepton_core.report.splits import of_near_copies, of_splits
from lepton_core.table import Categories, Column, Numbers, Table, Texts

TRIES = 30

MISSES = 3
"""Few tries are a sample: at one miss in twenty, which is what is allowed, more than these are no luck."""


def columns(rng: np.random.Generator, rows: int) -> tuple[list[Column], Categories]:
    """Five to fourteen columns, four of which measure, some with missing cells; and a label that two of them tell."""
    hidden = rng.normal(size=rows)
    made: list[Column] = []
    for place in range(int(rng.integers(5, 15))):
        values = (0.8 if place % 2 else 0.0) * hidden + rng.normal(size=rows)
        how = 0 if place < 4 else rng.integers(5)
        name = f"c{place}"
        if how == 0:
            gone = rng.random(rows) < (0.1 if rng.random() < 0.2 else 0.0)
            made.append(Numbers(name, np.where(gone, np.nan, values * rng.uniform(0.1, 100))))
        elif how == 1:
            made.append(Numbers(name, np.round(20 * values) + 200, "integer"))
        elif how == 2:
            made.append(Numbers(name, np.round(np.exp(values), 2)))
        elif how == 3:
            made.append(Numbers(name, np.where(rng.random(rows) < 0.9, 0.0, rng.poisson(3, rows)), "integer"))
        else:
            made.append(Categories.of(name, [f"kind {min(one, 60)}" for one in rng.zipf(1.6, rows)]))
    made = [made[place] for place in rng.permutation(len(made))]
    label = hidden + 0.5 * rng.normal(size=rows) > 0
    return made, Categories.of("y", ["yes" if one else "no" for one in label])


def size_of(rng: np.random.Generator, most: int) -> int:
    return int(np.exp(rng.uniform(np.log(300), np.log(most))))


def planted(rng: np.random.Generator, how: str, most: int = 20_000) -> tuple[Table, float]:
    """A table of which a share of 5 % to 100 % of the rows are near-copies of others, and that share."""
    rows, share = size_of(rng, most), float(np.exp(rng.uniform(np.log(0.05), 0)))
    each = int(rng.integers(1, 4))
    origins = max(2, int(share * rows / (each + 1)))
    base = rows - each * origins
    made, label = columns(rng, base)
    again = rng.choice(base, min(base, origins), replace=False)
    places = np.concatenate([np.arange(base), *[again] * each])
    new = np.arange(len(places)) >= base
    made = [one.take(places) for one in made]
    measures = [at for at, one in enumerate(made) if one.kind == "number"]
    if how == "jitter":
        size = 10 ** rng.uniform(-6, -2)
        for at in measures if rng.random() < 0.5 else measures[:1]:
            values = made[at].values.copy()
            spread = np.subtract(*np.nanquantile(values, [0.75, 0.25])) / 1.35
            values[new] += size * spread * rng.normal(size=int(new.sum()))
            made[at] = Numbers(made[at].name, values)
    else:
        at = int(rng.choice(measures)) if rng.random() < 0.5 else int(rng.integers(len(made)))
        drawn = np.where(new, rng.integers(len(places), size=len(places)), np.arange(len(places)))
        made[at] = made[at].take(drawn)
    order = rng.permutation(len(places))
    return Table((*made, label.take(places))).take(order), share


@pytest.mark.parametrize("how", ["jitter", "one cell"])
def test_near_copies_are_found_and_counted(how: str) -> None:
    found, ratios = 0, []
    for seed in range(TRIES):
        table, share = planted(np.random.default_rng([seed, len(how)]), how)
        made = near_copies(table, "y")
        if made is not None:
            found += 1
            ratios.append(made.share / share)
            assert made.remembered
            assert 0.7 * made.share < made.met <= made.share
    assert found >= TRIES - MISSES
    assert 0.9 < np.median(ratios) < 1.1


@pytest.mark.slow
@pytest.mark.parametrize("how", ["jitter", "one cell"])
def test_near_copies_of_a_long_table_are_found(how: str) -> None:
    missed = [
        seed
        for seed in range(TRIES)
        if near_copies(planted(np.random.default_rng([seed, 7, len(how)]), how, 100_000)[0], "y") is None
    ]
    assert len(missed) <= MISSES


def test_independent_rows_have_no_near_copies() -> None:
    for seed in range(2 * TRIES):
        rng = np.random.default_rng([seed, 1])
        made, label = columns(rng, size_of(rng, 50_000))
        assert near_copies(Table((*made, label)), "y") is None


def test_other_names_change_nothing() -> None:
    for seed in range(5):
        table, _ = planted(np.random.default_rng([seed, 3]), "jitter")
        named = Table(tuple(replace(one, name=f"other {at}") for at, one in enumerate(table.columns)))  # type: ignore[type-var]
        assert near_copies(named, named.names[-1]) == near_copies(table, "y")


@pytest.mark.parametrize("rows", [400, 4000, 40_000])
def test_rows_of_few_values_are_alike_by_nature(rows: int) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        made: list[Column] = [
            Categories.of(f"c{at}", [f"l{one}" for one in rng.integers(int(rng.integers(2, 6)), size=rows)])
            for at in range(6)
        ]
        made += [Numbers(f"n{at}", rng.poisson(2, rows).astype(float), "integer") for at in range(3)]
        label = Categories.of("y", ["no" if one else "yes" for one in made[-1].values > 2])
        assert near_copies(Table((*made, label)), "y") is None
        # A number of its own makes them tell, but does not make them copies.
        one_more = Numbers("x", rng.normal(size=rows))
        assert near_copies(Table((*made, one_more, label)), "y") is None


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("rows", [300, 3000, 30_000])
def test_rows_along_a_line_or_a_surface_lie_close_by_nature(dimensions: int, rows: int) -> None:
    """All columns are smooth functions of a few: the gap tells, and no rule that columns are independent."""
    for seed in range(5):
        rng = np.random.default_rng([seed, dimensions])
        hidden = rng.normal(size=(rows, dimensions))
        made = [
            Numbers(
                f"c{at}", np.sin(hidden @ rng.normal(size=dimensions)) + hidden @ rng.normal(size=dimensions)
            )
            for at in range(8)
        ]
        label = Categories.of("y", ["no" if one else "yes" for one in hidden[:, 0] > 0])
        assert near_copies(Table((*made, label)), "y") is None


def test_rows_that_are_alike_but_for_their_label_are_rows_of_their_own() -> None:
    """As of customers with the same contract, of whom some leave."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        table, _ = planted(rng, "jitter")
        other = Categories.of("y", ["no" if one else "yes" for one in rng.random(table.rows) < 0.5])
        assert near_copies(Table((*table.columns[:-1], other)), "y") is None


def test_copies_that_agree_in_all_are_no_near_copies() -> None:
    made, label = columns(np.random.default_rng(0), 500)
    table = Table((*made, label)).take(np.arange(1000) % 500)
    assert near_copies(table, "y") is None


def test_days_of_one_week_are_no_near_copies() -> None:
    """As seconds since 1970 they lie close."""
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        week, day = rng.integers([[200], [5]], size=(2, 400))
        made = (
            Numbers("when", 1.4e9 + 86400.0 * (116 * week + day), "date", "%Y-%m-%d"),
            Categories.of("state", [f"s{one % 14}" for one in week]),
            Categories.of("why", [f"w{one // 14}" for one in week]),
            Categories.of("y", ["no" if one else "yes" for one in rng.random(400) < 0.5]),
        )
        assert near_copies(Table(made), "y") is None


def test_a_text_with_one_more_word_beside_measures_is_a_near_copy() -> None:
    rng = np.random.default_rng(0)
    words = [f"word{one}" for one in range(400)]
    texts = [" ".join(rng.choice(words, 9)) for _ in range(500)]
    places = np.append(np.arange(500), np.arange(100))
    again = [texts[place] + (" indeed" if row >= 500 else "") for row, place in enumerate(places)]
    x, z = rng.normal(size=(2, 500))
    table = Table(
        (
            Texts.of("said", list(again)),
            Numbers("x", x[places]),
            Numbers("z", z[places]),
            Categories.of("y", ["no" if one else "yes" for one in x[places] > 0]),
        )
    )
    found = near_copies(table, "y")
    assert found is not None
    assert found.share == pytest.approx(200 / 600, abs=0.03)


def test_measurements_of_the_same_houses_tell_how_far_off_their_prices_are() -> None:
    rng = np.random.default_rng(0)
    house = np.repeat(np.arange(300), 3)
    made = [Numbers(f"c{at}", rng.normal(size=300)[house] + 0.005 * rng.normal(size=900)) for at in range(5)]
    price = Numbers("price", rng.normal(size=300)[house] + 0.05 * rng.normal(size=900))
    found = near_copies(Table((*made, price)), "price")
    assert found is not None
    assert found.quantity
    assert found.share > 0.95
    assert found.told < 0.1
    assert found.otherwise > 1


@pytest.mark.parametrize("strange", [1e300, -1e308, np.inf])
def test_numbers_at_the_end_of_float64_are_the_same_or_not(strange: float) -> None:
    table, _ = planted(np.random.default_rng(1), "jitter")
    cells = np.random.default_rng(0).normal(size=table.rows)
    cells[::7] = strange if np.isfinite(strange) else np.finfo(float).max
    assert near_copies(Table((Numbers("strange", cells), *table.columns)), "y") is None


def test_the_finding_says_the_call_and_what_it_likely_changes() -> None:
    table, _ = planted(np.random.default_rng([1, 2]), "jitter")
    [found] = [one for one in of_splits(table, "y", ()) if one.code == "near_copies"]
    assert (found.level, found.column) == ("warning", None)
    assert [str(one) for one in found.remedies] == ["model.train(split=Split('near_copies'))"]
    assert "likely better than on new rows" in found.message
    of_one_class = of_near_copies(NearCopies(0.2, 0.16, 0.97, 0.97, quantity=False))
    assert of_one_class.level == "note"
    assert of_one_class.message.endswith("the figures will likely change little")
