"""The figures of the page are those that other programs and a pencil find."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from tests.benchmarks.auto_systems.aggregate import compared, figures, interval, newest, ranks
from tests.benchmarks.auto_systems.results import Line
from tests.benchmarks.auto_systems.systems import REFERENCE, SYSTEMS
from tests.benchmarks.auto_systems.test_results import FAILED, LINE

LOSSES = {"lepton": 0.2, "autogluon-medium": 0.5, "autogluon-good": 0.4, "flaml": 0.4, "lightgbm": 0.8}


def lines(table: str, losses: Mapping[str, float | None] = LOSSES, split: int = 0) -> list[Line]:
    """A result of each system on one pair; without a loss it failed."""
    return [
        replace(FAILED if loss is None else LINE, table=table, split=split, system=name, loss=loss)
        for name, loss in losses.items()
    ]


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(1, 6)),
        elements=st.sampled_from([0.1, 0.2, 1, 3]),
    )
)
def test_ranks_are_those_of_scipy(losses: np.ndarray) -> None:
    np.testing.assert_array_equal(ranks(losses), stats.rankdata(losses, axis=1))


def test_the_interval_is_that_of_scipy() -> None:
    logs = np.random.default_rng(3).normal(0.1, 0.3, 25)
    other = stats.bootstrap(
        (logs,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
    )
    mean, low, high = interval(logs)
    assert mean == pytest.approx(stats.gmean(np.exp(logs)))
    np.testing.assert_allclose([low, high], np.exp(other.confidence_interval), rtol=0.01)


def test_one_pair_by_hand() -> None:
    of = figures(newest(lines("wells"), 60.0))
    assert [one.rank for one in of.values()] == [1, 4, 2.5, 2.5, 5]
    assert [one.firsts for one in of.values()] == [1, 0, 0, 0, 0]
    assert [one.ratio[0] for one in of.values()] == pytest.approx([0.5, 1.25, 1, 1, 2])
    assert of["lightgbm"].worst == (pytest.approx(2), "wells")
    assert all(one.kept == 1 and one.size == 1 and one.failed == 0 for one in of.values())


def test_a_table_counts_once_however_many_splits_it_has() -> None:
    of_one = [*lines("wells"), *lines("adult", LOSSES | {"lepton": 0.8})]
    more = [*of_one, *lines("wells", split=1), *lines("wells", split=2)]
    assert figures(newest(of_one, 60.0))["lepton"].ratio == figures(newest(more, 60.0))["lepton"].ratio
    assert figures(newest(more, 60.0))["lepton"].ratio[0] == pytest.approx(1)


def test_only_pairs_that_every_system_was_asked_are_compared() -> None:
    found = newest([*lines("wells"), *lines("adult")[1:]], 60.0)
    assert compared(found) == [("wells", 0)]


def test_who_fails_has_the_loss_of_a_constant() -> None:
    found = newest(lines("wells", LOSSES | {"lepton": None}), 60.0)
    of = figures(found)["lepton"]
    assert of.failed == 1
    assert of.ratio[0] == pytest.approx(LINE.constant_loss / LOSSES[REFERENCE])
    assert np.isnan([of.seconds, of.kept, of.size, of.latency]).all()


def test_where_the_reference_fails_there_is_no_ratio() -> None:
    failed = lines("adult", LOSSES | {REFERENCE: None})
    of = figures(newest([*lines("wells"), *failed], 60.0))
    assert of["lepton"].ratio == figures(newest(lines("wells"), 60.0))["lepton"].ratio
    assert of[REFERENCE].failed == 1
    assert of["lepton"].firsts == 2
    assert np.isnan(figures(newest(failed, 60.0))["lepton"].ratio).all()


def test_a_loss_of_nothing_has_a_ratio() -> None:
    of = figures(newest(lines("wells", LOSSES | {"lepton": 0.0, REFERENCE: 0.0}), 60.0))
    assert of["lepton"].ratio == (1, 1, 1)


@pytest.mark.parametrize(("seconds", "kept"), [(60.0, 1.0), (66.0, 1.0), (66.1, 0.0)])
def test_a_tenth_above_the_budget_keeps_it(seconds: float, kept: float) -> None:
    found = newest([replace(one, seconds=seconds) for one in lines("wells")], 60.0)
    assert figures(found)["lepton"].kept == kept


def test_of_a_system_only_what_was_measured_last_is_shown() -> None:
    before = [replace(one, commit="before", version="1") for one in [*lines("wells"), *lines("adult")]]
    found = newest([*before, *lines("wells")], 60.0)
    assert {name: list(of) for name, of in found.items()} == {name: [("wells", 0)] for name in SYSTEMS}
    assert newest(before, 600.0) == {}


def test_a_system_that_was_not_asked_takes_no_part() -> None:
    without = [one for one in lines("wells") if one.system != "autogluon-medium"]
    found = newest(without, 60.0)
    assert set(found) == set(SYSTEMS) - {"autogluon-medium"}
    assert compared(found) == [("wells", 0)]
    assert set(figures(found)) == set(found)
    assert compared(newest([one for one in without if one.system != REFERENCE], 60.0)) == []
