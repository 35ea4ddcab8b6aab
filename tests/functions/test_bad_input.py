"""What bad input gets: an error that names the field, or the row and column, and changes nothing."""

from dataclasses import replace as changed
from typing import Any

import pytest
from msgspec.structs import replace

from functions.datasets.parts import read_columns
from functions.records.kinds import DATASET_VERSIONS, number
from tests.support.world import World, csv_of, two_classes, world

GOOD = two_classes(60)


@pytest.fixture
def here(store: Any) -> World:
    made = world(store)
    assert made.trained(GOOD, iterations=5)["state"] == "succeeded"
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        (b"a,b,label\n", "no rows"),
        (b"\n\n", "empty"),
        (b"a,b,label\n1,2,\n1,2,\n", "column 'label': no row has a label"),
        (b"a,b,label\n1,2,yes\n1,2,\n", "column 'label': has one class only ('yes'); at least two"),
        (b"a,b,label\n1,2,yes\n2,-inf,no\n", "row 2, column 'b'"),
        (b"a,b,label\n1,1e400,yes\n2,1,no\n", "row 1, column 'b'"),
        (b"a,b,label\n1,2,yes\nthree,1,no\n", "row 2, column 'a'"),
        (b"a,b,label\n1,2,yes\n1,no\n", "line 3: 2 cells, where the header has 3"),
        (b"a,a,label\n1,2,yes\n1,1,no\n", "column 'b': is missing"),
        (b'a,b,label\n1,2,yes\n"1,1,no\n', "quote"),
        (b"a,b,label\n1,2,yes\n1,1,n\x00o\n", "line 3: it holds a NUL byte"),
        (b"a,label\n1,yes\n2,no\n", "column 'b'"),
        (b"a,b\xff\n1,2\n", "there is no such column; there are 'a', 'bÿ'"),
        (b"a,b,label\n1,2,yes\n2,3,yes\n", "column 'label': has one class only ('yes'); at least two"),
        (b"a,b,label\n1,2,7\n2,3,7\n", "column 'label': has one value only (7)"),
    ],
)
def test_a_bad_file_is_rejected_and_the_dataset_stays(here: World, csv: bytes, said: str) -> None:
    upload = here.upload(csv)
    assert upload["state"] == "rejected"
    assert upload["version"] is None
    assert said in upload["error"]["message"]
    assert [v["version"] for v in here.ok("GET", "/v1/datasets/m/versions")["items"]] == [1]
    kept = [key.split("/")[-1].split("-sha256-")[0] for key in here.platform.blobs.keys("default/tables/m/")]
    assert sorted(kept) == ["00000", "report"], "those of the first version"


@pytest.mark.parametrize(
    ("csv", "rows", "missing"),
    [
        (b"a,b,label\n1,nan,yes\n2,3,no\n", 2, {"a": 0, "b": 1, "label": 0}),
        (b"a,b,label\n1,2,yes\n2,3,no\n2,3,nan\n", 2, {"a": 0, "b": 0, "label": 0}),
        (b"a,b,label\n1,2,yes\n2,3,\n2,3,no\n", 2, {"a": 0, "b": 0, "label": 0}),
        (b"a,b,b,label\n1,2,,yes\n2,3,4,no\n", 2, {"a": 0, "b": 0, "b_2": 1, "label": 0}),
    ],
)
def test_gaps_and_rows_without_a_label_cost_no_file(
    here: World, csv: bytes, rows: int, missing: dict[str, int]
) -> None:
    upload = here.upload(csv)
    assert (upload["state"], upload["version"], upload["rows"]) == ("accepted", 2, rows)
    columns = here.ok("GET", "/v1/datasets/m/versions/2")["columns"]
    assert {column["name"]: column["missing"] for column in columns} == missing


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        (b"a,label\n1,yes\n2,yes\n", "class only ('yes')"),
        (b"a,label\n1,yes\n", "class only ('yes')"),
        (b"a,label\n1,2.5\n2,2.50\n", "value only (2.5)"),
    ],
)
def test_a_first_file_with_one_class_makes_no_dataset(store: Any, csv: bytes, said: str) -> None:
    here = world(store)
    upload = here.upload(csv)
    assert (upload["state"], upload["version"]) == ("rejected", None)
    reason = f"has one {said}; at least two are needed to learn from"
    place = {"field": "label", "row": None, "column": "label"}
    message = f"column 'label': {reason}"
    assert upload["error"] == {
        "code": "invalid_data",
        "message": message,
        "reason": reason,
        "remedies": [],
        "request": None,
        **place,
    }
    assert here.refused("GET", "/v1/datasets/m/versions")["status"] == 404
    assert here.platform.blobs.keys("default/tables/") == []


