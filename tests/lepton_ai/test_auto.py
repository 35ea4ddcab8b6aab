"""Automatic training through the SDK and the command: asked for, watched, and its leaderboard read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lepton_ai import Data, InvalidInput, Model, Trial
from lepton_ai.cli import main
from lepton_ai.embedded import close_all
from lepton_ai.trial import leaderboard_table
from tests.support.world import two_classes

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform

LINE = {
    "candidate": 3,
    "algorithm": "logistic_regression",
    "hyperparameters": {"l2": 0.01, "hidden": [3, 2]},
    "loss": 0.25,
    "folds": 8,
    "rung": 3,
    "seconds": 0.5,
}
FAILED = {
    **LINE,
    "candidate": 0,
    "hyperparameters": {},
    "loss": None,
    "folds": 0,
    "error": {"code": "diverged", "message": "training diverged"},
}


def test_a_search_is_asked_for_and_its_trials_are_shown(
    platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    platform.on("POST", "/v1/models/m/train", platform.run(state="queued", iterations=0))
    platform.on(
        "GET",
        "/v1/runs/run-1",
        platform.run(iterations=0, trial=3, trials=38),
        platform.run(iterations=0, trial=38, trials=38),
        platform.run(iteration=10, loss=[0.5], trial=38, trials=38),
        platform.run(
            iteration=100,
            loss=[0.5, 0.1],
            trial=38,
            trials=38,
            state="succeeded",
            version=1,
            outcome={"leaderboard": [LINE, FAILED]},
        ),
    )
    platform.on("GET", "/v1/models/m/versions/1", platform.version())
    model = Model("logistic_regression", "m", transport=platform)
    version = model.train(auto=True, trials=20, seconds=60.0, seed=7, l1=0.5)
    (body,) = platform.bodies("POST", "/v1/models/m/train")
    asked = {name: body[name] for name in ("auto", "trials", "seconds", "seed", "hyperparameters")}
    assert asked == {"auto": True, "trials": 20, "seconds": 60.0, "seed": 7, "hyperparameters": {"l1": 0.5}}
    assert [type(one) for one in version.leaderboard] == [Trial, Trial]
    best, failed = version.leaderboard
    assert str(best) == (
        "candidate 3: held-out loss 0.25 over 8 folds, logistic_regression(l2=0.01, hidden=[3, 2])"
    )
    assert str(failed) == "candidate 0: failed, logistic_regression(): training diverged"
    assert failed.error is not None and failed.error.code == "diverged"
    shown = capsys.readouterr().err.splitlines()
    assert shown[:4] == [
        "training m: measurement 3 of about 38",
        "training m: measurement 38 of about 38",
        "training m: iteration 10 of 100, objective 0.5",
        "training m: iteration 100 of 100, objective 0.1",
    ]


def test_without_a_search_nothing_is_said_of_one(platform: "FakePlatform") -> None:
    platform.on("POST", "/v1/models/m/train", platform.run(state="succeeded", version=1))
    platform.on("GET", "/v1/models/m/versions/1", platform.version())
    version = Model("logistic_regression", "m", quiet=True, transport=platform).train()
    (body,) = platform.bodies("POST", "/v1/models/m/train")
    assert not {"auto", "trials", "seconds"} & set(body)
    assert version.leaderboard == []


def test_the_table_names_what_was_tried() -> None:
    one = Trial(**{**LINE, "hyperparameters": {"l2": 0.01}})  # type: ignore[arg-type]
    assert leaderboard_table([one]).splitlines() == [
        "candidate  held-out loss  folds  seconds  tried",
        "3                   0.25      8      0.5  logistic_regression(l2=0.01)",
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_DATA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "train.csv").write_bytes(two_classes(120))
    yield tmp_path
    close_all()


def test_a_search_on_the_platform_in_this_process(folder: Path) -> None:
    model = Model("logistic_regression", "m", quiet=True)
    model.upload_data(Data.from_csv("train.csv", quiet=True))
    version = model.train(auto="hyperparameters", trials=4, seed=1)
    again = model.train(auto="hyperparameters", trials=4, seed=1)
    best = version.leaderboard[0]
    assert version.hyperparameters == {**best.hyperparameters, "seed": 1}
    assert again.digest == version.digest
    assert [one.loss for one in again.leaderboard] == [one.loss for one in version.leaderboard]
    run = model.follow(version.run)
    assert run.leaderboard == version.leaderboard
    assert run.trial == run.trials == sum(one.rung + 1 for one in version.leaderboard)
    assert [one.leaderboard for one in model.runs()] == [[], []]
    by_hand = model.train(seed=1, **best.hyperparameters)
    assert by_hand.digest == version.digest
    for wrong in (
        {"trials": 3},
        {"auto": "all"},
        {"auto": True, "trials": 500},
        {"auto": True, "seconds": -1},
    ):
        with pytest.raises(InvalidInput) as caught:
            model.train(**wrong)
        assert caught.value.field == next(reversed(wrong))


def test_a_search_by_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def lepton(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    lepton("create", "m", "--algorithm", "logistic_regression")
    lepton("upload", "m", "train.csv")
    status, out, err = lepton("train", "m", "--auto", "--own", "--trials", "3", "--set", "l1=0.001")
    assert status == 0, err
    lines = out.splitlines()
    assert lines[0].startswith("m version 1 (logistic_regression), trained on data m version 1: accuracy")
    assert [line.split()[0] for line in lines[1:4]] == ["class", "no", "yes"]
    del lines[1 : next(at for at, line in enumerate(lines) if line.startswith("candidate"))]
    assert lines[1].split() == ["candidate", "held-out", "loss", "folds", "seconds", "tried"]
    assert len(lines) == 5 and all("logistic_regression(l1=0.001" in line for line in lines[2:])
    assert " of about 15" in err and "training m: measurement " in err

    status, out, _ = lepton("train", "m", "--auto", "--own", "--seconds", "0.01", "--json")
    shown: dict[str, Any] = json.loads(out)
    assert (status, shown["version"]) == (0, 2)
    assert [one["folds"] for one in shown["leaderboard"]] == [1]
    status, out, _ = lepton("status", "m", "--run", shown["run"])
    assert status == 0 and out.splitlines()[1] == "candidate" + lines[1][9:]
    followed = json.loads(lepton("status", "m", "--run", shown["run"], "--json")[1])
    assert followed["outcome"]["leaderboard"] == [
        {name: one[name] for name in (*LINE, "error")} for one in shown["leaderboard"]
    ]

    for wrong in (["--trials", "3"], ["--algorithms"], ["--seconds", "3"]):
        status, _, err = lepton("train", "m", *wrong)
        assert status == 2 and "go with --auto only" in err
    status, _, err = lepton("train", "m", "--set", "trials=3")
    assert status == 2 and "use --trials instead of trials" in err
