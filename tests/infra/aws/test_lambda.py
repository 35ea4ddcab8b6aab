"""The zip alone, on an empty path, takes a model through its whole life, with the roles that the template gives it."""

import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.edge import ROUTES
from lepton_ai import Data, DataPreprocessor, Model
from lepton_core.models import ALGORITHMS
from tests.infra.aws.carried import Carried
from tests.infra.aws.cloud import plenty
from tests.infra.aws.function import Folders
from tests.infra.aws.stack import FUNCTION, deployed
from tests.infra.aws.story import Story, tell
from tests.support.algorithms import quick
from tests.support.moto_aws import MotoAws
from tests.support.world import csv_of, two_classes

pytestmark = pytest.mark.slow

FUNCTIONS = [
    "APIHandler",
    "MonitorHourly",
    "PickUp",
    "PlanRun",
    "ReadFile",
    "SweepMinutely",
    "UpdateDaily",
    "UploadLanded",
    "WorkTask",
]
NUMBERS = csv_of({"a": range(60), "b": [at * at for at in range(60)], "y": [at / 7 for at in range(60)]})
HEAVY = {"click", "httptools", "lepton_ai", "moto", "pandas", "pebble", "rich", "scipy", "sklearn", "uvicorn"}
OF_TRAINING = {"threadpoolctl"}
"""What comes with scikit-learn and is loaded before it."""


def tops(loaded: Mapping[str, str]) -> set[str]:
    """The first names of modules."""
    return {module.partition(".")[0] for module in loaded}


