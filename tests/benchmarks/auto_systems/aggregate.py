"""What the raw results say together: ranks, ratios to the reference with intervals over tables, firsts, worst cases.

A pair is a table and a split. Only pairs that every system was asked are compared. A system without an answer is given
the loss of a constant prediction; where it is the reference, there is no ratio.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.auto_systems.results import Line
from tests.benchmarks.auto_systems.systems import REFERENCE, SYSTEMS

Pair = tuple[str, int]

FLOOR = 1e-3
"""A loss below this share of the constant prediction's counts as this share: ratios of nothing say nothing."""

KEPT = 1.1
"""A budget is kept by whoever uses at most this share of it."""

RESAMPLES = 10_000


@dataclass(frozen=True)
class Figures:
    """One system on all pairs that are compared.

    ``ratio`` is the geometric mean over tables of its loss divided by the reference's, with the ends of its 95 per cent
    interval; ``worst`` is the largest such ratio of a table and which one. ``kept`` is the share of answers within the
    budget, ``seconds`` the mean. ``size`` and ``latency`` are geometric means of the ratios to the reference.
    """

    rank: float
    ratio: tuple[float, float, float]
    firsts: int
    worst: tuple[float, str]
    seconds: float
    kept: float
    size: float
    latency: float
    failed: int


def newest(lines: Iterable[Line], budget: float) -> dict[str, dict[Pair, Line]]:
    """By system and pair the lines of this budget, of each system only those of its version that was measured last.

    A system that was not asked with this budget is missing.
    """
    of = [line for line in lines if line.budget == budget and line.system in SYSTEMS]
    last = {line.system: _version(line) for line in of}
    found: dict[str, dict[Pair, Line]] = {name: {} for name in SYSTEMS}
    for line in of:
        if _version(line) == last[line.system]:
            found[line.system][line.table, line.split] = line
    return {name: of_pair for name, of_pair in found.items() if of_pair}


def _version(line: Line) -> str:
    return line.key[1]


def compared(found: Mapping[str, Mapping[Pair, Line]]) -> list[Pair]:
    """The pairs that every system was asked; none as long as the reference is missing."""
    return sorted(set.intersection(*(set(of) for of in found.values()))) if REFERENCE in found else []


def loss(line: Line) -> float:
    """The loss that counts."""
    return max(line.constant_loss if line.loss is None else line.loss, FLOOR * line.constant_loss)


def ranks(losses: np.ndarray) -> np.ndarray:
    """The rank of each row's (pairs, systems) losses, 1 for the least; equal ones share the mean of their ranks.

    >>> ranks(np.array([[0.3, 0.1, 0.3]])).tolist()
    [[2.5, 1.0, 2.5]]
    """
    less = (losses[:, None, :] < losses[:, :, None]).sum(axis=2)
    equal = (losses[:, None, :] == losses[:, :, None]).sum(axis=2)
    return np.asarray(less + (equal + 1) / 2)


def interval(logs: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """The geometric mean of ratios, given their logarithms (m,), and the ends of its 95 per cent bootstrap interval.

    All are NaN without ratios.
    """
    if not len(logs):
        return np.nan, np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(len(logs), size=(RESAMPLES, len(logs)))
    low, high = np.quantile(logs[drawn].mean(axis=1), [0.025, 0.975])
    return float(np.exp(logs.mean())), float(np.exp(low)), float(np.exp(high))


def figures(found: Mapping[str, Mapping[Pair, Line]]) -> dict[str, Figures]:
    """Each system on the pairs that all were asked; there must be one."""
    pairs = compared(found)
    losses = np.array([[loss(found[name][pair]) for name in found] for pair in pairs])
    rank = ranks(losses)
    reference, base = found[REFERENCE], list(found).index(REFERENCE)
    there = [at for at, pair in enumerate(pairs) if reference[pair].loss is not None]
    result = {}
    for at, name in enumerate(found):
        own = [found[name][pair] for pair in pairs]
        by_table = logs_by_table([pairs[one] for one in there], losses[there, at] / losses[there, base])
        worst = max(by_table, key=by_table.__getitem__, default="")
        used = [line.seconds for line in own if line.seconds is not None]
        answered = [(line, reference[pair]) for line, pair in zip(own, pairs, strict=True)]
        result[name] = Figures(
            rank=float(rank[:, at].mean()),
            ratio=interval(np.array(list(by_table.values()))),
            firsts=int((losses[:, at] == losses.min(axis=1)).sum()),
            worst=(float(np.exp(by_table.get(worst, np.nan))), worst),
            seconds=float(np.mean(used)) if used else np.nan,
            kept=float(np.mean([one <= KEPT * own[0].budget for one in used])) if used else np.nan,
            size=ratio([(one.artifact_bytes, other.artifact_bytes) for one, other in answered]),
            latency=ratio([(one.latency_ms, other.latency_ms) for one, other in answered]),
            failed=sum(line.loss is None for line in own),
        )
    return result


def logs_by_table(pairs: Sequence[Pair], ratios: np.ndarray) -> dict[str, float]:
    """The mean of each table's logarithms over its splits."""
    of: dict[str, list[float]] = {}
    for (table, _), value in zip(pairs, ratios, strict=True):
        of.setdefault(table, []).append(float(np.log(value)))
    return {table: float(np.mean(values)) for table, values in of.items()}


def ratio(both: Iterable[tuple[float | None, float | None]]) -> float:
    """The geometric mean of the ratios of what both have; NaN if there is none.

    >>> round(ratio([(1, 2), (8, 1), (None, 3)]), 9)
    2.0
    """
    logs = [float(np.log(one / other)) for one, other in both if one and other]
    return float(np.exp(np.mean(logs))) if logs else np.nan
