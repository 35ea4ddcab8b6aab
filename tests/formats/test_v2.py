"""What commit c6031b0 left of blends, calibrators, intervals, sets, rules and constraints is served and finished."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.records import find
from functions.records.kinds import VERSIONS
from lepton_core.ensemble import Ensemble
from lepton_core.load import load
from lepton_core.predict import Predictor
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.conformal import Intervals, Sets
from lepton_core.uncertainty.isotonic import Isotonic
from lepton_core.uncertainty.scaling import Scaling
from tests.formats import facts, versions
from tests.formats.opened import expected, numbers, opened, still, unpack, without_digests
from tests.support.page import Page
from tests.support.stores import disk_store
from tests.support.world import World

MADE = Path(__file__).parent / "v2"
SAID = expected(MADE)
CLOSE = 1e-9
"""On a machine that rounds in another way: the relative difference of numbers that are computed anew."""

BY_PROBABILITIES = {"log_loss", "brier", "auc", "calibrated", "coverages", "roc", "calibration"}
"""Figures of an evaluation that no rule for labels changes."""

SAME_ARITHMETIC = facts.arithmetic() == SAID["arithmetic"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with disk_store(unpack(MADE, tmp_path)) as store:
        yield opened(store, SAID)


def artifacts(here: World) -> dict[str, bytes]:
    """The files of both fits of every version."""
    place = here.platform.workspace("default")
    found = {
        f"{name} {fit}": file
        for name in versions.MODELS
        for _, one in place.list(VERSIONS, name)
        for fit, file in (("judged", one.value.artifact), ("served", one.value.answers))
    }
    return {what: place.blobs.get(file.key) for what, file in found.items()}


def test_everything_is_listed_and_read_as_before(here: World) -> None:
    still(SAID["seen"], facts.plain(versions.seen(here)), close=CLOSE)


def test_there_is_a_version_of_each_kind(here: World) -> None:
    loaded = {what: load(data) for what, data in artifacts(here).items()}
    sure = {what.partition(" ")[0]: one for what, one in loaded.items() if isinstance(one, Uncertain)}
    assert set(sure) == {*versions.SURE, "updating"}
    assert {name for name, one in sure.items() if isinstance(one.model, Ensemble)} == {
        "blend",
        "values",
        "updating",
    }
    assert isinstance(loaded["bound served"], Predictor)
    assert {type(one.uncertainty.conformal) for one in sure.values()} == {Intervals, Sets}
    calibrators = {name: sure[name].uncertainty.calibrator for name in ("platt", "scaled", "steps")}
    assert {name: type(one) for name, one in calibrators.items()} == {
        "platt": Scaling,
        "scaled": Scaling,
        "steps": Isotonic,
    }


def test_every_artifact_is_written_again_to_the_same_bytes(here: World) -> None:
    for what, data in artifacts(here).items():
        assert load(data).dump() == data, what


def test_every_evaluation_is_answered_as_it_was_stored_and_every_version_has_a_card(here: World) -> None:
    place = here.platform.workspace("default")
    for name in versions.MODELS:
        for _, found in place.list(VERSIONS, name):
            one = found.value
            path = f"/v1/models/{name}/versions/{one.version}"
            stored = json.loads(place.blobs.get(one.evaluation.key))
            answer = here.ok("GET", f"{path}/evaluation")
            assert set(stored) - set(answer) <= {"outcomes"}
            # What labels say is told by the rule, if there is one, and not as it was when the version was made.
            kept = set(answer) if one.decision is None else BY_PROBABILITIES
            still({key: value for key, value in stored.items() if key in kept}, answer)
            page = Page(here.ok("GET", f"{path}/card"))
            assert page.wrong == []
            for member in one.members:
                assert member.algorithm in page.said


def test_every_deployed_model_answers_the_same_bits_and_is_as_sure(here: World) -> None:
    found = versions.answers(here)
    if SAME_ARITHMETIC:
        still(SAID["answers"], found)
    else:
        still(numbers(SAID["answers"]), numbers(found), close=CLOSE)


@pytest.mark.parametrize("name", ["blend", "platt", "scaled"])
def test_the_rule_that_was_stored_makes_the_labels(here: World, name: str) -> None:
    [route] = here.ok("GET", f"/v1/models/{name}/deployment")["routes"]
    answer = here.ok("POST", f"/v1/models/{name}/predict", {"rows": versions.ROWS.get(name, versions.MIXED)})
    rule = answer["rule"]
    assert route["rule"] == rule
    for one in answer["predictions"]:
        p = one["probabilities"]
        if rule["threshold"] is None:
            assert one["label"] == max(p, key=lambda k: rule["costs"].get(k, 1.0) * p[k])
        else:
            assert (one["label"] == rule["label"]) == (p[rule["label"]] >= rule["threshold"])


def test_runs_under_way_end_in_the_artifacts_that_they_would_have_made_undisturbed(here: World) -> None:
    here.clock.forward(600)
    here.event("sweep_minutely")
    found = versions.ends(here, SAID["runs"])
    if SAME_ARITHMETIC:
        still(SAID["ends"], found)
    else:
        still(without_digests(SAID["ends"]), without_digests(found), close=CLOSE)
    made = find.version(here.platform.workspace("default"), "updating", 2).value
    assert made.extras.calibrate and made.extras.uncertainty and len(made.members) == 2


def test_a_blend_goes_on_to_live(here: World) -> None:
    """A newer rule, and the rows of its monitoring, on top of what was there."""
    before: Any = here.ok("GET", "/v1/models/blend/versions/1")["decision"]
    ruled = here.ok("PUT", "/v1/models/blend/versions/1/threshold", {"precision": 0.9, "label": "yes"})
    assert ruled["serving"] and ruled["decision"] != before
    here.ok("POST", "/v1/models/blend/predict", {"rows": versions.MIXED, "coverage": 0.9})
    assert here.ok("GET", "/v1/models/blend/monitor", query={"hours": "1"})["rows"] == len(versions.MIXED)
    assert here.ok("DELETE", "/v1/models/blend/versions/1/threshold")["decision"] is None
