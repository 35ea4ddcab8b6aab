"""Of a life what has to do with runs that are stopped: by a clock, by a person, for another run."""

from typing import Any

import boto3

from tests.infra.aws.cloud import Cloud
from tests.infra.aws.data_calls import contents
from tests.support.world import two_classes


def leave_file(story: Any, run: str) -> str:
    """Its key: a file of a run, as a function that was ended leaves it."""
    key = f"default/runs/{run}/checkpoint-1-left"
    boto3.client("s3").put_object(Bucket=story.cloud.bucket, Key=key, Body=b"by a function that was ended")
    return key


def cancel_amid(story: Any, run: str, operation: str, *, times: int = 1) -> None:
    """Somebody cancels the run as soon as the functions of its tasks are about to do this so many times."""
    watchers, seen = story.cloud.functions["WorkTask"].watchers, list[str]()

    def cancel_now(called: str) -> None:
        seen.append(called)
        if seen.count(operation) == times:
            watchers.clear()
            assert story.ok("POST", f"/v1/runs/{run}/cancel")["state"] == "cancelled"

    watchers.append(cancel_now)


def cancel(story: Any) -> None:
    """A run that is cancelled half-way is resumed, and then leaves nothing; one that is not keeps what it has."""
    run = story.run("/v1/models/m/evaluate", {"folds": 5})
    # Each of two functions marks that it begins; the third write is a result, or comes after one.
    cancel_amid(story, run, "PutItem", times=3)
    left = leave_file(story, run)
    assert story.swept(run)["state"] == "cancelled"
    records, files = contents(story.cloud)
    assert left in files
    assert [name for name in records if run in name and "_system" in name] == [
        f"_system/due_kept default:{run}"
    ]
    assert story.ok("POST", f"/v1/runs/{run}/resume")["id"] == run
    assert story.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
    records, files = contents(story.cloud)
    assert left not in files
    assert [name for name in records if run in name] == [f"default/runs {run}"]

    writing = story.run("/v1/models/m/train", {"iterations": 30})
    cancel_amid(story, writing, "PutObject")
    assert story.swept(writing)["state"] == "cancelled"
    assert any(name.startswith(f"default/runs/{writing}/") for name in contents(story.cloud)[1])
    story.seen["cancelled"] = writing


def promote(story: Any) -> None:
    """An update that the sweep drives to its end, and whose challenger is good enough, whatever it is.

    Then one that comes by itself makes way, while a function is about to write: it keeps nothing.
    """
    story.ok("POST", "/v1/models", {"name": "p", "algorithm": "logistic_regression"})
    for rows in (60, 80, 100):
        csv = two_classes(rows)
        announced = story.ok("POST", "/v1/datasets/p/upload", {"size": len(csv)})
        assert story.cloud.put(announced["url"], csv) == 200
        story.twice(story.cloud.deliver)
        if rows == 60:
            assert story.driven("/v1/models/p/train", {})["state"] == "succeeded"
            story.ok("PUT", "/v1/models/p/policy", {"update": "manual", "tolerance": 10.0})
            story.ok("POST", "/v1/models/p/deploy", {})
        if rows == 80:
            done = story.swept(story.run("/v1/models/p/update", {}))
            assert (done["version"], done["outcome"]["promoted"]) == (2, True)
    story.ok("PUT", "/v1/models/p/policy", {"update": "auto"})
    story.cloud.invoking.lose.append("StartExecution")
    story.cloud.tick("UpdateDaily")
    run = story.ok("GET", "/v1/models/p")["run"]
    leave_file(story, run)
    watchers = story.cloud.functions["WorkTask"].watchers

    def retire_now(operation: str) -> None:
        if operation == "PutObject":
            watchers.clear()
            story.ok("POST", "/v1/models/p/retire", {})

    watchers.append(retire_now)
    story.cloud.tick(
        "SweepMinutely"
    )  # the next one finds that an update of it is wanted, and that it is retired
    assert story.swept(run)["made_way"]
    assert kept_nothing(story.cloud, run)


def kept_nothing(cloud: Cloud, run: str) -> bool:
    """Whether there is no more of a run than its record."""
    records, files = contents(cloud)
    with_it = [name for name in (*records, *files) if run in name]
    return with_it == [f"default/runs {run}"]
