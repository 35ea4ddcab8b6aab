"""What was tried so that more columns are recognised: other trees, more trees, and more figures of a column.

``python -m tests.benchmarks.column_types_ideas PATH`` prints the page's table; PATH is the file of Shah et al. Each
idea answers for the trees that are shipped, within the same rules, on the five splits of
`tests.benchmarks.column_types`.
"""

import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier

from lepton_core.table.spelling.classes import CLASSES, Looks
from lepton_core.table.spelling.evidence import Evidence, vector
from lepton_core.table.spelling.recognise import asks_for_looks
from tests.benchmarks.column_types import SEEDS, Labelled, folds, kept_apart, read, right, tables
from tests.benchmarks.column_types_training import SETTINGS, trained

Scores = NDArray[np.float64]
Idea = Callable[[Sequence[Labelled], Sequence[Labelled]], Scores]
"""What to learn from, and what to say log-odds (m, K) of."""

BAGS = 5
PAIRS = 512
"""Sums of pairs of letters a column."""


@dataclass(frozen=True, eq=False)
class Told:
    """Looks of one column, whose log-odds (K,) are given; without a reason."""

    given: Scores
    usual: Scores

    def scores(self, X: Scores) -> Scores:
        """The given ones, (1, K)."""
        return self.given[None, :]

    def scores_without(self, figures: Scores, chosen: NDArray[np.int64]) -> Scores:
        """The given ones, (k, K)."""
        return np.repeat(self.given[None, :], len(chosen), axis=0)


def which_right(columns: Sequence[Labelled], scores: Scores) -> NDArray[np.bool_]:
    """Of which columns the product says the right class with these log-odds (m, K): (m,)."""
    found = [
        right([column], cast(Looks, Told(given, vector(column[0]))))[0]
        for column, given in zip(columns, scores, strict=True)
    ]
    return np.array(found, dtype=np.bool_)


def figures_of(columns: Sequence[Labelled]) -> Scores:
    """The figures of the columns, (m, p)."""
    return np.array([vector(one) for one, _ in columns])


def pairs_of(evidence: Evidence) -> Scores:
    """How often each of `PAIRS` sums of pairs of letters occurs in a cell, (PAIRS,); digits are alike."""
    found = np.zeros(PAIRS)
    cells = list(evidence.present)[:5]
    for cell in cells:
        text = re.sub("[0-9]", "9", f"^{cell[:80].lower()}$")
        for a, b in pairwise(text):
            found[zlib.crc32((a + b).encode()) % PAIRS] += 1 / len(cells)
    return found


def with_pairs(columns: Sequence[Labelled]) -> Scores:
    """The figures of the columns and their pairs of letters, (m, p + PAIRS)."""
    return np.hstack([figures_of(columns), [pairs_of(one) for one, _ in columns]])


def ours(settings: Mapping[str, Any], bags: int = 1) -> Idea:
    """Our own boosting with other settings, or the mean of several with other seeds."""

    def scores(learned: Sequence[Labelled], kept: Sequence[Labelled]) -> Scores:
        X = figures_of(kept)
        found = [trained(learned, seed, settings).scores(X) for seed in range(bags)]
        return np.asarray(np.mean(found, axis=0))

    return scores


def theirs(*makes: Callable[[], Any], figures: Callable[[Sequence[Labelled]], Scores] = figures_of) -> Idea:
    """Learners of scikit-learn, whose probabilities are averaged."""

    def scores(learned: Sequence[Labelled], kept: Sequence[Labelled]) -> Scores:
        asked = [one for one in learned if one[1] in CLASSES and asks_for_looks(one[0])]
        y = [CLASSES.index(label) for _, label in asked]
        X, Z = figures(asked), figures(kept)
        chances = np.mean([make().fit(X, y).predict_proba(Z) for make in makes], axis=0)
        return np.asarray(np.log(np.clip(chances, 1e-9, 1)))

    return scores


def _forest() -> RandomForestClassifier:
    return RandomForestClassifier(400, random_state=0)


def _random_trees() -> ExtraTreesClassifier:
    return ExtraTreesClassifier(400, random_state=0)


def _boosting() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=200, max_leaf_nodes=15, max_features=0.3, random_state=0
    )


IDEAS: Mapping[str, Idea] = {
    "as it is": ours(SETTINGS),
    "more and smaller steps: 500 rounds at 0.03": ours(
        {**SETTINGS, "iterations": 500, "learning_rate": 0.03}
    ),
    "larger trees: 31 leaves of 15 % of the figures": ours(
        {**SETTINGS, "max_leaf_nodes": 31, "max_features": 0.15}
    ),
    "20 leaves of 12 % of the figures": ours({**SETTINGS, "max_leaf_nodes": 20, "max_features": 0.12}),
    f"{BAGS} times as many trees: the mean of {BAGS} seeds": ours(SETTINGS, BAGS),
    "a random forest of scikit-learn, as published": theirs(_forest),
    "boosting of scikit-learn": theirs(_boosting),
    "the mean of a forest, random trees and boosting": theirs(_forest, _random_trees, _boosting),
    f"the same, and {PAIRS} sums of pairs of letters": theirs(
        _forest, _random_trees, _boosting, figures=with_pairs
    ),
}


def lines(
    columns: Sequence[Labelled], table: NDArray[np.str_], ideas: Mapping[str, Idea] = IDEAS
) -> Iterator[str]:
    """The table: of each idea the share that is right, of each split, on the average, and of whole tables kept apart.

    ``table`` (m,) says of which table each column is.
    """
    yield f"| tried | {' | '.join(f'seed {seed}' for seed in SEEDS)} | mean | whole tables |"
    yield "|---" * (len(SEEDS) + 3) + "|"
    fold = folds(table)
    by_table = [(np.flatnonzero(fold != k).tolist(), np.flatnonzero(fold == k).tolist()) for k in range(4)]
    for name, idea in ideas.items():
        shares = [_right_of(columns, idea, *kept_apart(len(columns), seed)).mean() for seed in SEEDS]
        whole = np.concatenate([_right_of(columns, idea, *sides) for sides in by_table])
        told = " | ".join(f"{share:.4f}" for share in (*shares, np.mean(shares), whole.mean()))
        yield f"| {name} | {told} |"


def _right_of(
    columns: Sequence[Labelled], idea: Idea, learned: Sequence[int], kept: Sequence[int]
) -> NDArray[np.bool_]:
    chosen = [columns[i] for i in kept]
    return which_right(chosen, idea([columns[i] for i in learned], chosen))


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for line in lines(read(place), tables(place)):
        print(line, flush=True)  # noqa: T201