def test_a_label_of_numbers_stays_one(store: Any) -> None:
    here = world(store)
    assert here.upload(b"a,label\n1,2\n2,3\n")["state"] == "accepted"
    upload = here.upload(b"a,label\n1,2\n2,high\n3,4\n")
    assert (upload["state"], upload["error"]["field"]) == ("rejected", "label")
    assert (
        "row 2, column 'label': 1 of 3 cells are no number, the first is 'high'" in upload["error"]["message"]
    )
    assert (upload["error"]["row"], upload["error"]["column"]) == (2, "label")
    assert [v["version"] for v in here.ok("GET", "/v1/datasets/m/versions")["items"]] == [1]


def test_an_empty_file_is_refused_before_it_is_sent(here: World) -> None:
    refused = here.refused("POST", "/v1/datasets/m/upload", {"size": 0})
    assert refused["message"].startswith("0 bytes were announced: the file is empty; send a table")
    assert (refused["status"], refused["field"]) == (400, "size")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": [1, 2, 3, 4], "label": [0.5, 1.5, 2.5, 3.5]}, "linear_regression"),
        ({"a": ["x", "y", "x", "y"], "label": ["yes", "no", "yes", "no"]}, None),
        ({"label": ["yes", "no", "yes", "no"], "label2": ["yes"] * 4}, None),
    ],
)
def test_data_that_no_classifier_can_learn_from_fails_the_run(
    store: Any, columns: dict[str, Any], said: str | None
) -> None:
    here = world(store)
    run = here.trained(csv_of(columns), model="other")
    if said is None:
        assert run["state"] == "succeeded", run["error"]
    else:
        assert run["state"] == "failed"
        assert said in run["error"]["message"]
        assert run["error"]["field"] == "label"
        assert here.ok("GET", "/v1/models/other")["latest"] == 0


def test_a_regression_over_text_is_refused_before_there_is_a_run(store: Any) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "linear_regression"})
    here.upload(csv_of({"a": list(range(9)), "label": ["red", "green", "blue"] * 3}))
    refused = here.refused("POST", "/v1/models/m/train", {})
    assert (refused["status"], refused["field"]) == (400, "dataset")
    assert (
        "dataset 'm' version 1, column 'label': holds text; a regression needs numbers" in refused["message"]
    )
    assert here.ok("GET", "/v1/runs")["items"] == []
    assert (here.ok("GET", "/v1/models/m")["run"], here.ok("GET", "/v1/models/m")["latest"]) == (None, 0)


def test_a_regression_over_yes_and_no_is_that_over_one_and_zero(store: Any) -> None:
    here = world(store)
    for name, (yes, no) in {"words": ("yes", "no"), "numbers": (1, 0)}.items():
        here.ok("POST", "/v1/models", {"name": name, "algorithm": "linear_regression"})
        here.upload(csv_of({"a": [2.5, 7.5] * 10, "label": [no, yes] * 10}), name)
        here.ok("POST", f"/v1/models/{name}/train", {})
        here.ok("POST", f"/v1/models/{name}/deploy", {})
        answer = here.ok("POST", f"/v1/models/{name}/predict", {"rows": [[2.5], [7.5]]})
        assert [one["value"] for one in answer["predictions"]] == pytest.approx([0.0, 1.0], abs=1e-6)


