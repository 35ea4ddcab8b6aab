"""Several models that answer as one: their arrays in one file, their outputs blended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.artifact import write_container
from lepton_core.blend import blended
from lepton_core.drift import Profile, profile
from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.format_check import check_format
from lepton_core.models import Explanation
from lepton_core.predict import Predictor, check_reference
from lepton_core.table import Schema, Table

FORMAT = 1
"""Of the header of an ensemble's file."""

MOST_MEMBERS = 20

KIND = "ensemble"
"""The word in the header that tells the file of an ensemble, and its name where an algorithm has one."""

_ADDING = ("log-odds", "value")
"""Units of contributions that add up in a blend: those of the outputs that are averaged."""


@dataclass(frozen=True)
class Ensemble:
    """At least two ``members`` of one label, and how much each has to say: ``weights`` that sum to 1.

    ``reference`` is the profile of all features that any member reads, and of the blended predictions.
    """

    members: tuple[Predictor, ...]
    weights: tuple[float, ...]
    reference: Profile

    @classmethod
    def of(cls, members: Sequence[Predictor], weights: Sequence[float], table: Table) -> "Ensemble":
        """The blend of ``members``, which were trained on the rows of ``table``, with their profile."""
        features = table.without(members[0].label)
        output = blended([one.predict(features) for one in members], weights)
        reads = frozenset().union(*(one.reads for one in members))
        watched = features.select([name for name in features.names if name in reads])
        return cls(tuple(members), tuple(weights), profile(watched, output, members[0].classes or None))

    @property
    def algorithm(self) -> str:
        """Always "ensemble"."""
        return KIND

    @property
    def task(self) -> str:
        """'classification' or 'regression'."""
        return self.members[0].task

    @property
    def label(self) -> str:
        """The column that it predicts."""
        return self.members[0].label

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes in the order of the probabilities; none of a regression."""
        return self.members[0].classes

    @property
    def weight(self) -> str | None:
        """The column that said how much a row counts."""
        return self.members[0].weight

    @cached_property
    def schema(self) -> Schema:
        """The columns of all members, in the order in which they come."""
        found = {one.name: one for member in reversed(self.members) for one in member.schema.columns}
        names = dict.fromkeys(name for member in self.members for name in member.schema.names)
        return Schema(tuple(found[name] for name in names))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The columns that at least one member is made from."""
        return frozenset().union(*(member.reads for member in self.members))

    @property
    def uncertainty(self) -> None:
        """None: see `lepton_core.uncertain.Uncertain`, which a model may lie in."""
        return None

    @property
    def steps_to_explain(self) -> int | None:
        """About how many steps it takes to explain one row; None unless all members explain in what is averaged."""
        found = [one.steps_to_explain for one in self.members]
        return None if None in found or self._hinders else sum(one or 0 for one in found)

    def predict(self, features: Table) -> NDArray[np.float64]:
        """Of each row: class probabilities (m, K), or values (m,), `blended`. Errors: those of `Predictor.predict`."""
        return blended([member.predict(features) for member in self.members], self.weights)

    def explain(self, features: Table) -> Explanation:
        """The share of each column of `schema` in each row's log-odds, or value: the weighted mean of the members'.

        Raises `InvalidInput` (field 'explain') if a member cannot say it, and what `Predictor.explain` raises.
        """
        if self._hinders:
            raise InvalidInput(
                f"this version is a blend, and {self._hinders} in it does not say what a column adds to the "
                f"{'log-odds' if self.classes else 'value'}; permutation importance in `evaluate` works for every "
                "version",
                field="explain",
            )
        place = {name: at for at, name in enumerate(self.schema.names)}
        base: Any = 0.0
        total: Any = 0.0
        unit = ""
        for member, weight in zip(self.members, self.weights, strict=True):
            found = member.explain(features)
            rows, _, outputs = found.contributions.shape
            own = np.zeros((rows, len(place), outputs))
            own[:, [place[name] for name in member.schema.names]] = found.contributions
            base, total, unit = base + weight * found.base, total + weight * own, found.unit
        return Explanation(base, total, unit)

    @cached_property
    def _hinders(self) -> str | None:
        """The algorithm of a member whose contributions do not add to what is averaged."""
        for member in self.members:
            if member.unit_of_contributions not in _ADDING:
                return member.algorithm
        return None

    def dump(self) -> bytes:
        """The version as bytes: each member's own file inside one that says the weights. Raises `TooLarge`."""
        files = {f"member.{at}": np.frombuffer(one.dump(), np.uint8) for at, one in enumerate(self.members)}
        meta = {
            "ensemble": FORMAT,
            "weights": list(self.weights),
            "reference": self.reference.as_dict(),
        }
        return write_container(files, meta)


def from_container(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Ensemble:
    """The ensemble of the ``arrays``, (n,) bytes each, and the ``meta`` that `Ensemble.dump` wrote.

    Errors: `InvalidArtifact`, and nothing else.
    """
    try:
        check_format(meta["ensemble"], FORMAT, "ensemble file")
        weights = _weights(meta["weights"])
        names = [f"member.{at}" for at in range(len(weights))]
        if set(names) != set(arrays) or any(arrays[name].dtype != np.uint8 for name in names):
            raise InvalidArtifact("the ensemble file does not hold one file a weight", field="weights")
        members = tuple(Predictor.load(arrays[name].tobytes()) for name in names)
        reference = Profile.from_dict(meta["reference"])
    except InvalidArtifact:
        raise
    except (InvalidInput, KeyError, TypeError, ValueError) as error:
        raise InvalidArtifact(f"the ensemble file's header is not an ensemble's: {error}") from error
    first = members[0]
    for one in members[1:]:
        if (one.task, one.label, one.classes) != (first.task, first.label, first.classes):
            raise InvalidArtifact("the members of the ensemble predict different things", field="members")
    made = Ensemble(members, weights, reference)
    _check_kinds(made)
    check_reference(made)
    return made


def _weights(given: Any) -> tuple[float, ...]:
    numbers = isinstance(given, list) and all(type(one) is float and 0.0 < one < 1.0 for one in given)
    if not numbers or not 2 <= len(given) <= MOST_MEMBERS or abs(sum(given) - 1.0) > 1e-9:
        raise InvalidArtifact(
            f"the weights are not 2 to {MOST_MEMBERS} positive numbers that sum to 1", field="weights"
        )
    return tuple(given)


def _check_kinds(ensemble: Ensemble) -> None:
    """Rows are read once, for all members."""
    kinds = ensemble.schema.kinds
    for member in ensemble.members:
        for name, kind in member.schema.kinds.items():
            if kinds[name] != kind:
                raise InvalidArtifact("the members read one column as two kinds", field=f"schema.{name}"[:80])
