"""Two models on the same rows, and which of these rows belong together."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_core.compare import blocks_of, compare
from lepton_core.predict import Predictor
from lepton_core.promotion import held_out_loss
from lepton_core.table import BY_FILE, COPIES, Categories, Numbers, Split, Table
from lepton_core.train import Recipe, train


def table(m: int, *, seed: int = 0, kind: str = "classes", scale: float = 1.0) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=m)
    noisy = x + rng.normal(size=m)
    label = (
        Numbers("y", noisy * scale)
        if kind == "values"
        else Categories.of("y", np.where(noisy > 0, "yes", "no").tolist())
    )
    return Table((Numbers("x", x), label))


def texts(rows: Table) -> list[str | None]:
    label = rows["y"]
    assert isinstance(label, Categories)
    return [label.levels[code] for code in label.codes]


def trained(rows: Table, algorithm: str = "logistic_regression") -> Predictor:
    return train(Recipe(algorithm, "y", {}), rows, np.arange(rows.rows))


def test_classes_are_compared_by_loss_area_and_hits() -> None:
    champion, challenger, rows = trained(table(20, seed=1)), trained(table(400, seed=2)), table(300)
    found = compare(champion, challenger, rows)
    assert found is not None and found.auc is not None and found.hits is not None
    losses = held_out_loss(champion, rows), held_out_loss(challenger, rows)
    assert found.difference == pytest.approx(losses[0] - losses[1])
    labels = np.array(texts(rows))
    right = [
        np.array(one.classes)[one.predict(rows.without("y")).argmax(axis=1)] == labels
        for one in (champion, challenger)
    ]
    assert found.hits.champion_only == np.sum(right[0] & ~right[1])
    assert found.hits.challenger_only == np.sum(right[1] & ~right[0])


@pytest.mark.parametrize("scale", [1.0, 1e140])
def test_values_are_compared_by_their_root_mean_squared_errors(scale: float) -> None:
    champion, challenger = (
        trained(table(m, seed=m, kind="values", scale=scale), "linear_regression") for m in (10, 400)
    )
    rows = table(300, kind="values", scale=scale)
    found = compare(champion, challenger, rows)
    assert found is not None and found.auc is None and found.hits is None
    expected = held_out_loss(champion, rows) - held_out_loss(challenger, rows)
    assert found.difference / scale == pytest.approx(expected / scale, rel=1e-9)
    assert found.low < found.difference < found.high
    assert 0 < found.error / scale < 1


def test_models_of_other_classes_have_no_areas_in_common() -> None:
    rows = table(60, seed=2)
    renamed = ["maybe" if i % 3 == 0 else text for i, text in enumerate(texts(rows))]
    wider = trained(Table((rows["x"], Categories.of("y", renamed))))
    found = compare(trained(rows), wider, table(100))
    assert found is not None and found.hits is not None
    assert found.auc is None
    several = compare(wider, wider, table(100))
    assert several is not None and several.auc is None


def test_rows_of_a_class_that_neither_knows_are_right_for_neither() -> None:
    model = trained(table(60))
    rows = table(50)
    unknown = Table((rows["x"], Categories.of("y", ["new"] * 40 + texts(rows)[40:])))
    found = compare(model, model, unknown)
    assert found is not None and found.hits is not None
    assert (found.difference, found.hits.champion_only) == (0.0, 0)


def test_blocks_take_the_place_of_tests_for_independent_rows() -> None:
    champion, challenger = trained(table(20, seed=1)), trained(table(400, seed=2))
    found = compare(champion, challenger, table(300), np.repeat(np.arange(30), 10))
    assert found is not None
    assert (found.blocks, found.auc, found.hits) == (30, None, None)


GROUPS = Split("group-1", column="who")


def test_the_rows_of_a_group_are_one_block_and_a_row_without_one_is_its_own() -> None:
    who = Categories.of("who", ["ann", "bob", None, "ann", None])
    found = blocks_of(table(5), GROUPS, who)
    assert found is not None
    assert found[0] == found[3]
    assert len(set(found.tolist())) == 4


def test_in_a_split_by_time_rows_that_follow_each_other_are_one_block() -> None:
    when = np.random.default_rng(0).permutation(1000).astype(float)
    found = blocks_of(table(1000), replace(GROUPS, rule="time-1", column="when"), Numbers("when", when))
    assert found is not None
    assert found.tolist() == (when // 10).astype(int).tolist()


@pytest.mark.parametrize("split", [COPIES, BY_FILE, replace(GROUPS, rule="column-1", column="part")])
def test_other_rows_are_independent(split: Split) -> None:
    by = None if split.column is None else Categories.of("part", ["test"] * 5)
    assert blocks_of(table(5), split, by) is None
