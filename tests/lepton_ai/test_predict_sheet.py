"""A workbook to be scored is read from the sheet that was said for the data set, unless another one is named."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lepton_ai import Data, InvalidData, InvalidInput, Model
from lepton_ai.cli import cli, main
from tests.support.written_files import xlsx

ROWS = [[at % 7, at % 3, "no" if at % 7 < 3 else "yes"] for at in range(80)]
TABLE = [["a", "b", "y"], *ROWS]
INFO = [["Note"], ["see the second sheet"]]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEPTON_DATA", str(tmp_path / "platform"))
    path = tmp_path / "book.xlsx"
    path.write_bytes(xlsx(Info=INFO, Data=TABLE, Other=TABLE[:5]))
    return path


def trained(book: Path) -> Model:
    model = Model("logistic_regression", name="m", quiet=True)
    model.upload_data(Data.from_file(book, sheet="Data", label="y", quiet=True))
    model.train(iterations=10)
    model.deploy()
    return model


def command(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(cli, list(words))
    return found.exit_code, found.output


@pytest.mark.parametrize("label", [None, "y"])
def test_columns_that_are_missing_are_sought_in_the_other_sheets(book: Path, label: str | None) -> None:
    with pytest.raises(InvalidData) as caught:
        Data.from_file(book, label=label, quiet=True)
    said = str(caught.value)
    assert "the sheet 'Info' was read; there are also 'Data', 'Other'" in said
    assert "Data.from_file(path, sheet='Data')" in said and "delimiter" not in said


def test_the_command_names_the_option(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Model("logistic_regression", name="m", quiet=True)
    with pytest.raises(SystemExit):
        main(["upload", "m", str(book)])
    said = capsys.readouterr().err
    assert "--sheet Data" in said and "--delimiter" not in said


def test_the_sheet_of_the_data_set_is_scored(book: Path) -> None:
    model = trained(book)
    assert len(model.predict(book)) == len(ROWS)
    assert model.predict(book, sheet="Other").labels == model.predict(book).labels[:4]
    assert command("predict", "m", str(book), "--csv")[1].count("\n") == len(ROWS) + 1
    assert command("predict", "m", str(book), "--csv", "--sheet", "Other")[1].count("\n") == 5


def test_a_sheet_is_said_of_a_workbook_alone(book: Path) -> None:
    model = trained(book)
    with pytest.raises(InvalidInput, match="Excel file") as caught:
        model.predict([{"a": 1}], sheet="Data")
    assert caught.value.field == "sheet"
    assert command("predict", "m", "--row", "a=1", "--sheet", "Data")[0] == 2
    with pytest.raises(InvalidInput, match="there is no sheet 'Sums'; there are 'Sheet', 'Info', 'Data'"):
        model.predict(book, sheet="Sums")
