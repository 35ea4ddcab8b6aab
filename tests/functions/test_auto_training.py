"""Automatic training as a run: trials as tasks, the winner as a version, the leaderboard with the run."""

import random
from concurrent.futures import Future
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from functions.context import Context, never
from functions.datasets.parts import read_table
from functions.records import find
from functions.runs.loop import Driver
from functions.runs.new_run import new_run
from functions.runs.perform import Order, Worker
from functions.runs.places.threads import Threads
from functions.runs.record import RESULTS, TrainOutcome, find_run, has_ended
from functions.runs.runners import Ended
from functions.runs.task import Measured, Result, Results, TrialTask, key_of
from functions.runs.view import whole
from functions.settings import Settings
from functions.storage import MAX_RECORD_BYTES
from functions.system.sweep import sweep
from functions.train import TrainModel, decide
from functions.training import trials
from functions.training.run_kinds import RUN_KINDS
from lepton_core import search
from lepton_core.errors import Failure
from lepton_core.models import ALGORITHMS
from lepton_core.search import FOLDS, Trial
from lepton_core.search.noise import BLOCKS
from lepton_core.table import split_rows
from lepton_core.train import Recipe
from lepton_core.validation import fold_result, fold_rows
from tests.support.clocks import Ticking
from tests.support.runners import idle, inline
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

pytestmark = pytest.mark.slow

DATA = two_classes(120)
AUTO = {"auto": "hyperparameters", "trials": 5, "seed": 3}
MOST = MAX_RECORD_BYTES / 2


