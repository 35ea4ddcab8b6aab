"""JSON is a table of its objects: what it says of a cell counts, and a line that is none costs no other."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, LeptonError, TooLarge
from lepton_core.table import ReadingOptions, Table, given_column, kind_of, read_file
from lepton_core.table.formats import GivenFile, open_file
from lepton_core.table.nested import MOST_DEPTH
from tests.support.costs import calls_of
from tests.support.sampling import examples
from tests.support.written_files import ndjson

CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
ODD = [b"[", b"{", b'"', b"1e999", b"\\ud800", b"[" * 2000]
ROWS = st.lists(st.dictionaries(st.sampled_from("abcd"), CELLS, min_size=1), min_size=1, max_size=12)


def opened(data: bytes, **said: object) -> GivenFile:
    found = open_file(data, ReadingOptions(**said))  # type: ignore[arg-type]
    assert isinstance(found, GivenFile)
    return found


@given(ROWS)
def test_a_cell_is_what_the_same_value_of_a_program_is(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    try:
        expected = Table(tuple(given_column(name, [row.get(name) for row in rows]) for name in names))
    except (LeptonError, OverflowError):
        return
    assert opened(ndjson(rows)).table == expected


@given(ROWS, st.none() | st.integers(0, 3))
def test_every_way_to_write_the_objects_gives_the_same_table(rows, indent):
    rows = [*rows, *rows]
    lines = opened(ndjson(rows)).table
    each = [json.dumps(row) for row in rows]
    in_one_line = ("".join(each), " ".join(each), ",".join(each), ", ".join(each) + ",", ",\n".join(each))
    one_behind_the_other = "\n".join(json.dumps(row, indent=2) for row in rows)
    for text in (json.dumps(rows, indent=indent), one_behind_the_other, *in_one_line):
        assert opened(text.encode()).table == lines


def test_rows_beyond_a_chunk_are_as_those_within():
    rows = [{"i": n, "f": n / 2, "t": f"x{n % 3}", "m": n if n > 7000 else None} for n in range(8000)]
    rows[5000]["late"] = True
    table = opened(ndjson(rows)).table
    for name in table.names:
        assert table[name] == given_column(name, [row.get(name) for row in rows])


def test_packed_and_in_any_encoding():
    text = ndjson([{"a": "é", "b": 1}, {"a": "ü", "b": 2}])
    assert opened(gzip.compress(text)).table == opened(text).table
    plain = json.dumps([{"a": "é", "b": 1}, {"a": "ü", "b": 2}], ensure_ascii=False)
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert opened(plain.encode(encoding)).table == opened(text).table


def test_a_text_stays_a_text_and_a_missing_cell_is_null_or_absent():
    read = read_file(
        ndjson([{"a": "NA", "b": True, "c": 1}, {"a": "?", "b": None, "c": 2}, {"a": "x", "c": 3}])
    )
    assert kind_of(read.table["a"]).one_by_one(read.table["a"]).as_list() == ["NA", "?", "x"]
    assert read.table["b"].missing.tolist() == [False, True, True]
    assert read.table.schema.kinds["b"] == "boolean"


def test_objects_in_a_cell_are_columns_with_dots():
    table = opened(ndjson([{"id": 1, "at": {"zip": "01", "geo": {"x": 1.5}}}, {"id": 2, "at": {}}])).table
    assert table.names == ("id", "at.zip", "at.geo.x")
    assert np.isnan(table["at.geo.x"].values[1])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x", "this is no JSON"),
        ('{"a": 1', "this is no JSON"),
        ("[1, 2]", "it is no object"),
        ('{"a": [1]}', "'a' holds a list"),
        ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' is there twice"),
        ('{"a.b": 1, "a": {"b": 2}}', "the name 'a.b' is there twice"),
        ('{"a": 1' + "0" * 5000 + "}", "too many digits"),
        ('{"a": "\\ud800"}', "half a surrogate pair"),
        ('{"a": ' * 20 + "1" + "}" * 20, f"nested deeper than {MOST_DEPTH}"),
        ('{"a": ' + "[" * 200_000, "nested too deep"),
        ('{"a": "' + "x" * (1 << 24) + '"}', "longer than"),
    ],
)
def test_a_wrong_line_is_set_aside_with_its_reason(line, reason):
    fine = ndjson([{"a": 1, "b": n} for n in range(30)])
    found = opened(fine + line.encode() + b"\n" + fine)
    assert found.table.rows == 60 and found.set_aside_count == 1
    assert found.set_aside[0].line == 31 and reason in found.set_aside[0].reason
    with pytest.raises(InvalidData, match=f"line 31: .*{reason}"):
        opened(fine + line.encode(), bad_rows=0)


def test_objects_that_lost_their_line_feed_are_rows_of_that_line():
    fine = ndjson([{"a": 1}] * 30)
    found = opened(fine + b'{"a": 2}{"a": 3} {"a": [4]}{"a": 5}, {"a": 6} x {"a": 7}\n' + fine, bad_rows=0.1)
    assert found.table["a"].values.tolist() == [1] * 30 + [2, 3, 5, 6] + [1] * 30
    assert [(one.line, one.reason[:15]) for one in found.set_aside] == [
        (31, "'a' holds a lis"),
        (31, "this is no JSON"),
    ]
    assert list(found.lines[28:38]) == [29, 30, 31, 31, 31, 31, 31, 31, 32, 33]


def test_an_object_over_several_lines_is_one_row_wherever_its_lines_end():
    rows = [{"at": {"x": 1}, "b": 2}, {"at": {"x": 3}, "b": 4}]
    text = '{"at": {"x": 1},\n"b": 2}\n{"at": {"x": 3},\n"b": 4}'
    assert opened(text.encode()).table == opened(ndjson(rows)).table


def test_all_objects_in_a_line_may_be_longer_than_a_line_of_one():
    row = b'{"a": "' + b"x" * 1000 + b'"}'
    assert opened(row * 17_000).table.rows == 17_000


def test_more_wrong_lines_than_allowed_refuse_the_file_with_the_most_frequent_reasons():
    data = ndjson([{"a": 1}] * 10) + b"x\n" * 5
    with pytest.raises(InvalidData, match=r"line 11: this is no JSON.* 5 of 15 rows .*bad_rows=0.334"):
        opened(data)
    assert opened(data, bad_rows=0.4).set_aside_count == 5


def test_nan_is_missing():
    assert opened(b'{"a": NaN, "b": 1}\n{"a": 2.5, "b": 1}').table["a"].missing.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a": 1}, {"a": 2]', "line 1: the JSON cannot be read"),
        ('[{"a": 1},\n {"a": 2}', "line 2: .* it ends too early"),
        ('[{"a": 1}\n {"a": 2}]', "line 2: .* a comma is missing"),
        ('[{"a": 1}] x', "text behind its end"),
        (
            "[]",
            "there are no rows: the JSON holds an empty list or empty objects; a row is an object with a value",
        ),
        ('{"rows": []}', "there are no rows: the JSON holds an empty list"),
        ("[{}, {}]", "there are no rows: the JSON holds an empty list"),
        ('{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}', "columns; write rows"),
        ('{"a": [1, 2], "b": [3, 4]}', "columns; write rows"),
        ('{"data": [{"a": 1}, {"a": 2}]}', "the rows are in the list 'data'"),
        ("[[1, 2], [3, 4]]", "it is no object"),
        ('{\n"a": 1,\n"b": 2', "line 3: the JSON cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(text, reason):
    with pytest.raises(InvalidData, match=reason):
        opened(text.encode())


def test_an_excluded_column_may_hold_whatever_it_will():
    data = ndjson([{"a": n, "tags": [1, 2], "y": "uv"[n % 2]} for n in range(10)])
    with pytest.raises(InvalidData, match=r"exclude=\['tags'\]"):
        read_file(data)
    assert read_file(data, ReadingOptions(exclude=("tags",))).table.names == ("a", "y")


def test_keys_that_hardly_repeat_cost_no_memory():
    with pytest.raises(TooLarge, match="nearly all empty"):
        opened(b"".join(b'{"a%d": 1}\n' % n for n in range(20_000)))


@pytest.mark.slow
@settings(max_examples=examples(300))
@given(st.data())
def test_bytes_changed_anywhere_give_a_table_or_an_error_of_ours(data):
    text = bytearray(
        ndjson([{"a": n, "b": {"c": "é"}, "d": "x", "e": None} for n in range(8)])
        if data.draw(st.booleans())
        else json.dumps([{"a": n / 4, "b": "x\ny"} for n in range(8)], indent=1).encode()
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4) | st.sampled_from(ODD))
        if not text:
            break
    try:
        found = read_file(bytes(text))
    except LeptonError:
        return
    assert found.table.rows > 0


def test_texts_have_the_kinds_that_they_have_in_csv():
    texts = [["01010", "1.5", "2024-01-31", "yes", f"w{n % 4}"] for n in range(40)]
    names = list("abcde")
    lines = "\n".join(",".join(row) for row in [names, *texts])
    as_json = read_file(ndjson([dict(zip(names, row, strict=True)) for row in texts]))
    assert as_json.table.schema.kinds == read_file(lines.encode()).table.schema.kinds


def test_records_that_omit_keys_cost_no_more_calls_than_whole_ones() -> None:
    whole = [{"a": at, "b": at % 7, "c": f"{at}", "d": at / 2, "e": at % 2 == 0} for at in range(4000)]
    some = [{name: cell for name, cell in row.items() if (row["a"] + len(name)) % 3} for row in whole]
    for name in "abd":
        some[5].pop(name, None)
    texts = [ndjson(rows) for rows in (whole, some)]
    costs = [calls_of(lambda data=data: opened(data)) for data in texts]  # type: ignore[misc]
    assert costs[1] < costs[0] + 6 * len(whole)


@given(
    st.lists(
        st.none() | st.integers(-(2**54), 2**54) | st.sampled_from([2**53, 2**53 + 1, -(2**53)]), min_size=1
    )
)
def test_whole_numbers_some_of_them_omitted_are_integers_as_far_as_they_are_exact(
    cells: list[int | None],
) -> None:
    table = opened(ndjson([{"k": 0} if cell is None else {"x": cell, "k": 0} for cell in [7, *cells]])).table
    cells = [7, *cells]
    is_exact = all(cell is None or abs(cell) <= 2**53 for cell in cells)
    found = table["x"]
    assert found.kind == ("integer" if is_exact else "text")
    if is_exact:
        assert [None if np.isnan(value) else int(value) for value in found.values] == cells
    else:
        assert found.as_list() == [None if cell is None else str(cell) for cell in cells]
