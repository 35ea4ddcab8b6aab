"""Rollouts in the SDK and the command, over an embedded platform."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lepton_ai import Conflict, Data, InvalidInput, Model, NotFound
from lepton_ai.cli import main
from tests.support.world import two_classes

ROW = {"a": 0.1, "b": 0.2}


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Version 1 serves, and version 2 is there."""
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_DATA"):
        monkeypatch.delenv(name, raising=False)
    Path("rows.csv").write_bytes(two_classes(80))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv("rows.csv", label="label", quiet=True))
    made.train(iterations=5, refit=False, deploy=True)
    made.train(iterations=6, refit=False)
    return made


def test_a_canary_is_tried_paused_promoted_and_taken_back(model: Model) -> None:
    deployed = model.deploy(2, canary=0.25, bake_minutes=30, approval=True)
    assert [(one.version, one.weight) for one in deployed.routes] == [(1, 0.75), (2, 0.25)]
    assert str(deployed).startswith("m serving version 1 (75%), version 2 (25%) at ")
    assert str(deployed).endswith("UTC, then needs an approval")
    assert str(model.pause()).endswith("version 2 is paused")
    assert model.unpause().rollout is not None
    assert model.deploy(2, canary=0.5).routes[1].weight == 0.5
    assert model.champion == 1
    assert (model.promote().routes[0].version, model.champion) == (2, 2)
    assert (model.rollback().routes[0].version, model.champion) == (1, 1)
    with pytest.raises(Conflict, match="no version of model 'm' is being rolled out"):
        model.pause()
    causes = [one.cause for one in model.history()]
    assert causes == ["rolled back", "promoted", "weight", "resumed", "paused", "canary", "trained"]
    assert [str(one).split("  ")[1] for one in model.history(2)] == [
        "rolled back by owner, serves version 1 (100%)",
        "promoted by owner, serves version 2 (100%)",
    ]


def test_what_served_then_is_put_back(model: Model) -> None:
    then = datetime.now(UTC)
    model.deploy(2, bake_minutes=0)
    assert model.deploy(served_at=then).routes[0].version == 1
    with pytest.raises(NotFound, match="served nothing at"):
        model.deploy(served_at="2001-01-01T00:00:00Z")


