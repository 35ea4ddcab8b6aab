"""The transformers to choose from: each with the columns that it reads and its options, as a form can be made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lepton_core.preprocess.calendar import PARTS
from lepton_core.preprocess.transformers import SUPERVISED, TRANSFORMERS
from lepton_core.preprocess.transformers.date_parts import USUAL
from lepton_core.preprocess.transformers.hash import MOST_PLACES, USUAL_PLACES
from lepton_core.preprocess.transformers.impute import STRATEGIES
from lepton_core.preprocess.transformers.levels import FEWEST
from lepton_core.preprocess.transformers.quantile import DISTRIBUTIONS, MAX_QUANTILES, QUANTILES
from lepton_core.preprocess.transformers.target_encode import USUAL_SMOOTH
from lepton_core.preprocess.transformers.text_hash import MOST_WORD_PLACES, USUAL_WORD_PLACES


@dataclass(frozen=True)
class Option:
    """One option of a transformer. ``type`` is 'int', 'float', 'str', 'bool', 'cell' (number or text) or 'list[str]'.

    ``default`` None is what the data, or other options, decide. ``low <= value <= high``, each unless None;
    ``choices`` are the values, or the entries, that there are.
    """

    name: str
    type: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ListedTransformer:
    """One transformer; ``help`` is one line, ``reads`` are the kinds of column that it takes of the block 'X'.

    ``supervised``: it learns from the label, so it is fitted to the rows of each training.
    """

    name: str
    help: str
    reads: tuple[str, ...]
    supervised: bool
    options: tuple[Option, ...]


_RARE = Option(
    "fewest", "int", FEWEST, "The fewest rows that have a level of its own; rarer ones share one.", low=1
)

OPTIONS: dict[str, tuple[Option, ...]] = {
    "Quantile": (
        Option(
            "distribution", "str", "uniform", "A share from 0 to 1, or its z-score.", choices=DISTRIBUTIONS
        ),
        Option("quantiles", "int", QUANTILES, "How finely it is told.", low=2, high=MAX_QUANTILES),
    ),
    "PolynomialFeatures": (
        Option("interaction_only", "bool", False, "Products of two columns only, and no squares."),
    ),
    "Impute": (
        Option("strategy", "str", "mean", "What a missing cell gets.", choices=STRATEGIES),
        Option("value", "cell", None, "The number or text that a missing cell gets; only with constant."),
    ),
    "OneHot": (_RARE,),
    "Ordinal": (_RARE,),
    "TargetEncode": (
        Option(
            "smooth", "float", USUAL_SMOOTH, "So many rows of the mean of all are added to each level.", low=0
        ),
        _RARE,
    ),
    "Hash": (Option("size", "int", USUAL_PLACES, "Columns that are made.", low=1, high=MOST_PLACES),),
    "DateParts": (
        Option("parts", "list[str]", None, f"Left out: {', '.join(USUAL)}.", choices=tuple(PARTS)),
    ),
    "TextHash": (
        Option("size", "int", USUAL_WORD_PLACES, "Places for words.", low=2, high=MOST_WORD_PLACES),
        Option(
            "most", "int", None, "The most places that are kept. Left out: all.", low=1, high=MOST_WORD_PLACES
        ),
        Option("pairs", "bool", False, "Every two words in sequence count too."),
        Option("idf", "bool", True, "A word counts less, the more rows have it."),
    ),
}
"""The options of each transformer that has any."""


def transformer_listing() -> list[ListedTransformer]:
    """All transformers, in the order of the registry.

    >>> [one.name for one in transformer_listing()][:2]
    ['Normalize', 'MinMax']
    """
    return list(_listed())


def _listed() -> Iterator[ListedTransformer]:
    for name, one in TRANSFORMERS.items():
        yield ListedTransformer(
            name=name,
            help=(type(one).__doc__ or "").partition("\n")[0],
            reads=tuple(sorted(one.reads(one.configure({})))),
            supervised=name in SUPERVISED,
            options=OPTIONS.get(name, ()),
        )
