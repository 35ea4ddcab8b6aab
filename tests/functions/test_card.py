"""The card of a version over HTTP: what records and its evaluation say, as a page that nothing can run on."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from app import app
from functions.records.files import File
from functions.records.kinds import VERSIONS, number
from infra.local.gateway import call
from infra.local.responses import Response
from lepton_core.card.style import POLICY
from lepton_core.readable import figure
from tests.functions.test_segments import clinic
from tests.support.page import Page
from tests.support.stores import Store
from tests.support.world import World, world


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def asked(here: World, version: int = 1, model: str = "m") -> Response:
    return call(app, here.platform, "GET", f"/v1/models/{model}/versions/{version}/card")


def page(here: World, version: int = 1) -> Page:
    answer = asked(here, version)
    assert answer.status == 200
    found = Page(answer.body.decode())
    assert found.wrong == []
    return found


def test_a_card_is_a_page_that_may_run_and_load_nothing_and_is_kept_by_nobody(here: World) -> None:
    here.trained(clinic(m=300))
    answer = asked(here)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert asked(here).body == answer.body == asked(here.again()).body


def test_a_version_that_says_how_sure_it_is_tells_of_its_model_and_its_labels(here: World) -> None:
    here.trained(clinic(m=300), calibrate=True, uncertainty=True)
    decided = here.ok("PUT", "/v1/models/m/versions/1/threshold", {"recall": 0.9})
    report = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    said = page(here).said
    assert "Normalize" in said and decided["decision"]["sentence"] in said
    assert [one["sentence"][1:] in said for one in report["coverages"]] == [False, True, True, True]
    assert report["calibrated"]["sentence"] in said


def test_it_shows_what_the_evaluation_and_the_version_say(here: World) -> None:
    here.trained(clinic())
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    report = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    version = here.ok("GET", "/v1/models/m/versions/1")
    said = page(here).said
    shown = [report[name] for name in ("accuracy", "log_loss", "auc", "brier")]
    shown += [report["segments"]["score"]["low"], report["segments"]["worst"][0]["loss_elsewhere"]]
    shown += [report["cross_validation"]["metrics"]["accuracy"], report["importance"]["columns"][0]["mean"]]
    assert [value for value in shown if figure(value) not in said] == []
    for words in (version["digest"], version["dataset_digest"], "ward", "'east'", "logistic regression"):
        assert words in said
    assert report["baselines"][0]["sentence"].partition(" than ")[2] in said


def test_an_update_says_whom_it_met_and_what_it_began_with(here: World) -> None:
    here.trained(clinic(m=400))
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(clinic(seed=1, m=500))
    run = here.ok("POST", "/v1/models/m/update", {})
    outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    said = page(here, 2).said
    assert outcome["reason"][:40] in said and "beside version 1" in said
    assert "the weights of version 1" in said


def test_columns_say_what_the_version_does_with_them(here: World) -> None:
    positive = clinic(m=300).replace(b"-", b"")
    here.trained(positive, split={"by": "group", "column": "patient"}, weight="a")
    rows = page(here).texts_of("td")
    assert {"split", "weight", "label", "read"} <= set(rows)


def test_of_data_that_was_deleted_it_says_so(here: World) -> None:
    here.trained(clinic(m=300))
    here.upload(clinic(m=310))
    here.ok("DELETE", "/v1/datasets/m/versions/1", query={"force": "true"})
    said = page(here).said
    assert "the data was deleted" in said and "accuracy" in said


def test_a_version_of_before_has_a_card(here: World) -> None:
    """Its evaluation lacks what came since."""
    here.trained(clinic(m=300))
    store = here.platform.workspace("default")
    kept = store.get(VERSIONS, "m", number(1))
    assert kept is not None
    report: dict[str, Any] = json.loads(store.blobs.get(kept.value.evaluation.key))
    old = json.dumps({name: one for name, one in report.items() if name not in ("segments", "baselines")})
    store.blobs.delete(kept.value.evaluation.key)
    store.blobs.put(kept.value.evaluation.key, old.encode())
    changed = replace(kept.value, evaluation=File(kept.value.evaluation.key, ""))
    store.write(store.put(VERSIONS, "m", number(1), value=changed, expect=kept.revision))
    assert page(here).said.count("train it again") == 2
    assert here.ok("GET", "/v1/models/m/versions/1/evaluation")["segments"] is None


def test_what_is_not_there_or_damaged_is_an_error_as_of_any_call(here: World) -> None:
    here.trained(clinic(m=300))
    for version, model in ((7, "m"), (1, "n")):
        assert here.refused("GET", f"/v1/models/{model}/versions/{version}/card")["code"] == "not_found"
    store = here.platform.workspace("default")
    kept = store.get(VERSIONS, "m", number(1))
    assert kept is not None
    store.blobs.delete(kept.value.artifact.key)
    status, answer = here.ask("GET", "/v1/models/m/versions/1/card")
    assert (status, answer["error"]["code"]) == (500, "damaged")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'\"><img src=x>", "&amp;"])
def test_a_hostile_column_and_a_hostile_level_stay_text(here: World, name: str) -> None:
    plain, hostile = clinic(m=400), clinic(m=400)
    quoted = '"' + name.replace('"', '""') + '"'
    hostile = hostile.replace(b"ward", quoted.encode(), 1).replace(b"east", quoted.encode())
    here.trained(plain, model="plain")
    here.trained(hostile)
    [found, expected] = [Page(asked(here, model=one).body.decode()) for one in ("m", "plain")]
    assert found.wrong == []
    assert found.tags() == expected.tags()
    assert name in found.said
