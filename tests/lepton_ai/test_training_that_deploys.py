"""`model.train(deploy=True)` and `lepton train NAME --deploy`: what is trained serves, and both say so."""

from pathlib import Path

import pytest

from lepton_ai import Data, Model
from lepton_ai.cli import main
from lepton_ai.connect import connect
from tests.support.world import two_classes


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_DATA"):
        monkeypatch.delenv(name, raising=False)
    Path("rows.csv").write_bytes(two_classes(80))
    made = Model("logistic_regression", name="m")
    made.upload_data(Data.from_csv("rows.csv", label="label", quiet=True))
    return made


def test_the_version_serves_and_a_line_says_so(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    version = model.train(iterations=5, deploy=True)
    assert (version.version, model.champion) == (1, 1)
    assert capsys.readouterr().err.rstrip().splitlines()[-1] == str(model.deployment)
    (run,) = model.runs()
    assert run.outcome["deployed"] is True
    model.train(iterations=6)
    assert model.champion == 1


def test_a_rule_for_labels_that_is_left_behind_is_told(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    model.train(iterations=5, deploy=True)
    model.set_threshold(0.7, label="yes")
    model.train(iterations=5, deploy=True)
    assert "version 1 had a rule for labels" in capsys.readouterr().err.splitlines()[-1]


def test_the_command_deploys_too(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "m", "--iterations", "5", "--deploy"])
    assert not ended.value.code
    assert model.champion == 1
    asked = connect().call("GET", "/v1/runs")["items"][0]["asked"]
    assert asked == {"iterations": 5, "deploy": True}
