"""The column that holds the label of a row before is found by its cells, and nothing else is taken for one."""

import numpy as np
import pytest

from lepton_core.table import Categories, Column, Numbers, Table
from lepton_core.table.known_before import Before, known_before
from lepton_core.table.lagged import Lags, lagged

DAY = 86400.0


def series(seed: int, rows: int) -> np.ndarray:
    return np.round(np.cumsum(np.random.default_rng(seed).normal(size=rows)), 2)


def one_series(seed: int, rows: int, lags: tuple[int, ...]) -> Table:
    days = Numbers("day", DAY * np.arange(float(rows)), "date")
    return lagged(Table((days, Numbers("sales", series(seed, rows)))), Lags({"sales": lags}, "day"))


def found(table: Table) -> Before | None:
    return known_before(table.without("sales").columns, table["sales"].values, table["day"])


@pytest.mark.parametrize("lags", [(1,), (7, 1), (30, 7), (2, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_the_shortest_lag_is_found_in_whatever_order_rows_and_columns_are(
    seed: int, lags: tuple[int, ...]
) -> None:
    table = one_series(seed, 200, lags)
    shuffled = table.take(np.random.default_rng(seed).permutation(200))
    assert found(shuffled) == Before(f"sales {min(lags)} before", min(lags))


@pytest.mark.parametrize("lag", [1, 3])
def test_the_rows_of_a_thing_are_its_own_series_and_none_of_the_label_is_needed_to_name_it(lag: int) -> None:
    rows = 80
    sales = np.concatenate([series(shop, rows) for shop in range(3)])
    table = Table(
        (
            Categories.of("weekday", [f"d{one % 7}" for one in range(3 * rows)]),
            Categories.of("shop", [f"s{one // rows}" for one in range(3 * rows)]),
            Numbers("day", np.tile(DAY * np.arange(float(rows)), 3), "date"),
            Numbers("sales", sales),
        )
    )
    made = lagged(table, Lags({"sales": (lag,)}, "day", "shop")).take(
        np.random.default_rng(0).permutation(240)
    )
    assert found(made) == Before(f"sales {lag} before", lag)


def test_one_that_a_program_made_is_found_though_some_rows_are_gone() -> None:
    y = series(4, 300)
    own = np.append(y[0], y[:-1])  # the first cell is filled
    table = Table(
        (
            Numbers("day", np.arange(300.0)),
            Numbers("yesterday", own),
            Numbers("sales", y),
        )
    )
    kept = np.sort(np.random.default_rng(0).choice(300, 290, replace=False))
    assert found(table.take(kept)) == Before("yesterday", 1)


@pytest.mark.parametrize("seed", range(10))
def test_what_is_no_label_of_before_is_not_taken_for_one(seed: int) -> None:
    """Counts of the same range, the label itself, its mean over days, and a shift of another column."""
    rng = np.random.default_rng(seed)
    y = rng.poisson(0.3, size=400).astype(float)
    other = rng.poisson(0.3, size=400).astype(float)
    smooth = np.round(np.convolve(y, np.ones(3) / 3, mode="same"), 3)
    columns: list[Column] = [
        Numbers("day", np.arange(400.0)),
        Numbers("other", other),
        Numbers("same", y.copy()),
        Numbers("next", np.append(y[1:], 0.0)),
        Numbers("smooth", smooth),
        Numbers("zero", np.zeros(400)),
        Numbers("gone", np.full(400, np.nan)),
        Categories.of("shop", [f"s{one % 5}" for one in range(400)]),
    ]
    assert known_before(columns, y, columns[0]) is None


def test_times_that_are_missing_or_come_twice_give_no_order() -> None:
    table = one_series(0, 100, (1,))
    gap = Numbers("gap", np.append(np.nan, table["day"].values[1:]), "date")
    twice = Numbers("twice", np.repeat(np.arange(50.0), 2))
    columns, y = table.without("sales").columns, table["sales"].values
    assert known_before([columns[1]], y, gap) is None
    assert known_before([columns[1]], y, twice) is None


@pytest.mark.parametrize("many", [1, 3])
def test_few_rows_that_have_one_time_hide_nothing(many: int) -> None:
    table = one_series(1, 400, (1,))
    days = table["day"].values.copy()
    for place in range(100, 100 + 50 * many, 50):
        days[place] = days[place - 1]
    tied = Table((Numbers("day", days, "date"), *table.without("day").columns))
    assert found(tied) == Before("sales 1 before", 1)


def test_without_an_order_that_is_said_that_of_a_column_of_dates_is_looked_at() -> None:
    table = one_series(0, 100, (1,))
    day, lag = table.without("sales").columns
    y, gap = table["sales"].values, Numbers("gap", np.append(np.nan, day.values[1:]), "date")
    assert known_before([gap, day, lag], y) == Before("sales 1 before", 1)
    assert known_before([gap, lag], y) is None
    assert known_before([Numbers("count", np.arange(100.0)), lag], y) is None


def test_of_very_many_rows_the_last_ones_are_looked_at() -> None:
    table = one_series(1, 50_000, (2,))
    assert found(table) == Before("sales 2 before", 2)
