"""Traffic as counts: requests, rows and errors, and how rows, predictions and latencies fell into bins.

Counts of the same profile add up, whoever counted and in whatever order; that is what windows are made of.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core import fields
from lepton_core.drift.latency import LATENCY_EDGES
from lepton_core.drift.profile import Profile
from lepton_core.errors import InvalidData
from lepton_core.format_check import check_format
from lepton_core.table import Column, Table
from lepton_core.table.kinds.number_bins import SideBySide

Tally = NDArray[np.int64]

FORMAT = 3
"""Of a sketch as JSON, with why calls were refused; 2 has none of that, and one without a number is of format 1."""

MOST_UNREAD = 0.1
"""Share of the rows of a file that may be unreadable; with more, the request counts as one that was refused."""

MOST_REASONS = 20
"""Reasons that a process counts apart; what is refused for yet another one counts as `OTHER_REASON`."""

OTHER_REASON, UNREAD_REASON = "other", "invalid_data"

_FEW_ROWS = 16
"""Up to here plain Python counts faster than numpy, whose calls cost microseconds for each feature."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """The counts of some traffic. ``rows`` are those that got a prediction.

    ``errors`` counts the rows that could not be read, and 1 for a request that was refused for another reason.
    ``refused`` are the ``requests`` that were refused, or of whose rows more than `MOST_UNREAD` could not be read;
    ``failed`` are those among them that were the platform's own fault, and ``reasons`` says for which error code how
    many were (where it is known). ``alike`` are those among them that another version refuses, too: the other one of a
    canary and the version beside it, or the one that served before a version that is watched.
    ``counts`` holds int64 counts for each feature in the bins of its profile, (len(bins.counts),), ``prediction``
    those of the prediction, ``latency`` one for each bucket, (len(LATENCY_EDGES) + 1,); ``unanswered`` has those among
    them that were refused, as far as it was counted: a window from before has none. ``explained`` has those of calls of
    which each of their ``explained_rows`` was explained, which takes a hundred times as long.
    """

    requests: int
    rows: int
    errors: int
    counts: dict[str, Tally]
    prediction: Tally
    latency: Tally
    refused: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    alike: int = 0
    unanswered: Tally = field(default_factory=lambda: np.zeros(len(LATENCY_EDGES) + 1, dtype=np.int64))
    explained: Tally = field(default_factory=lambda: np.zeros(len(LATENCY_EDGES) + 1, dtype=np.int64))
    explained_rows: int = 0

    @property
    def _tells_rows(self) -> bool:
        """Whether `errors` are not just the requests that were refused, as they were in the first format."""
        return self.refused != min(self.requests, self.errors)

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives it back exactly."""
        told: dict[str, Any] = {"format": 2, "refused": self.refused} if self._tells_rows else {}
        if self.failed or self.reasons or self.alike:
            why = {"failed": self.failed, "reasons": dict(sorted(self.reasons.items()))}
            why |= {"alike": self.alike} if self.alike else {}
            why |= {"unanswered": self.unanswered.tolist()} if self.unanswered.any() else {}
            told = {"format": FORMAT, "refused": self.refused, **why}
        if self.explained.any():
            told |= {"explained": self.explained.tolist(), "explained_rows": self.explained_rows}
        return {
            **told,
            "requests": self.requests,
            "rows": self.rows,
            "errors": self.errors,
            "counts": {name: tally.tolist() for name, tally in self.counts.items()},
            "prediction": self.prediction.tolist(),
            "latency": self.latency.tolist(),
        }

    @classmethod
    def from_dict(cls, value: Any) -> "Sketch":
        """Read what `as_dict` wrote. Raises `InvalidArtifact` naming the field, `NewerFormat` for a newer sketch."""
        given = fields.mapping(value, "sketch")
        check_format(given.get("format", 1), FORMAT, "sketch")
        features = fields.mapping(fields.part(given, "counts"), "counts")
        requests = fields.count(fields.part(given, "requests"), "requests")
        errors = fields.count(fields.part(given, "errors"), "errors")
        return cls(
            requests=requests,
            rows=fields.count(fields.part(given, "rows"), "rows"),
            errors=errors,
            # Where nothing is said, each error was a request that was refused.
            refused=fields.count(given.get("refused", min(requests, errors)), "refused"),
            failed=fields.count(given.get("failed", 0), "failed"),
            reasons=_reasons(given.get("reasons", {})),
            alike=fields.count(given.get("alike", 0), "alike"),
            counts={name: _tally(features[name], f"counts.{name}") for name in features},
            prediction=_tally(fields.part(given, "prediction"), "prediction"),
            latency=_tally(fields.part(given, "latency"), "latency", len(LATENCY_EDGES) + 1),
            unanswered=_times(given, "unanswered"),
            explained=_times(given, "explained"),
            explained_rows=fields.count(given.get("explained_rows", 0), "explained_rows"),
        )

    def check(self, profile: Profile) -> None:
        """Raises `InvalidArtifact` unless this was counted in the bins of ``profile``."""
        if self.counts.keys() != {bins.name for bins in profile.features}:
            fields.refuse("not the features of this profile", "counts")
        for bins in profile.features:
            _check_length(self.counts[bins.name], len(bins.counts), f"counts.{bins.name}")
        _check_length(self.prediction, len(profile.prediction.counts), "prediction")


