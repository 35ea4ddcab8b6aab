"""What the bad files are made of: a good table, and ways to spoil it; and what a file comes to."""

import io
import zipfile

from lepton_core.errors import LeptonError
from lepton_core.table import read_file

HEADER = "age,town,paid"
LINES = tuple(f"{21 + 7 * i % 50},{('Bonn', 'Ulm', 'Köln')[i % 3]},{i % 2}" for i in range(40))
GOOD = "\n".join([HEADER, *LINES, ""])


FEW = tuple(str(37 * i % 101) for i in range(20))
MANY = tuple(str(37 * i % 101) for i in range(40))
MORE = tuple(str(37 * i % 41) for i in range(98))


def lines(*given: str, end: str = "\n") -> bytes:
    """A file of these lines."""
    return "".join(line + end for line in given).encode()


def with_line(line: str, at: int = 20, times: int = 1) -> bytes:
    """The good table with ``line`` in place of that one (1 is the header), so many times below each other."""
    whole = [HEADER, *LINES]
    return lines(*whole[: at - 1], *[line] * times, *whole[at:])


def with_cell(cell: str, times: int = 1) -> bytes:
    """The good table with ``cell`` for the ages of so many rows."""
    return lines(
        HEADER, *(cell + line[line.index(",") :] if i < times else line for i, line in enumerate(LINES))
    )


def numbers(*cells: str) -> bytes:
    """A column of these cells beside a label."""
    return lines("x;y", *(f"{cell};{'pq'[i % 2]}" for i, cell in enumerate(cells)))


def below(*more: str) -> bytes:
    """The good table, and these lines below it."""
    return GOOD.encode() + lines(*more)


def above(*more: str) -> bytes:
    """These lines, and the good table below them."""
    return lines(*more) + GOOD.encode()


def in_encoding(encoding: str, text: str = GOOD) -> bytes:
    """The good table, or ``text``, in an encoding."""
    return text.encode(encoding)


def zipped(packing: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def encrypted() -> bytes:
    """An archive whose one file says that it is encrypted."""
    data = bytearray(zipped(a=GOOD.encode()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def outcome(data: bytes) -> str:
    """What a file comes to, in a line.

    Of one that is read: its rows, its columns with their kinds, then what was said of it: the codes of the notes (but
    that of the label's guess), the words that do not fit their column, the lines that were set aside, the columns that
    only a person can decide. Of one that is refused: the code and the message.
    """
    try:
        read = read_file(data)
    except LeptonError as error:
        return f"{error.code}: {error.message}"
    columns = ", ".join(f"{one.column.name[:20]} {one.column.kind}" for one in read.columns)
    said = {
        "said": dict.fromkeys(note.code for note in read.notes if note.code != "label_guessed"),
        "misfits": [ascii(text[:12]) for one in read.columns for text in list(one.misfits.values())[:3]],
        "aside": [str(one.line) for one in read.set_aside],
        "doubt": [one.column.name for one in read.columns if one.decision and one.decision.doubt],
    }
    return " | ".join(
        [
            f"{read.table.rows} rows: {columns}",
            *(f"{name} {' '.join(its)}" for name, its in said.items() if its),
        ]
    )
