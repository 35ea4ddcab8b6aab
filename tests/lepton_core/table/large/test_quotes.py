"""A quote that is never closed, or is part of a text, costs its own row, though other cells go over several lines."""

import random

import pytest

from lepton_core.table import kind_of, read_csv
from tests.lepton_core.table.large.test_first_cells import in_both_ways
from tests.lepton_core.table.large.test_read import large

ROWS = 2_000


def file_of(odd: str, places: tuple[int, ...], others: str) -> bytes:
    deal = random.Random(3)
    rows = (
        f"{deal.gauss(0, 9):.2f},{odd if row in places else others},{deal.choice('pq')}\n"
        for row in range(ROWS)
    )
    return ("x,text,y\n" + "".join(rows)).encode()


@pytest.mark.parametrize("size", [4_000, 4_001, 10_000])
@pytest.mark.parametrize("others", ['"u\nv"', '"u\nv, w"', '"u ""v""\n\nw"', '"u"'])
@pytest.mark.parametrize("places", [(0,), (150,), (700,), (150, 700, 701, 1_500)])
def test_a_quote_that_is_never_closed_costs_its_row(places: tuple[int, ...], others: str, size: int) -> None:
    found = in_both_ways(file_of('"open', places, others), size)
    assert found is not None
    assert found[0].table.rows > ROWS - 2 * len(places) - 1


@pytest.mark.parametrize("size", [4_000, 4_001, 10_000])
@pytest.mark.parametrize("odd", ['4"', 'a 4" pipe', '4" x 5" x 6"'])
@pytest.mark.parametrize("places", [(150,), (700,), (150, 700, 1_500), tuple(range(0, ROWS, 2))])
def test_a_quote_within_a_text_costs_nothing(places: tuple[int, ...], odd: str, size: int) -> None:
    table, read, _ = large(file_of(odd, places, '"u\nv, w"'), size=size)
    assert (table.rows, read.read.set_aside) == (ROWS, ())
    assert table["x"].kind == "number" and not table["x"].missing.any()
    assert set(table["text"].levels) == {odd, "u\nv, w"}


@pytest.mark.parametrize("gap", [1, 2, 7])
@pytest.mark.parametrize("width", [60, 400])
def test_a_row_may_have_many_texts_of_several_lines(width: int, gap: int) -> None:
    def row(at: int) -> str:
        cells = (f'"a, {at}\nb"' if place % gap == 0 else str(at + place) for place in range(width))
        return f"{','.join(cells)},{'pq'[at % 2]}\n"

    names = ",".join(f"c{place}" for place in range(width))
    data = f"{names},y\n{''.join(map(row, range(90)))}".encode()
    whole = read_csv(data)
    assert (whole.table.rows, len(whole.table.names), whole.set_aside) == (90, width + 1, ())
    assert kind_of(whole.table["c0"]).cells(whole.table["c0"]) == [f"a, {at}\nb" for at in range(90)]
    assert large(data, size=40_000)[0] == whole.table


@pytest.mark.parametrize("width", [60, 400])
def test_a_quote_that_is_never_closed_costs_a_wide_row(width: int) -> None:
    line = f'{",".join(["1"] * width)},"u\nv"\n'
    odd = f'"open,{",".join(["1"] * width)}\n'
    data = (",".join(f"c{place}" for place in range(width)) + ",y\n" + line * 300 + odd + line * 300).encode()
    whole = read_csv(data)
    assert (whole.table.rows, [one.line for one in whole.set_aside]) == (600, [602])
    assert large(data, size=40_000)[1].read.set_aside == whole.set_aside


@pytest.mark.parametrize("between", [20, 40, 400])
@pytest.mark.parametrize(("begun", "ended"), [('"open', '5"'), ('"', '4"')])
def test_two_quotes_that_belong_to_no_other_hide_no_rows(begun: str, ended: str, between: int) -> None:
    def rows(many: int) -> str:
        return "".join(f"{row % 89},Bonn,{row % 7}.5,{'pq'[row % 2]}\n" for row in range(many))

    lines = f"9,{begun},1.5,p\n{rows(between)}9,{ended},1.5,q\n"
    data = f"x,text,n,y\n{rows(600)}{lines}{rows(600)}".encode()
    whole = read_csv(data)
    assert (whole.table.rows, [one.line for one in whole.set_aside]) == (1_201 + between, [602])
    assert set(whole.table["text"].levels) == {"Bonn", ended}
    found = in_both_ways(data, 9_000)
    assert found is not None


@pytest.mark.parametrize(
    "cell",
    [
        "a\nb\nc\nd\ne\nf",
        "Smith, J., MIT\nDoe, K., ETH\nRoe, L., EPFL\nMoe, M., CTH\nPoe, N., TUM",
        "u,v\n" * 9,
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_text_of_several_lines_that_look_like_rows_is_one(cell: str, place: int) -> None:
    def row(at: int) -> str:
        cells = [str(at % 89), f"{at % 7}.5", "pq"[at % 2]]
        return ",".join([*cells[:place], f'"{cell}{at % 5}"', *cells[place + 1 :]])

    data = ("a,b,y\n" + "\n".join(map(row, range(300)))).encode()
    whole = read_csv(data, label="y")
    assert (whole.table.rows, whole.set_aside_count) == (300, 0)
    assert len(whole.table.columns[place].levels) in (0, 5)
    assert in_both_ways(data, 9_000, label="y") is not None


@pytest.mark.parametrize("width", [2, 4])
@pytest.mark.parametrize("share", [0.02, 1.0])
def test_lines_of_an_address_with_as_many_commas_as_the_table_are_one_cell(width: int, share: float) -> None:
    lines = [f"{number}{', x' * (width - 1)}" for number in range(12)]
    address = "\n".join(["Main street", *lines, f"Berlin{', DE' * (width - 1)}"])
    names, numbers = ",".join(f"c{place}" for place in range(width - 1)), ",".join(["7"] * (width - 1))
    texts = [f'"{address}"' if at < 200 * share else f"plain {at % 7}" for at in range(200)]
    data = f"{names},text\n{''.join(f'{numbers},{text}' + chr(10) for text in texts)}".encode()
    whole = read_csv(data)
    assert (whole.table.rows, whole.set_aside_count) == (200, 0)
    assert in_both_ways(data, 9_000) is not None
