"""Samples of what is large: a seed decides which, the header prints it, and `--full` takes everything.

A family of tests is marked ``pytest.mark.sampled(most)``: that many of its cases run. A test that goes through cases
itself asks `some`. Both print how many were taken of how many; the same ``LEPTON_SEED`` takes the same ones.
"""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SEED = "LEPTON_SEED"
FULL = "LEPTON_FULL"
MOST = "LEPTON_MOST"

taken: dict[str, tuple[int, int]] = {}
"""Of each family: how many of how many."""


def begin(*, full: bool, most: int | None) -> None:
    """Fix the seed and the size for this process, and for the workers that it starts."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))
    if full:
        os.environ[FULL] = "1"
    if most is not None:
        os.environ[MOST] = str(most)


def full() -> bool:
    """Whether everything is taken."""
    return os.environ.get(FULL) == "1"


def is_quick() -> bool:
    """Whether a few cases of everything are enough."""
    return MOST in os.environ


def seed() -> str:
    """What decides which are taken; of a run without pytest, always the same."""
    return os.environ.get(SEED, "0")


def examples(most: int, *, one_in: int = 4) -> int:
    """How many examples hypothesis tries where ``most`` is very many: one in ``one_in``, or all with `--full`."""
    return most if full() else most // one_in


def some(what: str, cases: Sequence[T], most: int) -> list[T]:
    """At most ``most`` of ``cases``, in their order; all of them with `--full`."""
    most = min(most, int(os.environ.get(MOST, most)))
    if full() or len(cases) <= most:
        return list(cases)
    chosen = sorted(random.Random(f"{seed()} {what}").sample(range(len(cases)), most))
    before = taken.get(what, (0, 0))
    taken[what] = (before[0] + most, before[1] + len(cases))
    return [cases[at] for at in chosen]
