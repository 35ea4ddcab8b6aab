"""Services over HTTP: an admin sees those of the machine and ends them; on AWS there are none."""

import pytest

from app import app
from functions.context import Platform
from functions.records.deployments import Deployment, Share
from functions.records.files import File
from functions.records.kinds import DEPLOYMENTS
from tests.functions.edge.kit import START, memory_platform, new_key, send
from tests.support.machines import FRONT, GONE, Machine


@pytest.fixture
def machine() -> Machine:
    return Machine("acme")


@pytest.fixture
def platform(machine: Machine) -> Platform:
    made = memory_platform(services=machine)
    store = made.workspace("acme")
    routes = [
        Share(3, File("stands for a file", "sha256:abc"), 0.8),
        Share(4, File("other", "sha256:d"), 0.2),
    ]
    deployment = Deployment(FRONT.model, "serving", routes, START, START)
    stopped = Deployment(GONE.model, "stopped", routes, START, START)
    store.write(store.put(DEPLOYMENTS, FRONT.model, value=deployment, expect=0))
    store.write(store.put(DEPLOYMENTS, GONE.model, value=stopped, expect=0))
    return made


def test_services_are_listed_with_the_version_that_they_answer_with_now(platform: Platform) -> None:
    answer = send(app, platform, "GET", "/v1/services", key=new_key(platform, scopes=["admin"]))
    assert answer.status == 200
    assert answer.json == {
        "here": True,
        "items": [
            {
                "name": "front", "model": FRONT.model, "url": "http://127.0.0.1:8090", "state": "running",
                "version": 3, "process": 4711, "workers": 2, "started": "2030-01-01T12:00:00Z",
            },
            {
                "name": "old", "model": GONE.model, "url": "http://127.0.0.1:8091", "state": "lost",
                "version": None, "process": 12, "workers": 1, "started": "2030-01-01T12:00:00Z",
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("ends", "state"), [(True, "stopped"), (False, "stopping")])
def test_a_service_is_told_to_end(platform: Platform, machine: Machine, ends: bool, state: str) -> None:
    machine.ends = ends
    key = new_key(platform, scopes=["admin"])
    answer = send(app, platform, "POST", "/v1/services/{service}/stop", path={"service": "front"}, key=key)
    assert (answer.status, answer.json) == (200, {"name": "front", "state": state})
    assert machine.asked == ["front"]


def test_only_an_admin_of_the_workspace_reaches_them(platform: Platform, machine: Machine) -> None:
    where = ("POST", "/v1/services/{service}/stop")
    poor = new_key(platform, scopes=["read", "write", "predict"])
    assert send(app, platform, "GET", "/v1/services", key=poor).status == 403
    assert send(app, platform, *where, path={"service": "front"}, key=poor).status == 403
    stranger = new_key(platform, "zeta", scopes=["admin"])
    assert send(app, platform, "GET", "/v1/services", key=stranger).json == {"here": True, "items": []}
    refused = send(app, platform, *where, path={"service": "front"}, key=stranger)
    assert (refused.status, refused.error["code"]) == (404, "not_found")
    assert machine.asked == []


def test_a_platform_without_a_machine_of_its_own_has_none() -> None:
    platform = memory_platform()
    key = new_key(platform, scopes=["admin"])
    assert send(app, platform, "GET", "/v1/services", key=key).json == {"here": False, "items": []}
    answer = send(app, platform, "POST", "/v1/services/{service}/stop", path={"service": "m"}, key=key)
    assert (answer.status, answer.error["message"]) == (
        404,
        "no service 'm': this platform has no machine of its own",
    )
