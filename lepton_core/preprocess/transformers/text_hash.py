"""TextHash: texts as counts of their words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.feature import Feature, NumberFeature, TextFeature
from lepton_core.preprocess.hashed import WordReading, counts
from lepton_core.preprocess.transformers.base import finite, known_options
from lepton_core.remedy import argument
from lepton_core.table import Column, kind_of

USUAL_WORD_PLACES = 1024
MOST_WORD_PLACES = 1 << 16
"""More places than this would not fit into memory as a matrix of even a few thousand texts."""


@dataclass(frozen=True)
class TextHash:
    """A text becomes ``size`` numbers: its words, counted in places that their hashes say.

    Words are runs of letters and digits in lower case. The count c of a place becomes (1 + log |c|) with its sign,
    times the place's weight log((1 + m) / (1 + d)) + 1, where d of the m fitted rows have a word there; then the row
    is scaled to length 1 (Salton and Buckley 1988, "Term-weighting approaches in automatic text retrieval"). A text
    without words, as a missing one, is 0 everywhere.

    Options: ``size`` (default 1024), ``pairs`` (default False; True counts every two words in sequence too) and
    ``idf`` (default True; False: every weight is 1).

    >>> from lepton_core.table import Texts
    >>> TextHash().fit(Texts.of("note", ["good", "bad"]), {"size": 2, "pairs": False, "idf": False})
    {'size': 2, 'pairs': False, 'weights': ()}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """Places and pairs, as they were asked for, and the weight of each place; no weight at all: each is 1."""
        return {"size": _size, "pairs": _flag, "weights": _weights}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Texts."""
        return frozenset({"text"})

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Size, pairs and idf. Raises `InvalidInput` naming the option that is wrong."""
        options = {
            "size": USUAL_WORD_PLACES,
            "pairs": False,
            "idf": True,
            **known_options("TextHash", given, ("size", "pairs", "idf")),
        }
        for name, read in (("size", _size), ("pairs", _flag), ("idf", _flag)):
            try:
                options[name] = read(options[name])
            except ValueError as error:
                raise InvalidInput(str(error), field=name) from error
        return options

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The weights. Raises `InvalidData` naming the column if it holds numbers."""
        if kind_of(column).quantitative:
            way = argument(kinds={column.name: "text"})
            raise InvalidData(
                f"holds cells of kind {column.kind!r} and TextHash takes texts; upload the data with "
                f"{way} if that is what it is",
                column=column.name,
                remedies=(way,),
            )
        size, pairs = options["size"], options["pairs"]
        if not options["idf"]:
            return {"size": size, "pairs": pairs, "weights": ()}
        places = counts(kind_of(column).one_by_one(column), size, pairs=pairs).places
        rows_with = np.bincount(places, minlength=size)
        weights = np.log((1 + len(column)) / (1 + rows_with)) + 1
        return {"size": size, "pairs": pairs, "weights": tuple(weights.tolist())}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature a place, named ``column#place``.

        Raises `InvalidInput` for numbers (field 'input'), and for weights that are not one a place (field 'weights').
        """
        if not isinstance(feature, TextFeature):
            raise InvalidInput(f"TextHash takes texts, and {feature.name!r} is a number", field="input")
        if len(fitted["weights"]) not in (0, fitted["size"]):
            raise InvalidInput("must be one a place, or none", field="weights")
        reading = WordReading(fitted["size"], fitted["pairs"], fitted["weights"], feature.fill)
        return tuple(
            NumberFeature(f"{feature.name}#{place}", feature.source, reading=reading, place=place)
            for place in range(reading.size)
        )


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST_WORD_PLACES:
        raise ValueError(f"must be a whole number from 2 to {MOST_WORD_PLACES}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be True or False")
    return value


def _weights(value: Any) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MOST_WORD_PLACES:
        raise ValueError(f"must be a list of at most {MOST_WORD_PLACES} numbers")
    return tuple(map(finite, value))
