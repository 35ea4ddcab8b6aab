"""A model that updates by itself, what makes it do so, and what came of it."""

from typing import Any

from functions.records.kinds import INTENTS
from functions.system.pick_up import pick_up
from tests.support.stores import Store
from tests.support.world import World, two_classes, world


def updating(store: Store) -> World:
    """A deployed model that updates by itself, in a process where nobody is woken."""
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy", {})
    pick_up(made.platform)
    return made


def arrived(here: World, seed: int = 1) -> int:
    version: int = here.upload(two_classes(80, seed=seed))["version"]
    return version


def intents(here: World) -> list[str]:
    return here.platform.system.keys(INTENTS, limit=1000)


def updates_of(here: World, model: str = "m") -> list[Any]:
    runs = here.ok("GET", "/v1/runs", query={"limit": "1000"})["items"]
    return [run for run in runs if (run["kind"], run["model"]) == ("update", model)]


def policy(here: World, **changes: Any) -> None:
    here.ok("PUT", "/v1/models/m/policy", changes)
