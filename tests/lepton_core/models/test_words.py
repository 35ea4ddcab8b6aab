"""iterations, learning_rate and batch_size: each algorithm takes them, or names the word that it has instead."""

from dataclasses import fields

import numpy as np
import pytest

from lepton_core.errors import InvalidInput
from lepton_core.models import ALGORITHMS, algorithm
from tests.support.algorithms import Case, never
from tests.support.pasted import paste

WORDS = {"iterations": 12, "learning_rate": 0.05, "batch_size": 16}
DESCENT = {"deep_learning", "linear_regression", "logistic_regression", "svm"}
TAKEN = {name: set(WORDS) if name in DESCENT else set() for name in ALGORITHMS} | {
    "gradient_boosting": {"iterations", "learning_rate"}
}
OFFERED = {
    ("random_forest", "iterations"): "model.train(trees=12)",
    ("random_forest", "batch_size"): "model.train(max_samples=0.5)",
    ("decision_tree", "iterations"): "model.train(max_depth=8)",
}
EVERY = pytest.mark.parametrize("name", sorted(ALGORITHMS))


def offered(name: str, **given: object) -> str:
    """The call that the refusal of ``given`` offers, which its message ends with."""
    with pytest.raises(InvalidInput) as caught:
        algorithm(name).configure(given)
    assert caught.value.field in given
    assert caught.value.message.startswith(f"no hyperparameter '{caught.value.field}': ")
    (way,) = caught.value.remedies
    assert caught.value.message.endswith(f"; instead: {way}")
    return str(way)


def train(name: str, **given: object) -> dict[str, object]:
    of = algorithm(name)
    problem = Case(of, 2 if "classification" in of.tasks else 0).problem()
    hyper = of.configure(given)
    found = of.parameters(of.advance(of.start(problem, hyper), problem, hyper, never))
    assert np.isfinite(of.predict(found, problem.X)).all()
    return given


class Pasted:
    """What stands for the model in a call that is pasted."""

    def __init__(self, name: str) -> None:
        self.name = name

    def train(self, **given: object) -> dict[str, object]:
        return train(self.name, **given)


@EVERY
@pytest.mark.parametrize("word", sorted(WORDS))
def test_each_word_trains_or_leads_to_a_call_that_does(name, word):
    given = {word: WORDS[word]}
    known = {one.name for one in fields(algorithm(name).defaults)}
    assert (word in known) == (word in TAKEN[name])
    if word in TAKEN[name]:
        train(name, **given)
        return
    call = offered(name, **given)
    assert call == OFFERED.get((name, word), "model.train()")
    paste(call, {"model": Pasted(name)})


@EVERY
def test_all_three_lead_to_one_call_that_keeps_what_is_taken(name):
    if TAKEN[name] == set(WORDS):
        train(name, **WORDS)
        return
    call = offered(name, **WORDS)
    made = paste(call, {"model": Pasted(name)})
    assert {word: made[word] for word in TAKEN[name]} == {word: WORDS[word] for word in TAKEN[name]}
    for word in set(WORDS) - TAKEN[name]:
        with pytest.raises(InvalidInput) as caught:
            algorithm(name).configure(WORDS)
        assert f"no hyperparameter {word!r}: " in caught.value.message


@EVERY
def test_every_word_that_is_elsewhere_is_a_setting_of_another_algorithm(name):
    settings = {one.name for of in ALGORITHMS.values() for one in fields(of.defaults)}
    own = {one.name for one in fields(algorithm(name).defaults)}
    elsewhere = algorithm(name).defaults.elsewhere
    assert set(elsewhere) <= settings - own
    assert {one.word for one in elsewhere.values()} - {None} <= own
    assert set(WORDS) <= own | set(elsewhere)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("svm", {"kernel": "rbf"}),
        ("deep_learning", {"optimizer": "lbfgs"}),
        ("logistic_regression", {"optimizer": "newton"}),
        ("linear_regression", {"optimizer": "lbfgs"}),
    ],
)
def test_where_other_settings_leave_no_place_for_them_the_call_without_is_offered(name, more):
    with pytest.raises(InvalidInput, match="does not go with") as caught:
        algorithm(name).configure(WORDS | more)
    (way,) = caught.value.remedies
    assert caught.value.message.endswith(f": {way}")
    made = paste(str(way), {"model": Pasted(name)})
    assert set(made) == set(more) | ({"iterations"} if "optimizer" in more else set())


def test_a_word_out_of_range_is_not_carried_over():
    assert offered("random_forest", iterations=10**6) == "model.train()"
    assert offered("random_forest", iterations="many", max_depth=3) == "model.train(max_depth=3)"
    assert offered("random_forest", iterations=9, trees=50) == "model.train(trees=50)"
