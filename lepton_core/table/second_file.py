"""A second file, whose rows are held out: read as the first one was, and put below its rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.cells import shown
from lepton_core.table.columns import Column
from lepton_core.table.csv_columns import ReadColumn
from lepton_core.table.files import Note, SetAside, Sheet
from lepton_core.table.formats import GivenFile
from lepton_core.table.joining import alike
from lepton_core.table.kinds import kind_of
from lepton_core.table.labels import are_few_numbers
from lepton_core.table.parse import Read
from lepton_core.table.reading import open_data, read_file
from lepton_core.table.reading_options import NOTHING_SAID, ReadingOptions
from lepton_core.table.row_keys import row_hashes
from lepton_core.table.source import concatenate
from lepton_core.table.table import Table

SECOND = "the second file"
"""What it is called in notes, and where nobody knows its name."""

_LABELS_SHOWN = 5


def with_held_out(
    read: Read, data: bytes | Table | GivenFile, reading: ReadingOptions = NOTHING_SAID, name: str = SECOND
) -> Read:
    r"""What was ``read`` of a first file, and below its rows those of a second one, in ``data``: all are held out.

    ``reading`` is all that is said of how the first file is read; errors call the second one ``name``. A column has
    the kind, the notation and the words for a missing cell that it has in the first file; where that has no cell, the
    second one decides. A column of the second file alone is left out, with a note.

    Raises `InvalidData` naming the second file, for a column that it lacks, cells that are not of their column's kind,
    labels of which the first file has none, and what `read_file` raises.

    >>> read = with_held_out(read_file(b"a,y\n1,no\n2,yes\n", label="y"), b"y,a\nyes,3\n")
    >>> read.table["a"].values.tolist(), read.held_out
    ([1.0, 2.0, 3.0], 1)
    """
    try:
        opened = open_data(data, reading)
        table = opened.table if isinstance(opened, GivenFile) else opened
        made_up = isinstance(table, Sheet) and table.names_made_up
        _demand_columns(read, table.names, reading, made_up=made_up)
        extra = tuple(
            one for one in table.names if one not in read.table and one not in (reading.exclude or ())
        )
        second = read_file(
            opened,
            label=read.label,
            earlier=replace(reading, exclude=(*(reading.exclude or ()), *extra)),
            known=read.table.schema.columns,
        )
        below = second.table.select(read.table.names)
        above = Table(tuple(alike(read.table, one) for one in below.columns))
        labels = _labels(above[read.label], below[read.label])
    except InvalidData as error:
        raise _for_both(error).in_file(name) from None
    except InvalidInput as error:
        raise error.in_file(name) from None
    notes = [*_said(read, second), *_of_rows(above, below), *labels, *map(_left_out, extra)]
    return replace(
        read,
        table=concatenate([above, below]),
        columns=_columns(read, second),
        notes=(*read.notes, *notes),
        set_aside=(*read.set_aside, *(_from_second(one) for one in second.set_aside)),
        set_aside_count=read.set_aside_count + second.set_aside_count,
        unlabelled=(*read.unlabelled, *(_rows(read) + one for one in second.unlabelled)),
        held_out=below.rows,
    )


def _for_both(error: InvalidData) -> InvalidData:
    """An option that reads another notation holds for both files, and the first one is not so written."""
    if not error.remedy:
        return error
    remedy = "the first file writes them in another way, and an option holds for both: write them alike in both files"
    return InvalidData(error.fault, row=error.row, column=error.column, remedy=remedy)


def _demand_columns(read: Read, names: Sequence[str], reading: ReadingOptions, *, made_up: bool) -> None:
    absent = [one for one in read.table.names if one not in names]
    if not absent:
        return
    as_first = reading.call(names=read.table.names)
    made = f"; it gives no names: if they are those of the first file, {as_first}" if made_up else ""
    if read.label in absent:
        raise InvalidData(
            "the label is missing, and a version is measured on it; rows without one are for predict, after the "
            f"training{made}",
            column=read.label,
            remedies=(as_first,) if made_up else (),
        )
    first, excluded = absent[0], (*(reading.exclude or ()), *absent)
    more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
    without = reading.call(exclude=excluded)
    raise InvalidData(
        f"is missing{more}, and the first file has it{made or f'; to go on without: {without}'}",
        column=first,
        remedies=(as_first if made_up else without,),
    )


def _labels(above: Column, below: Column) -> Iterator[Note]:
    """What is to be said of labels that only the second file has. Raises `InvalidData` if it has no other ones."""
    kind = kind_of(below)
    known, (_, places) = set(kind.names(above)), kind.distinct(below)
    if kind.quantitative and not _are_few(above):
        return iter(())
    names = kind.names(below)
    unknown = [place for place, name in enumerate(names) if name not in known]
    if not unknown:
        return iter(())
    told = ", ".join(shown(names[place]) for place in unknown[:_LABELS_SHOWN])
    told += f" and {len(unknown) - _LABELS_SHOWN} more" if len(unknown) > _LABELS_SHOWN else ""
    if len(unknown) == len(names) and not kind.quantitative:
        near = get_close_matches(names[unknown[0]], sorted(known), n=1, cutoff=0.0)
        like = f", as {shown(near[0])}" if near else ""
        raise InvalidData(
            f"no row has a label of the first file: here it is {told}, there it is another{like}; spell them alike",
            row=int(np.isin(places, unknown).argmax()) + 1,
            column=below.name,
        )
    rows = int(np.isin(places, unknown).sum())
    which = "labels" if kind.quantitative else "classes"
    message = (
        f"{rows} of {len(below)} held-out rows have {which} that the rows to train on lack ({told}); a classifier "
        "never answers them, and such rows are left out of its figures: give it rows of them, or spell them alike"
    )
    return iter([Note("held_out_labels", message, column=below.name)])


def _are_few(label: Column) -> bool:
    return are_few_numbers(np.unique(label.values))


def _of_rows(above: Table, below: Table) -> Iterator[Note]:
    what, verb = ("row", "is") if below.rows == 1 else ("rows", "are")
    yield Note("held_out", f"{below.rows} {what} of {SECOND} {verb} held out: no training sees them")
    copies = int(np.isin(row_hashes(below), row_hashes(above)).sum())
    if copies:
        message = (
            f"{copies} of {below.rows} held-out rows hold the same as a row to train on: such rows flatter"
        )
        yield Note("held_out_copies", message)


def _left_out(column: str) -> Note:
    message = f"the column {shown(column)} is in the second file only, and was left out"
    return Note("held_out_column", message, column=column)


def _said(read: Read, second: Read) -> Iterator[Note]:
    """What the reader noted of the second file, unless it noted the same of the first one."""
    same = {(one.code, one.column, one.message) for one in read.notes}
    for one in second.notes:
        if (one.code, one.column, one.message) not in same:
            yield replace(one, message=f"{SECOND}: {one.message}")


def _from_second(one: SetAside) -> SetAside:
    return replace(one, reason=f"{SECOND}: {one.reason}")


def _rows(read: Read) -> int:
    """How many rows the file had, those without a label among them."""
    return read.table.rows + len(read.unlabelled)


def _columns(read: Read, second: Read) -> tuple[ReadColumn, ...]:
    """How each column was read, with the cells of both files that did not fit."""
    later: Mapping[str, ReadColumn] = {one.column.name: one for one in second.columns}
    found = []
    for one in read.columns:
        other = later[one.column.name]
        misfits = {_rows(read) + row: text for row, text in other.misfits.items()}
        words = Counter(one.words) + Counter(other.words)
        decision, partial = one.decision or other.decision, one.partial or other.partial
        both = {**one.misfits, **misfits}
        found.append(replace(one, decision=decision, misfits=both, words=words, partial=partial))
    return tuple(found)
