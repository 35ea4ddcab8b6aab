"""Each compiled function gives what its twin in numpy gives, bit for bit."""

import csv
import io
import struct
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lepton_core.table.files.splitting import split_rows
from lepton_core.table.files.values import Dialect
from lepton_core.table.hashing import number_hashes
from lepton_core.table.kinds.text_reader import TextReader
from lepton_core.table.native import cells as compiled
from lepton_core.table.native import hashes as compiled_hashes
from lepton_core.table.native.codes import NativeCodes
from lepton_core.table.native.library import demand_short, native, using
from lepton_core.table.row_keys import row_hashes
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.span_codes import SpanCodes
from lepton_core.table.span_numbers import numbers_in_numpy, span_numbers
from lepton_core.table.spans import PAD, Spans, TextBlock
from lepton_core.table.spelling.dates import DateNotation
from lepton_core.table.spelling.many_dates import dates_in_numpy, read_dates
from lepton_core.table.stripping import strip_in_numpy
from lepton_core.table.table import Table
from lepton_core.table.word_hashing import word_hashes
from tests.support.sampling import examples

LIBRARY = native()
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="nothing is compiled: there was no C compiler")
SETTINGS = settings(deadline=None, max_examples=examples(300))

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"\A[+-]?[0-9]{0,20}[.,]?[0-9]{0,24}\Z"),
    st.from_regex(r"\A *[+-]?0?[.,]0{0,10}[0-9]{0,19} *\Z"),
    st.text("0123456789+-.,e ", max_size=12),
    ANY_TEXT,
)
DATES = st.one_of(
    st.datetimes().map(str),
    st.datetimes().map(lambda when: when.isoformat(timespec="milliseconds") + "Z"),
    st.datetimes().map(lambda when: when.isoformat(timespec="minutes") + "+05:30"),
    st.dates().map(str),
    st.from_regex(
        r"\A[0-9]{4}-[0-3][0-9]-[0-3][0-9]"
        r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{3,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"
    ),
    st.text("0123456789-:TZ +.", max_size=33),
)


def cells_of(texts: Sequence[str]) -> Spans:
    """These texts as cells of a block, one behind the other, with nothing between them."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([PAD, *map(len, encoded)])
    return Spans(TextBlock(b"".join((b" " * PAD, *encoded, b" " * PAD))), ends[:-1], ends[1:])


def bits(values: np.ndarray) -> bytes:
    return np.where(np.isnan(values), np.nan, values).tobytes()


@pytest.mark.slow
@SETTINGS
@given(st.lists(NUMBERS), st.sampled_from(".,"))
def test_numbers_have_the_bits_that_float_gives_them(texts: list[str], decimal: str) -> None:
    values, bad = compiled.numbers(LIBRARY, cells_of(texts), decimal)
    for text, value, is_bad in zip(texts, values, bad, strict=True):
        inner = text.strip("\t\n\v\f\r\x1c\x1d\x1e\x1f ")
        if not inner or is_bad:
            assert np.isnan(value)
        else:
            assert struct.pack("<d", value) == struct.pack("<d", float(inner.replace(decimal, ".")))
    assert not bad[[not text.strip() for text in texts]].any()


@pytest.mark.slow
@SETTINGS
@given(st.lists(st.from_regex(r"\A[+-]?[0-9]{0,19}[.,]?[0-9]{0,22}\Z") | ANY_TEXT), st.sampled_from(".,"))
def test_a_cell_that_numpy_reads_is_read_and_one_that_is_no_number_is_not(
    texts: list[str], decimal: str
) -> None:
    marked = "".join(f"{text}\t\n" for text in texts if not set(text) & set('\t\n\r\0"'))
    with using(None):
        found = split_rows(marked.encode(), Dialect(delimiter="\t"), 2)
    if found is None:
        return
    cells = found.rows.column(0)
    slow, unread = numbers_in_numpy(cells, decimal)
    fast, bad = compiled.numbers(LIBRARY, cells, decimal)
    assert not (bad & ~unread).any()
    assert bits(fast[~unread]) == bits(slow[~unread])


@st.composite
def nearly_halfway(draw: st.DrawFn) -> str:
    """A decimal of at most 19 digits next to the middle of two float64, or in it."""
    low = draw(st.integers(2**52, 2**53 - 1))
    middle = Fraction(2 * low + 1, 2) / 2 ** draw(st.integers(-8, 60))
    decimals = draw(st.integers(1, 22))
    digits = round(middle * 10**decimals) + draw(st.integers(-2, 2))
    return format(Decimal(digits).scaleb(-decimals), "f")


@pytest.mark.slow
@SETTINGS
@given(st.lists(nearly_halfway(), min_size=1))
@example(["4503599627370496.5", "4503599627370497.5", "9007199254740993.0", "0.500000000000000166"])
def test_decimals_next_to_the_middle_of_two_floats_are_rounded_to_the_right_side(texts: list[str]) -> None:
    values, bad = compiled.numbers(LIBRARY, cells_of(texts), ".")
    assert [value for value, is_bad in zip(values, bad, strict=True) if not is_bad] == [
        float(text) for text, is_bad in zip(texts, bad, strict=True) if not is_bad
    ]


@pytest.mark.slow
@SETTINGS
@given(st.lists(DATES | ANY_TEXT))
def test_dates_are_those_of_numpy(texts: list[str]) -> None:
    cells = cells_of(texts)
    assert bits(compiled.dates(LIBRARY, cells)) == bits(dates_in_numpy(cells))


def test_every_day_of_ten_thousand_years_is_the_one_that_the_rule_for_a_cell_reads() -> None:
    days = np.arange("0001-01-01", "10000-01-01", 37, dtype="datetime64[D]").astype(str).tolist()
    ends = [
        f"{year:04d}-{month:02d}-{day}"
        for year in (1900, 2000, 2023, 2024)
        for month in range(14)
        for day in (28, 29, 30, 31, 32)
    ]
    texts = days + ends
    assert bits(compiled.dates(LIBRARY, cells_of(texts))) == bits(read_dates(texts, DateNotation()))


@SETTINGS
@given(st.lists(st.text("ab\t \x1c\x1f\xa0é\n", max_size=10)))
def test_cells_lose_the_blanks_that_they_lose_in_numpy(texts: list[str]) -> None:
    cells = cells_of(texts)
    assert list(compiled.stripped(LIBRARY, cells)) == list(strip_in_numpy(cells))


QUOTED = st.text('ab,;"\n\r x', max_size=12).map(lambda text: '"' + text.replace('"', '""') + '"')
FIELDS = QUOTED | st.text("ab1. ", max_size=20) | st.text('ab,"\r\n', max_size=4)


@SETTINGS
@given(
    st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width))),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 5),
    st.booleans(),
)
def test_a_block_has_the_rows_that_it_has_in_numpy(
    rows: list[list[str]], end: str, cut: int, is_last: bool
) -> None:
    data = "".join(",".join(row) + end for row in rows).encode()
    data, width = data[: len(data) - cut], len(rows[0]) if rows else 2
    found = split_rows(data, Dialect(quote='"'), width, is_last=is_last)
    with using(None):
        wanted = split_rows(data, Dialect(quote='"'), width, is_last=is_last)
    if wanted is None:
        if found is not None:  # the rows before the one that stops numpy
            reader = csv.reader(io.StringIO(data[: found.octets].decode(), newline=""), strict=True)
            assert list(found.rows) == [row for row in reader if row]
        return
    assert found is not None
    assert (found.octets, found.lines) == (wanted.octets, wanted.lines)
    assert list(found.rows) == list(wanted.rows)
    for place in range(width):
        assert list(found.rows.column(place)) == list(wanted.rows.column(place))


@SETTINGS
@given(
    st.lists(
        st.lists(ANY_TEXT | st.text("ab", max_size=40) | st.integers().map(str), max_size=80), max_size=4
    )
)
def test_texts_get_the_codes_that_they_get_in_numpy(blocks: list[list[str]]) -> None:
    fast, slow = NativeCodes(LIBRARY), SpanCodes()
    for texts in blocks:
        assert fast.codes(cells_of(texts)).tolist() == slow.codes(cells_of(texts)).tolist()
        assert fast.codes_of(texts[::-1]).tolist() == slow.codes_of(texts[::-1]).tolist()
    assert len(fast) == len(slow)
    assert fast.texts == slow.texts
    assert fast.texts_from(len(fast) // 2) == slow.texts_from(len(slow) // 2)


def test_a_hundred_thousand_texts_each_get_a_code_of_their_own() -> None:
    texts = [f"customer {number}" for number in range(100_000)]
    codes = NativeCodes(LIBRARY)
    assert codes.codes(cells_of(texts * 2)).tolist() == [*range(100_000)] * 2
    assert codes.texts == texts


def test_a_lone_surrogate_of_a_json_file_is_a_text_like_others() -> None:
    codes = NativeCodes(LIBRARY)
    assert codes.codes_of(["\ud800", "a", "\ud800"]).tolist() == [0, 1, 0]
    assert codes.texts == ["\ud800", "a"]


@SETTINGS
@given(
    st.lists(FIELDS | st.sampled_from(["NA", "null", "#N/A", "?", "-", " ", "\u3000x", "\xa0"])),
    st.booleans(),
)
def test_a_column_of_texts_has_the_bytes_that_it_has_in_numpy(texts: list[str], doubled: bool) -> None:
    cells = cells_of([text.replace('"', '""') if doubled else text for text in texts])
    if doubled and texts:
        cells = Spans(
            cells.block, cells.starts, cells.ends, doubled=np.array(['"' in text for text in texts])
        )
    columns = []
    for library in (LIBRARY, None):
        with using(library):
            reader = TextReader("text", ColumnSchema("t", "text", (), "", None), len(texts))
            reader.take(cells)
            reader.take(cells)
            columns.append(reader.column())
    fast, slow = columns
    assert fast.as_list() == slow.as_list()
    assert fast.offsets.tolist() == slow.offsets.tolist()


@pytest.mark.slow
@SETTINGS
@given(st.lists(st.binary(max_size=40) | st.binary(min_size=4090, max_size=4100), max_size=10))
def test_hashes_of_texts_and_of_rows_are_those_of_numpy(texts: list[bytes]) -> None:
    offsets = np.cumsum([0, *map(len, texts)])
    octets = np.frombuffer(b"".join(texts), dtype=np.uint8)
    with using(None):
        wanted = word_hashes(octets, offsets)
    assert word_hashes(octets, offsets).tolist() == wanted.tolist()


@SETTINGS
@given(st.lists(st.floats() | st.sampled_from([0.0, -0.0]), max_size=30))
def test_rows_have_the_hashes_that_they_have_in_numpy(values: list[float]) -> None:
    from lepton_core.table import Numbers

    table = Table(
        (Numbers("a", np.array(values, dtype=float)), Numbers("b", np.array(values[::-1], dtype=float)))
    )
    with using(None):
        wanted, numbers = row_hashes(table), number_hashes(table["a"].values)
    assert row_hashes(table).tolist() == wanted.tolist()
    assert compiled_hashes.number_hashes(LIBRARY, table["a"].values).tolist() == numbers.tolist()


def test_no_function_is_called_with_an_array_that_it_would_read_wrong() -> None:
    from lepton_core.table.native.library import at

    with pytest.raises(TypeError, match="int32 is needed, not of int64"):
        at(np.zeros(3, dtype=np.int64), np.dtype(np.int32))
    with pytest.raises((TypeError, ValueError, BufferError)):
        at(np.zeros((4, 4), dtype=np.int32)[:, 1], np.dtype(np.int32))
    with pytest.raises((TypeError, ValueError)):
        at(np.zeros(0, dtype=np.int32), np.dtype(np.int32))
    assert span_numbers(cells_of([]))[0].tolist() == []


def test_blank_lines_below_a_wide_table_take_no_room_for_rows() -> None:
    data = b",".join([b"1"] * 5000) + b"\n" * 300_000
    found = split_rows(data, Dialect(), 5000)
    assert found is not None
    assert (len(found.rows), found.octets) == (1, len(data))
    starts = found.rows.parts[0]
    assert starts is not None
    assert starts.base is not None
    assert starts.base.nbytes < 10 * len(data)


def test_a_block_that_is_too_long_for_its_places_is_refused() -> None:
    demand_short(2**31 - 1)
    with pytest.raises(ValueError, match="at most 2147483647 bytes"):
        demand_short(2**31)
