"""The two ways through a CSV file, and two independent readers, agree."""

import csv
import io
import re
import struct
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Categories, Numbers, kind_of, parse_csv, read_csv
from lepton_core.table.cells import is_number
from lepton_core.table.csv_columns import columns_from
from lepton_core.table.csv_numbers import read_numbers
from lepton_core.table.files import Options, open_sheet
from lepton_core.table.kinds.number import read_cells
from lepton_core.table.spelling import MISSING_SPELLINGS

SETTINGS = settings(deadline=None, max_examples=150)

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


def by_csv_module(data: bytes) -> object:
    """What the careful way makes of the file, whether or not the fast one would take it."""
    try:
        sheet = open_sheet(data)
        if len(sheet.names) == 1:
            return parse_csv(data)
        return tuple(one.column for one in columns_from(sheet.names, sheet.chunks))
    except InvalidData as error:
        return str(error)


def outcome(data: bytes) -> object:
    """The columns of all rows of the file, also of those that have no label."""
    try:
        return tuple(one.column for one in read_csv(data).columns)
    except InvalidData as error:
        return str(error)


def same_bits(one: object, two: object) -> bool:
    """Equal, and the numbers to the last bit (the sign of zero counts)."""
    if one != two:
        return False
    if isinstance(one, str):
        return True
    pairs = zip(one, two, strict=True)
    return all(a.values.tobytes() == b.values.tobytes() for a, b in pairs if isinstance(a, Numbers))


@pytest.mark.slow
@SETTINGS
@given(
    st.integers(2, 4).flatmap(lambda k: st.lists(st.lists(SPELLINGS, min_size=k, max_size=k), min_size=1)),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.booleans(),
)
def test_clean_numbers_take_the_fast_way_and_are_those_of_float(rows, delimiter, ending, mark, ended):
    names = [f"c{i}" for i in range(len(rows[0]))]
    lines = [delimiter.join(row) for row in [names, *rows]]
    data = mark + (ending.join(lines) + (ending if ended else "")).encode()
    fast = read_numbers(data, len(names), delimiter, data.index(b"\n") + 1)
    plain = [text for row in rows for text in row]
    if any(re.match(r"[+-]?0[0-9]", text) or abs(float(text)) >= 2**53 for text in plain):
        assert fast is None
        return
    assert fast is not None
    wanted = [struct.pack("<d", float(row[i])) for i in range(len(names)) for row in rows]
    assert [struct.pack("<d", x) for x in fast.ravel()] == wanted
    assert same_bits(outcome(data), by_csv_module(data))


@pytest.mark.slow
@SETTINGS
@given(
    st.lists(st.lists(ODD_CELLS, min_size=1, max_size=3), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.sampled_from(["a,b", '"a",b', " a ,b", "a", "a,a", ",", "\na,b", '"a\n",b', "1,2"]),
)
def test_both_ways_give_the_same_table_or_the_same_error(
    rows,
    delimiter,
    ending,
    header,
):
    data = ending.join([header.replace(",", delimiter), *(delimiter.join(row) for row in rows)]).encode()
    found = outcome(data)
    assume(
        not (isinstance(found, str) and "no row has a label" in found)
    )  # the columns alone know of no label
    assert same_bits(found, by_csv_module(data))


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
@given(st.lists(ODD_CELLS, min_size=1, max_size=8))
def test_numbers_takes_a_chunk_exactly_if_every_cell_is_missing_or_a_finite_number(cells):
    texts = [cell.strip() for cell in cells]
    fine = all(text in MISSING_SPELLINGS or (is_number(text) and np.isfinite(float(text))) for text in texts)
    found = read_cells(cells)
    assert (found is not None) is fine
    if found is not None:
        wanted = [np.nan if text in MISSING_SPELLINGS else float(text) for text in texts]
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


def test_pieces_of_the_fast_way_join_without_a_seam():
    values = np.random.default_rng(0).normal(size=(300, 3))
    data = ("a,b,c\r\n" + "\r\n".join(",".join(map(repr, row)) for row in values.tolist())).encode()
    for size in (1, 7, 64, 1000):
        assert np.array_equal(read_numbers(data, 3, ",", 7, piece_size=size), values.T)


def test_a_column_that_turns_to_text_late_keeps_the_text_of_its_first_rows():
    rows = [["007", "1"], ["1.50", "2"], ["x", "3"], ["NA", ""], ["y", "4"], ["z", "5"]]
    columns = columns_from(["a", "b"], lambda: iter([rows[:2], rows[2:4], rows[4:]]))
    assert columns[0].column == Categories.of("a", ["007", "1.50", "x", None, "y", "z"])
    assert columns[1].column == Numbers("b", np.array([1, 2, 3, np.nan, 4, 5]), "integer")
