"""A machine that searches in seconds of its own: each fold takes what a table says, and one task follows the other."""

from dataclasses import dataclass, field

import numpy as np

from lepton_core.errors import Failure
from lepton_core.search import FOLDS, Search, Trial, Tried, folds_of
from lepton_core.search.noise import BLOCKS

FITS = 2.25
"""A fit on all training rows, and one on a quarter more."""

LATE = Failure("too_large", "a fold takes longer than it may take")


@dataclass
class Machine:
    """One worker. A first fold of candidate i takes ``finding[i]`` seconds, each further one ``given[i]``.

    Losses are around ``means[i]``. A slice ends after ``slice`` seconds and a fold; what is planned is worked on in its
    order, and a fold is given up at the limit that was planned for it.
    """

    seconds: float
    finding: list[float]
    given: list[float]
    means: list[float]
    opener: int = 0
    members: int = 5
    seed: int = 0
    slice: float = 2.0
    between: float = 0.0
    noise: float = 0.2
    kinds: tuple[str, ...] = ()
    now: float = 0.0
    done: dict[Trial, Tried] = field(default_factory=dict)

    def search(self) -> Search:
        """The search as far as it has come."""
        finders = [one for one, cost in enumerate(self.finding) if cost > self.given[one]]
        return Search(
            dict(self.done),
            len(self.means),
            self.seconds,
            fits=FITS,
            members=self.members,
            opener=self.opener,
            kinds=self.kinds,
            finders=finders,
        )

    def run(self) -> Search:
        """Search to the end."""
        while trials := self.search().plan():
            for trial, limit in zip(trials, self.search().limits(trials), strict=True):
                self.done[trial] = self.slice_of(trial, limit)
            self.now += self.between
        return self.search()

    def slice_of(self, trial: Trial, limit: float | None) -> Tried:
        """A trial after a further slice of it."""
        before = self.done.get(trial, Tried())
        began, losses, blocks, late = self.now, [*before.losses], [*before.blocks], False
        for fold in list(folds_of(trial.rung))[len(losses) :]:
            cost = self.given[trial.candidate] if fold else self.finding[trial.candidate]
            if limit is not None and self.now + cost > began + limit:
                self.now, late = began + limit, True
                break
            self.now += cost
            its = self.blocks_of(trial.candidate, fold)
            losses.append(float(np.mean(its)))
            blocks.append(its)
            if self.now - began >= self.slice:
                break
        spans = (*before.spans, (began, self.now))
        error = LATE if late and not trial.rung else None
        return Tried(tuple(losses), spans, error, tuple(blocks), late=late)

    def blocks_of(self, candidate: int, fold: int) -> tuple[float, ...]:
        """The losses of a candidate on the rows of a fold, which are hard or easy for all of them."""
        rows = 0.05 * np.random.default_rng([self.seed, fold]).standard_normal(BLOCKS)
        own = self.noise * np.random.default_rng([self.seed, fold, candidate]).standard_normal(BLOCKS)
        return tuple((self.means[candidate] + rows + own).tolist())

    def fits_of(self, candidate: int) -> float:
        """The seconds that the fits of a candidate take."""
        return (self.finding[candidate] + (FITS - 1) * self.given[candidate]) * FOLDS / (FOLDS - 1)
