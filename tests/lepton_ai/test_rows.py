"""Rows to be predicted, in every form that callers have them."""

import datetime as dt
import math

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lepton_ai import Data, InvalidData, InvalidInput
from lepton_ai.file_rows import rows_from_file
from lepton_ai.rows import Rows, row_from_text, rows_from

numbers = st.one_of(st.floats(allow_infinity=False), st.just(float("nan")))
tables = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 4)), elements=numbers)


@given(tables)
@settings(deadline=None, max_examples=60)
def test_numpy_and_pandas_agree_and_nan_is_missing(X: np.ndarray) -> None:
    from_array = rows_from(X)
    assert not from_array.single and from_array.columns is None
    for row, wanted in zip(from_array.rows, X.tolist(), strict=True):
        for cell, number in zip(row, wanted, strict=True):
            assert cell is None if math.isnan(number) else cell == number
    names = [f"c{i}" for i in range(X.shape[1])]
    from_frame = rows_from(pd.DataFrame(X, columns=names))
    assert (from_frame.rows, from_frame.columns) == (from_array.rows, names)
    assert rows_from(pd.DataFrame(X)).columns == [str(i) for i in range(X.shape[1])]
    assert rows_from(X[0]) == Rows([from_array.rows[0]], single=True)
    assert rows_from(pd.Series(X[0], index=names)).rows == [dict(zip(names, from_array.rows[0], strict=True))]
    assert rows_from([X[0], X[0]]).rows == [from_array.rows[0]] * 2
    assert msgspec.json.decode(msgspec.json.encode(from_array.rows)) == from_array.rows


def test_plain_rows() -> None:
    assert rows_from({"a": 1, "b": None}) == Rows([{"a": 1, "b": None}], single=True)
    assert rows_from([{"a": np.float64("nan")}, {"a": np.int64(3)}]).rows == [{"a": None}, {"a": 3}]
    assert rows_from([1, "red", None]) == Rows([[1, "red", None]], single=True)
    assert rows_from([(1, 2)]) == Rows([[1, 2]])
    assert rows_from({"a": math.nan, 3: pd.NaT, " b": dt.timedelta(hours=1)}).rows == [
        {"a": None, "3": None, "b": 3600.0}
    ]
    assert rows_from([]) == Rows([])
    assert rows_from(np.array([[1, 2]])) == Rows([[1, 2]])
    assert rows_from(np.array([["a", None]], dtype=object)) == Rows([["a", None]])
    assert rows_from(np.empty((0, 3))) == Rows([])


@pytest.mark.parametrize("rows", [2, 20, 1000])
def test_a_whole_number_may_be_of_any_size(rows: int) -> None:
    for other in (1, 1.5, None, "x", True):
        some = [{"a": 10**400, "b": other}, {"a": other, "b": 2.5}] * rows
        found = rows_from(some)
        assert isinstance(found, Rows)
        assert found.rows == ([tuple(row.values()) for row in some] if found.columns else some)


@pytest.mark.parametrize("other", [1, 1.5, None, "x", True, 10**400])
def test_infinity_is_refused_whatever_is_beside_it(other: object) -> None:
    some: list[dict[str, object]] = [{"a": other, "b": other}] * 30
    for name in ("a", "b"):
        with pytest.raises(InvalidData, match=f"row 31, column '{name}'"):
            rows_from([*some, {"a": other, "b": other, name: -math.inf}])


def test_frames_of_many_types() -> None:
    frame = pd.DataFrame(
        {
            "i": pd.array([1, None], dtype="Int64"),
            "b": [True, False],
            "c": pd.Categorical(["x", None]),
            "t": ["u", np.nan],
        }
    )
    assert rows_from(frame).rows == [[1, True, "x", "u"], [None, False, None, None]]


