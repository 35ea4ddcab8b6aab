"""What is tried beside the trees that are shipped: it answers within the same rules, for columns not learned from."""

import numpy as np
import pytest

from lepton_core.table.spelling.classes import CLASSES
from lepton_core.table.spelling.evidence import evidence_of
from tests.benchmarks.column_types import Labelled
from tests.benchmarks.column_types_ideas import BAGS, PAIRS, lines, ours, pairs_of, theirs, which_right


def columns(count: int) -> list[Labelled]:
    """Prices and colours in turn."""
    prices: list[Labelled] = [
        (evidence_of({str(7 * n + i): 1 for n in range(60)}), "numeric") for i in range(count // 2)
    ]
    colours: list[Labelled] = [
        (evidence_of({"red": 9 + i, "blue": 8, "dark green": 7}), "categorical") for i in range(count // 2)
    ]
    return [one for pair in zip(prices, colours, strict=True) for one in pair]


def test_log_odds_decide_within_the_rules() -> None:
    some = columns(8)
    good = np.array([[float(name == label) * 9 for name in CLASSES] for _, label in some])
    assert which_right(some, good).all()
    doubted = np.array([[float(name == "context-specific") * 9 for name in CLASSES] for _ in some])
    assert not which_right(some, doubted).all()


def test_pairs_of_letters_are_counted_a_cell_and_digits_are_alike() -> None:
    assert pairs_of(evidence_of({"a1": 1})).sum() == pytest.approx(3)  # the ends count as letters
    assert (pairs_of(evidence_of({"a1": 1})) == pairs_of(evidence_of({"A7": 1}))).all()
    assert pairs_of(evidence_of({"ab": 1, "abcd": 5})).sum() == pytest.approx((3 + 5) / 2)
    assert pairs_of(evidence_of({})).shape == (PAIRS,)


def texts(count: int) -> list[Labelled]:
    """Columns of as many words a cell as the place of their class."""
    return [
        (
            evidence_of(
                {" ".join([word] * (1 + i % len(CLASSES))): 9 + i for word in ("red", "pale", "dark")}
            ),
            CLASSES[i % len(CLASSES)],
        )
        for i in range(count)
    ]


def test_each_idea_gets_a_line_with_its_mean() -> None:
    class Guess:
        """Says the commonest class."""

        def fit(self, X: object, y: list[int]) -> "Guess":
            self.best = max(y, key=y.count)
            return self

        def predict_proba(self, X: list[object]) -> np.ndarray:
            return np.tile(np.eye(len(CLASSES))[self.best], (len(X), 1))

    few = {"iterations": 5, "learning_rate": 0.3, "max_leaf_nodes": 8, "max_features": 1.0}
    ideas = {"ours": ours(few, BAGS), "a guess": theirs(Guess)}
    table = np.array([str(i // 7) for i in range(140)])
    head, _, boosted, guessed = lines(texts(140), table, ideas)
    assert head.startswith("| tried | seed 0 |")
    means, whole = (
        [float(line.rstrip(" |").split(" | ")[at]) for line in (boosted, guessed)] for at in (-2, -1)
    )
    assert means[0] > 0.3 > means[1]
    assert whole[0] > 0.3 > whole[1]  # within the rules no text looks like a number
