"""The tables are drawn by their names alone, and the benchmark runs on two that take no time."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.real_tables.listed import listed
from tests.benchmarks.tables import CLASSES, LABEL, VALUES
from tests.benchmarks.uncertainty import EACH, drawn, figures, lines, shown

_SHARES = re.compile(r"\| [a-z-]+ \| \d+ \| [a-z_]+ \|").match


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


def test_what_the_page_promises_stands_in_its_tables() -> None:
    page = (Path(__file__).parents[2] / "docs/benchmarks/uncertainty.md").read_text()
    tables = page.split("| classes |")
    found = [
        np.array(
            [[float(one) for one in line.split("|")[4:7]] for line in table.splitlines() if _SHARES(line)]
        )
        for table in tables
    ]
    assert [one.shape for one in found] == [(2 * EACH, 3)] * 2
    said = page[page.index("The mean share over the ten lines") :]
    told = [float(one) for one in re.findall(r"\d\d\.\d", said)]
    assert told == np.concatenate([one.mean(axis=0).round(1) for one in found]).tolist()
    for shares in found:
        assert np.abs(shares.mean(axis=0) - [80, 90, 95]).max() < 1
    values, classes = found
    assert (np.abs(values - [80, 90, 95]) < 5).all()
    assert (classes > np.array([80, 90, 95]) - 5).all()  # a set of one class cannot be smaller
