"""A file is read in windows as it is read at once, whatever it holds and however small the windows are."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import Table, concatenate, read_csv
from lepton_core.table.csv_columns import Wanted
from lepton_core.table.files import Options
from lepton_core.table.large.read import LargeRead, read_large
from tests.support.sampling import examples


@dataclass
class Kept:
    """A sink that keeps everything."""

    tables: list[Table] = field(default_factory=list)
    passes: int = 0

    def begin(self, label: str) -> None:
        self.tables.clear()
        self.passes += 1

    def take(self, table: Table) -> None:
        self.tables.append(table)

    def end(self) -> None: ...


def large(
    data: bytes,
    *,
    size: int = 400,
    piece: int = 1000,
    label: str | None = None,
    wanted: Mapping[str, Wanted] | None = None,
    exclude: Sequence[str] = (),
    options: Options = Options(),  # noqa: B008
) -> tuple[Table, LargeRead, Kept]:
    kept = Kept()
    read = read_large(
        lambda: (data[at : at + piece] for at in range(0, len(data), piece)),
        kept,
        wanted_for=lambda names: (wanted or {}, exclude),
        label=label,
        options=options,
        window_bytes=size,
    )
    return concatenate(kept.tables), read, kept


def cells_of(kind: str, row: int, deal: random.Random) -> str:
    if deal.random() < 0.1:
        return deal.choice(["", "NA"])
    return {
        "number": lambda: f"{deal.gauss(0, 100):.3f}",
        "integer": lambda: str(deal.randrange(1000)),
        "boolean": lambda: deal.choice(["yes", "no"]),
        "category": lambda: deal.choice(["Bonn", "Köln", "Ulm", "Trier"]),
        "date": lambda: f"20{deal.randrange(10, 24)}-0{deal.randrange(1, 10)}-1{deal.randrange(10)}",
        "text": lambda: " ".join(
            deal.choice(["it", "was", "a", "very", "long", "day", "\n", '""x""', ","]) for _ in range(12)
        ),
    }[kind]()


WORDS = ["it", "was", "a", "very", "long", "day", "\n", '""x""', ","]
KINDS = ["number", "integer", "boolean", "category", "date", "text"]


def file_of(kinds: Sequence[str], rows: int, seed: int) -> bytes:
    deal = random.Random(seed)
    lines = [",".join([*(f"{kind} {place}" for place, kind in enumerate(kinds)), "label"])]
    for row in range(rows):
        cells = [cells_of(kind, row, deal) for kind in kinds]
        quoted = [f'"{cell}"' if set(cell) & set('\n",') else cell for cell in cells]
        lines.append(",".join([*quoted, deal.choice(["a", "b", "c", ""])]))
    return "\n".join(lines).encode()


@pytest.mark.slow
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=5),
    rows=st.integers(40, 200),
    seed=st.integers(0, 1000),
    size=st.sampled_from([50, 300, 2000, 100_000]),
)
@settings(max_examples=examples(60), deadline=None)
def test_the_rows_are_those_of_the_file_read_at_once(
    kinds: list[str], rows: int, seed: int, size: int
) -> None:
    data = file_of(kinds, rows, seed)
    whole = read_csv(data)
    table, read, _ = large(data, size=max(size, 4000))
    assert table == whole.table
    assert (read.read.label, read.rows) == (whole.label, whole.table.rows)
    assert list(read.read.unlabelled) == list(whole.unlabelled)
    assert (read.read.set_aside, read.read.set_aside_count) == (whole.set_aside, whole.set_aside_count)
    assert read.read.notes == whole.notes


def test_a_file_like_its_first_rows_is_gone_through_once() -> None:
    _, _, kept = large(file_of(KINDS, 500, 1), size=4000)
    assert kept.passes == 1


MANY = "".join(f"{i},{i * i * 31 % 9973 // 10},{'yn'[i % 2]}\n" for i in range(20_000))


def late(cell: str, *, rows: int = 1) -> bytes:
    """A file whose column b has other cells behind 20,000 that are whole numbers."""
    return f"a,b,label\n{MANY}{''.join(f'1,{cell.format(i)},y{chr(10)}' for i in range(rows))}".encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "rows", "kind"),
    [("2.5", 1, "number"), ("n.a.", 1, "integer"), ("north {}", 15_000, "category"), ("", 10, "integer")],
)
def test_later_cells_decide_as_they_do_when_the_file_is_read_at_once(cell: str, rows: int, kind: str) -> None:
    data = late(cell, rows=rows)
    whole = read_csv(data)
    assert whole.table["b"].kind == kind
    table, _, kept = large(data, size=50_000)
    assert table == whole.table
    assert kept.passes <= 2


@pytest.mark.slow
def test_a_class_that_comes_late_is_a_class() -> None:
    data = f"a,b,label\n{MANY}1,1,perhaps\n".encode()
    table, _, _ = large(data, size=50_000)
    assert table == read_csv(data).table
    assert "perhaps" in table["label"].levels


def test_a_column_that_is_empty_at_first_is_what_its_cells_are() -> None:
    rows = "".join(f"{i},,{'yn'[i % 2]}\n" for i in range(8_000)) + "".join(
        f"{i},{i % 7}.5,{'yn'[i % 2]}\n" for i in range(8_000)
    )
    data = f"a,b,label\n{rows}".encode()
    table, _, _ = large(data, size=20_000)
    assert table["b"].kind == "number"
    assert table == read_csv(data).table


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
    ],
    ids=["utf-16", "mark", "cp1252", "crlf", "cr"],
)
def test_every_encoding_is_read(encode: Callable[[str], bytes]) -> None:
    text = "town,label\n" + "".join(f"{'Köln' if i % 3 else 'Bonn'},{'yn'[i % 2]}\n" for i in range(4000))
    table, _, _ = large(encode(text), size=9_000)
    assert table == read_csv(text.encode()).table


def test_rows_that_cannot_be_read_are_set_aside_over_the_whole_file() -> None:
    lines = [f"{i},{i % 5},{'yn'[i % 2]}" for i in range(10_000)]
    for at in range(0, 10_000, 500):
        lines[at] += ",more"
    data = ("a,b,label\n" + "\n".join(lines)).encode()
    table, read, _ = large(data, size=5_000)
    whole = read_csv(data)
    assert table == whole.table
    assert (read.read.set_aside, read.read.set_aside_count) == (whole.set_aside, whole.set_aside_count)
    with pytest.raises(InvalidData, match="20 of 10000 rows cannot be read"):
        large(data, size=5_000, options=Options(bad_rows=0.0))


@pytest.mark.slow
def test_one_endless_line_is_set_aside_in_bounded_memory() -> None:
    rows = "".join(f"{i},{'yn'[i % 2]}\n" for i in range(500))
    data = f"a,label\n{rows}".encode() + b"x" * (100 << 20) + f"\n{rows}".encode()
    table, read, _ = large(data, size=4_000, piece=8 << 20)
    assert (table.rows, read.read.set_aside_count) == (1000, 1)


def test_a_total_below_all_rows_is_set_aside_as_in_a_small_file() -> None:
    data = late("3") + b"Total,99,\n"
    table, read, _ = large(data, size=50_000)
    whole = read_csv(data)
    assert table == whole.table
    assert read.read.set_aside == whole.set_aside


def test_a_quote_that_is_never_closed_costs_its_own_row() -> None:
    rows = "".join(f"{i},t{i % 4},{'yn'[i % 2]}\n" for i in range(3000))
    data = f'a,b,label\n{rows}1,"open,y\n{rows}'.encode()
    table, read, _ = large(data, size=5_000)
    assert (table.rows, read.read.set_aside_count) == (6000, 1)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "empty"),
        (b"a,label\n", "no rows"),
        (b"a\n1\n", "only column"),
        (b"a,label\n1,\n", "no row has a label"),
    ],
)
def test_what_cannot_be_a_table_is_refused_as_a_small_file_is(data: bytes, match: str) -> None:
    with pytest.raises(InvalidData, match=match):
        read_csv(data)
    with pytest.raises(InvalidData, match=match):
        large(data)


@pytest.mark.slow
def test_too_many_cells_that_are_no_number_refuse_a_column_that_was_one_before() -> None:
    known = {"b": Wanted("number", "")}
    data = late("north {}", rows=15_000)
    for read in (lambda: read_csv(data, wanted=known), lambda: large(data, wanted=known, size=50_000)):
        with pytest.raises(InvalidData, match="15000 of 35000 cells are no number"):
            read()
