"""What held-out rows tell of every rule for labels, small enough to be kept with a version's evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.table.kinds.bins import some_rows

Floats = NDArray[np.float64]

MOST_THRESHOLDS = 4096
"""Most thresholds that are kept of two classes: on the ROC curve none left out is further than 2/4095 from one kept."""

MOST_PROBABILITIES = 20_000
"""Most probabilities that are kept of more classes: of many rows some, spread evenly."""

_MOST_DIGITS = 17


@dataclass(frozen=True)
class Outcomes:
    """Rows of each class, ``support`` (K,), and of two classes a curve, of more the probabilities of some rows.

    The curve has an entry for each different probability of the second class, the highest first: ``found`` rows of that
    class have this probability or more, and ``alarms`` of the first one. ``cuts`` are the thresholds to take: each lies
    between its probability and the next lower one, and has as few digits as that allows. All thresholds between two
    neighbours label these rows alike; one in between is not moved by the last bit of a probability. ``whole``: there is
    an entry for every probability, and not for some, spread evenly.

    Of more classes ``truth`` (r,) are the places of the true ones, and ``probabilities`` (r, K) theirs.
    """

    classes: tuple[str, ...]
    support: tuple[int, ...]
    scores: tuple[float, ...] = ()
    cuts: tuple[float, ...] = ()
    found: tuple[int, ...] = ()
    alarms: tuple[int, ...] = ()
    whole: bool = True
    truth: tuple[int, ...] = ()
    probabilities: tuple[tuple[float, ...], ...] = ()

    @property
    def rows(self) -> int:
        """All rows that were held out, of classes that the version knows."""
        return sum(self.support)


def are_sound(kept: Outcomes, classes: Sequence[str]) -> bool:
    """Whether they are what `outcomes` could have made of rows of these ``classes``: somebody else wrote them.

    >>> kept = outcomes(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]]), ["no", "yes"])
    >>> are_sound(kept, ["no", "yes"]), are_sound(kept, ["no", "maybe"])
    (True, False)
    """
    if kept.classes != tuple(classes) or len(kept.support) != len(classes) or min(kept.support) < 0:
        return False
    if len(classes) != 2:
        shapes = {len(one) for one in kept.probabilities} <= {len(classes)}
        if not shapes or not 0 < len(kept.truth) == len(kept.probabilities):
            return False
        shares = np.array(kept.probabilities)
        return bool(np.all((shares >= 0) & (shares <= 1))) and set(kept.truth) <= set(range(len(classes)))
    lines = (kept.scores, kept.cuts, kept.found, kept.alarms)
    if not kept.scores or len({len(one) for one in lines}) > 1:
        return False
    scores, cuts = np.array(kept.scores), np.array(kept.cuts)
    fall = bool(np.all(np.diff(scores) < 0) and np.all((scores >= 0) & (scores <= 1) & np.isfinite(cuts)))
    counts = (np.diff(one, prepend=0) for one in (kept.alarms, kept.found))
    return fall and all(min(one) >= 0 for one in counts) and (kept.alarms[-1], kept.found[-1]) == kept.support


def outcomes(y: NDArray[Any], probabilities: Floats, classes: Sequence[str]) -> Outcomes:
    """What to keep of m rows: ``y`` (m,) are the places of their classes among the K, ``probabilities`` are (m, K).

    >>> kept = outcomes(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]]), ["no", "yes"])
    >>> kept.scores, kept.cuts, kept.found, kept.alarms
    ((0.8, 0.3, 0.1), (0.6, 0.2, 0.0), (1, 2, 2), (0, 0, 1))
    """
    support = tuple(np.bincount(y, minlength=len(classes)).tolist())
    if len(classes) == 2:
        return _curve(y, probabilities[:, 1], tuple(classes), support)
    most = max(1, MOST_PROBABILITIES // len(classes))
    places = some_rows(len(y), most)
    return Outcomes(
        tuple(classes),
        support,
        truth=tuple(y[places].tolist()),
        probabilities=tuple(map(tuple, probabilities[places].tolist())),
    )


def against_others(kept: Outcomes, label: str) -> Outcomes:
    """The curve of the class ``label``, with all others as one class before it; of two classes what is ``kept`` itself.

    Of more classes it is of the rows whose probabilities are kept. Errors: ``ValueError`` for another class.

    >>> y, p = np.array([0, 1, 2]), np.array([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.1, 0.3, 0.6]])
    >>> made = against_others(outcomes(y, p, ["a", "b", "c"]), "c")
    >>> made.support, made.scores, made.found
    ((2, 1), (0.6, 0.3, 0.1), (1, 1, 1))
    """
    place = kept.classes.index(label)
    if len(kept.classes) == 2:
        return kept
    positive = (np.array(kept.truth, dtype=np.int64) == place).astype(np.int64)
    scores = np.array(kept.probabilities)[:, place]
    support = tuple(np.bincount(positive, minlength=2).tolist())
    return _curve(positive, scores, (f"not {label}", label), support)


def _curve(y: NDArray[Any], scores: Floats, classes: tuple[str, ...], support: tuple[int, ...]) -> Outcomes:
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # of equal ones
    found = np.cumsum(y[order] == 1)[last]
    alarms = 1 + last - found
    levels = ranked[last]
    cuts = np.append(between(levels[1:], levels[:-1]), 0.0)
    kept = _spread(found / max(1, support[1]) + alarms / max(1, support[0]))
    return Outcomes(
        classes,
        support,
        scores=tuple(levels[kept].tolist()),
        cuts=tuple(cuts[kept].tolist()),
        found=tuple(found[kept].tolist()),
        alarms=tuple(alarms[kept].tolist()),
        whole=len(kept) == len(levels),
    )


def _spread(travelled: Floats) -> NDArray[np.int64]:
    """Places of at most `MOST_THRESHOLDS` points of a curve, (n,), the ends among them, spread evenly along it."""
    if len(travelled) <= MOST_THRESHOLDS:
        return np.arange(len(travelled))
    wanted = np.linspace(travelled[0], travelled[-1], MOST_THRESHOLDS)
    places = np.searchsorted(travelled, wanted)
    places[-1] = len(travelled) - 1
    return np.unique(places)


def between(low: Floats, high: Floats) -> Floats:
    """Numbers (n,) in the middle half between ``low`` and ``high``, both (n,), with as few decimals as there can be.

    Of several the largest. Where two are so near that there is no decimal between them: ``high``.

    >>> between(np.array([0.119, 0.2, 0.5]), np.array([0.1234567, 0.25, 0.5])).tolist()
    [0.122, 0.23, 0.5]
    """
    quarter = (high - low) / 4
    made, open_ = high.copy(), np.ones(len(low), dtype=bool)
    for digits in range(1, _MOST_DIGITS):
        unit = 10.0**digits
        tried = np.floor((high - quarter) * unit) / unit
        fits = open_ & (tried >= low + quarter) & (tried > low) & (tried < high)
        made[fits] = tried[fits]
        open_ &= ~fits
        if not open_.any():
            break
    return made