def empty_sketch(profile: Profile) -> Sketch:
    """Nothing counted yet, in the bins of ``profile``: the neutral element of `merge`."""
    return Counter(profile).snapshot()


def no_calls() -> Sketch:
    """Nothing counted yet, of any profile, without the counts of features: what calls alone are added to."""
    nothing = np.zeros(0, dtype=np.int64)
    return Sketch(0, 0, 0, {}, nothing, np.zeros(len(LATENCY_EDGES) + 1, dtype=np.int64))


def merge(a: Sketch, b: Sketch) -> Sketch:
    """Both together; associative and commutative. ``ValueError`` if they are not of the same profile.

    >>> from lepton_core.drift import profile
    >>> reference = profile(Table(()), np.array([1.0, 2.0]))
    >>> counter = Counter(reference)
    >>> counter.error(latency_ms=2.0)
    >>> merge(counter.snapshot(), counter.snapshot()).requests
    2
    """
    if a.counts.keys() != b.counts.keys():
        raise ValueError("sketches of different features cannot be added")
    return Sketch(
        requests=a.requests + b.requests,
        rows=a.rows + b.rows,
        errors=a.errors + b.errors,
        refused=a.refused + b.refused,
        failed=a.failed + b.failed,
        alike=a.alike + b.alike,
        reasons={why: a.reasons.get(why, 0) + b.reasons.get(why, 0) for why in {*a.reasons, *b.reasons}},
        counts={name: _add(a.counts[name], b.counts[name]) for name in a.counts},
        prediction=_add(a.prediction, b.prediction),
        latency=_add(a.latency, b.latency),
        unanswered=_add(a.unanswered, b.unanswered),
        explained=_add(a.explained, b.explained),
        explained_rows=a.explained_rows + b.explained_rows,
    )


def observe(
    profile: Profile, sketch: Sketch, table: Table, predictions: NDArray[np.float64], latency_ms: float
) -> Sketch:
    """``sketch`` and one more request: `Counter.observe` is faster for many.

    The request was for the m rows of ``table``, its ``predictions`` are (m, K) or (m,), and it took ``latency_ms``
    milliseconds. Raises `InvalidData` if a feature is absent or of another kind, ``ValueError`` if ``sketch``
    is not of ``profile``.
    """
    counter = Counter(profile)
    counter.observe(table, predictions, latency_ms)
    return merge(sketch, counter.snapshot())


def counts_as_refused(rows: int, unread: int) -> bool:
    """Whether a request of ``rows`` rows that could be read, and ``unread`` that could not, was as good as refused.

    >>> counts_as_refused(9, 1), counts_as_refused(8, 1), counts_as_refused(0, 0)
    (False, True, False)
    """
    return unread > MOST_UNREAD * (rows + unread)


