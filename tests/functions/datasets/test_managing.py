"""Data sets are picked for any model, compared, tagged and described; a wrong first file burns no schema."""

from typing import Any

import pytest

from functions.caller import Caller
from functions.system.pick_up import pick_up
from tests.support.stores import Store
from tests.support.world import SCOPES, World, csv_of, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def upload(here: World, data: bytes, dataset: str = "m", **said: Any) -> Any:
    announced = here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(data), **said})
    path = f"/v1/datasets/{dataset}/upload/{announced['id']}"
    here.ok("PUT", path, data)
    return here.ok("GET", path)


def trained(here: World, model: str, **body: Any) -> Any:
    run = here.ok("POST", f"/v1/models/{model}/train", {"iterations": 3, **body})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded", ended["error"]
    return here.ok("GET", f"/v1/models/{model}/versions/{ended['version']}")


def test_two_models_learn_from_one_set_that_came_without_a_model(here: World) -> None:
    upload(here, two_classes(60), "churn")
    upload(here, two_classes(60, seed=1), "churn")
    for name, algorithm in (("one", "logistic_regression"), ("two", "decision_tree")):
        here.ok("POST", "/v1/models", {"name": name, "algorithm": algorithm, "dataset": "churn"})
    run = here.ok("POST", "/v1/models/two/train", {"dataset_version": 1})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    found = [trained(here, "one"), here.ok("GET", "/v1/models/two/versions/1")]
    assert [(one["dataset"], one["dataset_version"]) for one in found] == [("churn", 2), ("churn", 1)]
    assert here.ok("GET", "/v1/datasets/churn")["models"] == ["one", "two"]
    described = here.ok("GET", "/v1/datasets/churn/versions/1/describe")
    assert described["trained"] == ["two/1"]
    refused = here.refused("POST", "/v1/models/one/train", {"dataset_version": 7})
    assert (refused["status"], "has no version 7" in refused["message"]) == (404, True)


def test_a_wrong_first_file_burns_no_schema(here: World) -> None:
    """Columns come, go and change their kind, and the label is another one."""
    upload(here, csv_of({"id": range(40), "a": [i % 7 for i in range(40)], "label": ["x", "y"] * 20}))
    right = csv_of(
        {"a": [f"0{i % 7}" for i in range(40)], "b": [i % 5 for i in range(40)], "paid": ["yes", "no"] * 20}
    )
    done = upload(here, right, label="paid", kinds={"a": "category"}, exclude=["id", "label"])
    assert (done["state"], done["version"], done["label"]) == ("accepted", 2, "paid")
    kinds = {one["name"]: one["kind"] for one in here.ok("GET", "/v1/datasets/m/versions/2")["columns"]}
    assert kinds == {"a": "category", "b": "integer", "paid": "boolean"}
    codes = {one["code"] for one in here.ok("GET", "/v1/datasets/m/versions/2/report")["findings"]}
    assert "label_changed" in codes
    assert upload(here, right + b"01,1,yes\n")["label"] == "paid"
    assert here.ok("GET", "/v1/datasets/m")["label"] == "paid"


SERVED = {"rows": [{"a": 1.0, "b": 0.5}, {"a": -1.0, "b": -0.5}]}


