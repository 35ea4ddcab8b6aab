"""The benchmark of predictions runs, and both sides predict the same rows."""

import numpy as np
import pytest

from lepton_ai.data import Data
from tests.benchmarks.hot_path import figures
from tests.benchmarks.hot_path_tables import TABLES


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_the_same_each_time_and_scikit_learn_predicts_its_dicts(name: str) -> None:
    given = TABLES[name](200)
    assert given.rows == TABLES[name](200).rows
    assert np.isfinite(given.fitted()(given.rows[:50])).all()


def test_the_mixed_tables_have_columns_of_many_kinds() -> None:
    *_, given = (make(300) for make in TABLES.values())
    kinds = set(Data.from_pandas(given.frame, label="label").table.schema.kinds.values())
    assert kinds == {"number", "integer", "category", "date", "boolean", "text"}


@pytest.mark.slow
@pytest.mark.lengthy
def test_the_page_has_a_line_for_one_row_and_for_many_of_each_table() -> None:
    lines = [line.split("|")[1:3] for line in figures(many=40, rounds=1) if line.startswith("| ")]
    told = [(name.strip(), rows.strip()) for name, rows in lines[1:]]
    assert told == [(name, rows) for name in TABLES for rows in ("1", "40")]
