"""The error for a column whose kind is known, and whose cells are of another, with what reads them."""

from collections.abc import Mapping

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.remedy import Remedy, argument
from lepton_core.table.cells import shown
from lepton_core.table.columns import Column
from lepton_core.table.csv_columns import ReadColumn
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.boolean import Boolean
from lepton_core.table.spelling.booleans import are_booleans
from lepton_core.table.spelling.dates import date_notation, is_guess
from lepton_core.table.spelling.numbers import NumberNotation, number_notation


def there(read: ReadColumn) -> int:
    """How many cells a column has that are not missing, those among them that do not fit."""
    return len(read.column) - int(read.column.missing.sum()) + len(read.misfits)


def misfit_error(read: Column, count: int, there: int, misfits: Mapping[int, str]) -> InvalidData:
    """The error for a column whose kind is known, of whose cells ``count`` are of another: the first ``misfits``.

    >>> from lepton_core.table import Numbers
    >>> error = misfit_error(Numbers("y", np.array([1.0, 0.0, np.nan])), 1, 3, {2: "yes"})
    >>> error.message
    "row 3, column 'y': 1 of 3 cells are no number, the first is 'yes'; they are truth values; read the column ..."
    """
    column, kind = read.name, read.kind
    row, text = next(iter(misfits.items()))
    fault = f"{count} of {there} cells are no {kind}, the first is {shown(text)}"
    other = _other_way(read, dict.fromkeys(misfits.values(), 1))
    if other is not None:
        said, ways = other
        return InvalidData(fault, row=row + 1, column=column, remedy=said, remedies=ways)
    as_text, back = argument(kinds={column: "category"}), argument(kinds={column: kind})
    said = (
        f"mend them in the file; if they are right from now on, read the column as text with {as_text}, which is kept "
        f"until {back} takes it back"
    )
    return InvalidData(f"{fault}; {said}", row=row + 1, column=column, remedies=(as_text, back))


def _other_way(column: Column, counts: Mapping[str, int]) -> tuple[str, tuple[Remedy, ...]] | None:
    """What to say of cells that another notation reads, or truth values, and what reads them; None if nothing does."""
    options, said = BY_NAME[column.kind].notation_options, "they are written in another way than before; "
    if "decimal" in options and _are_truth_values(column, counts):
        way = argument(kinds={column.name: Boolean.name})
        return f"they are truth values; read the column so with {way}", (way,)
    if "decimal" in options and (number := number_notation(counts)) is not None:
        way = argument(decimal=number.decimal)
        before = NumberNotation.from_text(column.notation).unit
        if before and number.unit and number.unit != before:
            now = shown(number.unit)
            said = f"they are in {now}, and those before in {shown(before)}; convert them in the file, or, if all rows "
            return f"{said}are in {now} from now on, read them so with {way}", (way,)
        return f"{said}read them so with {way}", (way,)
    if "day_first" in options and (date := date_notation(counts)) is not None and date.order != "ymd":
        ways = [argument(day_first=date.order == "dmy")]
        if is_guess(counts):
            ways.append(argument(day_first=date.order != "dmy"))
            said += "whether the day or the month is first, no cell shows; "
        return f"{said}read them so with {' or '.join(map(str, ways))}", tuple(ways)
    return None


def _are_truth_values(column: Column, counts: Mapping[str, int]) -> bool:
    """Whether these cells spell yes and no, and the others are 0 and 1, which spell them too."""
    others = np.unique(column.values[~column.missing])
    if not np.isin(others, (0.0, 1.0)).all():
        return False
    return are_booleans([*counts, *(str(int(value)) for value in others)])
