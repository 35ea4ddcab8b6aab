"""What a search has measured, what that took, and what there is still time for."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lepton_core.errors import Failure
from lepton_core.evaluate import cross_validation_loss
from lepton_core.search.trial import FOLDS, RUNGS, Done, Trial, Tried, folds_of

LONG_PAUSE = 5.0
"""From so many seconds on, a time without any trial is a pause: the platform was down, or others had their turn."""

SLACK = 0.05
"""The share of its seconds by which a search may be late, as what a fit takes is known roughly."""

_ONE_FOLD = 1 / 4
"""The share of the seconds left that one fold may take where nothing is known of a candidate yet."""

_LOOKING = 1 / 4
"""The share of the seconds left in which something cheaper is looked for, if the first candidate is too dear."""

_BLENDED = 1 / 4
"""The share of the seconds that is kept for the members of a blend besides the best one, at most."""

_NEAR = 1.1
"""A candidate of so many times the loss of the best one may still be worth a place in a blend."""

_GIVEN = 0.5
"""About the share of a fit that finds its settings which one takes that is given them: measured, 0.25 to 0.36."""


@dataclass(frozen=True)
class Spending:
    """What a search has measured: see `Search`, which plans by it."""

    done: Done
    candidates: int
    seconds: float | None = None
    all_stay: bool = False
    fits: float = 0.0
    members: int = 1
    repeats: int = 1
    pauses: Sequence[tuple[float, float]] = ()
    opener: int = 0
    kinds: Sequence[str] = ()
    finders: Collection[int] = ()

    @property
    def rungs(self) -> int:
        """How many rungs there are."""
        return len(RUNGS) + self.repeats - 1

    def complete(self, trial: Trial) -> bool:
        """Whether a trial has all its folds, or failed."""
        tried = self.done.get(trial)
        return tried is not None and tried.is_complete(trial.rung)

    def has_ended(self, trial: Trial) -> bool:
        """Whether nothing more comes of a trial: it is complete, or was given up."""
        tried = self.done.get(trial)
        return tried is not None and tried.has_ended(trial.rung)

    def failed(self, candidate: int) -> Failure | None:
        """The error of a candidate, if one of its trials failed."""
        for tried in self._tried(candidate, self.rungs):
            if tried.error is not None:
                return tried.error
        return None

    def losses(self, candidate: int, rungs: int) -> list[float]:
        """The losses of a candidate, fold by fold, over the first ``rungs`` rungs."""
        return [loss for tried in self._tried(candidate, rungs) for loss in tried.losses]

    def blocks(self, candidate: int, rungs: int) -> list[tuple[float, ...]]:
        """The losses of a candidate by blocks, fold by fold, over the first ``rungs`` rungs."""
        return [fold for tried in self._tried(candidate, rungs) for fold in tried.blocks]

    def unseen(self, candidate: int, rungs: int) -> float:
        """The share of the rows of whose classes none was predicted in so many rungs, or a little more than it is."""
        return min(tried.unseen for tried in self._tried(candidate, rungs))

    def _tried(self, candidate: int, rungs: int) -> Iterator[Tried]:
        return (self.done.get(Trial(rung, candidate), Tried()) for rung in range(rungs))

    def reached(self, candidate: int) -> int:
        """How many rungs a candidate has completed, one after the other."""
        rung = 0
        while rung < self.rungs and self.complete(Trial(rung, candidate)):
            rung += 1
        return rung

    def ranked(self, entrants: Sequence[int], rungs: int) -> list[int]:
        """Those of ``entrants`` that did not fail, best mean loss over ``rungs`` rungs first, then the earlier one."""
        alive = [candidate for candidate in entrants if self.failed(candidate) is None]
        return sorted(alive, key=lambda one: (cross_validation_loss(self.losses(one, rungs)), one))

    def is_shown_worse(self, one: int, other: int) -> bool:
        """Whether ``one`` is worse than the ``other`` beyond noise, by the folds that both have."""
        from lepton_core.search.noise import is_worse  # noqa: PLC0415  (no prediction needs it)

        rungs = min(self.reached(one), self.reached(other))
        mine, its = self.blocks(one, rungs), self.blocks(other, rungs)
        return bool(mine and its) and is_worse(mine, its, self.unseen(other, rungs))

    @cached_property
    def _spent(self) -> float:
        spans = sorted(span for tried in self.done.values() for span in tried.spans)
        total, until = 0.0, float("-inf")
        for begin, end in spans:
            paused = self._paused(until, begin)
            if begin - until - paused < LONG_PAUSE:
                total += max(0.0, end - until - paused)
            else:
                total += max(0.0, end - begin)
            until = max(until, end)
        return total

    def spent(self) -> float:
        """Seconds from the first trial to the last end: trials side by side count once, long pauses not at all.

        The way from one trial to the next counts: of short trials it is a large part of the time. After `LONG_PAUSE`
        nobody was searching. Of ``pauses`` no second counts in which no trial was worked on.
        """
        return self._spent

    def _paused(self, since: float, until: float) -> float:
        """The seconds of ``pauses`` between two times."""
        return sum(max(0.0, min(end, until) - max(begin, since)) for begin, end in self.pauses)

    def seconds_of_fits(self, candidate: int) -> float:
        """About so many seconds all fits of the ``candidate`` that follow will take: 0 if no fold is measured.

        The first of them finds what the first fold found; the others are given it, as the other folds are.
        """
        finding = _seconds_a_fold(self._tried(candidate, 1))
        given = self.seconds_a_fold(candidate)
        return (min(1.0, self.fits) * finding + max(0.0, self.fits - 1.0) * given) * FOLDS / (FOLDS - 1)

    def seconds_a_fold(self, candidate: int) -> float:
        """About so many seconds a further fold of the ``candidate`` takes: 0 if none is measured."""
        first, *others = self._tried(candidate, self.rungs)
        finding = _seconds_a_fold([first])
        return _seconds_a_fold(others) or finding * (_GIVEN if candidate in self.finders else 1.0)

    def expected(self, trial: Trial) -> float:
        """About so many seconds the rest of a trial takes; 0 if nothing is known of its kind.

        Of one that is to be opened it is the shortest first fold of the same kind.
        """
        if not trial.rung:
            return self._first_folds.get(self.kind(trial.candidate), 0.0)
        left = len(folds_of(trial.rung)) - len(self.done.get(trial, Tried()).losses)
        return left * self.seconds_a_fold(trial.candidate)

    def kind(self, candidate: int) -> str:
        """What a candidate has in common with others of about the same cost; '' if that is not known."""
        return self.kinds[candidate] if self.kinds else ""

    @cached_property
    def _first_folds(self) -> dict[str, float]:
        """Of each kind the seconds of its shortest first fold; those of one that was given up, until then."""
        found: dict[str, float] = {}
        for trial, tried in self.done.items():
            kind = self.kind(trial.candidate)
            if kind and not trial.rung and (tried.late or tried.losses):
                found[kind] = min(found.get(kind, float("inf")), tried.worked)
        return found

    @cached_property
    def pace(self) -> float:
        """The seconds that a fold takes of the middle one of the candidates so far; 0 if none is measured."""
        costs = sorted(filter(None, map(self.seconds_a_fold, self._measured)))
        return costs[(len(costs) - 1) // 2] if costs else 0.0

    def affords(self, candidate: int) -> bool:
        """Whether the fits of a ``candidate`` that was measured can follow now, and the seconds be kept."""
        if self.seconds is None:
            return True
        return self.spent() + self.seconds_of_fits(candidate) <= (1 + SLACK) * self.seconds

    @cached_property
    def _measured(self) -> list[int]:
        """Those with a whole rung that did not fail, the furthest first, then the best."""
        opened = {trial.candidate for trial in self.done if self.failed(trial.candidate) is None}
        reached = {one: self.reached(one) for one in opened}
        return sorted(
            (one for one in opened if reached[one]),
            key=lambda one: (-reached[one], cross_validation_loss(self.losses(one, reached[one])), one),
        )

    @cached_property
    def able(self) -> list[int]:
        """Those that were measured and can be fitted in time, the furthest first, then the best.

        None of them is shown to be worse than candidate 0, as long as this one is among them.
        """
        found = [one for one in self._measured if self.affords(one)]
        if self.seconds is None or 0 not in found:
            return found
        return [one for one in found if one == 0 or not self.is_shown_worse(one, 0)]

    @cached_property
    def reserved(self) -> float:
        """Seconds that are kept for the fits that follow, if it ended now.

        They are those of the one that would win, and, within a quarter of all seconds, of further members that a blend
        may be worth.
        """
        if self.seconds is None or not self.fits or not self.able:
            return 0.0
        best, alone = self.able[0], self.seconds_of_fits(self.able[0])
        members = [one for one in self.able if one == best or self._may_join(one, best)][: self.members]
        return min(sum(map(self.seconds_of_fits, members)), alone + _BLENDED * self.seconds)

    def _may_join(self, one: int, best: int) -> bool:
        rungs = min(self.reached(one), self.reached(best))
        if not self.blocks(one, rungs) or not self.is_shown_worse(one, best):
            return True
        mine, its = (cross_validation_loss(self.losses(which, rungs)) for which in (one, best))
        return mine <= _NEAR * its

    def left(self) -> float:
        """The seconds that are left for trials: infinite without a budget.

        If nothing that was measured can be fitted in time, something cheaper is looked for, but not for long.
        """
        return self._left

    @cached_property
    def _left(self) -> float:
        if self.seconds is None:
            return float("inf")
        if not self._measured or self.able:
            return self.seconds - self.reserved - self.spent()
        first = self.done.get(Trial(0, self.opener), Tried()).worked
        return _LOOKING * (self.seconds - first) - (self.spent() - first)

    def allowed(self, trial: Trial, planned: int = 1) -> float | None:
        """The most seconds that may be spent on the ``trial`` before it is given up; None: as long as it takes.

        It is one of so many that are ``planned``, which may all be worked on one after the other. Of those that are
        opened any may be the best, and its fits must follow. The opener is always seen through.
        """
        if self.seconds is None or (not trial.rung and trial.candidate == self.opener):
            return None
        left = max(0.0, self.left())
        if trial.rung:
            return left / planned
        fits = self.fits * FOLDS / (FOLDS - 1)
        unspent = max(0.0, self.seconds - self.spent())
        return min(_ONE_FOLD * left, left / planned, unspent / (planned + fits))

    def limits(self, trials: Sequence[Trial]) -> list[float | None]:
        """Of each of the ``trials`` of one rung the most seconds that it may take: a share of what is expected of all.

        What goes on from fold to fold may take `SLACK` more, or the last of them would be given up for a trifle.
        """
        if self.seconds is None or any(not one.rung for one in trials):
            return [self.allowed(one, len(trials)) for one in trials]
        costs = [self.expected(one) for one in trials]
        left = max(0.0, self.left()) + SLACK * self.seconds
        return [left * (cost / sum(costs) if sum(costs) else 1 / len(trials)) for cost in costs]


def _seconds_a_fold(tried: Iterable[Tried]) -> float:
    """About so many seconds a fold of these took; 0 if none is measured."""
    known = [one for one in tried if one.losses]
    return sum(one.worked for one in known) / max(1, sum(len(one.losses) for one in known))
