"""Which candidates of a search are blended, and with which weights, by their predictions for rows they did not see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.blend import linked, unlinked
from lepton_core.promotion import row_losses

Floats = NDArray[np.float64]

STEPS = 30
"""Most draws of one selection: a weight is a multiple of one part in so many."""

_WORTH = 1e-3
"""The share of the loss that a further member must take away: each costs time and bytes for ever."""


@dataclass(frozen=True)
class Selection:
    """The ``weights`` (c,) of c candidates, which sum to 1, the mean ``loss`` of their blend, and its row ``losses``.

    Of a regression the loss is the root of the mean square. The losses (m,) of the rows are squares then.
    """

    weights: tuple[float, ...]
    loss: float
    losses: Floats


def select(
    outputs: Sequence[Floats], y: NDArray[np.int64] | Floats, most: int, *, all: bool = False
) -> Selection:
    """The blend of at most ``most`` candidates that is best for rows of the labels ``y`` (m,).

    ``outputs`` are the candidates' predictions for these rows, (m, K) or (m,) each, made without them; a tie is for the
    earlier. Starting from the best one, in each step that candidate is added, maybe again, which makes the blend best;
    a weight is how often one was added. ``all``: each is added once to begin with. Caruana, Niculescu-Mizil, Crew and
    Ksikes (2004), "Ensemble selection from libraries of models".

    >>> y = np.array([0.0, 1.0])
    >>> select([np.array([0.5, 0.5]), np.array([-1.0, 2.0]), np.array([2.0, -1.0])], y, 2).weights
    (0.6666666666666666, 0.3333333333333333, 0.0)
    """
    links = [linked(output) for output in outputs]
    counts = np.full(len(links), int(all), dtype=np.int64)
    if not all:
        counts[min(range(len(links)), key=lambda at: _mean(unlinked(links[at]), y))] = 1
    total = np.asarray(sum(links[at] for at in np.flatnonzero(counts)))
    lowest, kept = _mean(unlinked(total / counts.sum()), y), counts.copy()
    for step in range(int(counts.sum()) + 1, STEPS + 1):
        open_ = [at for at in range(len(links)) if counts[at] or np.count_nonzero(counts) < most]
        losses = [_mean(unlinked((total + links[at]) / step), y) for at in open_]
        least = int(np.argmin(losses))
        at, loss = open_[least], losses[least]
        if not counts[at] and loss > lowest * (1 - _WORTH):
            inside = [(one, its) for one, its in zip(open_, losses, strict=True) if counts[one]]
            at, loss = min(inside, key=lambda pair: pair[1])
        counts[at] += 1
        total += links[at]
        if loss < lowest:
            lowest, kept = loss, counts.copy()
    weights = kept / kept.sum()
    return of_weights(outputs, y, tuple(weights.tolist()))


def of_weights(
    outputs: Sequence[Floats], y: NDArray[np.int64] | Floats, weights: Sequence[float]
) -> Selection:
    """The blend of ``outputs``, (m, K) or (m,) each, with these ``weights``, and its loss beside labels ``y`` (m,)."""
    mean = sum((weight * linked(one) for one, weight in zip(outputs, weights, strict=True) if weight), 0.0)
    losses = losses_of(unlinked(np.asarray(mean)), y)
    found = float(losses.mean())
    return Selection(tuple(weights), found if outputs[0].ndim == 2 else float(np.sqrt(found)), losses)


def is_shown_worse(one: Selection, other: Selection, errors: float) -> bool:
    """Whether ``one`` is worse than the ``other`` on the same rows by more than so many standard ``errors``."""
    differences = one.losses - other.losses
    error = float(differences.std(ddof=1)) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
    return float(differences.mean()) > errors * error


def losses_of(output: Floats, y: NDArray[np.int64] | Floats) -> Floats:
    """The loss of each row, (m,): log losses of probabilities (m, K), squares of values (m,)."""
    if output.ndim == 2:
        return row_losses(output, y)
    squares: Floats = np.square(output - y)
    return squares


def _mean(output: Floats, y: NDArray[np.int64] | Floats) -> float:
    found = float(np.mean(losses_of(output, y)))
    return found if output.ndim == 2 else found**0.5
