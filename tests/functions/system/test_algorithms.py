"""`GET /v1/algorithms`: what the registry has, as a client can make a form of it."""

from typing import Any

import pytest

from lepton_core.errors import InvalidInput
from lepton_core.models import ALGORITHMS
from tests.support.stores import Store
from tests.support.world import world

BEYOND = {"low": -1, "above": 0, "high": 1, "below": 0}


@pytest.fixture
def listed(disk: Store) -> dict[str, Any]:
    answer = world(disk).ok("GET", "/v1/algorithms")
    assert answer["next"] is None
    return {one["name"]: one for one in answer["items"]}


def test_every_algorithm_is_there_with_its_tasks_and_one_line(listed: dict[str, Any]) -> None:
    assert list(listed) == sorted(ALGORITHMS)
    for name, one in listed.items():
        assert set(one["tasks"]) == ALGORITHMS[name].tasks
        assert one["help"].endswith(".") and "\n" not in one["help"]
        assert set(one["inputs"]) == {"scaled", "missing", "categories", "sparse"}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_is_listed_is_what_is_taken(listed: dict[str, Any], name: str) -> None:
    algorithm = ALGORITHMS[name]
    settings = listed[name]["hyperparameters"]
    defaults = {one["name"]: one["default"] for one in settings if one.get("default") is not None}
    assert algorithm.configure(defaults) == algorithm.defaults
    for one in settings:
        assert one["help"]
        samples = {"int": 3, "float": 0.5, "str": "x", "bool": True, "list[int]": [3]}
        with pytest.raises(InvalidInput) as refused:
            algorithm.configure({one["name"]: next(v for k, v in samples.items() if wrong(one["type"], k))})
        assert refused.value.field == one["name"]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_is_out_of_the_listed_range_is_refused(listed: dict[str, Any], name: str) -> None:
    for one in listed[name]["hyperparameters"]:
        for bound, step in BEYOND.items():
            if one[bound] is not None:
                beyond = int(one[bound]) + step if "int" in one["type"] else one[bound] + step
                value = [beyond] if one["type"] == "list[int]" else beyond
                with pytest.raises(InvalidInput, match="must be"):
                    ALGORITHMS[name].configure({one["name"]: value})


def wrong(kind: str, sample: str) -> bool:
    """Whether a value of the type ``sample`` is none of the type ``kind``."""
    return sample not in ({"int", "float"} if kind == "float" else {kind})
