"""A row of plain numbers is predicted to the same bits, or left to others."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lepton_core.drift import Counter
from lepton_core.models import ALGORITHMS
from lepton_core.plain_version import PlainVersion
from lepton_core.predict import Predictor
from lepton_core.table import Categories, Numbers, Table, read_rows
from lepton_core.train import Recipe, train
from tests.support.algorithms import quick

CASES = [(name, task) for name, of in ALGORITHMS.items() for task in sorted(of.tasks)]


def table(task: str, *, more: bool = False, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    features: list[Any] = [Numbers(name, rng.normal(size=60) * 10) for name in ("c", "a")]
    features.append(Numbers("b", rng.integers(0, 9, size=60).astype(float), "integer"))
    if more:
        features.append(Categories.of("k", ["u", "v"] * 30))
    if task == "regression":
        return Table((*features, Numbers("y", features[0].values + rng.normal(size=60))))
    levels = [("no", "yes", "so")[int(value > 0) + int(value > 9)] for value in features[0].values]
    return Table((*features, Categories.of("y", levels)))


def trained(name: str, task: str, *, more: bool = False) -> Predictor:
    recipe = Recipe(name, "y", quick(ALGORITHMS[name]))
    return train(recipe, table(task, more=more), np.arange(60))


def rows_of(given: Table) -> Iterator[dict[str, float]]:
    names = [one for one in given.names if one != "y"]
    for row in range(given.rows):
        yield {name: float(given[name].values[row]) for name in names}  # type: ignore[union-attr]


def values_of(plain: PlainVersion, row: Mapping[str, float]) -> NDArray[np.float64]:
    return np.frombuffer(plain.packed.pack(*(row[one.name] for one in plain.predictor.schema.columns)))


@pytest.mark.parametrize(("name", "task"), CASES)
def test_it_predicts_and_counts_what_a_table_does(name: str, task: str) -> None:
    predictor = trained(name, task)
    plain = PlainVersion.of(predictor)
    assert plain is not None
    seen, output, one_by_one = [], [], Counter(predictor.reference)
    for row in [*rows_of(table(task, seed=1)), {"a": 1, "b": 2.5, "c": -3}, {"b": 0, "c": 1, "a": 10**30}]:
        read = read_rows([row], predictor.schema).table
        values = values_of(plain, row)
        found = plain.predict(values)
        assert found is not None
        assert found.tobytes() == predictor.predict(read).tobytes()
        seen.append(values)
        output.append(found)
        one_by_one.observe(read, found, len(seen) / 7)
    together = Counter(predictor.reference)
    latencies = [count / 7 for count in range(1, len(seen) + 1)]
    together.observe_each(plain.table(seen), np.concatenate(output), latencies)
    assert together.snapshot().as_dict() == one_by_one.snapshot().as_dict()


def test_what_is_not_finite_is_left_to_others() -> None:
    plain = PlainVersion.of(trained("logistic_regression", "classification"))
    assert plain is not None
    values = values_of(plain, {"a": float("inf"), "b": 1.0, "c": 1.0})
    assert plain.predict(values) is None


def test_other_columns_than_numbers_are_not_plain() -> None:
    assert PlainVersion.of(trained("logistic_regression", "classification", more=True)) is None