@pytest.mark.parametrize("label", [["yes", "no"], ["red", "blue"], [0, 1]])
def test_a_version_with_one_class_only_is_not_trained_on(store: Any, label: list[Any]) -> None:
    """No such version is made; one that is there all the same, of an earlier release, starts no run."""
    here = world(store)
    assert (
        here.trained(csv_of({"a": list(range(8)), "label": label * 4}), iterations=2)["state"] == "succeeded"
    )
    here.ok("POST", "/v1/models/m/deploy", {})
    tenant = here.platform.workspace("default")
    stored = tenant.get(DATASET_VERSIONS, "m", number(1))
    assert stored is not None
    one: dict[str, Any] = {"distinct": 1} if label[0] == "red" else {"min": 0.0, "max": 0.0}
    columns = read_columns(tenant, stored.value)
    poor = tuple(changed(column, **one) if column.name == "label" else column for column in columns)
    version = replace(stored.value, columns=poor)
    tenant.write(tenant.put(DATASET_VERSIONS, "m", number(1), value=version, expect=stored.revision))
    runs = here.ok("GET", "/v1/runs")
    for step in ("train", "update"):
        refused = here.refused("POST", f"/v1/models/m/{step}", {})
        assert (refused["status"], refused["field"]) == (400, "dataset")
        assert "version 1, column 'label': has one" in refused["message"]
        assert (refused["field"], refused["column"]) == ("dataset", "label")
    assert here.ok("GET", "/v1/runs") == runs


def test_a_learning_rate_that_diverges_fails_with_that_word_and_the_champion_stays(store: Any) -> None:
    here = world(store)
    columns = {"a": list(range(50)), "b": [x * x for x in range(50)], "y": [3.0 * x + 1 for x in range(50)]}
    csv = csv_of(columns)
    assert here.trained(csv, algorithm="linear_regression")["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {})
    run = here.ok("POST", "/v1/models/m/train", {"learning_rate": 1e6, "iterations": 500})
    run = here.ok("GET", f"/v1/runs/{run['id']}")
    assert run["state"] == "failed"
    assert run["error"]["code"] == "diverged"
    assert "diverged" in run["error"]["message"]
    model = here.ok("GET", "/v1/models/m")
    assert (model["champion"], model["latest"], model["run"]) == (1, 1, None)
    assert here.ok("POST", "/v1/models/m/predict", {"rows": [[1, 1]]})["version"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a/b", "algorithm": "logistic_regression"}, "name"),
        ({"name": "", "algorithm": "logistic_regression"}, "name"),
        ({"name": "x", "algorithm": "magic"}, "algorithm"),
        ({"name": "x"}, "algorithm"),
        ({"name": "x", "algorithm": "logistic_regression", "colour": 1}, "colour"),
        ({"name": "m", "algorithm": "linear_regression"}, "algorithm"),
    ],
)
def test_a_bad_model_is_refused_with_the_field(here: World, body: dict[str, Any], field: str) -> None:
    assert here.refused("POST", "/v1/models", body)["field"] == field
    assert [model["name"] for model in here.ok("GET", "/v1/models")["items"]] == ["m"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"learning_rate": -1}, "learning_rate"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"iterations": 0}, "iterations"),
        ({"iterations": 1.5}, "iterations"),
        ({"hyperparameters": {"colour": 1}}, "colour"),
        ({"hyperparameters": {"l2": "big"}}, "l2"),
        ({"dataset_version": 7}, None),
    ],
)
def test_a_bad_training_is_refused_and_no_run_is_queued(
    here: World, body: dict[str, Any], field: str | None
) -> None:
    runs = here.ok("GET", "/v1/runs")
    assert here.refused("POST", "/v1/models/m/train", body).get("field") == field
    assert here.ok("GET", "/v1/runs") == runs


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rows"),
        ([{"a": "text", "b": 1}], "row 1, column 'a'"),
        ([{"a": 1, "b": 1}, {"a": 1, "b": "bee"}], "row 2, column 'b'"),
        ([[1, 2, 3]], "row 1"),
        ([{"a": 1, "b": True}], "row 1, column 'b'"),
    ],
)
def test_bad_rows_are_refused_with_their_place_and_counted_as_errors(
    here: World, rows: list[Any], said: str
) -> None:
    before = here.ok("GET", "/v1/models/m/monitor")["errors"]
    assert said in here.refused("POST", "/v1/models/m/predict", {"rows": rows})["message"]
    assert here.ok("GET", "/v1/models/m/monitor")["errors"] == before + 1


