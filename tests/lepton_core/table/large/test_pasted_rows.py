"""Rows that people write beside the data are found in windows as in a file that is read at once."""

import random

import pytest

from lepton_core.report import make_report
from lepton_core.table import read_csv
from lepton_core.table.where import NO_LABEL
from tests.lepton_core.table.large.test_first_cells import in_both_ways
from tests.lepton_core.table.large.test_read import large

ROWS = 2_000


def rows(form: str, seed: int = 0, words: dict[int, str] | None = None) -> str:
    """Rows of numbers n, groups g, and labels z, or y that are missing at times; ``words`` are some of the groups."""
    deal, made = random.Random(seed), []
    for row in range(ROWS):
        cells = {
            "n": f"{deal.gauss(0, 9):.2f}",
            "g": (words or {}).get(row, f"g{row % 50}"),
            "y": deal.choice(["p", "q", ""]),
            "z": deal.choice(["p", "q"]),
            "b": deal.choice(["0", "1", ""]),
        }
        made.append(",".join(cells[one] for one in form) + "\n")
    return "".join(made)


GROUPS, NUMBERS, TRUTH = "g,x,y\n", "a,b,y\n", "a,b,y\n"

FILES = {
    "a total": GROUPS + rows("gny") + "Total,9,\n",
    "a total with a label": GROUPS + rows("gny") + "Total,9,p\n",
    "a total, and the word above": GROUPS + rows("gny", words={10: "Total"}) + "Total,9,p\n",
    "a total, and the word far above": GROUPS + rows("gny", words={1_500: "Total"}) + "Total,9,p\n",
    "a total, and the word in its window": GROUPS + rows("gny", words={1_999: "Total"}) + "Total,9,p\n",
    "a total, and notes below": GROUPS + rows("gny") + "Total,9,p\n* as of May,,\n,,\n,see there,\n",
    "two totals": GROUPS + rows("gnz") + "Total,9,p\nGrand total,9,p\n",
    "a total, and blank lines below": GROUPS + rows("gny") + "Total,9,p\n" + "\n" * 3_000,
    "a total, and empty rows below": GROUPS + rows("gny") + "Total,9,p\n" + ",,\n" * 1_000,
    "a total, and many blank lines below": GROUPS + rows("gny") + "Total,9,p\n" + "\n" * 15_000,
    "a total, and many empty rows below": GROUPS + rows("gny") + "Total,9,p\nof May,,\n" + ",,\n" * 4_500,
    "many empty rows between and below": GROUPS
    + rows("gny")
    + ",,\n" * 9_000
    + rows("gny", 1)
    + ",,\n" * 9_000,
    "empty rows between and below": GROUPS + rows("gny") + ",,\n" * 1_000 + rows("gny", 1) + ",,\n" * 1_000,
    "the names again": NUMBERS + rows("nny") + NUMBERS + rows("nny", 1),
    "the names again in capitals": NUMBERS + rows("nny") + NUMBERS.upper() + rows("nny", 1),
    "the names again, all of numbers": TRUTH + rows("nnb") + TRUTH.upper() + rows("nnb", 1),
    "other names": NUMBERS + rows("nny") + "k,l,m\n" + rows("nny", 1),
    "the names again, beside words": GROUPS + rows("gny") + GROUPS.upper() + rows("gny", 1),
}


@pytest.mark.parametrize("name", FILES)
def test_they_are_found_in_windows(name: str) -> None:
    data = FILES[name].encode()
    assert in_both_ways(data, 4_000) is not None
    whole = make_report(read_csv(data))
    _, found, _ = large(data, size=4_000)
    assert make_report(found.read) == whole


NOTES = ('"a ""note"" on it",,', "", ",,", "of May,,", "", ",see there,", "of May,,")


@pytest.mark.parametrize("notes", [NOTES, NOTES[:1], NOTES[1:4]])
def test_notes_below_a_total_have_their_lines(notes: tuple[str, ...]) -> None:
    data = (GROUPS + rows("gny", words={7: "of May"}) + "Total,9,p\n" + "\n".join(notes)).encode()
    found = in_both_ways(data, 4_000)
    assert found is not None
    wanted = [ROWS + 3 + place for place, note in enumerate(notes) if note]
    aside = [one.line for one in found[0].set_aside if one.reason != NO_LABEL]
    assert aside == [ROWS + 2, *wanted]


@pytest.mark.parametrize("odd", [1_000, 1_200, 1_400, 1_600, 1_900])
def test_a_total_is_found_though_a_window_ends_below_it_by_its_quotes(odd: int) -> None:
    notes = '4" wide,,\n' + "see there,,\n" * 9
    data = GROUPS + rows("gny", words={odd: '5"'}) + f"Total,9,p\n{notes}"
    found = in_both_ways(data.encode(), 4_000)
    assert found is not None
    aside = [one.line for one in found[0].set_aside if one.reason != NO_LABEL]
    assert aside == [ROWS + 2 + place for place in range(11)]


@pytest.mark.parametrize("empty", [0, 20, 900])
def test_no_window_ends_between_a_total_and_its_notes(empty: int) -> None:
    some = "".join(f"g{row % 9},{row % 89}.5,{'pq'[row % 2]}\n" for row in range(300))
    data = (GROUPS + some + "Total,9,p\n" + "see there,,\n" * 9 + ",,\n" * empty).encode()
    whole = read_csv(data)
    assert whole.set_aside_count == 10
    for size in range(1_000, 1_120, 10):
        _, found, _ = large(data, size=size)
        assert found.read.set_aside == whole.set_aside
