"""A rule for labels is kept with its version, and labels wherever that version answers."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from functions.records import find
from functions.records.files import File
from functions.records.kinds import DEPLOYMENTS, VERSIONS, number
from functions.storage import Records
from functions.training.labels import chosen_again, kept_of
from lepton_core.decision import choose
from lepton_core.evaluate import LabelRule, LabelWish
from lepton_core.outcomes import outcomes
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

PATH = "/v1/models/m/versions/1/threshold"
ROWS = {"rows": [{"a": float(a), "b": 0.2} for a in np.linspace(-2.0, 2.0, 41)]}


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(300), iterations=50)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def predicted(here: World) -> Any:
    return here.ok("POST", "/v1/models/m/predict", ROWS)


def yes_from(answer: Any, threshold: float) -> None:
    for one in answer["predictions"]:
        assert one["label"] == ("yes" if one["probabilities"]["yes"] >= threshold else "no")


def test_a_deployed_version_labels_by_its_rule_at_once_and_its_probabilities_stay(here: World) -> None:
    before = predicted(here)
    assert "rule" not in before
    found = here.ok("PUT", PATH, {"recall": 0.97, "label": "yes"})
    assert found["serving"] is True
    rule = found["decision"]["rule"]
    assert rule["label"] == "yes" and 0 < rule["threshold"] < 0.5
    after = predicted(here)
    assert after["rule"] == rule
    yes_from(after, rule["threshold"])
    assert [one["label"] for one in after["predictions"]] != [one["label"] for one in before["predictions"]]
    assert [one["probabilities"] for one in after["predictions"]] == [
        one["probabilities"] for one in before["predictions"]
    ]
    assert here.ok("GET", "/v1/models/m/deployment")["routes"] == [
        {"version": 1, "weight": 1.0, "rule": rule}
    ]
    assert here.ok("DELETE", PATH) == {"model": "m", "version": 1, "serving": True, "decision": None}
    assert predicted(here) == before
    assert here.ok("DELETE", PATH)["decision"] is None


def test_the_artifact_is_not_touched_and_the_same_wish_writes_nothing_again(here: World) -> None:
    store = here.platform.workspace("default")
    before = find.version(store, "m", 1).value
    here.ok("PUT", PATH, {"precision": 0.9})
    one, deployed = find.version(store, "m", 1), find.deployment(store, "m")
    assert (one.value.files, one.value.metrics) == (before.files, before.metrics)
    here.ok("PUT", PATH, {"precision": 0.9})
    assert find.version(store, "m", 1).revision == one.revision
    assert find.deployment(store, "m").revision == deployed.revision
    assert here.ok("GET", "/v1/models/m/versions/1")["decision"]["wish"]["value"] == 0.9


@pytest.mark.parametrize("background", [False, True])
def test_another_process_labels_so_within_the_time_that_a_deployment_takes(
    here: World, background: bool
) -> None:
    other = here.again(background=background)
    assert "rule" not in predicted(other)
    loaded = other.platform.loaded.get("default", "m")
    here.ok("PUT", PATH, {"threshold": 0.2, "label": "yes"})
    other.clock.forward(other.platform.settings.route_cache_seconds + 1)
    other.platform.loaded.tick()
    yes_from(predicted(other), 0.2)
    assert other.platform.loaded.get("default", "m") is loaded  # nothing is loaded anew, and its counts go on


def test_rows_that_are_told_apart_and_explained_ones_are_labelled_alike(here: World) -> None:
    here.ok("PUT", PATH, {"threshold": 0.1, "label": "yes"})
    for body in ({"explain": True}, {"row_errors": True}):
        answer = here.ok("POST", "/v1/models/m/predict", {**ROWS, **body})
        yes_from(answer, 0.1)
        assert answer["rule"] == {"label": "yes", "threshold": 0.1, "costs": None}
    body = {"rows": [{"a": "what", "b": 1.0}], "row_errors": True}
    assert here.ok("POST", "/v1/models/m/predict", body)["rule"]["threshold"] == 0.1


def test_the_label_that_a_rule_makes_is_in_its_set(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(300), uncertainty=True)
    here.ok("POST", "/v1/models/m/deploy", {})
    usual = here.ok("POST", "/v1/models/m/predict", {**ROWS, "coverage": 0.6})["predictions"]
    here.ok("PUT", PATH, {"threshold": 0.05, "label": "yes"})
    ruled = here.ok("POST", "/v1/models/m/predict", {**ROWS, "coverage": 0.6})["predictions"]
    assert [one["label"] for one in ruled] != [one["label"] for one in usual]
    for one, before in zip(ruled, usual, strict=True):
        more = [] if one["label"] in before["plausible"] else [one["label"]]
        assert one["plausible"] == [*before["plausible"], *more]


def test_an_evaluation_at_a_rule_does_not_offer_what_is_done(store: Store) -> None:
    here = world(store)
    rng = np.random.default_rng(0)
    score = rng.normal(size=600)
    label = np.where(score + rng.normal(size=600) > 2.4, "yes", "no").tolist()
    here.trained(csv_of({"a": score.tolist(), "label": label}))
    evaluation = "/v1/models/m/versions/1/evaluation"
    before = here.ok("GET", evaluation)["imbalance"]
    assert before["remedies"] and "model.set_threshold(" in before["sentences"][-1]
    here.ok("PUT", PATH, {"recall": 0.5})
    after = here.ok("GET", evaluation)["imbalance"]
    card = here.ask("GET", "/v1/models/m/versions/1/card")[1]
    assert "set_threshold" not in card and "Labels: " in card
    assert after == {**before, "sentences": before["sentences"][:-1], "remedies": []}
    here.ok("DELETE", PATH)
    assert here.ok("GET", evaluation)["imbalance"] == before


def test_a_call_that_is_offered_for_a_version_names_it_where_it_is_not_the_newest(store: Store) -> None:
    """Pasted, it must not set the rule of another version."""
    here, rng = world(store), np.random.default_rng(0)
    score = rng.normal(size=600)
    label = np.where(rng.random(600) < 0.06, "yes", "no").tolist()
    for _ in range(2):
        here.trained(csv_of({"a": score.tolist(), "label": label}))
    for version in (1, 2):
        path = f"/v1/models/m/versions/{version}"
        error = here.refused("PUT", f"{path}/threshold", {"precision": 1.0, "label": "yes"})
        few = here.ok("GET", f"{path}/evaluation")["imbalance"]
        for said, way in (
            (error["message"], error["remedies"][0]),
            (few["sentences"][-1], few["remedies"][0]),
        ):
            assert (way["version"], way["route"]) == (version, "threshold")
            assert said.endswith(way["said"]) and f"version={version})" in way["said"]
            assert here.ok("PUT", f"{path}/threshold", way["body"])["decision"]
            here.ok("DELETE", f"{path}/threshold")


def test_a_version_that_is_deployed_later_brings_its_rule_along(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 5})
    found = here.ok("PUT", "/v1/models/m/versions/2/threshold", {"threshold": 0.3, "label": "yes"})
    assert found["serving"] is False
    assert "rule" not in predicted(here)
    here.ok("POST", "/v1/models/m/deploy", {})
    yes_from(predicted(here), 0.3)
    back = here.ok("POST", "/v1/models/m/deploy", {"version": 1})
    assert "rule" not in predicted(here)
    assert back["note"] == (
        "version 2 had a rule for labels, 'yes' from P(yes) >= 0.3 on; version 1 has none, so the label is the most "
        "probable class"
    )
    assert "note" not in here.ok("POST", "/v1/models/m/deploy", {"version": 1})
    assert "note" not in here.ok("GET", "/v1/models/m/deployment")


def test_an_evaluation_shows_the_figures_at_the_rule(here: World) -> None:
    path = "/v1/models/m/versions/1/evaluation"
    before = here.ok("GET", path)
    decision = here.ok("PUT", PATH, {"recall": 1.0, "label": "yes"})["decision"]
    after = here.ok("GET", path)
    assert after["decision"] == decision
    (_, found) = after["confusion"]
    assert found[0] == 0 and sum(found) == sum(before["confusion"][1])
    assert after["accuracy"] == decision["accuracy"]
    assert after["per_class"]["yes"]["recall"] == 1.0
    assert after["per_class"]["yes"]["precision"] == decision["precision"]["yes"]["share"]
    assert after["recall"] == pytest.approx(np.mean([one["recall"] for one in after["per_class"].values()]))
    for name in ("log_loss", "auc", "brier", "roc", "calibration", "baselines"):
        assert after[name] == before[name]
    here.ok("DELETE", PATH)
    assert here.ok("GET", path) == before


def test_an_update_chooses_anew_by_the_same_wish_and_says_so(here: World) -> None:
    here.ok("PUT", PATH, {"recall": 0.95, "label": "yes"})
    here.upload(two_classes(600, seed=1))
    run = here.ok("POST", "/v1/models/m/update", {})
    outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert outcome["promoted"] is True
    old, new = (here.ok("GET", f"/v1/models/m/versions/{one}")["decision"] for one in (1, 2))
    assert new["wish"] == old["wish"]
    assert new["rows"] > old["rows"]
    assert new["recall"]["yes"]["share"] >= 0.95
    assert outcome["reason"].endswith(
        f"; labels by the champion's recall 0.95 of 'yes', chosen anew: {new['sentence']}"
    )
    assert predicted(here)["rule"] == new["rule"]


def test_a_wish_that_the_challenger_cannot_have_leaves_it_the_champions_rule(here: World) -> None:
    here.ok("PUT", PATH, {"precision": 1.0, "label": "yes"})
    store = here.platform.workspace("default")
    version = find.version(store, "m", 1).value
    assert version.decision is not None
    rng = np.random.default_rng(0)
    noise = {"a": rng.normal(size=400).tolist(), "b": rng.normal(size=400).tolist()}
    here.trained(csv_of({**noise, "label": rng.choice(["no", "yes"], 400).tolist()}), model="dice")
    dice = find.version(store, "dice", 1).value
    kept = kept_of(store, dice)
    assert max(f / (f + a) for f, a in zip(kept.found, kept.alarms, strict=True)) < 1.0
    changed, said = chosen_again(store, dice, version.decision)
    assert changed.decision is not None
    assert (changed.decision.wish, changed.decision.rule) == (version.decision.wish, version.decision.rule)
    assert said.startswith("; labels by the champion's own rule, for no threshold has a precision of 1 on ")
    assert "set_threshold" not in said


def test_a_challenger_of_other_classes_has_no_rule_and_it_is_said(here: World) -> None:
    here.ok("PUT", PATH, {"recall": 0.9, "label": "yes"})
    store = here.platform.workspace("default")
    version = find.version(store, "m", 1).value
    assert version.decision is not None
    here.trained(two_classes(100).replace(b"yes", b"blue"), model="other")
    changed, said = chosen_again(store, find.version(store, "other", 1).value, version.decision)
    assert changed.decision is None
    assert said == "; labels have no rule any more: 'yes' is not one of the classes blue, no"


def test_of_three_classes_costs_decide(store: Store) -> None:
    here, rng = world(store), np.random.default_rng(0)
    a = rng.normal(size=300)
    label = np.array(["low", "middle", "high"])[np.digitize(a + rng.normal(scale=0.7, size=300), [-0.5, 0.5])]
    here.trained(csv_of({"a": a.tolist(), "label": label.tolist()}))
    here.ok("POST", "/v1/models/m/deploy", {})
    found = here.ok("PUT", PATH, {"costs": {"high": 20}})["decision"]
    assert found["cost"] < found["usual_cost"]
    rows = {"rows": [{"a": float(one)} for one in np.linspace(-2.0, 2.0, 41)]}
    answer = here.ok("POST", "/v1/models/m/predict", rows)
    assert answer["rule"] == {"label": None, "threshold": None, "costs": {"high": 20.0}}
    for one in answer["predictions"]:
        worth = {name: p * (20 if name == "high" else 1) for name, p in one["probabilities"].items()}
        assert one["label"] == max(worth, key=lambda name: worth[name])
    shown = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    assert shown["per_class"]["high"]["recall"] == found["recall"]["high"]["share"]
    error = here.refused("PUT", PATH, {"recall": 0.9})
    (way,) = error["remedies"]
    assert (error["field"], way["route"], way["of"]) == ("recall", "threshold", "m")
    assert here.ok("PUT", PATH, way["body"])["decision"]["rule"]["costs"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "threshold"),
        ({"recall": 0.9, "precision": 0.9}, "precision"),
        ({"recall": 0.0}, "recall"),
        ({"threshold": 1.5}, "threshold"),
        ({"recall": 0.9, "label": "maybe"}, "label"),
        ({"costs": {"yes": -1}}, "costs"),
        ({"costs": {"yes": 1e13}}, "costs"),
        ({"costs": {"maybe": 1}}, "costs"),
        ({"costs": {"yes": 5}, "label": "yes"}, "label"),
        ({"precisoin": 0.9}, None),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(here: World, body: Any, field: str | None) -> None:
    before = here.ok("PUT", PATH, {"threshold": 0.4})
    error = here.refused("PUT", PATH, body)
    assert error["status"] == 400
    assert field is None or error["field"] == field
    assert here.ok("GET", "/v1/models/m/versions/1")["decision"] == before["decision"]


def test_what_has_no_labels_or_is_not_there_or_retired_is_refused(here: World) -> None:
    here.trained(
        csv_of({"a": [1.5, 2.5, 3.5] * 20, "label": [2.5, 4.1, 6.3] * 20}),
        model="price",
        algorithm="linear_regression",
    )
    assert here.refused("PUT", "/v1/models/price/versions/1/threshold", {"recall": 0.9})["field"] == "recall"
    assert here.refused("PUT", "/v1/models/m/versions/7/threshold", {"recall": 0.9})["status"] == 404
    here.ok("POST", "/v1/models/m/retire", {})
    assert here.refused("PUT", PATH, {"recall": 0.9})["status"] == 409
    assert here.refused("DELETE", PATH)["status"] == 409


def test_a_version_of_before_rules_says_to_train_again(here: World) -> None:
    store = here.platform.workspace("default")
    file = find.version(store, "m", 1).value.evaluation
    stored = here.platform.blobs.get(file.key)
    assert b'"outcomes":{' in stored
    without = stored[: stored.index(b',"outcomes"')] + b"}"
    here.platform.blobs.put(file.key + "-1", without)
    found = find.version(store, "m", 1)
    old = replace(found.value, evaluation=File(file.key + "-1", ""))
    store.write(store.put(VERSIONS, "m", number(1), value=old, expect=found.revision))
    wish = LabelWish("recall", 0.9, "yes")
    decision = choose(wish, outcomes(np.array([0, 1]), np.eye(2), ["no", "yes"]))
    changed, said = chosen_again(store, old, decision)
    assert changed.decision is None
    assert said.startswith("; labels have no rule any more: version 1 of model 'm' was trained before")
    assert said.endswith("train it again")
    error = here.refused("PUT", PATH, {"recall": 0.9})
    assert error["status"] == 409
    assert error["message"].endswith("train it again: Model(name='m').train(refit=False, iterations=50)")
    assert here.ok("DELETE", PATH)["decision"] is None


class Meanwhile:
    """Records where something happens once, before a write that names a kind."""

    def __init__(self, inner: Records) -> None:
        self._inner = inner
        self.get, self.query = inner.get, inner.query
        self.act: Any = None
        self.kind = ""

    def write(self, writes: Any) -> None:
        act = self.act
        if act is not None and any(f"/{self.kind}" in one.partition for one in writes):
            self.act = None
            act()
        self._inner.write(writes)


def test_a_rule_that_is_set_while_its_version_is_deployed_is_served(here: World, store: Store) -> None:
    """Whichever of both is written first, the other one sees it."""
    between = Meanwhile(store.records)
    slow = here.again(records=between)
    here.ok("POST", "/v1/models/m/train", {"iterations": 5})
    path = "/v1/models/m/versions/2/threshold"
    between.kind = DEPLOYMENTS.name
    between.act = lambda: here.ok("PUT", path, {"threshold": 0.3, "label": "yes"})
    slow.ok("POST", "/v1/models/m/deploy", {})
    yes_from(predicted(slow), 0.3)
    here.ok("POST", "/v1/models/m/deploy", {"version": 1})
    here.ok("DELETE", path)
    between.act = lambda: here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    found = slow.ok("PUT", path, {"threshold": 0.2, "label": "yes"})
    assert found["serving"] is True
    yes_from(predicted(here.again()), 0.2)


def test_a_wish_that_is_set_while_the_challenger_is_promoted_goes_with_it(here: World, store: Store) -> None:
    between = Meanwhile(store.records)
    slow = here.again(records=between)
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    here.upload(two_classes(600, seed=1))
    between.kind = VERSIONS.name
    between.act = lambda: here.ok("PUT", PATH, {"threshold": 0.2, "label": "yes"})
    slow.ok("POST", "/v1/models/m/update", {})
    assert between.act is None
    (share,) = find.deployment(here.platform.workspace("default"), "m").value.routes
    assert (share.version, share.rule) == (2, LabelRule("yes", 0.2))


def test_a_rule_is_no_drift(here: World) -> None:
    """Traffic is counted by the most probable class, as the training rows were."""
    rows = {
        "rows": [{"a": float(a), "b": float(b)} for a, b in np.random.default_rng(5).normal(size=(400, 2))]
    }
    here.ok("PUT", PATH, {"threshold": 0.001, "label": "yes"})
    answer = here.ok("POST", "/v1/models/m/predict", rows)
    assert np.mean([one["label"] == "yes" for one in answer["predictions"]]) > 0.8
    report = here.ok("POST", "/v1/models/m/monitor")
    assert (report["rows"], report["status"], report["alerts"]) == (400, "healthy", [])
    assert report["prediction"]["drifted"] is False
