"""The model's own logic, against written answers."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from functions.edge import decode as edge_decode
from lepton_ai import (
    Conflict,
    Data,
    DataPreprocessor,
    Diverged,
    InvalidData,
    InvalidInput,
    Model,
    NotFound,
    Prediction,
    Unavailable,
)
from lepton_ai.transport import checked_name
from lepton_core.table.given_container import given_from_container

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform

DATA = Data.from_arrays([[1.0], [2.0]], [0, 1], ["a"])
UPLOAD = "/v1/datasets/m/upload"
WAITING = {"id": "up-1", "dataset": "m", "state": "waiting"}


@pytest.fixture
def model(platform: "FakePlatform") -> Model:
    return Model("logistic_regression", "m", transport=platform)


def test_a_model_is_created_or_taken_up(platform: "FakePlatform") -> None:
    model = Model(algorithm="logistic_regression", name="m", dataset="shared", transport=platform)
    assert platform.calls[-1][2] == {"name": "m", "algorithm": "logistic_regression", "dataset": "shared"}
    assert (model.name, model.algorithm, model.dataset) == ("m", "logistic_regression", "shared")
    both = Model("svm", "s", task="regression", transport=platform)
    assert platform.calls[-1][2] == {"name": "s", "algorithm": "svm", "task": "regression"}
    assert both.task == "regression"
    assert repr(model) == "<Model 'm': logistic_regression, at https://fake.example>"
    with pytest.raises(NotFound, match="no model 'n'; give an algorithm to create it"):
        Model(name="n", transport=platform)
    platform.on("POST", "/v1/models", Conflict("model 'm' exists with algorithm 'x'"))
    with pytest.raises(Conflict, match="exists with algorithm 'x'"):
        Model("y", "m", transport=platform)


@pytest.mark.parametrize("name", ["", "a/b", "..", ".a", "a b", "x" * 64, "é", "a\n", None, 3])
def test_a_name_that_is_none_goes_nowhere(name: Any, platform: "FakePlatform") -> None:
    with pytest.raises(InvalidInput) as caught:
        Model("logistic_regression", name, transport=platform)
    assert caught.value.field == "name" and not platform.calls


@pytest.mark.parametrize("name", ["a", "A-1_b.c", "x" * 63, "0"])
def test_names_are_those_of_the_platform(name: str) -> None:
    assert checked_name(name) == edge_decode.name(name)


def test_an_upload_is_announced_sent_and_followed(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    platform.on("POST", UPLOAD, {**WAITING, "url": "https://bucket.example/key?sig"})
    platform.on("PUT", "https://bucket.example/key?sig", None)
    accepted = {**WAITING, "state": "accepted", "version": 3, "rows": 2, "label": "label"}
    platform.on("GET", f"{UPLOAD}/up-1", WAITING, Unavailable("starting"), accepted)
    done = model.upload_data(DATA)
    assert (done.version, done.rows) == (3, 2)
    assert platform.bodies("POST", UPLOAD) == [{"size": len(DATA.content), "label": "label"}]
    assert platform.bodies("PUT", "https://bucket.example/key?sig") == [DATA.content]
    assert capsys.readouterr().err == "data m version 3: 2 rows, label label\n"


def test_a_rejected_upload_raises_what_is_wrong(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", UPLOAD, WAITING)
    platform.on("PUT", f"{UPLOAD}/up-1", WAITING)
    problem = {"code": "invalid_data", "message": "row 2, column 'a': text", "row": 2, "column": "a"}
    platform.on("GET", f"{UPLOAD}/up-1", {**WAITING, "state": "rejected", "error": problem})
    with pytest.raises(InvalidData, match="row 2, column 'a': text") as caught:
        model.upload_data(DATA)
    assert (caught.value.row, caught.value.column) == (2, "a")
    with pytest.raises(InvalidInput, match=r"needs Data .* not str"):
        model.upload_data("train.csv")  # type: ignore[arg-type]


def test_a_preprocessor_is_uploaded_fitted(model: Model, platform: "FakePlatform") -> None:
    platform.on("PUT", "/v1/models/m/preprocessor", model_view())
    model.upload_preprocessor(DataPreprocessor().add_transformer("Normalize", input="X").fit(DATA))
    (body,) = platform.bodies("PUT", "/v1/models/m/preprocessor")
    assert body["preprocessor"]["steps"]
    with pytest.raises(InvalidInput, match="needs a DataPreprocessor, not dict"):
        model.upload_preprocessor({})  # type: ignore[arg-type]


def model_view() -> dict[str, Any]:
    return {
        "name": "m",
        "algorithm": "logistic_regression",
        "dataset": "m",
        "created": "2024-05-01T12:00:00Z",
        "champion": 2,
        "policy": {"a field": "that we do not know"},
    }


def test_training_follows_the_run(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    platform.on("POST", "/v1/models/m/train", platform.run(state="queued", iterations=0))
    platform.on(
        "GET",
        "/v1/runs/run-1",
        platform.run(iteration=5, loss=[0.7]),
        Unavailable("restarting"),
        platform.run(iteration=8, loss=[0.7, 0.6]),
        platform.run(iteration=100, loss=[0.7, 0.1], state="succeeded", version=1, note="converged"),
    )
    platform.on("GET", "/v1/models/m/versions/1", platform.version())
    version = model.train(iterations=100, learning_rate=0.1, l2=0.5)
    assert version.version == 1 and version.metrics["accuracy"] == 0.9649
    (body,) = platform.bodies("POST", "/v1/models/m/train")
    assert body == {
        "iterations": 100,
        "learning_rate": 0.1,
        "hyperparameters": {"l2": 0.5},
        "dataset_version": None,
        "warm_start": False,
        "seed": 0,
    }
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0] == "training m: iteration 5 of 100, objective 0.7"
    assert lines[-3] == "training m: iteration 100 of 100, objective 0.1"
    assert lines[-2].startswith("training m: done in ") and lines[-2].endswith(" (converged)")
    assert lines[-1] == "m version 1 (logistic_regression), trained on data m version 2: accuracy 0.9649"
    assert repr(version) == "<Version 1 of m: accuracy 0.9649>"


def test_quiet_and_announce(platform: "FakePlatform", capsys: pytest.CaptureFixture[str]) -> None:
    platform.on("POST", "/v1/models/m/train", platform.run(iteration=100, state="succeeded", version=1))
    platform.on("GET", "/v1/models/m/versions/1", platform.version())
    Model("logistic_regression", "m", quiet=True, transport=platform).train()
    assert capsys.readouterr() == ("", "")
    Model("logistic_regression", "m", announce=False, transport=platform).train()
    assert "done in" in capsys.readouterr().err.splitlines()[-1]


def test_a_failed_run_raises_its_own_error(model: Model, platform: "FakePlatform") -> None:
    error = {"code": "diverged", "message": "training diverged; try a smaller learning rate"}
    platform.on("POST", "/v1/models/m/train", platform.run(state="failed", error=error))
    with pytest.raises(Diverged, match="training diverged"):
        model.train(learning_rate=1e9)
    platform.on("POST", "/v1/models/m/train", platform.run(state="cancelled"))
    with pytest.raises(Conflict, match=r"run run-1 \(train m\) is cancelled"):
        model.train()


def test_an_interrupt_says_that_the_run_goes_on(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    platform.on("POST", "/v1/models/m/train", platform.run())
    platform.on("GET", "/v1/runs/run-1", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        model.train()
    err = capsys.readouterr().err
    assert "run-1 goes on at https://fake.example; to end it: lepton cancel m, or Model.cancel()" in err


def test_an_interrupted_evaluation_is_named(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    platform.on("POST", "/v1/models/m/evaluate", platform.run(kind="evaluate"))
    platform.on("GET", "/v1/runs/run-1", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        model.evaluate()
    assert "to end it: lepton cancel m --run run-1, or Model.cancel('run-1')" in capsys.readouterr().err


UNDER_WAY = Conflict("run run-0 of model 'm' is still under way")


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ({"state": "succeeded", "version": 1}, "training m: done in "),
        ({"state": "cancelled"}, "run-0 came to nothing: run run-0 (train m) is cancelled"),
        (
            {"state": "failed", "error": {"code": "diverged", "message": "training diverged"}},
            "run-0 came to nothing: training diverged",
        ),
    ],
)
def test_a_run_that_an_earlier_script_left_is_waited_for(
    ending: dict[str, Any],
    said: str,
    model: Model,
    platform: "FakePlatform",
    capsys: pytest.CaptureFixture[str],
) -> None:
    finished = platform.run(iteration=100, state="succeeded", version=2)
    platform.on("POST", "/v1/models/m/train", UNDER_WAY, finished)
    platform.on("GET", "/v1/models/m", {**model_view(), "run": "run-0"})
    platform.on(
        "GET", "/v1/runs/run-0", platform.run(id="run-0", iteration=7), platform.run(id="run-0", **ending)
    )
    platform.on("GET", "/v1/models/m/versions/2", platform.version(2))
    assert model.train(iterations=100).version == 2
    first, second = platform.bodies("POST", "/v1/models/m/train")
    assert first == second
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        "waiting for run-0 of m, which is still under way; to end it: lepton cancel m, or Model.cancel()"
    )
    assert lines[1] == "training m: iteration 7 of 100"
    assert any(line.startswith(said) for line in lines[2:])


def test_a_run_that_ends_just_now_is_no_reason_to_fail(model: Model, platform: "FakePlatform") -> None:
    platform.on(
        "POST", "/v1/models/m/train", UNDER_WAY, platform.run(iteration=1, state="succeeded", version=1)
    )
    platform.on("GET", "/v1/models/m", model_view())
    platform.on("GET", "/v1/models/m/versions/1", platform.version())
    assert model.train().version == 1


def test_another_conflict_is_raised(model: Model, platform: "FakePlatform") -> None:
    for step in ("train", "update"):
        platform.on("POST", f"/v1/models/m/{step}", Conflict("model 'm' is retired"))
    platform.on("GET", "/v1/models/m", {**model_view(), "state": "retired"})
    with pytest.raises(Conflict, match="is retired"):
        model.train()
    with pytest.raises(Conflict, match="is retired"):
        model.update()
    platform.on("POST", "/v1/models/m/train", UNDER_WAY)
    platform.on("GET", "/v1/models/m", {**model_view(), "run": "run-0"})
    platform.on("GET", "/v1/runs/run-0", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        model.train()


def test_a_run_is_cancelled(model: Model, platform: "FakePlatform") -> None:
    platform.on("GET", "/v1/models/m", model_view())
    assert model.cancel() is None
    platform.on("GET", "/v1/models/m", {**model_view(), "run": "run-7"})
    for number in (7, 8):
        answer = platform.run(id=f"run-{number}", state="cancelled")
        platform.on("POST", f"/v1/runs/run-{number}/cancel", answer)
    ended = model.cancel()
    assert ended is not None and (ended.id, ended.state) == ("run-7", "cancelled")
    named = model.cancel("run-8")
    assert named is not None and named.id == "run-8"


def test_settings_are_what_json_can_hold(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", "/v1/models/m/train", platform.run(iteration=7, state="succeeded", version=1))
    platform.on("GET", "/v1/models/m/versions/1", platform.version())
    model.train(np.int64(7), np.float64(0.5), l2=np.float32(0.25), batch_size=np.array(8))  # type: ignore[arg-type]
    (body,) = platform.bodies("POST", "/v1/models/m/train")
    assert (body["iterations"], body["learning_rate"]) == (7, 0.5)
    assert body["hyperparameters"] == {"l2": 0.25, "batch_size": 8}
    assert all(type(value) in (int, float) for value in body["hyperparameters"].values())
    for wrong in (float("nan"), float("inf"), np.float64("nan")):
        with pytest.raises(InvalidInput, match="learning_rate must be a finite number, not") as caught:
            model.train(learning_rate=wrong)
        assert caught.value.field == "learning_rate"
        with pytest.raises(InvalidInput, match="l2 must be a finite number"):
            model.train(l2=wrong)
        with pytest.raises(InvalidInput, match="learning_rate must be a finite number"):
            model.update(learning_rate=wrong)
    with pytest.raises(InvalidInput, match="l2 must be a number or text, not object"):
        model.train(l2=object())
    with pytest.raises(InvalidInput, match="version must be a number or text, not object"):
        model.deploy(object())  # type: ignore[arg-type]
    assert len(platform.bodies("POST", "/v1/models/m/train")) == 1


def test_an_evaluation_joins_the_run_and_the_report(model: Model, platform: "FakePlatform") -> None:
    outcome = {
        "cross_validation": {"loss": 0.3, "folds": [0.2, 0.4], "metrics": {"accuracy": 0.9}},
        "metrics": {"accuracy": 0.95, "auc": None},
    }
    run = platform.run(kind="evaluate", state="succeeded", outcome=outcome, version=2)
    platform.on("POST", "/v1/models/m/evaluate", run)
    report = {"classes": ["no", "<b>"], "confusion": [[5, 1], [0, 7]], "roc": {}}
    platform.on("GET", "/v1/models/m/versions/2/evaluation", report)
    found = model.evaluate(folds=2)
    assert (found.loss, found.folds, found.version) == (0.3, [0.2, 0.4], 2)
    assert repr(found) == "<Evaluation of m: CV log_loss 0.3 over 2 folds, accuracy 0.9>"
    text = str(found)
    assert "accuracy    0.9       0.95" in text and "auc           -          -" in text
    assert "  <b>                0    7" in text
    assert "<b>" not in found._repr_html_() and "&lt;b&gt;" in found._repr_html_()


def test_an_evaluation_shows_how_many_parts_are_done(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    evaluating = {"kind": "evaluate", "iterations": 0}
    platform.on("POST", "/v1/models/m/evaluate", platform.run(**evaluating))
    platform.on(
        "GET",
        "/v1/runs/run-1",
        platform.run(tasks_done=2, **evaluating),
        platform.run(tasks_done=0, state="succeeded", **evaluating),
    )
    model.evaluate(folds=5)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "evaluating m: part 2 of 7"
    assert len(lines) == 2 and lines[1].startswith("evaluating m: done in ")


def test_a_deployment_has_an_address(model: Model, platform: "FakePlatform") -> None:
    assert model.deployment is None
    deployment = {
        "model": "m",
        "state": "serving",
        "path": "/v1/models/m/predict",
        "routes": [{"version": 2, "weight": 1.0, "artifact": "a", "digest": "d"}],
        "updated": "2024-05-01T12:00:00Z",
    }
    platform.on("POST", "/v1/models/m/deploy", deployment)
    platform.on("GET", "/v1/models/m/deployment", {**deployment, "state": "stopped"})
    deployed = model.deploy(2)
    assert platform.bodies("POST", "/v1/models/m/deploy") == [{"version": 2}]
    assert deployed.url == "https://fake.example/v1/models/m/predict"
    assert str(deployed) == "m serving version 2 at https://fake.example/v1/models/m/predict"
    assert str(model.deployment) == "m stopped"


def answer(body: Any) -> dict[str, Any]:
    rows = given_from_container(body).rows if isinstance(body, bytes) else len(body["rows"])
    yes = {"label": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}
    return {"version": 1, "predictions": [yes] * rows}


def test_predictions_of_one_row_and_of_many(model: Model, platform: "FakePlatform") -> None:
    path = "/v1/models/m/predict"
    platform.on("POST", path, answer)
    one = model.predict({"a": 1})
    assert isinstance(one, Prediction) and (one.label, one.probability) == ("yes", 0.75)
    many = model.predict(np.zeros((12_345, 10)))
    assert (len(many), len(platform.bodies("POST", path)), len(model.predict([]))) == (12_345, 4, 0)


def test_a_row_in_a_later_batch_is_counted_from_the_callers_first(
    model: Model, platform: "FakePlatform"
) -> None:
    error = InvalidData("'row 7' is text", row=7, column="a")
    platform.on("POST", "/v1/models/m/predict", answer, error)
    with pytest.raises(InvalidData) as caught:
        model.predict(np.zeros((6000, 1)))
    assert str(caught.value) == "row 5007, column 'a': 'row 7' is text"
    assert (caught.value.row, caught.value.column) == (5007, "a")


def test_an_update_says_what_was_decided(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = {"promoted": False, "reason": "worse", "champion": {"loss": 1.0}, "challenger": {"loss": 2.0}}
    run = platform.run(kind="update", state="succeeded", outcome=outcome, version=3)
    platform.on("POST", "/v1/models/m/update", run)
    update = model.update(iterations=5)
    assert (update.promoted, update.version, update.challenger) == (False, 3, {"loss": 2.0})
    assert str(update) == "m version 3 not promoted, the champion stays: worse"
    assert str(update) in capsys.readouterr().err


def test_lists_are_read_page_by_page(model: Model, platform: "FakePlatform") -> None:
    pages = {
        None: {"items": [platform.version(1)], "next": "1"},
        "1": {"items": [platform.version(2)], "next": None},
    }
    platform.on("GET", "/v1/models/m/versions", lambda query: pages[(query or {}).get("after")])
    assert [version.version for version in model.versions()] == [1, 2]
    platform.on("GET", "/v1/runs", lambda query: {"items": 5 * [platform.run(id=query["model"])]})
    assert [run.id for run in model.runs(3)] == ["m", "m", "m"]
    assert repr(model.runs(1)[0]) == "<Run m: train m running, iteration 0 of 100>"


def test_what_may_change_is_asked_for_each_time(model: Model, platform: "FakePlatform") -> None:
    platform.on("GET", "/v1/models/m", model_view(), {**model_view(), "state": "retired"})
    assert model.champion == 2
    assert model.state == "retired"
    platform.on("POST", "/v1/models/m/retire", {**model_view(), "state": "retired"})
    model.retire()


def test_an_answer_of_another_language_is_no_traceback_of_ours(
    model: Model, platform: "FakePlatform"
) -> None:
    platform.on("POST", "/v1/models/m/monitor", {"hello": "world"})
    with pytest.raises(Unavailable, match="the platform's answer is not understood"):
        model.monitor()
