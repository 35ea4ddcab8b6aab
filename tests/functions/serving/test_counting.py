"""Calls without an answer are counted by their reason, and those that failed by our own fault apart."""

from typing import Any

import pytest

from functions.records.kinds import WINDOWS
from lepton_core.drift import Sketch
from lepton_core.errors import Damaged
from tests.support.failing import failing
from tests.support.world import World, two_classes, world

ROW = {"rows": [{"a": 0.1, "b": 0.2}]}
PREDICT = "/v1/models/m/predict"


@pytest.fixture
def here(store: Any) -> World:
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def counted(here: World) -> Sketch:
    here.platform.loaded.flush()
    [(_, window)] = here.platform.workspace("default").list(WINDOWS, "m")
    return Sketch.from_dict(window.value.sketch)


def test_what_callers_do_wrong_is_counted_by_its_code(here: World) -> None:
    here.ok("POST", PREDICT, ROW)
    here.refused("POST", PREDICT, {"rows": []})
    here.refused("POST", PREDICT, {"rows": [{"a": "text", "b": 1}]})
    here.refused("POST", PREDICT, {"rows": [ROW["rows"][0]] * 20_001})
    here.ok("POST", PREDICT, {"rows": [{"a": "text", "b": 1}], "row_errors": True})
    found = counted(here)
    assert (found.requests, found.refused, found.failed) == (5, sum(found.reasons.values()), 0)
    assert found.reasons["too_large"] == 1
    assert found.reasons["invalid_data"] == 2


@pytest.mark.parametrize(
    ("error", "code"), [(ZeroDivisionError("in a model"), "internal"), (Damaged("a file"), "damaged")]
)
def test_whatever_else_goes_wrong_is_our_fault(here: World, error: Exception, code: str) -> None:
    here.ok("POST", PREDICT, ROW)
    with failing(here, error):
        status, answer = here.ask("POST", PREDICT, ROW)
    assert (status, answer["error"]["code"]) == (500, code)
    found = counted(here)
    assert (found.requests, found.rows, found.refused, found.failed) == (2, 1, 1, 1)
    assert found.reasons == {code: 1}
