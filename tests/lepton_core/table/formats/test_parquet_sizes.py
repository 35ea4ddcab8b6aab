"""A Parquet file that is small, and whose values are not, is refused before they are written out."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table import ReadingOptions
from lepton_core.table.file_rows import rows_as_written
from lepton_core.table.formats import open_file
from lepton_core.table.formats.arrow import read_parquet
from lepton_core.table.row_form import RowForm
from lepton_core.table.scored_file import with_columns
from tests.support.written_files import parquet

ROWS = 20_000
FORM = RowForm("parquet")


def shared(value: Any) -> pa.Array:
    """A column of this one value, which stands in it once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(ROWS, np.int32)), pa.array([value]))


TEXT = "x" * 20_000
EACH = pa.array(np.arange(ROWS + 1), pa.int32())
LARGE = {
    "bytes": shared(TEXT.encode()),
    "texts in a list": pa.ListArray.from_arrays(EACH, shared(TEXT)),
    "texts in a struct": pa.StructArray.from_arrays([shared(TEXT)], ["t"]),
    "texts in a map": pa.MapArray.from_arrays(EACH, EACH[:-1], shared(TEXT)),
}


@pytest.mark.parametrize("what", LARGE)
def test_values_that_many_cells_share_are_not_written_out(what: str) -> None:
    data = parquet({"a": LARGE[what], "x": np.arange(ROWS)}, store_schema=False)
    assert len(data) < 300_000
    with pytest.raises(
        TooLarge, match=r"unpacks to more than .* bytes, which the size of the file hardly tells"
    ):
        with_columns(FORM, data, ["y"], [[0.0] * ROWS], [])


def test_texts_within_a_struct_are_read_as_codes() -> None:
    data = parquet({"a": LARGE["texts in a struct"], "x": np.arange(ROWS)}, store_schema=False)
    with pytest.raises(TooLarge, match=r"column 'a\.t': with it the texts take more than"):
        open_file(data, ReadingOptions(), every_row=True)


def test_texts_that_say_how_they_differ_from_the_one_before_are_read() -> None:
    told = {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY", "x": "PLAIN"}}
    few = parquet({"a": ["one", "onely", None], "x": [1, 2, 3]}, **told)
    assert rows_as_written(few).rows == [["one", 1], ["onely", 2], [None, 3]]
    made = pq.read_table(io.BytesIO(with_columns(FORM, few, ["y"], [[0.0] * 3], [])))
    assert made["a"].to_pylist() == ["one", "onely", None]
    many = parquet({"a": [f"{TEXT}{at}" for at in range(ROWS)], "x": np.arange(ROWS)}, **told)
    with pytest.raises(TooLarge, match="unpacks to more than"):
        rows_as_written(many)


def test_a_file_of_every_type_is_the_same_with_more_columns() -> None:
    given = pa.table(
        {
            "text": ["a", None, "c"],
            "large": pa.array(["a", "b", "c"], pa.large_string()),
            "seen": pa.array(["a", "b", "c"], pa.string_view()),
            "one of": pa.array(["a", "b", "a"]).dictionary_encode(),
            "bytes": [b"x", None, b"yy"],
            "two bytes": pa.array([b"ab", None, b"cd"], pa.binary(2)),
            "list": [["u"], None, ["v", "w"]],
            "large list": pa.array([["a"], [], None], pa.large_list(pa.large_string())),
            "pair": pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float64(), 2)),
            "map": pa.array([[("k", "v")], None, []], pa.map_(pa.string(), pa.string())),
            "struct": [{"p": "q", "r": 1}, None, {"p": None, "r": 2}],
            "amount": [Decimal("1.5"), None, Decimal("2.25")],
            "large amount": pa.array([1, None, 2], pa.decimal256(60, 2)),
            "time": [dt.time(1), None, dt.time(2)],
            "struct.p": ["a", "b", "c"],
            "nothing": pa.nulls(3),
            "x": [1, 2, 3],
        }
    )
    made = pq.read_table(
        io.BytesIO(with_columns(FORM, parquet(given, row_group_size=2), ["y"], [[1.0, 2.0, 3.0]], []))
    )
    assert made.drop_columns(["y"]).equals(given)
    assert made["y"].to_pylist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "form",
    [
        pa.map_(pa.string(), pa.int64()),
        pa.map_(pa.string(), pa.string()),
        pa.list_(pa.string()),
        pa.list_(pa.struct([("x", pa.string())])),
        pa.large_list(pa.large_string()),
    ],
    ids=str,
)
def test_a_type_that_is_not_taken_is_named_as_the_file_has_it(form: pa.DataType) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([None], form)}), out)
    with pytest.raises(InvalidData) as caught:
        read_parquet(out.getvalue())
    kept = pq.read_schema(io.BytesIO(out.getvalue())).field("a").type
    assert f"cells of type {str(kept)[:80]} are not taken" in caught.value.message
    assert "dictionary" not in caught.value.message
