"""What a model's address serves, and what it served before."""

from datetime import datetime
from typing import Literal

import msgspec

from functions.records.files import File
from lepton_core.evaluate import LabelRule

LONGEST_BAKE = 44_640
"""The most minutes that a version can be watched: those of a month."""


class Share(msgspec.Struct, frozen=True):
    """A share of a deployment's traffic: ``version`` gets ``weight`` (of 1) of it, and ``rule`` makes its labels."""

    version: int
    artifact: File
    weight: float
    rule: LabelRule | None = None


class Stint(msgspec.Struct, frozen=True):
    """A time, which has ended, in which a model's address served ``version``."""

    version: int
    since: datetime
    until: datetime


Cause = Literal[
    "deployed",
    "canary",
    "weight",
    "paused",
    "resumed",
    "promoted",
    "rolled back",
    "updated",
    "trained",
    "labels",
    "retired",
]
"""What changed a deployment."""


class Rollout(msgspec.Struct, frozen=True):
    """A version that is watched ``until`` then: if it fails, or is slow, ``before`` is served again by itself.

    It is a canary as long as both are served; one that needs ``approval`` is not promoted by itself, and one that is
    ``paused`` (since then) neither; earlier pauses were ``rested`` seconds. ``id``, the revision of the deployment that
    began it, marks the calls that are counted for it; ``by`` decided that.
    """

    id: int
    version: int
    before: int
    began: datetime
    until: datetime
    by: str
    approval: bool = False
    paused: datetime | None = None
    rested: float = 0.0


class ServedShare(msgspec.Struct, frozen=True):
    """A version with its share of the traffic, as the history has it."""

    version: int
    weight: float


class HistoryEntry(msgspec.Struct, frozen=True):
    """A change of a deployment: what is served from ``at`` on, nothing if it is retired, and by whose decision.

    ``by`` is the id of a key, or what of the platform decided; ``reason`` is why, if it is more than the wish of
    somebody.
    """

    at: datetime
    cause: Cause
    by: str
    shares: list[ServedShare]
    reason: str = ""


MOST_STINTS = 20
"""So many of them a deployment remembers."""


class Deployment(msgspec.Struct, frozen=True):
    """The versions that a model's address serves, each with its share: the first is the stable one, a second a canary.

    ``rollout`` is the last one, which is over if its time is and there is no canary; ``cause`` is that of the last
    change, but for one of labels. ``since`` is when the first of them came to serve; None if nobody wrote that down.
    ``earlier`` are those that served before, the latest first.
    """

    model: str
    state: Literal["serving", "stopped"]
    routes: list[Share]
    created: datetime
    updated: datetime
    since: datetime | None = None
    earlier: list[Stint] = []
    rollout: Rollout | None = None
    cause: Cause = "deployed"

    @property
    def canary(self) -> Share | None:
        """The version that is tried with a part of the traffic."""
        return self.routes[1] if len(self.routes) > 1 else None

    def is_watched(self, now: datetime) -> bool:
        """Whether a version is tried, or the time for which it is watched is not over."""
        if self.rollout is None or self.state == "stopped":
            return False
        return self.canary is not None or now < self.rollout.until
