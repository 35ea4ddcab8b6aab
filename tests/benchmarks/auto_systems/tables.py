"""The tables of the benchmark, in two groups: those that systems are judged by, and those that defaults may learn from.

The rule looks at sizes and digests, and at no result: every table of the list of real tables with 500 rows that have a
label takes part. Of each kind (two classes, more classes, numbers) they are put in the order of the SHA-256 of their
content, and the first, third, fifth ... are judged. Files about the same people stay in one group.

``python -m tests.benchmarks.auto_systems.tables`` writes the groups into ``tables.json``. Nothing there changes as long
as the list of real tables stays what it is.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.listed import Listed, listed
from tests.benchmarks.real_tables.peer import SEEDS, Told, split, told
from tests.benchmarks.real_tables.raw import Raw, raw

GROUPS = Path(__file__).with_name("tables.json")
FEWEST = 500
"""Of fewer rows a held-out fifth says too little."""

SAME_PEOPLE = {"titanic-kaggle": "titanic-crew", "titanic-passengers": "titanic-crew"}
"""Each of these files follows another one into its group."""

Kind = Literal["binary", "multiclass", "regression"]


class OtherSplit(Exception):
    """The held-out rows are not those that the list means."""


@dataclass(frozen=True)
class Drawn:
    """A table that takes part: the digest of its file, its size, and the digest of the held-out rows of each split."""

    name: str
    sha256: str
    kind: Kind
    rows: int
    columns: int
    classes: int
    splits: tuple[str, ...]


@dataclass(frozen=True)
class Opened:
    """A table taken apart: its cells as text, and its labels."""

    table: Listed
    of: Told
    cells: Raw

    @property
    def kind(self) -> Kind:
        """What is predicted."""
        if not self.of.classes:
            return "regression"
        return "binary" if len(self.of.classes) == 2 else "multiclass"

    def split(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """The places of the training rows and of the held-out ones, among the rows with a label."""
        return split(self.of.y, bool(self.of.classes), SEEDS[at])


def opened(table: Listed) -> Opened:
    """The table out of its wheel, which is downloaded if it is not there."""
    found = content(table)
    return Opened(table, told(table, found), raw(table, found))


def of_rows(places: np.ndarray) -> str:
    """The digest of row numbers (m,): 16 hexadecimal digits.

    >>> of_rows(np.array([1, 4]))
    'd695181821d16477'
    """
    return hashlib.sha256(" ".join(str(place) for place in places).encode()).hexdigest()[:16]


def described(table: Opened) -> Drawn:
    """The line of ``tables.json``."""
    splits = tuple(of_rows(table.split(at)[1]) for at in range(len(SEEDS)))
    columns = len(table.cells.names) - 1
    of = table.of
    return Drawn(
        table.table.name, table.table.sha256, table.kind, len(of.y), columns, len(of.classes), splits
    )


def groups_of(tables: Iterable[Drawn]) -> dict[str, list[Drawn]]:
    """The groups ``judged`` and ``portfolio`` by the rule, each in the order of names."""
    large = {one.name: one for one in tables if one.rows >= FEWEST}
    judged: dict[str, bool] = {}
    for kind in ("binary", "multiclass", "regression"):
        first = [one for one in large.values() if one.kind == kind and one.name not in SAME_PEOPLE]
        for at, one in enumerate(sorted(first, key=lambda one: one.sha256)):
            judged[one.name] = at % 2 == 0
    groups: dict[str, list[Drawn]] = {"judged": [], "portfolio": []}
    for name, one in sorted(large.items()):
        groups["judged" if judged[SAME_PEOPLE.get(name, name)] else "portfolio"].append(one)
    return groups


def groups(path: Path = GROUPS) -> dict[str, list[Drawn]]:
    """The groups as they were drawn."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: [Drawn(**{**one, "splits": tuple(one["splits"])}) for one in tables]
        for name, tables in found.items()
    }


def demand_split(drawn: Drawn, at: int, held_out: np.ndarray) -> None:
    """Raise `OtherSplit` unless these are the held-out rows of the split: another numpy might draw others."""
    if of_rows(held_out) != drawn.splits[at]:
        raise OtherSplit(f"{drawn.name}: the held-out rows of split {at} are not those of {GROUPS.name}")


def written(of: Mapping[str, list[Drawn]]) -> str:
    """The text of ``tables.json``: one line a table."""
    parts = []
    for name, tables in of.items():
        lines = ",\n".join(f"    {json.dumps(asdict(one))}" for one in tables)
        parts.append(f'  "{name}": [\n{lines}\n  ]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    GROUPS.write_text(written(groups_of(described(opened(one)) for one in listed())), encoding="utf-8")
