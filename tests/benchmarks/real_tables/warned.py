"""What the report of each listed table says.

``python -m tests.benchmarks.real_tables.warned docs/benchmarks/tables.md`` writes it between the page's last marks.
Each file is read as its publisher wrote it, with nothing said but the name of its label.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lepton_ai import LeptonError
from tests.benchmarks.measured import measured_at
from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.life import read
from tests.benchmarks.real_tables.listed import Listed, listed

START, END = "<!-- warned -->\n", "<!-- warned end -->\n"


def row(table: Listed, found: bytes) -> str:
    """A table's line: its warnings, then what else is said, each by its code and how many columns it is said of."""
    try:
        report = read(found, table).report()
    except LeptonError as error:
        return f"| {table.name} | refused: {error.code} | |"
    told = [
        ", ".join(codes(one.code for one in report.findings if one.level == level)) or "none"
        for level in ("warning", "note")
    ]
    return f"| {table.name} | {' | '.join(told)} |"


def codes(found: Iterable[str]) -> Iterator[str]:
    """Each code once, the most frequent first, with how often it comes.

    >>> list(codes(["dates", "leak", "dates"]))
    ['dates (2)', 'leak']
    """
    for code, times in sorted(Counter(found).items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{code} ({times})" if times > 1 else code


def lines(tables: Sequence[Listed]) -> Iterator[str]:
    """The lines of the page."""
    yield from ("", measured_at("numpy"), "", "| table | warnings | notes |", "|---|---|---|")
    for at, table in enumerate(tables):
        sys.stderr.write(f"{at + 1} of {len(tables)}: {table.name}\n")
        yield row(table, content(table))


def written(page: str, found: Iterable[str]) -> str:
    """The page with these lines between its last marks."""
    before, _, rest = page.partition(START)
    return before + START + "".join(f"{line}\n" for line in found) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(written(place.read_text(), list(lines(listed()))))
