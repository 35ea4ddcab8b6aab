"""The candidates of a search: configurations drawn from the ranges that the algorithms' own settings name."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from lepton_core.errors import InvalidInput
from lepton_core.models import Algorithm, algorithm
from lepton_core.models.ranges import Range, as_json

_KEPT = 1 / 3
"""The chance that a setting keeps its default: good defaults are changed a few at a time."""

_TRIES = 20


@dataclass(frozen=True)
class Candidate:
    """An algorithm and the hyperparameters that were drawn for it; what is not among them is given or default."""

    algorithm: str
    hyperparameters: Mapping[str, Any]


def ranges(trainer: Algorithm, given: Mapping[str, Any]) -> dict[str, Range]:
    """The settings of ``trainer`` that a search may change, with their ranges: not those that are ``given``.

    >>> list(ranges(algorithm("logistic_regression"), {"l2": 0.1}))
    ['l1']
    """
    found = {one.name: one.metadata.get("search") for one in fields(trainer.defaults)}
    fixed = {name for name, value in given.items() if value is not None}
    return {name: of for name, of in found.items() if of is not None and name not in fixed}


def candidates(
    algorithms: Sequence[str], given: Mapping[str, Any], most: int, *, seed: int, cheap_first: bool = False
) -> list[Candidate]:
    """At most ``most`` different candidates: the first algorithm's defaults, the portfolio of all, then drawn ones.

    The algorithms are drawn for in turn, in the order of the portfolio. What is ``given`` is the same in all
    candidates; an algorithm that does not take it is left out. Candidate i is drawn from a generator that (``seed``, i)
    decides. There are fewer than ``most`` if the ranges hold no more. ``cheap_first``: of the portfolio what takes
    little time comes before the rest.

    >>> [one.hyperparameters for one in candidates(["linear_regression"], {"l1": 0.0}, 3, seed=0)]
    [{}, {'l2': 0.00611}, {'l2': 0.00103}]
    """
    trainers = {name: trainer for name in algorithms if _takes(trainer := algorithm(name), given)}
    found: list[Candidate] = []
    seen: set[tuple[str, str]] = set()
    for one in _first(trainers, given, cheap_first=cheap_first):
        if len(found) < most and _identity(one) not in seen:
            found.append(one)
            seen.add(_identity(one))
    left = list(dict.fromkeys(one.algorithm for one in found))
    while left and len(found) < most:
        trainer = trainers[left[len(found) % len(left)]]
        drawn = _new(trainer, given, np.random.default_rng([seed, len(found)]), seen)
        if drawn is None:
            left.remove(trainer.name)
            continue
        found.append(Candidate(trainer.name, drawn))
        seen.add(_identity(found[-1]))
    return found


def opener(candidates: Sequence[Candidate]) -> int:
    """The candidate that a search in seconds begins with: a cheap one, if the first is none and the second is.

    >>> opener([Candidate("svm", {}), Candidate("logistic_regression", {})])
    1
    """
    from lepton_core.search.portfolio import CHEAP  # noqa: PLC0415  (no prediction needs it)

    cheap = [one.algorithm in CHEAP for one in candidates[:2]]
    return int(cheap == [False, True])


def _first(
    trainers: Mapping[str, Algorithm], given: Mapping[str, Any], *, cheap_first: bool
) -> Iterator[Candidate]:
    """The defaults of the first algorithm, then of the portfolio what leaves alone that which is given."""
    from lepton_core.search.portfolio import CHEAP, PORTFOLIO  # noqa: PLC0415  (no prediction needs it)

    yield from (Candidate(name, {}) for name in list(trainers)[:1])
    for name, changed in sorted(PORTFOLIO, key=lambda one: cheap_first and one[0] not in CHEAP):
        free = name in trainers and not any(given.get(setting) is not None for setting in changed)
        if free and _takes(trainers[name], {**given, **changed}):
            yield Candidate(name, changed)
    yield from (Candidate(name, {}) for name in trainers)


def _new(
    trainer: Algorithm, given: Mapping[str, Any], rng: np.random.Generator, seen: set[tuple[str, str]]
) -> dict[str, Any] | None:
    """What is drawn, and neither seen nor refused by the algorithm; None if there is no such thing."""
    space = ranges(trainer, given)
    for _ in range(_TRIES if space else 0):
        drawn = _drawn(space, trainer.defaults, rng)
        if _identity(Candidate(trainer.name, drawn)) not in seen and _takes(trainer, {**given, **drawn}):
            return drawn
    return None


def _drawn(space: Mapping[str, Range], defaults: Any, rng: np.random.Generator) -> dict[str, Any]:
    changed = int(rng.integers(len(space)))  # one at least, or it would be the defaults again
    kept = rng.random(len(space)) < _KEPT
    drawn = {name: of.draw(rng) for i, (name, of) in enumerate(space.items()) if i == changed or not kept[i]}
    return {name: value for name, value in drawn.items() if value != as_json(getattr(defaults, name))}


def _takes(trainer: Algorithm, given: Mapping[str, Any]) -> bool:
    try:
        trainer.configure(given)
    except InvalidInput:
        return False
    return True


def _identity(one: Candidate) -> tuple[str, str]:
    return one.algorithm, json.dumps(dict(one.hyperparameters), sort_keys=True)
