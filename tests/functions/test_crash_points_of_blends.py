"""The update of a blend with calibration, sets and a rule, killed at any of its writes, has one result."""

import pytest

from functions.records import find
from functions.records.kinds import VERSIONS, number
from functions.settings import Settings
from lepton_core.ensemble import Ensemble
from lepton_core.load import load
from lepton_core.uncertain import Uncertain
from tests.support.faults import KillSwitch, When, kill_points
from tests.support.lives import Lives, Story, lives_of, under
from tests.support.world import World, two_classes

pytestmark = pytest.mark.slow


def blend_prepared(here: World) -> None:
    """A blend of two, with sets of classes and a rule for labels, that serves, and data of which it heard nothing."""
    model = {"name": "m", "algorithm": "naive_bayes", "policy": {"update": "manual"}}
    here.ok("POST", "/v1/models", model)
    here.upload(two_classes(40))
    here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 2, "members": 2})
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert len(version["members"]) == 2 and version["calibrate"] and version["uncertainty"]
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"recall": 0.9, "label": "yes"})
    here.upload(two_classes(60, seed=1))


def update(here: World) -> None:
    """Predictions out of fold, weights, what they teach, two fits of each member, two blends, a rule, a verdict."""
    here.ok("POST", "/v1/models/m/update", {}, headers={"idempotency-key": "an update"})


UPDATE = "update of a blend"
WRITES = 77
STORIES: dict[str, Story] = {UPDATE: (blend_prepared, update, WRITES)}
WHOLE = Settings(slice_seconds=3600.0)
"""A fit, and a trial, is one slice; how they go on from a checkpoint say the crash points of a training."""

lives = lives_of(STORIES, WHOLE)


@pytest.mark.sampled(1)
def test_nobody_killed_it_takes_so_many_writes_and_makes_a_blend_of_both_fits(lives: Lives) -> None:
    here, count = lives.prepared.after(blend_prepared), KillSwitch()
    update(under(here, count))
    assert count.count == WRITES
    place = here.platform.workspace("default")
    made = find.version(place, "m", 2).value
    for file in (made.artifact, made.answers):
        version = load(place.blobs.get(file.key))
        assert isinstance(version, Uncertain) and isinstance(version.model, Ensemble)
        assert version.uncertainty.conformal is not None
    assert made.artifact != made.answers and made.extras.calibrate and made.extras.uncertainty
    assert made.decision is not None and made.decision.wish.value == 0.9


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("at", "when"), kill_points(WRITES))
def test_killed_at_any_write_and_delivered_again(lives: Lives, at: int, when: When) -> None:
    end = lives.delivered_again(UPDATE, at, when)
    assert end.held == end.expected, end.last
    versions = end.here.platform.workspace("default")
    assert versions.get(VERSIONS, "m", number(3)) is None, end.last
