"""The script with iterations, learning_rate and batch_size: each algorithm trains, or offers the call that does."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Data, InvalidInput, Model
from lepton_ai.cli import main
from lepton_ai.connect import connect
from lepton_ai.remedies import with_options
from lepton_core.models import ALGORITHMS
from tests.support.pasted import paste
from tests.support.waiting import until

WORDS = {"iterations": 15, "learning_rate": 0.05, "batch_size": 16}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    monkeypatch.setenv("LEPTON_DATA", str(tmp_path / "state"))
    monkeypatch.delenv("LEPTON_URL", raising=False)
    rng = np.random.default_rng(0)
    rows = [(rng.normal(), rng.choice(["Bonn", "Ulm"])) for _ in range(80)]
    lines = [f"{x:.3f},{town},{int(x + (town == 'Ulm') + rng.normal() > 0)}" for x, town in rows]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["x,town,y", *lines]) + "\n")
    return Data.from_csv(path, quiet=True)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_script_trains_or_is_one_step_away_from_it(data: Data, name: str) -> None:
    model = Model(name, name="m", quiet=True)
    model.upload_data(data)
    try:
        version = model.train(**WORDS)
    except InvalidInput as error:
        assert model.runs() == []
        version = paste(str(error.remedies[-1]), {"model": model})
    assert version.version == 1
    assert len(version.loss) > 0


@pytest.mark.parametrize("name", ["random_forest", "gradient_boosting"])
def test_a_command_and_a_request_are_offered_as_well(
    data: Data, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Model(name, name="m", quiet=True).upload_data(data)
    transport = connect()
    with pytest.raises(InvalidInput) as refused:
        transport.call("POST", "/v1/models/m/train", body={"hyperparameters": WORDS})
    asked = refused.value.failure.request
    assert asked is not None and asked.route == "train"
    run = transport.call("POST", "/v1/models/m/train", body=asked.body)
    until(lambda: transport.call("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded", "it is trained")
    capsys.readouterr()
    options = ["--iterations", "15", "--learning-rate", "0.05", "--set", "batch_size=16"]
    with pytest.raises(SystemExit):
        main(["train", "m", *options])
    (way,) = refused.value.remedies
    command = with_options(str(way), [way])
    assert capsys.readouterr().err.strip().endswith(f"; instead: {command}")
    with pytest.raises(SystemExit) as ended:
        main([*shlex.split(command.replace("NAME", "m"))[1:], "--json"])
    assert ended.value.code == 0
    first = transport.call("GET", "/v1/models/m/versions/1")
    assert json.loads(capsys.readouterr().out)["digest"] == first["digest"]
