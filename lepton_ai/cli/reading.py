"""The options by which a person says how a file is read, as `lepton upload` and `lepton predict` take them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_WRITTEN = (
    click.option(
        "--missing",
        multiple=True,
        metavar="[COLUMN=]WORD",
        help="A word for a missing cell; those that are given are all, beside the empty cell.",
    ),
    click.option("--decimal", type=click.Choice([".", ","]), help="The sign before a fraction."),
    click.option(
        "--day-first/--month-first",
        default=None,
        help="Whether in dates such as 1/2/2024 the day is before the month.",
    ),
    click.option("--encoding", help="The encoding of the file, as utf-8 or latin-1."),
    click.option("--delimiter", help="The character between cells."),
    click.option("--quote", help="The character around a cell; '' if there is none."),
    click.option("--header/--no-header", default=None, help="Whether the first line has the names."),
    click.option("--header-line", type=click.IntRange(min=1), help="The line that has the names."),
    click.option("--names", help="The names of the columns, with commas between them."),
)

_OPTIONS = (
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        metavar="COLUMN=KIND",
        help="The kind of a column: number, integer, boolean, category, date, duration, text, identifier or empty.",
    ),
    click.option("--exclude", multiple=True, metavar="COLUMN", help="Leave a column out; '' for none."),
    *_WRITTEN,
    click.option(
        "--bad-rows",
        type=click.FloatRange(0, 1),
        help="The share of rows that may be set aside as unreadable.",
    ),
    click.option("--sheet", help="The sheet of an Excel file (default: the first that has cells)."),
)


def reading_options(function: F) -> F:
    """The options of reading; `reading` makes arguments of `Data.from_file` of them."""
    return _with(_OPTIONS, function)


def written_options(function: F) -> F:
    """Those that say how a file is written: all that a file to be scored needs.

    What its columns are the model knows, it leaves out what it does not read, and each row has an answer.
    """
    return _with(_WRITTEN, function)


def _with(options: Sequence[Callable[[F], F]], function: F) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def reading(
    kinds: Sequence[str],
    exclude: Sequence[str],
    missing: Sequence[str],
    header: bool | None,
    header_line: int | None,
    names: str | None,
    **same: Any,
) -> dict[str, Any]:
    """The options as arguments of `Data.from_file`.

    >>> found = reading(["zip=category"], [], ["-"], None, 3, "a,b", decimal=",")
    >>> {name: value for name, value in found.items() if value is not None}
    {'kinds': {'zip': 'category'}, 'missing': ['-'], 'header': 3, 'names': ['a', 'b'], 'decimal': ','}
    """
    return {
        "kinds": dict(_pair(one, "--kind") for one in kinds) or None,
        "exclude": list(filter(None, exclude)) if exclude else None,
        "missing": _missing(missing),
        "header": header if header_line is None else header_line,
        "names": None if names is None else names.split(","),
        **same,
    }


def _missing(words: Sequence[str]) -> list[str] | dict[str, list[str]] | None:
    by_column: dict[str, list[str]] = {}
    for one in words:
        column, sign, word = one.rpartition("=")
        by_column.setdefault(column if sign else "", []).append(word)
    if "" not in by_column:
        return by_column or None
    if len(by_column) > 1:
        raise click.UsageError("--missing is for all columns, or for one column each time: not both")
    return by_column[""]


def _pair(text: str, option: str) -> tuple[str, str]:
    column, sign, value = text.rpartition("=")
    if not sign:
        raise click.UsageError(f"{option} needs COLUMN=KIND, as {option} zip=category, not {text!r}")
    return column, value
