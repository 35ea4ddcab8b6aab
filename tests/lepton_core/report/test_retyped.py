"""What is offered where a column has another kind than in the version before can be pasted, and does what it says."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from lepton_core.errors import InvalidData
from lepton_core.report import Finding, Report, make_report
from lepton_core.report.make import Earlier
from lepton_core.table import Read, ReadingOptions, read_file
from lepton_core.table.kinds import BY_NAME
from tests.support.pasted import paste

MANY = 60
RNG = np.random.default_rng(0)
WORDS = ["the", "cat", "sat", "on", "a", "green", "mat", "and", "slept", "well"]
CELLS = {
    "number": [f"{one:.3f}" for one in RNG.normal(size=MANY)],
    "integer": [str(one) for one in RNG.integers(500, size=MANY)],
    "boolean": [["yes", "no"][one] for one in RNG.integers(2, size=MANY)],
    "category": [["red", "green", "blue"][one] for one in RNG.integers(3, size=MANY)],
    "date": [f"{one + 1:02}.03.2024" for one in RNG.integers(28, size=MANY)],
    "duration": [f"{one % 24}:{one % 50 + 10}:07" for one in RNG.integers(999, size=MANY)],
    "text": [" ".join(RNG.permutation(WORDS)) for _ in range(MANY)],
    "identifier": [f"u{at}@example.com" for at in range(MANY)],
    "empty": [""] * MANY,
    "euros": [f"{one},50 €" for one in RNG.integers(500, size=MANY)],
    "zeros and ones": [str(one) for one in RNG.integers(2, size=MANY)],
    "thousands": ["2.883,18", "4.493,27", "1.087,50"] * (MANY // 3),
    "times of a program": [str(1_700_000_000 + 77_777 * one) for one in RNG.integers(500, size=MANY)],
    "some words": ["7.5", "8", "9", "x"] * (MANY // 4),
}


def file_of(cells: Sequence[str]) -> bytes:
    rows = (f"{cell};{at % 7};{'pq'[at % 2]}\n" for at, cell in enumerate(cells))
    return ("a;x;y\n" + "".join(rows)).encode()


class Reader:
    """Reads a file as one of a data set of which a version is there."""

    def __init__(self, before: Read, label: str = "y") -> None:
        self.before = before
        self.label = label

    def from_csv(self, path: bytes, label: str | None = None, **said: Any) -> Read:
        reading = ReadingOptions(**{name: as_said(one) for name, one in said.items()})
        return read_file(path, reading, label=label or self.label, known=self.before.table.schema.columns)


def as_said(one: Any) -> Any:
    return tuple(one) if isinstance(one, list) else one


def second(
    first: bytes, content: bytes, one: Mapping[str, Any], two: Mapping[str, Any], label: str = "y"
) -> tuple[Read, Report]:
    """The second version and its report, where the first one was read as ``one`` says and this one as ``two`` does."""
    reading = ReadingOptions(**one)
    before = read_file(first, reading, label=label)
    report = make_report(before, reading)
    said = ReadingOptions(**two)
    read = read_file(content, said, label=label, known=before.table.schema.columns)
    return read, make_report(read, said, earlier=Earlier(1, report))


def of(report: Report, code: str) -> list[Finding]:
    return [one for one in report.findings if one.code == code]


@pytest.mark.parametrize("before", BY_NAME)
@pytest.mark.parametrize("cells", CELLS)
def test_the_call_that_is_offered_goes_through_and_gives_the_kind_that_it_says(
    before: str, cells: str
) -> None:
    content = file_of(CELLS[cells])
    offered = 0
    for now in (None, *BY_NAME):
        try:
            read, report = second(
                file_of(CELLS[before]),
                content,
                {"kinds": {"a": before}},
                {"kinds": {"a": now}} if now else {},
            )
        except InvalidData:
            continue  # these cells are not of that kind
        for finding in of(report, "retyped"):
            again = paste(finding.remedy, {"Data": Reader(read), "path": content})
            assert finding.request is not None
            if "a" in finding.request.body.get("exclude", ()):
                assert "a" not in again.table.names
            else:
                assert again.table["a"].kind == finding.request.body["kinds"]["a"] == before
            offered += 1
    assert offered


@pytest.mark.parametrize("cells", sorted(CELLS.keys() - {"empty"}))
def test_a_column_that_was_empty_has_values_for_the_first_time_and_may_be_left_out(cells: str) -> None:
    read, report = second(file_of(CELLS["empty"]), file_of(CELLS[cells]), {}, {})
    [finding] = of(report, "retyped")
    assert finding.message == f"'a' has values for the first time: it is of the kind {read.table['a'].kind}"
    assert finding.remedy == "Data.from_csv(path, label='y', exclude=['a'])"


def test_a_label_that_cannot_be_of_the_earlier_kind_has_no_call() -> None:
    first, content = file_of(CELLS["integer"]), file_of(CELLS["integer"]).replace(b";p\n", b";r\n", 20)
    _, report = second(first.replace(b";p", b";yes").replace(b";q", b";no"), content, {}, {})
    [finding] = of(report, "retyped")
    assert (finding.column, finding.remedy, finding.request) == ("y", "", None)
