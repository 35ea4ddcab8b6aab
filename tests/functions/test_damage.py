"""What is read is what was written: a file with one bit flipped, or gone, is a typed error that names the thing."""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.records import find
from functions.records.files import File, write_file
from functions.records.kinds import VERSIONS, Version, number
from functions.records.record_upgrades import NOT_KEPT
from functions.runs.record import RESULTS, TrainOutcome, find_run
from functions.runs.runners import InlineRunner
from functions.runs.task import Fitted
from functions.settings import Settings
from functions.storage import Blobs
from functions.system.sweep import sweep
from functions.training.run_kinds import RUN_KINDS
from lepton_core.predict import Predictor
from tests.support.damage import WAYS, flipped
from tests.support.damage import damaged as damaged_blob
from tests.support.faults import FaultyBlobs, FaultyRecords, Killed, KillSwitch
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.watched import Call, WatchedRecords
from tests.support.world import World, csv_of, two_classes, world

ROW = {"rows": [{"a": 2.0, "b": 2.0}]}
PREDICT = "/v1/models/m/predict"
DEPLOY = "/v1/models/m/deploy"
SLICED = Settings(slice_seconds=0.0)


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(), iterations=20)
    made.ok("POST", DEPLOY, {})
    return made


@pytest.fixture(params=WAYS)
def damage(request: pytest.FixtureRequest) -> Callable[[World, File], None]:
    """Flips one bit of a file, or takes it away."""
    return lambda here, file: damaged_blob(here.platform.blobs, file.key, request.param)


def version(here: World, wanted: int = 1) -> Version:
    return find.version(here.platform.workspace("default"), "m", wanted).value


def damaged(here: World, method: str, path: str, body: Any = None) -> str:
    """The message of the error, which must be a typed one that gives nothing away."""
    status, answer = here.ask(method, path, body)
    assert (status, answer["error"]["code"]) == (500, "damaged"), answer
    message: str = answer["error"]["message"]
    assert "default/" not in message and "Traceback" not in message
    return message


def failed(here: World, path: str, body: Any = None) -> str:
    """The error of a run, which must end so."""
    run = here.ok("POST", path, body or {})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert (ended["state"], ended["version"]) == ("failed", None), ended
    assert ended["error"]["code"] == "damaged", ended
    return str(ended["error"]["message"])


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert [one.message for one in caplog.records if one.exc_info and one.levelno >= logging.ERROR] == []


def test_a_damaged_model_is_never_served_assessed_evaluated_or_trained_from(
    here: World, damage: Callable[[World, File], None]
) -> None:
    damage(here, version(here).artifact)
    other, what = here.again(), "version 1 of model 'm'"
    assert what in damaged(other, "POST", PREDICT, ROW)
    assert what in damaged(other, "GET", "/v1/models/m/monitor")
    assert what in damaged(other, "POST", "/v1/models/m/monitor")
    assert what in failed(other, "/v1/models/m/evaluate", {"folds": 2})
    assert what in failed(other, "/v1/models/m/train", {"warm_start": True})
    assert what in failed(other, "/v1/models/m/update")
    other.event("monitor_hourly")
    assert other.ok("GET", "/v1/models/m")["latest"] == 1


@pytest.mark.parametrize(("path", "read"), [("train", 2), ("evaluate", 1), ("update", 2)])
def test_nothing_is_trained_on_a_damaged_table(
    here: World, damage: Callable[[World, File], None], path: str, read: int
) -> None:
    """What is evaluated is trained anew on the data of its version."""
    here.upload(two_classes(seed=1))
    table = find.dataset_version(here.platform.workspace("default"), "m", read).value
    damage(here, table.parts[0].file)
    message = failed(here.again(), f"/v1/models/m/{path}")
    assert f"the table of version {read} of dataset 'm'" in message
    assert here.ok("GET", "/v1/models/m")["latest"] == 1


def test_a_damaged_version_is_not_deployed_and_what_serves_goes_on(
    here: World, damage: Callable[[World, File], None]
) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    damage(here, version(here, 2).answers)
    before = here.ok("GET", "/v1/models/m/deployment")
    for body in ({}, {"version": 2}):
        assert "version 2 of model 'm'" in damaged(here, "POST", DEPLOY, body)
    assert here.ok("GET", "/v1/models/m/deployment") == before
    assert here.ok("GET", "/v1/models/m")["champion"] == 1
    for process in (here, here.again()):
        assert process.ok("POST", PREDICT, ROW)["version"] == 1


