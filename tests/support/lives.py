"""Stories of a platform that is killed: what happened before, what is killed, and how it ends if nobody is killed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.faults import FaultyBlobs, FaultyRecords, KillSwitch, When, killed
from tests.support.kept_stores import OnAws, OnDisk, Place, Prepared
from tests.support.world import World

Story = tuple[Callable[[World], None], Callable[[World], None], int]
"""What happens before, what is killed, and how many writes that takes."""


class Ended(NamedTuple):
    """How a story ended that was killed: the platform, what its store ``held``, what it should, and the last write."""

    here: World
    held: Any
    expected: Any
    last: str


class Lives:
    """The platforms of one place, and how each story ends there if nobody is killed."""

    def __init__(self, place: Place, settings: Settings, stories: Mapping[str, Story]) -> None:
        self.prepared = Prepared(place, settings)
        self._stories = stories
        self._endings: dict[str, tuple[int, Any]] = {}

    def ending(self, story: str) -> tuple[int, Any]:
        """How many writes the story takes, and all that the store holds when it has settled."""
        if story not in self._endings:
            prepare, act, _ = self._stories[story]
            here, count = self.prepared.after(prepare), KillSwitch()
            act(under(here, count))
            settle(here)
            self._endings[story] = count.count, self.prepared.look()
        return self._endings[story]

    def delivered_again(self, story: str, at: int, when: When, *, swept: bool = True) -> Ended:
        """The end of a story that is killed at its write number ``at``, and begun again by a process that lives.

        Before that the sweeper comes in half of the cases, unless it should not have ``swept``.
        """
        prepare, act, _ = self._stories[story]
        _, expected = self.ending(story)
        here, kill = self.prepared.after(prepare), KillSwitch(at, when)
        with killed(kill):
            act(under(here, kill))
        after = here.again()
        if swept and at % 2:
            settle(after)  # the sweeper may come before the second delivery, or after it
        act(after)
        settle(after)
        return Ended(after, self.prepared.look(), expected, kill.log[-1])


def lives_of(stories: Mapping[str, Story], settings: Settings) -> Any:
    """The fixture ``lives`` of a module, over both stores; what was prepared is kept from one test to the next."""

    @pytest.fixture(scope="module", params=["disk", "aws"])
    def lives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
        on_aws = request.param == "aws"
        place = (
            OnAws(request.getfixturevalue("_moto")) if on_aws else OnDisk(tmp_path_factory.mktemp("lives"))
        )
        made = Lives(place, settings, stories)
        yield made
        made.prepared.close()

    return lives


def settle(here: World) -> Any:
    """What the schedules do in the minutes in which a version that was deployed on the way is watched."""
    for _ in range(6):
        here.clock.forward(120)
        sweep(here.platform)


def under(here: World, kill: KillSwitch) -> World:
    """The same platform, in a process that the switch kills."""
    platform = here.platform
    return here.again(records=FaultyRecords(platform.records, kill), blobs=FaultyBlobs(platform.blobs, kill))
