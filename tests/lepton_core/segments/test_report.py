"""An evaluation looks for weak segments where columns are given to it, in rows whose class the version knows."""

from typing import Any

import numpy as np
import pytest

from lepton_core.evaluate import by_prediction
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from lepton_core.validation import headline, report

RNG = np.random.default_rng(0)
A = RNG.normal(size=200)


def table_of(classes: list[Any] | None) -> Table:
    label = Numbers("y", 2 * A) if classes is None else Categories.of("y", classes)
    return Table((Numbers("a", A), Categories.of("c", ["u", "v"] * 100), label))


def test_rows_of_a_class_that_it_never_saw_are_left_out_of_its_segments() -> None:
    seen = np.where(A > 0, "yes", "no").tolist()
    made = train(Recipe("logistic_regression", "y", {}), table_of(seen), np.arange(200))
    with_more = ["maybe" if at % 10 == 0 else one for at, one in enumerate(seen)]
    held_out = table_of(with_more)
    found: Any = report(made, held_out, looked_at=held_out.without("y"))
    assert found.unknown_class_rows == 20
    assert found.segments.rows == 180
    assert found.segments.columns == 2


def test_without_columns_to_look_at_there_are_none_and_the_figures_are_the_same() -> None:
    table = table_of(None)
    made = train(Recipe("linear_regression", "y", {}), table, np.arange(200))
    without: Any = report(made, table)
    found: Any = report(made, table, looked_at=table.without("y"))
    assert without.segments is without.by_prediction is None
    assert headline(found) == headline(without)
    assert set(headline(found)) == {"rmse", "mae", "r2", "mean_residual"}
    assert found.segments.score.value == pytest.approx(found.rmse)


@pytest.mark.parametrize(("rows", "bins"), [(1, 1), (7, 7), (200, 10), (203, 10)])
def test_what_is_true_by_prediction_covers_all_rows_in_their_order(rows: int, bins: int) -> None:
    rng = np.random.default_rng(rows)
    y, p = rng.normal(size=rows), rng.normal(size=rows)
    found = by_prediction(y, p)
    assert len(found.count) == bins and sum(found.count) == rows
    assert max(found.count) - min(found.count) <= 1
    order = np.argsort(p)
    at = np.split(order, np.cumsum(found.count)[:-1])
    assert found.true == pytest.approx([y[one].mean() for one in at])
    assert found.predicted == pytest.approx([p[one].mean() for one in at])
    assert found.low == pytest.approx([np.quantile(y[one], 0.1) for one in at])
    assert found.high == pytest.approx([np.quantile(y[one], 0.9) for one in at])
