"""Whatever offers a training in place of a version says all that the version had, and can be asked for as it is."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from functions.datasets.parts import read_columns, read_table
from functions.records import find
from functions.records.files import Blended, File, Served
from functions.records.kinds import MODELS, VERSIONS, number
from functions.runs.job import TrainJob
from functions.runs.new_run import new_run
from functions.runs.perform import failure_of
from functions.runs.record import RUNS, find_run
from functions.storage import Workspace
from functions.train import TrainModel, decide
from functions.training.bench import Bench, too_few
from functions.training.labels import kept_of
from functions.training.made_again import again, of_served
from functions.training.readable import check_readable
from functions.training.specs import tried
from functions.training.update_job import update_job
from lepton_core.covered import covered
from lepton_core.errors import InvalidInput, LeptonError, error_from
from lepton_core.predict import Predictor
from tests.support.runners import idle
from tests.support.stores import memory_store
from tests.support.world import World, csv_of, world

ROWS = 120
RNG = np.random.default_rng(0)
AGE = RNG.uniform(18, 90, ROWS).round(2)
COLUMNS: dict[str, Any] = {
    "age": AGE,
    "town": RNG.choice(["Bonn", "Ulm"], ROWS),
    "w": RNG.integers(1, 4, ROWS),
    "day": [f"2024-01-{1 + place // 5:02}" for place in range(ROWS)],
    "paid": np.where(AGE > 50, "yes", "no"),
}
TIME = {"by": "time", "column": "day", "fraction": 0.3}
GROUP = {"by": "group", "column": "day"}
SEARCH = ("auto", "trials", "seconds", "members", "megabytes", "milliseconds")

# Of each version: the algorithm of its model, the request that it came of, and a change that it is refused.
RECIPES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "plain": (
        "logistic_regression",
        {"hyperparameters": {"optimizer": "newton"}},
        {"learning_rate": 0.1},
    ),
    "time": (
        "logistic_regression",
        {"split": TIME, "seed": 4, "uncertainty": True, "hyperparameters": {"l2": 0.5, "optimizer": "newton"}},
        {"learning_rate": 0.1},
    ),
    "weighed": (
        "random_forest",
        {"weight": "w", "class_weight": {"yes": 2.0}, "split": GROUP, "refit": False},
        {"learning_rate": 0.1},
    ),
    "balanced": (
        "random_forest",
        {"class_weight": "balanced", "split": TIME, "calibrate": True, "hyperparameters": {"trees": 5}},
        {"iterations": 9},
    ),
    "constrained": (
        "gradient_boosting",
        {"split": TIME, "weight": "w", "hyperparameters": {"monotone": {"age": 1}, "l2": 0.5}},
        {"batch_size": 8},
    ),
    "own": (
        "random_forest",
        {"auto": "hyperparameters", "trials": 1, "split": TIME, "weight": "w"},
        {"learning_rate": 0.1},
    ),
    "found": (
        "decision_tree",
        {"auto": "algorithm", "trials": 9, "split": TIME, "weight": "w", "class_weight": "balanced", "seed": 2},
        {"learning_rate": 0.1},
    ),
    "blend": (
        "logistic_regression",
        {"auto": True, "trials": 3, "members": 2, "megabytes": 50.0, "split": TIME, "weight": "w",
         "class_weight": {"yes": 2.0}, "calibrate": False},
        {"iterations": 20},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def here() -> World:
    made = world(memory_store())
    run = made.trained(csv_of(COLUMNS), "base")
    assert run["state"] == "succeeded"
    waiting = made.again(runner=idle)
    for name in RECIPES:
        versioned(waiting, name)
    return waiting


def versioned(here: World, name: str) -> None:
    """A model with the version that its request would make; its artifact is that of another one."""
    algorithm, body, _ = RECIPES[name]
    here.ok("POST", "/v1/models", {"name": name, "algorithm": algorithm, "dataset": "base"})
    store = here.platform.workspace("default")
    run = find_run(store, here.ok("POST", f"/v1/models/{name}/train", body)["id"]).value
    here.ok("POST", f"/v1/runs/{run.id}/cancel", {})
    job = run.job
    assert isinstance(job, TrainJob)
    base, kept = find.version(store, "base", 1).value, f"evaluation-{name}"
    here.platform.blobs.put(kept, b"{}")
    spec, members = job.spec, []
    if name == "found":
        other = next(one for one in job.candidates if one.algorithm == "random_forest")
        spec = tried(spec, other)
    elif name == "blend":
        members = [Blended(one.algorithm, one.hyperparameters, 0.5) for one in job.candidates[1:]]
    version = replace(
        base,
        model=name,
        algorithm="ensemble" if members else spec.algorithm,
        run=run.id,
        hyperparameters={**({} if members else spec.hyperparameters), "seed": spec.seed},
        evaluation=File(kept, ""),
        weight=spec.weight,
        class_weight=spec.class_weight,
        split=spec.split,
        rows=ROWS - 20,
        served=Served(base.artifact, ROWS) if job.refit else None,
        members=members,
        extras=job.extras,
    )
    model = find.model(store, name)
    changed = replace(model.value, latest=1, champion=1, task="classification", run=None)
    store.write(
        store.put(VERSIONS, name, number(1), value=version, expect=0),
        store.put(MODELS, name, value=changed, expect=model.revision),
    )


Place = Callable[[World, Workspace, str], LeptonError]


def refused(act: Callable[[], Any]) -> LeptonError:
    with pytest.raises(LeptonError) as caught:
        act()
    return caught.value


def of_change(here: World, store: Workspace, name: str) -> LeptonError:
    return refused(lambda: update_job(store, find.model(store, name).value, RECIPES[name][2], ""))


def of_data(here: World, store: Workspace, name: str) -> LeptonError:
    model, champion = find.model(store, name).value, find.version(store, name, 1).value
    data = find.dataset_version(store, "base", 1).value
    columns = [one for one in read_columns(store, data) if one.name != "town"]
    return refused(lambda: check_readable(store, model, champion, data, columns))


def of_folds(word: str) -> Place:
    def of_run(here: World, store: Workspace, name: str) -> LeptonError:
        job, _ = update_job(store, find.model(store, name).value, {}, "")
        data = find.dataset_version(store, "base", 1).value
        rows = np.arange(4)
        bench = Bench(job.spec, data, read_table(store, data), rows[:2], rows[2:], job.spec.split)
        run = new_run(here.platform, name, job)
        return error_from(failure_of(too_few(bench, name, "five folds", word), run, "a trial"))

    return of_run


def of_labels(here: World, store: Workspace, name: str) -> LeptonError:
    return refused(lambda: kept_of(store, find.version(store, name, 1).value))


def of_coverage(here: World, store: Workspace, name: str) -> LeptonError:
    without: Any = SimpleNamespace(uncertainty=None, classes=("no", "yes"))
    error = refused(lambda: covered(replace, without, np.zeros((1, 2)), [], 0.9))
    return of_served(error, store, name, 1)


def of_explanation(here: World, store: Workspace, name: str) -> LeptonError:
    raw = here.platform.blobs.get(find.version(store, "base", 1).value.artifact.key)
    loaded = Predictor.load(raw)
    older = Predictor(**{**vars(loaded), "background": None})
    table = read_table(store, find.dataset_version(store, "base", 1).value)
    error = refused(lambda: older.explain(table.without("paid")))
    assert error.field == "explain"
    return of_served(error, store, name, 1)


# Of each place: what it changes in the request, None for what it leaves out.
PLACES: dict[str, tuple[Place, Mapping[str, Any]]] = {
    "change": (of_change, {}),
    "data": (of_data, {}),
    "folds": (of_folds("it"), dict.fromkeys(SEARCH)),
    "folds of extras": (of_folds("them"), {"calibrate": None, "uncertainty": None}),
    "labels": (of_labels, {}),
    "coverage": (of_coverage, {"uncertainty": True}),
    "explanation": (of_explanation, {}),
}


def asked_for(name: str) -> dict[str, Any]:
    """The request that the version came of; what a search for settings found has these, and no search."""
    body = RECIPES[name][1]
    return {one: value for one, value in body.items() if name != "own" or one not in SEARCH}


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_offered_repeats_the_recipe_and_is_not_refused(here: World, place: str, name: str) -> None:
    act, change = PLACES[place]
    store = here.platform.workspace("default")
    error = act(here, store, name)
    (way,) = [one for one in error.remedies if one.route == "train"]
    assert (way.of, way.said in error.message) == (name, True)
    wanted = {one: value for one, value in (asked_for(name) | change).items() if value is not None}
    assert way.body == wanted
    job, _ = decide(store, find.model(store, name).value, msgspec.convert(way.body, TrainModel))
    assert (job.spec.weight, job.spec.class_weight) == (wanted.get("weight"), wanted.get("class_weight"))


def test_an_update_of_an_update_still_says_which_search_it_was(here: World) -> None:
    store = here.platform.workspace("default")
    model, first = find.model(store, "blend").value, find.version(store, "blend", 1).value
    job, _ = update_job(store, model, {}, "")
    run = new_run(here.platform, "blend", job)
    store.write(store.put(RUNS, run.id, value=run, expect=0))
    assert again(store, model, replace(first, run=run.id, version=2)) == asked_for("blend")


def test_a_blend_whose_run_is_not_known_is_searched_for_anew(here: World) -> None:
    store = here.platform.workspace("default")
    model, found = find.model(store, "blend").value, find.version(store, "blend", 1).value
    body = again(store, model, replace(found, run="gone"))
    assert body == {one: value for one, value in asked_for("blend").items() if one not in SEARCH} | {
        "auto": True
    }
    model, found = find.model(store, "found").value, find.version(store, "found", 1).value
    body = again(store, model, replace(found, run="gone"))
    assert body == {one: value for one, value in asked_for("found").items() if one not in SEARCH} | {
        "auto": "algorithm"
    }


def test_columns_that_the_data_lack_are_not_asked_for(here: World) -> None:
    store = here.platform.workspace("default")
    model, champion = find.model(store, "constrained").value, find.version(store, "constrained", 1).value
    data = find.dataset_version(store, "base", 1).value
    columns = [one for one in read_columns(store, data) if one.name in ("town", "paid")]
    error = refused(lambda: check_readable(store, model, champion, data, columns))
    assert isinstance(error, InvalidInput) and error.column == "age"
    assert error.remedies[0].body == {"hyperparameters": {"l2": 0.5}}


def test_classes_of_another_label_are_not_asked_for(here: World) -> None:
    store = here.platform.workspace("default")
    model, champion = find.model(store, "weighed").value, find.version(store, "weighed", 1).value
    data = replace(find.dataset_version(store, "base", 1).value, label="town")
    error = refused(lambda: check_readable(store, model, champion, data, read_columns(store, data)))
    assert error.remedies[0].body == {"weight": "w", "split": GROUP, "refit": False}


def test_a_store_that_is_away_does_not_hide_the_error(here: World) -> None:
    store = here.platform.workspace("default")
    error = of_coverage(here, store, "plain")
    assert of_served(error, store, "nobody", 1) is error
