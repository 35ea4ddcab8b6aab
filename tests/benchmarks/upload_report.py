"""`python -m tests.benchmarks.upload_report`: how often the report at upload finds what was planted, and cries wolf.

Each try is a table of its own: some hundred to some thousand rows, columns of numbers, codes and categories, some of
them with missing cells, some of which tell a label of classes or a quantity. One thing is planted in it, or nothing.
"""

import argparse
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from lepton_core.report import Earlier, Report, make_report
from lepton_core.table import read_file

MUST = 0.95
"""The share of tries in which what was planted must be found."""

Cells = list[str]


@dataclass(frozen=True)
class Planted:
    """Columns of cells, the last of which is the label; ``strange`` is the planted one."""

    names: tuple[str, ...]
    cells: tuple[Cells, ...]
    classes: bool
    strange: str = ""

    def csv(self) -> bytes:
        """The table as a file."""
        return "\n".join([",".join(self.names), *map(",".join, zip(*self.cells, strict=True))]).encode()

    def take(self, places: np.ndarray) -> "Planted":
        """These rows."""
        return replace(self, cells=tuple([cells[place] for place in places.tolist()] for cells in self.cells))

    def beside(self, name: str, cells: Cells) -> "Planted":
        """With one more column, in front of the label."""
        return replace(
            self,
            names=(*self.names[:-1], name, self.names[-1]),
            cells=(*self.cells[:-1], cells, self.cells[-1]),
            strange=name,
        )


def clean(rng: np.random.Generator, rows: int | None = None, classes: bool | None = None) -> Planted:
    """A table in which nothing is wrong, whose shape and label are drawn from ``rng``."""
    rows = int(rng.integers(300, 3000)) if rows is None else rows
    classes = bool(rng.random() < 0.7) if classes is None else classes
    hidden = rng.normal(size=rows)
    columns: list[Cells] = []
    for place in range(int(rng.integers(4, 12))):
        tells = rng.uniform(0.6, 1.5) if place < 3 else 0.0
        values = tells * hidden + rng.normal(size=rows)
        columns.append(_column(rng, values))
    label = hidden + 0.5 * rng.normal(size=rows)
    cells = _texts(rng, label) if classes else [f"{value:.3f}" for value in 10 + 3 * label]
    names = (*(f"c{place}" for place in range(len(columns))), "label")
    return Planted(names, (*columns, cells), classes)


def _column(rng: np.random.Generator, values: np.ndarray) -> Cells:
    how = rng.integers(8)
    if how == 0:
        levels = np.digitize(values, np.quantile(values, np.arange(1, 5) / 5))
        cells = [f"level {level}" for level in levels]
    elif how == 1:
        cells = [str(round(20 * value) + 200) for value in values]
    elif how == 2:
        cells = [f"{np.exp(2 * value):.2f}" for value in values]
    elif how == 3:
        most = rng.uniform(0.9, 0.985)
        cells = ["0" if rng.random() < most else str(rng.poisson(3) + 1) for _ in values]
    elif how == 4:
        cells = [str(code) for code in np.digitize(values, [-1.5, -0.5, 0.5, 1.5])]
    elif how == 5:
        levels = rng.zipf(1.6, len(values))
        cells = [f"kind {min(one, 60)}" for one in levels]
    else:
        cells = [f"{value:.4f}" for value in values * rng.uniform(0.1, 100)]
    gone = rng.random(len(cells)) < (0.1 if rng.random() < 0.3 else 0.0)
    return ["" if missing else cell for cell, missing in zip(cells, gone, strict=True)]


def _texts(rng: np.random.Generator, values: np.ndarray) -> Cells:
    share = rng.uniform(0.2, 0.8)
    words = [("no", "yes"), ("good", "bad"), ("0", "1")][rng.integers(3)]
    return [words[int(one)] for one in values > np.quantile(values, share)]


def leak(rng: np.random.Generator) -> Planted:
    """A column that is known after the label only: a copy with slips, or one filled for a class only."""
    table = clean(rng)
    label, rows = table.cells[-1], len(table.cells[-1])
    if not table.classes:
        noise = 0.05 * np.std([float(cell) for cell in label]) * rng.normal(size=rows)
        return table.beside(
            "strange", [f"{2 * float(cell) + 1 + more:.4f}" for cell, more in zip(label, noise, strict=True)]
        )
    first = label[0]
    slips = rng.random(rows) < 0.005
    is_first = [(cell == first) != slip for cell, slip in zip(label, slips, strict=True)]
    how = rng.integers(3)
    if how == 0:
        return table.beside("strange", ["closed" if one else "open" for one in is_first])
    if how == 1:
        return table.beside("strange", [f"{rng.normal(100 if one else 10):.2f}" for one in is_first])
    return table.beside("strange", [f"{rng.uniform(1, 99):.2f}" if one else "" for one in is_first])


