"""Good tables, damaged in some of the ways in which files are, by a seed.

Each cell of a good table says where it belongs: ``c2r7`` begins the cell of column 2 in row 7. So a cell that slid into
another column is seen, and so is a row that is lost.
"""

import bz2
import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, field

WORDS = ("red", "green wine", "x", "Köln", "a-b", "12 kg", "o'clock", "50 %", "été")


@dataclass
class Damaged:
    """A table of ``width`` columns as lines of text, each of which may be spoilt.

    ``rows`` are the good cells of each row, ``spoilt`` the numbers of the rows that were touched, ``wrong`` how many
    lines cannot be rows any more, ``share`` which share of them somebody allows. ``refusable``: it may be refused all
    the same. ``done`` names what was done.
    """

    draw: random.Random
    width: int
    rows: list[list[str]]
    delimiter: str
    lines: list[str] = field(default_factory=list)
    spoilt: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    wrong: int = 0
    refusable: bool = False
    end: str = "\n"
    share: float | None = None
    pack: Callable[[bytes], bytes] = bytes
    encoding: str = "utf-8"
    done: list[str] = field(default_factory=list)

    def line(self, row: int) -> str:
        """The line of a row, some cells in quotes."""
        cells = [f'"{cell}"' if self._is_quoted(cell) else cell for cell in self.rows[row]]
        return self.delimiter.join(cells)

    def _is_quoted(self, cell: str) -> bool:
        return self.delimiter in cell or "\n" in cell or self.draw.random() < 0.1

    def pick(self) -> int:
        """A row that was not touched so far; it is now."""
        row = self.draw.choice([one for one in range(len(self.rows)) if one not in self.spoilt])
        self.spoilt.add(row)
        return row

    def at(self, row: int) -> int:
        """The place of the line of a row."""
        return next(place for place, line in enumerate(self.lines) if f"r{row}z" in line)

    def change(self, how: Callable[[str], str], *, wrong: int = 0) -> None:
        """Change the line of a row that was not touched so far."""
        row = self.pick()
        place = self.at(row)
        self.lines[place] = how(self.lines[place])
        self.wrong += wrong

    def insert(self, *more: str, wrong: int = 0) -> None:
        """Put lines somewhere between the rows."""
        place = self.draw.randrange(2, len(self.lines))
        self.lines[place:place] = more
        self.wrong += wrong

    def data(self) -> bytes:
        """The bytes of the file."""
        return self.pack((self.end.join(self.lines) + self.end).encode(self.encoding, "surrogateescape"))


def damaged(seed: int) -> Damaged:
    """A table that is damaged in one to four ways, all drawn by ``seed``."""
    draw = random.Random(seed)
    width, rows = draw.randint(2, 8), draw.randint(25, 60)
    delimiter = draw.choice(",;\t|")
    cells = [[_cell(draw, column, row, delimiter) for column in range(width)] for row in range(rows)]
    made = Damaged(draw, width, cells, delimiter, end=draw.choice(["\n", "\r\n"]))
    made.share = draw.choice([None, 0.3])
    made.lines = [delimiter.join(f"name {column}" for column in range(width)), *map(made.line, range(rows))]
    chosen = draw.sample(list(DAMAGES), draw.randint(1, 4))
    for name in filter(chosen.__contains__, DAMAGES):
        made.done.append(name)
        DAMAGES[name](made)
    return made


def _cell(draw: random.Random, column: int, row: int, delimiter: str) -> str:
    more = draw.choice(WORDS) if draw.random() < 0.9 else f"a{delimiter} b"
    return f"c{column}r{row}z {more}"


def _within(line: str, text: str, draw: random.Random) -> str:
    at = draw.randrange(len(line) + 1)
    return line[:at] + text + line[at:]


