"""What a recipe predicts for the rows of a fold that it was not trained on, to compare and to blend by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.models import Fit, InOnePiece
from lepton_core.predict import Predictor
from lepton_core.promotion import loss_of
from lepton_core.search.selection import losses_of
from lepton_core.table import Column, Table
from lepton_core.target import class_names, encode_classes, encode_values
from lepton_core.train import Recipe, advance, finish, found, numbered, prepare, start


@dataclass(frozen=True)
class OutOfFold:
    """The ``output`` for the p rows of a fold, (p, K) or (p,), its mean ``loss``, and the ``losses`` (p,) of the rows.

    Losses of rows are log losses, or squares. ``found`` are settings that the fit found, see `lepton_core.train.found`;
    ``predictor`` is what was fitted.
    """

    output: NDArray[np.float64]
    loss: float
    losses: NDArray[np.float64]
    found: Mapping[str, Any] = field(default_factory=dict)
    predictor: Predictor | None = None


def out_of_fold(
    recipe: Recipe,
    table: Table,
    train_rows: NDArray[np.int64],
    test_rows: NDArray[np.int64],
    pause: Callable[[Fit], bool] = lambda _: False,
) -> OutOfFold | None:
    """Train on ``train_rows``, preprocessor included, and predict ``test_rows``, indices (m,) and (p,) of ``table``.

    None if ``pause`` stopped the fit. Raises what `train` and
    `Predictor.predict` raise.
    """
    prepared = prepare(replace(recipe, refit=True), table, train_rows)
    begun, trainer = start(prepared), recipe.trainer
    fit: Fit | None
    if isinstance(trainer, InOnePiece):
        fit = trainer.attempt(begun, prepared.problem, recipe.configure(), lambda: pause(begun))
    else:
        fit = advance(prepared, begun, pause)
    if fit is None or not fit.finished:
        return None
    predictor = finish(prepared, fit, watched=False)
    held_out = table.take(test_rows)
    with numbered(test_rows):
        output = predictor.predict(held_out.without(predictor.label))
        loss = loss_of(predictor, held_out[predictor.label], output)
        losses = losses_of(output, truth(held_out[predictor.label], predictor.classes))
        return OutOfFold(output, loss, losses, found(prepared, fit), predictor)


def truth(label: Column, classes: tuple[str, ...] = ()) -> NDArray[np.int64] | NDArray[np.float64]:
    """The label of each row, (m,): the place of its class among ``classes``, or its value if there are none."""
    return encode_classes(label, classes).y if classes else encode_values(label).y


def classes_of(recipe: Recipe, table: Table) -> tuple[str, ...]:
    """The classes that a fit of the recipe on any rows of ``table`` tells apart; none of a regression."""
    return class_names(table[recipe.label]) if recipe.task_on(table) == "classification" else ()
