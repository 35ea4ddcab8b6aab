"""Successive halving over the folds of a cross-validation: which trials come next.

The candidates come in waves of eight. All of a wave are measured on one of K = 8 folds; who stays is measured on one
more, who stays then on two more, and who is left on the last four. So in each rung everybody is measured on the same
folds, and those that are left have the loss of a whole cross-validation. Where rows are few a further rung repeats it
with other folds (Kohavi 1995, "A study of cross-validation and bootstrap"). A wave is compared with all that are left
of the waves before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lepton_core.search.spending import Spending
from lepton_core.search.trial import Trial, Tried, folds_of

WAVE = 8
"""Candidates that are compared with each other from the first fold on."""

FEWEST_FINALISTS = 3
"""So many of the first wave stay to the end, if there are so many, whatever the first folds say."""

AT_ONCE = 8
"""Most trials planned at a time; other runs get their turn in between."""

OPENING = 1 / 3
"""The share of the seconds in which the first wave is opened."""

_ROOM = 2.0
"""So many times as long as a fold took so far one may take that is opened beside others."""


@dataclass(frozen=True)
class Search(Spending):
    """A search among ``candidates`` (how many there are), or, with ``seconds``, among as many as that time allows.

    ``done`` maps each trial that was begun to how far it has come. All answers follow from these values, in whatever
    order they came. ``all_stay``: each candidate is measured on all folds. ``fits`` is how many fits on all training
    rows follow for each of at most ``members`` candidates: time for these is left of the ``seconds``. ``repeats`` is
    how many cross-validations there are. In ``pauses``, from when to when, it was known that nobody searched.

    With ``seconds`` the ``opener`` comes first, which is thought to be cheap, then candidate 0. Candidates of the same
    of the ``kinds`` (one a candidate, or none) cost about as much; the first fold of the ``finders`` has found settings
    that are given to the others, which take less time.

    >>> [trial.candidate for trial in Search({}, candidates=3).plan()]
    [0, 1, 2]
    >>> Search({}, candidates=200, seconds=60.0).plan()
    [Trial(rung=0, candidate=0)]
    """

    def plan(self) -> list[Trial]:
        """The next trials, the best candidates' first, at most `AT_ONCE`; none when the search is over.

        With ``seconds`` no trial begins that is not expected to end in time; but the opener is always tried.
        """
        waves = self.waves()
        if not waves:
            return []
        rung = len(waves[-1]) - 1
        trials = [Trial(rung, candidate) for candidate in waves[-1][-1]]
        left = [trial for trial in trials if not self.has_ended(trial)]
        if self.seconds is None:
            return left[:AT_ONCE]
        if Trial(0, self.opener) in left:
            return [Trial(0, self.opener)]
        if self.left() <= 0:
            return []
        if rung:
            return self._going_on(left)
        return self._opening(left, self._opening_left() if len(waves) == 1 else self.left())

    def waves(self) -> list[list[list[int]]]:
        """Of each wave that was opened the candidates of each rung; only the last rung of all may be incomplete.

        The candidates of a rung are in the order in which they are measured: those that were best so far come first,
        and candidate 0 is the second at the latest.
        """
        found: list[list[list[int]]] = []
        finalists: list[int] = []
        rest, rungs = list(range(self.candidates)), self.rungs
        while entrants := self._opened(rest, first=not found, rungs=rungs):
            wave = self._wave(entrants, finalists, rungs)
            if self.seconds is not None and not found:
                rungs = len(wave)  # nobody is measured on more folds than those whom it is compared with
            found.append(wave)
            if not self._closed(len(wave) - 1, wave[-1]):
                break
            if len(wave) == rungs:
                finalists += self._through(wave)
            elif self.seconds is not None and self._staying(wave, finalists):
                break  # there was no time to see it through
            gone = set(entrants)
            rest = [one for one in rest if one not in gone]
        return found

    def _wave(self, entrants: Sequence[int], finalists: Sequence[int], most: int) -> list[list[int]]:
        rungs = [list(entrants)]
        while len(rungs) < most and self._closed(len(rungs) - 1, rungs[-1]):
            staying = self._in_time(len(rungs), self._staying(rungs, finalists))
            if not staying or len(staying) + len(finalists) < 2:
                break
            rungs.append(staying)
        return rungs

    def _closed(self, rung: int, entrants: Sequence[int]) -> bool:
        return all(self.has_ended(Trial(rung, candidate)) for candidate in entrants)

    def _through(self, rungs: Sequence[Sequence[int]]) -> list[int]:
        """Those of the last of these rungs that are measured on all its folds."""
        trials = (Trial(len(rungs) - 1, one) for one in rungs[-1])
        return [one.candidate for one in trials if self.complete(one) and self.failed(one.candidate) is None]

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

    def _opened(self, rest: Sequence[int], *, first: bool, rungs: int) -> list[int]:
        """The next wave of the ``rest``: of the first, as many as its share of the seconds allows."""
        if self.seconds is None:
            return list(rest[:WAVE])
        if not first:
            return [one for one in rest if self._opens(one, folds_of(rungs).start)][:WAVE]
        wave = rest[:WAVE]
        order = list(dict.fromkeys(one for one in (self.opener, 0, *wave) if one in wave))
        opened = [one for one in order if self.has_ended(Trial(0, one))]
        if opened and self._opening_left() <= 0:
            return opened
        return [one for one in order if one == self.opener or self._opens(one, 1)]

    def _opens(self, candidate: int, folds: int) -> bool:
        """Whether a candidate was opened, or is to be: there is time for so many folds of it."""
        trial = Trial(0, candidate)
        if self.has_ended(trial):
            return True
        cost = self.expected(trial)
        most = self.allowed(trial)
        return most is None or (0 < most >= cost and folds * (cost or self.pace) <= self.left())

    def _opening_left(self) -> float:
        """The seconds that are left to open the first wave, in which the defaults of candidate 0 do not count."""
        own = self.done.get(Trial(0, 0), Tried()).worked if self.opener else 0.0
        return OPENING * ((self.seconds or 0.0) - self.reserved - own) - (self.spent() - own)

    def _opening(self, trials: Sequence[Trial], seconds: float) -> list[Trial]:
        """Those that are opened next, in about so many ``seconds``; of a kind of unknown cost one at a time."""
        if self.opener and Trial(0, 0) in trials:
            return [Trial(0, 0)]
        found: list[Trial] = []
        learnt: set[str] = set()
        most = 0.0
        for trial in trials:
            cost, kind = self.expected(trial), self.kind(trial.candidate)
            if not cost and kind in learnt:
                continue
            most = max(most, cost or _ROOM * self.pace)
            count = len(found) + 1
            allowed = self.allowed(trial, count)
            narrow = allowed is not None and allowed < most
            if found and (count > AT_ONCE or narrow or count * self.pace > seconds):
                break
            learnt |= {kind} - {""}
            found.append(trial)
        return found

    def _in_time(self, rung: int, staying: Sequence[int]) -> list[int]:
        """Those of ``staying`` that there is time to measure on the folds of ``rung``.

        A rung is not begun if there is none for the best that can be fitted, nor for it alone, as it would have nobody
        beside it.
        """
        if self.seconds is None:
            return list(staying)
        left, ended = self.left(), {one for one in staying if self.has_ended(Trial(rung, one))}
        costs = {one: self.expected(Trial(rung, one)) for one in staying if one not in ended}
        able = [one for one in staying if one in ended or costs[one] <= left]
        together = sum(costs.get(one, 0.0) for one in able[:2]) <= left
        best = next((one for one in staying if self.affords(one)), None)
        return able if ended or (best in able and together) else []

    def _going_on(self, trials: Sequence[Trial]) -> list[Trial]:
        """As many of the ``trials``, which have measured folds before, as there is time for all of them together."""
        left, found = self.left(), list[Trial]()
        for trial in trials[:AT_ONCE]:
            left -= self.expected(trial)
            if found and left < 0:
                break
            found.append(trial)
        return found

    def _staying(self, rungs: Sequence[Sequence[int]], finalists: Sequence[int]) -> list[int]:
        """Those of the last rung that go on: nobody is dropped who may be as good as the best.

        Of the first wave the better half stays in any case, and so does candidate 0: the winner is never worse than it
        on the same folds.
        """
        folds = len(rungs)
        alive = self.ranked(self._through(rungs), folds)
        if self.all_stay:
            return alive
        best = self.ranked([*alive, *finalists], folds)[:1]
        known = [self.blocks(one, folds) for one in best]
        unseen = min((self.unseen(one, folds) for one in best), default=0.0)
        from lepton_core.search.noise import is_worse  # noqa: PLC0415  (no prediction needs it)

        half = alive[: staying(len(rungs[-1]))]
        if not all(known):  # trials of before there were blocks
            kept = {*(half if 0 in half or 0 not in alive else half[:-1])}
        else:
            kept = set() if finalists else set(half)
            kept |= {
                one
                for one in alive
                if not all(is_worse(self.blocks(one, folds), its, unseen) for its in known)
            }
        if 0 not in alive:
            return [one for one in alive if one in kept]
        others = [one for one in alive if one in kept and one != 0]
        return [*others[:1], 0, *others[1:]] if alive[0] != 0 else [0, *others]


def staying(entrants: int) -> int:
    """How many of so many go on to the next rung at least: half of them, `FEWEST_FINALISTS` if there are so many.

    >>> [staying(n) for n in (20, 10, 5, 3, 1)]
    [10, 5, 3, 3, 1]
    """
    return max(-(-entrants // 2), min(entrants, FEWEST_FINALISTS))
