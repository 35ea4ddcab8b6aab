"""The names of the columns, and the columns that are none: numbers of the rows in front, empty ones behind."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category, normalize

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.cells import shown
from lepton_core.table.files.header import is_index
from lepton_core.table.files.values import Note, Options, call_with_names

MOST_COLUMNS = 100_000
"""Most columns of a table."""

_SHOWN = 10
_MANY = 20
"""So many different whole numbers without a name are no quantity."""


@dataclass(frozen=True)
class NamedColumns:
    """``names`` of the cells from ``start`` to ``stop`` of each row; ``made_up`` says that the file gives none."""

    names: tuple[str, ...]
    start: int
    stop: int
    made_up: bool = False
    notes: tuple[Note, ...] = ()


def name_columns(
    header: Sequence[str] | None,
    rows: Sequence[Sequence[str]],
    width: int,
    options: Options,
    ends: Callable[[], tuple[int, int]] = lambda: (0, 0),
    *,
    bars: bool = False,
) -> NamedColumns:
    """The columns of ``rows``, the first of a file, each of ``width`` cells, below the ``header``.

    Dropped are: a first column without a name that numbers the rows, and last columns without a name and without a
    cell; so is a first one where cells are kept apart by ``bars``, as Markdown has one in front of each row.
    ``ends()`` are the numbers of the first and the last column that have a cell in a row further down, 0 if there is
    none. Other columns without a name are called column_1 and so on; a name that was there before gets a number.

    Raises `InvalidData` for more than `MOST_COLUMNS`, `InvalidInput` if the options give another number of names.

    >>> columns = name_columns(["", "x", "x", ""], [["0", "1", "2", ""], ["1", "1", "2", ""]], 4, Options())
    >>> columns.names, columns.start, columns.stop, [note.code for note in columns.notes]
    (('x', 'x_2'), 1, 3, ['empty_columns', 'index', 'name_twice'])
    """
    if width > MOST_COLUMNS:
        raise InvalidData(f"there are {width} columns; at most {MOST_COLUMNS} are taken")
    cells = [cell.strip() for cell in header] if header is not None else [""] * width
    if len(cells) != width:
        raise InvalidData(f"the header has {len(cells)} names, and the rows have {width} cells")
    notes: list[Note] = []
    start, stop = 0, width
    if options.names is None or len(options.names) != width:
        start = _behind_bar(cells, rows, ends, notes) if bars else 0
        stop = _without_empty(cells, rows, lambda: ends()[1], [] if start else notes)
        if header is not None:
            start = _without_index(cells, rows, start, stop, notes)
    if options.names is not None:
        names = _given(options.names, cells[start:stop], named=header is not None)
    else:
        names = _distinct(_filled(cells[start:stop], start, notes, named=header is not None), notes)
    return NamedColumns(names, start, stop, header is None and options.names is None, tuple(notes))


def _without_empty(
    cells: Sequence[str], rows: Sequence[Sequence[str]], last: Callable[[], int], notes: list[Note]
) -> int:
    stop = len(cells)
    if not rows:
        return stop
    while stop > 1 and not cells[stop - 1] and not any(row[stop - 1].strip(" ") for row in rows):
        stop -= 1
    if stop < len(cells):
        stop = max(stop, last())
    gone = len(cells) - stop
    if gone:
        have, were = ("column has", "was") if gone == 1 else (f"{gone} columns have", "were")
        notes.append(Note("empty_columns", f"the last {have} neither a name nor a cell and {were} left out"))
    return stop


def _behind_bar(
    cells: Sequence[str],
    rows: Sequence[Sequence[str]],
    ends: Callable[[], tuple[int, int]],
    notes: list[Note],
) -> int:
    """The first column: not that in front of the first bar of each row, if nothing stands there."""
    if len(cells) < 2 or cells[0] or any(row[0].strip(" ") for row in rows) or ends()[0] == 1:
        return 0
    notes.append(Note("outer_bars", "each row stands between bars, as in Markdown; these make no columns"))
    return 1


def _without_index(
    cells: Sequence[str], rows: Sequence[Sequence[str]], start: int, stop: int, notes: list[Note]
) -> int:
    more = cells[start + 1 : stop]
    if cells[start] or not any(more) or not _numbers([row[start].strip() for row in rows]):
        return start
    message = "the first column has no name and numbers the rows; it was left out"
    names = [name or f"column_{place}" for place, name in enumerate(more, start=1)]
    notes.append(Note("index", message, call_with_names(["row", *names])))
    return start + 1


def _numbers(cells: Sequence[str]) -> bool:
    """Whether ``cells`` number the rows: one after the other, or, of many, each once: some rows of a longer table."""
    whole = all(cell.isascii() and cell.isdigit() and len(cell) < 16 for cell in cells)
    return is_index(cells) or (len(cells) >= _MANY and whole and len(set(cells)) == len(cells))


def _given(names: Sequence[str], cells: Sequence[str], *, named: bool) -> tuple[str, ...]:
    """The ``names`` that somebody gives; those of the file are the ``cells``, if its columns are ``named``."""
    found = tuple(str(name).strip() for name in names)
    if len(found) != len(cells):
        own = ", ".join(shown(cell) for cell in cells[:_SHOWN]) + (
            " and so on" if len(cells) > _SHOWN else ""
        )
        raise InvalidInput(
            f"{len(found)} names are given, and the file has {len(cells)} columns"
            f"{f' ({own})' if named else ''}; give a name for each, in the order of the file",
            field="names",
        )
    if len(set(found)) != len(found) or not all(found):
        raise InvalidInput("each name must be there once and have a letter", field="names")
    return found


def _filled(cells: Sequence[str], left_out: int, notes: list[Note], *, named: bool) -> list[str]:
    """The names of the columns, in front of which so many were ``left_out``."""
    names = [cell or f"column_{place}" for place, cell in enumerate(cells, start=1)]
    for place, cell in enumerate(cells, start=1):
        if not cell and named:
            notes.append(
                Note(
                    "no_name",
                    f"the header gives column {left_out + place} no name; it is called column_{place}",
                    call_with_names(names),
                    column=f"column_{place}",
                )
            )
    return names


def _distinct(names: Sequence[str], notes: list[Note]) -> tuple[str, ...]:
    taken, found = set(names), []
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        new = name
        if seen[name] > 1:
            while new in taken:
                new = f"{name}_{seen[name]}"
                seen[name] += new in taken
            taken.add(new)
            notes.append(
                Note(
                    "name_twice",
                    f"the name {name[:80]!r} is there before; this one is called {new[:80]!r}",
                    column=new,
                )
            )
        found.append(new)
    if not all(map(str.isascii, found)):
        notes.extend(_alike(found))
    return tuple(found)


def _alike(names: Sequence[str]) -> Iterator[Note]:
    """What to say of names that differ in what nobody sees: letters made in two ways, and signs of no width."""
    first: dict[str, str] = {}
    for name in names:
        seen = "".join(one for one in normalize("NFKC", name) if category(one) not in ("Cf", "Cc")).strip()
        other = first.setdefault(seen, name)
        if other != name:
            yield Note(
                "names_alike",
                f"the names {other[:80]!a} and {name[:80]!a} look alike, and are two columns; rename one",
                column=name,
            )
