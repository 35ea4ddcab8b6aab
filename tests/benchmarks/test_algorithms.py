"""What the page of all algorithms says holds, as far as that takes no time."""

import pytest
from sklearn import datasets

from lepton_core.models import ALGORITHMS
from tests.benchmarks.algorithms import ENTRIES, Entry, ours, splits, theirs


def test_the_page_tells_of_algorithms_that_there_are() -> None:
    assert {entry.name for entry in ENTRIES} <= set(ALGORITHMS)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.classes], ids=lambda entry: entry.title
)
def test_classes_are_found_as_well_as_by_the_peer(entry: Entry) -> None:
    split = next(splits(datasets.load_breast_cancer))
    assert entry.classes is not None
    found, peer = ours(entry, "classification", split), theirs(entry.classes, "classification", split)
    assert found["score"] >= peer["score"] - 0.02
    assert found["loss"] <= peer["loss"] + 0.03


@pytest.mark.sampled(3)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.values], ids=lambda entry: entry.title)
def test_values_are_met_as_well_as_by_the_peer(entry: Entry) -> None:
    split = next(splits(datasets.load_diabetes))
    assert entry.values is not None
    found, peer = ours(entry, "regression", split), theirs(entry.values, "regression", split)
    assert found["score"] <= 1.05 * peer["score"]
