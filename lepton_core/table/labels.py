"""Which column is the label, if nobody says, and that every row has one."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.remedy import argument, call
from lepton_core.table.cells import is_not_finite, is_number, shown
from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.table import Table

FEW_NUMBERS = 20
"""Up to so many distinct numbers in a label can be taken for classes, where nobody says what they are."""

_MOST_WORDS = 5
_WORDS = ("label", "target", "y", "class")

_MADE_UP = re.compile(r"column_\d+|Unnamed: \d+")
"""What a column is called, here and by pandas, to which its file gives no name."""


def are_few_numbers(values: Sequence[object] | FloatArray) -> bool:
    """Whether the distinct ``values`` (k,) of a label of numbers may be classes: few ones, and whole.

    >>> are_few_numbers([1.0, 2.0]), are_few_numbers([1.5]), are_few_numbers(range(30))
    (True, False, False)
    """
    numbers = np.array(values, dtype=np.float64)
    return len(numbers) <= FEW_NUMBERS and bool((numbers == np.floor(numbers)).all())


def infer_label(names: Sequence[str]) -> str:
    """The column named label, target, y or class, else the last.

    The first of these words that one column has wins. Case does not matter; a word that two columns have ('Y'
    and 'y') says nothing. Raises ``ValueError`` if there are no names.

    >>> infer_label(["age", "Target", "height"]), infer_label(["age", "height"])
    ('Target', 'height')
    """
    if not names:
        raise ValueError("no names")
    for word in _WORDS:
        found = [name for name in names if name.lower() == word]
        if len(found) == 1:
            return found[0]
    return names[-1]


def likely_label(cells: Mapping[str, int], rows: int) -> str:
    """The label among columns that can be it, each with how many ``cells`` it has in so many ``rows``.

    It is that of `infer_label` among those with a name and a cell in half of the rows, so that remarks beside some rows
    are not predicted; where none has a name, among those with so many cells, and then among all.

    >>> likely_label({"age": 9, "sick": 8, "note": 1}, 10), likely_label({"age": 9, "column_2": 10}, 10)
    ('sick', 'age')
    >>> likely_label({"column_1": 10, "column_2": 10}, 10)
    'column_2'
    """
    filled = [name for name, there in cells.items() if 2 * there >= rows]
    named = [name for name in filled if not _MADE_UP.fullmatch(name)]
    return infer_label(named or filled or list(cells))


_ANOTHER = argument(label=...)


def is_label_name(name: str) -> bool:
    """Whether `infer_label` knows a column by ``name``.

    >>> is_label_name("Target"), is_label_name("height")
    (True, False)
    """
    return name.lower() in _WORDS


def labelled(table: Table, label: str) -> tuple[Table, IndexArray]:
    """The rows that have a label, and the places (k,) of those that have none. Raises `InvalidData` if none is left.

    >>> from lepton_core.table import Categories
    >>> rows, gone = labelled(Table((Categories.of("paid", ["yes", None, "no"]),)), "paid")
    >>> rows.rows, gone.tolist()
    (2, [1])
    """
    missing = table[label].missing
    if missing.all():
        raise no_label(label)
    return with_label(table, label), np.flatnonzero(missing)


def with_label(table: Table, label: str) -> Table:
    """The rows that have a ``label``, perhaps none; if some have none, with those levels only that the others have.

    >>> from lepton_core.table import Categories
    >>> with_label(Table((Categories.of("a", ["u", "v"]), Categories.of("y", [None, "p"]))), "y")["a"].levels
    ('v',)
    """
    missing = table[label].missing
    if not missing.any():
        return table
    rows = table.take(np.flatnonzero(~missing))
    return Table(tuple(kind_of(column).compact(column) for column in rows.columns))


def check_label(table: Table, label: str, absent: Callable[[], Iterable[str]] = tuple) -> None:
    """Raises `InvalidData` naming the first row whose label is missing, or is the word NaN or infinity.

    ``absent`` gives the words of the file that stand for a missing label by themselves, or name no class; it is called
    for an error only, whose call names them too, for what is said of a column takes the place of the usual words.

    >>> from lepton_core.table import Categories
    >>> check_label(Table((Categories.of("label", ["yes", None]),)), "label")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2, column 'label': the label is missing
    >>> check_label(Table((Categories.of("label", ["yes", "nan"]),)), "label")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2, column 'label': 'nan' is not a finite number, nor the name of a class: ...
    """
    column = table[label]
    missing = column.missing
    if missing.any():
        raise InvalidData("the label is missing", row=int(missing.argmax()) + 1, column=label)
    _demand_classes(column, absent)


def names_no_class(text: str) -> bool:
    """Whether ``text`` is a word for NaN or infinity.

    >>> [text for text in ("nan", "-Infinity", "12e4567", "nano") if names_no_class(text)]
    ['nan', '-Infinity']
    """
    # Only the words: 12e4567 would overflow as a number, and is a name like any other among names.
    return is_not_finite(text) and not is_number(text)


def _demand_classes(label: Column, absent: Callable[[], Iterable[str]]) -> None:
    words = [code for code, text in enumerate(label.levels) if names_no_class(text)]
    if not words:
        return
    codes = kind_of(label).texts(label).codes
    found = np.isin(codes, words)
    if found.any():
        row = int(found.argmax())
        level = shown(label.levels[codes[row]])
        known = absent() if label.missing_words is None else label.missing_words
        way = call(missing={label.name: [*dict.fromkeys([*known, *(label.levels[code] for code in words)])]})
        raise InvalidData(
            f"{level} is not a finite number, nor the name of a class: programs take it for a missing number; call it "
            f"otherwise in the data, or leave its rows out with {way}",
            row=row + 1,
            column=label.name,
            remedies=(way,),
        )


def no_label(label: str, words: Sequence[str] = ()) -> InvalidData:
    """The error for a column that is to be predicted, and has no cell; ``words`` stand there and count as missing.

    >>> print(no_label("y", ["NA"]))
    column 'y': no row has a label: 'NA' counts as missing; say missing={'y': []} if that is a label, ...
    """
    if not words:
        what = f"no row has a label; fill the column, or name another one with {_ANOTHER}"
        return InvalidData(what, column=label, remedies=(_ANOTHER,))
    way = argument(missing={label: []})
    what = (
        f"no row has a label: {counted_as_missing(words)}; say {way} if that is a label, or name another one with "
        f"{_ANOTHER}"
    )
    return InvalidData(what, column=label, remedies=(way, _ANOTHER))


def counted_as_missing(words: Sequence[str]) -> str:
    """What is said of ``words`` that stand where labels are.

    >>> counted_as_missing(["NA", "None"])
    "'NA', 'None' count as missing"
    """
    which = ", ".join(map(shown, words[:_MOST_WORDS]))
    more = f" and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
    return f"{which}{more} count{'s' if len(words) == 1 else ''} as missing"
