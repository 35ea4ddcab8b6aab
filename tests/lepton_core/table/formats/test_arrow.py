"""Parquet and Arrow files are the frame that they hold: pandas reads them as well, and both ways give one table."""

import datetime as dt
import decimal
import subprocess
import sys
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai.frames import table_from_frame
from lepton_core.errors import InvalidData, LeptonError, TooLarge
from lepton_core.table import ReadingOptions, read_file
from lepton_core.table.formats import GivenFile, open_file
from lepton_core.table.formats.given_file import MOST_CELLS
from tests.support.sampling import examples
from tests.support.written_files import arrow_stream, feather, parquet

FORMS = {"parquet": parquet, "feather": feather, "stream": arrow_stream}
UTC = dt.UTC

COLUMNS = {
    pa.int8(): st.integers(-128, 127),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32, allow_nan=False, allow_infinity=False),
    pa.float64(): st.floats(allow_nan=False, allow_infinity=False),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.large_string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.timestamp("us"): st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2250, 1, 1)),
    pa.timestamp("ms", "Europe/Berlin"): st.datetimes(
        dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(UTC)
    ).map(lambda when: when.replace(microsecond=0)),
    pa.date32(): st.dates(dt.date(1700, 1, 1), dt.date(2250, 1, 1)),
    pa.duration("us"): st.timedeltas(dt.timedelta(-999), dt.timedelta(999)),
    pa.decimal128(12, 2): st.decimals(-(10**9), 10**9, places=2),
    pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["a", "NA", ""]),
}


def opened(data: bytes, **said: object) -> GivenFile:
    found = open_file(data, ReadingOptions(**said))  # type: ignore[arg-type]
    assert isinstance(found, GivenFile)
    return found


@st.composite
def arrow_tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 6))
    columns = {}
    for number in range(draw(st.integers(1, 5))):
        form = draw(st.sampled_from(list(COLUMNS)))
        cells = COLUMNS[form] | st.none() if draw(st.booleans()) else COLUMNS[form]
        values = [draw(COLUMNS[form]), *draw(st.lists(cells, min_size=rows, max_size=rows))]
        columns[f"c{number}"] = pa.array(values, type=form)
    return pa.table(columns)


@settings(max_examples=examples(150))
@given(arrow_tables(), st.sampled_from(sorted(FORMS)))
def test_a_file_is_the_frame_that_pandas_makes_of_it(table, form):
    """Where pandas keeps the type: whole numbers with gaps are read by it with types that have them."""
    frame = table.to_pandas(types_mapper=KEPT.get)
    assert opened(FORMS[form](table)).table == table_from_frame(frame)


KEPT = {pa.int8(): pd.Int8Dtype(), pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}


def test_row_groups_and_batches_are_joined():
    table = pa.table({"n": range(100), "t": pa.array([f"t{n % 7}" for n in range(100)])})
    whole = opened(parquet(table)).table
    assert opened(parquet(table, row_group_size=9)).table == whole
    assert opened(feather(table, chunksize=11)).table == whole
    assert opened(feather(table, compression="zstd")).table == whole
    assert opened(feather(table, compression="uncompressed")).table == whole


def test_an_index_of_pandas_with_a_name_is_a_column_and_said():
    frame = pd.DataFrame(
        {"x": [1, 2], "day": pd.to_datetime(["2024-05-01", "2024-05-02"]), "shop": ["a", "b"]}
    )
    found = opened(parquet(pa.Table.from_pandas(frame.set_index(["day", "shop"]))))
    assert found.table.names == ("day", "shop", "x")
    assert [(note.code, note.column) for note in found.notes] == [("index", "day"), ("index", "shop")]
    without = opened(parquet(pa.Table.from_pandas(frame.set_index("day"))), exclude=["day"]).table
    assert without["day"].missing.all()


def test_an_index_of_pandas_without_a_name_is_left_out_and_said():
    frame = pd.DataFrame({"x": [1, 2]}, index=["a", "b"])
    found = opened(parquet(pa.Table.from_pandas(frame)))
    assert found.table.names == ("x",)
    assert [note.code for note in found.notes] == ["index"]
    assert opened(parquet(pa.Table.from_pandas(frame.reset_index(drop=True)))).notes == ()


