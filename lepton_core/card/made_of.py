"""The sections of a card that say what the version is made of, and where its figures end to hold."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lepton_core.card.facts import Card, CardColumn
from lepton_core.card.parts import pairs, section, sentence, table, text
from lepton_core.readable import figure, visible
from lepton_core.table import Numbers
from lepton_core.table.kinds import BY_NAME

MOST_COLUMNS_SHOWN = 40
"""Columns of the data that a card has a line for."""

_LEVELS = 4
_NAMED = 8
_EITHER = " or "
_RULES = {
    "content-1": "by a hash of each row, all copies of a row on one side",
    "copies-2": "by a hash of each row, spread evenly over the classes or the values of the label",
    "group-1": "all rows of one value of {column} on one side",
    "time-1": "the last rows by {column}",
    "column-1": "as the column {column} says",
    "file-1": "the rows of a second file",
}


def what_it_is(card: Card) -> str:
    """Its algorithm, its members, its fits and its digests."""
    one = card.judged == card.served
    shown: list[tuple[str, object]] = [
        ("algorithm", card.algorithm),
        ("hyperparameters", _given(card.hyperparameters)),
        *((f"member, {member.weight:.2f}", _member(member)) for member in card.members),
        ("preprocessing", ", ".join(card.steps) or "none"),
    ]
    if card.warm_from is not None:
        shown.append(("begun with", f"the weights of version {card.warm_from}"))
    if card.weight is not None:
        shown.append(("weight of rows", card.weight))
    if card.class_weight is not None:
        weights = card.class_weight
        shown.append(("weight of classes", weights if isinstance(weights, str) else _given(weights)))
    if one:
        shown.append(("fit", f"one fit, on {_rows(card.judged.rows)}; the figures are its own"))
    else:
        shown.append(("judged fit", f"on {_rows(card.judged.rows)}; all figures are its own"))
        shown.append(("served fit", f"on {_rows(card.served.rows)}; it answers, and nobody can measure it"))
        shown.append(("judged digest", card.judged.digest))
    shown.append(("served digest" if not one else "digest", card.served.digest))
    libraries = card.libraries or {}
    if libraries:
        shown.append(
            ("made with", ", ".join(f"{name} {number}" for name, number in sorted(libraries.items())))
        )
    return section("What it is", pairs("What it is", shown))


def _rows(count: int) -> str:
    return f"{count} rows" if count else "rows that nobody counted"


def _member(member: Any) -> str:
    return f"{member.algorithm}({_given(member.hyperparameters)})"


def _given(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items()) or "the defaults"


def data(card: Card) -> str:
    """The data set, and how its rows were dealt to training and to holding out."""
    of = card.data
    rule = _RULES.get(of.split.rule, of.split.rule).format(column=of.split.column)
    if of.split.of_near_copies:
        rule = "all near-copies of a row on one side"
    share = "" if of.split.rule in ("file-1", "column-1") else f"{of.split.fraction:.0%} held out: "
    shown: list[tuple[str, object]] = [
        ("data set", f"{of.name}, version {of.version}"),
        ("rows", "the data was deleted" if of.rows is None else _counted(of.rows, of.held_out)),
        ("label", of.label),
        ("split", share + rule),
        ("digest", of.digest),
    ]
    return section("Data", pairs("Data", shown))


def _counted(rows: int, held_out: int) -> str:
    return f"{rows}, {held_out} of them of a second file" if held_out else str(rows)


def columns(card: Card) -> str:
    """Each column with its kind, its gaps, and the values that were there."""
    found = card.data.columns
    if not found:
        return ""
    head = ["column", "kind", "use", "values in the data", "missing", "filled with"]
    rows = [
        [
            one.figures.name,
            one.figures.kind,
            one.use,
            values(one),
            str(one.figures.missing or ""),
            "" if one.filled is None or not one.figures.missing else figure(one.filled),
        ]
        for one in found[:MOST_COLUMNS_SHOWN]
    ]
    left = len(found) - len(rows)
    more = sentence(f"{left} more columns are in the description of the data set.") if left > 0 else ""
    return section(
        "Columns",
        table(f"The {len(found)} columns of the data", head, rows, left=4),
        more,
        wide=True,
        long=True,
    )


def values(one: CardColumn) -> str:
    """The range of a column, or some of its levels.

    >>> from lepton_core.table import ColumnFigures
    >>> values(CardColumn(ColumnFigures("age", "integer", 0, min=18.0, max=90.0), "read"))
    '18 to 90'
    """
    of = one.figures
    if one.levels:
        named = ", ".join(one.levels[:_LEVELS])
        left = len(one.levels) - _LEVELS
        return f"{named} and {left} more" if left > 0 else named
    if BY_NAME[of.kind].quantitative and of.min is not None and of.max is not None:
        ends = [_spelled(one, of.min), _spelled(one, of.max)]
        return ends[0] if ends[0] == ends[1] else (_EITHER if _in_words(ends) else " to ").join(ends)
    return "" if of.distinct is None else f"{of.distinct} different"


def _in_words(ends: list[str]) -> bool:
    """Whether it is one word or the other, as yes or no, and nothing between them."""
    return all(end.isalpha() for end in ends)


def _spelled(one: CardColumn, value: float) -> str:
    kind = BY_NAME[one.figures.kind]
    column = Numbers(one.figures.name, np.array([value]), one.figures.kind, one.figures.notation)
    [found] = kind.names(column)
    return found.partition("T")[0] if kind.moves else figure(value) if found == str(value) else found


def limits(card: Card) -> str:
    """Where its figures end to hold, as far as anybody can say it from records."""
    lines = "".join(f"<li>{text(line, 700)}</li>" for line in _limits(card))
    return section("Limits", f"<ul>{lines}</ul>")


def _limits(card: Card) -> Iterator[str]:
    read = [one for one in card.data.columns if one.use == "read"]
    quantities = [
        one for one in read if BY_NAME[one.figures.kind].quantitative and one.figures.min is not None
    ]
    ranges = [f"{_name(one)} {values(one)}" for one in quantities if _EITHER not in values(one)]
    if ranges:
        yield f"Nothing is known of rows outside these ranges: {_some(ranges, '; ')}."
    known = [_name(one) for one in read if one.levels]
    if known:
        yield f"Of {_some(known, ', ')}, a level that the data lack is answered as an unknown one."
    left = [one for one in card.data.columns if one.use not in ("read", "label", "weight")]
    if left:
        yield f"It does not read {_some([f'{_name(one)} ({one.use})' for one in left], '; ')}."
    found = card.evaluation.segments
    if found is not None and found.columns_left:
        yield f"{found.columns_left} columns were not looked at for segments in which it is wrong."
    yield "Figures are of rows like those that were held out. Of other times, places or people they say nothing."
    yield "What goes with a prediction need not be its cause: importance says what it reads, not why things happen."


def _name(one: CardColumn) -> str:
    return visible(one.figures.name, 30)


def _some(names: list[str], between: str) -> str:
    left = len(names) - _NAMED
    return between.join(names[:_NAMED]) + (f"{between}and {left} more" if left > 0 else "")