def test_a_value_that_a_row_lacks_is_filled_and_counted(here: World) -> None:
    rows = [{"a": 1}, {"a": 1, "b": None}]
    first, second = here.ok("POST", "/v1/models/m/predict", {"rows": rows})["predictions"]
    assert first == second
    report = here.ok("POST", "/v1/models/m/monitor")
    assert (report["rows"], report["errors"]) == (2, 0)


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("body", "column", "said"),
    [
        (b'{"rows": [{"a": 1e999, "b": 1}]}', "a", "inf is not a finite number"),
        (b'{"rows": [{"a": -1e999, "b": 1}]}', "a", "-inf is not a finite number"),
        (b'{"rows": [{"a": Infinity, "b": 1}]}', "a", "inf is not a finite number"),
        (b'{"rows": [[1, -Infinity]]}', "b", "-inf is not a finite number"),
        (b'{"rows": [[NaN, -Infinity]], "columns": ["b", "a"]}', "a", "-inf is not a finite number"),
        (b'{"rows": [{"a": [1], "b": 1}]}', "a", "holds a list, which is no cell; give"),
        (b'{"rows": [{"a": {"a": 1}, "b": 1}]}', "a", "holds an object, and the column has"),
        (b'{"rows": [{"a": %s, "b": 1}]}' % (b"9" * 5000), "a", "inf is not a finite number"),
        (b'{"rows": [{"a": 1, "a": NaN, "b": 1}]}', "a", "the key is there twice"),
        (b'{"rows": [{"a": 1, "b": 1, "\\ud800": 1}]}', "\\ud800", "this name holds half a surrogate pair"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_place_and_counted_as_an_error(
    here: World, body: bytes, column: str, said: str
) -> None:
    before = here.ok("GET", "/v1/models/m/monitor")
    refused = here.refused("POST", "/v1/models/m/predict", body, headers={"content-type": "application/json"})
    assert (refused["status"], refused["code"], refused["field"]) == (400, "invalid_data", column)
    assert (refused["row"], refused["column"]) == (1, column)
    assert f"row 1, column '{column}': {said}" in refused["message"]
    after = here.ok("GET", "/v1/models/m/monitor")
    assert (after["errors"], after["rows"]) == (before["errors"] + 1, before["rows"])


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"\xff"',
        b'{"rows": [[NaN, 1]]} x',
        b'{"rows": [[NaN, 1]], "colour": 1}',
        b'{"rows": [[NaN, 1]], "columns": [1]}',
        b'{"rows": {"a": NaN}}',
        b'{"rows": NaN}',
        b'{"rows": [{"a": 1, "a": NaN, "a": 1, "b": 1}]}',
        b'{"rows": ' * 100_000,
        b"[" * 100_000,
        '{"rows": [[NaN, 1]]}'.encode("utf-16"),
        *(b'{"rows": [{"a": %s1%s, "b": 1}]}' % (b"[" * deep, b"]" * deep) for deep in range(50, 1100, 50)),
    ],
)
def test_what_is_no_json_is_refused(here: World, body: bytes) -> None:
    status, answer = here.ask(
        "POST", "/v1/models/m/predict", body, headers={"content-type": "application/json"}
    )
    assert status == 400
    assert answer["error"]["code"] in ("invalid_input", "invalid_data")


