"""`Model.set_threshold` and `lepton threshold`: said, kept, and in the labels of every way to predict."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Conflict, Data, InvalidInput, Labels, Model
from lepton_ai.cli import main
from lepton_ai.connect import connect
from lepton_core.evaluate import LabelRule
from tests.support.pasted import paste

RNG = np.random.default_rng(0)
ROWS = 600
FRAUD = np.arange(ROWS) % 20 == 0
SIZE = RNG.normal(size=ROWS) + 1.5 * FRAUD
NOISE = RNG.normal(size=ROWS)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Bookings of which one in twenty is a fraud, with gaps and a column of words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)
    towns = RNG.choice(["Bonn", "Ulm", ""], size=ROWS)
    with Path("bookings.csv").open("w") as file:
        print("size,town,fraud", file=file)
        for row in zip(SIZE.round(4), towns, np.where(FRAUD, "yes", "no"), strict=True):
            print(*row, sep=",", file=file)
    made = Model("logistic_regression", name="bookings", quiet=True)
    made.upload_data(Data.from_csv("bookings.csv", label="fraud", quiet=True))
    made.train()
    made.deploy()
    return made


def lepton(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_a_threshold_is_said_kept_and_served(model: Model) -> None:
    rows = [{"size": float(one), "town": "Ulm"} for one in np.linspace(-1, 4, 21)]
    before = model.predict(rows)
    assert before.rule is None
    found = model.set_threshold(recall=0.9)
    assert isinstance(found, Labels) and found.decision is not None
    assert found.decision.wish.label == "yes"  # the rarer one
    assert str(found).startswith(
        "bookings version 1 (deployed, so it labels like this from now on): 'yes' from P(yes) >= "
    )
    rule = found.decision.rule
    after = model.predict(rows)
    assert (
        after.rule == rule
        and f"label: {rule}" in str(after)
        and str(rule) in after._repr_html_().replace("&#x27;", "'").replace("&gt;", ">")
    )
    assert after.probabilities == before.probabilities
    assert rule.threshold is not None
    assert after.labels == ["yes" if one["yes"] >= rule.threshold else "no" for one in after.probabilities]
    assert after.labels != before.labels
    assert after[2:4].rule == rule
    alone = model.predict(rows[0])
    assert (alone.rule, alone.label) == (rule, after[0].label)
    assert str(rule) in str(model.deployment) and str(rule) in str(model.versions()[0])
    assert model.set_threshold().decision is None
    assert model.predict(rows) == before and model.predict(rows).rule is None


def test_an_evaluation_shows_its_figures_and_says_whose_they_are(model: Model) -> None:
    found = model.set_threshold(recall=0.9)
    shown = model.evaluate(folds=2)
    assert shown.decision == found.decision and found.decision is not None
    assert shown.held_out["accuracy"] == found.decision.accuracy != shown.metrics["accuracy"]
    assert shown.confusion is not None and shown.confusion[1][1] == found.decision.recall["yes"].hits
    assert f"labels of version 1, {found.decision}" in str(shown)
    assert "the folds, the segments and the comparison with no model are of the most probable class" in str(
        shown
    )


def test_a_rare_class_is_told_of_and_the_call_that_is_offered_works(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = model.train()
    assert trained.held_out is not None and trained.held_out.imbalance is not None
    shown = str(model.evaluate(folds=2))
    for said in trained.held_out.imbalance.sentences:
        assert said in trained.summary() and said in shown
    (way,) = trained.held_out.remedies("bookings")
    assert paste(way.said, {"model": model}).decision.wish.value == 0.9
    for step in ("train", "evaluate"):
        status, out, _ = lepton(capsys, step, "bookings")
        assert status == 0
        assert "lepton threshold bookings --recall 0.9 --label yes" in out and "set_threshold" not in out
    report = connect().call("GET", "/v1/models/bookings/versions/1/evaluation")
    assert report["imbalance"]["remedies"][0]["body"] == way.body


def test_a_wish_that_cannot_be_reached_says_the_best_as_a_call(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model("logistic_regression", name="noise", quiet=True)
    model.upload_data(Data.from_arrays(NOISE.reshape(-1, 1), np.where(FRAUD, "yes", "no")))
    model.train()
    with pytest.raises(InvalidInput) as error:
        model.set_threshold(precision=1.0, label="yes")
    (way,) = error.value.remedies
    found = paste(way.said, {"model": model})
    assert found.decision.precision["yes"].share >= way.body["precision"]
    status, _, err = lepton(capsys, "threshold", "noise", "--precision", "1", "--label", "yes")
    assert status == 1
    assert f"lepton threshold noise --precision {way.body['precision']} --label yes" in err


def test_a_deployment_says_which_rule_is_left_behind(model: Model) -> None:
    model.set_threshold(0.2)
    model.train()
    assert "version 1 had a rule for labels, 'yes' from P(yes) >= 0.2 on" in str(model.deploy())
    assert "rule for labels" not in str(model.deployment)


def test_folds_that_are_more_than_the_rows_of_a_class_are_said(model: Model) -> None:
    assert "fewer rows of 'yes' to train on than folds, 24 rows for 30 folds" in str(model.evaluate(folds=30))


def test_a_label_alone_says_nothing_and_a_model_without_a_version_has_no_labels(model: Model) -> None:
    with pytest.raises(InvalidInput, match="goes with a threshold"):
        model.set_threshold(label="yes")
    with pytest.raises(InvalidInput):
        model.set_threshold(0.3, recall=0.9)
    with pytest.raises(Conflict, match="no version yet"):
        Model("svm", name="new", quiet=True).set_threshold(0.5)


@pytest.mark.parametrize(
    ("options", "wish"),
    [
        (["--recall", "0.9"], ("recall", 0.9, "yes")),
        (["--precision", "0.1", "--label", "no"], ("precision", 0.1, "no")),
        (["--threshold", "0.25", "--version", "1"], ("threshold", 0.25, "yes")),
        (["--cost", "yes=50", "--cost", "no=2"], ("costs", None, None)),
    ],
)
def test_the_command_says_the_same(
    model: Model, capsys: pytest.CaptureFixture[str], options: list[str], wish: tuple[str, float, str]
) -> None:
    status, out, _ = lepton(capsys, "threshold", "bookings", *options)
    assert (status, out.strip()) == (0, str(Labels("bookings", 1, True, model.versions()[0].decision)))
    decision = json.loads(lepton(capsys, "threshold", "bookings", *options, "--json")[1])["decision"]
    assert tuple(decision["wish"][name] for name in ("by", "value", "label")) == wish
    assert decision["wish"]["costs"] == ({"yes": 50, "no": 2} if wish[0] == "costs" else None)
    assert lepton(capsys, "threshold", "bookings", "--none")[0] == 0
    assert model.versions()[0].decision is None


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--recall", "0.9", "--none"],
        ["--recall", "2"],
        ["--recall", "0"],
        ["--cost", "yes"],
        ["--cost", "yes=1", "--cost", "yes=2"],
        ["--cost", "yes=1", "--label", "yes"],
    ],
)
def test_wrong_usage_is_told(model: Model, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    status, _, err = lepton(capsys, "threshold", "bookings", *options)
    assert status == 2 and err.startswith("error: ")


def test_a_file_of_predictions_has_the_labels_of_the_rule(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    model.set_threshold(0.02, label="yes")
    status, _, err = lepton(capsys, "predict", "bookings", "bookings.csv", "-o", "out.csv")
    assert status == 0 and "label: 'yes' from P(yes) >= 0.02 on" in err
    with Path("out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ROWS
    assert all((row["label"] == "yes") == (float(row["P(yes)"]) >= 0.02) for row in rows)
    assert {row["label"] for row in rows} == {"yes", "no"}
    told = json.loads(lepton(capsys, "predict", "bookings", "--row", "size=1,town=Ulm", "--json")[1])
    assert told["rule"] == {"label": "yes", "threshold": 0.02, "costs": None}
    assert model.predict(Data.from_csv("bookings.csv", label="fraud", quiet=True)).rule == LabelRule(
        "yes", 0.02
    )


def test_classes_of_a_numeric_label_are_named_as_they_are(model: Model) -> None:
    numbers = Model("logistic_regression", name="numbers", quiet=True)
    numbers.upload_data(Data.from_arrays(SIZE.reshape(-1, 1), FRAUD.astype(int)))
    numbers.train()
    decision = numbers.set_threshold(recall=0.5, label=1).decision
    assert decision is not None and decision.rule.label == "1"
    costly = numbers.set_threshold(costs={0: 1, 1: 20}).decision
    assert costly is not None and costly.wish.costs == {"0": 1.0, "1": 20.0}
