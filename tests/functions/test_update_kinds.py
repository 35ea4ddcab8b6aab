"""Update on data of which a column has another kind: what is trained then reads rows as its own file says."""

from typing import Any

import pytest

from tests.functions.test_ensembles import both, version
from tests.functions.test_update import updated
from tests.support.stores import Store
from tests.support.world import World, csv_of, world

pytestmark = pytest.mark.slow


def signs(rows: int, seed: int, spelt: tuple[Any, Any]) -> bytes:
    """`both`, of which the one column says only on which side of nought it is."""
    lines = [line.split(",") for line in both(rows, seed).decode().split()[1:]]
    sides = [spelt[float(a) > 0] for a, _, _ in lines]
    return csv_of(
        {"a": sides, "b": [float(b) for _, b, _ in lines], "label": [label for _, _, label in lines]}
    )


def upload(here: World, csv: bytes, kind: str) -> None:
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(csv), "kinds": {"a": kind}})
    path = f"/v1/datasets/m/upload/{announced['id']}"
    here.ok("PUT", path, csv)
    assert here.ok("GET", path)["state"] == "accepted"


SPELT: dict[str, tuple[Any, Any]] = {"boolean": ("false", "true"), "number": (0.0, 1.5)}


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("how", "first", "then"),
    [
        ({}, "boolean", "number"),
        ({}, "number", "boolean"),
        ({"auto": True, "trials": 4, "members": 3}, "boolean", "number"),
    ],
)
def test_what_is_trained_on_a_column_of_another_kind_begins_anew_and_can_be_deployed(
    disk: Store, how: dict[str, Any], first: str, then: str
) -> None:
    here = world(disk)
    assert here.trained(signs(240, 0, SPELT[first]), **how)["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    upload(here, signs(300, 1, SPELT[then]), then)
    assert updated(here)["state"] == "succeeded"
    made = version(here, 2)
    assert made["warm_from"] is None and len(made["members"]) == len(version(here)["members"])
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    rows = [{"a": SPELT[then][1], "b": 0.5}]
    assert here.ok("POST", "/v1/models/m/predict", {"rows": rows})["version"] == 2


@pytest.mark.lengthy
def test_a_blend_of_old_members_and_new_ones_reads_each_column_in_one_way(disk: Store) -> None:
    """With a warm start only those algorithms have weights to go on from that are in the champion."""
    here = world(disk)
    here.trained(signs(240, 0, SPELT["boolean"]), auto=True, trials=2)
    here.ok("POST", "/v1/models/m/deploy", {})
    upload(here, signs(300, 1, SPELT["number"]), "number")
    run = here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 6, "warm_start": True})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    answer = here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 1.0, "b": 0.0}]})
    assert sum(answer["predictions"][0]["probabilities"].values()) == pytest.approx(1.0)
