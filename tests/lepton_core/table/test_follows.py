"""A label that goes on in time is a forecast; noise, trends of few rows and events at any time are none."""

import numpy as np
import pytest

from lepton_core.table import Categories, Numbers, Table
from lepton_core.table.follows import follows
from lepton_core.table.split_hints import split_hints

DAY = 86400.0


def walk(rng: np.random.Generator, rows: int, season: int = 0) -> np.ndarray:
    """A series that keeps nine tenths of its last value; with a ``season`` it comes again besides."""
    found = np.zeros(rows)
    for at in range(1, rows):
        found[at] = 0.9 * found[at - 1] + rng.normal()
    return found + (6 * np.sin(2 * np.pi * np.arange(rows) / season) if season else 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_series_is_found_in_whatever_order_its_rows_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    order = rng.permutation(300)
    days, series = DAY * np.arange(300.0), walk(rng, 300)
    found = follows([("day", days[order])], [], series[order])
    assert found is not None and (found.by, found.group) == ("day", None)
    assert found.told == pytest.approx(np.corrcoef(series[1:], series[:-1])[0, 1] ** 2)


def test_a_week_that_comes_again_is_worth_a_lag() -> None:
    rng = np.random.default_rng(0)
    found = follows([("day", DAY * np.arange(400.0))], [], walk(rng, 400, season=7))
    assert found is not None and found.lags == (1, 7)


@pytest.mark.parametrize("seed", range(5))
def test_series_of_several_things_are_told_apart_by_their_column(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shops = np.repeat([f"s{one}" for one in range(5)], 80)
    label = np.concatenate([walk(rng, 80) + 50 * one for one in range(5)])
    days = np.tile(DAY * np.arange(80.0), 5)
    found = follows([("day", days)], [Categories.of("shop", shops.tolist())], label)
    assert found is not None and found.group == "shop"


@pytest.mark.parametrize("seed", range(20))
def test_what_is_no_series_is_not_called_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    even, events = DAY * np.arange(300.0), np.cumsum(rng.exponential(DAY, size=300))
    assert follows([("day", even)], [], rng.normal(size=300)) is None
    assert follows([("when", events)], [], walk(rng, 300)) is None
    assert follows([("day", even[:20])], [], walk(rng, 20)) is None


def test_the_hint_offers_lags_and_the_split_that_holds_out_the_last_rows() -> None:
    rng = np.random.default_rng(0)
    table = Table(
        (
            Numbers("day", DAY * np.arange(400.0), "date"),
            Numbers("price", rng.normal(size=400)),
            Numbers("sales", walk(rng, 400, season=7)),
        )
    )
    [hint] = split_hints(table, "sales")
    assert hint.reason == "forecast" and hint.matters
    assert "data = data.with_lags({'sales': [1, 7]}, by='day')" in hint.message
    assert str(hint.remedy) == "model.train(split=Split('time', 'day'))"
