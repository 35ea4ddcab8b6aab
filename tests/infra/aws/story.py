"""One model through its whole life on AWS: every route is called, every event and every schedule comes twice."""

from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from statistics import NormalDist
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3

from infra.aws import first_key
from lepton_core.preprocess import Preprocessor
from tests.infra.aws.cloud import Cloud
from tests.infra.aws.data_calls import clear_away, contents, left_by_others, look_after
from tests.infra.aws.foreign_calls import speak
from tests.infra.aws.key_calls import find_no_services, make_keys, sign_in_and_out
from tests.infra.aws.run_calls import cancel, kept_nothing, leave_file, promote
from tests.infra.aws.stack import NAME
from tests.infra.aws.version_calls import roll_out, score, take_out
from tests.support.world import two_classes

NOTHING = 0
USUAL = NormalDist()
MODEL = "/v1/models/m"
RETRAINED = {"iterations": 30}


@dataclass
class Story:
    """What was done, for the tests to look at."""

    cloud: Cloud
    key: str
    secrets: list[str] = field(default_factory=list)
    refused: dict[str, tuple[int, Any]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The answer, which must be a success."""
        status, answer = self.cloud.http(method, path, body, **{"key": self.key, **options})
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def run(self, path: str, body: Any) -> str:
        """Ask for a run whose execution is not begun; nothing drives it before the sweeper comes."""
        self.cloud.invoking.lose.append("StartExecution")
        asked = self.ok("POST", path, body)
        assert self.cloud.invoking.lose == []
        assert asked["state"] == "queued"
        again = self.ok("GET", f"/v1/runs/{asked['id']}")
        assert again == asked
        run: str = asked["id"]
        return run

    def driven(self, path: str, body: Any) -> Any:
        """A run that was asked for, as it ended; no schedule came."""
        asked = self.ok("POST", path, body)
        assert asked["state"] == "queued"
        return self.ok("GET", f"/v1/runs/{asked['id']}")

    def twice(self, deliver: Callable[[], Any]) -> None:
        """An event that comes twice: the second one changes nothing."""
        deliver()
        once = contents(self.cloud)
        deliver()
        assert contents(self.cloud) == once

    def swept(self, run: str) -> Any:
        """The run after the sweeper came."""
        self.twice(lambda: self.cloud.tick("SweepMinutely"))
        return self.ok("GET", f"/v1/runs/{run}")


def tell(cloud: Cloud) -> Story:
    """The whole life."""
    story = Story(cloud, make_key())
    gateway(story)
    create(story)
    upload(story)
    train(story)
    search(story)
    evaluate(story)
    deploy_and_predict(story)
    monitor(story)
    update(story)
    cancel(story)
    clear_away(story)
    promote(story)
    score(story)
    roll_out(story)
    story.secrets += [story.key, *make_keys(story.cloud, story.ok)]
    sign_in_and_out(story.cloud, story.ok, story.key)
    find_no_services(story.cloud, story.ok, story.key)
    retire(story)
    return story


def make_key() -> str:
    """The first key of the workspace, with the command that the documentation shows."""
    printed = StringIO()
    with redirect_stdout(printed):
        first_key.main(["--stack", NAME])
    made = dict(line.split("=", 1) for line in printed.getvalue().splitlines())
    assert urlsplit(made["LEPTON_URL"]).path == "/api"
    return made["LEPTON_API_KEY"]


def gateway(story: Story) -> None:
    """What needs no key, what needs one, and what API Gateway refuses by itself."""
    http = story.cloud.http
    assert story.ok("GET", "/v1/health", key="")["status"] == "ok"
    assert story.ok("GET", "/openapi.json", key="")["openapi"].startswith("3.")
    story.refused = {
        "no key": http("GET", "/v1/models"),
        "wrong key": http("GET", "/v1/models", key=story.key[:-1] + ("0" if story.key[-1] != "0" else "1")),
        "no path": http("GET", "/v2/models", key=story.key),
        "no method": http("DELETE", "/v1/models", key=story.key),
        "not JSON": http("POST", "/v1/models", b"{", key=story.key),
        "no media type": http("POST", "/v1/models", b"a=b", key=story.key, kind="text/html"),
        "too large": http("PUT", "/v1/datasets/m/upload/up", bytes(10 * 2**20 + 1), kind="text/csv"),
        "throttled": story.cloud.refused("THROTTLED", 429, "Too Many Requests"),
        "crashed": story.cloud.refused("API_CONFIGURATION_ERROR", 502, "Internal server error"),
    }


def create(story: Story) -> None:
    wanted = {"name": "m", "algorithm": "logistic_regression"}
    assert story.ok("POST", "/v1/models", wanted)["name"] == "m"
    assert [one["name"] for one in story.ok("GET", "/v1/models", query={"limit": "5"})["items"]] == ["m"]
    assert story.ok("PUT", "/v1/models/m/policy", {"update": "auto"})["policy"]["update"] == "auto"
    assert story.ok("GET", MODEL)["latest"] == NOTHING
    assert "logistic_regression" in [one["name"] for one in story.ok("GET", "/v1/algorithms")["items"]]
    assert "Normalize" in [one["name"] for one in story.ok("GET", "/v1/transformers")["items"]]


def upload(story: Story) -> None:
    """A file to the address that the API signs; one through the API; one dropped; one whose event is lost."""
    csv, told = two_classes(300), list[str]()
    announced = send(story, csv)
    late = left_by_others(story.cloud.bucket, story.cloud.table, announced["id"], csv)
    path = f"/v1/datasets/m/upload/{announced['id']}"
    assert story.ok("GET", path)["state"] == "waiting"
    story.twice(story.cloud.deliver)
    assert late not in contents(story.cloud)[1]
    assert story.ok("GET", path) == {**announced, "url": None, "state": "accepted"} | {
        "label": "label",
        "version": 1,
        "rows": 300,
    }

    through = story.ok("POST", "/v1/datasets/small/upload", {"size": len(csv)})
    put = f"/v1/datasets/small/upload/{through['id']}"
    story.ok("PUT", put, csv, kind="text/csv")
    assert story.ok("PUT", put, csv, kind="text/csv")["state"] == "waiting"
    story.cloud.landed = [(f"default/incoming/small/{through['id']}", len(csv))]
    story.twice(story.cloud.deliver)
    assert story.ok("GET", put)["state"] == "accepted"

    boto3.client("s3").put_object(
        Bucket=story.cloud.bucket, Key="default/incoming/dropped/2030-01.csv", Body=csv
    )
    story.cloud.landed = [("default/incoming/dropped/2030-01.csv", len(csv)), ("default/tables/m/x", 1)]
    story.twice(lambda: told.extend(story.cloud.deliver()))
    assert told == ["UploadLanded"] * 2, "of files that came in, not of what we write ourselves"
    assert story.ok("GET", "/v1/datasets/dropped/versions")["items"][0]["rows"] == 300
    (taken,) = story.ok("GET", "/v1/datasets/dropped/uploads")["items"]
    assert (taken["state"], taken["version"]) == ("accepted", 1)

    story.cloud.landed = []
    lost = send(story, two_classes(310))
    late = left_by_others(story.cloud.bucket, story.cloud.table, lost["id"], two_classes(310))
    story.cloud.landed = []
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    assert late not in contents(story.cloud)[1]
    assert story.ok("GET", f"/v1/datasets/m/upload/{lost['id']}")["version"] == 2

    found = story.ok("GET", "/v1/datasets/m/versions")["items"]
    assert [one["rows"] for one in found] == [300, 310]
    assert story.ok("GET", "/v1/datasets/m/versions/2") == found[1]
    look_after(story.ok)
    preprocessor = Preprocessor.empty().add("Normalize", input="X", output="X_normalized")
    story.ok("PUT", f"{MODEL}/preprocessor", {"preprocessor": preprocessor.as_dict()})


def send(story: Story, csv: bytes) -> Any:
    """Announce a file and PUT it to S3."""
    announced = story.ok("POST", "/v1/datasets/m/upload", {"size": len(csv)})
    signed = parse_qs(urlsplit(announced["url"]).query)
    names = ("Algorithm", "Credential", "Date", "Expires", "Security-Token", "Signature", "SignedHeaders")
    assert sorted(signed) == [f"X-Amz-{name}" for name in names], (
        "no checksum of a body that is not there yet"
    )
    assert signed["X-Amz-SignedHeaders"] == ["content-length;host"]
    assert signed["X-Amz-Expires"] == ["3600"]
    assert story.cloud.put(announced["url"], csv + b"\n") == 403, "S3 takes as many bytes as were announced"
    assert story.cloud.put(announced["url"], csv) == 200
    return announced


def train(story: Story) -> None:
    """One run a model at a time."""
    run = story.run(f"{MODEL}/train", {"iterations": 100})
    assert story.cloud.http("POST", f"{MODEL}/train", {}, key=story.key)[0] == 409
    left = leave_file(story, run)
    done = story.swept(run)
    assert left not in contents(story.cloud)[1]
    assert (done["state"], done["version"], done["attempt"]) == ("succeeded", 1, 1)
    assert [one["version"] for one in story.ok("GET", f"{MODEL}/versions")["items"]] == [1]
    assert len(story.ok("GET", f"{MODEL}/versions/1")["loss"]) == 100


def search(story: Story) -> None:
    """A run whose execution could not be begun: the next sweep begins one."""
    story.ok("POST", "/v1/models", {"name": "s", "algorithm": "logistic_regression", "dataset": "small"})
    run = story.run("/v1/models/s/train", {"auto": "hyperparameters", "trials": 4})
    done = story.swept(run)
    assert (done["state"], done["version"], done["attempt"]) == ("succeeded", 1, 1)
    assert len(done["outcome"]["leaderboard"]) == 4
    assert story.ok("GET", f"/v1/runs/{run}/leaderboard")["entries"] == done["outcome"]["leaderboard"]


def evaluate(story: Story) -> None:
    """Driven at once; what a function that was ended has left goes with the run."""
    left, watchers = list[str](), story.cloud.functions["PlanRun"].watchers

    def leave(operation: str) -> None:
        watchers.clear()
        [run] = queued(story)
        left.append(leave_file(story, run["id"]))

    watchers.append(leave)
    done = story.driven(f"{MODEL}/evaluate", {"folds": 3})
    assert (done["state"], done["attempt"]) == ("succeeded", 1)
    assert left[0] not in contents(story.cloud)[1]
    assert len(done["outcome"]["cross_validation"]["folds"]) == 3
    report = story.ok("GET", f"{MODEL}/versions/1/evaluation")
    assert report["cross_validation"] == done["outcome"]["cross_validation"]
    rule = f"{MODEL}/versions/1/threshold"
    assert story.ok("PUT", rule, {"recall": 0.5})["decision"] and story.ok("DELETE", rule)["decision"] is None
    assert len(story.ok("GET", rule)["thresholds"]) > 1
    assert story.ok("GET", f"{MODEL}/versions/1/compare/1")["beside"]["shown"] == "nothing"
    assert story.ok("GET", f"{MODEL}/versions/1/effect", query={"column": "a"})["rows"] > 1
    assert set(story.ok("GET", f"{MODEL}/versions/1/columns")["usual"]) >= {"a"}
    assert "<h1>" in str(story.ok("GET", f"{MODEL}/versions/1/card"))
    take_out(story)


def deploy_and_predict(story: Story) -> None:
    story.ok("POST", f"{MODEL}/deploy", {})
    assert story.ok("GET", f"{MODEL}/deployment")["routes"][0]["version"] == 1
    assert [one["cause"] for one in story.ok("GET", f"{MODEL}/deployment/history")["items"]] == ["deployed"]
    calls = story.cloud.functions["APIHandler"].calls
    answers, quiet = [], False
    for _ in range(4):
        before = len(calls)
        answers.append(story.ok("POST", f"{MODEL}/predict", {"rows": [{"a": 1.0, "b": 1.0}]}))
        quiet = quiet or len(calls) == before
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["predictions"][0]["label"] == "yes"
    read = story.ok("POST", f"{MODEL}/rows", b"a,b\n1,1\n", kind="text/csv")
    assert (read["columns"], read["rows"]) == (["a", "b"], [["1", "1"]])
    story.seen["a warm prediction called nothing"] = quiet
    story.secrets.append(speak(story.cloud, story.ok, story.key))


def monitor(story: Story) -> None:
    """Drifted traffic, seen by a caller, then by the schedule, which comes twice: each opens its alerts once.

    An alert leads to the update that newer data waits for, unasked; those that open before it is done to no other one.
    """
    unheard(story, two_classes(590, seed=4))
    usual = [{"a": 9.0 + i / 100, "b": USUAL.inv_cdf((i % 40 + 0.5) / 40)} for i in range(400)]
    story.ok("POST", f"{MODEL}/predict", {"rows": usual})
    assert story.ok("GET", f"{MODEL}/monitor", query={"hours": "2"})["status"] == "drift"
    assert story.ok("GET", f"{MODEL}/alerts")["items"] == []
    [hour] = [one for one in story.ok("GET", f"{MODEL}/monitor/traffic")["points"] if one["requests"]]
    assert hour["rows"] >= 400
    assert story.ok("GET", f"{MODEL}/monitor/features")["items"][0]["drifted"]
    story.cloud.invoking.lose.append("StartExecution")
    assert story.ok("POST", f"{MODEL}/monitor")["alerts"]
    [run] = queued(story)

    drifted = [{"a": 9.0 + i / 100, "b": 9.0} for i in range(800)]
    story.ok("POST", f"{MODEL}/predict", {"rows": drifted})
    story.ok("GET", f"{MODEL}/monitor")  # writes what was counted
    assert "lepton_requests_total{model=" in str(story.ok("GET", "/metrics", Accept="text/plain"))
    before = alerts(story)
    story.cloud.tick("MonitorHourly")
    opened = alerts(story)
    story.cloud.tick("MonitorHourly")
    assert before < opened == alerts(story)
    assert queued(story) == [run]
    story.cloud.tick("SweepMinutely")
    assert ended(story, run, "alert")["version"] == 2
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    assert queued(story) == []


def alerts(story: Story) -> set[tuple[str, str]]:
    """What every alert that there is says, and when it was opened."""
    return {(one["name"], one["opened"]) for one in story.ok("GET", f"{MODEL}/alerts")["items"]}


def unheard(story: Story, csv: bytes) -> None:
    """Data of which the model hears nothing, as it is manual while that arrives."""
    story.ok("PUT", f"{MODEL}/policy", {"update": "manual"})
    send(story, csv)
    story.twice(story.cloud.deliver)
    assert queued(story) == []
    story.ok("PUT", f"{MODEL}/policy", {"update": "auto"})


def queued(story: Story) -> list[Any]:
    """The runs that wait for the sweep."""
    return [one for one in story.ok("GET", "/v1/runs")["items"] if one["state"] == "queued"]


def ended(story: Story, run: Any, cause: str) -> Any:
    """An update that was promoted or refused: what is served follows its verdict."""
    done = story.ok("GET", f"/v1/runs/{run['id']}")
    assert (done["kind"], done["state"]) == ("update", "succeeded")
    assert cause in done["outcome"]["trigger"]
    served = story.ok("GET", f"{MODEL}/deployment")["routes"][0]["version"]
    assert (served == done["version"]) == done["outcome"]["promoted"]
    return done


def update(story: Story) -> None:
    """New data: an update at once. After data of which a manual model heard nothing: one of the schedule.

    Though every event, every call and every schedule comes twice. Then one that is asked for.
    """
    send(story, two_classes(600, seed=1))
    story.twice(story.cloud.deliver)
    assert queued(story) == []
    [run] = [one for one in story.ok("GET", "/v1/runs")["items"] if one["version"] == 3]
    assert ended(story, run, "data version 4")["attempt"] == 1

    unheard(story, two_classes(610, seed=2))
    story.twice(lambda: story.cloud.tick("UpdateDaily"))
    assert queued(story) == []
    [run] = [one for one in story.ok("GET", "/v1/runs")["items"] if one["version"] == 4]
    assert ended(story, run, "data version 5")["attempt"] == 1

    asked = story.driven(f"{MODEL}/update", RETRAINED)
    assert (asked["state"], asked["version"]) == ("succeeded", 5)


def retire(story: Story) -> None:
    """What a run that was cancelled has kept goes with its model."""
    story.twice(lambda: story.ok("POST", f"{MODEL}/retire", {}))
    assert story.swept(story.seen["cancelled"])["resumable_until"] is None
    assert kept_nothing(story.cloud, story.seen["cancelled"])
    status, _ = story.cloud.http("POST", f"{MODEL}/predict", {"rows": [{"a": 1, "b": 1}]}, key=story.key)
    assert status == 409
    for name in ("MonitorHourly", "UpdateDaily", "SweepMinutely"):
        calls = story.cloud.functions[name].calls
        before = len(calls)
        story.cloud.tick(name)
        story.seen[f"idle {name}"] = calls[before:]
    records, _ = contents(story.cloud)
    left = ("_system/due_", "_system/intents")
    story.seen["left to do"] = [key for key in records if key.startswith(left)]
