"""What a fit has found by rows that it left out, given to the next one: that one looks for nothing again."""

from typing import Any

import numpy as np
import pytest

from lepton_core.models import Finds, Fit, Problem, algorithm


def fitted(name: str, problem: Problem, given: dict[str, Any]) -> tuple[Fit, dict[str, Any]]:
    """The finished fit, and what it found."""
    of = algorithm(name)
    hyper = of.configure(given)
    fit = of.advance(of.start(problem, hyper), problem, hyper, lambda _: False)
    assert isinstance(of, Finds)
    return fit, dict(of.found(fit, problem, hyper))


def problem(rows: int, columns: int, *, classes: bool) -> Problem:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    score = X[:, 0] + rng.normal(size=rows)
    return Problem(X, (score > 0).astype(np.int64) if classes else score, n_classes=2 if classes else 0)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("logistic_regression", {}),
        ("logistic_regression", {"l2": 0.5}),
        ("logistic_regression", {"iterations": 20}),
        ("logistic_regression", {"l1": 0.01}),
        ("linear_regression", {}),
        ("linear_regression", {"loss": "huber"}),
    ],
)
def test_a_linear_model_has_the_same_weights_under_what_it_found(name: str, given: dict[str, Any]) -> None:
    data = problem(80, 30, classes=name == "logistic_regression")
    fit, found = fitted(name, data, given)
    again, found_again = fitted(name, data, {**given, **found})
    assert ("l2" in found) == ("l2" not in given)
    assert found_again == {}
    assert np.array_equal(fit.arrays["weights"], again.arrays["weights"])


def test_boosting_has_found_its_number_of_trees_where_it_stopped_early() -> None:
    data = problem(400, 3, classes=True)
    fit, found = fitted("gradient_boosting", data, {"early_stopping": True, "iterations": 500})
    assert found == {"iterations": fit.iteration, "early_stopping": False}
    assert fit.iteration < 500
    again, nothing = fitted("gradient_boosting", data, {"iterations": 500, **found})
    assert (again.iteration, nothing) == (fit.iteration, {})


def test_boosting_has_found_its_number_of_trees_by_folds() -> None:
    data = problem(200, 3, classes=True)
    fit, found = fitted("gradient_boosting", data, {})
    assert found == {"iterations": fit.iteration, "early_stopping": False}
    assert len(fit.losses) == fit.iteration
    again, nothing = fitted("gradient_boosting", data, found)
    assert (again.iteration, nothing) == (fit.iteration, {})
    of = algorithm("gradient_boosting")
    trees, same = of.parameters(fit), of.parameters(again)
    assert trees.keys() == same.keys() and all(np.array_equal(trees[name], same[name]) for name in trees)


@pytest.mark.parametrize("given", [{"iterations": 5}, {"iterations": 5, "early_stopping": False}])
def test_boosting_that_did_not_stop_early_has_found_nothing(given: dict[str, Any]) -> None:
    assert fitted("gradient_boosting", problem(100, 3, classes=True), given)[1] == {}
