"""A file of rows with what a model says of them beside: in the form in which it came, if that can be written."""

import csv
import io
import json
import re
import sys
import zlib
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lepton_core.table.files.encoding import Decoded, as_utf8, said_encoding
from lepton_core.table.formats import is_packed, library
from lepton_core.table.formats.arrow import ARROW_FILE, ARROW_STREAM, PARQUET, most_unpacked
from lepton_core.table.formats.json_text import JsonRow, json_rows
from lepton_core.table.formats.parquet_sizes import demand_written_out
from lepton_core.table.row_form import FormOfRows, RowForm

_GZIP = b"\x1f\x8b"
_EXACT = 2.0**53
_FEED = re.compile(r"[ \t]*[\r\n]\s*")
_GZIP_BITS = zlib.MAX_WBITS | 16
_HEAD = 1 << 22
_LINE = re.compile(rb'(?:[^"\n]++|"[^"]*+")*+\n')
_ANY_LINE = re.compile(rb"[^\n]*+\n")
"""For a text of which a quote has no end."""

_ENDINGS: Mapping[FormOfRows, str] = {
    "csv": ".csv",
    "json": ".json",
    "lines": ".jsonl",
    "parquet": ".parquet",
    "arrow": ".arrow",
    "arrows": ".arrows",
    "excel": ".xlsx",
}
_OWN_ENDINGS: Mapping[FormOfRows, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt", ".tab", ".dat"),
    "lines": (".jsonl", ".ndjson", ".json"),
    "arrow": (".arrow", ".feather", ".ftr"),
    "arrows": (".arrows", ".arrow"),
    "excel": (".xlsx", ".xlsm"),
}
_BEGINNINGS: Mapping[bytes, FormOfRows] = {PARQUET: "parquet", ARROW_FILE: "arrow", ARROW_STREAM: "arrows"}


def form_of(
    data: bytes, plain: bytes, delimiter: str | None, sheet: tuple[str, int] | None = None
) -> RowForm:
    r"""The form of a file that is ``plain`` once it is unpacked; CSV for one that can only be read.

    ``delimiter`` is that of a text of lines, None if it is none. Of Excel ``sheet`` is the one that was read, and the
    row of the names in it; None: there are none.

    >>> [form_of(data, data, sign).rows for data, sign in [(b"a;b\n", ";"), (b"[{}]", None), (b"PAR1", None)]]
    ['csv', 'json', 'parquet']
    """
    packed = data.startswith(_GZIP)
    same = packed or not is_packed(data)
    if delimiter is not None:
        is_blank = delimiter.isspace() and delimiter != "\t"
        sign, is_same = "," if is_blank else delimiter, same and not is_blank
        return RowForm(
            "csv", sign, packed, is_same, _newline(plain), plain.startswith(BOM_UTF8) or not _is_utf8(plain)
        )
    for beginning, rows in _BEGINNINGS.items():
        if plain.startswith(beginning):
            return RowForm(rows, as_it_came=not is_packed(data))
    first = plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if first in (b"[", b"{"):
        return RowForm("json" if first == b"[" else "lines", packed=packed, as_it_came=same)
    if sheet is not None:
        return RowForm("excel", as_it_came=not is_packed(data), sheet=sheet[0], header=sheet[1])
    return RowForm("csv", as_it_came=False)


def _newline(plain: bytes) -> str:
    """How lines end: as the first one does that is not within a cell in quotes."""
    encoding = said_encoding(plain)
    text = plain if encoding is None else plain[:_HEAD].decode(encoding, "replace").encode("utf-8", "replace")
    found = _LINE.match(text) or _ANY_LINE.match(text)
    if found is None:
        return "\r" if b"\r" in text else "\n"
    return "\r\n" if found[0].endswith(b"\r\n") else "\n"


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def scored_name(name: str, form: RowForm) -> str:
    """What the scored file of the file ``name`` is called.

    >>> scored_name("rows.csv.gz", RowForm("csv", packed=True)), scored_name("rows.xlsx", RowForm("csv"))
    ('rows.scored.csv.gz', 'rows.scored.csv')
    """
    stem = name
    for packed in (".gz", ".bz2", ".xz", ".zip"):
        stem = stem.removesuffix(packed)
    stem, dot, last = stem.rpartition(".")
    ending = dot + last
    if not stem:
        stem, ending = ending, ""
    own = _OWN_ENDINGS.get(form.rows, (_ENDINGS[form.rows],))
    kept = ending if ending.lower() in own else _ENDINGS[form.rows]
    return f"{stem}.scored{kept}{'.gz' if form.packed else ''}"


def added_columns(columns: Iterable[str], classes: Sequence[str] | None, *, errors: bool) -> list[str]:
    """The columns that the model adds, none of whose names the file has.

    With ``classes`` these are its label and the probability of each; None: its value. ``errors``: some rows have none.

    >>> added_columns(["a", "label"], ["no", "yes"], errors=True)
    ['predicted label', 'P(no)', 'P(yes)', 'error']
    """
    names = ["value"] if classes is None else ["label", *(f"P({name})" for name in classes)]
    used, free = set(columns), list[str]()
    for name in [*names, *(["error"] if errors else [])]:
        while name in used:
            name = f"predicted {name}"  # noqa: PLW2901
        used.add(name)
        free.append(name)
    return free


