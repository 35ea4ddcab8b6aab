"""The curve of a fit on rows that it does not see: the same points however it was sliced, and a fit as without it."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core import train as core
from lepton_core.evaluate import CurvePoint
from lepton_core.followed import MARKS, MOST_FOLLOWED, FollowedRows, advance_followed, followed_rows
from lepton_core.models import ALGORITHMS, Fit, Staged, pack_fit, unpack_fit
from lepton_core.promotion import held_out_loss
from lepton_core.table import Categories, Numbers, Table

KINDS: list[tuple[str, int, dict[str, Any]]] = [
    ("logistic_regression", 2, {}),
    ("logistic_regression", 3, {"iterations": 40, "learning_rate": 0.1}),
    ("linear_regression", 0, {"iterations": 40, "learning_rate": 0.1}),
    ("linear_regression", 0, {"loss": "huber"}),
    ("deep_learning", 2, {"iterations": 12, "hidden": [4]}),
    ("deep_learning", 0, {"iterations": 12, "hidden": [4]}),
    ("gradient_boosting", 2, {"iterations": 30}),
    ("gradient_boosting", 3, {"iterations": 10}),
    ("gradient_boosting", 0, {"iterations": 30, "early_stopping": True}),
    ("random_forest", 2, {"trees": 12}),
    ("random_forest", 3, {"trees": 12}),
    ("random_forest", 0, {"trees": 12}),
    ("svm", 0, {"iterations": 20}),
]
"""Algorithms that have a model before the end: the number of classes, or 0, and settings."""


def table(classes: int, rows: int = 120) -> Table:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(rows, 2))
    score = x[:, 0] + 0.5 * rng.normal(size=rows)
    label = Numbers("y", score)
    if classes:
        label = Categories.of("y", [f"c{place}" for place in np.argsort(np.argsort(score)) * classes // rows])
    kinds = Categories.of("k", ["uvw"[place] for place in rng.integers(3, size=rows)])
    return Table((Numbers("a", x[:, 0]), Numbers("b", x[:, 1]), kinds, label))


@cache
def prepared(at: int) -> tuple[core.Prepared, Table, FollowedRows]:
    name, classes, given_ = KINDS[at]
    data = table(classes)
    held_out = np.arange(0, data.rows, 4)
    numbers = core.prepare(core.Recipe(name, "y", given_), data, np.setdiff1d(np.arange(data.rows), held_out))
    aside = data.take(held_out)
    rows = followed_rows(numbers, aside)
    assert rows is not None
    return numbers, aside, rows


@cache
def in_one(at: int) -> tuple[Fit, list[CurvePoint]]:
    numbers, _, rows = prepared(at)
    return advance_followed(numbers, core.start(numbers), lambda _: False, rows)


def test_every_algorithm_of_many_iterations_is_followed() -> None:
    staged = {name for name, one in ALGORITHMS.items() if isinstance(one, Staged)}
    assert staged == {name for name, *_ in KINDS} == ALGORITHMS.keys() - {"decision_tree", "naive_bayes"}


@pytest.mark.parametrize("at", range(len(KINDS)))
def test_a_fit_is_the_same_to_the_last_bit_whether_it_is_followed(at: int) -> None:
    numbers, _, _ = prepared(at)
    alone = core.advance(numbers, core.start(numbers), lambda _: False)
    (arrays, meta), (others, same) = pack_fit(alone), pack_fit(in_one(at)[0])
    assert meta == same
    assert {name: one.tobytes() for name, one in arrays.items()} == {
        name: one.tobytes() for name, one in others.items()
    }


@pytest.mark.parametrize("at", range(len(KINDS)))
def test_the_last_point_is_the_loss_by_which_the_version_is_judged(at: int) -> None:
    numbers, aside, _ = prepared(at)
    fit, points = in_one(at)
    made = core.finish(numbers, fit)
    assert points[-1].iteration == fit.iteration
    assert points[-1].held_out == pytest.approx(held_out_loss(made, aside), rel=1e-12)
    assert [one.iteration for one in points[:-1]] == [n for n in range(1, fit.iteration) if n in MARKS]


@settings(max_examples=40)
@given(st.integers(0, len(KINDS) - 1), st.lists(st.integers(1, 9), max_size=5))
def test_however_a_fit_is_sliced_its_points_are_the_same(at: int, slices: list[int]) -> None:
    numbers, _, rows = prepared(at)
    whole, expected = in_one(at)
    fit, points = core.start(numbers), list[CurvePoint]()
    for size in [*slices, 10_000]:
        if not fit.finished:
            until = fit.iteration + size
            fit, found = advance_followed(numbers, fit, lambda one, end=until: one.iteration >= end, rows)  # type: ignore[misc]
            points += found
            fit = unpack_fit(*pack_fit(fit))
    assert (fit.iteration, points) == (whole.iteration, expected)


@pytest.mark.parametrize(
    ("name", "classes", "given_"),
    [
        ("decision_tree", 2, {}),
        ("naive_bayes", 2, {}),
        ("svm", 2, {}),
        ("svm", 0, {"kernel": "rbf"}),
        ("svm", 3, {"kernel": "rbf"}),
    ],
)
def test_what_is_no_model_before_its_end_has_no_point(
    name: str, classes: int, given_: dict[str, Any]
) -> None:
    data = table(classes)
    numbers = core.prepare(core.Recipe(name, "y", given_), data, np.arange(90))
    rows = followed_rows(numbers, data.take(np.arange(90, 120)))
    fit, points = advance_followed(numbers, core.start(numbers), lambda _: False, rows)
    assert (fit.finished, points) == (True, [])


def test_of_many_rows_a_thousand_of_each_side_are_looked_at_and_always_the_same() -> None:
    data = table(2, 4_000)
    numbers = core.prepare(core.Recipe("logistic_regression", "y", {}), data, np.arange(2_500))
    aside = data.take(np.arange(2_500, 4_000))
    first, again = followed_rows(numbers, aside), followed_rows(numbers, aside)
    assert first is not None
    assert again is not None
    assert first.counts == (MOST_FOLLOWED, MOST_FOLLOWED)
    for one, other in ((first.held_out, again.held_out), (first.training, again.training)):
        assert np.array_equal(one[0], other[0])
        assert np.array_equal(one[1], other[1])


def test_of_very_many_columns_fewer_rows_are_looked_at() -> None:
    rng = np.random.default_rng(0)
    columns = [Numbers(f"x{place}", one) for place, one in enumerate(rng.normal(size=(5_000, 400)))]
    data = Table((*columns, Numbers("y", rng.normal(size=400))))
    numbers = core.prepare(core.Recipe("linear_regression", "y", {"l2": 1.0}), data, np.arange(100))
    rows = followed_rows(numbers, data.take(np.arange(100, 400)))
    assert rows is not None
    assert rows.counts == (200, 100)


def test_rows_that_cannot_be_predicted_are_left_to_their_evaluation() -> None:
    data = table(2)
    numbers = core.prepare(core.Recipe("logistic_regression", "y", {}), data, np.arange(90))
    without = data.without("a").take(np.arange(90, 120))
    assert followed_rows(numbers, without) is None
    huge = Numbers("a", np.full(120, 1e308))
    aside = Table((huge, *data.without("a").columns)).take(np.arange(90, 120))
    rows = followed_rows(numbers, aside)
    fit, points = advance_followed(numbers, core.start(numbers), lambda _: False, rows)
    assert fit.finished
    assert fit.iteration not in [one.iteration for one in points]
    assert np.isfinite([one.held_out for one in points]).all()


def test_the_marks_are_about_a_third_apart() -> None:
    some = sorted(MARKS)
    assert some[:12] == [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 29]
    assert len([one for one in some if one <= 10_000]) == 32
