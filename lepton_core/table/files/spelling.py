"""What the text of a cell looks like, as far as finding a dialect and a header needs to know."""

import re
from unicodedata import normalize

from lepton_core.table.files.values import Dialect

_MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "?", "-", ".", "#n/a", "<na>", "\\n", "nat", "inf", "-inf"}
)
_NUMBER = re.compile(
    r"[-+(]?\s?[$€£¥]?\s?[-+]?(?:\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})+,\d*|\d+(?:[.,]\d*)?|[.,]\d+)"
    r"(?:[eEdD][-+]?\d+)?\s?(?:%|[$€£¥])?\)?"
)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"
    r"(?:\s?[AaPp][Mm])?(?:Z|\s?[-+]\d{2}:?\d{2})?"
    r"|\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp][Mm])?"
    r"|\d{1,2}[- ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ,]+\d{2,4}",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]")
_PHONE = re.compile(r"\+\d{1,3}[ (/-][\d ()/-]+")
_TEXT_OF_A_SHEET = re.compile(r'="[^"]*"')


def is_missing(cell: str) -> bool:
    """Whether the cell says that there is no value.

    >>> is_missing(" NA "), is_missing("0")
    (True, False)
    """
    return cell.strip().lower() in _MISSING


def is_value(cell: str) -> bool:
    """Whether the cell is a number, a date or a time in one of the everyday spellings.

    >>> [is_value(cell) for cell in ("1.5", "$1,200", "4.5 %", "2024-01-31", "12:30", "age", "")]
    [True, True, True, True, True, False, False]
    """
    text = cell.strip()
    return _NUMBER.fullmatch(text) is not None or _DATE.fullmatch(text) is not None


def is_known(cell: str, dialect: Dialect) -> bool:
    """Whether a cell looks whole: a value, missing, or a text in which no other delimiter is left over.

    >>> is_known("red wine", Dialect()), is_known("1;2;3", Dialect())
    (True, False)
    """
    text = cell.strip()
    if dialect.delimiter == " " and (not text or "\t" in cell):
        return False
    return text.lower() in _MISSING or is_value(text) or _is_text(text, dialect)


def _is_text(text: str, dialect: Dialect) -> bool:
    delimiter = dialect.delimiter
    if _PHONE.fullmatch(text) or _TEXT_OF_A_SHEET.fullmatch(text):
        return True
    # A quote behind a backslash is one of the text.
    is_quoted = text[0] in "\"'" and text[0] == text[-1]
    if is_quoted and (dialect.escape != "backslash" or text[0] != dialect.quote):
        return False
    if any(mark in text for mark in ";\t|" if mark != delimiter):
        return False
    if delimiter == " ":
        return "," not in text
    if delimiter != "," and text.count(",") > 1 and ", " not in text:
        return False
    return _WORDS.search(text) is not None


def plain_name(name: str) -> str:
    """A name without its case, and whatever its letters and blanks are made of.

    >>> plain_name(" Paid  AT") == plain_name("paid\\u00a0at")
    True
    """
    return " ".join(normalize("NFKC", name).casefold().split())
