"""Data: what it reads, what it says, what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lepton_ai import Data, Dataset, InvalidData, InvalidInput
from lepton_ai.preprocessor import DataPreprocessor
from lepton_ai.rows import rows_from
from lepton_core.table import Numbers, ReadingOptions, read_file
from tests.support.pasted import paste


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("a,b,target", "label: target (the column named target)"),
        (
            "a,Class,b",
            "label: Class (the column named Class; is it what is to be predicted, or is it b, the last column?); "
            "otherwise: Data.from_csv(path, label='b')",
        ),
        ("a,b,c", "label: c (the last column); otherwise: Data.from_csv(path, label='b')"),
    ],
)
def test_the_label_that_was_taken_is_said(
    header: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "train.csv"
    path.write_text(f"{header}\n1,2,3\n4,5,6\n")
    data = Data.from_csv(path)
    assert capsys.readouterr() == ("", said + "\n")
    assert data.label in said
    assert (len(data), data.columns, data.content) == (2, tuple(header.split(",")), path.read_bytes())
    assert data.label not in data.features.names
    assert Data.from_csv(str(path), quiet=True).label == data.label
    assert Data.from_csv(path, label="a").label == "a"
    assert capsys.readouterr() == ("", "")


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no such file: nothere.csv \(looked in /"):
        Data.from_csv("nothere.csv")
    with pytest.raises(InvalidInput, match="cannot read"):
        Data.from_csv(tmp_path)
    path = tmp_path / "train.csv"
    path.write_text("a,target\n1,\n3,nan\n")
    for label in (None, "target"):
        with pytest.raises(InvalidData, match="column 'target': no row has a label"):
            Data.from_csv(path, label=label)
    with pytest.raises(InvalidData, match="column 'b': there is no such column; there are 'a', 'target'"):
        Data.from_csv(path, label="b")


@pytest.mark.parametrize("cell", ["", "nan", "NA"])
def test_rows_without_a_label_are_left_out_and_said(
    cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "train.csv"
    path.write_text(f"a,target\n1,y\n2,{cell}\n3,z\n")
    for label in (None, "target"):
        data = Data.from_csv(path, label=label)
        assert data.features["a"].values.tolist() == [1.0, 3.0]
        assert ("no_label", "target") in [(note.code, note.column) for note in data.notes]
        assert "1 row has no label and was left out" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [None, 3, b"train.csv", ["a.csv"]])
def test_what_is_no_path_and_no_frame_is_said(wrong: object) -> None:
    with pytest.raises(InvalidInput, match="needs the path of a file, not "):
        Data.from_csv(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="needs a DataFrame, not "):
        Data.from_pandas(wrong)


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.integers(1, 4)),
        elements=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.just(float("nan"))),
    )
)
@settings(deadline=None, max_examples=50)
def test_arrays_come_back_bit_for_bit(X: np.ndarray) -> None:
    data = Data.from_arrays(X, np.arange(len(X)))
    assert data.label == "label"
    for at in range(X.shape[1]):
        column = data.table[f"x{at + 1}"]
        if np.isnan(X[:, at]).all():
            continue  # a column without any value has no kind of its own
        assert isinstance(column, Numbers)
        np.testing.assert_array_equal(column.values, X[:, at])


def test_arrays_of_text_and_of_a_frame() -> None:
    data = Data.from_arrays(np.array([["a, b", 1], [None, 2]], dtype=object), ["yes", 'n"o'], ["t", "n"])
    assert data.table["t"].missing.tolist() == [False, True]
    assert data.table["label"].levels == ('n"o', "yes")
    assert Data.from_arrays(pd.DataFrame({"p": [1, 2]}), [0, 1]).columns == ("p", "label")


@pytest.mark.parametrize(
    ("X", "y", "columns", "field"),
    [([1, 2], [1, 2], None, "X"), ([[1], [2]], [1], None, "y"), ([[1], [2]], [1, 2], ["a", "b"], "columns")],
)
def test_arrays_that_do_not_fit_are_refused(
    X: object, y: object, columns: list[str] | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Data.from_arrays(X, y, columns)
    assert caught.value.field == field


def test_a_frame_with_missing_values_becomes_data() -> None:
    frame = pd.DataFrame({"n": [1.5, np.nan], "t": ["a", None], "y": [True, False]}, index=[7, 9])
    data = Data.from_pandas(frame, quiet=True)
    assert (data.columns, data.label) == (("n", "t", "y"), "y")
    assert data.table["n"].missing.tolist() == data.table["t"].missing.tolist() == [False, True]


DAYS = pd.DataFrame(
    {
        "day": pd.date_range("2024-01-01", periods=60, tz="Europe/Berlin"),
        "shop": ["Bonn", "Ulm", "Trier"] * 20,
        "n": np.arange(60.0) % 7,
        "y": [True, False] * 30,
    }
)


@pytest.mark.parametrize("level", [["day"], ["shop"], ["shop", "day"]])
def test_an_index_with_a_name_is_read_as_if_it_were_columns(level: list[str]) -> None:
    frame = DAYS.set_index(level)
    data = Data.from_pandas(frame, label="y", quiet=True)
    assert data.table == Data.from_pandas(frame.reset_index(), label="y", quiet=True).table
    assert [note.column for note in data.notes if note.code == "frame_index"] == level
    assert rows_from(frame) == data.rows_to_predict()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (DAYS, []),
        (DAYS.set_index("day", drop=False), []),
        (DAYS.rename_axis(index="count"), []),
        (DAYS[DAYS.n > 2], ["frame_index"]),
        (DAYS.set_index(DAYS.shop.to_numpy()), ["frame_index"]),
    ],
)
def test_an_index_that_is_a_range_or_has_no_name_is_no_column(frame: pd.DataFrame, said: list[str]) -> None:
    data = Data.from_pandas(frame, label="y", quiet=True)
    assert data.columns == tuple(DAYS.columns)
    assert [note.code for note in data.notes if note.code == "frame_index"] == said
    assert rows_from(frame) == data.rows_to_predict()


def test_times_of_a_zone_are_those_of_utc_and_that_is_said() -> None:
    data = Data.from_pandas(DAYS, label="y", quiet=True)
    assert data.table["day"].values[0] == DAYS.day[0].timestamp()
    [note] = [one for one in data.notes if one.code == "zone"]
    assert "'day' has the zone Europe/Berlin and is kept as UTC" in note.message
    assert note.message.endswith("frame['day'].dt.tz_localize(None)")
    local = DAYS["day"].dt.tz_localize(None)
    data = Data.from_pandas(DAYS.assign(day=local), label="y", quiet=True)
    assert data.table["day"].values[0] == DAYS.day[0].timestamp() + 3600
    assert not [one for one in data.notes if one.code == "zone"]


def test_the_zone_of_a_file_is_said_too(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"day": pd.date_range("2024-01-01", periods=40, tz="Asia/Tokyo"), "y": ["u", "v"] * 20}
    )
    frame.to_parquet(tmp_path / "t.parquet")
    [note] = [one for one in Data.from_file(tmp_path / "t.parquet", quiet=True).notes if one.code == "zone"]
    assert "'day' has the zone Asia/Tokyo and is kept as UTC" in note.message


def test_times_in_utc_need_no_word() -> None:
    frame = DAYS.assign(day=DAYS.day.dt.tz_convert("UTC"))
    assert not [one for one in Data.from_pandas(frame, label="y", quiet=True).notes if one.code == "zone"]


def test_a_date_is_summed_up_as_dates() -> None:
    frame = pd.DataFrame(
        {"day": [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-03T06:00")], "y": [1.0, 2.0]}
    )
    line = Data.from_pandas(frame, quiet=True).summary().splitlines()[2]
    assert line.split() == ["day", "date", "0", "2024-01-02", "1.125", "days", "2024-01-01", "2024-01-03"]


def test_data_shows_itself() -> None:
    data = Data.from_arrays([[1.0], [3.0]], ["<b>", "no"], ["age"])
    assert repr(data) == "<Data from arrays: 2 rows, 2 columns, label 'label'>"
    assert "label (label)" in data.summary()
    assert "<td>age</td>" in data._repr_html_()


def test_a_preprocessor_is_fitted_to_the_features_only() -> None:
    data = Data.from_arrays([[1.0, 10.0], [3.0, 30.0]], [0, 1], ["a", "b"])
    preprocessor = DataPreprocessor().add_transformer("Normalize", input="X", output="X_normalized")
    assert not preprocessor.fitted
    np.testing.assert_array_equal(preprocessor.fit(data).transform(data), [[-1, -1], [1, 1]])
    assert repr(preprocessor) == "<DataPreprocessor: Normalize, fitted>"
    assert len(preprocessor.feature_names) == 2
    assert not preprocessor.add_transformer("MinMax", input="a").fitted
    with pytest.raises(InvalidInput):
        preprocessor.add_transformer("Nonsense", input="X")
    with pytest.raises(InvalidInput, match="needs Data, not list"):
        preprocessor.fit([[1]])


def test_missing_values_of_pandas_are_missing_in_arrays_too() -> None:
    frame = pd.DataFrame(
        {
            "age": pd.array([31, None, 40], dtype="Int64"),
            "ok": pd.array([True, None, False], dtype="boolean"),
            "day": pd.to_datetime(["2024-05-01", "2024-05-02", None]),
        }
    )
    table = Data.from_arrays(frame, [1, 2, 4]).table
    assert {column.name: column.missing.tolist() for column in table.columns} == {
        "age": [False, True, False],
        "ok": [False, True, False],
        "day": [False, False, True],
        "label": [False, False, False],
    }


def test_names_that_look_like_numbers_are_names_of_a_frame() -> None:
    frame = pd.DataFrame({0: [1.5, 2.5, 3.5], 1: [1, 2, 3], "y": [0, 1, 0]})
    assert Data.from_pandas(frame, quiet=True).columns == ("0", "1", "y")
    assert Data.from_arrays([[1, 2], [3, 4]], [0, 1], columns=["7", "8"], label="9").columns == (
        "7",
        "8",
        "9",
    )


def test_a_file_travels_as_it_is_and_what_is_said_of_it_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes("5,1~r\xf6t~1\n4,9~blau~0\n".encode("latin-1"))
    said = {"delimiter": "~", "encoding": "latin-1", "header": False, "names": ["size", "colour", "paid"]}
    data = Data.from_csv(path, quiet=True, **said)
    assert data.columns == ("size", "colour", "paid")
    assert data.content == path.read_bytes()
    assert Data.from_csv(path, quiet=True, **data.said).table == data.table
    rows = data.rows_to_predict()
    assert (rows.columns, rows.rows[0]) == (["size", "colour", "paid"], ["5,1", "röt", "1"])


def test_what_is_said_of_the_columns_of_a_frame_travels_and_holds() -> None:
    frame = pd.DataFrame(
        {"zip": [1010, 2020] * 5, "size": [-9, 1.5] * 5, "id": range(10), "paid": [True, False] * 5}
    )
    said = {"kinds": {"zip": "category"}, "exclude": ("id",), "missing": {"size": ("-9",)}}
    data = Data.from_pandas(frame, "paid", quiet=True, **said)
    assert data.said == {"label": "paid", **said}
    assert data.table.schema.kinds == {"zip": "category", "size": "number", "paid": "boolean"}
    assert data.table["size"].missing.tolist() == [True, False] * 5
    reading = ReadingOptions(**said)
    assert read_file(data.content, reading, label="paid").table == data.table


def test_what_was_guessed_and_set_aside_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.csv"
    path.write_text("a;paid\n" + "1;y\n2;n\n" * 20 + "3\n")
    data = Data.from_csv(path)
    assert [note.code for note in data.notes] == ["delimiter", "set_aside", "label_guessed"]
    assert [(one.line, one.text) for one in data.set_aside] == [(42, "3\n")]
    assert "otherwise: Data.from_csv(path, bad_rows=0.025)" in capsys.readouterr().err


def test_a_column_that_is_left_out_and_nowhere_is_said_and_refused_by_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "one.csv"
    path.write_text("x,z,y\n" + "".join(f"{i},{i % 7},{'pq'[i % 2]}\n" for i in range(40)))
    slip = Data.from_csv(path, exclude=["zz"])
    assert (
        "the file has no column 'zz': that is right if the version before has one" in capsys.readouterr().err
    )
    with pytest.raises(InvalidInput, match="there is no column 'zz'"):
        Dataset("d").upload(slip)
    assert Dataset("d").upload(Data.from_csv(path, quiet=True)).version == 1
    path.write_text("x,y\n" + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(40)))
    with pytest.raises(InvalidData, match="is missing, and the version before has it") as error:
        Dataset("d").upload(Data.from_csv(path, quiet=True))
    offered = error.value.message.partition("to go on without it: ")[2]
    assert Dataset("d").upload(paste(offered, {"Data": Data, "path": path})).version == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n",
        b"a,b\n1\n",
        b'a,b\n1,"2\n',
        b"a\n1\n",
        b"\x89PNG\r\n\x1a\n" + bytes(9),
    ],
)
def test_what_is_wrong_names_the_file_first(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidData) as caught:
        Data.from_csv(path, quiet=True)
    error = caught.value
    assert (
        str(error)
        == error.message
        == f"{path}: {InvalidData(error.reason, row=error.row, column=error.column)}"
    )
    assert error.failure.reason == error.reason
