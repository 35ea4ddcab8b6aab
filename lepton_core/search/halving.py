"""Successive halving over the folds of a cross-validation: which trials come next.

The candidates come in waves of eight. All of a wave are measured on one of K = 8 folds; who stays is measured on one
more, who stays then on two more, and who is left on the last four. So in each rung everybody is measured on the same
folds, and those that are left have the loss of a whole cross-validation. Where rows are few a further rung repeats it
with other folds (Kohavi 1995, "A study of cross-validation and bootstrap"). A wave is compared with all that are left
of the waves before it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lepton_core.errors import Failure
from lepton_core.evaluate import cross_validation_loss

RUNGS = (1, 1, 2, 4)
"""How many folds each rung adds; a rung behind these adds all folds of a further cross-validation."""

FOLDS = sum(RUNGS)
"""K: the folds into which the training rows are cut."""

FEW_ROWS = 500
"""Of no more rows one cross-validation says too little, and two cost next to nothing."""

WAVE = 8
"""Candidates that are compared with each other from the first fold on."""

FEWEST_FINALISTS = 3
"""So many of the first wave stay to the end, if there are so many, whatever the first folds say."""

AT_ONCE = 8
"""Most trials planned at a time; other runs get their turn in between."""

OPENING = 1 / 3
"""The share of the seconds in which the first wave is opened."""

LONG_PAUSE = 5.0
"""From so many seconds on, a time without any trial is a pause: the platform was down, or others had their turn."""

_ONE_FOLD = 1 / 4
"""The share of the seconds left that one fold may take where nothing is known of a candidate yet."""


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
    whose classes its folds have none, see `noise`.
    """

    losses: tuple[float, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()
    error: Failure | None = None
    blocks: tuple[tuple[float, ...], ...] = ()
    unseen: float = 0.0

    def is_complete(self, rung: int) -> bool:
        """Whether all folds of its rung are measured, or an error ended it.

        >>> Tried(losses=(0.5,)).is_complete(0), Tried(losses=(0.5,)).is_complete(2)
        (True, False)
        """
        return self.error is not None or len(self.losses) == len(folds_of(rung))


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


@dataclass(frozen=True)
class Search:
    """A search among ``candidates`` (how many there are), or, with ``seconds``, among as many as that time allows.

    ``done`` maps each trial that was begun to how far it has come. All answers follow from these values, in whatever
    order they came. ``all_stay``: each candidate is measured on all folds. ``fits`` is how many fits on all training
    rows follow for each of at most ``members`` candidates: time for these is left of the ``seconds``. ``repeats`` is
    how many cross-validations there are. In ``pauses``, from when to when, it was known that nobody searched.

    >>> [trial.candidate for trial in Search({}, candidates=3).plan()]
    [0, 1, 2]
    >>> Search({}, candidates=200, seconds=60.0).plan()
    [Trial(rung=0, candidate=0)]
    """

    done: Done
    candidates: int
    seconds: float | None = None
    all_stay: bool = False
    fits: float = 0.0
    members: int = 1
    repeats: int = 1
    pauses: Sequence[tuple[float, float]] = ()

    @property
    def rungs(self) -> int:
        """How many rungs there are."""
        return len(RUNGS) + self.repeats - 1

    def plan(self) -> list[Trial]:
        """The next trials, the best candidates' first, at most `AT_ONCE`; none when the search is over.

        With ``seconds`` no trial begins once they are spent, and no more than fit into what is left of them at the
        pace so far; but the first candidate is always tried.
        """
        waves = self.waves()
        rungs = waves[-1]
        rung = len(rungs) - 1
        trials = [Trial(rung, candidate) for candidate in rungs[-1]]
        left = [trial for trial in trials if not self.complete(trial)]
        return left[: self._room(rung, first=len(waves) == 1)]

    def waves(self) -> list[list[list[int]]]:
        """Of each wave that was opened the candidates of each rung; only the last rung of all may be incomplete.

        The candidates of a rung are in the order in which they are measured: those that were best so far come first,
        and candidate 0 is the second at the latest.
        """
        found: list[list[list[int]]] = []
        finalists: list[int] = []
        for first in range(0, self.candidates, WAVE):
            wave = self._wave(range(first, min(first + WAVE, self.candidates)), finalists)
            found.append(wave)
            if not self._closed(len(wave) - 1, wave[-1]):
                break
            if len(wave) == self.rungs:
                finalists += [one for one in wave[-1] if self.failed(one) is None]
        return found

    def _wave(self, entrants: Sequence[int], finalists: Sequence[int]) -> list[list[int]]:
        rungs = [self._opened(entrants)]
        while len(rungs) < self.rungs and self._closed(len(rungs) - 1, rungs[-1]):
            staying = self._staying(rungs, finalists)
            if not staying or len(staying) + len(finalists) < 2:
                break
            rungs.append(staying)
        return rungs

    def _closed(self, rung: int, entrants: Sequence[int]) -> bool:
        return all(self.complete(Trial(rung, candidate)) for candidate in entrants)

    def complete(self, trial: Trial) -> bool:
        """Whether a trial has all its folds, or failed."""
        tried = self.done.get(trial)
        return tried is not None and tried.is_complete(trial.rung)

    def failed(self, candidate: int) -> Failure | None:
        """The error of a candidate, if one of its trials failed."""
        for tried in self._tried(candidate, self.rungs):
            if tried.error is not None:
                return tried.error
        return None

    def losses(self, candidate: int, rungs: int) -> list[float]:
        """The losses of a candidate, fold by fold, over the first ``rungs`` rungs."""
        return [loss for tried in self._tried(candidate, rungs) for loss in tried.losses]

    def _blocks(self, candidate: int, rungs: int) -> list[tuple[float, ...]]:
        return [fold for tried in self._tried(candidate, rungs) for fold in tried.blocks]

    def _unseen(self, candidate: int, rungs: int) -> float:
        """The share of the rows of whose classes none was predicted in so many rungs, or a little more than it is."""
        return min(tried.unseen for tried in self._tried(candidate, rungs))

    def _tried(self, candidate: int, rungs: int) -> Iterator[Tried]:
        return (self.done.get(Trial(rung, candidate), Tried()) for rung in range(rungs))

    def progress(self) -> tuple[int, int]:
        """How many trials are complete, and about how many there will be."""
        complete = sum(map(self.complete, self.done))
        if not self.plan():
            return complete, complete
        if self.seconds is not None:
            share = min(1.0, self.spent() / self.seconds)
            return complete, max(complete + 1, round(complete / share) if share else 0)
        waves = self.waves()
        sizes = [len(rung) for wave in waves for rung in wave]
        sizes += self._to_come(len(waves[-1]), len(waves[-1][-1]))
        for first in range(len(waves) * WAVE, self.candidates, WAVE):
            size = min(WAVE, self.candidates - first)
            sizes += [size, *self._to_come(1, size)]
        return complete, sum(sizes)

    def _to_come(self, rungs: int, size: int) -> list[int]:
        sizes = []
        while rungs < self.rungs and self.candidates > 1:
            size = size if self.all_stay else staying(size)
            sizes.append(size)
            rungs += 1
        return sizes

    def spent(self) -> float:
        """Seconds from the first trial to the last end: trials side by side count once, long pauses not at all.

        The way from one trial to the next counts: of short trials it is a large part of the time. After `LONG_PAUSE`
        nobody was searching. Of ``pauses`` no second counts in which no trial was worked on.
        """
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

    def _paused(self, since: float, until: float) -> float:
        """The seconds of ``pauses`` between two times."""
        return sum(max(0.0, min(end, until) - max(begin, since)) for begin, end in self.pauses)

    def seconds_of_fits(self, candidate: int) -> float:
        """About so many seconds all fits of the ``candidate`` that follow will take: 0 if no fold is measured.

        The first of them finds what the first fold found; the others are given it, as the other folds are.
        """
        first, *others = (self.done.get(Trial(rung, candidate), Tried()) for rung in range(self.rungs))
        finding = _seconds_a_fold([first])
        given = _seconds_a_fold(others) or finding
        return (min(1.0, self.fits) * finding + max(0.0, self.fits - 1.0) * given) * FOLDS / (FOLDS - 1)

    def left(self) -> float:
        """The seconds that are left for trials: infinite without a budget."""
        if self.seconds is None:
            return float("inf")
        return self.seconds - self._reserved() - self.spent()

    def allowed(self, trial: Trial, planned: int = 1) -> float | None:
        """The most seconds that may be spent on the ``trial`` before it is given up; None: as long as it takes.

        It is one of so many that are ``planned``: all of them together may take what is left. Candidate 0 is always
        seen through.
        """
        if self.seconds is None or trial.candidate == 0:
            return None
        share = 1.0 if trial.rung else min(_ONE_FOLD, 1.0 / planned)
        return max(0.0, self.left()) * share

    def _reserved(self) -> float:
        """Seconds for the fits that follow, if it ended now."""
        if not self.fits:
            return 0.0
        opened = {trial.candidate for trial in self.done if self.failed(trial.candidate) is None}
        reached = {one: len(self.losses(one, self.rungs)) for one in opened}
        best = sorted(
            (one for one in opened if reached[one]),
            key=lambda one: (-reached[one], cross_validation_loss(self.losses(one, self.rungs)), one),
        )
        return sum(self.seconds_of_fits(one) for one in best[: self.members])

    def _opened(self, entrants: Sequence[int]) -> list[int]:
        """Those of a wave that are measured at all: of the first, as many as its share of the seconds allows."""
        if self.seconds is None or 0 not in entrants:
            return list(entrants)
        opened = [one for one in entrants if self.complete(Trial(0, one))]
        late = opened and self.spent() >= OPENING * (self.seconds - self._reserved())
        return opened if late else list(entrants)

    def _staying(self, rungs: Sequence[Sequence[int]], finalists: Sequence[int]) -> list[int]:
        """Those of the last rung that go on: nobody is dropped who may be as good as the best.

        Of the first wave the better half stays in any case, and so does candidate 0: the winner is never worse than it
        on the same folds.
        """
        folds = len(rungs)
        alive = self.ranked(rungs[-1], folds)
        if self.all_stay:
            return alive
        best = self.ranked([*rungs[-1], *finalists], folds)[:1]
        known = [self._blocks(one, folds) for one in best]
        unseen = min((self._unseen(one, folds) for one in best), default=0.0)
        from lepton_core.search.noise import is_worse  # noqa: PLC0415  (no prediction needs it)

        half = alive[: staying(len(rungs[-1]))]
        if not all(known):  # trials of before there were blocks
            kept = {*(half if 0 in half or 0 not in alive else half[:-1])}
        else:
            kept = set() if finalists else set(half)
            kept |= {
                one
                for one in alive
                if not all(is_worse(self._blocks(one, folds), its, unseen) for its in known)
            }
        if 0 not in alive:
            return [one for one in alive if one in kept]
        others = [one for one in alive if one in kept and one != 0]
        return [*others[:1], 0, *others[1:]] if alive[0] != 0 else [0, *others]

    def ranked(self, entrants: Sequence[int], rungs: int) -> list[int]:
        """Those of ``entrants`` that did not fail, best mean loss over ``rungs`` rungs first, then the earlier one."""
        alive = [candidate for candidate in entrants if self.failed(candidate) is None]
        return sorted(alive, key=lambda one: (cross_validation_loss(self.losses(one, rungs)), one))

    def _room(self, rung: int, *, first: bool) -> int:
        if self.seconds is None:
            return AT_ONCE
        if not self.done:
            return 1
        left = self.left()
        if left <= 0:
            return 0
        if first and rung == 0:
            left -= (1 - OPENING) * (self.seconds - self._reserved())
        measured = sum(len(tried.losses) for tried in self.done.values())
        worked = sum(end - begin for tried in self.done.values() for begin, end in tried.spans)
        cost = len(folds_of(rung)) * worked / max(1, measured)
        return AT_ONCE if cost * AT_ONCE <= left else max(1, int(left / cost))


def staying(entrants: int) -> int:
    """How many of so many go on to the next rung at least: half of them, `FEWEST_FINALISTS` if there are so many.

    >>> [staying(n) for n in (20, 10, 5, 3, 1)]
    [10, 5, 3, 3, 1]
    """
    return max(-(-entrants // 2), min(entrants, FEWEST_FINALISTS))


def _seconds_a_fold(tried: Iterable[Tried]) -> float:
    """About so many seconds a fold of these took; 0 if none is measured."""
    known = [one for one in tried if one.losses]
    worked = sum(end - begin for one in known for begin, end in one.spans)
    return worked / max(1, sum(len(one.losses) for one in known))
