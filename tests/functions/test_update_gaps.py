"""Update on data with gaps: a champion that fills them goes on, and one of before that cannot gives way."""

import numpy as np
from msgspec.structs import replace

from functions.runs.record import RUNS, find_run
from functions.system.sweep import sweep
from lepton_core.preprocess import Preprocessor
from tests.functions.test_update import here, predicted, updated
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

__all__ = ["here"]


def with_gaps() -> bytes:
    lines = two_classes(300, seed=7).decode().splitlines()
    for row in range(40, 60):
        lines[row] = "," + lines[row].partition(",")[2]
    return "\n".join(lines).encode()


def trained_as_before(here: World) -> None:
    """Version 2, deployed, by a run that was queued when a default preprocessor filled no more than it had to."""
    queued = here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 100})["id"]
    place = here.platform.workspace("default")
    stored = find_run(place, queued)
    job = stored.value.job
    before = replace(job, spec=replace(job.spec, default_steps="default-1"))
    place.write(place.put(RUNS, queued, value=replace(stored.value, job=before), expect=stored.revision))
    sweep(here.platform)
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})


def test_a_gap_that_the_champion_cannot_fill_makes_the_challenger_begin_anew(here: World) -> None:
    """The default preprocessor of the new data fills it, and the champion would refuse such rows."""
    trained_as_before(here)
    assert here.refused("POST", "/v1/models/m/predict", {"rows": [{"b": 1.0}]})["field"] == "a"
    here.upload(with_gaps())
    run = updated(here)
    assert (run["state"], run["outcome"]["promoted"]) == ("succeeded", True)
    assert "cannot predict the new data" in run["outcome"]["reason"]
    assert here.ok("GET", "/v1/models/m/versions/3")["warm_from"] is None
    assert predicted(here)[0] == 3
    assert here.ok("POST", "/v1/models/m/predict", {"rows": [{"b": 1.0}]})["version"] == 3


def test_a_gap_is_filled_by_the_champion_and_the_challenger_goes_on_from_it(here: World) -> None:
    here.upload(with_gaps())
    run = updated(here)
    assert run["state"] == "succeeded"
    assert run["outcome"]["champion"]["loss"] < np.log(2)
    assert "cannot predict" not in run["outcome"]["reason"]
    assert here.ok("GET", "/v1/models/m/versions/2")["warm_from"] == 1


def test_a_gap_that_the_callers_own_preprocessor_leaves_is_filled_with_the_mean(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    given = Preprocessor.empty().add("Normalize", input="X", output="X_normalized").as_dict()
    here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": given})
    here.trained(two_classes(300), iterations=5)
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(with_gaps())
    run = updated(here)
    assert (run["state"], run["error"]) == ("succeeded", None)
    assert here.ok("POST", "/v1/models/m/predict", {"rows": [{"b": 1.0}]})["filled"] == [
        {"column": "a", "rows": 1}
    ]
