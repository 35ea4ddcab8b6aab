"""Files in which pandas keeps what Arrow has no word for: periods, and names of several lines."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai.frames import table_from_frame
from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions
from lepton_core.table.formats import GivenFile, open_file
from tests.support.sampling import examples
from tests.support.written_files import arrow_stream, parquet

FREQUENCIES = [
    "Y",
    "Y-JUN",
    "Q",
    "Q-JAN",
    "M",
    "2M",
    "W",
    "W-WED",
    "W-MON",
    "D",
    "h",
    "3h",
    "min",
    "s",
    "ms",
    "us",
    "ns",
]


def opened(data: bytes, **said: object) -> GivenFile:
    found = open_file(data, ReadingOptions(**said))  # type: ignore[arg-type]
    assert isinstance(found, GivenFile)
    return found


@settings(max_examples=examples(100))
@given(
    st.sampled_from(FREQUENCIES),
    st.lists(
        st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")) | st.none(),
        min_size=1,
        max_size=9,
    ),
)
def test_periods_are_the_texts_that_pandas_shows(frequency, moments):
    periods = pd.PeriodIndex([pd.NaT if at is None else pd.Timestamp(at) for at in moments], freq=frequency)
    frame = pd.DataFrame({"p": periods, "y": range(len(moments))})
    wanted = [None if period is pd.NaT else str(period) for period in periods]
    assert table_from_frame(frame)["p"].as_list() == wanted
    table = pa.Table.from_pandas(frame)
    for data in (parquet(table), arrow_stream(table)):
        assert opened(data).table["p"].as_list() == wanted


@pytest.mark.slow
def test_they_are_known_where_pandas_is_not_loaded(tmp_path):
    frame = pd.DataFrame({"p": pd.period_range("2024-01", periods=3, freq="M"), "y": [1, 2, 3]})
    path = tmp_path / "periods.parquet"
    path.write_bytes(parquet(pa.Table.from_pandas(frame)))
    code = (
        "import sys\nfrom pathlib import Path\nfrom lepton_core.table import ReadingOptions\n"
        "from lepton_core.table.formats import open_file\n"
        "print(open_file(Path(sys.argv[1]).read_bytes(), ReadingOptions()).table['p'].as_list())"
    )
    root = Path(__file__).parents[4]
    told = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True, cwd=root
    )
    assert told.stdout == "['2024-01', '2024-02', '2024-03']\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("frequency", "ordinal", "said"),
    [
        ('{"freq": "B"}', 5, "periods of the frequency 'B', which are not taken"),
        ("no JSON", 5, "periods of the frequency ''"),
        ('{"freq": "Y"}', 2**62, "beyond the years that are known"),
        ('{"freq": "W"}', -(2**62), "beyond the years that are known"),
        ('{"freq": "h"}', 2**62, "beyond the years that are known"),
        ('{"freq": "ms"}', 2**62, "beyond the years that are known"),
    ],
)
def test_what_is_no_period_here_is_refused_by_column_and_can_be_left_out(frequency, ordinal, said):
    told = {"ARROW:extension:name": "pandas.period", "ARROW:extension:metadata": frequency}
    fields = [pa.field("p", pa.int64(), metadata=told), pa.field("y", pa.int64())]
    code = (
        "import sys\nfrom lepton_core.table import ReadingOptions\nfrom lepton_core.table.formats import open_file\n"
        "from lepton_core.errors import InvalidData\ndata = sys.stdin.buffer.read()\n"
        "try:\n    open_file(data, ReadingOptions())\nexcept InvalidData as error:\n    print(error)\n"
        "print(open_file(data, ReadingOptions(exclude=['p'])).table.names)"
    )
    data = parquet(pa.table([pa.array([ordinal]), pa.array([1])], schema=pa.schema(fields)))
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True, cwd=root)
    assert said in done.stdout.decode()
    assert "'p'" in done.stdout.decode()


def test_several_header_lines_are_one_name_as_those_of_a_frame():
    columns = pd.MultiIndex.from_tuples([("s", "min"), ("s", "max"), ("y", ""), ("t", "a")])
    frame = pd.DataFrame([[1, 2.5, "a", 1], [2, 3.5, "b", 2]], columns=columns)
    wanted = table_from_frame(frame)
    for data in (parquet(pa.Table.from_pandas(frame)), arrow_stream(pa.Table.from_pandas(frame))):
        assert opened(data).table.names == wanted.names == ("s_min", "s_max", "y", "t_a")
        assert opened(data).table["s_max"] == wanted["s_max"]
        assert opened(data, exclude=["s_min"]).table["s_min"].missing.all()


@pytest.mark.parametrize("names", [["('a', 'b')", "y"], ["(((((((", "y"], ["(" * 9000, "y"]])
def test_a_name_that_looks_like_a_tuple_stays_where_there_is_one_header_line(names):
    table = pa.table([pa.array([1.5]), pa.array([2])], names=names)
    assert opened(parquet(table)).table.names == tuple(names)
    several = table.replace_schema_metadata({"pandas": '{"column_indexes": [{}, {}]}'})
    wanted = "a_b" if names[0].endswith("')") else names[0]
    assert opened(parquet(several)).table.names == (wanted, "y")


def test_an_index_of_several_levels_is_read_as_that_of_a_frame():
    levels = pd.MultiIndex.from_product([["u", "v"], [1, 2]], names=["k", "n"])
    frame = pd.DataFrame({"x": np.arange(4.0), "y": list("abab")}, index=levels)
    found = opened(parquet(pa.Table.from_pandas(frame)))
    assert found.table == table_from_frame(frame)
    assert [note.column for note in found.notes] == ["k", "n"]
    frame.index.names = [None, None]
    [note] = opened(parquet(pa.Table.from_pandas(frame))).notes
    assert "reset_index" in note.message


def test_periods_beyond_are_named_in_this_process_too():
    table = pa.Table.from_pandas(
        pd.DataFrame({"p": pd.period_range("2020-01-03", periods=2, freq="D"), "y": [1, 2]})
    )
    far = table.set_column(
        0,
        table.schema.field(0),
        pa.ExtensionArray.from_storage(table.schema.field(0).type, pa.array([0, 2**61])),
    )
    with pytest.raises(InvalidData, match="column 'p': a period is beyond"):
        opened(parquet(far))