class Counter:
    """Counts traffic in place. Not for several threads at once: whoever shares one guards it with a lock.

    Single rows are counted in lists, and many together in arrays: each is the faster one for it.

    >>> from lepton_core.drift import profile
    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("x", np.array([1.0, 2.0, 3.0])),))
    >>> counter = Counter(profile(table, np.array([1.0, 2.0, 3.0])))
    >>> counter.observe(table.take(np.array([0, 0])), np.array([1.0, 1.0]), latency_ms=0.8)
    >>> seen = counter.snapshot()
    >>> seen.requests, seen.rows, seen.counts["x"].tolist()
    (1, 2, [2, 0, 0, 0])
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._requests = self._rows = self._errors = self._refused = self._failed = self._alike = 0
        self._reasons: dict[str, int] = {}
        self._counts = [[0] * len(bins.counts) for bins in profile.features]
        self._prediction = [0] * len(profile.prediction.counts)
        self._tallies = [np.zeros(len(bins.counts), dtype=np.int64) for bins in profile.features]
        self._predicted = np.zeros(len(profile.prediction.counts), dtype=np.int64)
        self._latency = [0] * (len(LATENCY_EDGES) + 1)
        self._unanswered = [0] * (len(LATENCY_EDGES) + 1)
        self._explained = [0] * (len(LATENCY_EDGES) + 1)
        self._explained_rows = 0
        self._names: tuple[str, ...] = ()
        self._positions: list[int] = []
        self._finders = [bins.finder() for bins in profile.features]
        together = [(at, bins) for at, bins in enumerate(profile.features) if SideBySide.takes(bins)]
        self._together = [at for at, _ in together]
        self._side_by_side = SideBySide([bins for _, bins in together])

    def observe(
        self,
        table: Table,
        predictions: NDArray[np.float64],
        latency_ms: float,
        unread: int = 0,
        *,
        alike: bool = False,
        explained: bool = False,
    ) -> None:
        """Count one request of ``table.rows`` rows, with the prediction of each, (m, K) or (m,).

        ``unread`` rows more could not be read; ``alike`` and ``explained``: see `Sketch`.
        Raises `InvalidData` for a feature that is absent or of another kind, and has counted nothing then.
        """
        columns = self._columns(table)
        rows = table.rows
        if rows <= _FEW_ROWS:
            places = [
                [find(column, row) for find, column in zip(self._finders, columns, strict=True)]
                for row in range(rows)
            ]
            of_prediction = self._profile.prediction
            seen = [of_prediction.place_of_prediction(predictions[row]) for row in range(rows)]
            for row in places:
                for counts, place in zip(self._counts, row, strict=True):
                    counts[place] += 1
            for place in seen:
                self._prediction[place] += 1
        else:
            tallies = self._tallied(columns)
            predicted = self._profile.prediction.tally_predictions(predictions)
            for counted, tally in zip(self._tallies, tallies, strict=True):
                np.add(counted, tally, out=counted)
            self._predicted += predicted
        self._requests += 1
        self._rows += rows
        self._errors += unread
        if counts_as_refused(rows, unread):
            self._alike += alike
            self._refuse(UNREAD_REASON, latency_ms)
        elif explained:
            self._explained[bisect_left(LATENCY_EDGES, latency_ms)] += 1
            self._explained_rows += rows
        self._latency[bisect_left(LATENCY_EDGES, latency_ms)] += 1

    def observe_each(
        self, table: Table, predictions: NDArray[np.float64], latencies_ms: Sequence[float]
    ) -> None:
        """Count m requests of one row each, with the prediction of each, (m, K) or (m,), and how long each took.

        Errors: those of `observe`; ``ValueError`` for none.
        """
        first, *others = latencies_ms
        self.observe(table, predictions, first)
        self._requests += len(others)
        for latency_ms in others:
            self._latency[bisect_left(LATENCY_EDGES, latency_ms)] += 1

    def error(
        self, latency_ms: float, rows: int = 1, why: str = "", *, failed: bool = False, alike: bool = False
    ) -> None:
        """Count one request that was refused, because of so many ``rows``, with the error code ``why``, if it is known.

        ``failed``: it was no fault of the caller; ``alike``: see `Sketch`.
        """
        self._requests += 1
        self._errors += rows
        self._failed += failed
        self._alike += alike
        self._refuse(why, latency_ms)
        self._latency[bisect_left(LATENCY_EDGES, latency_ms)] += 1

    def _refuse(self, why: str, latency_ms: float) -> None:
        self._refused += 1
        if not why:
            return
        self._unanswered[bisect_left(LATENCY_EDGES, latency_ms)] += 1
        # One place is kept for all the others.
        known = why in self._reasons or len(self._reasons) < MOST_REASONS - 1
        why = why if known else OTHER_REASON
        self._reasons[why] = self._reasons.get(why, 0) + 1

    def snapshot(self) -> Sketch:
        """Everything counted so far, as a value that later counting does not change."""
        return Sketch(
            requests=self._requests,
            rows=self._rows,
            errors=self._errors,
            refused=self._refused,
            failed=self._failed,
            alike=self._alike,
            reasons=dict(self._reasons),
            counts={
                bins.name: np.array(counts, dtype=np.int64) + counted
                for bins, counts, counted in zip(
                    self._profile.features, self._counts, self._tallies, strict=True
                )
            },
            prediction=np.array(self._prediction, dtype=np.int64) + self._predicted,
            latency=np.array(self._latency, dtype=np.int64),
            unanswered=np.array(self._unanswered, dtype=np.int64),
            explained=np.array(self._explained, dtype=np.int64),
            explained_rows=self._explained_rows,
        )

    def _tallied(self, columns: Sequence[Column]) -> list[Tally]:
        together = [columns[at] for at in self._together]
        found = dict(zip(self._together, self._side_by_side.tallies(together), strict=True))
        return [
            found[at] if at in found else bins.tally(column)
            for at, (bins, column) in enumerate(zip(self._profile.features, columns, strict=True))
        ]

    def _columns(self, table: Table) -> list[Column]:
        if table.names != self._names:
            at = {name: position for position, name in enumerate(table.names)}
            for bins in self._profile.features:
                if bins.name not in at:
                    raise InvalidData("there is no such column", column=bins.name)
            self._names = table.names
            self._positions = [at[bins.name] for bins in self._profile.features]
        return [table.columns[position] for position in self._positions]


def _tally(value: Any, field: str, length: int | None = None) -> Tally:
    return np.array(fields.counts(value, field, length), dtype=np.int64)


def _times(given: Mapping[str, Any], name: str) -> Tally:
    """How long some of the calls took; of a sketch that does not tell, none."""
    size = len(LATENCY_EDGES) + 1
    return _tally(given.get(name, [0] * size), name, size)


def _reasons(value: Any) -> dict[str, int]:
    given = fields.mapping(value, "reasons")
    return {why: fields.count(given[why], f"reasons.{why}") for why in given}


def _check_length(tally: Tally, length: int, field: str) -> None:
    if len(tally) != length:
        fields.refuse(f"{length} counts were expected, not {len(tally)}", field)


def _add(a: Tally, b: Tally) -> Tally:
    if a.shape != b.shape:
        raise ValueError("sketches of different bins cannot be added")
    return a + b