@pytest.fixture(scope="module")
def folders(
    task: Path, layer: Path, learners: Path, readers: Path, tmp_path_factory: pytest.TempPathFactory
) -> Folders:
    layers = {"Dependencies": layer, "Learners": learners, "Readers": readers}
    return Folders(task, layers, tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def story(_moto: MotoAws, template: dict[str, Any], folders: Folders) -> Iterator[Story]:
    _moto.reset()
    with deployed(template, folders) as cloud:
        told = tell(cloud)
        told.seen["loaded"] = {name: function.loaded() for name, function in cloud.functions.items()}
        yield told


def test_the_whole_life_is_lived(story: Story) -> None:
    declared = {(endpoint.method, endpoint.path) for endpoint in ROUTES}
    in_template = {
        (method.upper(), path) for path, methods in story.cloud.api["paths"].items() for method in methods
    }
    assert in_template == declared
    assert story.cloud.routes == declared
    assert story.seen["a warm prediction called nothing"]
    assert story.seen["left to do"] == []


def test_an_idle_platform_asks_the_table_six_times_a_minute(story: Story) -> None:
    """For rollouts, for intents, for deletions, for what cancelled runs keep, for uploads, for runs."""
    assert story.seen["idle SweepMinutely"] == ["Query"] * 6
    assert story.seen["idle MonitorHourly"] == ["Query"]
    assert story.seen["idle UpdateDaily"] == ["Query"]


def test_the_sdk_takes_the_same_way(story: Story, tmp_path: Path) -> None:
    (tmp_path / "train_data.csv").write_bytes(two_classes(300, seed=1))
    (tmp_path / "update_data.csv").write_bytes(two_classes(400, seed=2))
    story.cloud.landed = []

    model = Model(
        "logistic_regression", name="my_model", transport=Carried(story.cloud, story.key), quiet=True
    )
    data = Data.from_csv(tmp_path / "train_data.csv")
    model.upload_data(data)
    preprocessor = DataPreprocessor()
    preprocessor.add_transformer("Normalize", input="X", output="X_normalized")
    preprocessor.fit(data)
    model.upload_preprocessor(preprocessor)
    model.train(iterations=100, learning_rate=0.01)
    model.deploy()
    model.predict(data)
    assert model.monitor().rows == 300
    model.upload_data(Data.from_csv(tmp_path / "update_data.csv"))
    assert model.train(iterations=50, learning_rate=0.01).version == 3, "2 is the update that the data led to"
    model.deploy()
    assert model.predict(data).version == 3


@pytest.mark.sampled(3)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_is_trained_where_scikit_learn_is_and_served_where_it_is_not(
    story: Story, folders: Folders, tmp_path: Path, algorithm: str
) -> None:
    (tmp_path / "data.csv").write_bytes(
        two_classes(120, seed=3) if algorithm != "linear_regression" else NUMBERS
    )
    story.cloud.landed = []
    name = f"of_{algorithm}"
    model = Model(algorithm, name=name, transport=Carried(story.cloud, story.key), quiet=True)
    model.upload_data(Data.from_csv(tmp_path / "data.csv"))
    version = model.train(**quick(ALGORITHMS[algorithm]))
    model.deploy()
    assert model.predict([{"a": 1.0, "b": 1.0}]).version == version.version
    assert not HEAVY & tops(story.cloud.functions["APIHandler"].loaded())

    assert not HEAVY & tops(story.cloud.functions["PlanRun"].loaded())
    used = story.cloud.functions["WorkTask"].loaded()
    place = f"{folders.layers['Learners']}/"
    assert all(
        file.startswith(place) for module, file in used.items() if module.startswith(("sklearn", "scipy"))
    )


def searched(story: Story, name: str) -> Any:
    """The finished run of a search that was asked for, and for which no schedule came."""
    story.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression"})
    csv = two_classes(120, seed=3)
    announced = story.ok("POST", f"/v1/datasets/{name}/upload", {"size": len(csv)})
    story.cloud.put(announced["url"], csv)
    story.cloud.deliver()
    return story.driven(f"/v1/models/{name}/train", {"auto": "hyperparameters", "trials": 4})


def test_trials_are_done_by_functions_side_by_side(story: Story) -> None:
    """The first trial goes on only when a second one is in another process. For a third one no function is free."""
    invoking = story.cloud.invoking
    invoking.two_calls_meet()
    throttled = invoking.throttled
    run = searched(story, "searched")
    assert invoking.meet is None
    assert len(invoking.sandboxes["WorkTask"].all) == 2
    assert invoking.throttled > throttled
    assert (run["state"], run["attempt"]) == ("succeeded", 1)
    assert run["outcome"]["leaderboard"][0]["loss"] is not None


@pytest.mark.parametrize("name", ["WorkTask", "PlanRun"])
def test_a_function_that_is_killed_costs_its_task_only(story: Story, name: str) -> None:
    story.cloud.invoking.kill.append(name)
    run = searched(story, f"killed-{name.lower()}")
    assert story.cloud.invoking.kill == []
    assert (run["state"], run["attempt"]) == ("succeeded", 1)


def test_a_driver_of_the_version_before_leaves_its_run_to_others(story: Story) -> None:
    """It is at work for minutes while a newer version is deployed, and sends the whole task."""
    for name, kind in (("WorkTask", "fit"), ("WorkTask", "cut"), ("ReadFile", "cut")):
        asked = {"workspace": "default", "run": "run-1", "attempt": 1, "task": {"type": kind}}
        work = story.cloud.invoking.sandboxes[name].all[0]  # the first of all may have been killed
        assert work.invoke(asked, plenty) == {"late": True}


def serve(story: Story, name: str) -> None:
    """A model that was trained and is deployed, and is updated by itself."""
    story.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression"})
    drop(story, name, two_classes(120, seed=3))
    assert story.driven(f"/v1/models/{name}/train", {"iterations": 20})["state"] == "succeeded"
    story.ok("POST", f"/v1/models/{name}/deploy", {})


def drop(story: Story, dataset: str, csv: bytes) -> None:
    """Somebody puts a file into the bucket; S3 tells of it."""
    key = f"default/incoming/{dataset}/{len(csv)}.csv"
    boto3.client("s3").put_object(Bucket=story.cloud.bucket, Key=key, Body=csv)
    story.cloud.landed = [(key, len(csv))]
    assert story.cloud.deliver() == ["UploadLanded"]


def updates_of(story: Story, model: str) -> list[Any]:
    """The runs of update of one model."""
    runs = story.ok("GET", "/v1/runs")["items"]
    return [one for one in runs if (one["model"], one["kind"]) == (model, "update")]


def is_promoted_or_refused(story: Story, run: Any) -> bool:
    """Whether an update has ended with a verdict, and what it promoted, or left, is served."""
    served = story.ok("GET", f"/v1/models/{run['model']}/deployment")["routes"][0]["version"]
    assert (run["state"], run["version"]) == ("succeeded", 2)
    return bool(served == (2 if run["outcome"]["promoted"] else 1))


@pytest.mark.parametrize("times", [1, 2])
def test_data_that_arrives_in_the_bucket_is_learned_right_after_the_commit_with_no_schedule(
    story: Story, times: int
) -> None:
    name = f"fresh-{times}"
    serve(story, name)
    scheduled = [story.cloud.functions[one] for one in ("SweepMinutely", "UpdateDaily", "MonitorHourly")]
    before = [len(one.calls) for one in scheduled]
    story.cloud.invoking.times = times
    drop(story, name, two_classes(400, seed=4))
    story.cloud.invoking.times = 2
    [run] = updates_of(story, name)
    assert run["outcome"]["trigger"].startswith("data version 2 is newer")
    assert run["attempt"] == 1
    assert is_promoted_or_refused(story, run)
    assert [len(one.calls) for one in scheduled] == before


def test_nobody_is_called_where_nothing_was_queued(story: Story) -> None:
    """So the calls that follow from each other come to an end."""
    serve(story, "still")
    before = len(story.cloud.machines.executions())
    calls = story.cloud.functions["PickUp"].calls
    called = len(calls)
    story.cloud.invoking.sandboxes["PickUp"].all[0].invoke({}, plenty)
    assert not {"Invoke", "StartExecution"} & set(calls[called:])
    asked = {
        "round": {"workspace": "default", "run": "run-1", "attempt": 1, "name": "run-1-1"},
        "wide": False,
    }
    planned = story.cloud.invoking.sandboxes["PlanRun"].all[0].invoke(asked, plenty)
    assert planned["next"] == "end"
    assert story.cloud.invoking.queued == []
    assert len(story.cloud.machines.executions()) == before


@pytest.mark.parametrize(
    ("lost", "caller", "said"),
    [
        ("PickUp", "UploadLanded", "nobody was woken"),
        ("StartExecution", "PickUp", "no execution was begun"),
    ],
)
def test_an_update_whose_call_is_lost_is_begun_by_the_next_sweep(
    story: Story, lost: str, caller: str, said: str
) -> None:
    name = f"lost-{lost.lower()}"
    serve(story, name)
    invoking = story.cloud.invoking
    invoking.lose.append(lost)
    drop(story, name, two_classes(400, seed=5))
    assert invoking.lose == []
    assert [run["state"] for run in updates_of(story, name)] == ["queued"] * (lost != "PickUp")
    assert said in story.cloud.functions[caller].logged()
    story.cloud.tick("SweepMinutely")
    [run] = updates_of(story, name)
    assert is_promoted_or_refused(story, run)


def test_who_may_not_call_a_function_is_refused(story: Story) -> None:
    may = {
        "APIHandler": ["PickUp"],
        "MonitorHourly": ["PickUp"],
        "SweepMinutely": ["PickUp"],
        "UploadLanded": ["PickUp"],
    }
    for name, function in story.cloud.functions.items():
        granted = [resource for action, resource in function.role.grants() if action.startswith("lambda:")]
        assert sorted(granted) == [FUNCTION + called for called in may.get(name, [])]
        assert {action for action, _ in function.role.grants() if action.startswith("lambda:")} <= {
            "lambda:InvokeFunction"
        }
    for name, called, kind in [
        ("APIHandler", "WorkTask", "RequestResponse"),
        ("APIHandler", "ReadFile", "RequestResponse"),
        ("UploadLanded", "ReadFile", "RequestResponse"),
        ("ReadFile", "WorkTask", "RequestResponse"),
        ("WorkTask", "ReadFile", "RequestResponse"),
        ("WorkTask", "WorkTask", "RequestResponse"),
        ("WorkTask", "PickUp", "Event"),
        ("WorkTask", "PlanRun", "Event"),
        ("UpdateDaily", "PickUp", "Event"),
        ("UpdateDaily", "PlanRun", "Event"),
        ("PickUp", "WorkTask", "RequestResponse"),
        ("PlanRun", "PickUp", "Event"),
        ("PlanRun", "WorkTask", "RequestResponse"),
    ]:
        path = f"/2015-03-31/functions/{called}/invocations"
        signed = f"Credential=ASIA{name.upper()}/20300310/eu-west-1/lambda/aws4_request"
        status, _, _ = story.cloud.invoking.call(path, signed, b"{}", kind)
        assert status == 403
        assert story.cloud.invoking.queued == []
        story.cloud.functions[name].role.denied.clear()


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("no key", 401, "unauthorized"),
        ("wrong key", 401, "unauthorized"),
        ("no path", 404, "not_found"),
        ("no method", 404, "not_found"),
        ("not JSON", 400, "invalid_input"),
        ("no media type", 415, "unsupported_media_type"),
        ("too large", 413, "too_large"),
        ("throttled", 429, "unavailable"),
        ("crashed", 502, "internal"),
    ],
)
def test_every_error_has_one_shape_whoever_makes_it(story: Story, what: str, status: int, code: str) -> None:
    got, answer = story.refused[what]
    assert (got, answer["error"]["code"]) == (status, code)
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_allows_what_its_function_does_and_nothing_else(story: Story, name: str) -> None:
    role = story.cloud.functions[name].role
    assert role.denied == set()
    # Lambda writes the log with the function's role, not our code.
    assert {grant for grant in role.unused() if not grant[0].startswith("logs:")} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_loads_the_zip_and_the_layer_and_nothing_heavy(
    story: Story, folders: Folders, name: str
) -> None:
    assert set(story.cloud.functions) == set(FUNCTIONS)
    loaded = story.seen["loaded"][name]
    assert HEAVY & tops(loaded) == set()
    assert OF_TRAINING & tops(loaded) == (OF_TRAINING if name == "WorkTask" else set())
    assert "functions.runs.places.processes" not in loaded
    assert {one for one in loaded if one.partition(".")[0] == "infra"} <= {
        "infra",
        "infra.aws",
        "infra.aws.answers",
        "infra.aws.host",
    }

    ours = {module for module, file in loaded.items() if file.startswith(f"{folders.task}/")}
    from_layer = {
        module for module, file in loaded.items() if file.startswith(f"{folders.layers['Dependencies']}/")
    } | (OF_TRAINING & set(loaded))
    assert all(
        loaded[module].startswith(f"{folders.layers['Learners']}/") for module in OF_TRAINING & from_layer
    )
    read = {module for module, file in loaded.items() if file.startswith(f"{folders.layers['Readers']}/")}
    assert tops(dict.fromkeys(read, "")) == ({"pyarrow", "python_calamine"} if name == "ReadFile" else set())
    from_layer |= read
    standard = sysconfig.get_paths()["stdlib"]
    elsewhere = [Path(loaded[module]).resolve() for module in loaded if module not in ours | from_layer]
    assert [str(file) for file in elsewhere if not file.is_relative_to(Path(standard).resolve())] == []
    assert [str(file) for file in elsewhere if "site-packages" in file.parts] == []
    assert {"start", "app", "functions.train", "functions.update", "lepton_core.train"} <= ours
    assert {module for module in ours if module.startswith("chalice")} == {"chalice", "chalice.app"}
    assert {"boto3", "msgspec", "numpy"} <= from_layer


def test_no_log_holds_a_secret_or_an_error_of_ours(story: Story) -> None:
    for function in story.cloud.processes:
        logged = function.logged()
        assert "ERROR" not in logged
        assert "Traceback" not in logged
        assert not [secret for secret in story.secrets if secret in logged]
        assert "X-Amz-Signature" not in logged
