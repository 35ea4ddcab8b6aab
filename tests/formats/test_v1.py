"""What commit 0f2cce1 left in a folder, and in a table and a bucket, is opened, served and finished by this code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.records.kinds import VERSIONS
from infra.local.stack import open_embedded
from tests.formats import facts
from tests.formats.opened import expected, fill, numbers, opened, still, unpack, without_digests
from tests.support.clocks import Clock
from tests.support.page import Page
from tests.support.stores import disk_store
from tests.support.world import World

MADE = Path(__file__).parent / "v1"
SAID = expected(MADE)
CLOSE = 1e-9
"""On a machine that rounds in another way: the relative difference of numbers that are computed anew."""

same_arithmetic = pytest.mark.skipif(
    facts.arithmetic() != SAID["arithmetic"],
    reason="this machine's numpy rounds in another way than the one that made the data",
)


@pytest.fixture(params=["disk", "aws"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "aws":
        yield opened(fill(MADE, request.getfixturevalue("aws")), SAID)
    else:
        with disk_store(unpack(MADE, tmp_path)) as store:
            yield opened(store, SAID)


def read_now(late: Any) -> Any:
    """What was said of the file that waits, but that yes and no are a kind of their own: it is read by this code."""
    (version,) = late
    columns = [one | {"kind": "boolean"} if one["name"] == "label" else one for one in version["columns"]]
    return [{name: value for name, value in version.items() if name != "digest"} | {"columns": columns}]


def swept(here: World) -> World:
    """Ten minutes later: whoever held a run is gone, and the sweeper has come."""
    here.clock.forward(600)
    here.event("sweep_minutely")
    return here


def test_everything_is_listed_and_read_as_before(here: World) -> None:
    still(SAID["seen"], facts.plain(facts.seen(here, [("m", 1), ("m", 2)])), close=CLOSE)


def test_every_evaluation_is_answered_as_it_was_stored(here: World) -> None:
    place = here.platform.workspace("default")
    versions = [one for name in facts.MODELS for _, one in place.list(VERSIONS, name)]
    shown = {one.value.task for one in versions}
    assert shown == {"classification", "regression"}
    for one in (found.value for found in versions):
        answer = here.ok("GET", f"/v1/models/{one.model}/versions/{one.version}/evaluation")
        since = {"baselines", "cross_validation", "importance", "segments"}
        since |= {"by_prediction"} if one.task == "regression" else set()
        assert set(answer) >= since
        stored = json.loads(here.platform.blobs.get(one.evaluation.key))
        still(stored, answer)
        since |= {"coverages"}
        since |= {"imbalance", "decision", "calibrated"} if one.task == "classification" else set()
        assert set(answer) - set(stored) == since
        assert (answer["coverages"], answer.get("calibrated")) == ([], None)
        assert (answer["importance"] is None) == (one.cross_validation is None)


def test_every_version_has_a_card(here: World) -> None:
    place = here.platform.workspace("default")
    for name in facts.MODELS:
        for _, one in place.list(VERSIONS, name):
            page = Page(here.ok("GET", f"/v1/models/{name}/versions/{one.value.version}/card"))
            assert page.wrong == []
            assert "train it again to see where it is wrong" in page.said


def test_every_deployed_model_answers(here: World) -> None:
    still(numbers(SAID["answers"]), numbers(facts.answers(here)), close=CLOSE)


@same_arithmetic
def test_every_deployed_model_answers_the_same_bits(here: World) -> None:
    still(SAID["answers"], facts.answers(here))


def test_a_key_opens_and_a_revoked_one_does_not(here: World, request: pytest.FixtureRequest) -> None:
    keys = SAID["keys"][request.node.callspec.params["here"]]
    locked = here.again(owner=None)
    statuses = {
        name: locked.ask("GET", "/v1/models", headers={"authorization": f"Bearer {key}"})[0]
        for name, key in keys.items()
    }
    assert statuses == {"good": 200, "revoked": 401}
    assert len(here.ok("GET", "/v1/keys")["items"]) == 2


def test_the_sweep_takes_in_the_file_that_waits_and_leaves_the_one_that_never_came(here: World) -> None:
    (key,) = here.platform.blobs.keys("default/incoming/late/")
    file = here.platform.blobs.get(key)
    swept(here)
    found = facts.plain(facts.seen(here, [])["datasets"]["late"])
    still(read_now(SAID["late"]), found)
    here.upload(file, "fresh")
    assert found[0]["digest"] == here.ok("GET", "/v1/datasets/fresh/versions/1")["digest"]
    states = [one["state"] for one in here.ok("GET", "/v1/datasets/never/uploads")["items"]]
    assert states == ["waiting"]


def ends(here: World) -> Any:
    """How the runs ended; of the reason of an update what was said before its verdict had numbers."""
    found = facts.plain(facts.ends(here, SAID["runs"]))
    outcome = found["updating"]["outcome"]
    outcome["reason"], _, numbers = outcome["reason"].partition(": ")
    assert "rows" in numbers
    return found


def test_runs_under_way_go_on_to_their_ends(here: World) -> None:
    swept(here)
    found = ends(here)
    still(without_digests(SAID["ends"]), without_digests(found), close=CLOSE)


@same_arithmetic
def test_runs_under_way_make_the_artifacts_that_they_would_have_made_undisturbed(here: World) -> None:
    swept(here)
    still(SAID["ends"], ends(here))


def test_a_request_with_the_key_of_an_earlier_one_gets_its_run(here: World) -> None:
    run = here.ok("POST", "/v1/models/waiting/train", {"iterations": 20}, headers={"idempotency-key": "once"})
    assert run["id"] == SAID["runs"]["waiting"]


def test_a_life_goes_on(here: World) -> None:
    """New data, an update, traffic and an assessment, on top of what was there."""
    swept(here)
    rows = b"a,b,colour,label\n" + b"0.5,1.25,red,yes\n-1.5,,green,no\n2,0.5,,yes\n-2,-1,blue,no\n" * 40
    assert here.upload(rows)["version"] == 3
    run = here.ok("POST", "/v1/models/m/update", {"iterations": 20})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert (ended["state"], ended["version"]) == ("succeeded", 3)
    here.ok("POST", "/v1/models/m/predict", {"rows": facts.ROWS["m"]})
    report = here.ok("POST", "/v1/models/m/monitor", query={"hours": "1"})
    assert report["rows"] >= len(facts.ROWS["m"])
    assert here.ok("POST", "/v1/models/m/retire", {})["state"] == "retired"


def test_the_stack_of_this_machine_opens_the_folder(tmp_path: Path) -> None:
    stack = open_embedded(unpack(MADE, tmp_path), background=False)
    try:
        found = facts.answers(World(stack.platform, Clock()))
        still(numbers(SAID["answers"]), numbers(found), close=CLOSE)
    finally:
        stack.close()
