"""A trial of a search: a candidate on the folds that one rung adds, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass

from lepton_core.errors import Failure

RUNGS = (1, 1, 2, 4)
"""How many folds each rung adds; a rung behind these adds all folds of a further cross-validation."""

FOLDS = sum(RUNGS)
"""K: the folds into which the training rows are cut."""

FEW_ROWS = 500
"""Of no more rows one cross-validation says too little, and two cost next to nothing."""


@dataclass(frozen=True, order=True)
class Trial:
    """A candidate, by its number, on the folds that a rung adds."""

    rung: int
    candidate: int


@dataclass(frozen=True)
class Tried:
    """A trial as far as it has come: the losses of the folds of its rung, and when it was worked on, in seconds.

    ``spans`` are pairs of when work began and ended; ``error`` is the candidate's own, which ended it. ``blocks`` has
    the losses of each fold by blocks of its rows, see `noise`; a trial of before there were these has none. Nor has one
    that repeats a cross-validation: nobody is dropped by it. ``unseen`` is the share of all rows to be predicted of
    whose classes its folds have none, see `noise`. ``late``: a fold took longer than there was time for, so it was
    given up; the candidate has what it was measured on in the rungs before.
    """

    losses: tuple[float, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()
    error: Failure | None = None
    blocks: tuple[tuple[float, ...], ...] = ()
    unseen: float = 0.0
    late: bool = False

    def has_ended(self, rung: int) -> bool:
        """Whether nothing more comes of it: its rung is complete, or it was given up.

        >>> Tried(losses=(0.5,)).has_ended(2), Tried(losses=(0.5,), late=True).has_ended(2)
        (False, True)
        """
        return self.late or self.is_complete(rung)

    def is_complete(self, rung: int) -> bool:
        """Whether all folds of its rung are measured, or an error ended it.

        >>> Tried(losses=(0.5,)).is_complete(0), Tried(losses=(0.5,)).is_complete(2)
        (True, False)
        """
        return self.error is not None or len(self.losses) == len(folds_of(rung))

    @property
    def worked(self) -> float:
        """The seconds that it was worked on.

        >>> Tried(spans=((0.0, 1.0), (3.0, 3.5))).worked
        1.5
        """
        return sum(end - begin for begin, end in self.spans)


Done = Mapping[Trial, Tried]


def folds_of(rung: int) -> range:
    """The folds that a rung adds; those from `FOLDS` on are of a second cross-validation.

    >>> [list(folds_of(rung)) for rung in range(4)], len(folds_of(4))
    ([[0], [1], [2, 3], [4, 5, 6, 7]], 8)
    """
    first = sum(RUNGS[:rung]) + FOLDS * max(0, rung - len(RUNGS))
    return range(first, first + (RUNGS[rung] if rung < len(RUNGS) else FOLDS))


def repeats_for(rows: int) -> int:
    """How many cross-validations compare candidates by so many ``rows``.

    >>> repeats_for(300), repeats_for(3000)
    (2, 1)
    """
    return 2 if rows <= FEW_ROWS else 1
