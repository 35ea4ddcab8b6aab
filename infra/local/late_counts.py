"""Requests of one row that are counted later, many at once: by itself each would cost as much as its prediction."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from functions.context import LoadedModel
from lepton_core.plain_version import PlainVersion

MOST_WAITING = 512
"""Requests after which it is time to count them."""


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A request of one row that ``loaded`` has answered at ``now``."""

    loaded: LoadedModel
    plain: PlainVersion
    values: NDArray[np.float64]
    output: NDArray[np.float64]
    milliseconds: float
    now: datetime


@dataclass
class LateCounts:
    """Those that wait. Any thread may add to them, and count them."""

    waiting: deque[AnsweredRow] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def add(self, one: AnsweredRow) -> bool:
        """Keep it; whether it is time to count."""
        self.waiting.append(one)
        return len(self.waiting) % MOST_WAITING == 0

    def count(self) -> None:
        """Count all that wait, each into its version and its hour; then none is under way elsewhere either."""
        with self._lock:
            self._count([self.waiting.popleft() for _ in range(len(self.waiting))])

    @staticmethod
    def _count(some: list[AnsweredRow]) -> None:
        for _, group in groupby(some, lambda one: (id(one.loaded), one.now.date(), one.now.hour)):
            alike = list(group)
            first = alike[0]
            table = first.plain.table([one.values for one in alike])
            output = np.concatenate([one.output for one in alike])
            first.loaded.count_each(table, output, [one.milliseconds for one in alike], first.now)
