"""The benchmark runs, and what its page says of accuracy holds on the tables that take no time."""

import numpy as np
import pytest

from tests.benchmarks.defaults import END, START, figures, means, of_classes, of_values, tasks, written
from tests.benchmarks.tables import CLASSES, VALUES


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "name", ["breast cancer", "wine", "iris", "constant columns", "rare positives", "collinear"]
)
def test_classes_are_found_as_well_as_by_scikit_learn_under_its_penalty(name: str) -> None:
    found = CLASSES[name]()
    rows = len(next(tasks("logistic_regression", {}, found)).prepared.problem.X)
    of = means([of_classes(task) for task in tasks("logistic_regression", {"l2": 1 / rows}, found)])
    assert of["accuracy"] == pytest.approx(of["accuracy there"], abs=0.01)
    assert of["loss"] == pytest.approx(of["loss there"], rel=0.01)
    assert of["iterations"] < 50


def test_classes_are_found_better_than_by_scikit_learn_where_rows_tell_the_penalty() -> None:
    found = [
        means([of_classes(task) for task in tasks("logistic_regression", {}, CLASSES[name]())])
        for name in ("breast cancer", "wine", "iris")
    ]
    assert sum(of["loss"] for of in found) < sum(of["loss there"] for of in found)


@pytest.mark.parametrize("name", ["diabetes", "large offsets", "houses", "collinear"])
def test_values_are_found_as_well_as_by_scikit_learn(name: str) -> None:
    of = means([of_values(task) for task in tasks("linear_regression", {}, VALUES[name]())])
    assert of["rmse"] == pytest.approx(of["rmse there"], rel=1e-4)
    assert of["iterations"] < 25


def test_there_is_a_line_for_each_table() -> None:
    large = (np.eye(20), np.arange(20) % 2)
    lines = figures({"iris": CLASSES["iris"]}, {"diabetes": VALUES["diabetes"]}, large)
    names = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert names == ["", "Lepton", "scikit-learn", "data", "iris", "data", "diabetes", "data", "iris"]


def test_the_figures_go_between_the_marks_of_the_page() -> None:
    page = f"before\n{START}old\n{END}after\n"
    assert written(page, ["", "new"]) == f"before\n{START}\nnew\n\n{END}after\n"
