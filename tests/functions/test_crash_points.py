"""A handler killed before or after any one of its writes, and delivered again, ends where a run without faults ends."""

import pytest

from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.exported import exported
from tests.support.faults import KillSwitch, When, kill_points, killed
from tests.support.lives import Lives, Story, lives_of, settle, under
from tests.support.world import World, csv_of, two_classes

pytestmark = pytest.mark.slow

# Every iteration is a slice of its own, so that checkpoints are written, superseded and taken up.
SLICED = Settings(slice_seconds=0.0, large_file_bytes=20_000)
KEY = {"idempotency-key": "the same request"}
TRAIN = {"iterations": 3, "learning_rate": 0.5}


def upload_prepared(here: World) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(two_classes(40))})
    assert announced["id"] == "up-000001"


def upload(here: World) -> None:
    here.ok("PUT", "/v1/datasets/m/upload/up-000001", two_classes(40))


def wide() -> bytes:
    """A table whose columns are described in a file."""
    return csv_of({**{f"column {i}": [i, 0.5, -i] for i in range(200)}, "label": ["a", "b", "a"]})


def wide_prepared(here: World) -> None:
    here.ok("POST", "/v1/datasets/m/upload", {"size": len(wide())})


def upload_wide(here: World) -> None:
    here.ok("PUT", "/v1/datasets/m/upload/up-000001", wide())


def large() -> bytes:
    """A file that is read some of it at a time."""
    return two_classes(2000)


def large_prepared(here: World) -> None:
    here.ok("POST", "/v1/datasets/m/upload", {"size": len(large())})


def upload_large(here: World) -> None:
    here.ok("PUT", "/v1/datasets/m/upload/up-000001", large())


def train_prepared(here: World) -> None:
    upload_prepared(here)
    upload(here)


def train(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", TRAIN, headers=KEY)


def train_and_deploy(here: World) -> None:
    """A version that serves with the transaction that makes it."""
    here.ok("POST", "/v1/models/m/train", {**TRAIN, "deploy": True}, headers=KEY)


def auto(here: World) -> None:
    body = {"auto": "hyperparameters", "trials": 2, "iterations": 2}
    here.ok("POST", "/v1/models/m/train", body, headers=KEY)


def ensemble(here: World) -> None:
    """A search among four that ends in a blend of at least two."""
    body = {"auto": True, "trials": 4, "members": 3, "iterations": 2}
    here.ok("POST", "/v1/models/m/train", body, headers=KEY)


def calibrated(here: World) -> None:
    """Fits without a fold each, and what these teach, before both fits of the version."""
    body = {**TRAIN, "iterations": 1, "calibrate": True, "uncertainty": True}
    here.ok("POST", "/v1/models/m/train", body, headers=KEY)


def deploy_prepared(here: World) -> None:
    train_prepared(here)
    train(here)


def evaluate(here: World) -> None:
    key = {"idempotency-key": "an evaluation"}
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 2}, headers=key)


def deploy(here: World) -> None:
    here.ok("POST", "/v1/models/m/deploy", {})


def update_prepared(here: World) -> None:
    deploy_prepared(here)
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    deploy(here)
    here.upload(two_classes(60, seed=1))


def update(here: World) -> None:
    here.ok("POST", "/v1/models/m/update", {"iterations": 2}, headers={"idempotency-key": "an update"})


def arrive_prepared(here: World) -> None:
    deploy_prepared(here)
    deploy(here)
    here.ok("POST", "/v1/datasets/m/upload", {"size": len(two_classes(60, seed=1))})


def arrive(here: World) -> None:
    """A file of new data, and what the model's policy makes of it."""
    newest = here.ok("GET", "/v1/datasets/m/uploads")["items"][-1]["id"]
    here.ok("PUT", f"/v1/datasets/m/upload/{newest}", two_classes(60, seed=1))
    sweep(here.platform)


def retire(here: World) -> None:
    here.ok("POST", "/v1/models/m/retire", {})


def append_prepared(here: World) -> None:
    upload_prepared(here)
    upload(here)
    here.ok("POST", "/v1/datasets/m/upload", {"size": len(two_classes(60, seed=1)), "mode": "append"})


def append(here: World) -> None:
    newest = here.ok("GET", "/v1/datasets/m/uploads")["items"][-1]["id"]
    here.ok("PUT", f"/v1/datasets/m/upload/{newest}", two_classes(60, seed=1))


def delete_prepared(here: World) -> None:
    """Two versions, of which the later one begins with the rows of the other."""
    upload_prepared(here)
    upload(here)
    here.ok("POST", "/v1/models/m/retire", {})
    body = {"size": len(two_classes(20, seed=1)), "mode": "append"}
    newest = here.ok("POST", "/v1/datasets/m/upload", body)["id"]
    here.ok("PUT", f"/v1/datasets/m/upload/{newest}", two_classes(20, seed=1))


def delete_version(here: World) -> None:
    assert here.ask("DELETE", "/v1/datasets/m/versions/1")[0] in (200, 404)  # 404: it was deleted before


def delete_dataset(here: World) -> None:
    assert here.ask("DELETE", "/v1/datasets/m")[0] in (200, 404)


def threshold_prepared(here: World) -> None:
    deploy_prepared(here)
    deploy(here)