def board(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The leaderboard but for its times."""
    assert run["state"] == "succeeded", run["error"]
    return [{name: one[name] for name in one if name != "seconds"} for one in run["outcome"]["leaderboard"]]


def test_the_winner_becomes_a_version_and_the_leaderboard_stays_with_the_run(store: Store) -> None:
    here = world(store)
    run = here.trained(DATA, **AUTO)
    found = board(run)
    assert sorted(one["candidate"] for one in found) == [0, 1, 2, 3, 4]
    assert run["trial"] == run["trials"] == sum(one["rung"] + 1 for one in found)
    assert [(-one["rung"], one["loss"]) for one in found] == sorted(
        (-one["rung"], one["loss"]) for one in found
    )
    assert {one["candidate"]: one["hyperparameters"] for one in found}[0] == {}
    assert [one["folds"] for one in found][:3] == [2 * FOLDS] * 3  # so few rows are dealt out twice
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert version["hyperparameters"] == {**found[0]["hyperparameters"], "seed": 3}
    assert version["algorithm"] == found[0]["algorithm"] == "logistic_regression"
    assert here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["leaderboard"]
    assert ["leaderboard" in one["outcome"] for one in here.ok("GET", "/v1/runs")["items"]] == [False]

    plain = {name: value for name, value in version["hyperparameters"].items() if name != "seed"}
    again = here.ok("POST", "/v1/models/m/train", {"hyperparameters": plain, "seed": 3, "refit": False})
    assert here.ok("GET", f"/v1/runs/{again['id']}")["version"] == 2
    assert here.ok("GET", "/v1/models/m/versions/2")["digest"] == version["digest"]


def test_the_losses_are_those_of_folds_of_the_training_rows_alone(store: Store) -> None:
    here = world(store)
    found = {one["candidate"]: one for one in board(here.trained(DATA, **AUTO))}
    place = here.platform.workspace("default")
    table = read_table(place, find.dataset_version(place, "m", 1).value)
    training, held_out = split_rows(table, label="label")
    seen: set[int] = set()
    for one in found.values():
        recipe = Recipe("logistic_regression", "label", one["hyperparameters"], seed=3)
        rows = [fold for seed in (3, 4) for fold in fold_rows(recipe, table, training, FOLDS, seed=seed)]
        rows = rows[: one["folds"]]
        losses = [fold_result(recipe, table, *fold).loss for fold in rows]
        assert one["loss"] == pytest.approx(np.mean(losses), rel=1e-14)
        seen |= {int(row) for fold in rows for part in fold for row in part}
    assert not seen & set(held_out.tolist())
    here.ok("POST", "/v1/models/m/train", {"seed": 3})
    evaluated = []
    for seed in (3, 4):
        run = here.ok("POST", "/v1/models/m/evaluate", {"folds": FOLDS, "seed": seed, "version": 2})
        outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
        evaluated.append(outcome["cross_validation"]["loss"])
    assert found[0]["loss"] == pytest.approx(np.mean(evaluated), rel=1e-14)


class Shuffled:
    """A runner that hands in results in an order of its own, and is stopped again and again; its own place, too."""

    def __init__(self, context: Context, ended: Ended, seed: int = 0) -> None:
        self.context = context
        self.rng = random.Random(seed)
        self.worker = Worker(context, RUN_KINDS)
        self.driver = Driver(context, RUN_KINDS, self, ended)
        self.planned = 0

    def start(self, workspace: str, run: str) -> None:
        while not has_ended(find_run(self.context.workspace(workspace), run).value):
            self.once(workspace, run)

    def take_up(self, workspace: str, run: str, stopping: Any = never) -> None:
        self.start(workspace, run)

    def once(self, workspace: str, run: str) -> None:
        """Until it is planned for the second time."""
        self.planned = 0
        self.driver.drive(workspace, run, lambda: self.planned > 0)

    def submit(self, order: Order) -> "Future[Result]":
        future: Future[Result] = Future()
        self.planned += 1
        if self.planned == 1 or self.rng.random() < 0.5:
            future.set_result(self.worker.perform(order))
        return future  # if it was not worked on, it is cancelled when the driver stops

    def close(self, grace_seconds: float = 0.0) -> None: ...


class Many(Shuffled):
    """A runner with several workers."""

    def start(self, workspace: str, run: str) -> None:
        place = Threads(self.worker, 3)
        Driver(self.context, RUN_KINDS, place).drive(workspace, run)
        place.close()


@pytest.mark.lengthy
def test_the_leaderboard_is_the_same_whoever_does_the_trials_in_whatever_order(store: Store) -> None:
    here = world(store)
    expected = board(here.trained(DATA, "first", **AUTO))
    for name, runner in (("a", partial(Shuffled, seed=1)), ("b", Many)):
        other = here.again(runner=runner, settings=Settings(slice_seconds=0.0))
        assert board(other.trained(DATA, name, **AUTO)) == expected
    assert board(here.trained(DATA, "c", **{**AUTO, "seed": 4})) != expected


@pytest.mark.lengthy
def test_a_trial_that_is_done_is_not_done_again(store: Store) -> None:
    """Whoever goes on an hour later leaves what he finds as it is: it would bear another time."""
    here = world(store, runner=Once, settings=Settings(slice_seconds=0.0))
    run = here.trained(DATA, **AUTO)
    seen: dict[Trial, search.Tried] = {}
    while run["state"] == "running":
        done = tried(here, run["id"])
        for trial, before in seen.items():
            had = len(before.losses)
            assert len(before.spans) == had  # a slice a fold
            assert done[trial].spans[:had] == before.spans
            assert done[trial].losses[:had] == before.losses
        seen = done
        here.clock.forward(3600)
        sweep(here.platform)
        run = here.ok("GET", f"/v1/runs/{run['id']}")
    assert len(seen) == sum(one["rung"] + 1 for one in board(run))
    assert board(run) == board(here.again(runner=inline).trained(DATA, "other", **AUTO))


class Once(Shuffled):
    """A runner that ends after each plan."""

    def start(self, workspace: str, run: str) -> None:
        self.once(workspace, run)


def tried(here: World, run: str) -> dict[Trial, search.Tried]:
    """The trials of a run as far as they have come."""
    found = here.platform.workspace("default").list(RESULTS, run, limit=1000)
    results = [kept.value.result for _, kept in found]
    return {one.trial: one.tried for one in results if isinstance(one, Measured)}


def test_what_is_given_is_the_same_in_every_candidate(store: Store) -> None:
    here = world(store)
    found = board(here.trained(DATA, **AUTO, iterations=20, hyperparameters={"l2": 0.01}))
    assert all(one["hyperparameters"]["l2"] == 0.01 for one in found)
    assert all(one["hyperparameters"]["iterations"] == 20 for one in found)
    assert len({one["hyperparameters"].get("l1") for one in found}) == 5
    found = board(here.trained(DATA, **AUTO, hyperparameters={"l1": 0.0, "l2": 0.01}))
    assert [(one["candidate"], one["folds"]) for one in found] == [(0, 1)]  # there is nothing to choose


@pytest.mark.lengthy
def test_a_candidate_that_fails_comes_last_and_the_run_goes_on(store: Store) -> None:
    """The rate suits the loss alone; with a strong penalty on top it is too long."""
    here = world(store)
    run = here.trained(DATA, auto="hyperparameters", iterations=100, learning_rate=5.0)
    found = board(run)
    failed = [one for one in found if one["error"] is not None]
    assert 0 < len(failed) < len(found) == 20
    assert found[-len(failed) :] == failed
    assert {(one["loss"], one["error"]["code"]) for one in failed} == {(None, "diverged")}
    assert all("diverged" in one["error"]["message"] for one in failed)
    assert here.ok("GET", "/v1/models/m/versions/1")["hyperparameters"]["learning_rate"] == 5.0


def test_if_all_fail_the_run_fails_with_their_error(store: Store) -> None:
    here = world(store)
    run = here.trained(DATA, auto="hyperparameters", iterations=100, learning_rate=1e9)
    assert (run["state"], run["error"]["code"], run["version"]) == ("failed", "diverged", None)
    assert here.ok("GET", "/v1/models/m/versions")["items"] == []


def test_too_few_rows_to_compare_by_folds_are_an_error(store: Store) -> None:
    run = world(store).trained(two_classes(9), auto="hyperparameters")
    assert (run["state"], run["error"]["code"]) == ("failed", "invalid_data")
    assert "8 folds" in run["error"]["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"trials": 5}, "trials"),
        ({"auto": False, "seconds": 5.0}, "seconds"),
        ({"auto": "algorithms"}, "auto"),
        ({"auto": 1}, "auto"),
        ({"auto": "hyperparameters", "trials": 0}, "trials"),
        ({"auto": "hyperparameters", "trials": 201}, "trials"),
        ({"auto": "hyperparameters", "seconds": 0}, "seconds"),
        ({"auto": "hyperparameters", "hyperparameters": {"l3": 1}}, "l3"),
    ],
)
def test_a_search_that_cannot_be_is_refused_and_nothing_is_queued(
    disk: Store, body: dict[str, Any], field: str
) -> None:
    here = world(disk)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(DATA)
    refused = here.refused("POST", "/v1/models/m/train", body)
    assert (refused["status"], refused["field"]) == (400, field)
    assert here.ok("GET", "/v1/runs")["items"] == []


def test_the_same_search_asked_for_twice_is_one_run(store: Store) -> None:
    here = world(store, runner=idle)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(DATA)
    first = here.ok("POST", "/v1/models/m/train", AUTO)
    assert here.ok("POST", "/v1/models/m/train", AUTO)["id"] == first["id"]
    assert here.refused("POST", "/v1/models/m/train", {**AUTO, "seed": 4})["status"] == 409


def test_progress_tells_the_trials_and_who_leads(disk: Store) -> None:
    here = world(disk, runner=Once)
    run = here.trained(DATA, **AUTO)
    assert (run["state"], run["trials"], run["iterations"]) == ("running", 17, 0)
    assert 1 <= run["trial"] < 14
    assert run["note"].startswith("best so far: ") and run["note"].endswith(" over 1 fold")


def test_of_a_search_by_time_the_number_of_trials_is_told_when_it_can_be_guessed(disk: Store) -> None:
    here = world(disk, runner=Once)
    run = here.trained(DATA, auto="hyperparameters", seconds=1e6)
    assert run["state"] == "running" and run["trial"] >= 1
    assert run["trials"] == 0


def test_a_budget_of_seconds_ends_the_search_and_leaves_a_winner(store: Store) -> None:
    here = world(store)
    here = here.again(clock=Ticking())
    for seconds, folds in ((0.001, 1), (3.0, 1), (90.0, 2 * FOLDS)):
        run = here.trained(DATA, auto="hyperparameters", seconds=seconds)
        found = run["outcome"]["leaderboard"]
        assert found[0]["folds"] == folds
        assert found[0]["seconds"] > 0
        assert run["trial"] == run["trials"]
        winner = here.ok("GET", f"/v1/models/m/versions/{run['version']}")["hyperparameters"]
        assert winner == {**found[0]["hyperparameters"], "seed": 0}
    assert len(found) > 5
    run = here.trained(DATA, auto="hyperparameters", seconds=1e6, trials=3)
    assert [one["folds"] for one in run["outcome"]["leaderboard"]] == [2 * FOLDS] * 3


def test_the_largest_search_fits_into_its_records_and_its_leaderboard_into_an_answer(disk: Store) -> None:
    """200 trials, as much given as may be, and errors with the longest messages."""
    here = world(disk, runner=idle)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(DATA)
    place = here.platform.workspace("default")
    model = find.model(place, "m").value
    most = {"learning_rate": 0.12345678901234567, "hyperparameters": {"l2": 0.12345678901234567}}
    wanted = msgspec.convert({"auto": "algorithm", "trials": 200, **most}, TrainModel)
    job, _ = decide(place, model, wanted)
    given: Any = {f"{i:03}": 0.123456789012 for i in range(22)}
    assert 450 < len(msgspec.json.encode(given)) <= trials.MOST_GIVEN_BYTES
    job = replace(job, spec=replace(job.spec, hyperparameters=given), seconds=1e5)
    run = new_run(here.platform, "m", job)
    assert len(msgspec.json.encode(replace(run, progress=RUN_KINDS[type(job)].progress(job, {})))) < MOST

    error = Failure("invalid_artifact", trials._cut("é" * 1000))
    assert len(error.message.encode()) <= trials.MOST_MESSAGE_BYTES
    loss, span = 0.12345678901234567, (1234567890.123456, 1234567891.123456)
    done = {Trial(0, i): search.Tried((loss,), (span,)) for i in range(100)}
    done |= {Trial(0, i): search.Tried((), (span,), error) for i in range(100, 200)}
    blocks = (0.123456,) * BLOCKS
    job = replace(job, repeats=2)
    for rung in (1, 2, 3, 4):
        folds = len(search.folds_of(rung))
        kept = (
            (blocks,) * folds if rung < 4 else ()
        )  # nobody is dropped by those of a second cross-validation
        one = search.Tried((loss,) * folds, (span,) * folds, blocks=kept)
        done |= {Trial(rung, i): one for i in range(100)}
    results: Results = {key_of(TrialTask(trial)): Measured(trial, one) for trial, one in done.items()}
    assert max(len(msgspec.json.encode(one)) for one in results.values()) < 1000
    board = trials.leaderboard(here.platform, place, run, job, results)
    ended = replace(run, state="succeeded", outcome=TrainOutcome({}, board))
    assert len(msgspec.json.encode(ended)) < MOST
    answer = whole(place, ended)
    assert len(answer.outcome.leaderboard or []) == 200
    assert len(msgspec.json.encode(answer)) < 1_000_000
    assert here.refused(
        "POST",
        "/v1/models/m/train",
        {"auto": "hyperparameters", "hyperparameters": {"l2": None, "x" * 600: None}},
    )


def corners(rows: int = 510) -> bytes:
    """Classes that no plane divides: whether two numbers have the same sign. So many rows are dealt out once."""
    X = np.random.default_rng(0).uniform(-1, 1, size=(rows, 2))
    label = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")
    return csv_of({"a": X[:, 0].tolist(), "b": X[:, 1].tolist(), "label": label})


@pytest.mark.lengthy
def test_another_algorithm_may_win_and_lives_on_as_the_models_version(store: Store) -> None:
    others = [name for name, one in ALGORITHMS.items() if "classification" in one.tasks]
    assert len(others) > 1
    here = world(store)
    run = here.trained(corners(), auto="algorithm", trials=13)
    found = board(run)
    assert {one["algorithm"] for one in found} == set(others)
    assert {one["candidate"]: one["algorithm"] for one in found}[0] == "logistic_regression"
    winner = found[0]["algorithm"]
    assert winner != "logistic_regression" and found[0]["loss"] < 0.45
    assert here.ok("GET", "/v1/models/m")["algorithm"] == "logistic_regression"
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert (version["algorithm"], version["task"]) == (winner, "classification")
    here.ok("POST", "/v1/models/m/deploy", {})
    rows = {"rows": [{"a": 0.5, "b": 0.5}, {"a": 0.5, "b": -0.5}]}
    answer = here.ok("POST", "/v1/models/m/predict", rows)["predictions"]
    assert [one["label"] for one in answer] == ["same", "other"]
    evaluated = here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    assert here.ok("GET", f"/v1/runs/{evaluated['id']}")["state"] == "succeeded"
    here.upload(corners(600))
    updated = here.ok("POST", "/v1/models/m/update", {})
    assert here.ok("GET", f"/v1/runs/{updated['id']}")["error"] is None
    assert here.ok("GET", "/v1/models/m/versions/2")["algorithm"] == winner
    warm = here.ok("POST", "/v1/models/m/train", {**AUTO, "warm_start": True})
    assert here.ok("GET", f"/v1/runs/{warm['id']}")["error"] is None
    assert here.ok("GET", "/v1/models/m/versions/3")["algorithm"] == "logistic_regression"


@pytest.mark.lengthy
def test_a_regression_is_searched_by_its_error(store: Store) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 40))
    y = 3 * X[:, 0] + rng.normal(size=60)
    columns: dict[str, Any] = {f"x{i}": X[:, i].tolist() for i in range(40)}
    here = world(store)
    found = board(
        here.trained(
            csv_of({**columns, "y": y.tolist()}), algorithm="linear_regression", auto="hyperparameters"
        )
    )
    default = next(one for one in found if one["candidate"] == 0)
    assert found[0]["folds"] == default["folds"] == 2 * FOLDS
    assert found[0]["loss"] < default["loss"]
