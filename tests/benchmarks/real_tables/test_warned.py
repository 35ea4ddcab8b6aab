"""The codes of each report, as the page shows them."""

from tests.benchmarks.real_tables.test_lepton import INDEXED, WITH_INDEX, table
from tests.benchmarks.real_tables.warned import END, START, row, written


def test_a_line_has_the_warnings_and_the_notes() -> None:
    rows = "".join(f"{at},{at % 7},no\n" for at in range(60))
    said = row(table("y", "classification", WITH_INDEX), f"id,b,y\n{rows}".encode())
    name, warnings, notes = (cell.strip() for cell in said.split("|")[1:4])
    assert name == "made"
    assert "one_class" in warnings or "constant" in warnings, said
    assert notes


def test_a_file_that_is_refused_has_the_code_of_its_error() -> None:
    assert (
        row(table("nothing", "classification", WITH_INDEX), INDEXED) == "| made | refused: invalid_data | |"
    )


def test_the_lines_stand_between_the_marks() -> None:
    page = f"before\n{START}old\n{END}after\n"
    assert written(page, ["new"]) == f"before\n{START}new\n\n{END}after\n"
