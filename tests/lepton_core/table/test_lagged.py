"""Values of rows before: in the order of time, within a group, whatever the order of the file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Categories, Numbers, Table
from lepton_core.table.lagged import Lags, following, lagged


def panel(seed: int, groups: int, days: int) -> Table:
    rng = np.random.default_rng(seed)
    rows = [(f"g{group}", 86400.0 * day, rng.normal()) for group in range(groups) for day in range(days)]
    rng.shuffle(rows)
    return Table(
        (
            Categories.of("shop", [one[0] for one in rows]),
            Numbers("day", np.array([float(one[1]) for one in rows]), "date"),
            Numbers("sales", np.array([float(one[2]) for one in rows])),
        )
    )


@given(seed=st.integers(0, 99), groups=st.integers(1, 3), days=st.integers(2, 9), lag=st.integers(1, 4))
def test_a_lag_is_the_value_of_the_day_so_many_days_before(
    seed: int, groups: int, days: int, lag: int
) -> None:
    table = panel(seed, groups, days)
    found = lagged(table, Lags({"sales": (lag,)}, "day", "shop"))
    cells = list(zip(table["shop"].codes, table["day"].values, table["sales"].values, strict=True))
    known = {(shop, day): sales for shop, day, sales in cells}
    expected = [known.get((shop, day - 86400 * lag), np.nan) for shop, day, _ in cells]
    np.testing.assert_array_equal(found[f"sales {lag} before"].values, expected)
    assert found.select(table.names) == table


@given(seed=st.integers(0, 99), groups=st.integers(1, 3), days=st.integers(2, 9), lag=st.integers(1, 4))
def test_the_following_row_is_what_a_further_day_would_have_had(
    seed: int, groups: int, days: int, lag: int
) -> None:
    table = panel(seed, groups, days + 1)
    last = table["day"].values == 86400.0 * days
    lags = Lags({"sales": (lag,)}, "day", "shop")
    expected = lagged(table, lags).take(np.flatnonzero(last))
    found = following(table.take(np.flatnonzero(~last)), lags)
    by_shop = dict(zip(found["shop"].codes.tolist(), found[f"sales {lag} before"].values, strict=True))
    assert set(found["day"].values) == {86400.0 * days} and found.rows == groups
    np.testing.assert_array_equal(
        [by_shop[code] for code in expected["shop"].codes.tolist()], expected[f"sales {lag} before"].values
    )


def test_an_order_that_is_none_is_refused_with_the_row() -> None:
    table = panel(0, 2, 3)
    with pytest.raises(
        InvalidData, match=r"row \d, column 'day': has the time of another row; .*group='...'"
    ):
        lagged(table, Lags({"sales": (1,)}, "day"))
    with pytest.raises(InvalidData, match="column 'shop': is a category; numbers alone have values before"):
        lagged(table, Lags({"shop": (1,)}, "day", "shop"))
    with pytest.raises(InvalidData, match="column 'week': is not there; there are shop, day, sales"):
        lagged(table, Lags({"sales": (1,)}, "week"))
    gone = Numbers("day", np.where(np.arange(6) == 4, np.nan, table["day"].values), "date")
    with pytest.raises(InvalidData, match="row 5, column 'day': is missing"):
        lagged(Table((table["shop"], gone, table["sales"])), Lags({"sales": (1,)}, "day", "shop"))


@pytest.mark.parametrize(
    ("first", "months", "count"), [("2000-01-01", 1, 100), ("2001-02-28", 3, 20), ("1990-12-24", 12, 30)]
)
def test_months_and_years_are_followed_by_the_next_one(first: str, months: int, count: int) -> None:
    begin = np.datetime64(first)
    within = begin - begin.astype("datetime64[M]").astype("datetime64[D]")
    dates = [
        (begin.astype("datetime64[M]") + months * at).astype("datetime64[D]") + within
        for at in range(count + 1)
    ]
    seconds = np.array(dates, dtype="datetime64[s]").astype(np.float64)
    table = Table((Numbers("when", seconds[:-1], "date"), Numbers("y", np.arange(float(count)))))
    found = following(table, Lags({"y": (1, 10**30)}, "when"))
    assert found["when"].values.tolist() == [seconds[-1]] and found["y 1 before"].values.tolist() == [
        count - 1.0
    ]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([str(1990 + at) for at in range(5)], "integer"),
        ([f"{at}.5" for at in range(5)], "number"),
        ([f"2024-01-0{1 + at}" for at in range(5)], "date"),
    ],
)
def test_an_order_of_words_is_refused_with_the_call_that_reads_times(cells: list[str], kind: str) -> None:
    table = Table((Categories.of("year", cells), Numbers("y", np.arange(5.0))))
    with pytest.raises(InvalidData, match=rf"kinds=\{{'year': '{kind}'\}}\)$"):
        lagged(table, Lags({"y": (1,)}, "year"))


@pytest.mark.parametrize("lags", [{}, {"sales": []}, {"sales": [0]}, {"sales": "1"}, {"sales": [True]}, [1]])
def test_lags_are_whole_numbers_from_one_on(lags: object) -> None:
    with pytest.raises(InvalidInput):
        Lags.checked(lags, "day")  # type: ignore[arg-type]
