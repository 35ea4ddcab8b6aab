"""A deployment is followed to its end, by a clock that the test sets, over the embedded platform and over HTTP."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app import app
from functions.system.sweep import sweep
from infra.local.server import listen
from infra.local.stack import Stack
from lepton_ai import Data, Deployment, Model, NotFound
from lepton_ai.cli import main
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.follow_rollout import Following
from lepton_ai.http import HttpTransport
from lepton_ai.stages import StageBar, StageLines
from lepton_ai.transport import Transport
from tests.support.stores import disk_store
from tests.support.waiting import happened, joined, until
from tests.support.world import World, two_classes, world

ROW = {"rows": [{"a": 0.1, "b": 0.2}]}
UPLOAD = "/v1/datasets/m/upload"
PREDICT = "/v1/models/m/predict"
MINUTE = 60.0


@dataclass
class Watching:
    """A model with two versions, of which the first serves; each wait of a follower is a minute here.

    In the minutes that ``then`` names something happens; if no more does, it fails instead of waiting for ever.
    """

    here: World
    transport: Transport
    then: dict[int, Callable[[], object]] = field(default_factory=dict)
    minute: int = 0
    said: io.StringIO = field(default_factory=io.StringIO)

    def sleep(self, seconds: float) -> None:
        assert self.minute < 300, "it does not end"
        self.minute += 1
        self.here.clock.forward(MINUTE)
        self.then.get(self.minute, lambda: None)()
        self.here.platform.loaded.flush()
        sweep(self.here.platform)

    def ask(self, times: int = 40, body: Any = ROW) -> None:
        for at in range(times):
            self.here.ask("POST", PREDICT, body, headers={"x-lepton-entity": str(at)})

    def go(self, step: str) -> None:
        self.here.ok("POST", f"/v1/models/m/deployment/{step}")

    def deploy(self, **body: Any) -> Deployment:
        """Deploy, and wait."""
        following = self.following()

        def ask() -> Any:
            self.transport.call("POST", "/v1/models/m/deploy", body=body)
            found = self.model.deployment
            assert found is not None
            return found

        return following.from_the_start(f"version {body.get('version')}", ask, None)

    def go_on(self) -> Deployment:
        """Wait for what is deployed already."""
        found = self.model.deployment
        assert found is not None
        return self.following().to_its_end(found)

    def following(self) -> Following:
        shown = StageLines("deploying m", self.said)
        return Following(self.transport, "m", "/v1/models/m", shown, sleep=self.sleep)

    @property
    def model(self) -> Model:
        return Model(name="m", quiet=True, transport=self.transport)

    @property
    def lines(self) -> list[str]:
        return self.said.getvalue().splitlines()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with disk_store(tmp_path) as store:
        made = world(store)
        made.trained(two_classes(60), iterations=5)
        made.ok("POST", "/v1/models/m/deploy")
        made.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
        yield made


@pytest.fixture(params=["embedded", "http"])
def watching(request: pytest.FixtureRequest, here: World, tmp_path: Path) -> Iterator[Watching]:
    if request.param == "embedded":
        stack = Stack(app, here.platform, lambda: None)
        yield Watching(here, EmbeddedTransport(tmp_path, lambda data: stack))
        return
    key = here.ok("POST", "/v1/keys", {"name": "pipeline", "scopes": ["read", "write"]})["secret"]
    server, ready = listen(app, here.again(owner=None).platform), threading.Event()
    serving = threading.Thread(target=server.run, args=[ready.set])
    serving.start()
    happened(ready, "it listens")
    yield Watching(here, HttpTransport(server.url, key))
    server.stop()
    joined(serving)


def test_a_canary_is_followed_until_it_is_promoted(watching: Watching) -> None:
    watching.then = dict.fromkeys((1, 5, 20), watching.ask)
    done = watching.deploy(version=2, canary=0.25, bake_minutes=30)
    assert done.ended is not None and done.ended.serves
    assert (done.ended.state, done.ended.version, done.ended.by) == ("promoted", 2, "schedule")
    assert "nothing was wrong with version 2" in done.ended.reason
    assert (watching.minute, [one.version for one in done.routes]) == (30, [2])
    first, second, *more, last = watching.lines
    assert first == "deploying m: loading version 2, which is asked for a row first"
    assert second == (
        "deploying m: version 2 is a canary with 25% of the calls, 30 min 0 s left; "
        "in 24 h version 2: no calls; in 24 h version 1: no calls"
    )
    assert len(more) == 9, "one for each tenth of the time"
    assert (
        "version 2: 14 calls, 0 refused, 0 failed, p50 " in more[0]
        and " ms; in 24 h version 1: 26 calls, " in more[0]
    )
    assert "3 min 0 s left; in 24 h version 2: 42 calls" in more[-1]
    assert last.startswith("deploying m: promoted after ")


def test_a_version_that_refuses_what_the_one_before_answers_ends_rolled_back(watching: Watching) -> None:
    """Its column b has numbers, and the callers of the version before send texts."""
    texts = b"a,b,label\n" + b"".join(
        b"%d,%s,%s\n" % (at % 7, b"xy"[at % 2 :][:1], b"yes" if at % 7 > 3 else b"no") for at in range(80)
    )
    announced = watching.here.ok("POST", UPLOAD, {"size": len(texts), "kinds": {"b": "category"}})
    watching.here.ok("PUT", f"{UPLOAD}/{announced['id']}", texts)
    watching.here.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})
    watching.here.ok("POST", "/v1/models/m/deploy", {"version": 3, "bake_minutes": 0})
    watching.then = {2: lambda: watching.ask(60, {"rows": [{"a": 1, "b": "x"}]})}
    done = watching.deploy(version=2, canary=0.5)
    assert done.ended is not None and not done.ended.serves
    assert (done.ended.state, done.ended.version, done.ended.by) == ("rolled back", 2, "failing")
    assert "calls of version 2 refused" in done.ended.reason
    assert (watching.minute, [one.version for one in done.routes]) == (2, [3])
    assert str(done).partition("; ")[2] == f"version 2 was rolled back: {done.ended.reason}"
    assert watching.go_on().ended == done.ended, "asked afterwards it says the same"


def test_pause_share_and_approval_are_shown_each_once(watching: Watching) -> None:
    def other_share() -> None:
        watching.here.ok("POST", "/v1/models/m/deploy", {"version": 2, "canary": 0.5})

    watching.then = {
        2: lambda: watching.go("pause"),
        40: lambda: watching.go("resume"),
        41: other_share,
        60: lambda: watching.go("promote"),
    }
    done = watching.deploy(version=2, canary=0.25, bake_minutes=10, approval=True)
    assert done.ended is not None
    assert (done.ended.state, done.ended.by, watching.minute) == ("promoted", "owner", 60)
    told = [
        line.split(";")[0].removeprefix("deploying m: version 2 is a canary with ")
        for line in watching.lines[1:-1]
    ]
    assert told == [
        "25% of the calls, 10 min 0 s left",
        "25% of the calls, 9 min 0 s left",
        "25% of the calls, paused until lepton unpause, or Model.unpause()",
        "25% of the calls, 8 min 0 s left",
        "50% of the calls, 7 min 0 s left",
        "50% of the calls, 6 min 0 s left",
        "50% of the calls, 5 min 0 s left",
        "50% of the calls, 4 min 0 s left",
        "50% of the calls, 3 min 0 s left",
        "50% of the calls, 2 min 0 s left",
        "50% of the calls, 1 min 0 s left",
        "50% of the calls, needs an approval: lepton promote, or Model.promote()",
    ]


def test_a_canary_whose_time_is_over_waits_for_its_first_call(watching: Watching) -> None:
    watching.then = {9: watching.ask}
    done = watching.deploy(version=2, canary=0.5, bake_minutes=0)
    assert done.ended is not None and (done.ended.state, watching.minute) == ("promoted", 9)
    assert (
        "promoted once it has been called and nothing was wrong; in 24 h version 2: no calls"
        in watching.lines[1]
    )


def test_a_version_with_all_calls_is_followed_until_nobody_watches_it(watching: Watching) -> None:
    done = watching.deploy(version=2)
    assert done.ended is not None and done.ended.serves
    assert (done.ended.state, done.ended.version, watching.minute) == ("stayed", 2, 5)
    assert "version 2 has all calls and is watched, 5 min 0 s left" in watching.lines[1]
    again = watching.deploy(version=2)
    assert again.ended == done.ended and watching.minute == 5, "nothing is to be waited for"


@pytest.mark.parametrize(
    ("body", "happens", "state", "serves"),
    [
        ({"canary": 0.25}, lambda one: one.go("rollback"), "rolled back", 1),
        ({}, lambda one: one.go("rollback"), "rolled back", 1),
        (
            {"canary": 0.25},
            lambda one: one.here.ok("POST", "/v1/models/m/deploy", {"version": 1}),
            "replaced",
            1,
        ),
        ({}, lambda one: one.here.ok("POST", "/v1/models/m/deploy", {"version": 1}), "replaced", 1),
        (
            {},
            lambda one: one.here.ok("POST", "/v1/models/m/deploy", {"version": 1, "canary": 0.1}),
            "stayed",
            2,
        ),
        ({"canary": 0.25}, lambda one: one.here.ok("POST", "/v1/models/m/retire"), "retired", None),
    ],
    ids=["canary back", "back", "canary replaced", "replaced", "another canary", "retired"],
)
def test_what_somebody_else_decides_is_told(
    watching: Watching, body: Any, happens: Any, state: str, serves: int | None
) -> None:
    watching.then = {3: lambda: happens(watching)}
    done = watching.deploy(version=2, **body)
    assert done.ended is not None
    assert (done.ended.state, done.ended.version, watching.minute) == (state, 2, 3)
    assert done.ended.serves is (state == "stayed")
    assert done.state == ("serving" if serves else "stopped")
    assert serves in (None, done.routes[0].version)
    if state != "stayed":
        later = watching.go_on().ended
        assert later is not None and later.serves is (state == "replaced"), (
            "a version that replaced it serves"
        )


def test_an_interrupt_leaves_the_deployment_as_it_is_and_says_how_to_go_on(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    watching.then = {2: interrupt, 4: watching.ask}
    with pytest.raises(KeyboardInterrupt):
        watching.deploy(version=2, canary=0.25, bake_minutes=10)
    said = capsys.readouterr().err
    assert said.startswith("no longer watching; the deployment stays as it is, and is looked after ")
    assert said.endswith("; to go on: lepton status m --deployment, or Model.follow_deployment()\n")
    now = watching.model.deployment
    assert now is not None and len(now.routes) == 2
    done = watching.go_on()
    assert done.ended is not None and (done.ended.state, watching.minute) == ("promoted", 10)


def test_an_interrupt_before_the_answer_says_that_it_may_be_deployed(watching: Watching, capsys: Any) -> None:
    def interrupted() -> Deployment:
        raise KeyboardInterrupt

    following = Following(watching.transport, "m", "/v1/models/m", StageLines("m", watching.said))
    with pytest.raises(KeyboardInterrupt):
        following.from_the_start("version 2", interrupted, None)
    assert "it may be deployed all the same; to go on: lepton status m --dep" in capsys.readouterr().err


def test_what_is_quiet_asks_for_no_figures(watching: Watching) -> None:
    asked, call = list[str](), watching.transport.call

    def noted(method: str, path: str, **sent: Any) -> Any:
        asked.append(path)
        return call(method, path, **sent)

    watching.transport.call = noted  # type: ignore[method-assign]
    watching.then = {1: watching.ask}
    model = watching.model
    watching.here.ok("POST", "/v1/models/m/deploy", {"version": 2, "canary": 0.5, "bake_minutes": 1})
    found = model.deployment
    assert found is not None
    following = model._following()
    done = Following(
        following.transport, "m", following.path, following.shown, sleep=watching.sleep
    ).to_its_end(found)
    assert done.ended is not None and done.ended.state == "promoted"
    assert not any(path.endswith("/monitor") for path in asked)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_stage_and_both_versions_are_drawn_and_give_way_to_the_summary(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    screen = Terminal()
    watching.then = {1: watching.ask}
    watching.here.ok("POST", "/v1/models/m/deploy", {"version": 2, "canary": 0.25, "bake_minutes": 3})
    found = watching.model.deployment
    assert found is not None
    shown = StageBar("deploying m", screen)
    Following(watching.transport, "m", "/v1/models/m", shown, sleep=watching.sleep).to_its_end(found)
    drawn = screen.getvalue()
    assert "version 2 is a canary with 25% of the calls," in drawn
    assert "version 2: no calls" in drawn and "version 1: 26 calls, 0 refused, 0 failed, p50" in drawn
    assert (
        drawn.splitlines()[-1]
        .rpartition("\x1b")[2]
        .partition("deploying")[2]
        .startswith(" m: promoted after ")
    )


def test_what_was_never_deployed_cannot_be_followed(tmp_path: Path) -> None:
    with disk_store(tmp_path) as store:
        made = world(store)
        made.trained(two_classes(60), iterations=5)
        transport = EmbeddedTransport(tmp_path, lambda data: Stack(app, made.platform, lambda: None))
        with pytest.raises(NotFound, match="'m' is not deployed") as refused:
            Model(name="m", quiet=True, transport=transport).follow_deployment()
        assert refused.value.field == "model"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Version 1 serves, and version 2 is there, on a platform in this process with its own clock."""
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_DATA"):
        monkeypatch.delenv(name, raising=False)
    Path("rows.csv").write_bytes(two_classes(80))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv("rows.csv", label="label", quiet=True))
    made.train(iterations=5, refit=False, deploy=True)
    made.train(iterations=6, refit=False)
    return made


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_sdk_waits_where_it_is_asked_to(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    loud = Model(name="m", announce=False)
    done = loud.deploy(2, bake_minutes=0.005, wait=True)
    assert done.ended is not None and (done.ended.state, done.rollout) == ("stayed", None)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "deploying m: loading version 2, which is asked for a row first"
    assert said[-1].startswith("deploying m: stayed after ")
    assert loud.deploy(1).ended is None
    assert model.rollback().routes[0].version == 2
    ended = model.follow_deployment().ended
    assert ended is not None and str(ended) == "version 1 was rolled back: by owner"
    assert capsys.readouterr().err == "", "it is quiet"


def test_the_commands_end_with_a_status_for_a_pipeline(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("deploy", "m", "--version", "2", "--bake-minutes", "0.005", "--wait", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["ended"] == {"state": "stayed", "version": 2, "by": "", "reason": ""}
    assert told.err == ""
    found = list[int]()
    asked = ("deploy", "m", "--version", "1", "--canary", "0.25", "--wait")
    waiting = threading.Thread(target=lambda: found.append(command(*asked)))
    waiting.start()

    def tried() -> int:
        now = model.deployment
        return 0 if now is None else len(now.routes)

    until(tried, "the canary has its share", lambda routes: routes == 2)
    model.rollback()
    joined(waiting)
    assert found == [3]
    told = capsys.readouterr()
    assert told.out.endswith("; version 1 was rolled back: by owner\n")
    assert "version 1 is a canary with 25% of the calls, " in told.err
    assert command("status", "m", "--deployment") == 3
    model.deploy(1)
    model.deploy(2, bake_minutes=0)
    assert command("status", "m", "--deployment") == 0
    assert command("status", "--deployment") == command("status", "m", "--deployment", "--run", "run-1") == 2
