"""Successive halving over the folds of a cross-validation: which trials come next.

All candidates are measured on one of K = 8 folds, the better half of them on one more, the better half of these on
two more and the rest on the last four. So in each rung everybody is measured on the same folds, a rung costs about
as much as the one before it, and those that are left have the loss of a whole cross-validation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lepton_core.errors import Failure
from lepton_core.evaluate import cross_validation_loss

RUNGS = (1, 1, 2, 4)
"""How many folds each rung adds."""

FOLDS = sum(RUNGS)
"""K: the folds into which the training rows are cut."""

FEWEST_FINALISTS = 3
"""So many candidates stay to the end, if there are so many: one or two folds are too few to decide between them."""

AT_ONCE = 8
"""Most trials planned at a time; other runs get their turn in between."""

OPENING = 1 / 3
"""The share of the seconds in which candidates are opened. The other rungs cost half as much each: a sixth is spare."""


@dataclass(frozen=True, order=True)
class Trial:
    """A candidate, by its number, on the folds that a rung adds."""

    rung: int
    candidate: int


@dataclass(frozen=True)
class Tried:
    """A trial as far as it has come: the losses of the folds of its rung, and when it was worked on, in seconds.

    ``spans`` are pairs of when work began and ended; ``error`` is the candidate's own, which ended it.
    """

    losses: tuple[float, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()
    error: Failure | None = None

    def is_complete(self, rung: int) -> bool:
        """Whether all folds of its rung are measured, or an error ended it.

        >>> Tried(losses=(0.5,)).is_complete(0), Tried(losses=(0.5,)).is_complete(2)
        (True, False)
        """
        return self.error is not None or len(self.losses) == RUNGS[rung]


Done = Mapping[Trial, Tried]


def folds_of(rung: int) -> range:
    """The folds that a rung adds.

    >>> [list(folds_of(rung)) for rung in range(4)]
    [[0], [1], [2, 3], [4, 5, 6, 7]]
    """
    first = sum(RUNGS[:rung])
    return range(first, first + RUNGS[rung])


@dataclass(frozen=True)
class Search:
    """A search among ``candidates`` (how many there are), or, with ``seconds``, among as many as that time allows.

    ``done`` maps each trial that was begun to how far it has come. All answers follow from these values, in whatever
    order they came.

    >>> [trial.candidate for trial in Search({}, candidates=3).plan()]
    [0, 1, 2]
    >>> Search({}, candidates=200, seconds=60.0).plan()
    [Trial(rung=0, candidate=0)]
    """

    done: Done
    candidates: int
    seconds: float | None = None

    def plan(self) -> list[Trial]:
        """The next trials, at most `AT_ONCE`; none when the search is over.

        With ``seconds`` no trial begins once they are spent, and no more than fit into what is left of them at the
        pace so far; but the first candidate is always tried.
        """
        rungs = self.rungs()
        rung = len(rungs) - 1
        trials = [Trial(rung, candidate) for candidate in rungs[-1]]
        left = [trial for trial in trials if not self.complete(trial)]
        return left[: self._room(rung)]

    def rungs(self) -> list[list[int]]:
        """The candidates of each rung that was opened, ascending; only the last may be incomplete."""
        found = [self._first()]
        while len(found) < len(RUNGS) and self.closed(len(found) - 1, found[-1]):
            survivors = self._survivors(found)
            if len(survivors) < 2:
                break
            found.append(survivors)
        return found

    def closed(self, rung: int, entrants: Sequence[int]) -> bool:
        """Whether all ``entrants`` of a rung are through with it."""
        return all(self.complete(Trial(rung, candidate)) for candidate in entrants)

    def complete(self, trial: Trial) -> bool:
        """Whether a trial has all its folds, or failed."""
        tried = self.done.get(trial)
        return tried is not None and tried.is_complete(trial.rung)

    def failed(self, candidate: int) -> Failure | None:
        """The error of a candidate, if one of its trials failed."""
        for rung in range(len(RUNGS)):
            tried = self.done.get(Trial(rung, candidate))
            if tried is not None and tried.error is not None:
                return tried.error
        return None

    def losses(self, candidate: int, rungs: int) -> list[float]:
        """The losses of a candidate, fold by fold, over the first ``rungs`` rungs."""
        trials = (self.done.get(Trial(rung, candidate), Tried()) for rung in range(rungs))
        return [loss for tried in trials for loss in tried.losses]

    def progress(self) -> tuple[int, int]:
        """How many trials are complete, and how many there will be (with ``seconds``: about)."""
        complete = sum(map(self.complete, self.done))
        rungs = self.rungs()
        if not self.plan():
            return complete, complete
        if self.seconds is not None:
            share = min(1.0, self.spent() / self.seconds)
            return complete, max(complete + 1, round(complete / share) if share else 0)
        sizes = [len(rung) for rung in rungs]
        while len(sizes) < len(RUNGS) and sizes[-1] > 1:
            sizes.append(staying(sizes[-1]))
        return complete, sum(sizes)

    def spent(self) -> float:
        """Seconds in which at least one trial was worked on: trials side by side count once, pauses not at all."""
        spans = sorted(span for tried in self.done.values() for span in tried.spans)
        total, until = 0.0, float("-inf")
        for begin, end in spans:
            total += max(0.0, end - max(begin, until))
            until = max(until, end)
        return total

    def _first(self) -> list[int]:
        opened = [i for i in range(self.candidates) if self.complete(Trial(0, i))]
        if self.seconds is not None and opened and self.spent() >= OPENING * self.seconds:
            return opened
        return list(range(self.candidates))

    def _survivors(self, rungs: Sequence[Sequence[int]]) -> list[int]:
        alive = self.ranked(rungs[-1], len(rungs))
        best = alive[: staying(len(rungs[-1]))]
        if 0 in alive and 0 not in best:
            best[-1] = 0  # so that the winner is never worse than the defaults on the same folds
        return sorted(best)

    def ranked(self, entrants: Sequence[int], rungs: int) -> list[int]:
        """Those of ``entrants`` that did not fail, best mean loss over ``rungs`` rungs first, then the earlier one."""
        alive = [candidate for candidate in entrants if self.failed(candidate) is None]
        return sorted(alive, key=lambda one: (cross_validation_loss(self.losses(one, rungs)), one))

    def _room(self, rung: int) -> int:
        if self.seconds is None:
            return AT_ONCE
        if not self.done:
            return 1
        spent = self.spent()
        if spent >= self.seconds:
            return 0
        measured = sum(len(tried.losses) for tried in self.done.values())
        worked = sum(end - begin for tried in self.done.values() for begin, end in tried.spans)
        left = (self.seconds if rung else OPENING * self.seconds) - spent
        cost = RUNGS[rung] * worked / max(1, measured)
        return AT_ONCE if cost * AT_ONCE <= left else max(1, int(left / cost))


def staying(entrants: int) -> int:
    """How many of so many go on to the next rung: half of them, `FEWEST_FINALISTS` at least.

    >>> [staying(n) for n in (20, 10, 5, 3, 1)]
    [10, 5, 3, 3, 1]
    """
    return max(-(-entrants // 2), min(entrants, FEWEST_FINALISTS))
