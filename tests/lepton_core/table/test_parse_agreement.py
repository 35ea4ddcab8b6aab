"""The two ways through a CSV file, the fast one and that of the csv module, and two independent readers, agree."""

import csv
import io
import re
import struct
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Categories, Numbers, kind_of, parse_csv
from lepton_core.table.cells import is_number
from lepton_core.table.csv_columns import columns_from
from lepton_core.table.files import Options, Sheet, open_sheet
from lepton_core.table.files.splitting import SpanRows, split_rows
from lepton_core.table.files.values import Dialect
from lepton_core.table.kinds.number import read_cells
from lepton_core.table.span_numbers import span_numbers
from lepton_core.table.spelling import MISSING_SPELLINGS
from lepton_core.table.spelling.numbers import NumberNotation, read_number
from lepton_core.table.stripping import stripped
from tests.support.sampling import examples

pytestmark = pytest.mark.usefixtures("either_reader")
SETTINGS = settings(deadline=None, max_examples=examples(150, one_in=6))

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SPELLINGS = st.one_of(
    FINITE.map(repr),
    FINITE.map(lambda x: f"{x:.17e}"),
    st.integers(-(10**30), 10**30).map(str),
    st.from_regex(r"\A[+-]?[0-9]{0,25}\.?[0-9]{0,25}([eE][+-]?[0-9]{1,3})?\Z").filter(is_number),
).filter(lambda text: np.isfinite(float(text)))
ODD_CELLS = st.one_of(
    SPELLINGS,
    st.sampled_from(
        ["", "NA", "nan", "inf", "1_0", "٣", "1e400", "-", ".", "e5", "1e", "1 2", " 7 ", "0x1", "1.2.3"]
    ),
    st.text('01.+-eE \t\r\n,;"x', max_size=5),
)


def spans_of(texts):
    """These texts, which hold neither a quote, a tab nor the end of a line, as cells of a file."""
    data = "".join(f"{text}\t\n" for text in texts).encode()
    return split_rows(data, Dialect(delimiter="\t"), 2).rows.column(0)


def read_both_ways(data, options=Options(), *, block_bytes=1 << 18, first_rows=3072):  # noqa: B008
    """The columns of a file and all that is said of it: the fast way, and that of the csv module."""
    return [
        _read(data, options, blocks, block_bytes=block_bytes, first_rows=first_rows)
        for blocks in (Sheet.blocks, Sheet.chunks)
    ]


def _read(data, options, blocks, *, block_bytes, first_rows):
    try:
        sheet = open_sheet(data, options)
        sheet.body = replace(sheet.body, block_bytes=block_bytes)
        columns = columns_from(sheet.names, lambda: blocks(sheet), first_rows=first_rows)
    except InvalidData as error:
        return str(error)
    said = [
        (one.column.name, one.column.kind, one.column.notation, one.decision, dict(one.misfits))
        for one in columns
    ]
    cells = [kind_of(one.column).pack(one.column) for one in columns]
    bits = [{name: array.tobytes() for name, array in arrays.items()} for arrays in cells]
    levels = [one.column.levels for one in columns]
    return said, bits, levels, sheet.notes, sheet.set_aside, sheet.set_aside_count


DECIMALS = st.one_of(
    SPELLINGS,
    FINITE.map(lambda x: f"{x:.6f}"),
    st.floats(-1000, 1000).map(repr),
    st.from_regex(r"\A[+-]?[0-9]{1,17}\.[0-9]{1,22}\Z"),
)


@SETTINGS
@given(st.lists(DECIMALS | ODD_CELLS.filter(lambda text: not set(text) & set('\t\n\r"')), min_size=1))
def test_what_is_read_at_once_is_what_the_rule_for_one_cell_reads(texts):
    cells = stripped(spans_of(texts))
    values, unread = span_numbers(cells)
    for text, value, is_unread in zip(cells, values, unread, strict=True):
        if not is_unread:
            wanted = float("nan") if text == "" else read_number(text)
            assert struct.pack("<d", value) == struct.pack("<d", wanted)


@SETTINGS
@given(st.lists(st.from_regex(r"\A[+-]?[0-9]{0,17}[.,]?[0-9]{0,20}\Z"), min_size=1))
def test_decimal_commas_are_read_at_once_as_they_are_one_by_one(texts):
    values, unread = span_numbers(spans_of(texts), ",")
    for text, value, is_unread in zip(texts, values, unread, strict=True):
        if text and not is_unread:
            wanted = read_number(text, NumberNotation(","))
            assert struct.pack("<d", value) == struct.pack("<d", wanted)


@pytest.mark.slow
@SETTINGS
@given(st.lists(st.floats(1e-3, 1e15).map(repr), min_size=200, max_size=200))
def test_hardly_a_number_that_programs_write_is_left_to_be_read_alone(texts):
    _, unread = span_numbers(spans_of(texts))
    assert unread.sum() <= len([text for text in texts if "e" in text]) + 5