def test_what_is_not_there_is_not_found(here: World) -> None:
    for method, path in [
        ("GET", "/v1/models/none"),
        ("POST", "/v1/models/none/train"),
        ("POST", "/v1/models/none/deploy"),
        ("GET", "/v1/models/m/versions/9"),
        ("GET", "/v1/runs/run-x"),
        ("GET", "/v1/datasets/none/versions"),
        ("PUT", "/v1/datasets/m/upload/up-x"),
    ]:
        body = b"a,b\n" if method == "PUT" else {} if method == "POST" else None
        assert here.refused(method, path, body)["status"] == 404


def test_a_step_out_of_order_says_what_to_do_first(store: Any) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert "upload data first" in here.refused("POST", "/v1/models/m/train", {})["message"]
    here.upload(GOOD)
    assert "train it first" in here.refused("POST", "/v1/models/m/deploy", {})["message"]
    assert "deploy it first" in here.refused("POST", "/v1/models/m/predict", {"rows": [[1, 2]]})["message"]
    assert "deploy it first" in here.refused("POST", "/v1/models/m/update", {})["message"]
    assert "train it first" in here.refused("POST", "/v1/models/m/evaluate", {})["message"]


def test_a_model_that_exists_is_not_taken_up_as_another(here: World) -> None:
    same = {"name": "m", "algorithm": "logistic_regression"}
    assert (
        here.ok("POST", "/v1/models", {**same, "dataset": "m", "policy": {"update": "auto"}})["latest"] == 1
    )
    assert here.refused("POST", "/v1/models", {**same, "dataset": "other"})["field"] == "dataset"
    assert here.refused("POST", "/v1/models", {**same, "policy": {"update": "manual"}})["field"] == "policy"
    never = here.refused("PUT", "/v1/models/m/policy", {"update": "never"})
    assert (never["field"], never["message"]) == ("update", "must be one of auto, manual, not 'never'")
    for field, given, choices in (
        ("auto", "yes", "true, false, algorithm, hyperparameters"),
        ("class_weight", "balance", "balanced, an object"),
    ):
        refused = here.refused("POST", "/v1/models/m/train", {field: given})
        assert (refused["field"], refused["message"]) == (field, f"must be one of {choices}, not {given!r}")
    assert here.refused("PUT", "/v1/models/m/policy", {"up": "auto"})["field"] == "up"
    too_long = {"least_interval": 1e308}
    refused = here.refused("PUT", "/v1/models/m/policy", too_long)
    assert (refused["status"], refused["field"]) == (400, "least_interval")
    assert refused["message"] == "must be at most 31536000"
    for name in ("m", "new"):
        refused = here.refused("POST", "/v1/models", {**same, "name": name, "policy": too_long})
        assert (refused["status"], refused["field"]) == (400, "policy.least_interval")
    assert here.ok("PUT", "/v1/models/m/policy", {"least_interval": 31_536_000})["policy"]["update"] == "auto"
    assert here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})["policy"]["update"] == "manual"
    assert here.ok("POST", "/v1/models", {**same, "policy": {"update": "manual"}})["latest"] == 1


def test_a_file_of_another_size_than_announced_is_refused(here: World) -> None:
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": 3})
    refused = here.refused("PUT", f"/v1/datasets/m/upload/{announced['id']}", b"a,b\n1,2\n")
    assert (refused["status"], refused["field"]) == (400, "size")
    here.platform.blobs.put(f"default/incoming/m/{announced['id']}", GOOD)
    here.event("upload_landed", {"object": {"key": f"default/incoming/m/{announced['id']}"}})
    assert here.ok("GET", f"/v1/datasets/m/upload/{announced['id']}")["state"] == "rejected"
    assert len(here.ok("GET", "/v1/datasets/m/versions")["items"]) == 1
