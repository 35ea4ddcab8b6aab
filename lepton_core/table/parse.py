"""A table from the bytes of a text file."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import Remedy, argument, call
from lepton_core.table.cells import is_infinite, shown
from lepton_core.table.columns import IndexArray
from lepton_core.table.csv_columns import ReadColumn, Wanted, columns_from
from lepton_core.table.files import Note, Options, SetAside, Sheet, open_sheet
from lepton_core.table.files.records import MOST_SET_ASIDE
from lepton_core.table.files.row_lines import rows_at
from lepton_core.table.files.spelling import plain_name
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.labels import (
    check_label,
    infer_label,
    is_label_name,
    labelled,
    likely_label,
    no_label,
)
from lepton_core.table.misfits import misfit_error, there
from lepton_core.table.nearest import meant
from lepton_core.table.table import Table
from lepton_core.table.unlabelled import absent_words, labels_among, naming_labels
from lepton_core.table.where import first_misfits, said_where, together, without_label

MOST_MISFIT_SHARE = 0.03
"""Of the cells of a column whose kind is known, at most this share may be of another one: these count as missing."""


_WITHIN = "header_within"


@dataclass(frozen=True)
class Read:
    """A table from a file, how its ``columns`` were read, what was guessed, and the first rows that were set aside.

    ``label`` is the column to be predicted; ``unlabelled`` are the places, among the rows of the file, of those that
    have none: they are not in the table, and are among the ``set_aside_count`` rows. ``left_out`` are columns that are
    not read because an earlier file of the same data set was to be read so. The last ``held_out`` rows of the table are
    those of a second file: see `lepton_core.table.second_file`. ``places`` (k,): the rows that
    ``columns`` have, if not all.
    """

    table: Table
    label: str
    columns: tuple[ReadColumn, ...]
    notes: tuple[Note, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    set_aside_count: int = 0
    unlabelled: Sequence[int] = ()
    held_out: int = 0
    left_out: tuple[str, ...] = ()
    places: IndexArray | None = None


def parse_csv(
    data: bytes,
    *,
    label: str | None = None,
    wanted: Mapping[str, Wanted] | None = None,
    options: Options = Options(),  # noqa: B008
) -> Table:
    r"""The table of `read_csv`.

    >>> table = parse_csv(b"age,sex\n31,f\n,m\n3.5,f\n")
    >>> table["age"].values, table["sex"].levels
    (array([31. ,  nan,  3.5]), ('f', 'm'))
    """
    return read_csv(data, label=label, wanted=wanted, options=options).table


def read_csv(
    data: bytes,
    *,
    label: str | None = None,
    wanted: Mapping[str, Wanted] | None = None,
    exclude: Collection[str] = (),
    options: Options = Options(),  # noqa: B008
) -> Read:
    r"""The table that a text file holds, of any usual encoding and dialect; see `lepton_core.table.files`.

    Blanks around cells and blank lines are dropped. The kind of a column is what ``wanted`` says, else what its cells
    say; see `lepton_core.table.spelling.recognise`. Plain numbers are bit for bit those of `float`. The columns
    ``exclude`` are left out. A ``label`` must be one of the columns; without it one is guessed, see `infer_label`.
    Rows that have no label are left out. Rows that cannot be read are set aside, up to the share that ``options``
    allow; cells that are not of their column's kind count as missing, of a column in ``wanted`` up to the share
    `MOST_MISFIT_SHARE`.

    Raises `InvalidData` for: an empty file, no rows, one column only, what is no text; a header that does not fit; more
    rows or cells than allowed that cannot be read; a column of ``exclude`` that is not there. Raises `InvalidInput` if
    ``exclude`` leaves fewer than two columns.

    >>> read = read_csv(b"\xef\xbb\xbfa;b\n1;2\n3;4\n")
    >>> read.table.names, [note.message for note in read.notes]
    (('a', 'b'), ["the cells are kept apart by ';'", 'label: b (the last column)'])
    """
    return read_sheet(open_sheet(data, options), label=label, wanted=wanted, exclude=exclude)


def read_sheet(
    sheet: Sheet,
    *,
    label: str | None = None,
    wanted: Mapping[str, Wanted] | None = None,
    exclude: Collection[str] = (),
) -> Read:
    """The table of a sheet that is open: see `read_csv`.

    >>> read_sheet(open_sheet(b"age,paid\\n31,1\\n47,0\\n")).label
    'paid'
    """
    names = sheet.names
    try:
        read = labelled_read(
            names,
            lambda name: columns_from(
                sheet.names, sheet.blocks, wanted, label=name, rows=sheet.body.about_rows
            ),
            label=label,
            exclude=exclude,
            cells_of=partial(_cells_of, sheet),
        )
    except InvalidData as error:
        raise _naming_words(error, sheet, wanted or {}) from None
    late = {one.column.name: first_misfits(one.misfits) for one in read.columns}
    gone = read.unlabelled[:MOST_SET_ASIDE]
    rows = sorted({*gone, *chain(*late.values())})
    found = dict(zip(rows, rows_at(sheet.body, rows), strict=False)) if rows else {}
    aside = without_label((found[row] for row in gone if row in found), names, read.label)
    said = (wanted or {}).get(read.label, Wanted()).missing_words is not None
    own = read.notes if said else naming_labels(read.notes, read.table[read.label], aside)
    columns = (
        replace(
            one,
            where=said_where(
                (found[row][0] for row in late[one.column.name] if row in found), {*one.misfits.values()}
            ),
        )
        if late[one.column.name]
        else one
        for one in read.columns
    )
    return replace(
        read,
        columns=tuple(columns),
        notes=said_once(sheet.notes, own),
        set_aside=together(sheet.set_aside, aside),
        set_aside_count=sheet.set_aside_count + len(read.unlabelled),
    )


def _cells_of(sheet: Sheet, name: str) -> Iterator[str]:
    place = sheet.names.index(name)
    return (row[place] for chunk in sheet.chunks() for row in chunk)


def _naming_words(error: InvalidData, sheet: Sheet, wanted: Mapping[str, Wanted]) -> InvalidData:
    """The same, which names the words of a column without a label, if they may be labels."""
    label = error.column
    if label not in sheet.names or error.reason != no_label(label).reason:
        return error
    if wanted.get(label, Wanted()).missing_words is not None:
        return error
    place, first = sheet.names.index(label), rows_at(sheet.body, range(MOST_SET_ASIDE))
    return no_label(label, labels_among(cells[place].strip() for _, cells in first))


def labelled_read(
    names: Sequence[str],
    columns_for: Callable[[str], tuple[ReadColumn, ...]],
    *,
    label: str | None,
    exclude: Collection[str],
    frame: bool = False,
    elsewhere: Sequence[Note] | None = None,
    cells_of: Callable[[str], Iterable[str]] = lambda name: (),
) -> Read:
    """The columns that ``columns_for`` reads if it is told which one is to be predicted, without the rows that lack it.

    ``frame``: they are columns of a program. ``elsewhere`` is that of `demand_columns`. ``cells_of`` gives the cells of
    a column as they stand in a file, where words stand for missing ones.

    Raises `InvalidData`, see `read_csv`.
    """
    demand_columns(names, exclude, label, elsewhere)
    kept = [name for name in names if name not in exclude]
    guessed = infer_label(kept) if label is None else label
    columns = _kept(columns_for(guessed), exclude)
    if label is None and not is_label_name(guessed):
        can_be = {one.column.name: there(one) for one in columns if not BY_NAME[one.column.kind].left_out}
        likely = likely_label(can_be, len(columns[0].column)) if can_be else infer_label(kept)
        if likely != guessed:
            guessed, columns = likely, _kept(columns_for(likely), exclude)
    for one in columns:
        if one.decision is None:
            _demand_fit(one)
    table, unlabelled = labelled(Table(tuple(one.column for one in columns)), guessed)
    check_label(table, guessed, lambda: absent_words(cells_of(guessed)))
    of_label = spelling_note(guessed, next(one.spellings for one in columns if one.column.name == guessed))
    notes = (
        *notes_of(kept, guessed, label, unlabelled.tolist(), frame=frame),
        *of_label,
        *infinite_notes(columns),
        *header_within(columns, unlabelled.tolist()),
    )
    return Read(table, guessed, columns, notes, unlabelled=tuple(unlabelled.tolist()))


_DELIMITER = call(delimiter=...)
_FIRST_LINE = call(header=1)
_FEWER = argument(exclude=...)


def demand_columns(
    names: Sequence[str],
    exclude: Collection[str],
    label: str | None,
    elsewhere: Sequence[Note] | None = None,
) -> None:
    """Raise `InvalidData` for columns that are not there, and for a file that has only one.

    Raise `InvalidInput` (field 'exclude') if of several columns one is left, or none.
    ``elsewhere`` are notes on where others may be; None: in the same lines of a text.
    """
    for name in (*exclude, *([] if label is None else [label])):
        if name not in names:
            more, ways = _there(elsewhere or ())
            if [*names] == [f"column_{place}" for place in range(1, len(names) + 1)]:
                more = f"; these were made up: if line 1 has the names, {_FIRST_LINE}"
                ways = (_FIRST_LINE,)
            said = f"there is no such column; there are {_listed(names)}{meant(name, names)}{more}"
            raise InvalidData(said, column=name, remedies=ways)
    if len(names) == 1:
        more, ways = _there(elsewhere or ())
        if elsewhere is None:
            more = f": if there are more, name what keeps them apart: {_DELIMITER}"
            ways = (_DELIMITER,)
        said = f"this is the only column; a label and a feature are needed{more}"
        raise InvalidData(said, column=names[0], remedies=ways)
    left = [name for name in names if name not in exclude]
    if len(left) < 2:
        which = f"{shown(left[0])} is the only column" if left else "there is no column"
        said = f"{which} that is left; a label and a feature are needed: leave out fewer with {_FEWER}"
        raise InvalidInput(said, field="exclude", remedies=(_FEWER,))


def _there(elsewhere: Sequence[Note]) -> tuple[str, tuple[Remedy, ...]]:
    """The first of the notes as the end of a message, and what it offers."""
    for one in elsewhere:
        return f": {one.message}: {one.remedy}", one.remedies
    return "", ()


def _kept(columns: Iterable[ReadColumn], exclude: Collection[str]) -> tuple[ReadColumn, ...]:
    return tuple(one for one in columns if one.column.name not in exclude)


def notes_of(
    names: Sequence[str], label: str, given: str | None, unlabelled: Sequence[int], *, frame: bool = False
) -> Iterator[Note]:
    """What is to be said of the label: that it was guessed, and that rows have none."""
    if given is None:
        named = is_label_name(label)
        last = "the last column" if label == names[-1] else "the last column that can be it"
        why = f"the column named {label}" if named else last
        other = next(name for name in reversed(names) if name != label)
        sure = named and (label == names[-1] or label.lower() == "label")
        way = call(label=other)
        way = way.reading("from_pandas") if frame else way
        if named and not sure:
            why += f"; is it what is to be predicted, or is it {other}, the last column?"
        yield Note(
            "label_in_doubt" if named and not sure else "label_guessed",
            f"label: {label} ({why})",
            () if sure else (way,),
            label,
        )
    if unlabelled:
        rows = (
            "1 row has no label and was"
            if len(unlabelled) == 1
            else f"{len(unlabelled)} rows have no label and were"
        )
        yield Note("no_label", f"{rows} left out", column=label)


def spelling_note(label: str, spellings: Mapping[str, Sequence[str]]) -> Iterator[Note]:
    """What is to be said of classes with several spellings, see `ReadColumn.spellings`.

    >>> [one.message for one in spelling_note("y", {"1": ["1.0"]})]
    ["the label 'y' spells classes in several ways: '1.0' is taken for '1'"]
    """
    if not spellings:
        return
    same = [
        f"{', '.join(map(shown, others[:3]))} is taken for {shown(name)}"
        for name, others in spellings.items()
    ]
    more = f", and so for {len(same) - 5} more" if len(same) > 5 else ""
    message = f"the label {label!r} spells classes in several ways: {'; '.join(same[:5])}{more}"
    yield Note("label_spellings", message, column=label)


def infinite_notes(columns: Sequence[ReadColumn]) -> Iterator[Note]:
    """What is to be said of columns of numbers with cells that are infinite, or beyond the largest number.

    >>> from lepton_core.table.columns import Numbers
    >>> import numpy as np
    >>> x = Numbers("x", np.array([1.5, np.nan, np.nan]))
    >>> [one.message for one in infinite_notes([ReadColumn(x, None, {1: "inf", 2: "?"})])]
    ["1 cell of 'x' is no finite number and counts as missing: 'inf' (1); the first is in row 2; mend them in the data"]
    """
    for one in columns:
        seen = Counter(one.misfits.values() if one.counts is None else one.counts)
        guessed = () if one.decision is None else one.decision.misfits  # other words somebody named
        seen.update({word: rows for word, rows in one.words.items() if word in guessed})
        found = Counter({text: rows for text, rows in seen.items() if is_infinite(text)})
        if not found:
            continue
        total, name = found.total(), shown(one.column.name)
        texts = ", ".join(f"{shown(text)} ({rows})" for text, rows in found.most_common(5))
        first = next((row for row in sorted(one.misfits) if one.misfits[row] in found), None)
        where = "" if first is None else f"; the first is in row {first + 1}"
        what = "is no finite number and counts" if total == 1 else "are no finite numbers and count"
        yield Note(
            "infinite",
            f"{total} cell{'' if total == 1 else 's'} of {name} {what} as missing: {texts}{where}; "
            "mend them in the data",
            column=one.column.name,
        )


def said_once(notes: Sequence[Note], own: Sequence[Note]) -> tuple[Note, ...]:
    """The ``notes`` on a file and those on its columns: of a header among the rows only one is said."""
    known = {one.code for one in own} & {_WITHIN}
    return (*(one for one in notes if one.code not in known), *own)


def header_within(columns: Sequence[ReadColumn], unlabelled: Sequence[int] = ()) -> Iterator[Note]:
    """A row of words where all other rows have numbers is the header of another table, and the rows below are its.

    Rows ``unlabelled`` are left out: of these the names of the same table once more are none.
    """
    numbers = [one for one in columns if BY_NAME[one.column.kind].quantitative]
    if len(numbers) < 2:
        return
    rows = set.intersection(*(set(one.misfits) for one in numbers))
    for row in rows.intersection(unlabelled):
        if all(plain_name(one.misfits[row]) == plain_name(one.column.name) for one in numbers):
            rows.remove(row)
    for row in sorted(rows)[:1]:
        words = ", ".join(shown(one.misfits[row]) for one in numbers[:5])
        message = f"row {row + 1} has words where the others have numbers ({words}): if another table begins there, "
        yield Note(_WITHIN, message + "make a file of each")


def _demand_fit(read: ReadColumn) -> None:
    cells = there(read)
    if len(read.misfits) <= MOST_MISFIT_SHARE * cells:
        return
    raise misfit_error(read.column, len(read.misfits), cells, read.misfits)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(shown, names[:10])) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