def identifier(rng: np.random.Generator) -> Planted:
    """A column that only tells rows apart: a count, keys, addresses, UUIDs."""
    table = clean(rng)
    rows = len(table.cells[0])
    makers: Sequence[Callable[[int], str]] = (
        lambda row: str(row + 1),
        lambda row: f"C{100000 + 7 * row}",
        lambda row: f"user{row}@example.com",
        lambda row: str(uuid.UUID(bytes=rng.bytes(16))),
    )
    make = makers[rng.integers(len(makers))]
    return table.beside("strange", [make(row) for row in range(rows)])


def text_dates(rng: np.random.Generator) -> Planted:
    """A column of dates, written in one of many ways, perhaps with words between them."""
    table = clean(rng)
    form = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%Y-%m-%d %H:%M:%S", "%B %d, %Y"][rng.integers(6)]
    form = form.replace(",", "")
    words = 0.2 if rng.random() < 0.3 else 0.0
    cells = [
        "not yet" if rng.random() < words else (date(2020, 1, 1) + timedelta(int(day))).strftime(form)
        for day in rng.integers(0, 1500, len(table.cells[0]))
    ]
    return table.beside("strange", cells)


def copies(rng: np.random.Generator) -> Planted:
    """Some rows that stand there twice, at the end of the file or among the others.

    Nearly all rows differ before that: where columns have few values, nobody could tell a copy.
    """
    table = clean(rng)
    while len(set(zip(*table.cells, strict=True))) < 0.99 * len(table.cells[0]):
        table = clean(rng)
    rows = len(table.cells[0])
    again = rng.choice(rows, max(2, int(rng.uniform(0.02, 0.3) * rows)), replace=False)
    places = np.concatenate([np.arange(rows), again])
    return table.take(rng.permutation(places) if rng.random() < 0.5 else places)


def in_time(rng: np.random.Generator) -> Planted:
    """Rows in the order of their dates, over which the label moves."""
    rows = int(rng.integers(300, 3000))
    table = clean(rng, rows, classes=True)
    words = sorted(set(table.cells[-1]))
    moving = rng.random(rows) < np.linspace(0.2, 0.8, rows)
    days = np.sort(rng.integers(0, 4 * rows, rows))
    label = [words[int(one)] for one in moving]
    dates = [(date(2001, 1, 1) + timedelta(int(day))).isoformat() for day in days]
    return replace(table, cells=(*table.cells[:-1], label)).beside("strange", dates)


