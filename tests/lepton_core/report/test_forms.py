"""What the cells of a column, or the labels, may be, and were not taken for, is said."""

import numpy as np
import pytest

from lepton_core.report import Report, make_report
from lepton_core.table import ReadingOptions, kind_of, read_file

MANY = 120
RNG = np.random.default_rng(0)


def report(cells: list[str], label: list[str] | None = None, **options: object) -> Report:
    labels = ["pq"[place % 2] for place in range(len(cells))] if label is None else label
    rows = (
        f'{place % 7},"{cell}","{y}"\n' for place, (cell, y) in enumerate(zip(cells, labels, strict=True))
    )
    reading = ReadingOptions(**options)  # type: ignore[arg-type]
    return make_report(read_file(("a,x,y\n" + "".join(rows)).encode(), reading, label="y"), reading)


def message(found: Report, code: str) -> str:
    return next((one.message for one in found.findings if one.code == code), "")


STEPS = {
    "even": np.arange(MANY) * 60,
    "uneven": np.sort(RNG.choice(10**7, MANY, replace=False)),
    "in no order": RNG.permutation(10**6)[:MANY],
    "days that come again": np.arange(MANY) // 8 * 86_400,
}


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize(("unit", "many"), [("seconds", 1), ("milliseconds", 1000)])
def test_times_that_a_program_counted_are_told_with_the_call_that_reads_them(
    steps: str, unit: str, many: int
) -> None:
    times = [1_700_000_000 + int(step) for step in STEPS[steps]]
    cells = [str(time * many) for time in times]
    found = report(cells)
    assert f"'x' may count {unit} since 1970: 1700" in message(found, "epoch")
    remedy = next(one.remedy for one in found.findings if one.code == "epoch")
    assert remedy == "Data.from_csv(path, label='y', kinds={'x': 'date'})"
    read = read_file(
        ("x,y\n" + "".join(f"{cell},p\n" for cell in cells)).encode(), ReadingOptions(kinds={"x": "date"})
    )
    column = read.table["x"]
    assert column.values.tolist() == times
    known = read.table.schema["x"]
    for cell in (cells[0], int(cells[0]), "2023-11-14T22:13:20"):
        assert abs(kind_of(column).read_cell(cell, 1, known) - 1_700_000_000) <= 10**7
    assert not message(report(cells, kinds={"x": "date"}), "epoch")


@pytest.mark.parametrize("odd", ["0", "9" * 16, "-1", "17"])
def test_one_cell_out_of_range_costs_neither_the_hint_nor_the_column(odd: str) -> None:
    cells = [odd, *(str(1_700_000_000 + 60 * place) for place in range(MANY))]
    text = ("x,y\n" + "".join(f"{cell},p\n" for cell in cells)).encode()
    if len(odd) < 16:  # its like is far beyond the mean
        assert "'x' may count seconds since 1970: 1700" in message(report(cells), "epoch")
    column = read_file(text, ReadingOptions(kinds={"x": "date"})).table["x"]
    is_beyond = len(odd) == 16
    assert column.missing.tolist() == [is_beyond, *[False] * MANY]
    assert column.values[1:].tolist() == [float(cell) for cell in cells[1:]]


@pytest.mark.parametrize(
    "cells",
    [
        [str(place) for place in range(MANY)],
        [str(1_000_000 + place * 17) for place in range(MANY)],
        [str(2_125_550_000 + place * 31) for place in range(MANY)],
        [str(2000 + place % 25) for place in range(MANY)],
        [f"{value:.3f}" for value in RNG.normal(size=MANY)],
        [str(1_700_000_000 + place) if place % 3 else "12" for place in range(MANY)],
    ],
)
def test_other_numbers_are_no_times(cells: list[str]) -> None:
    assert not message(report(cells), "epoch")


@pytest.mark.parametrize(
    "form", ["{0:.4f}, {1:.4f}", "({0:.2f},{1:.2f})", "{0:.1f};{1:.1f}", "[{0:.3f}, {1:.3f}]"]
)
def test_pairs_of_numbers_are_told_with_what_to_do(form: str) -> None:
    found = report([form.format(48 + value, 11 - value) for value in RNG.random(MANY)])
    said = message(found, "pairs")
    assert "each cell of 'x' has two numbers, as " in said
    assert "make two columns of it in the file" in said


@pytest.mark.parametrize(
    "cells",
    [
        ["1,234.5", "2,345.5"] * 60,
        ["a, b", "c, d"] * 60,
        ["1, x", "2, 3"] * 60,
        ["1,087.23", "2.883,18"] * 60,
        ["1.5", "1,5", "2.883,18"] * 40,
    ],
)
def test_other_cells_with_a_comma_are_no_pairs(cells: list[str]) -> None:
    assert not message(report(cells), "pairs")


def test_numbers_in_two_notations_are_told_as_these_and_as_no_pairs() -> None:
    values = [f"{1000 + 4000 * value:,.2f}" for value in RNG.random(MANY)]
    swapped = str.maketrans(",.", ".,")
    found = report([one.translate(swapped) if at % 2 else one for at, one in enumerate(values)])
    assert "not written in one way" in message(found, "notations")
    assert not message(found, "pairs")
    mostly = report([f"{at}.5,{at}.{at}" if at % 3 else f"{at},5" for at in range(1, MANY)])
    assert message(mostly, "pairs")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["yes", "Yes ", "maybe"], "'Yes' and 'yes'"),
        (["new york", "New  York", "ulm"], "'New  York' and 'new york'"),
        (["STRASSE", "straße", "weg"], "'STRASSE' and 'straße'"),
    ],
)
def test_labels_that_differ_in_blanks_or_case_only_are_a_warning(labels: list[str], said: str) -> None:
    found = report(["1.5"] * MANY, [labels[place % 3] for place in range(MANY)])
    assert said in message(found, "labels_alike")
    assert "spell them alike" in message(found, "labels_alike")
    assert {one.level for one in found.findings if one.code == "labels_alike"} == {"warning"}


@pytest.mark.parametrize(
    "labels", [["yes", "no", "maybe"], ["a", "b", "ab"], ["1", "2", "3"], ["yes", "YES", "no"]]
)
def test_other_labels_are_classes_of_their_own_and_one_pair_of_truth_values_is_read_as_one(
    labels: list[str],
) -> None:
    assert not message(report(["1.5"] * MANY, [labels[place % 3] for place in range(MANY)]), "labels_alike")
