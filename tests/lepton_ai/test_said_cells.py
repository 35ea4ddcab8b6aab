"""A file to be scored that is written otherwise than the data of the model is read as somebody says, or told apart."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai import Data, LeptonError, Model
from lepton_ai.cli import cli
from lepton_ai.cli.predict import predict
from lepton_ai.cli.upload import upload
from lepton_ai.embedded import EmbeddedTransport
from lepton_core.table import ReadingOptions
from lepton_core.table.kinds import DATE, NUMBER
from lepton_core.table.said_cells import as_said
from tests.support.written_files import xlsx

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
    said = ReadingOptions(decimal=",", kinds={"a": "number"})
    found = as_said(written, ["a", "code", "y"], said)
    assert found == [[amount, f"0{i}", "odd"] for i, amount in enumerate(amounts)]


def test_where_nothing_is_said_of_cells_rows_are_left_alone() -> None:
    rows = [["1,5", "x"], None]
    for said, wanted in (
        (ReadingOptions(encoding="utf-8", kinds={"a": "number"}), [["1,5", "x"], None]),
        (ReadingOptions(missing={"y": ("x",)}), [["1,5", None], None]),
    ):
        assert as_said(rows, ["a", "y"], said) == wanted


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


@pytest.fixture
def lepton(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `lepton predict m` in the folder of the model, with a file of this content."""
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.setenv("LEPTON_DATA", str(tmp_path / "state"))
    path = tmp_path / "rows"

    def run(content: bytes, *options: str) -> Result:
        path.write_bytes(content)
        return CliRunner().invoke(cli, ["predict", "m", str(path), "--json", *options])

    return run


SAME = [{"amount": 1500.25, "day": "2024-02-13", "town": "Ulm"}, {"day": "2024-02-28", "town": "Bonn"}]
WRITTEN: dict[str, tuple[bytes, list[str]]] = {
    "decimal": (b"amount;day;town\n1500.25;13.02.2024;Ulm\n;28.02.2024;Bonn\n", ["--decimal", "."]),
    "missing": (b"amount;day;town\n1500,25;13.02.2024;Ulm\nk.A.;28.02.2024;Bonn\n", ["--missing", "k.A."]),
    "missing in a column": (
        b"amount;day;town\n1500,25;13.02.2024;Ulm\n-999;28.02.2024;Bonn\n",
        ["--missing", "amount=-999"],
    ),
    "month first": (b"amount;day;town\n1500,25;02/13/2024;Ulm\n;02/28/2024;Bonn\n", ["--month-first"]),
    "names": (b"1500,25;13.02.2024;Ulm\n;28.02.2024;Bonn\n", ["--no-header", "--names", "amount,day,town"]),
    "header line": (
        b"Export\namount;day;town\n1500,25;13.02.2024;Ulm\n;28.02.2024;Bonn\n",
        ["--header-line", "2"],
    ),
    "delimiter and quote": (
        b"amount!day!town\n'1500,25'!'13.02.2024'!'Ulm'\n''!'28.02.2024'!'Bonn'\n",
        ["--delimiter", "!", "--quote", "'"],
    ),
    "encoding": (
        "amount;day;town\n1500,25;13.02.2024;Ulm\n;28.02.2024;Bonn\n".encode("utf-16-le"),
        ["--encoding", "utf-16-le"],
    ),
    "JSON": (
        b'{"amount": "1,500.25", "day": "02/13/2024", "town": "Ulm"}\n'
        b'{"amount": "-", "day": "02/28/2024", "town": "Bonn"}\n',
        ["--decimal", ".", "--month-first", "--missing", "-"],
    ),
    "Excel": (
        xlsx(Rows=[["amount", "day", "town"], ["1500.25", "02/13/2024", "Ulm"], ["?", "02/28/2024", "Bonn"]]),
        ["--decimal", ".", "--month-first", "--missing", "?"],
    ),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_the_command_takes_what_the_python_interface_takes(
    case: str, model: Model, lepton: Callable[..., Result], tmp_path: Path
) -> None:
    content, options = WRITTEN[case]
    found = lepton(content, *options)
    assert found.exit_code == 0, found.output
    wanted = [msgspec.to_builtins(one) for one in model.predict(SAME)]
    assert json.loads(found.stdout)["predictions"] == wanted


def test_one_row_is_read_as_is_said(model: Model, lepton: Callable[..., Result]) -> None:
    found = lepton(b'amount,day,town\n"1,500.25",02/13/2024,Ulm\n', "--decimal", ".", "--month-first")
    assert json.loads(found.stdout)["predictions"] == [msgspec.to_builtins(model.predict(SAME[0]))]


def test_what_cannot_be_right_is_named_by_its_option(lepton: Callable[..., Result]) -> None:
    for options, said in (
        (["--missing", "amout=-"], "the file has no column 'amout'; did you mean 'amount'?"),
        (["--delimiter", ";;"], "must be one character"),
        (["--encoding", "utf-99"], "utf-99"),
    ):
        found = lepton(b"amount;day;town\n1,5;13.02.2024;Ulm\n", *options)
        assert found.exit_code == 1 and said in f"{found.exception}{found.output}", options
    alone = CliRunner().invoke(cli, ["predict", "m", "--row", "amount=1", "--decimal", "."])
    assert alone.exit_code == 2 and "for a FILE" in alone.output


def test_it_has_all_options_of_an_upload_that_say_how_a_file_is_written() -> None:
    of_upload = {one.name: one.to_info_dict() for one in upload.params}
    of_predict = {one.name: one.to_info_dict() for one in predict.params}
    written = {one.name for one in fields(ReadingOptions)} - {"kinds", "exclude", "bad_rows"} | {
        "header_line"
    }
    assert written <= of_upload.keys() & of_predict.keys()
    for name in written - {"sheet"}:  # a workbook to be scored has another default
        assert of_predict[name] == of_upload[name]
    assert not {"kinds", "exclude", "bad_rows"} & of_predict.keys()
