"""What a model's address serves, and what it served before."""

from datetime import datetime
from typing import Literal

import msgspec

from functions.records.files import File
from lepton_core.evaluate import LabelRule


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


MOST_STINTS = 20
"""So many of them a deployment remembers."""


class Deployment(msgspec.Struct, frozen=True):
    """The versions that a model's address serves, each with its share.

    ``since`` is when the first of them came to serve; None if nobody wrote that down. ``earlier`` are those that
    served before, the latest first.
    """

    model: str
    state: Literal["serving", "stopped"]
    routes: list[Share]
    created: datetime
    updated: datetime
    since: datetime | None = None
    earlier: list[Stint] = []
