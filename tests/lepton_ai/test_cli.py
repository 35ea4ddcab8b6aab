"""The command, over the embedded platform in a folder of its own."""

import inspect
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from lepton_ai import Model
from lepton_ai.cli import _COMMANDS, cli, main
from lepton_ai.cli.data import data
from lepton_ai.cli.errors import report
from lepton_ai.cli.shared import show
from lepton_ai.cli.train import hyperparameters
from lepton_ai.cli.upload import upload
from lepton_core.models import ALGORITHMS
from tests.support.waiting import BACKSTOP

pytestmark = pytest.mark.slow

Lepton = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lepton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lepton:
    """Run the command; its exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """300 rows whose label says, not always rightly, whether a + b is positive."""
    X = np.random.default_rng(7).normal(size=(300, 2))
    sign = X.sum(axis=1) + np.random.default_rng(8).normal(scale=0.5, size=300)
    path = tmp_path / "train.csv"
    rows = zip(*X.T.tolist(), np.where(sign > 0, "yes", "no").tolist(), strict=True)
    path.write_text("a,b,label\n" + "".join(f"{a!r},{b!r},{label}\n" for a, b, label in rows))
    return path


def ok(result: tuple[int, str, str]) -> Any:
    status, out, err = result
    assert status == 0, err
    return json.loads(out)


def test_the_lifecycle_in_commands(lepton: Lepton, table: Path) -> None:
    made = ok(lepton("create", "m", "--algorithm", "logistic_regression", "--json"))
    assert made == {
        "name": "m",
        "algorithm": "logistic_regression",
        "task": "classification",
        "dataset": "m",
        "state": "active",
    }
    uploaded = ok(lepton("upload", "m", str(table), "--label", "label", "--json"))
    assert uploaded.pop("report")["rows"] == 300
    assert uploaded == {"dataset": "m", "version": 1, "rows": 300, "label": "label", "held": False}

    status, out, err = lepton(
        "train", "m", "--iterations", "60", "--learning-rate", "0.5", "--set", "l2=0.001"
    )
    assert status == 0
    assert out.startswith("m version 1 (logistic_regression), trained on data m version 1: accuracy 0.")
    assert "training m: iteration 60 of 60, objective" in err

    evaluated = ok(lepton("evaluate", "m", "--folds", "3", "--json"))
    assert len(evaluated["folds"]) == 3 and evaluated["version"] == 1
    assert evaluated["loss"] == pytest.approx(sum(evaluated["folds"]) / 3)
    assert evaluated["report"]["confusion"]
    text = lepton("evaluate", "m", "--folds", "2")[1]
    assert "true \\ predicted" in text
    assert "permutation importance for version 1, rows held out:" in text
    assert {one["column"] for one in evaluated["report"]["importance"]["columns"]} == {"a", "b"}

    assert ok(lepton("deploy", "m", "--json"))["routes"][0]["version"] == 1
    predicted = ok(lepton("predict", "m", "--row", "a=3,b=3", "--row", "a=-3,b=-3", "--json"))
    assert [row["label"] for row in predicted["predictions"]] == ["yes", "no"]
    status, out, _ = lepton("predict", "m", str(table))
    assert len(out.splitlines()) == 301 and out.split()[:4] == ["row", "label", "P(no)", "P(yes)"]

    status, out, _ = lepton("predict", "m", "--row", "a=3,b=3", "--explain")
    assert re.fullmatch(
        r"row 1: log-odds of yes \S+ = base \S+, [ab] \+\S+, [ab] \+\S+", out.splitlines()[-1]
    )

    seen = ok(lepton("monitor", "m", "--json"))
    assert (seen["requests"], seen["rows"], seen["status"]) == (3, 303, "healthy")
    assert "3 requests, 303 rows, 0 errors" in lepton("monitor", "m", "--hours", "1")[1]

    lepton("upload", "m", str(table))
    assert ok(lepton("update", "m", "--iterations", "80", "--json"))["version"] == 2
    shown = ok(lepton("status", "m", "--json"))
    assert [version["version"] for version in shown["versions"]] == [1, 2] and shown["state"] == "active"
    assert ok(lepton("status", "m", "--run", shown["runs"][0]["id"], "--json"))["state"] == "succeeded"
    assert lepton("status")[1].splitlines()[1].split()[:3] == ["m", "logistic_regression", "active"]

    assert lepton("cancel", "m")[1] == "no run of m is under way\n"
    assert ok(lepton("cancel", "m", "--run", shown["runs"][0]["id"], "--json"))["state"] == "succeeded"
    status, _, err = lepton("resume", "m")
    assert status == 1 and "no cancelled run of model 'm' can be resumed" in err
    status, _, err = lepton("resume", "m", "--run", shown["runs"][-1]["id"])
    assert status == 1 and "has succeeded" in err and "to begin anew: lepton train m" in err
    status, _, err = lepton("retire", "m", "--yes")
    assert status == 0 and err == ""
    assert lepton("status")[1].splitlines()[1].split() == ["m", "logistic_regression", "retired", "-"]
    taken_up = lepton("create", "m", "-a", "logistic_regression")[1]
    assert taken_up == "model m (logistic_regression), data set m, retired\n"
    status, _, err = lepton("predict", "m", "--row", "a=1,b=1")
    assert status == 1 and "retired" in err


def test_rows_on_stdin(lepton: Lepton, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lepton("create", "m", "-a", "logistic_regression")
    lepton("upload", "m", str(table))
    lepton("train", "m", "--iterations", "5")
    lepton("deploy", "m")
    for given in (["-"], []):
        with table.open() as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            assert len(ok(lepton("predict", "m", *given, "--json"))["predictions"]) == 300
    for given in (["-"], []):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n")))
        status, _, err = lepton("predict", "m", *given)
        assert status == 2 and err.startswith("error: nothing came on stdin; give a FILE")
    status, _, err = lepton("predict", "m", ".")
    assert status == 1 and err == "error: cannot read .: Is a directory\n"
    status, _, err = lepton("deploy", "m", "--version", "9")
    assert err == "error: model 'm' has no version 9; 'lepton status m' lists what there is\n"
    status, _, err = lepton("train", "m", "--data-version", "9")
    assert err == "error: dataset 'm' has no version 9\n"
    status, _, err = lepton("train", "m", "--learning-rate", "nan")
    assert status == 1 and err == "error: learning_rate must be a finite number, not nan\n"
    status, _, err = lepton("predict", "m", "--row", "c=1")
    assert status == 1 and err.startswith("error: row 1: none of the columns that the model reads is there")
    status, _, err = lepton("train", "m", "--learning-rate", "1e300")
    *progress, last = (
        err.splitlines()
    )  # of a training that takes its time the progress is shown, by its stages
    assert status == 1 and last.startswith("error: training diverged")
    assert all(re.match(r"training m(: iteration |, [^:]+(: iteration |$))", line) for line in progress)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["train", "m"], 1, "no model 'm'; create it first: lepton create m --algorithm ALGORITHM"),
        (["create", "m", "-a", "magic"], 1, "no algorithm 'magic'; there are: decision_tree"),
        (["create", "a/b", "-a", "x"], 1, "'a/b' is no name"),
        (["create", "m"], 2, "say what it learns with (-a gradient_boosting suits most tables"),
        (["status", "--run", "x"], 2, "--run needs the NAME"),
        (["nonsense"], 2, "No such command 'nonsense'; see 'lepton --help'"),
        (["train", "m", "--iterations", "0"], 2, "Invalid value for '--iterations'"),
        (["predict", "m", "f.csv", "--row", "a=1"], 2, "give a FILE or --row, not both"),
    ],
)
def test_an_error_is_one_line(arguments: list[str], status: int, said: str, lepton: Lepton) -> None:
    found, out, err = lepton(*arguments)
    assert (found, out) == (status, "")
    assert err.startswith("error: ") and said in err and err.count("\n") == 1
    found, out, err = lepton(*arguments, "--json")
    assert found == status and err.startswith("error: ")
    assert json.loads(out)["error"]["message"]


def test_a_platform_that_is_not_there(lepton: Lepton, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEPTON_URL", "gopher://x")
    assert "LEPTON_URL must be an address" in lepton("status")[2]
    monkeypatch.setenv("LEPTON_URL", "")
    status, _, err = lepton("upload", "m", "nothere.csv")
    assert status == 1 and "no model 'm'" in err


def test_what_nobody_foresaw_is_still_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEPTON_DEBUG", raising=False)
    assert report(ZeroDivisionError("a\nb"), as_json=False) == 1
    assert capsys.readouterr().err == "error: unexpected ZeroDivisionError: a b; LEPTON_DEBUG=1 shows where\n"
    assert report(KeyboardInterrupt(), as_json=False) == 130
    capsys.readouterr()
    assert report(PermissionError(13, "Permission denied", "x"), as_json=False) == 1
    assert capsys.readouterr().err == "error: x: Permission denied\n"
    assert report(SystemExit(3), as_json=False) == 3
    monkeypatch.setenv("LEPTON_DEBUG", "1")
    report(ZeroDivisionError("a"), as_json=False)
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_a_platform_says_where_it_is_and_stays_up(as_json: bool, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lepton_ai", "up", "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        [*command, "--json"] if as_json else command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LEPTON_DATA": "kept"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(1 if as_json else 3)]
        process.send_signal(signal.SIGTERM)
        left, err = process.communicate(timeout=BACKSTOP)
    assert (process.returncode, left) == (0, ""), err
    key = (tmp_path / "kept" / "api_key").read_text().strip()
    if as_json:
        said = json.loads(lines[0])
        url = said["url"]
        assert said == {
            "url": url,
            "api_key": key,
            "data": str(tmp_path / "kept"),
            "console": said["console"],
        }
        console = said["console"]
    else:
        url = lines[0].strip().removeprefix("LEPTON_URL=")
        assert lines[1] == f"LEPTON_API_KEY={key}\n"
        console = lines[2].strip().removeprefix("LEPTON_CONSOLE=")
    assert re.fullmatch(re.escape(url) + r"/#/sign-in/lps_[0-9a-f]{64}", console)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)


def test_a_platform_that_cannot_start_says_so_in_json(lepton: Lepton) -> None:
    Path("kept").write_text("no folder")
    status, out, err = lepton("up", "--data", "kept", "--json")
    assert status == 2 and err.startswith("error: ")
    assert "is a file" in json.loads(out)["error"]["message"]


def test_the_algorithms_are_listed_and_what_can_be_set_is_what_train_takes(
    lepton: Lepton, table: Path
) -> None:
    status, out, _ = lepton("algorithms")
    names = [line.split()[0] for line in out.splitlines()]
    assert (status, names) == (0, ["algorithm", *sorted(ALGORITHMS)])
    assert [one["name"] for one in ok(lepton("algorithms", "--json"))] == sorted(ALGORITHMS)

    status, out, _ = lepton("algorithms", "decision_tree")
    assert out.startswith(
        "decision_tree (classification, regression); takes missing as they are\nOne decision tree"
    )
    assert "\n\nmin_samples_leaf  int  default 1  >= 1, <= 1e+07\n    The fewest rows in a leaf." in out
    described = ok(lepton("algorithms", "decision_tree", "--json"))
    depth = next(one for one in described["hyperparameters"] if one["name"] == "max_depth")
    assert (depth["type"], depth["low"], depth["default"]) == ("int", 1, None)
    status, out, err = lepton("algorithms", "forest")
    assert status == 1 and err.startswith("error: no algorithm 'forest'; there are: decision_tree, ")

    lepton("create", "t", "--algorithm", "decision_tree", "--task", "classification")
    lepton("upload", "t", str(table))
    assert ok(lepton("train", "t", "--set", "max_depth=2", "--json"))["hyperparameters"]["max_depth"] == 2
    status, _, err = lepton("train", "t", "--set", "max_deph=2")
    assert status == 1 and "no hyperparameter 'max_deph'; did you mean 'max_depth'?" in err
    status, _, err = lepton("create", "t", "--algorithm", "decision_tree", "--task", "regression")
    assert status == 1 and "exists with task classification, not regression" in err


def test_rows_and_classes_are_weighed(lepton: Lepton, table: Path) -> None:
    lepton("create", "w", "--algorithm", "logistic_regression")
    weighed = "".join(
        f"{line},{'weight' if at == 0 else at % 3}\n"
        for at, line in enumerate(table.read_text().splitlines())
    )
    table.write_text(weighed)
    lepton("upload", "w", str(table), "--label", "label")
    options = ("--weight", "weight", "--class-weight", "yes=2", "--class-weight", "no=0.5")
    version = ok(lepton("train", "w", *options, "--json"))
    assert (version["weight"], version["class_weight"]) == ("weight", {"yes": 2.0, "no": 0.5})
    assert ok(lepton("train", "w", "--class-weight", "balanced", "--json"))["class_weight"] == "balanced"
    status, _, err = lepton("train", "w", "--weight", "wait")
    assert status == 1 and "column 'wait': is not there" in err
    for wrong in (("even",), ("yes=2", "yes=3"), ("balanced", "yes=2"), ("yes=x",)):
        given = [part for one in wrong for part in ("--class-weight", one)]
        status, _, err = lepton("train", "w", *given)
        assert status == 2 and "is neither 'balanced' alone nor CLASS=NUMBER" in err


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_has_help_with_an_example(name: str, lepton: Lepton) -> None:
    status, out, _ = lepton(name, "--help")
    assert status == 0 and f"  lepton {name}" in out and "Example:" in out
    command = cli.get_command(click.Context(cli), name)
    parts = list(command.commands) if isinstance(command, click.Group) else [None]
    for part in parts:
        status, out, _ = lepton(*filter(None, [name, part]), "--help")
        assert status == 0 and "--json" in out


@pytest.mark.parametrize("name", [["upload"], ["data", "upload"], ["predict"], []])
def test_the_help_of_what_takes_a_file_names_each_form(name: list[str], lepton: Lepton) -> None:
    _, out, _ = lepton(*name, "--help")
    told = " ".join(out.split())
    forms = ["CSV", "JSON", "Parquet", "Arrow", "Excel"]
    if "upload" in name:
        forms += ["TSV", "NDJSON", "Feather", "gzip", "bzip2", "xz", "zip"]
    assert [form for form in forms if not re.search(rf"\b{form}\b", told)] == []
    assert "a CSV file" not in told


def test_the_help_lists_the_lifecycle_in_order(lepton: Lepton) -> None:
    status, out, _ = lepton("--help")
    listed = [line.split()[0] for line in out.split("Commands:")[1].splitlines() if line.strip()]
    assert status == 0 and listed == list(_COMMANDS)
    assert listed[:9] == [
        "create",
        "upload",
        "train",
        "evaluate",
        "deploy",
        "predict",
        "monitor",
        "update",
        "retire",
    ]
    assert lepton("--version")[1].startswith("lepton ")
    assert cli.name == "cli"


def test_alone_it_shows_the_help(lepton: Lepton) -> None:
    assert lepton() == lepton("--help")


def test_stdout_of_any_encoding_takes_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {}
    for encoding in ("ascii", "utf-8"):
        for as_json in (False, True):
            out = io.BytesIO()
            monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding))
            show({"größe": "年"}, as_json=as_json)
            sys.stdout.flush()
            shown[encoding, as_json] = out.getvalue().decode(encoding)
    assert shown["utf-8", False] == "{'größe': '年'}\n"
    assert shown["ascii", False] == "{'gr\\xf6\\xdfe': '\\u5e74'}\n"
    assert shown["utf-8", True] == '{"größe":"年"}\n'
    assert json.loads(shown["ascii", True]) == {"größe": "年"}


def test_hyperparameters_are_typed() -> None:
    given = ("l2=0.5", "patience=3", "optimizer=momentum", "x=true", "name=a=b", "batch_size=null")
    assert hyperparameters(given) == {
        "l2": 0.5,
        "patience": 3,
        "optimizer": "momentum",
        "x": True,
        "name": "a=b",
        "batch_size": None,
    }


def test_what_has_an_option_of_its_own_is_no_hyperparameter() -> None:
    named = [
        one.name for one in inspect.signature(Model.train).parameters.values() if one.kind != one.VAR_KEYWORD
    ]
    for name in named[1:]:
        with pytest.raises(click.BadParameter, match=f"use --.* instead of {name}"):
            hyperparameters((f"{name}=1",))


def test_a_second_file_is_held_out(lepton: Lepton, table: Path) -> None:
    lepton("create", "m", "--algorithm", "logistic_regression")
    head, *rows = table.read_text().splitlines(keepends=True)
    second = table.with_name("second.csv")
    second.write_text(head + "".join(rows[:40]))
    table.write_text(head + "".join(rows[40:]))
    for command in (("upload", "m"), ("data", "upload", "d")):
        done = ok(lepton(*command, str(table), "--held-out", str(second), "--label", "label", "--json"))
        assert (done["rows"], done["held_out"]) == (300, 40)
    version = ok(lepton("train", "m", "--json"))
    assert version["split"]["rule"] == "file-1"


def test_a_file_is_uploaded_with_the_same_options_for_a_model_and_for_a_data_set() -> None:
    for_model, for_data = upload.params, data.commands["upload"].params
    assert [one.to_info_dict() for one in for_model] == [one.to_info_dict() for one in for_data]
