"""The tables are drawn by their names alone, and the benchmark runs on two that take no time."""

import pytest

from tests.benchmarks.real_tables.listed import listed
from tests.benchmarks.tables import CLASSES, LABEL, VALUES
from tests.benchmarks.uncertainty import EACH, drawn, figures, lines, shown


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_tables_are_drawn_by_their_names(task: str) -> None:
    found = drawn(listed(), task)
    assert len(found) > EACH
    assert all(one.task == task and not one.reading.texts for one in found)
    assert drawn(listed()[::-1], task) == found


@pytest.mark.slow
def test_a_table_of_values_and_one_of_classes_are_measured() -> None:
    values = next(lines([("diabetes", VALUES["diabetes"](), LABEL, "regression")]))
    classes = next(lines([("breast cancer", CLASSES["breast cancer"](), LABEL, "classification")]))
    page = list(figures([values], [classes]))
    assert shown(values) in page and shown(classes) in page
    for line in (values, classes):
        assert all(one.share > 0.8 for one in line.coverages(0.9))
    after = [one.calibrated for one in classes.reports]  # type: ignore[union-attr]
    assert all(one is not None and one.chosen != "none" for one in after)
