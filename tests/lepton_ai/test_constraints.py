"""Signs and groups by SDK, command and request: kept by versions, updates, folds and blends; refused with a way on."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Data, InvalidInput, Model, Split
from lepton_ai.cli import main
from lepton_ai.connect import connect
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.remedies import with_options
from lepton_core.remedy import training
from tests.support.pasted import paste
from tests.support.waiting import until

SIGNS = {"age": 1, "income": -1}
GROUPS = [["age", "income"], ["town"]]
ROWS = 150


def write(path: Path, seed: int) -> Path:
    """A table of numbers with gaps, a category and dates, in which age first helps and then does not."""
    rng = np.random.default_rng(seed)
    lines = ["joined,age,income,town,paid"]
    for _ in range(ROWS):
        age, income, town = rng.integers(18, 90), rng.normal(3e4, 9e3), rng.choice(["Bonn", "Ulm", "Jena"])
        score = np.sin(age / 9) + age / 40 - income / 3e4 + (town == "Ulm") + rng.normal()
        cells = (
            f"2023-{rng.integers(1, 13):02}-{rng.integers(1, 28):02}",
            age if rng.random() > 0.1 else "",
            f"{income:.2f}" if rng.random() > 0.1 else "",
            town,
            "yes" if score > 1 else "no",
        )
        lines.append(",".join(map(str, cells)))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEPTON_DATA", str(tmp_path / "state"))
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "rows.csv", 0)


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(tmp_path / "embedded")
    yield made
    made.close()


def made(transport: EmbeddedTransport, path: Path, algorithm: str) -> Model:
    model = Model(algorithm, name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(path, quiet=True))
    return model


def demand_signs(model: Model) -> None:
    """The log-odds of the second class keep to `SIGNS`."""
    grids = {"age": range(15, 95, 4), "income": range(0, 90_000, 5_000)}
    for column, sign in SIGNS.items():
        for town in ("Ulm", "Jena", None):
            row = {"age": 44, "income": 28_000, "town": town, "joined": "2023-03-04"}
            found = model.predict([{**row, column: value} for value in grids[column]]).to_numpy()
            odds = np.log(np.maximum(found[:, 1], 1e-300) / np.maximum(found[:, 0], 1e-300))
            assert (sign * np.diff(odds)).min() >= -1e-9


@pytest.mark.sampled(2)
@pytest.mark.parametrize("algorithm", ["gradient_boosting", "random_forest", "decision_tree"])
def test_versions_updates_and_folds_keep_to_them(
    transport: EmbeddedTransport, path: Path, algorithm: str
) -> None:
    model = made(transport, path, algorithm)
    given = {"trees": 20} if algorithm == "random_forest" else {}
    version = model.train(monotone=SIGNS, interactions=GROUPS, **given)
    said = {"monotone": SIGNS, "interactions": GROUPS}
    assert {name: version.hyperparameters[name] for name in said} == said
    model.deploy()
    demand_signs(model)
    evaluation = model.evaluate(2)
    assert evaluation is not None
    model.upload_data(Data.from_csv(write(path, 1), quiet=True))
    model.update()
    newest = model.versions()[-1]
    assert newest.version == 2
    assert {name: newest.hyperparameters[name] for name in said} == said
    model.deploy(2)
    demand_signs(model)


@pytest.mark.slow
@pytest.mark.lengthy
def test_a_search_leaves_out_who_keeps_to_no_signs_and_its_blend_keeps_to_them(
    transport: EmbeddedTransport, path: Path
) -> None:
    model = made(transport, path, "gradient_boosting")
    version = model.train(auto=True, trials=4, monotone=SIGNS)
    tried = {one.algorithm for one in version.leaderboard}
    assert tried <= {"gradient_boosting", "random_forest", "decision_tree"}
    assert len(tried) > 1
    members = [one.hyperparameters for one in version.members] or [version.hyperparameters]
    assert all(one["monotone"] == SIGNS for one in members)
    model.deploy()
    demand_signs(model)


def test_what_cannot_be_is_refused_before_anything_begins_and_what_is_offered_trains(
    transport: EmbeddedTransport, path: Path
) -> None:
    model = made(transport, path, "decision_tree")
    for wrong in (
        {"monotone": {"agee": 1}},
        {"monotone": {"town": 1, "age": 1}},
        {"interactions": [["age", "paid"]]},
    ):
        with pytest.raises(InvalidInput) as caught:
            model.train(max_depth=3, **wrong)
        assert caught.value.field == next(iter(wrong))
        assert model.runs() == []
    version = paste(str(caught.value.remedies[0]), {"model": model, "Split": Split})
    assert version.hyperparameters == {"max_depth": 3, "interactions": [["age"]], "seed": 0}


def test_a_label_of_three_classes_has_no_signs(transport: EmbeddedTransport, path: Path) -> None:
    path.write_text(path.read_text().replace("Bonn,yes", "Bonn,maybe", 9))
    model = made(transport, path, "decision_tree")
    with pytest.raises(InvalidInput, match="the label has 3 classes"):
        model.train(monotone=SIGNS)
    assert model.train(interactions=GROUPS).version == 1


def test_a_column_of_yes_and_no_has_a_sign_and_gaps(transport: EmbeddedTransport, path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [(rng.choice(["yes", "no", ""]), rng.normal()) for _ in range(ROWS)]
    lines = [f"{member},{x:.3f},{x - (member == 'yes') + rng.normal():.3f}" for member, x in rows]
    path.write_text("\n".join(["member,x,y", *lines]) + "\n")
    model = made(transport, path, "random_forest")
    model.train(trees=10, monotone={"member": 1})
    model.deploy()
    no, yes = model.predict([{"member": one, "x": 0.3} for one in ("no", "yes")]).to_numpy()
    assert no <= yes


def test_a_command_and_a_request_say_the_same(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = Model("decision_tree", name="m", quiet=True)
    model.upload_data(Data.from_csv(path, quiet=True))
    by_call = model.train(monotone=SIGNS, interactions=GROUPS)
    capsys.readouterr()
    given = ("--monotone", "age=1", "--monotone", "income=-1", "--interactions", "age,income")
    main_says("train", "m", *given, "--interactions", "town", "--json")
    by_command = json.loads(capsys.readouterr().out)
    assert by_command["hyperparameters"] == by_call.hyperparameters
    assert by_command["digest"] == by_call.digest
    body = {"hyperparameters": {"monotone": SIGNS, "interactions": GROUPS}}
    transport = connect()
    run = transport.call("POST", "/v1/models/m/train", body=body)
    until(lambda: transport.call("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded", "it is trained")
    assert transport.call("GET", "/v1/models/m/versions/3")["digest"] == by_call.digest


@pytest.mark.parametrize(
    ("given", "its_command"),
    [
        (
            {"trees": 20, "iterations": 5, "learning_rate": 0.1},
            "--set trees=20 --iterations 5 --learning-rate 0.1",
        ),
        ({"monotone": {"age": 1, "net pay": -1}}, "--monotone age=1 --monotone 'net pay=-1'"),
        ({"interactions": [["age", "pay"], ["zip"]]}, "--interactions age,pay --interactions zip"),
        ({"interactions": [["a,b"]]}, """--set 'interactions=[["a,b"]]'"""),
        ({"kernel": "rbf", "hidden": [6, 2]}, "--set kernel=rbf --set 'hidden=[6, 2]'"),
    ],
)
def test_a_training_in_an_error_is_a_command(given: dict[str, object], its_command: str) -> None:
    way = training(hyperparameters=given)
    assert with_options(f"instead: {way}", [way]) == f"instead: lepton train NAME {its_command}"
    assert way.body == {"hyperparameters": given}


def test_what_the_command_does_not_understand_is_named(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Model("decision_tree", name="m", quiet=True)
    for wrong in (("--monotone", "age"), ("--monotone", "age=2"), ("--monotone", "a=1", "--monotone", "a=1")):
        main_says("train", "m", *wrong, code=2)
        assert "is not COLUMN=1 or COLUMN=-1" in capsys.readouterr().err
    main_says("train", "m", "--set", "monotone={}", code=2)
    assert "use --monotone instead" in capsys.readouterr().err
    main_says("train", "m", "--set", "interactions=[]", "--interactions", "a", code=2)
    assert "interactions is there twice" in capsys.readouterr().err


def main_says(*arguments: str, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments])
    assert ended.value.code == code
