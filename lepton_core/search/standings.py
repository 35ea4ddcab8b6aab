"""The standings of a search: the leader, and the table of all that was tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_core.errors import Failure, error_from
from lepton_core.evaluate import cross_validation_loss
from lepton_core.search.candidates import Candidate
from lepton_core.search.halving import Search
from lepton_core.search.trial import Trial


@dataclass(frozen=True)
class Standing:
    """Where a candidate stands: its ``losses`` on the folds that count, and the last ``rung`` that it completed.

    ``error`` is what ended it; then ``rung`` is where that was.
    """

    candidate: int
    rung: int
    losses: tuple[float, ...]
    error: Failure | None = None

    @property
    def loss(self) -> float | None:
        """The mean over the folds; None after an error."""
        return None if self.error is not None else cross_validation_loss(self.losses)


def standings(search: Search) -> list[Standing]:
    """Everybody who was tried, best first: by rung, by mean loss, by number; those that failed come last.

    >>> from lepton_core.search import Tried
    >>> done = {Trial(0, 1): Tried(losses=(0.5,)), Trial(0, 0): Tried(losses=(0.7,))}
    >>> [one.candidate for one in standings(Search(done, candidates=3))]
    [1, 0]
    """
    found = []
    for rungs in search.waves():
        for candidate in rungs[0]:
            reached = -1
            while reached + 1 < len(rungs) and search.complete(Trial(reached + 1, candidate)):
                reached += 1
            if reached < 0:
                continue
            losses = search.losses(candidate, reached + 1)
            found.append(Standing(candidate, reached, tuple(losses), search.failed(candidate)))
    return sorted(found, key=_order)


def contenders(search: Search) -> list[Standing]:
    """Those of whom the winner is, best first, all measured on the same folds; who cannot be fitted in time is none.

    The defaults of the model's own algorithm, candidate 0, may have fewer folds where there are ``seconds``. So who is
    worse than they beyond noise, on the folds of both, is none either, as long as they can be fitted. Raises the error
    of the first candidate if all failed.

    >>> from lepton_core.search import Tried
    >>> done = {Trial(0, 0): Tried((0.5,), ((0.0, 4.0),)), Trial(0, 1): Tried((0.6,), ((4.0, 5.0),))}
    >>> [one.candidate for one in contenders(Search(done, candidates=2, seconds=8.0, fits=1.0))]
    [1]
    """
    found = standings(search)
    if found[0].error is not None:
        raise error_from(found[0].error)
    alive = [one for one in found if one.error is None]
    able = [one for one in alive if one.candidate in search.able]
    able = able or [min(alive, key=lambda one: search.seconds_of_fits(one.candidate))]
    return [one for one in able if one.rung == able[0].rung]


def winner(search: Search) -> int:
    """The number of the best candidate that can be fitted in time. Raises the error of the first one if all failed.

    >>> from lepton_core.search import Tried
    >>> winner(Search({Trial(0, 0): Tried(losses=(0.5,))}, candidates=1))
    0
    """
    return contenders(search)[0].candidate


@dataclass(frozen=True)
class Entry:
    """One line of a leaderboard: a candidate, its mean ``loss`` over ``folds`` folds, and the last ``rung`` it reached.

    ``hyperparameters`` are those that were given and those that were drawn; what is not among them is the default.
    """

    candidate: int
    algorithm: str
    hyperparameters: Mapping[str, Any]
    loss: float | None
    folds: int
    rung: int
    seconds: float
    error: Failure | None = None


def leaderboard(search: Search, candidates: Sequence[Candidate], given: Mapping[str, Any]) -> list[Entry]:
    """The standings, each with its algorithm, its hyperparameters (the ``given`` ones too) and its seconds.

    >>> from lepton_core.search import Tried
    >>> tried = {Trial(0, 0): Tried(losses=(0.5,), spans=((1.0, 3.0),))}
    >>> board = leaderboard(Search(tried, candidates=1), [Candidate("linear_regression", {})], {"l1": 0.1})
    >>> board[0].hyperparameters, board[0].loss, board[0].folds, board[0].seconds
    ({'l1': 0.1}, 0.5, 1, 2.0)
    """
    seconds = dict.fromkeys(range(len(candidates)), 0.0)
    for trial, tried in search.done.items():
        seconds[trial.candidate] += sum(end - begin for begin, end in tried.spans)
    return [
        Entry(
            candidate=one.candidate,
            algorithm=candidates[one.candidate].algorithm,
            hyperparameters={**given, **candidates[one.candidate].hyperparameters},
            loss=one.loss,
            folds=len(one.losses),
            rung=one.rung,
            seconds=round(seconds[one.candidate], 3),
            error=one.error,
        )
        for one in standings(search)
    ]


def _order(one: Standing) -> tuple[bool, int, float, int]:
    return one.error is not None, -one.rung, one.loss or 0.0, one.candidate
