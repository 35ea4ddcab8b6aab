"""A frame is read the same when it is uploaded and when it is predicted, whatever is in it."""

import re
import uuid
import weakref
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai import Data, InvalidData, InvalidInput, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.frames import table_from_frame
from lepton_ai.rows import rows_from
from lepton_core.table import read_given, read_rows

N = 200
X = np.random.default_rng(0).normal(size=N)
Y = np.where(X > 0, "b", "a")


@pytest.fixture(scope="module")
def transport(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(Path(tmp_path_factory.mktemp("doors")))
    yield made
    made.close()


def trained(transport: EmbeddedTransport, name: str, data: Data, algorithm: str = "decision_tree") -> Model:
    model = Model(algorithm, name=name, quiet=True, transport=transport)
    model.upload_data(data)
    model.train()
    model.deploy()
    return model


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({**columns, "x": X, "y": Y})


def periods() -> Any:
    return (
        pd.Series(pd.period_range("2020-01", periods=4, freq="M"))
        .sample(N, replace=True, random_state=0)
        .array
    )


FRAMES = {
    "digit strings": frame(zip=["01010", "90210", "10001", "02134"] * 50),
    "digit strings of a category": frame(zip=pd.Categorical(["01010", "90210", "10001", "02134"] * 50)),
    "integer names": pd.DataFrame({0: X, 1: -3 * X, "y": Y}),
    "float32": frame(size=np.array([0.1, 0.2, 0.3, 0.7] * 50, dtype=np.float32)),
    "intervals": frame(size=pd.cut(X, [-9, -1, 0, 1, 9])),
    "periods": frame(month=periods()),
    "UUIDs": frame(key=[uuid.UUID(int=i % 4) for i in range(N)]),
    "words for missing": frame(word=["None", "NA", "N/A", "null"] * 50),
    "blank text among numbers": frame(size=[1.5, "", 2.5, 3] * 50),
    "blank text among texts": frame(word=["u", "", "v", " "] * 50),
    "numbers as text": frame(grade=["1", "2", "3", None] * 50),
    "prices": frame(price=["$1,200", "$80", "$7", None] * 50),
    "durations": frame(age=pd.to_timedelta(["1 days", "2 days", "0 days 06:00:00", None] * 50)),
    "dates": frame(when=pd.to_datetime(["2024-05-01", "2024-05-02 12:30", "1999-12-31", None] * 50, format="mixed")),
    "dates of a zone": frame(when=pd.date_range("2024-03-30", periods=N, freq="h", tz="Europe/Berlin")),
    "bools": frame(paid=[True, False] * 100),
    "bools, some missing": frame(paid=pd.array([True, False, None, True] * 50, dtype="boolean")),
    "whole numbers, some missing": frame(count=pd.array([1, 2, None, 40] * 50, dtype="Int64")),
    "names with blanks": pd.DataFrame({" age": X, "height ": X**2, " y": Y}),
    "several header lines": pd.DataFrame({("size", "mean"): X, ("size", "max"): -X, ("y", ""): Y}),
}  # fmt: skip


@pytest.mark.sampled(8)
@pytest.mark.parametrize("case", FRAMES)
def test_a_frame_is_predicted_as_it_was_uploaded(transport: EmbeddedTransport, case: str) -> None:
    f = FRAMES[case]
    label = " y" if case == "names with blanks" else "y"
    data = Data.from_pandas(f, label=label, quiet=True)
    model = trained(transport, case.replace(" ", "-").replace(",", ""), data)
    wanted = model.predict(data)
    assert model.predict(f) == wanted
    turned = f[list(f.columns)[::-1]]
    assert model.predict(turned) == wanted
    assert model.predict(f.drop(columns=[c for c in f.columns if c in ("y", " y", ("y", ""))])) == wanted
    assert model.predict(f.head(3)).labels == wanted.labels[:3]
    assert model.predict(f.to_dict("records")) == wanted or f.columns.nlevels > 1
    assert [model.predict(f.iloc[row]).label for row in range(3)] == wanted.labels[:3]
    assert not wanted.notes.ignored
    assert not wanted.notes.unknown


CELLS = {
    "text": st.sampled_from(["u", "v", "NA", "None", "", " w ", "01", "1.50", "yes", "2024-05-01", None]),
    "number": st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 1.0, float("nan")]),
    "whole": st.integers(-5, 5) | st.integers(2**53, 2**60),
    "mixed": st.sampled_from(["u", "", 1, 2.5, None, True, float("nan"), pd.NaT, pd.NA, timedelta(hours=6)]),
    "bool": st.booleans(),
    "when": st.datetimes(),
    "long": st.timedeltas(timedelta(days=-999), timedelta(days=999)),
}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_both_doors_read_any_cells_alike(data: Any) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    rows = data.draw(st.integers(2, 30))
    f = pd.DataFrame(
        {f"{kind} {i}": pd.Series(data.draw(st.lists(CELLS[kind], min_size=rows, max_size=rows)),
                                  dtype=object if kind == "mixed" else None) for i, kind in enumerate(kinds)}
    ).assign(label=["a", "b"] * (rows // 2) + ["a"] * (rows % 2))  # fmt: skip
    made = Data.from_pandas(f, label="label", quiet=True)
    found = rows_from(f)
    if any(one.misfits for one in read_given(table_from_frame(f), label="label").columns):
        with pytest.raises(InvalidData):  # a word among numbers is missing in training, and refuses a call
            read_rows(found.rows, made.features.schema, found.columns)
        return
    read = read_rows(found.rows, made.features.schema, found.columns, ignore=frozenset({"label"}))
    assert read.table == made.features
    assert read.unknown == read.ignored == ()
    single = rows_from(f.iloc[0])
    assert read_rows(
        single.rows, made.features.schema, ignore=frozenset({"label"})
    ).table == made.features.take(np.array([0]))


def test_arrays_of_dates_and_durations() -> None:
    when = np.array(["2024-05-01", "NaT", "2024-05-03"], dtype="datetime64[ns]")
    data = Data.from_arrays(np.column_stack([when, when]), ["a", "b", "a"])
    assert [column.kind for column in data.features.columns] == ["date", "date"]
    assert data.features["x1"].missing.tolist() == [False, True, False]


def test_durations_are_learnt_from(transport: EmbeddedTransport) -> None:
    ages = pd.to_timedelta(["1 days", "2 days", "0 days 06:00:00", "3 days"] * 50)
    f = pd.DataFrame({"age": ages, "more": np.arange(200) % 7, "y": np.where(ages == "1 days", "a", "b")})
    model = trained(transport, "ages", Data.from_pandas(f, label="y", quiet=True))
    assert model.predict(f).labels == f.y.tolist()


def test_bytes_are_refused_by_name() -> None:
    with pytest.raises(InvalidData, match="row 1, column 'raw': b'a' are bytes; decode them to text first"):
        Data.from_pandas(frame(raw=[b"a"] * N), label="y")
    with pytest.raises(InvalidData, match="column 'x1': b'a' are bytes"):
        Data.from_arrays(np.array([[b"a"], [b"b"]]), ["u", "v"])


def test_half_a_surrogate_pair_is_refused_at_both_doors(transport: EmbeddedTransport) -> None:
    f = frame(word=pd.Series(["u", "\ud800"] + ["v"] * (N - 2), dtype=object))
    with pytest.raises(InvalidData, match="row 2, column 'word'"):
        Data.from_pandas(f, label="y")
    model = trained(transport, "words", Data.from_pandas(frame(word=["u", "v"] * 100), label="y", quiet=True))
    with pytest.raises(InvalidData, match="row 2, column 'word'"):
        model.predict(f)
    with pytest.raises(InvalidData, match="row 1, column 'word'"):
        model.predict({"word": "\ud800"})


class PolarsLike:
    """What `table_from_frame` uses of a frame of polars."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self._columns = columns

    def __arrow_c_stream__(self) -> None:
        raise NotImplementedError

    def get_columns(self) -> list[Any]:
        return list(self._columns.values())

    def to_dict(self, *, as_series: bool) -> dict[str, list[Any]]:
        assert not as_series
        return self._columns


class OfAnotherLibrary:
    """What `table_from_frame` uses of a frame that can only become one of pandas."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def to_pandas(self) -> pd.DataFrame:
        return self._frame


def test_frames_of_other_libraries_are_taken_and_others_refused_with_a_sentence() -> None:
    f = frame(word=["u", None] * 100)
    wanted = Data.from_pandas(f, label="y", quiet=True)
    polars = PolarsLike(
        {name: f[name].astype(object).where(f[name].notna(), None).tolist() for name in f.columns}
    )
    for other in (polars, OfAnotherLibrary(f)):
        assert Data.from_pandas(other, label="y", quiet=True).table == wanted.table
        assert rows_from(other) == rows_from(f)

    class Unknown:
        def __dataframe__(self) -> None:
            raise NotImplementedError

    with pytest.raises(InvalidInput, match="convert it to pandas first"):
        Data.from_pandas(Unknown())


class Stream:
    """Nothing but the C interface of Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("made", [lambda t: t, pa.Table.to_reader, lambda t: t.to_batches()[0], Stream])
def test_whatever_hands_over_a_stream_of_arrow_is_read_as_its_file_is(
    tmp_path: Path, made: Callable[[pa.Table], Any]
) -> None:
    keys = pa.array([2**53, 2**53 + 1, None] * 20, pa.int64())
    parts = pa.array([{"left": i % 3, "right": "u"} for i in range(60)])
    table = pa.table({"key": keys, "part": parts, "y": ["u", "v", "u"] * 20})
    pq.write_table(table, tmp_path / "t.parquet")
    read = Data.from_pandas(made(table), label="y", quiet=True).table
    assert read == Data.from_file(tmp_path / "t.parquet", label="y", quiet=True).table
    assert read["key"].levels == (str(2**53), str(2**53 + 1))
    assert rows_from(made(table)) == rows_from(table)


class Result:
    """Rows of a database as its connection hands them over: until the stream is released, it answers nothing else."""

    def __init__(self, batch: pa.RecordBatch, fails: bool = False) -> None:
        self.batch, self.fails = batch, fails
        self.open: weakref.ref[Any] | None = None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        if self.open is not None and self.open() is not None:
            raise RuntimeError("the connection has an open result")

        def rows() -> Iterator[pa.RecordBatch]:
            yield self.batch
            if self.fails:
                raise RuntimeError("a cell cannot be cast")

        made = rows()
        self.open = weakref.ref(made)
        return pa.RecordBatchReader.from_batches(self.batch.schema, made).__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("fault", ["a type", "a name twice", "a row", "none"])
def test_a_stream_of_arrow_is_released_whatever_comes_of_it(fault: str) -> None:
    long = pa.array([timedelta(days=1)] * 20).cast(pa.duration("us"))
    columns = {
        "a type": ([long, pa.array([[1]] * 20)], ["x", "when"]),
        "a name twice": ([long, long], ["x", "x"]),
    }.get(fault, ([long, pa.array(range(20))], ["x", "n"]))
    arrays, names = columns
    result = Result(pa.record_batch([*arrays, pa.array(["p", "q"] * 10)], [*names, "y"]), fault == "a row")
    if fault == "none":
        assert len(Data.from_pandas(result, label="y", quiet=True)) == 20
    else:
        with pytest.raises(InvalidData) as refused:
            Data.from_pandas(result, label="y", quiet=True)
        assert "open result" not in refused.value.message
    result.fails = False
    if fault == "a type":
        assert Data.from_pandas(result, label="y", quiet=True, exclude=["when"]).columns == ("x", "y")
    assert result.open is not None and result.open() is None


def test_a_column_that_holds_no_cells_can_be_left_out() -> None:
    f = frame(tags=[[1, 2]] * N, blob=[b"x"] * N)
    with pytest.raises(InvalidData, match=re.escape("leave the column out with exclude=['tags']")) as refused:
        Data.from_pandas(f, label="y")
    assert refused.value.remedies[0].body == {"exclude": ["tags"]}
    for source in (f, pa.Table.from_pandas(f)):
        left = Data.from_pandas(source, label="y", quiet=True, exclude=["tags", "blob"])
        assert left.columns == ("x", "y")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (pd.Series([1]), "not Series; give .to_frame() of it"),
        (pa.chunked_array([[1]]), "not ChunkedArray; name it"),
        (3, "not int"),
    ],
    ids=str,
)
def test_what_is_no_frame_is_refused_with_what_makes_one(given: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        Data.from_pandas(given)


def test_a_name_twice_is_refused() -> None:
    for names in (["a", " a"], ["1", 1]):
        with pytest.raises(InvalidData, match="two columns of this name"):
            Data.from_pandas(pd.DataFrame(np.zeros((2, 2)), columns=names))


@pytest.mark.parametrize(
    "labels",
    [
        ["01", "02"], ["7", "007", "8"], ["None", "NA"], [True, False], [2**60, 2**60 + 1], ["yes", "no"], [0, 1],
        ["true", "false"],
    ],
    ids=str,
)  # fmt: skip
def test_labels_come_back_as_they_were_given(transport: EmbeddedTransport, labels: list[Any]) -> None:
    y = [labels[i % len(labels)] for i in range(240)]
    f = pd.DataFrame({"x": [i % len(labels) for i in range(240)], "more": np.arange(240) / 7, "y": y})
    name = "labels-" + "-".join(map(str, labels))
    model = Model("decision_tree", name=name[:60], quiet=True, transport=transport)
    model.upload_data(Data.from_pandas(f, label="y", quiet=True))
    model.train(class_weight={labels[0]: 5})
    model.deploy()
    found = model.predict(f)
    assert found.labels == list(map(str, y))
    assert set(found.classes) == set(map(str, labels))


@pytest.mark.parametrize("door", ["frame", "file", "arrays"])
def test_labels_beyond_what_a_number_keeps_come_back_as_given(
    transport: EmbeddedTransport, tmp_path: Path, door: str
) -> None:
    f = pd.DataFrame({"x": X, "y": np.where(X > 0, 2**53 + 1, 2**53)})
    f.to_csv(tmp_path / "rows.csv", index=False)
    data = {
        "frame": lambda: Data.from_pandas(f, quiet=True),
        "file": lambda: Data.from_csv(tmp_path / "rows.csv", quiet=True),
        "arrays": lambda: Data.from_arrays(f[["x"]].to_numpy(), f["y"], ["x"], "y"),
    }[door]()
    model = trained(transport, f"large-{door}", data)
    assert [model.predict({"x": x}).label for x in (1, -1)] == [str(2**53 + 1), str(2**53)]
