"""The spellings of a missing cell."""

import re
from collections.abc import Mapping, Set
from heapq import nlargest

MISSING_SPELLINGS = frozenset(
    {
        "",
        # R, pandas (`pandas.read_csv`, its list of na_values), NumPy
        "NA", "N/A", "n/a", "N/a", "<NA>", "#N/A N/A", "NaN", "nan", "NAN", "-NaN", "-nan", "NaT",
        "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
        # SQL dumps and the tools that show them: PostgreSQL and MySQL write \N; DBeaver, SQuirreL and Hive the others
        "NULL", "Null", "null", "\\N", "(null)", "<null>", "[NULL]", "(NULL)",
        # Python
        "None", "none", "NONE",
        # Spreadsheets and SPSS: an error instead of a value
        "#N/A", "#NA", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!",
        # UCI's files and Weka, SAS and Stata, the World Bank and the United Nations, what people type
        "?", ".", "..", "...", "-", "--", "---", "–", "—",
    }
)  # fmt: skip
"""Cells that stand for a missing value, blanks around them dropped; compared by exact case: Na is sodium."""


LEAST_READ = 0.9
"""Least share of a column's present cells that one way of writing must read."""

LONGEST_READ = 60
"""A cell of more letters is no number, date or duration."""


_DIGITS = re.compile(r"[+-]?[0-9]*\.?[0-9]+")
_OF_DATES = frozenset({8, 12, 14})


def is_only_number(text: str) -> bool:
    """Whether a cell is digits, perhaps with a sign and a point, and no ``20241231`` either: no date and no duration.

    It is quick, and most cells of most tables are such.

    >>> [is_only_number(text) for text in ("-1.5", "1998", "20241231", "1.2.24", "5 m")]
    [True, True, False, False, False]
    """
    return _DIGITS.fullmatch(text) is not None and not (len(text) in _OF_DATES and text.isdigit())


def is_missing(text: str, words: Set[str] = MISSING_SPELLINGS) -> bool:
    """Whether a cell is missing: blank, or one of ``words`` once the blanks around it are dropped.

    A person who says that "NA" is a value in a column gives ``words`` without it; a blank cell is missing always.

    >>> [is_missing(text) for text in ("", " ", "n/a", "?", "Na", "0")]
    [True, True, True, True, False, False]
    >>> is_missing("NA", MISSING_SPELLINGS - {"NA"})
    False
    """
    text = text.strip()
    return not text or text in words


def present_cells(texts: Mapping[str, int], words: Set[str] = MISSING_SPELLINGS) -> Mapping[str, int]:
    """The cells of ``texts``, with their counts, that `is_missing` does not take for missing; quick if none is.

    >>> present_cells({"1": 2, "NA": 1})
    {'1': 2}
    """
    joined = "".join(texts)
    if "" not in texts and joined.split(maxsplit=1) == [joined] and not any(map(texts.__contains__, words)):
        return texts
    return {text: count for text, count in texts.items() if not is_missing(text, words)}


def typical(texts: Mapping[str, int]) -> dict[str, int]:
    """At most 64 of a column's distinct cells: the 32 most frequent, and as many spread over the others.

    A column none of whose typical cells can be read in some way need not be tried cell by cell.

    >>> len(typical({str(i): 1 for i in range(1000)})), typical({"a": 2})
    (64, {'a': 2})
    """
    if len(texts) <= 64:
        return dict(texts)
    chosen = set(nlargest(32, texts, key=texts.__getitem__))
    others = [text for text in texts if text not in chosen]
    return {text: texts[text] for text in (*chosen, *(others[i * len(others) // 32] for i in range(32)))}
