"""The tables are drawn by their names alone, and the benchmark runs on one that takes no time."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.boosting import ALLOWED, TABLES, drawn, figures, interval, line, shown
from tests.benchmarks.real_tables.listed import listed
from tests.benchmarks.tables import CLASSES, LABEL


def test_tables_with_classes_and_without_free_text_are_drawn_by_their_names() -> None:
    found = drawn(listed())
    assert len(found) > TABLES
    assert all(one.task == "classification" and not one.reading.texts for one in found)
    assert [one.name for one in found[:3]] == ["taxi-cancellation", "heart-disease", "arrests"]
    assert drawn(listed()[::-1]) == found


@pytest.mark.slow
def test_both_learn_from_the_same_rows_and_ours_loses_no_more() -> None:
    found = line("breast cancer", CLASSES["breast cancer"](), LABEL)
    assert (found.rows, found.columns, found.classes, len(found.figures)) == (569, 30, 2, 3)
    assert found.ratio < 1.02
    page = list(figures([found]))
    assert shown(found) in page
    assert page[-1] == "Above 1.02: no table."


def test_the_interval_is_around_the_geometric_mean() -> None:
    middle, low, high = interval(np.exp(np.random.default_rng(0).normal(size=400)).tolist())
    assert low < middle < high
    assert np.log(high / low) == pytest.approx(2 * 1.96 / 20, rel=0.1)


def test_no_table_of_the_page_has_a_loss_above_what_is_allowed() -> None:
    page = (Path(__file__).parents[2] / "docs/benchmarks/boosting.md").read_text()
    cells = [line.split("|")[1:-1] for line in page.splitlines() if re.search(r"\| \d+ x \d+ \|", line)]
    ratios = [float(one[5]) for one in cells]
    assert len({one[0] for one in cells}) == len(ratios) == TABLES
    assert ratios == pytest.approx([float(one[3]) / float(one[4]) for one in cells], abs=1e-3)
    assert max(ratios) <= ALLOWED
    [mean] = re.findall(r"the 16 tables: \*\*(\d\.\d+)\*\*", page)
    assert float(mean) == pytest.approx(np.exp(np.log(ratios).mean()), abs=1e-3)
