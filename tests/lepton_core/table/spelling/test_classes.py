"""The trees that come with the package: what they add up to, how they are stored, why they say so."""

import numpy as np
import pytest

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact
from lepton_core.models import Problem, algorithm
from lepton_core.table.spelling.classes import CLASSES, look_of, shipped, unpacked
from lepton_core.table.spelling.evidence import evidence_of, measured, vector
from tests.benchmarks import column_types_training

COLUMNS = [
    evidence_of({"red": 500, "green": 300, "blue": 200}),
    evidence_of({str(i): 1 for i in range(3, 900, 7)}),
    evidence_of({f"a few words and {i}": 1 for i in range(100)}),
    evidence_of({"1": 40, "2": 60, "": 100}),
]


def test_the_figures_are_those_that_the_trees_were_grown_on() -> None:
    assert tuple(measured(COLUMNS[0])) == shipped().names
    assert all(np.isfinite(vector(one)).all() for one in COLUMNS)


def test_the_file_is_small_and_reads_back() -> None:
    data = shipped().packed()
    assert len(data) < 300_000
    again = unpacked(data)
    X = np.array([vector(one) for one in COLUMNS])
    np.testing.assert_array_equal(again.scores(X), shipped().scores(X))


def test_another_file_is_refused() -> None:
    arrays, meta = read_container(shipped().packed())
    with pytest.raises(InvalidArtifact, match="no looks of columns in format 1"):
        unpacked(write_container(arrays, meta | {"format": 2}))


def test_a_column_alone_looks_as_it_does_among_others() -> None:
    X = np.array([vector(one) for one in COLUMNS])
    for row, scores in zip(X, shipped().scores(X), strict=True):
        np.testing.assert_array_equal(shipped().scores(row[None, :])[0], scores)


def test_the_chances_of_a_look_are_among_those_asked_for() -> None:
    for one in COLUMNS:
        for name in CLASSES:
            look = look_of(one, {name})
            assert (look.name, look.probability) == (name, 1.0)


def test_why_names_figures_of_the_column() -> None:
    for one in COLUMNS:
        why = look_of(one).why(one)
        assert 1 <= len(why) <= 2
        assert why.items() <= measured(one).items()


@pytest.mark.slow
def test_the_laid_out_trees_say_what_the_engine_says() -> None:
    rng = np.random.default_rng(0)
    kinds = {
        "categorical": lambda: {
            str(value): int(rng.integers(50, 99)) for value in rng.choice(9, 4, replace=False)
        },
        "numeric": lambda: {str(value): 2 for value in rng.integers(10**6, size=60)},
        "not-generalizable": lambda: {f"A {value}": 1 for value in rng.integers(10**6, size=60)},
    }
    columns = [(evidence_of(make()), name) for name, make in kinds.items() for _ in range(40)]
    columns += [(COLUMNS[2], name) for name in CLASSES if name not in kinds]
    X = np.array([vector(one) for one, _ in columns])
    y = np.array([CLASSES.index(name) for _, name in columns], dtype=np.int64)
    problem = Problem(X, y, n_classes=len(CLASSES))
    boosting = algorithm("gradient_boosting")
    hyper = boosting.configure(column_types_training.SETTINGS)
    fit = boosting.advance(boosting.start(problem, hyper), problem, hyper, lambda _: False)
    scores = column_types_training.trained(columns).scores(X)
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    # The leaves are stored as float32.
    np.testing.assert_allclose(chances, boosting.predict(boosting.parameters(fit), X), atol=1e-5)


def test_a_figure_that_is_the_usual_one_changes_only_the_trees_that_ask_for_it() -> None:
    looks = shipped()
    rng = np.random.default_rng(0)
    figures = looks.usual + rng.normal(0, 2, len(looks.usual))
    chosen = np.arange(len(figures))
    X = np.repeat(figures[None, :], len(chosen), axis=0)
    X[chosen, chosen] = looks.usual
    assert np.array_equal(looks.scores_without(figures, chosen), looks.scores(X))
    assert not np.array_equal(looks.scores(X)[0], looks.scores(X)[1])
