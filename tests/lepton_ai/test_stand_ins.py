"""A column that the model does not read may hold anything; in one that it reads what is no cell is named."""

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from lepton_ai import Data, InvalidData, Model
from lepton_ai.embedded import EmbeddedTransport

NO_CELLS = {
    "list": [1, 2], "empty list": [], "tuple": (1, 2), "set": {1}, "bytes": b"\x00", "infinity": math.inf,
    "array": np.zeros(3), "object": object(), "list in object": {"a": [1]},
    "far date": np.datetime64("20000-01-01"),
}  # fmt: skip
ROW: dict[str, Any] = {"n": 3, "t": "u"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder: Path = tmp_path_factory.mktemp("stand_ins")
    rows = [{"n": i % 7, "t": "uv"[i % 2], "y": "no" if i % 7 < 3 else "yes"} for i in range(80)]
    made = Model("logistic_regression", name="m", quiet=True, transport=EmbeddedTransport(folder))
    made.upload_data(Data.from_pandas(pd.DataFrame(rows), label="y", quiet=True))
    made.train(iterations=5)
    made.deploy()
    return made


def forms(row: dict[str, Any], many: int) -> dict[str, Any]:
    """The same row in each form that has names, behind other ones where it has room for them: ``many`` in all."""
    rows = [{name: ROW.get(name) for name in row}] * (many - 1) + [row]
    columns = {name: pd.Series([one[name] for one in rows], dtype=object) for name in row}
    return {
        "dicts": rows,
        "frame": pd.DataFrame(rows),
        "frame of objects": pd.DataFrame(columns),
        "series": pd.Series(row),
        "dict": row,
    }


@pytest.mark.parametrize("cell", NO_CELLS.values(), ids=NO_CELLS)
@pytest.mark.parametrize("many", [2, 300])
def test_a_column_that_the_model_does_not_read_may_hold_anything(model: Model, cell: Any, many: int) -> None:
    wanted = model.predict(ROW)
    for form, rows in forms({**ROW, "extra": cell}, many).items():
        found = model.predict(rows)
        last = found if form in ("series", "dict") else found[-1]
        assert (last.label, last.probabilities) == (wanted.label, wanted.probabilities), form
        assert found.notes.ignored and all(one.column.startswith("extra") for one in found.notes.ignored), (
            form
        )


@pytest.mark.parametrize("cell", NO_CELLS.values(), ids=NO_CELLS)
@pytest.mark.parametrize("many", [2, 300])
@pytest.mark.parametrize("name", ["n", "t"])
def test_in_a_column_that_it_reads_it_is_named_by_row_and_column(
    model: Model, cell: Any, many: int, name: str
) -> None:
    if isinstance(cell, float) and name == "t":
        return  # beside texts of a frame it is one of them
    for form, rows in forms({**ROW, name: cell, "extra": [1]}, many).items():
        with pytest.raises(InvalidData) as caught:
            model.predict(rows)
        assert caught.value.row == (1 if form in ("series", "dict") else many), form
        assert (caught.value.column or "").startswith(name), form


def test_lists_and_arrays_name_the_column_that_the_model_reads(model: Model) -> None:
    with pytest.raises(InvalidData, match=r"row 2, .*inf is not a finite number"):
        model.predict([[1, "u"], [math.inf, "u"]])
    with pytest.raises(InvalidData, match=r"row 1, .*are bytes; decode them to text first"):
        model.predict(np.array([[b"\x00", "u"]], dtype=object))


@pytest.mark.parametrize("cells", [[], [1], ["x", [2]]], ids=repr)
@pytest.mark.parametrize(
    ("name", "reason"), [("n", "a list is no number"), ("t", "a list is neither text nor")]
)
def test_a_list_in_a_row_has_one_wording_by_python_and_by_http(
    model: Model, cells: list[Any], name: str, reason: str
) -> None:
    row = [cells if column == name else value for column, value in ROW.items()]
    with pytest.raises(InvalidData) as by_python:
        model.predict([row])
    with pytest.raises(InvalidData) as by_http:
        model._transport.call("POST", f"/v1/models/{model.name}/predict", body={"rows": [row]})
    assert reason in by_python.value.message
    assert by_python.value.message == by_http.value.message


def test_a_table_of_arrow_with_lists_is_predicted(model: Model) -> None:
    table = pa.table({"n": [3, 3], "t": ["u", "u"], "tags": [["a"], ["b", "c"]], "raw": [b"\x00", b"\x01"]})
    found = model.predict(table)
    assert found.labels == [model.predict(ROW).label] * 2
    assert {one.column for one in found.notes.ignored} == {"tags", "raw"}
    with pytest.raises(InvalidData, match="column 'n'"):
        model.predict(pa.table({"n": [[1]], "t": ["u"]}))


def test_what_is_no_row_is_refused_as_before(model: Model) -> None:
    with pytest.raises(InvalidData, match="the row has a name twice"):
        model.predict({"n": b"", 1: 2, "1": date(2024, 1, 1)})


def test_of_a_file_only_rows_are_refused_whose_cells_are_read(model: Model, tmp_path: Path) -> None:
    rows = [
        {**ROW, "tags": ["a"]}, {**ROW, "n": [1]}, {**ROW, "tags": math.inf}, {"n": 3, "t": {"a": 1}}, ROW,
        {**ROW, "n": [1], "tags": [2]}, {**ROW, "deep": {"a": {"b": [1]}}},
    ]  # fmt: skip
    path = tmp_path / "rows.ndjson"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n" + json.dumps({**ROW, "tags": [3]}))
    found = model.predict(path)
    assert [one.label is None for one in found] == [
        False,
        True,
        False,
        False,
        False,
        True,
        False,
        True,
        False,
    ]
    wrong = [(one.row, one.line, one.column) for one in found.errors]
    assert [one[:2] for one in wrong] == [(2, 2), (6, 6), (8, 8)]
    assert wrong[0][2] == wrong[1][2] == "n" and "'n' holds a list" in found.errors[0].reason
    assert {"tags", "t.a", "deep.a.b"} <= {one.column for one in found.notes.ignored}


@pytest.mark.parametrize("write", [pq.write_table, feather.write_feather])
def test_a_file_of_typed_columns_may_have_others_whose_type_is_no_cell(
    model: Model, tmp_path: Path, write: Any
) -> None:
    path = tmp_path / "rows"
    write(pa.table({"n": [3, 3], "t": ["u", "u"], "tags": [["a"], []], "raw": [b"\x00", b""]}), path)
    found = model.predict(path)
    assert found.labels == [model.predict(ROW).label] * 2
    assert {one.column for one in found.notes.ignored} == {"tags", "raw"}
    write(pa.table({"n": [[3], [3]], "t": ["u", "u"]}), path)
    assert [(one.row, one.column) for one in model.predict(path).errors] == [(1, "n"), (2, "n")]
