"""An infinity to learn from: what becomes of it is the same on every road."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lepton_ai import Data, InvalidData
from lepton_core.table import ReadingOptions
from lepton_core.table.given_container import given_from_container
from lepton_core.table.reading import read_file

ROWS = 400
Read = Callable[..., Data]


def frame_with(infinite: int, whole: bool = False) -> pd.DataFrame:
    """Numbers, of which so many are infinite, from row 8 on; they are ``whole`` or not."""
    x = [float(7 * row % 397) if whole else row * 1.37 + 0.25 for row in range(ROWS)]
    for row in range(infinite):
        x[7 + row] = -math.inf if row == 1 else math.inf
    return pd.DataFrame({"x": x, "y": ["a" if row % 3 else "b" for row in range(ROWS)]})


def as_json(frame: pd.DataFrame, infinity: str) -> str:
    """Rows one a line, in which infinities are spelled like this."""
    text = "\n".join(json.dumps(row) for row in frame.to_dict("records"))
    return text.replace("Infinity", infinity)


def of_file(frame: pd.DataFrame, name: str, **said: Any) -> Data:
    path = Path(name)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".feather":
        frame.to_feather(path)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        spelled = {"a.json": "Infinity", "b.json": "1e400", "c.json": "9" * 400}[name]
        path.write_text(as_json(frame, spelled))
    return Data.from_file(path, label="y", quiet=True, **said)


def of_arrays(frame: pd.DataFrame, **said: Any) -> Data:
    """They take no options: those are given to the columns that are sent."""
    data = Data.from_arrays(frame[["x"]].to_numpy(), frame["y"], columns=["x"], label="y")
    read_file(given_from_container(data.content), ReadingOptions(**said), label="y")
    return data


ROADS: dict[str, Read] = {
    **{
        name: lambda frame, name=name, **said: of_file(frame, name, **said)
        for name in ("a.csv", "a.parquet", "a.feather", "a.xlsx", "a.json", "b.json", "c.json")
    },
    "pandas": lambda frame, **said: Data.from_pandas(frame, label="y", quiet=True, **said),
    "Arrow": lambda frame, **said: Data.from_pandas(pa.table(frame), label="y", quiet=True, **said),
    "arrays": of_arrays,
}


def message(data: Data) -> str:
    return next((note.message for note in data.notes if note.code == "infinite"), "")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("whole", [False, True], ids=["fractions", "whole"])
@pytest.mark.parametrize("many", [0, 1, 3, 11, 120, 300])
def test_it_is_the_cell_that_it_is_in_csv(road: str, whole: bool, many: int) -> None:
    frame = frame_with(many, whole)
    expected, found = ROADS["a.csv"](frame), ROADS[road](frame)
    is_whole = whole and road == "a.xlsx" and many < 200  # Excel has one type of number
    assert found.table["x"].kind == ("integer" if is_whole else expected.table["x"].kind)
    if many < 200:
        assert np.allclose(found.table["x"].values, expected.table["x"].values, rtol=1e-14, equal_nan=True)
        assert int(found.table["x"].missing.sum()) == many and len(found) == ROWS
    assert bool(message(found)) == (0 < many < 200)


@pytest.mark.parametrize("road", ROADS)
def test_it_is_told_with_its_column_and_row(road: str) -> None:
    said = message(ROADS[road](frame_with(3)))
    assert said.startswith("3 cells of 'x' are no finite numbers and count as missing: ")
    assert said.endswith("; the first is in row 8; mend them in the data")


@pytest.mark.parametrize("road", ROADS)
def test_a_column_that_is_said_to_be_numbers_is_refused_beyond_the_share(road: str) -> None:
    kinds = {"x": "number"}
    assert ROADS[road](frame_with(12), kinds=kinds).table["x"].kind == "number"
    with pytest.raises(InvalidData, match="13 of 400 cells are no number, the first is") as caught:
        ROADS[road](frame_with(13), kinds=kinds)
    assert (caught.value.row, caught.value.column) == (8, "x")
    assert next(one.body for one in caught.value.remedies) == {"kinds": {"x": "category"}}


@pytest.mark.parametrize("road", [road for road in ROADS if road != "arrays"])
def test_words_for_a_missing_cell_hold_for_it(road: str) -> None:
    words = ["inf", "-inf", "Infinity", "-Infinity", "9" * 400, "-" + "9" * 400]
    data = ROADS[road](frame_with(120), kinds={"x": "number"}, missing={"x": words})
    assert int(data.table["x"].missing.sum()) == 120 and not message(data)


def test_what_is_sent_of_a_frame_reads_as_the_frame_did() -> None:
    data = Data.from_pandas(frame_with(3), label="y", quiet=True)
    sent = read_file(given_from_container(data.content), label="y")
    assert sent.table == data.table
    assert [note.message for note in sent.notes] == [note.message for note in data.notes]


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "longdouble", "Float64", "object", "float64[pyarrow]"]
)
def test_all_types_of_numbers_have_it(dtype: str) -> None:
    cells = pd.Series([0.1, math.inf, None, 2.5, -math.inf, *[0.1 * row for row in range(100)]], dtype=dtype)
    data = Data.from_pandas(pd.DataFrame({"x": cells, "y": [1, 2, 3] * 35}), label="y", quiet=True)
    assert data.table["x"].kind == "number" and data.table["x"].values[0] == 0.1
    assert np.flatnonzero(data.table["x"].missing).tolist() == [1, 2, 4]
    assert message(data).startswith("2 cells of 'x'")


@pytest.mark.parametrize("road", [road for road in ROADS if road != "arrays"])
@pytest.mark.parametrize("words", [("nan",), ("NaN", "nan"), ("inf", "-Infinity")], ids=repr)
def test_a_class_of_such_a_name_is_refused_with_a_call_that_leaves_its_rows_out(
    road: str, words: tuple[str, ...]
) -> None:
    frame = pd.DataFrame({"x": np.arange(60) * 1.5, "y": ["good", "bad", *words] * (60 // (2 + len(words)))})
    said = {"missing": {"y": []}} if road == "a.csv" else {}
    if road.endswith(".json"):
        Path(road).write_text("\n".join(json.dumps(row) for row in frame.to_dict("records")))
    with pytest.raises(InvalidData, match=r"row 3, column 'y': .* nor the name of a class") as caught:
        if road.endswith(".json"):
            Data.from_file(road, label="y", quiet=True, **said)
        else:
            ROADS[road](frame, **said)
    [way] = caught.value.remedies
    assert way.said in caught.value.message and way.body == {"missing": {"y": sorted(words)}}
    given: Any = pa.table(frame) if road == "Arrow" else frame if road == "pandas" else road
    data = getattr(Data, way.function)(given, quiet=True, **way.body)
    assert set(data.table["y"].levels) == {"good", "bad"} and len(data) == 60 * 2 // (2 + len(words))
