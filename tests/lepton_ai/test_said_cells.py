"""A file to be scored that is written otherwise than the data of the model is read as somebody says, or told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai import Data, LeptonError, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.rows import Rows
from lepton_ai.said_cells import as_said
from lepton_core.table import ReadingOptions, read_file
from lepton_core.table.kinds import DATE, NUMBER

AMOUNTS = [1000 + 37.25 * i for i in range(60)]
DAYS = [f"{1 + i % 28:02}.{1 + i % 9:02}.2024" for i in range(60)]


def german(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    path = tmp_path / "train.csv"
    cells = zip(AMOUNTS, DAYS, strict=True)
    lines = [
        f"{german(amount)};{day};{'Ulm' if i % 2 else 'Bonn'};{'yes' if amount > 2000 else 'no'}"
        for i, (amount, day) in enumerate(cells)
    ]
    path.write_text("\n".join(["amount;day;town;paid", *lines, ""]))
    transport = EmbeddedTransport(tmp_path / "state")
    made = Model("logistic_regression", name="m", transport=transport, quiet=True)
    made.upload_data(Data.from_csv(path, quiet=True))
    made.train()
    made.deploy()
    yield made
    transport.close()


def test_what_is_said_of_the_cells_of_a_file_holds_for_its_predictions(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "april.csv"
    amounts = [1500.0, 1500.25, 2900.5, 1.5]
    rows = [f'"{amount:,.2f}",02/{13 + i}/2024,Ulm' for i, amount in enumerate(amounts)]
    path.write_text("\n".join(["amount,day,town", *rows, "-999,02/28/2024,Bonn", ""]))
    read = Data.from_csv(path, decimal=".", day_first=False, missing=["-999"], label="town", quiet=True)
    wanted = [
        {"amount": amount, "day": f"2024-02-{13 + i}", "town": "Ulm"} for i, amount in enumerate(amounts)
    ]
    found = model.predict(read)
    assert not found.errors
    told = model.predict([*wanted, {"amount": None, "day": "2024-02-28", "town": "Bonn"}])
    assert found.probabilities == told.probabilities


def test_without_a_word_the_reason_says_how_the_cells_of_the_column_are_written(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "april.csv"
    path.write_text("amount,day,town\n2500.50,2024-02-01,Ulm\n2500,02/13/2024,Ulm\nmuch,2024-02-01,Ulm\n")
    assert [error.reason for error in model.predict(path).errors] == [
        "'2500.50' is no number; in this column ',' is the decimal sign",
        "'02/13/2024' is no date; in this column the day is before the month",
        "'much' is no number",
    ]
    with pytest.raises(
        LeptonError, match=r"row 1, column 'amount': .* in this column ',' is the decimal sign"
    ):
        model.predict({"amount": "2500.50"})


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=2, max_size=8))
@settings(deadline=None)
def test_numbers_are_what_was_written_and_other_cells_stay(amounts: list[float]) -> None:
    written = [[german(amount), f"0{i}", "odd"] for i, amount in enumerate(amounts)]
    text = "\n".join(["a;code;y", *map(";".join, written)]).encode()
    said = ReadingOptions(decimal=",", kinds={"a": "number"})
    found = as_said(Rows(written, ["a", "code", "y"]), read_file(text, said).table, said)
    assert found.rows == [[amount, f"0{i}", "odd"] for i, amount in enumerate(amounts)]


def test_where_nothing_is_said_of_cells_rows_are_left_alone() -> None:
    rows = Rows([["1,5", "x"], None], ["a", "y"])
    for said, wanted in (
        (ReadingOptions(encoding="utf-8", kinds={"a": "number"}), [["1,5", "x"], None]),
        (ReadingOptions(missing={"y": ("x",)}), [["1,5", None], None]),
    ):
        table = read_file(b"a;y\n1,5;x\n2,5;z\n", said).table
        assert as_said(rows, table, said).rows == wanted


@pytest.mark.parametrize(
    ("text", "notation", "said"),
    [
        ("50,5", "", "'.' is the decimal sign"),
        ("2,500.50", ",.", "',' is the decimal sign"),
        ("12.50 €", ",.€", "',' is the decimal sign"),
        ("old", "", ""),
        ("007", ",_", ""),
    ],
)
def test_a_number_of_another_notation_is_told_from_what_is_none(text: str, notation: str, said: str) -> None:
    assert NUMBER.otherwise(text, notation).removeprefix("; in this column ") == said


@pytest.mark.parametrize(
    ("text", "notation", "said"),
    [
        ("12/24/2024", "dmy none", "the day is before the month"),
        ("24/12/2024", "mdy none", "the month is before the day"),
        ("24.12.2024", "", "the year is first"),
        ("30.02.2024", "dmy none", ""),
        ("24.12.2024", "seconds", ""),
    ],
)
def test_a_date_of_another_order_is_told_from_what_is_none(text: str, notation: str, said: str) -> None:
    assert DATE.otherwise(text, notation).removeprefix("; in this column ") == said
