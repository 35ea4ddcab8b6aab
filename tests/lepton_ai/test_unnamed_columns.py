"""A column without a name is called after its place, in files, frames and rows alike."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_core.table import Schema
from lepton_core.table.rows import read_rows
from lepton_core.table.schema import ColumnSchema


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    folder: Path = tmp_path_factory.mktemp("unnamed")
    rows = "".join(f"{row % 7},{row / 10},{'ny'[row >= 30]}\n" for row in range(60))
    (folder / "train.csv").write_text("a,,y\n" + rows)
    transport = EmbeddedTransport(folder / "platform")
    made = Model("logistic_regression", name="m", transport=transport, quiet=True)
    made.upload_data(Data.from_csv(folder / "train.csv", quiet=True))
    made.train()
    made.deploy()
    yield made
    transport.close()


@pytest.mark.parametrize("key", ["", " ", None, float("nan"), "column_2"])
@pytest.mark.parametrize("count", [1, 2, 400])
def test_rows_give_it_under_a_blank_key(model: Model, key: Any, count: int) -> None:
    rows = [{"a": 1.0, key: 5.5}, {"a": 1.0, key: 0.5}] * count
    answer = model.predict(rows)
    assert answer.labels == ["y", "n"] * count
    assert not answer.notes.ignored
    assert not answer.notes.filled
    assert model.predict(rows[0]).label == "y"
    assert model.predict(pd.Series(rows[0])).label == "y"
    assert model.predict(pd.DataFrame(rows)).labels == answer.labels


def test_over_http_too() -> None:
    schema = Schema((ColumnSchema("column_2", "number"), ColumnSchema("a", "number")))
    assert read_rows([{"a": 1.5, "": 2.5}], schema).table["column_2"].values.tolist() == [2.5]
    assert read_rows([[1.5, 2.5]], schema, ["a", ""]).table["column_2"].values.tolist() == [2.5]
    other = read_rows([{"": 1.5, "a": 2.5}], schema)
    assert other.table["column_2"].missing.all()