def test_a_process_that_has_loaded_a_version_serves_on_when_its_file_is_damaged_and_it_is_deployed_again(
    here: World, damage: Callable[[World, File], None]
) -> None:
    here.ok("POST", PREDICT, ROW)
    damage(here, version(here).artifact)
    damaged(here, "POST", DEPLOY, {"version": 1})
    here.clock.forward(3600)
    assert here.ok("POST", PREDICT, ROW)["version"] == 1


def test_a_version_that_gives_no_finite_number_is_not_deployed(store: Store) -> None:
    """Its file is what was written: nothing but a prediction shows what is wrong with it."""
    here = world(store)
    here.trained(line(40), algorithm="linear_regression")
    place = here.platform.workspace("default")
    stored = find.version(place, "m", 1)
    good = Predictor.load(here.platform.blobs.get(stored.value.artifact.key))
    huge = {name: np.full_like(array, np.finfo(np.float64).max) for name, array in good.parameters.items()}
    artifact = write_file(
        place, place.blob("runs", "bad"), replace(good, parameters=huge, folds=False).dump()
    )
    bad = msgspec.structs.replace(stored.value, artifact=artifact)
    place.write(place.put(VERSIONS, "m", number(1), value=bad, expect=stored.revision))
    assert "version 1 of model 'm' cannot predict a row" in damaged(here, "POST", DEPLOY, {})
    assert here.refused("GET", "/v1/models/m/deployment")["status"] == 404


@pytest.mark.parametrize("damaged_fit", [None, "fit", "refit"])
def test_a_challenger_that_gives_no_finite_number_is_kept_and_neither_promoted_nor_served(
    store: Store, damaged_fit: str | None
) -> None:
    """It is not worse, and its files are what was written: nothing but a prediction shows what is wrong with it."""
    here, refit = world(store), damaged_fit == "refit"
    here.trained(line(40), algorithm="linear_regression", refit=refit)
    here.ok("POST", DEPLOY, {})
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual", "tolerance": 1e6})
    here.upload(line(60))
    run = killed_before_its_version_is_written(here)
    if damaged_fit is not None:
        made_useless(here, run, damaged_fit)
    here.clock.forward(600)
    sweep(here.again().platform)
    ended = here.ok("GET", f"/v1/runs/{run}")
    assert (ended["state"], ended["version"]) == ("succeeded", 2), ended
    outcome, model = ended["outcome"], here.ok("GET", "/v1/models/m")
    promoted = damaged_fit is None
    assert outcome["promoted"] is promoted
    assert ("version 2 of model 'm' cannot predict a row" in outcome["reason"]) is not promoted
    assert (model["champion"], model["challenger"]) == ((2, None) if promoted else (1, 2))
    row = {"rows": [{"a": 1.0, "b": 2.0}]}
    assert here.again().ok("POST", PREDICT, row)["version"] == (2 if promoted else 1)


def line(rows: int) -> bytes:
    return csv_of({"a": range(rows), "b": range(rows), "label": range(rows)})


def killed_before_its_version_is_written(here: World) -> str:
    """An update all of whose tasks are done; its process is gone, with the lease in its hand."""
    kill = KillSwitch()

    def watch(call: Call) -> None:
        if call.writes_to("/versions/m"):
            kill.dead = True
            kill.check()

    records = FaultyRecords(WatchedRecords(here.platform.records, before=watch), kill)
    dying = here.again(records=records, blobs=FaultyBlobs(here.platform.blobs, kill))
    with suppress(Killed):
        dying.ok("POST", "/v1/models/m/update", {})
    run: str = here.ok("GET", "/v1/runs")["items"][0]["id"]
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "running"
    return run


def made_useless(here: World, run: str, task: str) -> None:
    """What the task has made is a model of the largest numbers that there are, under a digest of its own."""
    place = here.platform.workspace("default")
    kept = place.get(RESULTS, run, task)
    assert kept is not None and isinstance(kept.value.result, Fitted)
    fitted = kept.value.result
    made = fitted.served or fitted.scored
    assert made is not None
    good = Predictor.load(here.platform.blobs.get(made.artifact.key))
    huge = {name: np.full_like(array, np.finfo(np.float64).max) for name, array in good.parameters.items()}
    file = write_file(
        place, place.blob("runs", run, "useless"), replace(good, parameters=huge, folds=False).dump()
    )
    other = msgspec.structs.replace(made, artifact=file)
    name = "served" if fitted.served else "scored"
    result = msgspec.structs.replace(fitted, **{name: other})
    changed = msgspec.structs.replace(kept.value, result=result)
    place.write(place.put(RESULTS, run, task, value=changed, expect=kept.revision))


