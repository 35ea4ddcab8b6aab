"""A platform on one machine tells an admin of the services over its folder, and ends them."""

import os
from pathlib import Path

import pytest

from infra.local.machine_services import MachineServices
from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.services import FOLDER, claimed, services
from infra.local.stack import WORKSPACE
from lepton_ai import LeptonError
from lepton_ai.http import HttpTransport
from lepton_core.errors import Conflict, NotFound
from tests.functions.console.conftest import serving, table
from tests.infra.local.service.kit import ROOT, forsaken
from tests.support.world import two_classes

OPTIONS = ServiceOptions("m", None, "data", workers=2)
SERVING = Serving("http://127.0.0.1:1", "http://127.0.0.1:1/v1/models/m/predict", "m", 1, watched=True)


def test_those_of_its_own_workspace_are_known(tmp_path: Path) -> None:
    machine = MachineServices(tmp_path, WORKSPACE)
    assert machine.known(WORKSPACE) == []
    with claimed(tmp_path, "front") as claim:
        claim.tell(SERVING, OPTIONS)
        forsaken(tmp_path, "old")
        front, old = machine.known(WORKSPACE)
        assert (front.name, front.model, front.state, front.process) == ("front", "m", "running", os.getpid())
        assert (front.url, front.workers) == ("http://127.0.0.1:1", 2)
        assert (old.name, old.state) == ("old", "lost")
        assert machine.known("other") == []


def test_one_that_is_lost_is_forgotten_by_its_own_workspace_alone(tmp_path: Path) -> None:
    forsaken(tmp_path, "old")
    machine = MachineServices(tmp_path, WORKSPACE)
    with pytest.raises(NotFound, match="no service 'old'"):
        machine.stop("other", "old")
    assert [one.name for one in services(tmp_path)] == ["old"]
    assert machine.stop(WORKSPACE, "old")
    assert services(tmp_path) == []
    with pytest.raises(NotFound) as refused:
        machine.stop(WORKSPACE, "old")
    assert str(tmp_path) not in str(refused.value)


def test_a_record_that_cannot_be_read_is_told_without_its_path(tmp_path: Path) -> None:
    forsaken(tmp_path, "old")
    (tmp_path / FOLDER / "old.json").write_bytes(b"{}")
    machine = MachineServices(tmp_path, WORKSPACE)
    for asked in (lambda: machine.known(WORKSPACE), lambda: machine.stop(WORKSPACE, "old")):
        with pytest.raises(
            Conflict, match="lepton services, on the machine of the platform, says"
        ) as refused:
            asked()
        assert str(tmp_path) not in str(refused.value)


@pytest.mark.slow
def test_a_service_is_seen_and_ended_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lepton_ai.embedded import start_service

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    from lepton_ai import Model

    with serving(tmp_path / "data") as here:
        transport = HttpTransport(here.url, here.key)
        model = Model("logistic_regression", name="m", quiet=True, transport=transport)
        model.upload_data(table(tmp_path, two_classes(60)))
        model.train(iterations=5, refit=False)
        model.deploy()
        served = start_service(tmp_path / "data", "m", "front", 0)
        [one] = transport.call("GET", "/v1/services")["items"]
        try:
            assert (one["name"], one["model"], one["url"]) == ("front", "m", served.url)
            assert (one["state"], one["version"], one["workers"]) == ("running", 1, 1)
            model.train(iterations=6, refit=False)
            model.deploy(2)
            [one] = transport.call("GET", "/v1/services")["items"]
            assert one["version"] == 2
        finally:
            told = transport.call("POST", "/v1/services/front/stop")
        assert told == {"name": "front", "state": "stopped"}
        with pytest.raises(LeptonError, match="no service 'front'"):
            transport.call("POST", "/v1/services/front/stop")
        assert transport.call("GET", "/v1/services") == {"here": True, "items": []}
