"""Each guess on an uploaded file is said on stderr, by the command as by the SDK, and the label as it is."""

from pathlib import Path

import pytest

from lepton_ai import Data, Dataset, Model
from lepton_ai.cli import main
from lepton_ai.upload_notes import kept_label, lines
from lepton_core.report import Finding, LabelReport, Report

ROWS = [f"K{i:04};{i % 9},5;{['ja', 'nein', 'k. A.'][i % 3]};Köln" for i in range(90)]
FILE = "\n".join(["Export;;;", "Nr;Wert;Retoure;Ort", *ROWS, "Summe;180,5;;"]).encode("cp1252")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)
    path = tmp_path / "rows.csv"
    path.write_bytes(FILE)
    return path


def upload(path: Path, *options: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["upload", "m", str(path), *options])
    assert ended.value.code == 0


@pytest.mark.slow
def test_the_command_says_each_guess_in_a_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Model("logistic_regression", name="m", quiet=True)
    upload(path, "--label", "Retoure", "--missing", "Retoure=k. A.")
    out, err = capsys.readouterr()
    for part in (
        "the encoding was guessed",
        "the names are in line 2; the line above was passed over",
        "the last row is a total of the rows above; it was left out",
        "30 rows have no label and were left out",
        "left out by models (tells rows apart only): 'Nr'",
        "left out by models (one value only): 'Ort'",
    ):
        [line] = [one for one in err.splitlines() if part in one]
        assert len(line) <= 170
        assert "Data." not in line
    assert err.splitlines()[-1] == "more of this: lepton data report m"
    assert out.startswith("data m version 1")


@pytest.mark.slow
def test_the_label_that_is_kept_is_said_and_no_guess(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Model("logistic_regression", name="m", quiet=True)
    file = FILE.replace(b"K\xf6ln", b"Bonn", 40)
    path.write_bytes(file)
    upload(path)
    assert "label: Ort (the last column; choose another with --label COLUMN)" in capsys.readouterr().err
    upload(path, "--label", "Wert")
    assert "label: " not in capsys.readouterr().err
    path.write_bytes(file.replace(b"K0001", b"K1001"))
    upload(path)
    said = "label: Wert, as before (and not Ort, as was guessed for the file alone)"
    assert said in capsys.readouterr().err.splitlines()
    path.write_bytes(file.replace(b"K0002", b"K1002"))
    Dataset("m").upload(Data.from_csv(path, quiet=True))
    assert capsys.readouterr().err.splitlines() == [said]
    Dataset("m").upload(Data.from_csv(path, quiet=True), quiet=True)
    assert not capsys.readouterr().err


def test_many_notes_of_one_kind_are_one_line_and_warnings_are_said_elsewhere() -> None:
    notes = [Finding("no_name", f"column {place} has no name", level="note") for place in range(9)]
    told = Report(1, 1, LabelReport("y"), (), (*notes, Finding("leak", "x alone", column="x")))
    assert lines(told, "m") == [
        *(one.message for one in notes[:3]),
        "and 6 more as the last one (no_name)",
        "more of this: lepton data report m",
    ]
    assert lines(Report(1, 1, LabelReport("y"), ()), "m") == []
    assert kept_label(Report(1, 1, LabelReport("y"), ()), "y") == "label: y, as before"