def _cells(made: Damaged, change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """Change the cells of a line that has no quotes."""

    def how(line: str) -> str:
        row = int(line[line.index("r") + 1 : line.index("z")])
        plain = [cell.replace(made.delimiter, " ") for cell in made.rows[row]]
        return made.delimiter.join(change(plain))

    return how


def _behind(made: Damaged, signs: tuple[str, ...]) -> Callable[[str], str]:
    return _cells(made, lambda cells: [*cells[:-1], cells[-1] + made.draw.choice(signs)])


def _quote(made: Damaged, where: str) -> None:
    def how(cells: list[str]) -> list[str]:
        place = made.draw.randrange(len(cells))
        cell = cells[place]
        cells[place] = {
            "open": f'"{cell}',
            "close": f'{cell}"',
            "middle": f'{cell[:-1]}"{cell[-1:]}',
            "behind": f'"{cell}"x',
            "alone": '"',
            "whole": f'"{cell}',
        }[where]
        return [f'"{made.delimiter.join(cells)}"'.replace('""', '"')] if where == "whole" else cells

    made.change(_cells(made, how), wrong=1)


def _cut(made: Damaged) -> None:
    made.lines[-1] = made.lines[-1][: made.draw.randrange(1, len(made.lines[-1]))]
    made.spoilt.add(len(made.rows) - 1)
    made.wrong += 1
    made.refusable = "r" not in made.lines[-1]


def _repeat(made: Damaged) -> None:
    row = made.pick()
    made.again.add(row)
    place = made.at(row)
    made.lines.insert(place, made.lines[place])


def _set(**fields: object) -> Callable[[Damaged], None]:
    def how(made: Damaged) -> None:
        for name, value in fields.items():
            setattr(made, name, value)

    return how


def _titles(made: Damaged) -> None:
    made.lines[:0] = made.draw.choice(
        [["Report of 2024"], ["Report", ""], ["# by me"], [""], ["by me", "for you"]]
    )


def _foot(made: Damaged) -> None:
    more = made.draw.choice([["end"], ["", "printed at noon"], ["", "Source: us", "2024"]])
    made.lines += more
    made.refusable = made.refusable or (made.width == 2 and len(more) > 2)
    made.wrong += made.width == 2


def _twice(made: Damaged) -> None:
    head = made.lines[0].split(made.delimiter)
    made.lines[0] = made.delimiter.join([*head[:-1], head[0]])


SIGNS = (
    "\x0b",
    "\x0c",
    "\x85",
    "\u2028",
    "\u2029",
    "\u200f",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\x1b",
    "\a",
    "\x1a",
)
BYTES = ("\udcff", "\udce9", "\udcc0\udcaf", "\udced\udca0\udc80", "\udcf5")
VALUES = (
    "=1+1",
    "1e400",
    "1_000",
    "inf",
    "NaN",
    "-",
    "0x10",
    "007",
    "９",
    "9999999-01-01",
    "####",
    "x" * 5000,
    "",
)

DAMAGES: dict[str, Callable[[Damaged], None]] = {
    "a name twice": _twice,
    "the end cut": _cut,
    "a cell less": lambda made: made.change(_cells(made, lambda cells: cells[:-1]), wrong=1),
    "a cell less in front": lambda made: made.change(_cells(made, lambda cells: cells[1:]), wrong=1),
    "a cell more": lambda made: made.change(lambda line: line + made.delimiter + "more", wrong=1),
    "a cell more in front": lambda made: made.change(lambda line: "more" + made.delimiter + line, wrong=1),
    "a blank cell behind": lambda made: made.change(lambda line: line + made.delimiter, wrong=1),
    "a quote opened": lambda made: _quote(made, "open"),
    "a quote closed": lambda made: _quote(made, "close"),
    "a quote within": lambda made: _quote(made, "middle"),
    "text behind a quote": lambda made: _quote(made, "behind"),
    "a quote alone": lambda made: _quote(made, "alone"),
    "a row in quotes": lambda made: _quote(made, "whole"),
    "a NUL": lambda made: made.change(lambda line: _within(line, "\0", made.draw), wrong=1),
    "a sign": lambda made: made.change(_behind(made, SIGNS)),
    "a broken letter": lambda made: made.change(_behind(made, BYTES)),
    "an odd value": lambda made: made.change(_cells(made, lambda cells: [*cells[:-1], made.draw.choice(VALUES)])),
    "a carriage return": lambda made: made.change(lambda line: line + "\r"),
    "a line cut in two": lambda made: made.change(lambda line: line.replace(made.delimiter, "\n", 1), wrong=2),
    "a cell of two lines": lambda made: made.change(
        _cells(made, lambda cells: [*cells[:-1], f'"{cells[-1]}\n\nmore, "" more"'])
    ),
    "an escaped quote": lambda made: made.change(
        _cells(made, lambda cells: [*cells[:-1], f'"{cells[-1]} ""so"""'])
    ),
    "a blank line": lambda made: made.insert("", " "),
    "an empty row": lambda made: made.insert(made.delimiter * (made.width - 1)),
    "a comment": lambda made: made.insert("# as is", wrong=1),
    "the header again": lambda made: made.insert(made.delimiter.join(f"name {at}" for at in range(made.width))),
    "a row twice": _repeat,
    "titles": _titles,
    "a foot": _foot,
    "empty rows behind": lambda made: made.lines.extend([made.delimiter * (made.width - 1)] * 3),
    "a mark": _set(encoding="utf-8-sig"),
    "gzip": _set(pack=gzip.compress),
    "bzip2": _set(pack=bz2.compress),
}  # fmt: skip
"""What may happen to a table, by name, in the order in which it does."""