def written(form: RowForm, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The bytes of a file of CSV with these rows, some of them at a time."""
    yield from _packed(form, _csv(form, columns, rows))


def with_keys(
    form: RowForm, data: bytes, encoding: str | None, names: Sequence[str], cells: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    r"""The JSON text ``data`` with further keys: the next of ``cells`` behind each object, whose own text stays.

    What is no object, or cannot be read, becomes an object of these keys alone.

    >>> lines = b'{"id": 12345678901234567890, "at": [1.0]}\n[3]\n'
    >>> print(b"".join(with_keys(RowForm("lines"), lines, None, ["y"], [[1], [None]])).decode(), end="")
    {"id": 12345678901234567890, "at": [1.0], "y": 1}
    {"y": null}
    """
    yield from _packed(form, _json(form, as_utf8(data, encoding), names, cells))


def with_columns(
    form: RowForm, data: bytes, names: Sequence[str], cells: Sequence[Sequence[Any]], texts: Collection[str]
) -> bytes:
    """The typed file ``data`` with further columns, ``cells[j]`` under ``names[j]``; its own stay as they are.

    Those of ``texts`` are texts, the others numbers, also where all of them are missing. Raises `TooLarge` if its own
    take far more memory than its length tells: no model may read them, and so nobody has looked at them.
    """
    what = f"{'Parquet' if form.rows == 'parquet' else 'Arrow'} file"
    arrow = library.pyarrow(f"a{'n' if what.startswith('A') else ''} {what}")
    with library.failures_named(what):
        table = _typed(arrow, form, data)
        for name, column in zip(names, cells, strict=True):
            kind = arrow.string() if name in texts else arrow.float64()
            table = table.append_column(name, arrow.array(column, kind))
        out = io.BytesIO()
        if form.rows == "parquet":
            arrow.parquet.write_table(table, out)
        else:
            new = arrow.ipc.new_file if form.rows == "arrow" else arrow.ipc.new_stream
            with new(out, table.schema) as file:
                file.write_table(table)
    return out.getvalue()


def _typed(arrow: Any, form: RowForm, data: bytes) -> Any:
    source = arrow.BufferReader(data)
    if form.rows == "parquet":
        demand_written_out(arrow, data, most_unpacked(len(data)))
        return arrow.parquet.read_table(source)
    opened = arrow.ipc.open_file(source) if form.rows == "arrow" else arrow.ipc.open_stream(source)
    # A file has one list of the values of a column of categories; parts of a stream may have their own.
    return opened.read_all().unify_dictionaries()


class _Lines(io.StringIO):
    """Takes lines that end as those of Windows do: only with these `csv` has each line break of a cell in quotes."""

    def __init__(self, ending: str) -> None:
        super().__init__(newline="")
        self._ending = ending

    def write(self, line: str) -> int:
        return super().write(line.removesuffix("\r\n") + self._ending)


def _csv(form: RowForm, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    text = _Lines(form.newline)
    if form.marked:
        yield BOM_UTF8
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
        if text.tell() > 1 << 20:
            yield _taken(text)
    yield _taken(text)


def whole(cell: Any) -> Any:
    """A cell of a typed file, whose whole numbers were read as fractions, as it came.

    >>> whole(2.0), whole(2.5), whole("2.0")
    (2, 2.5, '2.0')
    """
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT else cell


def _text(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if isinstance(cell, list) else cell


def _json(
    form: RowForm, text: Decoded, names: Sequence[str], cells: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    out = io.StringIO()
    first, between, last = ("[", ",\n", "]\n") if form.rows == "json" else ("", "\n", "\n")
    out.write(first)
    rows = json_rows(text.data, text.start, cut=sys.maxsize)
    for at, (row, own) in enumerate(zip(rows, cells, strict=True)):
        out.write(between if at else "")
        out.write(_with_keys(row, json.dumps(dict(zip(names, own, strict=True)), ensure_ascii=False)))
        if out.tell() > 1 << 20:
            yield _taken(out)
    out.write(last)
    yield _taken(out)


def _with_keys(row: JsonRow, added: str) -> str:
    if row.fault or not row.cells:
        return added
    # A line feed in an object is none of a text, and one object is one line.
    own = _FEED.sub(" ", row.text).rstrip().removesuffix("}").rstrip()
    return f"{own}, {added.removeprefix('{')}"


def _taken(text: io.StringIO) -> bytes:
    data = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return data


def _packed(form: RowForm, pieces: Iterable[bytes]) -> Iterator[bytes]:
    if not form.packed:
        yield from pieces
        return
    # Without a time in its header, so that the same rows are the same bytes.
    pack = zlib.compressobj(6, zlib.DEFLATED, _GZIP_BITS)
    for piece in pieces:
        yield pack.compress(piece)
    yield pack.flush()