def test_data_is_sent_whole() -> None:
    """Of a file without the label the last column was taken for it: the model needs that column."""
    data = Data.from_arrays(np.array([[1.5, "x"], [np.nan, None]], dtype=object), [0, 1], ["n", "t"])
    assert rows_from(data) == Rows([[1.5, "x", 0.0], [None, None, 1.0]], columns=["n", "t", "label"])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"a": math.inf}, "row 1, column 'a': inf is not a finite number"),
        (np.array([[1.0, 2.0], [3.0, -math.inf]]), "row 2, column '2': -inf"),
        (pd.DataFrame({"p": [1.0, math.inf]}), "row 2, column 'p': inf"),
        ([[1], [[2]]], "row 2, column '1': a list is neither a number nor text"),
        ([{"a": {"b": {1}}}], "row 1, column 'a.b': {1} is neither"),
        ([{"1": 2, 1: 3}], "row 1: the row has a name twice"),
        ([[1], "ab"], "row 2: 'ab' is not a dict or a list"),
        ([[1], {"a": 1}], "the rows must all be dicts, or all be lists"),
        ("text", "rows must be a dict"),
        (np.zeros((2, 2, 2)), "1 or 2 dimensions, not 3"),
        ([np.zeros((2, 2))], "is not a dict or a list"),
    ],
)
def test_what_is_no_row_is_refused_with_its_place(rows: object, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rows_from(rows)
    assert said in str(caught.value)


@given(st.integers(0, 20_000), st.integers(1, 200))
@settings(deadline=None, max_examples=20)
def test_batches_hold_every_row_once_and_stay_small(count: int, width: int) -> None:
    rows = Rows([[0] * width] * count, columns=["c"] * width)
    batches = list(rows.batches())
    sizes = [len(batch.body["rows"]) for batch in batches]
    assert [row for batch in batches for row in batch.body["rows"]] == rows.rows
    assert [batch.before for batch in batches] == [sum(sizes[:at]) for at in range(len(batches))]
    assert all(size * width <= 60_000 for size in sizes)
    assert all(batch.body == {**batch.body, "columns": rows.columns} for batch in batches)


def test_csv_of_rows_is_sent_as_text_for_the_columns_of_the_model_say_how_it_is_read() -> None:
    assert rows_from_file(b"n;t\n1;x\n;NA\n") == Rows([["1", "x"], ["", "NA"]], columns=["n", "t"])
    assert rows_from_file(b"\xef\xbb\xbfn\n1\n2.5\nNA\nred\n").rows == [["1"], ["2.5"], ["NA"], ["red"]]
    with pytest.raises(InvalidData, match="empty"):
        rows_from_file(b"")
    assert rows_from_file(b'n\n"1\n') == Rows([None], columns=["n"])


def test_a_row_written_on_the_command_line() -> None:
    assert row_from_text('a=1, b=x=y,"c=1,5",d=') == {"a": "1", "b": "x=y", "c": "1,5", "d": ""}
    for text, said in [
        ("a", "'a' is not COLUMN=VALUE"),
        ('price="1,5"', """--row '"price=1,5",colour=red'"""),
        ("a=1,a=2", "'a' is there twice"),
        ("", "no COLUMN"),
    ]:
        with pytest.raises(InvalidInput, match=said):
            row_from_text(text)


def test_dates_are_the_same_text_in_training_and_in_prediction() -> None:
    days = pd.Series(pd.to_datetime(["2024-05-01", None, "2024-05-03"]))
    times = pd.Series(pd.to_datetime(["2024-05-01 00:00", "2024-05-01 12:30", "2024-05-02 00:00"]))
    frame = pd.DataFrame({"day": days, "time": times, "object": times.astype(object), "y": [1, 2, 4]})
    text = [["2024-05-01", None, "2024-05-03"], ["2024-05-01", "2024-05-01 12:30:00", "2024-05-02"]]
    said = [list(row) for row in zip(text[0], text[1], text[1], [1, 2, 4], strict=True)]

    assert rows_from(frame).rows == said
    assert rows_from(Data.from_pandas(frame, quiet=True)).rows == said
    assert rows_from(Data.from_arrays(frame.drop(columns="y"), frame["y"])).rows == said
    assert rows_from(frame.iloc[1]).rows == [dict(zip(frame.columns, said[1], strict=True))]
    assert rows_from({"day": times[1].to_pydatetime()}).rows == [{"day": "2024-05-01 12:30:00"}]
    assert (
        frame["day"].equals(days) and frame["object"].tolist() == times.tolist()
    )  # the caller's frame stays


def test_cells_in_objects_are_made_cells_of_json_too() -> None:
    day = dt.datetime(2024, 5, 1)
    row = {"at": {"zip": "01010", "since": day, "floor": {"number": np.int64(2)}}, "age": math.nan}
    said = {"at": {"zip": "01010", "since": "2024-05-01", "floor": {"number": 2}}, "age": None}
    assert rows_from(row) == Rows([said], single=True)
    assert rows_from([row] * 30).rows == [said] * 30
    with pytest.raises(
        InvalidData, match=r"row 2, column 'at\.tags': holds a list, which is no cell; give each of"
    ):
        rows_from([row, {"at": {"tags": ["x"]}}])