def repeated(rng: np.random.Generator) -> Planted:
    """Persons that occur in several rows each, whose label is mostly their own."""
    rows = int(rng.integers(300, 3000))
    table = clean(rng, rows, classes=True)
    words = sorted(set(table.cells[-1]))
    persons = max(40, rows // int(rng.integers(3, 10)))
    own = rng.permutation(10**7)[:persons]
    mostly = rng.random(persons) < 0.5
    who = rng.integers(persons, size=rows)
    sick = rng.random(rows) < np.where(mostly[who], 0.9, 0.1)
    form = "P{}" if rng.random() < 0.5 else "{}"
    label = [words[int(one)] for one in sick]
    return replace(table, cells=(*table.cells[:-1], label)).beside(
        "strange", [form.format(own[one]) for one in who]
    )


def near_copies(rng: np.random.Generator) -> Planted:
    """Rows that stand there again once or more often, as oversampling has made them, or with another value in a cell.

    Of the rows 5 % to 100 % have a near-copy. Their measures are off by 1e-6 to 1e-2 of the spread, or one is new.
    """
    rows, share = int(np.exp(rng.uniform(np.log(300), np.log(100_000)))), np.exp(rng.uniform(np.log(0.05), 0))
    each = int(rng.integers(1, 4))
    again = max(2, int(share * rows / (each + 1)))
    measures = ("strange", "stranger", "strangest")
    table = clean(rng, rows - each * again)
    values = rng.normal(50, 9, (len(measures), rows - each * again))
    places = np.append(
        np.arange(rows - each * again), np.tile(rng.choice(rows - each * again, again, replace=False), each)
    )
    new = np.arange(rows) >= rows - each * again
    off = 9 * 10 ** rng.uniform(-6, -2) * rng.normal(size=(len(measures), rows)) * new
    if one_cell := rng.random() < 0.5:
        off[:] = 0.0
    values = values[:, places] + off
    if one_cell:
        values[0, new] = rng.normal(50, 9, int(new.sum()))
    table = table.take(places)
    for name, cells in zip(measures, values, strict=True):
        table = table.beside(name, [f"{value:.8f}" for value in cells])
    return table.take(rng.permutation(rows))


def versions(rng: np.random.Generator, *, wrong: float) -> tuple[Planted, Planted]:
    """A table of two classes in two halves, the second of which has the share ``wrong`` of its labels flipped."""
    rows = int(rng.integers(800, 3000))
    table = clean(rng, 2 * rows, classes=True)
    first, second = (
        replace(table, cells=tuple(cells[half] for cells in table.cells))
        for half in (slice(rows), slice(rows, None))
    )
    words = sorted(set(table.cells[-1]))
    flips = rng.random(rows) < wrong
    label = [
        words[1 - words.index(cell)] if flip else cell
        for cell, flip in zip(second.cells[-1], flips, strict=True)
    ]
    return first, replace(second, cells=(*second.cells[:-1], label))


def report(table: Planted, earlier: Report | None = None, known: object = ()) -> Report:
    """What the report says of a table, perhaps of a later version."""
    read = read_file(table.csv(), label="label", known=known)  # type: ignore[arg-type]
    return make_report(read, earlier=None if earlier is None else Earlier(1, earlier))


def later(first: Planted, second: Planted) -> Report:
    """What the report says of the second of two versions."""
    read = read_file(first.csv(), label="label")
    return report(second, make_report(read), read.table.schema.columns)


FLIPS = frozenset({"flipped_labels", "label_relation", "label_share"})

FOUND: dict[str, Callable[[np.random.Generator], bool]] = {
    "leak": lambda rng: "leak" in report(leak(rng)).codes("strange"),
    "identifier": lambda rng: "identifier" in report(identifier(rng)).codes("strange"),
    "text dates": lambda rng: bool({"dates", "text_dates"} & report(text_dates(rng)).codes("strange")),
    "copied rows": lambda rng: "duplicates" in {one.code for one in report(copies(rng)).warnings},
    "rows in the order of time": lambda rng: "time_order" in report(in_time(rng)).codes("strange"),
    "an id that comes again": lambda rng: "repeated_id" in report(repeated(rng)).codes("strange"),
    "near-copies": lambda rng: "near_copies" in report(near_copies(rng)).codes(),
    "all labels flipped": lambda rng: "flipped_labels" in later(*versions(rng, wrong=1.0)).codes(),
    "some labels flipped": lambda rng: bool(
        FLIPS & later(*versions(rng, wrong=rng.uniform(0.3, 0.7))).codes()
    ),
}
"""What is planted, and whether the report finds it in a try."""


def false_findings(rng: np.random.Generator) -> tuple[int, int]:
    """The warnings, and the warnings and notes, of a table in which nothing is wrong."""
    found = report(clean(rng))
    return len(found.warnings), len(found.findings)


def is_held(rng: np.random.Generator) -> bool:
    """Whether a later version is held in which nothing is wrong."""
    return bool(later(*versions(rng, wrong=0.0)).held)


def measured(tries: int, seed: int) -> list[str]:
    """The lines of the table, with ``tries`` tables for each, which no other ``seed`` has."""
    lines = [f"| planted | found, of {tries} tries |", "| --- | --- |"]
    for number, (name, find) in enumerate(FOUND.items()):
        found = sum(find(np.random.default_rng([seed, number, one])) for one in range(tries))
        lines.append(f"| {name} | {found / tries:.1%} |")
    said = np.array([false_findings(np.random.default_rng([seed, 99, one])) for one in range(tries)])
    held = sum(is_held(np.random.default_rng([seed, 98, one])) for one in range(tries))
    return [
        *lines,
        "",
        f"| of {tries} tables in which nothing is wrong | warnings | warnings and notes |",
        "| --- | --- | --- |",
        "| on average | " + " | ".join(f"{one:.3f}" for one in said.mean(axis=0)) + " |",
        "| with more than one | " + " | ".join(f"{one:.1%}" for one in (said > 1).mean(axis=0)) + " |",
        "| with any | " + " | ".join(f"{one:.1%}" for one in (said > 0).mean(axis=0)) + " |",
        "",
        f"Of {tries} later versions in which nothing is wrong {held / tries:.1%} are held.",
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("\n".join(measured(asked.tries, asked.seed)))  # noqa: T201


if __name__ == "__main__":
    main()
