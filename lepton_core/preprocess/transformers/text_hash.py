"""TextHash: texts as counts of their words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.feature import Feature, ReadFeatures, TextFeature
from lepton_core.preprocess.hashed import WordReading, counts
from lepton_core.preprocess.transformers.base import finite, known_options
from lepton_core.remedy import argument
from lepton_core.table import Column, kind_of

USUAL_WORD_PLACES = 1024
_FEWEST_ROWS = 2  # the word of one row tells nothing of others
MOST_WORD_PLACES = 1 << 16
"""More places than this would not fit into memory as a matrix of even a few thousand texts."""


@dataclass(frozen=True)
class TextHash:
    """A text becomes ``size`` numbers: its words, counted in places that their hashes say.

    Words are runs of letters and digits in lower case. The count c of a place becomes (1 + log |c|) with its sign,
    times the place's weight log((1 + m) / (1 + d)) + 1, where d of the m fitted rows have a word there; then the row
    is scaled to length 1 (Salton and Buckley 1988, "Term-weighting approaches in automatic text retrieval"). A text
    without words, as a missing one, is 0 everywhere. With ``most``, only so many places are kept: those where most of
    the fitted rows have a word, and of them those where at least two have one. Then ``size`` can be large, so that
    hardly two words fall into one place.

    Options: ``size`` (default 1024), ``most`` (default None: every place is kept), ``pairs`` (default False; True
    counts every two words in sequence too) and ``idf`` (default True; False: every weight is 1).

    >>> from lepton_core.table import Texts
    >>> texts = Texts.of("note", ["good", "bad", "not bad"])
    >>> TextHash().fit(texts, {"size": 65536, "most": 5, "pairs": False, "idf": False})
    {'size': 65536, 'pairs': False, 'weights': (), 'places': (62034,)}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """Size and pairs, as they were asked for, the weight of each place that is kept, and these.

        No weight at all: each is 1. No place at all: every one is kept.
        """
        return {"size": _size, "pairs": _flag, "weights": _weights, "places": _places}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Texts."""
        return frozenset({"text"})

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Size, pairs and idf, and most if it is given. Raises `InvalidInput` naming the option that is wrong."""
        options = {
            "size": USUAL_WORD_PLACES,
            "pairs": False,
            "idf": True,
            **known_options("TextHash", given, ("size", "most", "pairs", "idf")),
        }
        if options.get("most") is None:
            options.pop("most", None)
        for name, read in (("size", _size), ("most", _most), ("pairs", _flag), ("idf", _flag)):
            if name in options:
                try:
                    options[name] = read(options[name])
                except ValueError as error:
                    raise InvalidInput(str(error), field=name) from error
        return options

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The weights, and the places if not every one is kept.

        Raises `InvalidData` naming the column if it holds numbers.
        """
        if kind_of(column).quantitative:
            way = argument(kinds={column.name: "text"})
            raise InvalidData(
                f"holds cells of kind {column.kind!r} and TextHash takes texts; upload the data with "
                f"{way} if that is what it is",
                column=column.name,
                remedies=(way,),
            )
        size, pairs, most = options["size"], options["pairs"], options.get("most")
        if not options["idf"] and most is None:
            return {"size": size, "pairs": pairs, "weights": ()}
        found = counts(kind_of(column).one_by_one(column), size, pairs=pairs).places
        rows_with = np.bincount(found, minlength=size)
        kept = {} if most is None else {"places": tuple(_most_frequent(rows_with, most).tolist())}
        counted = rows_with if most is None else rows_with[list(kept["places"])]
        weights = np.log((1 + len(column)) / (1 + counted)) + 1
        return {
            "size": size,
            "pairs": pairs,
            "weights": tuple(weights.tolist()) if options["idf"] else (),
            **kept,
        }

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[ReadFeatures]:
        """One feature a place that is kept, named ``column#place``.

        Raises `InvalidInput` for numbers (field 'input'), for weights that are not one a place (field 'weights') and
        for places that do not rise below ``size`` (field 'places').
        """
        if not isinstance(feature, TextFeature):
            raise InvalidInput(f"TextHash takes texts, and {feature.name!r} is a number", field="input")
        size, places = fitted["size"], fitted.get("places", ())
        if places and not (places[-1] < size and all(a < b for a, b in pairwise(places))):
            raise InvalidInput(f"must rise, and lie below the size {size}", field="places")
        reading = WordReading(size, fitted["pairs"], fitted["weights"], feature.fill, places)
        if len(reading.weights) not in (0, reading.width):
            raise InvalidInput("must be one a place, or none", field="weights")
        return (ReadFeatures(feature.name, feature.source, reading, places or range(size)),)


def _most_frequent(rows_with: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The places, ascending, with words of most rows, at least two of them; else the one with most, if there is one."""
    order = np.argsort(-rows_with, kind="stable")[:most]
    kept = order[rows_with[order] >= _FEWEST_ROWS]
    return np.sort(kept if len(kept) else order[:1])


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST_WORD_PLACES:
        raise ValueError(f"must be a whole number from 2 to {MOST_WORD_PLACES}")
    return value


def _most(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_WORD_PLACES:
        raise ValueError(f"must be a whole number from 1 to {MOST_WORD_PLACES}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be True or False")
    return value


def _weights(value: Any) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MOST_WORD_PLACES:
        raise ValueError(f"must be a list of at most {MOST_WORD_PLACES} numbers")
    if set(map(type, value)) == {float} and isfinite(sum(value)):  # of thousands, a call for each takes long
        return tuple(value)
    return tuple(map(finite, value))


def _places(value: Any) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_WORD_PLACES:
        raise ValueError(f"must be a list of 1 to {MOST_WORD_PLACES} places")
    if set(map(type, value)) != {int} or min(value) < 0 or max(value) >= MOST_WORD_PLACES:
        raise ValueError(f"must hold whole numbers from 0 to {MOST_WORD_PLACES - 1}")
    return tuple(value)