@pytest.mark.parametrize(
    ("said", "data", "why"),
    [
        ({"exclude": ["b"]}, two_classes(90, seed=3), "reads the column 'b', which the data lack"),
        (
            {"label": "sign", "exclude": ["label"]},
            None,
            "predicts 'label', and the data have the label 'sign'",
        ),
        ({"kinds": {"b": "category"}}, two_classes(90, seed=3), "reads the column 'b' as number"),
    ],
    ids=["excluded", "another label", "retyped"],
)
def test_a_model_keeps_serving_and_is_not_updated_on_data_that_it_cannot_read(
    here: World, said: dict[str, Any], data: bytes | None, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    upload(here, two_classes(90))
    trained(here, "m")
    here.ok("POST", "/v1/models/m/deploy", {})
    before = here.ok("POST", "/v1/models/m/predict", SERVED)
    other = csv_of(
        {"a": [i % 9 for i in range(90)], "b": [i % 4 for i in range(90)], "sign": ["p", "q"] * 45}
    )
    assert upload(here, data or other, **said)["version"] == 2
    here.ok("POST", "/v1/datasets/m/versions/2/release")
    here.clock.forward(100_000)
    pick_up(here.platform)
    here.event("update_daily")
    assert here.ok("GET", "/v1/models/m")["latest"] == 1
    assert here.again().ok("POST", "/v1/models/m/predict", SERVED) == before
    refused = here.refused("POST", "/v1/models/m/update", {})
    assert (refused["code"], refused["field"]) == ("invalid_input", "dataset")
    assert why in refused["message"]
    assert "Model(name='m').train(iterations=3)" in refused["message"]
    if "label" not in said:
        assert why in caplog.text
    assert trained(here, "m")["dataset_version"] == 2


def test_a_diff_counts_rows_by_content_and_shows_some(here: World) -> None:
    upload(here, csv_of({"a": [1, 2, 2, 3], "y": ["p", "q", "q", "p"]}), label="y")
    upload(here, csv_of({"a": [2, 3, 4, 4], "new": [1, 1, 1, 2], "y": ["q", "p", "q", "q"]}), label="y")
    found = here.ok("GET", "/v1/datasets/m/versions/2/diff/1")
    assert (found["rows_before"], found["rows_now"], found["kept"]) == (4, 4, 2)
    assert found["compared"] == ["a", "y"]
    assert found["added"]["count"] == 2
    assert sorted(row[0] for row in found["added"]["rows"]) == [4, 4]
    assert sorted(row[0] for row in found["removed"]["rows"]) == [1, 2]
    assert (found["changes"]["added"], found["changes"]["removed"]) == (["new"], [])
    back = here.ok("GET", "/v1/datasets/m/versions/1/diff/2")
    assert (back["added"]["count"], back["removed"]["count"]) == (2, 2)
    assert back["changes"]["removed"] == ["new"]
    same = here.ok("GET", "/v1/datasets/m/versions/1/diff/1")
    assert (same["kept"], same["added"]["count"], same["removed"]["count"]) == (4, 0, 0)
    assert here.refused("GET", "/v1/datasets/m/versions/1/diff/9")["status"] == 404


def test_a_diff_says_how_far_each_column_moved_and_what_became_of_the_label(here: World) -> None:
    upload(here, two_classes(600))
    upload(here, two_classes(600, seed=1, shift=3.0))
    drift = {
        one["name"]: one["drifted"]
        for one in here.ok("GET", "/v1/datasets/m/versions/2/diff/1")["changes"]["drift"]
    }
    assert drift == {"a": True, "b": False}
    upload(here, two_classes(600, seed=2), label="a")
    found = here.ok("GET", "/v1/datasets/m/versions/3/diff/1")
    assert (found["label_before"], found["label_now"]) == ("label", "a")


def test_sets_are_found_by_tags_in_pages(here: World) -> None:
    for number in range(5):
        upload(here, two_classes(20), f"d{number}")
        here.ok(
            "PUT",
            f"/v1/datasets/d{number}/tags",
            {"tags": ["eu" if number % 2 == 0 else "us", "by=anna", "by=anna"]},
        )
    assert here.ok("GET", "/v1/datasets/d0")["tags"] == ["eu", "by=anna"]
    named = here.ok("GET", "/v1/datasets", query={"search": "D1"})["items"]
    assert [one["name"] for one in named] == ["d1"]
    first = here.ok("GET", "/v1/datasets", query={"tag": "eu", "limit": "2"})
    rest = here.ok("GET", "/v1/datasets", query={"tag": "eu", "limit": "2", "after": first["next"]})
    assert [one["name"] for one in first["items"] + rest["items"]] == ["d0", "d2", "d4"]
    upload(here, two_classes(20, seed=1), "d0")
    assert here.ok("GET", "/v1/datasets/d0")["tags"] == ["eu", "by=anna"]


@pytest.mark.parametrize(
    "tags", [["two words"], ["x" * 200], [""], ["=x"], [f"t{i}" for i in range(51)], "eu"]
)
def test_tags_are_few_and_short(here: World, tags: Any) -> None:
    upload(here, two_classes(20))
    refused = here.refused("PUT", "/v1/datasets/m/tags", {"tags": tags})
    assert (refused["status"], refused["field"].startswith("tags")) == (400, True)


def test_a_description_has_everything_that_is_kept(here: World) -> None:
    done = upload(here, b"id;a;y\n1;0,5;p\n2;1,5;q\n3;2,5;p\n", label="y", exclude=["id"], decimal=",")
    found = here.ok("GET", "/v1/datasets/m/versions/1/describe")
    assert (found["rows"], found["label"], found["upload"], found["state"]) == (3, "y", done["id"], "open")
    assert [one["name"] for one in found["columns"]] == ["a", "y"]
    assert found["columns"][0]["mean"] == 1.5
    assert (found["reading"]["exclude"], found["reading"]["decimal"]) == (["id"], ",")
    assert found["bytes"] == sum(
        here.platform.blobs.size(key) or 0 for key in here.platform.blobs.keys("default/tables/")
    )
    assert any("';'" in note for note in found["notes"])


def test_nobody_sees_the_sets_of_another_workspace(here: World) -> None:
    upload(here, two_classes(20))
    other = here.again(owner=Caller("other", "owner", SCOPES))
    assert other.ok("GET", "/v1/datasets")["items"] == []
    for path in ("/versions/1/describe", "/versions/1/diff/1", "/versions/1/head"):
        assert other.refused("GET", f"/v1/datasets/m{path}")["status"] == 404
    assert other.refused("PUT", "/v1/datasets/m/tags", {"tags": ["x"]})["status"] == 404
    assert here.ok("GET", "/v1/datasets/m")["tags"] == []


@pytest.mark.parametrize(
    ("no", "yes"),
    [("nein", "ja"), ("No", "Yes"), ("無", "有"), (0, 1), ("f", "t"), (False, True)],
)
def test_truth_values_are_shown_as_their_owner_wrote_them(here: World, no: object, yes: object) -> None:
    """In the rows of a version, and in the difference between two; rows that are shown can be sent to be predicted."""
    both = [no, yes]
    lines = [f"{at},{both[at % 2]},{both[at // 2 % 2]}" for at in range(40)]
    upload(here, "\n".join(["a,x,label", *lines, ""]).encode())
    upload(here, "\n".join(["a,x,label", *lines, f"70,{yes},{no}", ""]).encode())
    rows = here.ok("GET", "/v1/datasets/m/versions/1/head", query={"rows": "4"})["rows"]
    assert [row[1:] for row in rows] == [[no, no], [yes, no], [no, yes], [yes, yes]]
    added = here.ok("GET", "/v1/datasets/m/versions/2/diff/1")["added"]["rows"]
    assert [row[1:] for row in added] == [[yes, no]]
