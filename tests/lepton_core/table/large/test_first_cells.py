"""The same cells decide of which kind a column is, whether its file is read at once or in windows of any size."""

import random
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.report.columns import Origin
from lepton_core.table import Read, read_csv
from lepton_core.table.csv_columns import ReadColumn, Wanted
from lepton_core.table.files import CHUNK_ROWS
from tests.lepton_core.table.large.test_read import large
from tests.support.sampling import examples

Cells = Callable[[int], str]

WORDS = ["it", "was", "a", "long", "day", "in", "the", "sun"]


def values_of(deal: random.Random) -> dict[str, Cells]:
    return {
        "whole": lambda row: str(deal.randrange(500)),
        "number": lambda row: f"{deal.gauss(0, 9):.3f}",
        "words": lambda row: deal.choice(["Bonn", "Ulm", "Trier"]),
        "sentences": lambda row: " ".join(deal.choice(WORDS) for _ in range(9)),
        "truth": lambda row: deal.choice(["yes", "no"]),
        "days": lambda row: f"{deal.randrange(1, 13)}/{deal.randrange(1, 13)}/2020",
        "later days": lambda row: f"{deal.randrange(13, 28)}/{deal.randrange(1, 13)}/2020",
        "prices": lambda row: f"{deal.randrange(99)},{deal.randrange(10, 99)} €",
        "codes": lambda row: f"{deal.randrange(10**7):07d}",
        "keys": lambda row: f"{deal.getrandbits(64):016x}",
        "counts": str,
        "a word for missing": lambda row: deal.choice(["NA", "", "?", "n. b."]),
    }


NAMES = list(values_of(random.Random(0)))


def column_of(deal: random.Random, rows: int) -> Cells:
    """A column that is empty up to a row, then of one kind, and perhaps of another one from another row on."""
    values = values_of(deal)
    first, second = values[deal.choice(NAMES)], values[deal.choice(NAMES)]
    begin = deal.choice([0, 0, deal.randrange(rows), rows])
    turn = begin + deal.choice([0, 1, 20, 4_000, rows])
    there, odd = deal.choice([1, 1, 0.9, 0.002]), deal.choice([1, 0.3, 0.001])
    gap = deal.choice(["", "", "NA", " "])

    def cell(row: int) -> str:
        if row < begin or deal.random() > there:
            return gap
        return second(row) if row >= turn and deal.random() < odd else first(row)

    return cell


def file_of(columns: Mapping[str, Cells], rows: int) -> bytes:
    lines = [",".join(columns)]
    lines += [",".join(f'"{cell(row)}"' for cell in columns.values()) for row in range(rows)]
    return ("\n".join(lines) + "\n").encode()


def told(one: ReadColumn) -> tuple[object, ...]:
    column = one.column
    decided = (column.name, column.kind, column.missing_words, one.decision, Origin.of(one))
    return (*decided, dict(one.absent), one.looked, dict(one.words), one.partial, one.where)


def in_both_ways(
    data: bytes,
    size: int,
    *,
    label: str | None = None,
    wanted: Mapping[str, Wanted] | None = None,
    piece: int = 50_000,
) -> tuple[Read, int] | None:
    """The file read at once, and the passes that windows took to the same; None if both ways refuse it."""
    try:
        whole = read_csv(data, label=label, wanted=wanted)
    except InvalidData as error:
        with pytest.raises(InvalidData) as refused:
            large(data, size=size, piece=piece, label=label, wanted=wanted)
        assert refused.value.column == error.column
        return None
    table, found, kept = large(data, size=size, piece=piece, label=label, wanted=wanted)
    assert found.read.label == whole.label
    assert [told(one) for one in found.read.columns] == [told(one) for one in whole.columns]
    assert [one.notation for one in table.columns] == [one.notation for one in whole.table.columns]
    assert table == whole.table
    assert list(found.read.unlabelled) == list(whole.unlabelled)
    assert (found.read.set_aside, found.read.set_aside_count) == (whole.set_aside, whole.set_aside_count)
    assert found.read.notes == whole.notes
    return whole, kept.passes


def label_of(deal: random.Random, rows: int) -> Cells:
    begin = deal.choice([0, 0, deal.randrange(rows)])
    return lambda row: "" if row < begin else deal.choice("pq")


