"""The choice of a blend in a run: by figures of all digits, at no great price for explaining, and not in silence."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.runs.job import Spec, UpdateJob
from functions.runs.task import ChooseTask, Entrant
from functions.training import ensembles
from lepton_core.errors import Failure
from lepton_core.search import Candidate, Search, Trial, Tried
from tests.functions.test_ensembles import both, version
from tests.support.stores import Store
from tests.support.world import World, csv_of, world


def values(far: float) -> bytes:
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(160, 2))
    y = np.round(64 * (3 * X[:, 0] + 2 * (X[:, 1] > 0) + 0.5 * rng.normal(size=160))) / 64
    return csv_of({"a": X[:, 0].tolist(), "b": X[:, 1].tolist(), "label": (y + far).tolist()})


def note_of(here: World, run: dict[str, Any]) -> str:
    assert run["state"] == "succeeded", run["error"]
    return str(here.ok("GET", f"/v1/runs/{run['id']}")["note"])


@pytest.mark.lengthy
@pytest.mark.slow
def test_values_far_from_nought_are_blended_by_all_their_digits(disk: Store) -> None:
    """Times and prices differ in digits that half of the bytes would not hold."""
    here = world(disk)
    run = here.trained(values(2.0**31), algorithm="linear_regression", auto=True, trials=3)
    assert version(here)["algorithm"] == "ensemble"
    alone = re.search(r"the best alone ([0-9.]+)", note_of(here, run))
    assert alone and float(alone[1]) == pytest.approx(run["outcome"]["leaderboard"][0]["loss"], rel=0.05)


@pytest.mark.lengthy
@pytest.mark.slow
def test_one_row_that_all_get_wrong_does_not_hide_that_what_explains_is_much_worse(disk: Store) -> None:
    rng = np.random.default_rng(0)
    labels = ["rare", *["x", "z"] * 29, "x"]
    a = rng.normal(size=60) + np.array([one == "x" for one in labels])
    here = world(disk)
    run = here.trained(csv_of({"a": a.tolist(), "label": labels}), auto=True, trials=6)
    tried = {one["candidate"]: one for one in run["outcome"]["leaderboard"]}
    defaults, best = tried[0], run["outcome"]["leaderboard"][0]
    assert best["loss"] < 0.8 * defaults["loss"]
    assert version(here)["algorithm"] not in ("logistic_regression", "gradient_boosting", "naive_bayes")
    assert "it cannot say what each column adds; what can has a loss of" in note_of(here, run)


@pytest.mark.slow
def test_one_that_stays_alone_is_told_of(disk: Store) -> None:
    here = world(disk)
    run = here.trained(both(), auto=True, trials=1)
    note = note_of(here, run)
    assert version(here)["algorithm"] == "logistic_regression"
    assert note.startswith("no blend is better than the best candidate alone; ") and "converged" in note


@pytest.mark.lengthy
@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2])
def test_the_note_does_not_deny_a_blend_that_was_given_up_for_explaining(disk: Store, seed: int) -> None:
    rng = np.random.default_rng(seed)
    here = world(disk)
    few = csv_of({"a": rng.normal(size=16).tolist(), "label": ["p", "q"] * 8})
    note = note_of(here, here.trained(few, auto=True, trials=5))
    assert version(here)["members"] == []
    assert "it says what each column adds; what cannot has a loss of" in note
    assert note.startswith("one model: loss") and "no blend" not in note


def test_too_few_rows_for_a_search_are_refused_with_the_call_that_trains(disk: Store) -> None:
    here = world(disk)
    run = here.trained(csv_of({"a": list(range(7)), "label": [*"pqpqpqp"]}), auto=True, trials=3)
    assert (
        run["error"]["code"] == "invalid_data"
        and "Model(name='m').train(refit=False)" in run["error"]["message"]
    )
    assert [one["body"] for one in run["error"]["remedies"]] == [{"refit": False}], (
        "but for the search, what was asked"
    )


def test_an_update_says_which_members_it_goes_on_without() -> None:
    candidates = [Candidate(name, {}) for name in ("svm", "naive_bayes", "logistic_regression")]
    job = UpdateJob(Spec("svm", {}, "m", 1), 1, tolerance=0.0, candidates=candidates)
    whole = {Trial(rung, one): Tried((0.5,) * n) for rung, n in enumerate((1, 1, 2, 4)) for one in (0, 2)}
    failed = Tried(error=Failure("diverged", "the values are too large"))
    task = ensembles.choice(job, Search({**whole, Trial(0, 1): failed}, 3, all_stay=True), {})
    assert [one.candidate for one in task.entrants] == [0, 2]
    assert task.note == "without naive_bayes: the values are too large"


@given(seed=st.integers(0, 10**6), seconds=st.floats(0, 12))
def test_what_there_is_time_for_is_never_worse_than_the_best_alone(seed: int, seconds: float) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=60)
    outputs = [y + rng.uniform(0.5, 1.5) * rng.normal(size=60) for _ in range(5)]
    costs = rng.uniform(0, 5, size=5).tolist()
    task = ChooseTask([Entrant(at, [], cost) for at, cost in enumerate(costs)], 8, seconds)
    found = ensembles.affordable(task, outputs, y, 4, range(5))
    alone = [float(np.sqrt(np.mean((one - y) ** 2))) for one in outputs]
    assert found.loss <= min(alone) + 1e-12
    cost = sum(its for its, weight in zip(costs, found.weights, strict=True) if weight)
    assert cost <= max(seconds, costs[int(np.argmin(alone))]) + 1e-12