def threshold(here: World) -> None:
    """A rule for the labels of a version that is served."""
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"recall": 0.9, "label": "yes"})


def update_with_threshold_prepared(here: World) -> None:
    update_prepared(here)
    threshold(here)


def take_in_prepared(here: World) -> None:
    """A model that the file of a version is announced for."""
    here.ok("POST", "/v1/models/came/import", {"size": len(exported().file)})


def take_in(here: World) -> None:
    assert here.ask("PUT", "/v1/models/came/import/im-000001", exported().file)[0] == 202


def take_in_twice_prepared(here: World) -> None:
    take_in_prepared(here)
    take_in(here)
    take_in_prepared(here)


def take_in_twice(here: World) -> None:
    """A file that the model has a version of."""
    here.ok("PUT", "/v1/models/came/import/im-000002", exported().file)


def take_in_damaged_prepared(here: World) -> None:
    here.ok("POST", "/v1/models/came/import", {"size": 100})


def take_in_damaged(here: World) -> None:
    here.ok("PUT", "/v1/models/came/import/im-000001", bytes(100))


STORIES: dict[str, Story] = {
    "upload": (upload_prepared, upload, 5),
    "upload of many columns": (wide_prepared, upload_wide, 6),
    "upload of a large file": (large_prepared, upload_large, 5),
    "train": (train_prepared, train, 31),
    "train and deploy": (train_prepared, train_and_deploy, 31),
    "auto": (train_prepared, auto, 82),
    "ensemble": (train_prepared, ensemble, 235),
    "calibrated": (train_prepared, calibrated, 41),
    "evaluate": (deploy_prepared, evaluate, 16),
    "deploy": (deploy_prepared, deploy, 1),
    "threshold": (threshold_prepared, threshold, 1),
    "update": (update_prepared, update, 23),
    "update with a threshold": (update_with_threshold_prepared, update, 23),
    "arrive": (arrive_prepared, arrive, 40),
    "retire": (update_prepared, retire, 1),
    "import": (take_in_prepared, take_in, 8),
    "import of a version that is there": (take_in_twice_prepared, take_in_twice, 4),
    "import of what is none": (take_in_damaged_prepared, take_in_damaged, 4),
    "append": (append_prepared, append, 5),
    "delete a version": (delete_prepared, delete_version, 9),
    "delete a data set": (delete_prepared, delete_dataset, 18),
}
"""What happens before, what is killed, and how many writes that takes."""

lives = lives_of(STORIES, SLICED)

WHILE_A_RUN_LASTS = ("default/results/", "default/begun/", "_system/due_runs")


@pytest.mark.parametrize("story", STORIES)
def test_nobody_killed_a_story_takes_so_many_writes_and_ends(lives: Lives, story: str) -> None:
    writes, held = lives.ending(story)
    assert writes == STORIES[story][2]
    assert not [one for one in held["records"] if one.startswith(WHILE_A_RUN_LASTS)]
    assert not [one for one in held["blobs"] if "/imports/" in one]


@pytest.mark.sampled(18)
@pytest.mark.parametrize(
    ("story", "number", "when"),
    [(story, *point) for story, (_, _, writes) in STORIES.items() for point in kill_points(writes)],
)
def test_killed_at_any_write_and_delivered_again(lives: Lives, story: str, number: int, when: When) -> None:
    end = lives.delivered_again(story, number, when)
    assert end.held == end.expected, end.last


def drift_prepared(here: World) -> None:
    """Traffic that drifted, and data of which the model heard nothing."""
    deploy_prepared(here)
    deploy(here)
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    here.upload(two_classes(60, seed=1))
    settle(here)
    here.ok("PUT", "/v1/models/m/policy", {"update": "auto"})
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 50.0, "b": 0.1 * i} for i in range(200)]})
    here.platform.loaded.flush()
    here.clock.forward(1)


def drift(here: World) -> None:
    """The alert that opens, and what the model's policy makes of it."""
    here.ok("POST", "/v1/models/m/monitor")
    sweep(here.platform)


DRIFT_WRITES = 34


def test_nobody_killed_an_alert_takes_so_many_writes(lives: Lives) -> None:
    count = KillSwitch()
    drift(under(lives.prepared.after(drift_prepared), count))
    assert count.count == DRIFT_WRITES


@pytest.mark.sampled(5)
@pytest.mark.parametrize("written", range(DRIFT_WRITES + 1))
def test_an_alert_leads_to_one_update_wherever_the_platform_is_killed(lives: Lives, written: int) -> None:
    """Killed before a write, it leaves what it leaves when it is killed after the write before that one."""
    here = lives.prepared.after(drift_prepared)
    kill = KillSwitch(written, "after") if written else KillSwitch(1, "before")
    with killed(kill):
        drift(under(here, kill))
    after = here.again()
    if not after.ok("GET", "/v1/models/m/alerts")["items"]:
        drift(after)  # nothing was acknowledged: the next hour assesses again
    settle(after)
    runs = [run for run in after.ok("GET", "/v1/runs")["items"] if run["kind"] == "update"]
    assert [run["state"] for run in runs] == ["succeeded"], kill.log[-1]
    held = lives.prepared.look()["records"]
    assert not [one for one in held if one.startswith("_system/intents")], kill.log[-1]
