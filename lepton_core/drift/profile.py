"""The reference that drift is measured against: the bins of each feature, and the training rows in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core import fields
from lepton_core.format_check import check_format
from lepton_core.table import Table, kind_of
from lepton_core.table.kinds import BY_NAME, Bins, CategoryBins, NumberBins

FORMAT = 3
"""Of a profile as JSON; it has the least number that has all that is in it.

Without a number it has the first one, where all rare levels of a column share one bin. In the second they share up to
eight; in both a text is told by its length. The third knows words.
"""

MAX_FEATURES = 1000
"""Features beyond these many are not watched: a window of all counts has to fit into one record."""

PREDICTION = "prediction"


@dataclass(frozen=True)
class Profile:
    """The bins of the features, in the order of the training table, and of the prediction."""

    features: tuple[Bins, ...]
    prediction: Bins

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives it back exactly."""
        features = [bins.as_dict() for bins in self.features]
        needs = 3 if any("words" in bins for bins in features) else 2
        newer = any({"buckets", "words"} & bins.keys() for bins in features)
        return {
            **({"format": needs} if newer else {}),
            "features": features,
            "prediction": self.prediction.as_dict(),
        }

    @classmethod
    def from_dict(cls, value: Any) -> "Profile":
        """Read what `as_dict` wrote. Raises `InvalidArtifact` naming the field that is wrong."""
        given = fields.mapping(value, "profile")
        check_format(given.get("format", 1), FORMAT, "profile")
        features = tuple(map(_bins, fields.items(fields.part(given, "features"), "features")))
        fields.texts([bins.name for bins in features], "features")
        return cls(features, _bins(fields.part(given, "prediction")))


def profile(
    features: Table, predictions: NDArray[np.float64], classes: Sequence[str] | None = None
) -> Profile:
    """The reference of a model: its training ``features`` and its ``predictions`` for them.

    ``predictions`` are class probabilities (m, K) with the names of the K ``classes``, or values (m,) with
    None. A number gets up to 10 bins of about equal counts; one of at most 10 distinct values a bin for each;
    a constant one on either side as well. Only the first 1000 features are watched.

    Raises ``ValueError`` if ``predictions`` of classes are not of shape (m, K).

    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("x", np.array([0.0, 1.0, 1.0, np.nan])),))
    >>> made = profile(table, np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]), ["no", "yes"])
    >>> made.features[0]
    NumberBins(name='x', edges=(0.5,), counts=(1, 2, 1), kind='number')
    >>> made.prediction
    CategoryBins(name='prediction', levels=('no', 'yes'), grouped=(), groups=0, counts=(2, 2, 0, 0), buckets=1)
    """
    made = tuple(kind_of(column).reference(column) for column in features.columns[:MAX_FEATURES])
    if classes is None:
        return Profile(made, NumberBins.of(PREDICTION, np.asarray(predictions, dtype=np.float64)))
    empty = CategoryBins(PREDICTION, tuple(classes), (), 0, (0,) * (len(classes) + 2))
    counts = tuple(empty.tally_predictions(predictions).tolist())
    return Profile(made, replace(empty, counts=counts))


def _bins(value: Any) -> Bins:
    given = fields.mapping(value, "bins")
    name = fields.text(fields.part(given, "name"), "name")
    fields.part(given, "counts")
    kind = fields.text(fields.part(given, "kind"), f"{name}.kind")
    if kind not in BY_NAME:
        fields.refuse(f"one of {', '.join(BY_NAME)} was expected", f"{name}.kind")
    return BY_NAME[kind].read_bins(given, name)
