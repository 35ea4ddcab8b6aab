"""What a fitted model costs for ever, and whether that is within the limits of a search."""

import time
from math import floor, log10

from functions.runs.job import TrainJob
from functions.runs.task import Cost, Measured, Results
from functions.training.bench import Bench
from lepton_core.errors import TooLarge
from lepton_core.out_of_fold import OutOfFold
from lepton_core.predict import Predictor
from lepton_core.remedy import training
from lepton_core.table import Table

GROWN = 1.5
"""A fit on all rows learns from up to 1.43 times those of a fold: of a forest the bytes grow as much."""

_TIMES = 5


def cost_of(predictor: Predictor, row: Table) -> Cost:
    """About what the fit on all rows will cost: its megabytes, and the milliseconds of a prediction for one ``row``."""
    megabytes = GROWN * len(predictor.dump()) / 1e6
    seconds = []
    for _ in range(_TIMES):
        began = time.thread_time()
        predictor.predict(row)
        seconds.append(time.thread_time() - began)
    return Cost(float(f"{megabytes:.4g}"), float(f"{min(seconds) * 1e3:.4g}"))


def checked(job: TrainJob, bench: Bench, fitted: OutOfFold) -> tuple[Cost | None, TooLarge | None]:
    """What a candidate costs, by the fit of a fold, and the error that leaves it out if that is too much."""
    if fitted.predictor is None:
        return None, None
    row = bench.table.take(bench.training[:1]).without(bench.data.label)
    cost = cost_of(fitted.predictor, row)
    over = _over(job, cost)
    return cost, TooLarge(_said(over)) if over else None


_Over = dict[str, tuple[float, float]]
"""Of each limit that is passed, by its field: what the candidate costs, and at most how much is wanted."""


def _over(job: TrainJob, cost: Cost) -> _Over:
    limits = {
        "megabytes": (cost.megabytes, job.megabytes),
        "milliseconds": (cost.milliseconds, job.milliseconds),
    }
    return {
        field: (costs, most) for field, (costs, most) in limits.items() if most is not None and costs > most
    }


def _said(over: _Over) -> str:
    field, (costs, most) = next(iter(over.items()))
    return f"costs about {costs:.3g} {field}, and at most {most:g} are wanted"


def check_any(job: TrainJob, results: Results) -> None:
    """Raises `TooLarge` of the cheapest candidate that was left out for what it costs, if one was.

    It names the limit that this one passes by most, and offers the search that it is in. For a search of which no
    candidate is left.
    """
    measured = (one for one in results.values() if isinstance(one, Measured) and one.cost is not None)
    dear = [
        (over, job.candidates[one.trial.candidate].algorithm)
        for one in measured
        if one.cost is not None and (over := _over(job, one.cost))
    ]
    if not dear:
        return

    def times(over: _Over, field: str) -> float:
        return over[field][0] / over[field][1]

    over, name = min(dear, key=lambda one: max(times(one[0], field) for field in one[0]))
    field = max(over, key=lambda field: times(over, field))
    limits = {"megabytes": job.megabytes, "milliseconds": job.milliseconds}
    if "megabytes" in over:
        limits["megabytes"] = _rounded_up(over["megabytes"][0])
    if "milliseconds" in over:
        limits["milliseconds"] = None  # it is measured anew each time, and may be a little more then
    way = training(auto=True, **limits)
    raise TooLarge(
        f"no candidate costs as little; the cheapest, of {name}, {_said({field: over[field]})}; allow more: {way}",
        field=field,
        remedies=(way,),
    )


def _rounded_up(value: float) -> float:
    """The next number of two digits: what a cost was rounded to may be below it."""
    step = 10.0 ** (floor(log10(value)) - 1)
    return float(f"{(floor(value / step) + 1) * step:.2g}")
