"""What a fitted model costs for ever, and whether that is within the limits of a search."""

import time

from functions.runs.job import TrainJob
from functions.runs.task import Cost
from functions.training.bench import Bench
from lepton_core.errors import TooLarge
from lepton_core.out_of_fold import OutOfFold
from lepton_core.predict import Predictor
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
    limits = (
        ("megabytes", cost.megabytes, job.megabytes),
        ("milliseconds", cost.milliseconds, job.milliseconds),
    )
    for what, costs, most in limits:
        if most is not None and costs > most:
            return cost, TooLarge(f"costs about {costs:.3g} {what}, and at most {most:g} are wanted")
    return cost, None
