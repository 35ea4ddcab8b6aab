"""A file, or columns of a program, read as the owner of their data set says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.cells import shown
from lepton_core.table.csv_columns import Wanted
from lepton_core.table.files import Note, Sheet, open_sheet
from lepton_core.table.formats import SHEET, GivenFile, open_file
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.base import Known
from lepton_core.table.large.read import LargeRead, Sink, read_large
from lepton_core.table.large.text import Pieces
from lepton_core.table.nearest import meant
from lepton_core.table.parse import Read, read_sheet, said_once
from lepton_core.table.reading_given import IN_GIVEN_TEXTS, read_given, with_places
from lepton_core.table.reading_options import NOTHING_SAID, ReadingOptions, Words, check_reading
from lepton_core.table.table import Table
from lepton_core.table.where import together

NOT_THERE = "nothing_to_exclude"
"""The code of the note that a column is not there that is to be left out."""


def read_file(
    data: bytes | Table | GivenFile | Sheet,
    reading: ReadingOptions = NOTHING_SAID,
    *,
    label: str | None = None,
    earlier: ReadingOptions = NOTHING_SAID,
    known: Iterable[Known] = (),
    alone: bool = False,
) -> Read:
    r"""The table in ``data``, read as ``reading`` says, and for the rest as files of the same data set were before.

    ``earlier`` is what was said of those, ``known`` are the columns of the newest of them: a column keeps its kind, its
    notation and its words for a missing cell, unless ``reading`` says otherwise.

    ``data`` is a text file, another file that `open_file` knows, opened or not (`open_data`), or what `read_given`
    reads: columns of a program. These have no encoding, header or lines: of the options only those of columns hold for
    them (kinds, exclude, missing, decimal, day_first).

    ``alone``: what files came before is not known here. A column that is left out and not there may have been in them;
    it gets a note, `NOT_THERE`, and no error.

    Raises what `read_csv`, `open_file` and `read_given` raise, and `InvalidInput` naming the option, for a column or
    kind that is not there.

    >>> read = read_file(b"zip,paid\n01010,1\n10001,0\n", ReadingOptions(kinds={"zip": "text"}))
    >>> read.table.schema.kinds["zip"]
    'text'
    """
    known = tuple(known)
    check_reading(reading)
    reading, earlier = _stripped(reading), _stripped(earlier)
    label = None if label is None else label.strip()
    whole = reading.over(earlier)
    file = open_data(data, whole)
    opened = file.table if isinstance(file, GivenFile) else file
    before = {one.name: one for one in known if not BY_NAME[one.kind].is_open}
    absent = tuple(name for name in reading.exclude or () if alone and name not in opened.names)
    may_be = {*absent, *(one.name for one in known)}
    wanted, exclude = _wanted_of(opened.names, reading, whole, before, label, may_be)
    notes = tuple(
        Note(
            NOT_THERE,
            f"the file has no column {shown(name)}: that is right if the version before has one"
            f"{meant(name, opened.names)}",
        )
        for name in absent
    )
    if isinstance(opened, Table):
        fresh = {
            name: replace(one, missing_words=IN_GIVEN_TEXTS)
            for name, one in wanted.items()
            if name not in before and one.missing_words is None
        }
        wanted = {**wanted, **fresh}
        if isinstance(file, GivenFile):
            sheets = _other_sheets(file)
            read = read_given(
                opened, label=label, wanted=wanted, exclude=exclude, frame=False, elsewhere=sheets
            )
            said = _words(whole.missing, read.label) is not None
            read = _with_file(with_places(read, opened, file.row_lines, said=said), file)
        else:
            read = read_given(opened, label=label, wanted=wanted, exclude=exclude)
            said = _words(whole.missing, read.label) is not None
            read = with_places(read, opened, frame=True, said=said)
    else:
        read = read_sheet(opened, label=label, wanted=wanted, exclude=exclude)
    before_said = _left_out(opened.names, reading, earlier, label)
    if not notes and not before_said:
        return read
    return replace(read, notes=(*read.notes, *notes), left_out=before_said)


def open_data(data: bytes | Table | GivenFile | Sheet, reading: ReadingOptions) -> Table | GivenFile | Sheet:
    """What is in ``data``, with the names of its columns; what is open stays as it is.

    Raises what `open_file` and `open_sheet` raise.
    """
    file = open_file(data, reading) if isinstance(data, bytes) else data
    return open_sheet(file, reading.options) if isinstance(file, bytes) else file


def read_large_file(
    pieces: Pieces,
    sink: Sink,
    reading: ReadingOptions = NOTHING_SAID,
    *,
    label: str | None = None,
    earlier: ReadingOptions = NOTHING_SAID,
    known: Iterable[Known] = (),
) -> LargeRead:
    """Give the rows of a text file to ``sink`` that `read_file` would read, some of it in memory at a time.

    Raises what `read_file` raises.
    """
    check_reading(reading)
    reading, earlier = _stripped(reading), _stripped(earlier)
    label = None if label is None else label.strip()
    whole = reading.over(earlier)
    known = tuple(known)
    before = {one.name: one for one in known if not BY_NAME[one.kind].is_open}
    may_be = [one.name for one in known]
    seen: list[str] = []

    def wanted_for(names: Sequence[str]) -> tuple[dict[str, Wanted], list[str]]:
        seen[:] = names
        return _wanted_of(names, reading, whole, before, label, may_be)

    found = read_large(pieces, sink, wanted_for=wanted_for, label=label, options=whole.options)
    return replace(found, read=replace(found.read, left_out=_left_out(seen, reading, earlier, label)))


def _wanted_of(
    names: Sequence[str],
    reading: ReadingOptions,
    whole: ReadingOptions,
    before: Mapping[str, Known],
    label: str | None,
    may_be: Collection[str],
) -> tuple[dict[str, Wanted], list[str]]:
    """What is wanted of the columns ``names``, and which of them are left out; other columns ``may_be`` spoken of."""
    _demand_columns(reading, {*names, *may_be}, names, label)
    _demand_label(reading, whole, names, label)
    wanted = {name: _wanted(name, whole, reading, before.get(name)) for name in names}
    return wanted, [name for name in whole.exclude or () if name in names and name != label]


def _left_out(
    names: Collection[str], reading: ReadingOptions, earlier: ReadingOptions, label: str | None
) -> tuple[str, ...]:
    """The columns of the file that are left out because an earlier file was to be read so."""
    said = earlier.exclude if reading.exclude is None else None
    return tuple(name for name in said or () if name in names and name != label)


def _stripped(reading: ReadingOptions) -> ReadingOptions:
    """With the names of columns as the table has them: without blanks around them."""
    missing = reading.missing
    return replace(
        reading,
        kinds=None if reading.kinds is None else {name.strip(): kind for name, kind in reading.kinds.items()},
        exclude=None if reading.exclude is None else tuple(map(str.strip, reading.exclude)),
        missing={name.strip(): its for name, its in missing.items()}
        if isinstance(missing, dict)
        else missing,
    )


def _other_sheets(file: GivenFile) -> tuple[Note, ...]:
    """Where else columns of a workbook may be; nothing for another file, and if its sheet was named."""
    return tuple(one for one in file.notes if one.code == SHEET)


def _with_file(read: Read, file: GivenFile) -> Read:
    return replace(
        read,
        notes=said_once(file.notes, read.notes),
        set_aside=together(file.set_aside, read.set_aside),
        set_aside_count=file.set_aside_count + read.set_aside_count,
    )


def _wanted(name: str, whole: ReadingOptions, reading: ReadingOptions, before: Known | None) -> Wanted:
    kind = (whole.kinds or {}).get(name)
    words = _words(whole.missing, name)
    if before is None:
        return Wanted(kind, None, words, whole.decimal or "", whole.day_first, is_said=kind is not None)
    if _words(reading.missing, name) is None:
        words = before.missing_words
    retyped = name in (reading.kinds or {}) and kind != before.kind
    stays = not retyped and not reading.said.keys() & BY_NAME[before.kind].notation_options
    now = kind if retyped else before.kind
    return Wanted(
        now,
        before.notation if stays else None,
        words,
        whole.decimal or "",
        whole.day_first,
        is_said=now == kind,
    )


def _words(missing: Words | dict[str, Words] | None, name: str) -> Words | None:
    words = missing.get(name) if isinstance(missing, dict) else missing
    return None if words is None else tuple(sorted(set(words)))


def _demand_columns(
    reading: ReadingOptions, known: Collection[str], names: Collection[str], label: str | None
) -> None:
    """What is said of a column that neither this file nor an earlier one has is a slip of the pen."""
    said: Mapping[str, Iterable[str]] = {
        "kinds": reading.kinds or (),
        "exclude": reading.exclude or (),
        "missing": reading.missing if isinstance(reading.missing, dict) else (),
    }
    for field, columns in said.items():
        for name in columns:
            if name not in known:
                some = ", ".join(shown(one) for one in list(names)[:10])
                more = f" and {len(names) - 10} more" if len(names) > 10 else ""
                raise InvalidInput(
                    f"there is no column {shown(name)}; there are {some}{more}{meant(name, names)}",
                    field=field,
                    column=name,
                )
    if label is not None and label in (reading.exclude or ()):
        raise InvalidInput(
            f"{shown(label)} is the label; it cannot be left out", field="exclude", column=label
        )


def _demand_label(
    reading: ReadingOptions, whole: ReadingOptions, names: Collection[str], label: str | None
) -> None:
    """A label may be missing because the names are read as an earlier file has them, which this one has not."""
    if label is None or label in names or reading.header is not None or not isinstance(whole.header, int):
        return
    if whole.header is True:
        return
    some = ", ".join(shown(one) for one in list(names)[:5]) + (" and others" if len(names) > 5 else "")
    which = f"line {whole.header} was to have them" if whole.header else "the file was to have none"
    way = reading.call(label=label, header=True)
    raise InvalidData(
        f"there is no such column; there are {some}: an earlier upload said of the names that {which}, and that is "
        f"kept; to take it back: {way}",
        column=label,
        remedies=(way,),
    )