@pytest.mark.parametrize("form", sorted(FORMS))
def test_types_that_pandas_has_no_column_for(form):
    ids = [uuid.UUID(int=1), None]
    table = pa.table(
        {
            "part": pa.array([{"zip": "01", "x": 1.5}, None]),
            "price": pa.array([decimal.Decimal("1.25"), None]),
            "at": pa.array([dt.time(3, 4), None]),
            "none": pa.nulls(2),
            "wide": pa.array(["x" * 20, None]).cast(pa.large_string()),
        }
    )
    found = opened(FORMS[form](table)).table
    assert found.names == ("part.zip", "part.x", "price", "at", "none", "wide")
    assert found["part.zip"].as_list() == ["01", None] and found["at"].as_list() == ["03:04:00", None]
    assert found["price"].values[0] == 1.25 and found["none"].missing.all()
    if form != "parquet":
        views = pa.table({"view": pa.array(["x" * 20, None, "é"], pa.string_view())})
        assert opened(FORMS[form](views)).table["view"].as_list() == ["x" * 20, None, "é"]
        assert opened(FORMS[form](pa.table({"id": pa.array([i and i.bytes for i in ids], pa.uuid())}))).table[
            "id"
        ].as_list() == [str(ids[0]), None]


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (pa.array([[1, 2], None]), r"exclude=\['odd'\]"),
        (pa.array([b"x", b"y"]), "bytes; decode them"),
        (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())), r"exclude=\['odd'\]"),
        (pa.array([2**62, 1], pa.timestamp("ms")), "beyond the years that are known"),
    ],
)
def test_what_is_no_cell_is_refused_by_column_and_can_be_left_out(form, array, reason):
    data = FORMS[form](pa.table({"x": [1, 2], "odd": array, "y": ["u", "v"]}))
    with pytest.raises(InvalidData, match=f"column 'odd': .*{reason}"):
        opened(data)
    assert read_file(data, ReadingOptions(exclude=("odd",))).table.names == ("x", "y")


def test_two_columns_of_one_name_are_refused():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    for write in (feather, arrow_stream):
        with pytest.raises(InvalidData, match=r"column 'a': there are two columns"):
            opened(write(table))
    with pytest.raises(InvalidData, match=r"column 'a': there are two columns"):
        opened(parquet(pa.table({"a": [1], " a": [2]})))


@pytest.mark.slow
def test_a_few_bytes_that_stand_for_gigabytes_are_refused():
    long = "x" * 3_000_000
    codes = pa.array(np.zeros(1000, dtype=np.int32))
    texts = pa.table({"t": pa.DictionaryArray.from_arrays(codes, pa.array([long]))})
    for write in FORMS.values():
        with pytest.raises(TooLarge, match="texts take more than"):
            opened(write(texts))
    for write in FORMS.values():
        with pytest.raises(TooLarge, match="cells that are taken"):
            opened(write(pa.table({"n": pa.nulls(MOST_CELLS + 1)})))


@pytest.mark.parametrize(("rows", "is_taken"), [(2_000, True), (3_000, False)])
def test_texts_of_a_small_file_may_take_a_quarter_of_a_gigabyte(rows, is_taken):
    codes = pa.array(np.zeros(rows, dtype=np.int32))
    texts = pa.table({"t": pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 100_000]))})
    for write in FORMS.values():
        if is_taken:
            assert opened(write(texts)).table.rows == rows
        else:
            with pytest.raises(TooLarge, match="texts take more than"):
                opened(write(texts))


@pytest.mark.slow
def test_numbers_of_a_small_file_may_take_a_quarter_of_a_gigabyte():
    same = pa.array(np.zeros(18_000_000, dtype=np.int8))
    with pytest.raises(TooLarge, match="18000000 rows of 2 columns unpack to more than"):
        opened(parquet(pa.table({"a": same, "b": same})))


@pytest.mark.parametrize("form", sorted(FORMS))
@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_bytes_changed_anywhere_give_a_table_or_an_error_of_ours(form, data):
    table = pa.table(
        {
            "n": range(20),
            "f": [None, 1.5] * 10,
            "t": pa.array([f"t{n % 3}" for n in range(20)]).dictionary_encode(),
            "s": [f"text {n}" for n in range(20)],
            "d": pa.array(range(20), pa.timestamp("us", "UTC")),
        }
    )
    written = bytearray(FORMS[form](table))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(written) - 1))
        written[at] = data.draw(st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255))
    if data.draw(st.booleans()):
        del written[data.draw(st.integers(1, len(written) - 1)) :]
    try:
        read = read_file(bytes(written))
    except LeptonError:
        return
    assert read.table.rows > 0


def test_without_the_library_the_error_names_the_extra():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from lepton_core.table import read_file\n"
        "from lepton_core.errors import InvalidData\n"
        "for data in (b'PAR1' + bytes(50), b'ARROW1\\0\\0' + bytes(50), b'\\xff\\xff\\xff\\xff' + bytes(50)):\n"
        "    try:\n"
        "        read_file(data)\n"
        "    except InvalidData as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("this is a Parquet file: pip install 'lepton-ai[parquet]'")
    assert lines[1].startswith("this is an Arrow file: pip install 'lepton-ai[parquet]'")
    assert len(lines) == 3
