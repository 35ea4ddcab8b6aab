"""`Model.resume`: a cancelled run goes on, and is waited for."""

from typing import TYPE_CHECKING

import pytest

from lepton_ai import Conflict, Model, NotFound

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform


@pytest.fixture
def model(platform: "FakePlatform") -> Model:
    return Model("logistic_regression", "m", transport=platform)


def test_a_cancelled_run_is_resumed_and_waited_for(model: Model, platform: "FakePlatform") -> None:
    until = {"resumable_until": "2030-01-08T12:00:00Z"}
    listed = [
        platform.run(id="run-9", state="cancelled"),
        platform.run(id="run-8", state="cancelled", **until),
        platform.run(id="run-7", state="cancelled", **until),
    ]
    platform.on("GET", "/v1/runs", {"items": listed, "next": None})
    for number in (7, 8):
        platform.on("POST", f"/v1/runs/run-{number}/resume", platform.run(id=f"run-{number}", state="queued"))
        ended = platform.run(id=f"run-{number}", state="succeeded", version=number)
        platform.on("GET", f"/v1/runs/run-{number}", ended)
        platform.on("GET", f"/v1/models/m/versions/{number}", platform.version(number))
    assert (model.resume().id, model.resume("run-7").version) == ("run-8", 7)


def test_without_a_run_that_can_be_resumed_that_is_said(model: Model, platform: "FakePlatform") -> None:
    platform.on("GET", "/v1/runs", {"items": [platform.run(state="cancelled")], "next": None})
    with pytest.raises(NotFound, match="no cancelled run of model 'm' can be resumed"):
        model.resume()
    platform.on("POST", "/v1/runs/run-1/resume", Conflict("nothing is kept of run 'run-1'"))
    with pytest.raises(Conflict, match="nothing is kept"):
        model.resume("run-1")
