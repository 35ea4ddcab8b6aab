"""The losses of a fit while it goes on, on rows that it does not see and on rows that it learns from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.evaluate import CurvePoint
from lepton_core.matrix import Matrix
from lepton_core.models import Fit, Staged
from lepton_core.models.left_out import stored
from lepton_core.promotion import mean_loss
from lepton_core.table import Table
from lepton_core.target import encode_classes, encode_values
from lepton_core.train import Prepared, advance

MOST_FOLLOWED = 1_000
"""Most rows of each side."""

_MOST_NUMBERS = 1_000_000  # of their design matrix: of very many columns there are fewer rows
_LONGEST = 10_000_000


def _marks() -> Iterator[int]:
    mark = 0
    while mark < _LONGEST:
        mark = max(mark + 1, mark * 4 // 3)
        yield mark


MARKS = frozenset(_marks())
"""The iterations after which a fit is looked at, each a third after the one before: 1 to 6, 8, 10, 13, 17 and so on.

They depend on nothing, so the points are the same on every machine, and after a crash. The last iteration is another.
"""


@dataclass(frozen=True, eq=False)
class FollowedRows:
    """The rows by which a fit is followed, as numbers: features (k, n) and targets (k,) of each side."""

    held_out: tuple[Matrix, NDArray[Any]]
    training: tuple[Matrix, NDArray[Any]]
    measure: Literal["log_loss", "rmse"]

    @property
    def counts(self) -> tuple[int, int]:
        """How many are held out, and how many it learns from."""
        return len(self.held_out[1]), len(self.training[1])


def followed_rows(prepared: Prepared, held_out: Table) -> FollowedRows | None:
    """At most `MOST_FOLLOWED` rows of each side, which the seed of the recipe draws; all if there are no more.

    None if the algorithm has no model before its end, or if the ``held_out`` rows cannot be predicted: to say so is
    left to their evaluation.
    """
    recipe, problem = prepared.recipe, prepared.problem
    if not isinstance(recipe.trainer, Staged) or not held_out.rows:
        return None
    a_row = max(1, stored(problem.X) // len(problem.y))
    most = max(1, min(MOST_FOLLOWED, _MOST_NUMBERS // a_row))
    rng = np.random.default_rng(recipe.seed)
    table = held_out.take(_some(rng, held_out.rows, most))
    learnt_from = _some(rng, len(problem.y), most)
    takes, label = recipe.trainer.inputs, table[recipe.label]
    try:
        X = prepared.preprocessor.matrix(
            table.without(recipe.label), missing=takes.missing, categories=takes.categories
        )
    except InvalidData:
        return None
    classes = prepared.task == "classification"
    y = encode_classes(label, prepared.classes).y if classes else encode_values(label).y
    seen = problem.X[learnt_from], problem.y[learnt_from]
    return FollowedRows((X, y), seen, "log_loss" if classes else "rmse")


def _some(rng: np.random.Generator, rows: int, most: int) -> NDArray[np.int64]:
    return np.arange(rows) if rows <= most else np.sort(rng.choice(rows, most, replace=False))


def advance_followed(
    prepared: Prepared, fit: Fit, pause: Callable[[Fit], bool], rows: FollowedRows | None
) -> tuple[Fit, list[CurvePoint]]:
    """`advance`, and the points of the curve that it passes: one at each of the `MARKS`, and one at the end.

    The fit is the same to the last bit. A mark at which the rows cannot be predicted has no point. Errors: `Diverged`.
    """
    trainer, begun, found = prepared.recipe.trainer, fit.iteration, list[CurvePoint]()
    if rows is None or not isinstance(trainer, Staged):
        return advance(prepared, fit, pause), found
    if trainer.keeps_stages:
        fit = advance(prepared, fit, pause)
        passed = range(begun + 1, fit.iteration + 1)
        due = [at for at in passed if at in MARKS or (fit.finished and at == fit.iteration)]
        return fit, _points(trainer, fit, rows, due)

    def looked_at(fit: Fit) -> bool:
        if fit.finished or fit.iteration in MARKS:
            found.extend(_points(trainer, fit, rows, [fit.iteration]))
        return pause(fit)

    return advance(prepared, fit, looked_at), found


def _points(trainer: Staged, fit: Fit, rows: FollowedRows, iterations: Sequence[int]) -> list[CurvePoint]:
    if not iterations:
        return []
    losses = []
    with np.errstate(over="ignore", invalid="ignore"):
        for X, y in (rows.held_out, rows.training):
            try:
                losses.append([mean_loss(y, output) for output in trainer.staged(fit, X, iterations)])
            except InvalidData:
                return []
    both = zip(iterations, *losses, strict=False)  # of a fit that is no model yet there are none
    return [CurvePoint(at, *each) for at, *each in both if np.isfinite(each).all()]
