"""The dialect of a text file, found by the rows that agree.

After van den Burg, Nazabal and Sutton (2019), "Wrangling messy CSV files by detecting row and type patterns": each
dialect that may be is tried on the first lines, and scored by how many rows have the same number of cells, times how
many cells are of a type that is known. Delimiters within quotes do not count, for they delimit nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from lepton_core.errors import InvalidInput
from lepton_core.table.files.lines import RawRecord, read_records
from lepton_core.table.files.spelling import is_known
from lepton_core.table.files.values import Dialect, Escape, Options

DELIMITERS = ",;\t| "
"""The more usual one comes first: it wins between two that are as good."""

_ROWS = 200
_CELLS = 4000
_BLANK = 0.9
"""What a dialect with blanks is worth beside one with the same score: blanks occur within cells."""

_BETTER = 1.001
"""By this factor a later dialect must have the higher score."""

_FEW = 4
_ALIKE = 0.98
"""The share of the first rows that must have as many cells as the header, of more than a few, for it to decide."""

_NEEDED = 0.3
"""The score below which the file is of one column."""


def find_dialect(lines: Sequence[str], options: Options) -> Dialect:
    """The dialect of ``lines``, the first of a file, each with its end. What ``options`` say stays.

    Raises `InvalidInput` for a delimiter or a quote that is not one character.

    >>> find_dialect(['id,"a;b;c",label\\n', '1,"u;v;w",x\\n'], Options()).delimiter
    ','
    """
    _demand_characters(options)
    text = "".join(lines)
    best, most = None, 0.0
    for dialect in _candidates(text, options):
        if _worth(dialect) <= most * _BETTER:
            continue
        score = _score(lines, dialect)
        if score > most * _BETTER:
            best, most = dialect, score
    first = next((line for line in lines if line.strip()), "")
    if options.delimiter is None and best is not None and (most < _NEEDED or best.delimiter not in first):
        named = _by_the_header(lines, first, text, options)
        if named is not None:
            return named
    if best is None or (most < _NEEDED and options.delimiter is None):
        return Dialect(options.delimiter or ",", '"' if options.quote is None else options.quote)
    return best


def _by_the_header(lines: Sequence[str], first: str, text: str, options: Options) -> Dialect | None:
    """The dialect by which the ``first`` line has as many cells as the rows; None if there is none.

    Lists within cells, as `u,v,w;1;{2,3}`, may agree as well as the cells do, but the names have no lists. A blank is
    no such sign, for it stands in titles.
    """
    for dialect in _candidates(text, options):
        if dialect.delimiter == " " or dialect.delimiter not in first:
            continue
        records = [record for record, _ in zip(read_records(lines, dialect), range(_ROWS), strict=False)]
        width = len(records[0].cells)
        alike = sum(not record.fault and len(record.cells) == width for record in records)
        if len(records) > _FEW and width > 1 and alike >= _ALIKE * len(records):
            return dialect
    return None


def _demand_characters(options: Options) -> None:
    for name in ("delimiter", "quote"):
        given = getattr(options, name)
        if given is not None and (not isinstance(given, str) or len(given) != 1 or given in "\r\n"):
            if name == "quote" and given == "":
                continue
            raise InvalidInput("must be one character", field=name)


def _candidates(text: str, options: Options) -> Iterator[Dialect]:
    delimiters = (
        [options.delimiter] if options.delimiter is not None else [one for one in DELIMITERS if one in text]
    )
    for delimiter in delimiters:
        quotes = ['"', "'"] if _encloses(text, "'", delimiter) else ['"']
        if options.quote is not None:
            quotes = [options.quote]
        for quote in quotes:
            yield from _of(delimiter, quote, text)


def _of(delimiter: str, quote: str, text: str) -> Iterator[Dialect]:
    used = bool(quote) and quote in text
    blanks = used and delimiter != " " and f"{delimiter} {quote}" in text
    escapes: list[Escape] = ["doubled"]
    if used and "\\" + quote in text:
        escapes.append("backslash")
    if used and re.search(
        f"[^{re.escape(delimiter + quote)}\r\n]{quote}[^{re.escape(delimiter + quote)}\r\n]", text
    ):
        escapes.append("nothing")
    for escape, runs in product(escapes, (False, True) if delimiter == " " and "  " in text else (False,)):
        yield Dialect(delimiter, quote, escape, blanks, runs)


def _score(lines: Sequence[str], dialect: Dialect) -> float:
    records = [record for record, _ in zip(read_records(lines, dialect), range(_ROWS), strict=False)]
    sound = [record for record in records if not record.fault]
    counts = Counter(len(record.cells) for record in sound if len(record.cells) > 1)
    if not counts:
        return 0.0
    width = max(counts, key=lambda cells: (counts[cells], cells))
    rows = [record for record in sound if len(record.cells) == width]
    total = sum(record.lines if record.fault else 1 for record in records)
    stray = sum(record.stray for record in rows) if dialect.quote == '"' else 0
    agree = (len(rows) - stray / 2) / total
    return agree * _known_share(rows, dialect) * (1 - 1 / (2 * width)) * _worth(dialect)


def _worth(dialect: Dialect) -> float:
    """The score that it has at most."""
    return (_BLANK if dialect.delimiter == " " else 1.0) * (0.99 if dialect.escape == "nothing" else 1.0)


def _encloses(text: str, quote: str, delimiter: str) -> bool:
    """Whether ``quote`` stands on both sides of some cell."""
    if quote not in text:
        return False
    mark, text = re.escape(delimiter), re.sub(" {2,}", " ", text)
    return (
        re.search(rf"(?:^|{mark}) ?{quote}[^\r\n]*?{quote} ?(?:{mark}|[\r\n]|\Z)", text, re.MULTILINE)
        is not None
    )


def _known_share(rows: Sequence[RawRecord], dialect: Dialect) -> float:
    cells = known = 0
    step = max(1, len(rows) * len(rows[0].cells) // _CELLS)
    for record in rows[::step]:
        cells += len(record.cells)
        known += sum(is_known(cell, dialect) for cell in record.cells)
    return (known + 0.1) / (cells + 0.1)
