"""Words of a typed table that are values in it, and stand for a missing cell in most files, as people type them."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from lepton_core.report.absent import is_said
from lepton_core.report.column_findings import as_missing
from lepton_core.report.values import Finding
from lepton_core.table import Read, ReadingOptions, kind_of
from lepton_core.table.columns import Column
from lepton_core.table.spelling import MISSING_SPELLINGS, boolean_of

_MANY_VALUES = 300
_SHOWN = 5


def of_kept_words(read: Read, reading: ReadingOptions) -> Iterator[Finding]:
    """That a column has a word such as n/a among its values, with the call that makes missing cells of it.

    It is a warning where a label would be one of yes and no but for the word.

    >>> from lepton_core.table import Table, given_column
    >>> from lepton_core.table.reading_given import read_given
    >>> cells = {"x": [1.5, 2.5, 3.5] * 20, "y": ["yes", "no", "n/a"] * 20}
    >>> read = read_given(Table(tuple(given_column(name, its) for name, its in cells.items())), label="y")
    >>> [(one.level, *map(str, one.remedies)) for one in of_kept_words(read, ReadingOptions())]
    [('warning', "Data.from_csv(path, missing={'y': ['n/a']})")]
    """
    for one in read.columns:
        column = one.column
        typed = (
            column.missing_words == () and kind_of(column).has_levels and not is_said(column.name, reading)
        )
        words = _words(column.levels) if typed else []
        if not words:
            continue
        others = [level for level in column.levels if level not in words]
        is_truth = column.name == read.label and all(boolean_of(level) is not None for level in others)
        level: Literal["warning", "note"] = "warning" if is_truth else "note"
        message = (
            f"{column.name!r} has {_counted(column, words)} among its values, for in a typed table no word counts as "
            "missing; if that stands for a missing cell, say so"
        )
        way = as_missing(reading, column.name, words)
        yield Finding("word_for_missing", message, column=column.name, level=level, remedies=(way,))


def _words(levels: Sequence[str]) -> list[str]:
    """Those of the values that stand for a missing cell elsewhere; a sign does so beside letters only."""
    if len(levels) > _MANY_VALUES:
        return []
    words = [level for level in levels if level in MISSING_SPELLINGS and level]
    others = [level for level in levels if level not in words]
    if not any(any(map(str.isalnum, level)) for level in others):
        words = [word for word in words if any(map(str.isalnum, word))]
    return words if others else []


def _counted(column: Column, words: Sequence[str]) -> str:
    codes = kind_of(column).texts(column).codes
    many = np.bincount(codes[codes >= 0], minlength=len(column.levels))
    shown = [f"{word!r} ({many[column.levels.index(word)]})" for word in words[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else "")