def test_numbers_halfway_between_two_floats_are_read_alone():
    texts = [f"{2**53 + 1}.0", f"{2**54 + 2}.000", "4503599627370496.5", "4503599627370497.5"]
    values, unread = span_numbers(spans_of(texts))
    assert [value for value, alone in zip(values, unread, strict=True) if not alone] == [
        float(text) for text, alone in zip(texts, unread, strict=True) if not alone
    ]


SOME_CELLS = st.one_of(
    ODD_CELLS,
    st.sampled_from(
        [
            *("yes", "no", "TRUE", "2024-01-31", "2024-02-30", "2024-01-31 12:00:01", "31.12.2024", "90 min"),
            *('"a ""b"" c"', '"x,y"', '"x\ny"', '"x\r\ny"', 'say "hi"', '"open', "Köln", "\u00a0Ulm\u3000"),
            *(
                "$1,200",
                '"1,5"',
                "1,5",
                "1.234,5",
                "007",
                "9007199254740993",
                "1e5",
                "ﾟ",
                "\x1ca\x1f",
                "total",
            ),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("abc", min_size=1, max_size=40),
)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(SOME_CELLS, min_size=width, max_size=width) | st.lists(SOME_CELLS, max_size=5),
        min_size=1,
        max_size=12,
    )
)
ENDS = st.lists(st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r", " \n"]), min_size=13, max_size=13)


def text_of(rows, ends, delimiter):
    return "".join(delimiter.join(row) + end for row, end in zip(rows, ends, strict=False)).encode()


@pytest.mark.slow
@settings(SETTINGS, max_examples=examples(1000, one_in=8))
@given(TABLES, ENDS, st.sampled_from([",", ";", "\t"]), st.integers(0, 40), st.integers(1, 4), st.data())
def test_both_ways_give_the_same_columns_and_say_the_same(rows, ends, delimiter, size, first_rows, data):
    width = len(rows[0])
    whole = st.sampled_from([[str(i)] * width for i in range(9)] + [["x", *"yz12"][:width], [""] * width])
    rows = [[f"c{i}" for i in range(width)], *rows, *data.draw(st.lists(whole, max_size=30))]
    content = text_of(rows, [*ends * 4], delimiter)
    options = Options(delimiter=delimiter, header=True, quote='"', bad_rows=1.0)
    fast, slow = read_both_ways(content, options, block_bytes=size + 1, first_rows=first_rows)
    assert fast == slow


@pytest.mark.parametrize("delimiter", [" ", ",", "\t"])
@pytest.mark.parametrize("last", ["0.0", "0.0{0}0.0", "0.0{0}0.0{0}0.0"])
def test_a_row_of_empty_cells_is_one_whatever_is_wrong_with_others(delimiter, last):
    rows = [row.format(delimiter) for row in ("a{0}b", "0.0{0}1.0", "{0}", "2.0{0}0.0", last)]
    fast, slow = (
        [
            list(row)
            for some in way(open_sheet("\n".join(rows).encode(), Options(bad_rows=1.0)))
            for row in some
        ]
        for way in (Sheet.blocks, Sheet.chunks)
    )
    whole = [["0.0", "1.0"], ["", ""], ["2.0", "0.0"], last.split("{0}")]
    assert fast == slow == [row for row in whole if len(row) == 2]


@pytest.mark.slow
@settings(SETTINGS, max_examples=examples(500, one_in=8))
@given(TABLES, ENDS, st.sampled_from([",", ";", "\t", "|", " "]))
@example([[], ["0.0", "0.0"], [], *[["0.0", "0.0"]] * 3, ["0.0"]], ["\n", "\n", " \n", *["\n"] * 10], " ")
def test_both_ways_agree_where_nothing_is_said_of_the_dialect(rows, ends, delimiter):
    fast, slow = read_both_ways(text_of([["a", "b"], *rows], ends, delimiter))
    assert fast == slow


@pytest.mark.slow
@SETTINGS
@given(
    st.lists(
        st.tuples(
            *[
                st.sampled_from(["1", "2.5", "-3", "", "NA", "red", "2024-01-31", "yes", '"q ""q"""'])
                | st.sampled_from(["1.5"] * 8 + ['"1,5"', '"2.5"', '"1,"', '"-1.5"', '"1.5,"'])
            ]
            * 3
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(1, 200),
    st.integers(1, 5),
)
def test_where_blocks_and_first_rows_end_makes_no_difference_to_either_way(rows, size, first_rows):
    content = ("a,b,c\n" + "".join(",".join(row) + "\n" for row in rows)).encode()
    options = Options(delimiter=",", header=True, quote='"')
    fast, slow = read_both_ways(content, options, block_bytes=size, first_rows=first_rows)
    assert fast == slow
    assert fast == read_both_ways(content, options, first_rows=first_rows)[0]


@SETTINGS
@given(st.binary(max_size=80).map(lambda tail: b"a,b\n" + b"1,2\n" * 20 + tail))
def test_any_bytes_behind_some_rows_give_their_table_or_invalid_data(data):
    try:
        table = parse_csv(data)
    except InvalidData:
        return
    assert table.names == ("a", "b")


@SETTINGS
@given(st.binary(max_size=80) | st.text("ab,;\"'\t|\\ \r\n01.", max_size=40).map(str.encode))
def test_any_bytes_give_a_table_or_a_typed_error(data):
    with suppress(InvalidInput):
        parse_csv(data)


@SETTINGS
@given(st.text("0123456789+-.eE", max_size=12))
def test_is_number_is_what_float_takes_of_these_characters(text):
    try:
        float(text)
        taken = True
    except ValueError:
        taken = False
    assert is_number(text) is taken


@SETTINGS
@given(st.lists(ODD_CELLS | st.integers(-2, 2).map(lambda more: str(2**53 + more)), min_size=1, max_size=8))
@example(["9007199254740993"])
@example(["-9007199254740993"])
def test_numbers_takes_a_chunk_only_if_the_rule_for_one_cell_takes_every_cell(cells):
    texts = [cell.strip() for cell in cells]
    found = read_cells(cells)
    if all(re.fullmatch("[+-]?[0-9.]{1,15}", text) and read_number(text) is not None for text in texts):
        assert found is not None
    if found is not None:
        wanted = [np.nan if text in MISSING_SPELLINGS else read_number(text) for text in texts]
        assert np.array_equal(found, wanted, equal_nan=True)


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters='",;\t\n\r é日'), max_size=6
).map(str.strip)


@SETTINGS
@given(st.lists(st.tuples(FINITE, TEXTS.filter(lambda text: text not in MISSING_SPELLINGS)), min_size=1))
def test_what_the_csv_module_writes_comes_back(rows):
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerows([("number", "text"), *((x, f"t{text}") for x, text in rows)])
    table = parse_csv(file.getvalue().encode(), options=Options(delimiter=",", quote='"', header=True))
    assert table["number"].values.tolist() == [x for x, _ in rows]
    assert kind_of(table["text"]).cells(table["text"]) == [f"t{text}" for _, text in rows]


@pytest.mark.slow
@SETTINGS
@given(st.lists(st.tuples(st.none() | FINITE, st.none() | st.sampled_from("abc")), min_size=1))
def test_what_pandas_writes_reads_as_it_was(rows):
    frame = pd.DataFrame(rows, columns=["number", "text"]).astype({"number": "float64", "text": "object"})
    table = parse_csv(frame.assign(label=range(len(rows))).to_csv(index=False).encode(), label="label")
    assert np.array_equal(table["number"].values, frame["number"].to_numpy(), equal_nan=True)
    if frame["text"].notna().any():
        assert kind_of(table["text"]).cells(table["text"]) == [text for _, text in rows]


def test_rows_of_many_blocks_join_without_a_seam():
    values = np.random.default_rng(0).normal(size=(300, 3))
    data = ("a,b,c\r\n" + "\r\n".join(",".join(map(repr, row)) for row in values.tolist())).encode()
    for size in (1, 7, 64, 1000):
        sheet = open_sheet(data)
        sheet.body = replace(sheet.body, block_bytes=size)
        columns = columns_from(sheet.names, sheet.blocks)
        assert np.array_equal([one.column.values for one in columns], values.T)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("cell", ["1,5", "1\n5", "1,", "1\n", "1,200.5", ",5"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_parts_cells_is_no_decimal_point_within_quotes(cell, delimiter):
    rows = "".join(f"{i}.5{delimiter}0.25\n" for i in range(4000))
    fast, slow = read_both_ways(f'a{delimiter}b\n{rows}"{cell}"{delimiter}1.5\n'.encode())
    assert fast == slow


def test_a_header_that_comes_again_is_found_in_either_way():
    rows = "".join(f"{i},{i % 3}\n" for i in range(50))
    fast, slow = read_both_ways(f"a,b\n{rows}a,b\n{rows}".encode())
    assert fast == slow
    assert "header_again" in [note.code for note in fast[3]]


def test_a_file_of_many_rows_is_read_without_texts_of_its_plain_cells():
    data = "a,b,c\n" + "".join(f"{i}.5,x{i % 3},2024-01-{i % 28 + 1:02d}\n" for i in range(20_000))
    sheet = open_sheet(data.encode())
    assert {type(block) for block in sheet.blocks()} == {SpanRows}
    fast, slow = read_both_ways(data.encode())
    assert fast == slow


def test_a_column_that_turns_to_text_late_keeps_the_text_of_its_first_rows():
    rows = [["007", "1"], ["1.50", "2"], ["x", "3"], ["NA", ""], ["y", "4"], ["z", "5"]]
    columns = columns_from(["a", "b"], lambda: iter([rows[:3], rows[3:]]), first_rows=2)
    assert columns[0].column == Categories.of("a", ["007", "1.50", "x", None, "y", "z"])
    assert columns[1].column == Numbers("b", np.array([1, 2, 3, np.nan, 4, 5]), "integer")