@pytest.mark.slow
@given(
    seed=st.integers(0, 10**6),
    columns=st.integers(1, 8),
    rows=st.integers(10, 12_000),
    size=st.sampled_from([2_000, 20_000, 200_000, 2_000_000]),
    named=st.booleans(),
)
@settings(max_examples=examples(40), deadline=None)
def test_any_columns_are_the_same_in_windows(
    seed: int, columns: int, rows: int, size: int, *, named: bool
) -> None:
    deal = random.Random(seed)
    of = {f"c{place}": column_of(deal, rows) for place in range(columns)}
    label = {"y" if named else "z": label_of(deal, rows)}
    in_both_ways(file_of({**of, **label}, rows), size)


def after(empty: int, first: int, cell: Cells, other: Cells) -> Cells:
    """Empty for so many rows, then of the first kind for so many, then of the other."""
    return lambda row: "" if row < empty else cell(row) if row < empty + first else other(row)


def test_a_column_waits_for_its_first_cells_beyond_the_first_window() -> None:
    values = values_of(random.Random(1))
    columns = {
        "words": after(6_000, 4_000, values["words"], values["sentences"]),
        "days": after(7_000, 9_000, values["days"], values["later days"]),
        "whole": after(6_500, 2_000, values["whole"], values["number"]),
        "last": after(12_000, 1, values["whole"], values["whole"]),
        "never": lambda row: ("", "NA")[row % 2],
        "y": lambda row: "pq"[row % 2],
    }
    found = in_both_ways(file_of(columns, 12_001), 30_000)
    assert found is not None
    assert [one.kind for one in found[0].table.columns[:2]] == ["category", "date"]
    assert found[0].table["never"].kind == "empty"


@pytest.mark.slow
def test_windows_are_joined_until_the_first_rows_are_there() -> None:
    """Of a table that is so wide that few rows fit into a window."""
    values = values_of(random.Random(2))
    columns = {f"c{place}": values[NAMES[place % len(NAMES)]] for place in range(2 * len(NAMES))}
    late = {f"t{place}": after(0, 400, values["whole"], values["codes"]) for place in range(4)}
    data = file_of({**columns, **late, "y": lambda row: "pq"[row % 2]}, CHUNK_ROWS + 100)
    found = in_both_ways(data, 20_000)
    assert found is not None
    assert found[1] == 1


@pytest.mark.slow
def test_more_columns_than_passes_begin_late() -> None:
    values = values_of(random.Random(3))
    columns = {f"c{place}": after(4_000 + 200 * place, 9, values["number"], str) for place in range(30)}
    found = in_both_ways(file_of({**columns, "y": lambda row: "pq"[row % 2]}, 11_000), 20_000)
    assert found is not None
    assert found[1] <= 5


def test_a_column_without_a_cell_takes_no_pass_more() -> None:
    columns: dict[str, Cells] = {"a": lambda row: f"{row % 7}.5", "b": lambda row: ""}
    found = in_both_ways(file_of({**columns, "y": lambda row: "pq"[row % 2]}, 9_000), 20_000)
    assert found is not None
    assert found[1] == 1


@pytest.mark.parametrize("begin", [4_000, 12_000])
def test_the_last_column_is_the_label_if_it_has_a_cell(begin: int) -> None:
    values = values_of(random.Random(4))
    columns = {
        "a": values["number"],
        "b": values["words"],
        "c": after(begin, 1, values["truth"], values["truth"]),
    }
    found = in_both_ways(file_of(columns, 12_000), 20_000)
    assert found is not None
    assert found[0].label == ("c" if begin < 12_000 else "b")


@pytest.mark.parametrize("kind", ["integer", "date", "number", "category"])
def test_a_column_of_a_kind_that_somebody_named_waits_too(kind: str) -> None:
    values = values_of(random.Random(5))
    cells = {
        "integer": after(5_000, 4_000, values["whole"], lambda row: f"{row % 90},5"),
        "date": after(5_000, 4_000, values["later days"], values["days"]),
        "number": after(5_000, 4_000, values["prices"], values["prices"]),
        "category": after(5_000, 4_000, values["codes"], values["words"]),
    }[kind]
    columns = {"a": cells, "b": str, "y": lambda row: "pq"[row % 2]}
    found = in_both_ways(file_of(columns, 12_000), 20_000, wanted={"a": Wanted(kind)})
    assert found is not None
