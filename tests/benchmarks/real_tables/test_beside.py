"""A difference counts when it is more than what chance makes of the same rows."""

import numpy as np
import pytest

from tests.benchmarks.real_tables.beside import Beside, of_rows, together
from tests.benchmarks.real_tables.peer import Told

RNG = np.random.default_rng(0)


def told(y: np.ndarray, classes: tuple[str, ...]) -> Told:
    return Told(None, y, np.arange(len(y)), classes, ())


@pytest.mark.parametrize(("shift", "word"), [(0.5, "worse"), (-0.5, "better"), (0.0, "alike")])
def test_a_shift_of_all_rows_is_seen_and_chance_is_not(shift: float, word: str) -> None:
    theirs = RNG.exponential(size=400)
    assert Beside(theirs + shift + RNG.normal(0, 0.3, 400) * (1 if shift else 0), theirs).verdict.startswith(
        word
    )


def test_of_equals_one_in_twenty_is_said_to_differ() -> None:
    differing = 0
    for _ in range(400):
        theirs = RNG.exponential(size=200)
        differing += "alike" not in Beside(theirs + RNG.normal(0, 1, 200), theirs).verdict
    assert 4 <= differing <= 40


def test_splits_are_put_together_row_by_row() -> None:
    parts = [Beside(RNG.random(5), RNG.random(5)) for _ in range(3)]
    assert len(together(parts).ours) == 15
    assert together(parts[:1]).errors == parts[0].errors


def test_the_loss_of_a_row_is_the_log_loss_of_its_class_or_the_squared_error_of_its_value() -> None:
    classes = told(np.array([0, 1]), ("a", "b"))
    found = np.array([[0.25, 0.75], [0.5, 0.5]])
    assert of_rows(classes, found, np.array([0, 1])).tolist() == [-np.log(0.25), -np.log(0.5)]
    values = told(np.array([1.0, 2.0]), ())
    assert of_rows(values, np.array([1.5, 0.0]), np.array([0, 1])).tolist() == [0.25, 4.0]
