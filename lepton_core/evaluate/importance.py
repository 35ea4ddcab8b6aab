"""What columns are worth: how much worse a model gets when one is dealt to other rows, and what it does to answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.evaluate.regression import in_units, unit_for
from lepton_core.table import Table


@dataclass(frozen=True)
class Importance:
    """By how much the loss grew when ``column`` was permuted: ``mean`` and population ``std`` over the repeats.

    Both are in the unit of the loss. Near 0 the model does not need the column; below 0, it is better without.
    ``std`` is None in a stored one of before, which had no number large enough for it.
    """

    column: str
    mean: float
    std: float | None


@dataclass(frozen=True)
class PermutationImportance:
    """What ``columns`` are worth, the most important first; ``loss`` is that of the ``rows`` as they are.

    Each column was permuted ``repeats`` times. ``passed_over`` columns were not: of very many only those are looked at
    that the predictions seem to depend on most.
    """

    loss: float
    rows: int
    repeats: int
    columns: tuple[Importance, ...]
    passed_over: int = 0


@dataclass(frozen=True)
class Effect:
    """The partial dependence of what is predicted on a ``column``, over so many ``rows``.

    ``outputs`` are the mean probabilities of each class, or of a regression the mean of the 'value', at each of the
    ``values``: rising quantities, a date as its text, or levels with the most frequent first. ``share`` is how many of
    the rows that were looked at have that level; of a quantity it is empty. ``low`` and ``high`` are tenths of the
    ``rows``: the middle 80 % of the outputs lie between them.
    """

    column: str
    kind: str
    of: Literal["quantity", "levels"]
    rows: int
    values: tuple[float | str | bool, ...]
    outputs: Mapping[str, tuple[float, ...]]
    low: Mapping[str, tuple[float, ...]]
    high: Mapping[str, tuple[float, ...]]
    share: tuple[float, ...] = ()


def permutations(rows: int, repeats: int, seed: int) -> NDArray[np.int64]:
    """So many orders of 0 .. rows - 1, int64 of shape (k, m) with k ``repeats`` and m ``rows``.

    >>> permutations(3, 2, seed=0).shape
    (2, 3)
    """
    orders = [np.random.default_rng([seed, repeat]).permutation(rows) for repeat in range(repeats)]
    return np.array(orders, dtype=np.int64).reshape(repeats, rows)


def permutation_importance(
    loss: Callable[[Table], float], features: Table, orders: NDArray[np.int64]
) -> tuple[Importance, ...]:
    """For each column j of ``features``: mean and std over the orders o of L(X with x_j = x_j[o]) - L(X).

    ``loss`` L is that of a trained model on a table of m rows, whose labels it knows; ``orders`` are permutations,
    of shape (k, m), the same for every column. Where two columns say the same, the model can do without either,
    and neither looks important. Raises `InvalidData` if there is no row, `InvalidInput` (field 'repeats') if there
    is no order, and what ``loss`` raises.

    Source: Breiman (2001), Random forests, in the form of Fisher, Rudin and Dominici (2019).

    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("a", np.array([1.0, 2.0])), Numbers("b", np.array([1.0, 2.0]))))
    >>> loss = lambda table: float(np.mean((table["a"].values - [1.0, 2.0]) ** 2))
    >>> [(one.column, one.mean) for one in permutation_importance(loss, table, np.array([[1, 0]]))]
    [('a', 1.0), ('b', 0.0)]
    """
    if not features.rows:
        raise InvalidData("there is no row to evaluate")
    if not len(orders):
        raise InvalidInput("must be at least 1", field="repeats")

    def permuted(name: str, order: NDArray[np.int64]) -> float:
        columns = (one.take(order) if one.name == name else one for one in features.columns)
        return loss(replace(features, columns=tuple(columns)))

    before = loss(features)
    return tuple(
        importance_of(name, [permuted(name, order) for order in orders], before) for name in features.names
    )


def importance_of(column: str, after: Sequence[float], before: float) -> Importance:
    """The importance of a column by the losses ``after`` each of its permutations, and the one ``before``.

    >>> importance_of("age", [1.5, 2.5], 1.0)
    Importance(column='age', mean=1.0, std=0.5)
    """
    grown = np.array(after) - before
    unit = unit_for(grown)
    mean, std = (in_units(float(one), unit) for one in ((grown / unit).mean(), (grown / unit).std()))
    return Importance(column, mean, std)