def test_a_damaged_evaluation_or_importance_is_never_shown(
    here: World, damage: Callable[[World, File], None]
) -> None:
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    importance = version(here).importance
    assert importance is not None
    path = "/v1/models/m/versions/1/evaluation"
    assert here.ok("GET", path)["importance"]
    damage(here, importance)
    assert "importance of version 1 of model 'm'" in damaged(here, "GET", path)
    damage(here, version(here).evaluation)
    assert "evaluation of version 1 of model 'm'" in damaged(here, "GET", path)
    assert here.ok("GET", "/v1/models/m/versions/1")["metrics"]


@pytest.mark.parametrize(
    "said", [b"", b"{}", b"\xff", b'{"task":"regression","rmse":"x"}', b'{"task":"other"}', b"[" * 100_000]
)
@pytest.mark.parametrize("name", ["evaluation", "importance"])
def test_a_file_that_is_no_evaluation_is_never_shown_even_if_its_digest_was_not_kept(
    here: World, name: str, said: bytes
) -> None:
    place = here.platform.workspace("default")
    stored = find.version(place, "m", 1)
    file = File(write_file(place, place.blob("runs", "bad"), said).key, NOT_KEPT)
    bad = msgspec.structs.replace(stored.value, **{name: file})
    place.write(place.put(VERSIONS, "m", number(1), value=bad, expect=stored.revision))
    message = damaged(here, "GET", "/v1/models/m/versions/1/evaluation")
    assert f"{name} of version 1 of model 'm' is damaged" in message


def test_a_damaged_leaderboard_is_never_shown_and_its_run_stays_in_the_list(
    here: World, damage: Callable[[World, File], None]
) -> None:
    run = here.ok("POST", "/v1/models/m/train", {"auto": "hyperparameters", "trials": 2, "iterations": 2})[
        "id"
    ]
    assert len(here.ok("GET", f"/v1/runs/{run}")["outcome"]["leaderboard"]) == 2
    outcome = find_run(here.platform.workspace("default"), run).value.outcome
    assert isinstance(outcome, TrainOutcome) and outcome.leaderboard is not None
    damage(here, outcome.leaderboard)
    assert f"leaderboard of run {run!r}" in damaged(here, "GET", f"/v1/runs/{run}")
    assert run in [one["id"] for one in here.ok("GET", "/v1/runs")["items"]]


def test_no_fit_goes_on_from_a_damaged_checkpoint(here: World, damage: Callable[[World, File], None]) -> None:
    waiting = here.again(runner=idle, settings=SLICED)
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 5})["id"]
    place = waiting.platform.workspace("default")
    InlineRunner(waiting.platform, RUN_KINDS).take_up(
        "default", run, lambda: place.get(RESULTS, run, "fit") is not None
    )
    kept = place.get(RESULTS, run, "fit")
    assert kept is not None and isinstance(kept.value.result, Fitted) and kept.value.result.scored is None
    damage(waiting, kept.value.result.checkpoint)
    sweep(here.again(settings=SLICED).platform)
    ended = here.ok("GET", f"/v1/runs/{run}")
    assert (ended["state"], ended["error"]["code"], ended["version"]) == ("failed", "damaged", None)
    assert f"checkpoint of run {run!r}" in ended["error"]["message"]
    assert here.ok("GET", "/v1/models/m")["latest"] == 1
    assert place.blobs.keys(place.blob("runs", run)) == [] == place.list(RESULTS, run)


class Flipping:
    """Blobs that keep every model file with one bit flipped."""

    def __init__(self, inner: Blobs) -> None:
        self._inner = inner
        self.get, self.size, self.keys = inner.get, inner.size, inner.keys
        self.delete, self.upload_url = inner.delete, inner.upload_url
        self.download_url = inner.download_url
        self.read, self.draft = inner.read, inner.draft

    def put(self, key: str, data: bytes) -> None:
        self._inner.put(key, flipped(data) if "/artifact-" in key else data)


def test_a_challenger_whose_file_is_damaged_is_not_promoted_and_the_champion_serves_on(here: World) -> None:
    here.ok("PUT", "/v1/models/m/policy", {"tolerance": 10.0})
    here.upload(two_classes(300, seed=1))
    broken = here.again(blobs=Flipping(here.platform.blobs))
    run = broken.ok("POST", "/v1/models/m/update", {"iterations": 100})
    outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert outcome["promoted"] is False and "damaged" in outcome["reason"], json.dumps(outcome)
    for process in (here, broken, here.again()):
        assert process.ok("POST", PREDICT, ROW)["version"] == 1