def test_an_entity_has_always_the_same_version_and_a_call_of_many_rows_one(model: Model) -> None:
    model.deploy(2, canary=0.5)
    for entity in ("anna", "Zoë", "x" * 200):
        versions = {model.predict([ROW], entity=entity).version for _ in range(8)}
        assert len(versions) == 1
    assert {model.predict([ROW]).version for _ in range(30)} == {1, 2}
    assert model.predict(ROW, entity="anna").label in ("yes", "no")
    with pytest.raises(InvalidInput, match="not empty") as refused:
        model.predict(ROW, entity=" ")
    assert refused.value.field == "entity"


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_commands_do_the_same(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> Any:
        assert command(*arguments, "--json") == 0
        return json.loads(capsys.readouterr().out)

    asked = ("deploy", "m", "--version", "2", "--canary", "0.25", "--bake-minutes", "30", "--approval")
    assert told(*asked)["rollout"]["approval"] is True
    assert told("pause", "m")["rollout"]["paused"] is True
    assert told("unpause", "m")["rollout"]["paused"] is False
    assert told("predict", "m", "--row", "a=1,b=2", "--entity", "anna")["version"] in (1, 2)
    assert told("promote", "m")["routes"][0]["version"] == 2
    assert told("rollback", "m")["routes"][0]["version"] == 1
    assert [one["cause"] for one in told("history", "m", "--limit", "2")] == ["rolled back", "promoted"]
    assert command("history", "m") == 0
    assert "canary by owner, serves version 1 (75%) and version 2 (25%)" in capsys.readouterr().out
    assert command("promote", "m") == 1
    assert "is being rolled out" in capsys.readouterr().err
    assert command("deploy", "m", "--canary", "1.5") == 2


def test_a_policy_with_a_canary_is_set_shown_and_taken_back(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    model.set_policy(margin=0.05, canary=0.1, bake_minutes=120, approval=True)
    assert model.policy["canary"] == 0.1 and model.policy["approval"] is True
    assert command("policy", "m", "--update", "manual", "--canary", "0.2") == 0
    said = capsys.readouterr().out.splitlines()
    assert {"update: manual", "margin: 0.05", "canary: 0.2", "bake_minutes: 120.0", "approval: true"} <= {
        *said
    }
    assert command("policy", "m", "--at-once", "--json") == 0
    assert json.loads(capsys.readouterr().out) == model.policy
    assert (model.policy["canary"], model.policy["approval"], model.policy["margin"]) == (None, False, 0.05)
    assert command("policy", "m", "--at-once", "--approval") == 2
    assert command("policy", "m", "--approval") == 1
    assert "only a canary waits for one" in capsys.readouterr().err


SETTINGS = {
    "update": "manual",
    "margin": 0.05,
    "tolerance": 0.5,
    "least_interval": 60.0,
    "held": "train",
    "canary": 0.1,
    "bake_minutes": 120.0,
    "approval": True,
}
"""What none of them is by default."""


@pytest.mark.parametrize("field", SETTINGS)
def test_each_setting_of_a_policy_gets_its_default_again_and_no_other_does(
    model: Model, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    default = model.policy
    assert default.keys() == SETTINGS.keys()
    before = {**SETTINGS, "approval": field == "approval"}  # without a canary none is possible
    model.set_policy(**before)
    option = field.replace("_", "-")
    assert command("policy", "m", "--default", option, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {**before, field: default[field]} == model.policy
    also = (f"--{option}",) if field == "approval" else (f"--{option}", str(SETTINGS[field]))
    assert command("policy", "m", "--default", option, *also) == 2
    assert f"--{option} and --default {option} exclude each other" in capsys.readouterr().err
    assert command("policy", "m", "--at-once", "--default", option, "--json") == 0


def test_the_policy_of_before_stays_where_a_setting_cannot_get_its_default_alone(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    model.set_policy(canary=0.1, approval=True)
    before = model.policy
    assert command("policy", "m", "--default", "canary") == 1
    assert "only a canary waits for one" in capsys.readouterr().err
    assert model.policy == before
    assert command("policy", "m", "--default", "canary", "--default", "approval") == 0
    assert (model.policy["canary"], model.policy["approval"]) == (None, False)


@pytest.mark.parametrize("field", ["margin", "tolerance", "least_interval", "canary", "bake_minutes"])
def test_no_number_of_a_policy_takes_a_setting_back_unseen(model: Model, field: str) -> None:
    """JSON has null for NaN, which means the default."""
    model.set_policy(canary=0.1, bake_minutes=120)
    for wrong in (float("nan"), float("inf"), np.float64("nan")):
        with pytest.raises(InvalidInput, match=f"^{field} must be a finite number") as found:
            model.set_policy(**{"canary": 0.1, field: wrong})
        assert found.value.field == field
    assert command("policy", "m", f"--{field.replace('_', '-')}", "nan") > 0
    assert (model.policy["canary"], model.policy["bake_minutes"]) == (0.1, 120)
    model.set_policy(**{"canary": 0.1, field: np.float32(0.5)})
    assert model.policy[field] == 0.5


def test_an_update_says_what_became_of_its_canary(model: Model) -> None:
    Path("more.csv").write_bytes(two_classes(160, seed=1))
    model.set_policy("manual", tolerance=1e6, canary=0.1)
    model.upload_data(Data.from_csv("more.csv", label="label", quiet=True))
    update = model.update()
    assert not update.promoted and update.rollout is not None and update.rollout["canary"] == 0.1
    assert str(update).startswith("m version 3 is a canary with 10% of the calls (watched): held-out loss ")
    model.rollback()
    again = model.update()
    assert again.nothing_new and "which was a canary, and was rolled back (owner): " in str(again)
    model.deploy(3, canary=0.1)
    model.promote()
    assert model.update().rollout == {"state": "rolled back", "by": "owner"}
