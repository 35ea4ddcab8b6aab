"""What the commands ask, say and write: confirmation, hints, files."""

import csv
import io
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from lepton_ai import Data, Model
from lepton_ai.cli import main
from lepton_ai.embedded import close_all
from tests.support.world import csv_of, two_classes

pytestmark = pytest.mark.slow


class Terminal(io.StringIO):
    """A person's answer, on a terminal."""

    def isatty(self) -> bool:
        return True


class Lepton:
    """The command in a folder of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Its exit status, stdout and stderr."""
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err


@pytest.fixture
def lepton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lepton:
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_DATA"):
        monkeypatch.delenv(name, raising=False)
    return Lepton(capsys)


@pytest.fixture
def served(lepton: Lepton) -> Model:
    """A model of three hundred rows, `train.csv`, that is deployed."""
    Path("train.csv").write_bytes(two_classes(300))
    model = Model("logistic_regression", "m", quiet=True)
    model.upload_data(Data.from_csv("train.csv", quiet=True))
    model.train(iterations=20)
    model.deploy()
    close_all()
    return model


def test_to_retire_is_asked_for_on_a_terminal(
    lepton: Lepton, served: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    status, _, err = lepton("retire", "m")
    assert status == 1 and "the name stays taken" in err and err.endswith("m stays as it is\n")
    assert Model(name="m").state == "active"
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    status, out, _ = lepton("retire", "m")
    assert (status, out) == (
        0,
        "m is retired: it serves no more, its versions stay readable, and the name stays taken\n",
    )
    assert Model(name="m").state == "retired"


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_where_nobody_can_answer_it_must_be_said(
    options: tuple[str, ...], lepton: Lepton, served: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\n") if options else io.StringIO("y\n"))
    status, _, err = lepton("retire", "m", *options)
    assert status == 2 and "add --yes" in err
    assert Model(name="m").state == "active"
    assert lepton("retire", "m", "--yes", *options)[0] == 0
    assert lepton("retire", "m")[0] == 0, "what is retired needs no question"


def test_predictions_are_written_as_csv_with_every_class_and_digit(lepton: Lepton, served: Model) -> None:
    status, out, err = lepton("predict", "m", "train.csv", "-o", "risks.csv")
    assert (status, out) == (0, "")
    assert err == "300 predictions by m version 1 written to risks.csv\n"
    beside = list(csv.reader(Path("risks.csv").read_text().splitlines()))
    given = list(csv.reader(Path("train.csv").read_text().splitlines()))
    assert [row[: len(given[0])] for row in beside] == given
    status, out, err = lepton("predict", "m", "train.csv", "--csv")
    assert (status, err) == (0, "")
    head, *rows = csv.reader(out.splitlines())
    assert head == ["label", "P(no)", "P(yes)"]
    assert beside[0][len(given[0]) :] == ["predicted label", "P(no)", "P(yes)"]
    assert [row[len(given[0]) :] for row in beside[1:]] == rows
    assert lepton("predict", "m", "train.csv", "-o", "csv.csv", "--delimiter", ",")[0] == 0
    assert Path("csv.csv").read_text() == out
    found = Model(name="m").predict(Data.from_csv("train.csv", quiet=True))
    assert [(label, float(no), float(yes)) for label, no, yes in rows] == [
        (one.label, *(one.probabilities or {}).values()) for one in found
    ]


def test_a_coverage_is_asked_for_after_the_training_that_an_error_names(
    lepton: Lepton, served: Model
) -> None:
    status, _, err = lepton("predict", "m", "train.csv", "--coverage", "0.9")
    assert status == 1 and "lepton train m --iterations 20 --uncertainty" in err
    status, out, err = lepton("train", "m", "--iterations", "20", "--uncertainty", "--calibrate")
    assert status == 0 and "sets of 90 %: " in out and "alibrated" in out, err
    assert lepton("deploy", "m")[0] == 0
    status, out, _ = lepton("predict", "m", "train.csv", "--coverage", "0.9", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0 and len(rows) == 300
    assert all(row["plausible"].split(",")[0] == row["label"] for row in rows)
    found = json.loads(lepton("predict", "m", "--row", "a=1,b=0", "--coverage", "0.9", "--json")[1])
    assert found["predictions"][0]["plausible"]


def test_rows_that_cannot_be_read_keep_their_lines_and_the_status_tells(
    lepton: Lepton, served: Model
) -> None:
    Path("april.csv").write_text("a,b\n1,2\noops,1\n1\n-1,-1\n")
    said = [
        "line 3, column 'a': 'oops' is no number",
        "line 4: 1 cells, where the header has 2",
    ]
    status, out, err = lepton("predict", "m", "april.csv")
    assert status == 3 and err == "\n  ".join(["2 of 4 rows have no prediction:", *said]) + "\n"
    head, *rows = out.splitlines()
    assert head.split() == ["row", "label", "P(no)", "P(yes)", "error"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4"]
    assert [row.split(maxsplit=1)[1] for row in rows[1:3]] == said

    status, out, _ = lepton("predict", "m", "april.csv", "--csv")
    table = list(csv.DictReader(out.splitlines()))
    assert status == 3 and [row["error"] for row in table] == ["", *said, ""]
    assert [row["label"] for row in table] == ["yes", "", "", "no"]
    status, _, err = lepton("predict", "m", "april.csv", "-o", "risks.csv")
    beside = list(csv.DictReader(Path("risks.csv").read_text().splitlines()))
    assert status == 3 and "4 predictions" in err
    assert [{name: row[name] for name in table[0]} for row in beside] == table
    assert [row["a"] for row in beside] == ["1", "oops", "", "-1"]

    status, out, _ = lepton("predict", "m", "april.csv", "--json")
    predictions = json.loads(out)["predictions"]
    assert status == 3 and [("error" in one) for one in predictions] == [False, True, True, False]
    wanted = {"row": 2, "line": 3, "column": "a", "reason": "'oops' is no number"}
    assert predictions[1] == {"error": wanted}
    assert lepton("predict", "m", "april.csv", "--explain")[0] == 3

    status, _, err = lepton("predict", "m", "--row", "a=1,b=2", "--row", "a=oops,b=1")
    assert status == 1 and "row 2, column 'a': 'oops' is no number" in err


def test_predictions_for_a_spreadsheet_hold_no_formula(lepton: Lepton, served: Model) -> None:
    lines = Path("train.csv").read_text().splitlines()
    classes = {"yes": "=1+1", "no": "-1"}
    made = [
        lines[0],
        *(f"{row},{classes[label]}" for row, _, label in (one.rpartition(",") for one in lines[1:])),
    ]
    Path("formula.csv").write_text("".join(f"{line}\n" for line in made))
    for step in (("create", "f", "--algorithm", "logistic_regression"), ("upload", "f", "formula.csv")):
        assert lepton(*step)[0] == 0
    assert lepton("train", "f")[0] == lepton("deploy", "f")[0] == 0
    told = {
        options: {
            row["label"]
            for row in csv.DictReader(lepton("predict", "f", "train.csv", "--csv", *options)[1].splitlines())
        }
        for options in ((), ("--spreadsheet",))
    }
    assert told == {(): {"=1+1", "-1"}, ("--spreadsheet",): {"'=1+1", "-1"}}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--csv", "--json"), "go with neither --explain nor --json"),
        (("-o", "x.csv", "--explain"), "go with neither --explain nor --json"),
        (("-o", "x.csv", "--csv"), "not both"),
        (("-o", "nowhere/x.csv"), "no such folder: nowhere"),
        (("--spreadsheet",), "--spreadsheet goes with --csv or -o"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_predicted(
    options: tuple[str, ...], said: str, lepton: Lepton
) -> None:
    status, _, err = lepton("predict", "m", "train.csv", *options)
    assert status == 2 and said in err


@pytest.mark.parametrize(
    ("algorithm", "label", "remedy"),
    [
        ("logistic_regression", [0.5, 1.5, 2.5, 3.5], "linear_regression"),
        ("linear_regression", ["red", "blue", "red", "blue"], "logistic_regression"),
    ],
)
def test_a_hint_about_the_label_works_as_it_is_written(
    algorithm: str, label: list[object], remedy: str, lepton: Lepton
) -> None:
    Path("t.csv").write_bytes(csv_of({"a": [1.0, 2.0, 3.0, 4.0] * 10, "label": label * 10}))
    lepton("create", "first", "--algorithm", algorithm)
    _, _, err = lepton("upload", "first", "t.csv")
    assert "(the column named label; choose another with --label COLUMN)" in err
    status, _, err = lepton("train", "first")
    assert status == 1 and f"create a model with --algorithm {remedy} for " in err and "task=" not in err
    assert lepton("create", "second", "--algorithm", remedy, "--dataset", "first")[0] == 0
    assert lepton("train", "second")[0] == 0
    answer = json.loads(lepton("train", "first", "--json")[1])
    assert f"algorithm='{remedy}'" in answer["error"]["message"]


TROUBLE = {
    "a column is gone": ("x,y\n", "{0},{1}\n"),
    "another decimal sign": ("x;a b;y\n", "{0},5;7;{1}\n"),
    "words in place of numbers": ("x,a b,y\n", "{0},red,{1}\n"),
    "rows with a cell too many": ("x,a b,y\n", "{0},7,{1}\n{0},7,{1}\n{0},7,{1},9\n"),
    "two header lines": ("x,a b,y\nin m,in s,\n", "{0}.5,7,{1}\n"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_what_is_offered_for_a_bad_file_are_options_that_help(lepton: Lepton, name: str) -> None:
    head, row = TROUBLE[name]
    Path("one.csv").write_text("x,a b,y\n" + "".join(f"{i}.5,{i % 7}.5,{'pq'[i % 2]}\n" for i in range(60)))
    Path("two.csv").write_text(head + "".join(row.format(i, "pq"[i % 2]) for i in range(60)))
    assert lepton("data", "upload", "d", "one.csv", "--label", "y")[0] == 0
    status, _, said = lepton("data", "upload", "d", "two.csv", "--label", "y")
    assert status == 1
    assert "Data." not in said
    options = re.split(r" or |, which is kept", said[said.index(" --") :])[0]
    status, _, said = lepton("data", "upload", "d", "two.csv", "--label", "y", *shlex.split(options))
    assert status == 0, said
