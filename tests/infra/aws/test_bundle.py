"""The zip and the template that are deployed, read as they are."""

import ast
import doctest
import json
import re
import subprocess
import sys
import zipfile
from graphlib import TopologicalSorter
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app import app
from infra.aws.bundle import functions, names
from infra.aws.gateway_responses import gateway_responses
from infra.aws.host import MEMORY_BYTES
from infra.aws.machine import PLAN_SECONDS, WORK_SECONDS
from infra.aws.packing import (
    LOCKS,
    MOST_UNZIPPED,
    Sizes,
    compile_folder,
    compile_zip,
    lambda_python,
    sizes,
    trim,
    without_examples,
)
from infra.aws.policies import policy
from infra.aws.template import LAYERS, LEAST_COMPRESSED, PYTHON
from tests.support.sampling import some

MEBIBYTE = 2**20
WORST_TABLE = 16.6
"""Memory that a table of single digits takes on its way in, in sizes of its file; measured."""
PROCESS = 150 * MEBIBYTE

CALLED = {
    "ApiHandler": ["PickUp"],
    "UploadLanded": ["PickUp"],
    "MonitorHourly": ["PickUp"],
    "SweepMinutely": ["PickUp"],
}
"""The functions that each function, by the name of its role, calls."""
BEGIN_RUNS = {"ApiHandler", "PickUp", "SweepMinutely", "UpdateDaily", "UploadLanded"}
"""Those that begin executions, by the names of their roles."""


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: it["Properties"] for name, it in template["Resources"].items() if it["Type"] == kind}


def lambdas(template: dict[str, Any]) -> dict[str, Any]:
    return of_type(template, "AWS::Serverless::Function")


def test_the_zip_holds_the_app_the_functions_and_the_core(package: Path) -> None:
    names = zipfile.ZipFile(package / "deployment.zip").namelist()
    assert {"app.py", "start.py", "functions/upload.py", "lepton_core/errors.py"} <= set(names)
    assert {name for name in names if name.startswith("chalice")} == {"chalice/app.py", "chalice/__init__.py"}
    top = {name.split("/")[0] for name in names}
    assert top == {"app.py", "start.py", "functions", "infra", "lepton_core", "chalice"}
    hosts = {name for name in names if name.startswith("infra/")}
    assert hosts == {f"infra/{name}.py" for name in ("__init__", "aws/__init__", "aws/answers", "aws/host")}
    assert not [name for name in names if name.endswith(".pyc")], "compiled by the building Python"


def test_the_bundle_is_far_below_lambdas_limits(
    package: Path, layer: Path, learners: Path, readers: Path
) -> None:
    of_zip = sizes(package)
    of_layers = [
        sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for folder in (layer, learners, readers)
    ]
    whole = Sizes(of_zip.zipped, of_zip.unzipped, *of_layers)
    sys.stdout.write(f"{whole}\n")
    whole.check()
    assert of_zip.zipped < 1.4 * MEBIBYTE, "a fifth is the console and its two sample tables"
    assert of_zip.unzipped + whole.layer < 100 * MEBIBYTE, "of those that only predict"
    for besides in (whole.learners, whole.readers):
        assert of_zip.unzipped + whole.layer + besides < 240 * MEBIBYTE, "compiled files included"
    for too_much in (
        Sizes(1, 2, MOST_UNZIPPED),
        Sizes(1, 2, 3, MOST_UNZIPPED),
        Sizes(1, 2, 3, 4, MOST_UNZIPPED),
    ):
        with pytest.raises(ValueError, match="too large for Lambda"):
            too_much.check()


def test_the_layers_have_no_library_twice_and_all_that_theirs_need() -> None:
    locked = {
        name: set(re.findall(r"^([a-z0-9-]+)==", (LOCKS / f"{name}.txt").read_text(), re.M))
        for name in LAYERS.values()
    }
    assert locked["layer"] & (locked["learners"] | locked["readers"]) == set()
    assert {"pyarrow", "python-calamine"} == locked["readers"]
    assert {"scikit-learn", "scipy", "joblib", "threadpoolctl"} <= locked["learners"]
    assert not {"httptools", "pebble", "uvicorn", "uvloop"} & (locked["layer"] | locked["learners"]), (
        "of the other host"
    )
    everything = locked["layer"] | locked["learners"] | locked["readers"]
    for one in everything:
        needed = [Requirement(text) for text in distribution(one).requires or []]
        plain = {canonicalize_name(need.name) for need in needed if need.marker is None}
        assert plain <= everything, one


def test_what_is_needless_is_trimmed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a/tests/test_a.py", "a/a.pyi", "a/a.py", "a/testing/a.py", "tests/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    trim(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"a/a.py", "a/testing/a.py", "tests/a.py"}


def test_what_is_compiled_ahead_is_taken_as_it_is(package: Path, tmp_path: Path) -> None:
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("module.py", "value = 1\n")
    compile_zip(archive, sys.executable)
    with zipfile.ZipFile(archive) as code:
        [compiled] = [name for name in code.namelist() if name.endswith(".pyc")]
        assert compiled == f"__pycache__/module.{sys.implementation.cache_tag}.pyc"
        assert code.read(compiled)[4:8] == b"\x01\x00\x00\x00", "found by hash, and never checked"
    compile_folder(tmp_path, sys.executable)


def test_nothing_is_compiled_by_a_python_that_is_not_lambdas() -> None:
    python = lambda_python()
    if python is not None:
        asked = [python, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == PYTHON


def test_every_function_has_its_own_role_its_layers_and_its_python(template: dict[str, Any]) -> None:
    found = lambdas(template)
    assert len(found) == len(names(app)) == 5 + len(app.event_sources)
    roles = [function["Role"]["Fn::GetAtt"][0] for function in found.values()]
    assert len(set(roles)) == len(roles)
    assert set(of_type(template, "AWS::IAM::Role")) == {*roles, "RunsRole", "WideRunsRole"}
    folders = {
        name: layer["ContentUri"]
        for name, layer in of_type(template, "AWS::Serverless::LayerVersion").items()
    }
    assert folders == {"Dependencies": "./layer", "Learners": "./learners", "Readers": "./readers"}
    for name, function in found.items():
        assert function["Runtime"] == "python3.13"
        besides = {
            "WorkTask": ["Learners"],
            **{reads: ["Readers"] for reads in ("UploadLanded", "SweepMinutely", "ReadFile")},
        }
        assert [layer["Ref"] for layer in function["Layers"]] == ["Dependencies", *besides.get(name, [])]
        assert function["CodeUri"] == "./deployment.zip"
    assert {function["Handler"] for function in found.values()} == {
        "start.app",
        *(f"start.{name}" for name in names(app) if name != "api_handler"),
    }
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables == {"LEPTON_BUCKET": {"Ref": "Bucket"}, "LEPTON_TABLE": {"Ref": "Table"}}
    own = {
        name: function["Environment"]["Variables"]
        for name, function in found.items()
        if "Environment" in function
    }
    wakes = {"LEPTON_PICK_UP": {"Ref": "PickUp"}}
    begins = {"LEPTON_RUNS": {"Ref": "Runs"}}
    for name in ("PickUp", "UpdateDaily"):
        assert own.pop(name) == begins, "it queues runs"
    assert own.pop("MonitorHourly") == wakes, "it writes intents"
    assert own == dict.fromkeys(["APIHandler", "SweepMinutely", "UploadLanded"], wakes | begins), "both"


def test_a_function_that_is_called_has_no_event_of_its_own(template: dict[str, Any]) -> None:
    permitted = json.dumps(list(of_type(template, "AWS::Lambda::Permission").values()))
    for name in ("WorkTask", "ReadFile", "PickUp", "PlanRun"):
        assert "Events" not in lambdas(template)[name]
        assert name not in permitted, "its callers have a role, and nobody else may"
    assert max(lambdas(template)[name]["Timeout"] for name in ("WorkTask", "ReadFile")) < WORK_SECONDS
    assert lambdas(template)["PlanRun"]["Timeout"] < PLAN_SECONDS


def test_no_chain_of_calls_leads_back_to_where_it_began() -> None:
    """CloudFormation refuses such a circle of roles and variables, and Lambda stops such calls."""
    assert tuple(TopologicalSorter(CALLED).static_order())


def test_what_the_next_sweep_does_anyway_is_not_tried_again(template: dict[str, Any]) -> None:
    tried = {
        name: it["EventInvokeConfig"] for name, it in lambdas(template).items() if "EventInvokeConfig" in it
    }
    once = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert tried == {"SweepMinutely": once, "PickUp": once}


def test_no_role_may_touch_what_is_not_ours(template: dict[str, Any]) -> None:
    for name, role in of_type(template, "AWS::IAM::Role").items():
        if name in ("RunsRole", "WideRunsRole"):
            continue  # see test_machine.py
        [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
        assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in role
        [inline] = role["Policies"]
        for statement in inline["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert not [action for action in statement["Action"] if "*" in action]
            [(how, of)] = statement["Resource"].items()
            whose = of[0] if how == "Fn::GetAtt" else of.removesuffix("/*")
            allowed = {"Table", "Bucket", f"{name.removesuffix('Role')}Logs"}
            if statement["Action"] == ["lambda:InvokeFunction"]:
                allowed = set(CALLED[name.removesuffix("Role")])
            if statement["Action"] == ["states:StartExecution"]:
                assert name.removesuffix("Role") in BEGIN_RUNS
                assert statement["Resource"] == {"Ref": "Runs"}
                continue
            assert whose in allowed or re.fullmatch(
                r"\$\{Bucket\.Arn\}/\*/(incoming|done|tables|runs|exports|imports|scoring|predict)", whose
            )


def test_a_function_without_a_policy_stops_the_bundle() -> None:
    with pytest.raises(ValueError, match="newcomer"):
        policy("newcomer")


def test_every_function_has_time_and_memory_for_what_it_does(template: dict[str, Any]) -> None:
    found = {name: (it["Timeout"], it["MemorySize"]) for name, it in lambdas(template).items()}
    sys.stdout.write(f"{found}\n")
    assert found["APIHandler"][0] == 29, "API Gateway's own limit"
    assert all(0 < timeout <= 900 and 128 <= memory <= 10_240 for timeout, memory in found.values())
    for name in ("UploadLanded", "SweepMinutely", "WorkTask", "ReadFile"):
        timeout, memory = found[name]
        assert timeout == 900
        assert memory * MEBIBYTE >= MEMORY_BYTES + PROCESS
    assert found["PickUp"] == (300, 512), "it reads and writes records only"
    assert found["PlanRun"] == (300, 1024), "it plans tasks, and does none"
    assert found["PickUp"][1] * MEBIBYTE > PROCESS
    assert "ReservedConcurrentExecutions" not in json.dumps(template), "leases do that"


def test_every_log_ends_and_the_minutely_one_is_silent(template: dict[str, Any]) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    assert {group["RetentionInDays"] for group in groups.values()} == {30}
    logging = {name: function["LoggingConfig"] for name, function in lambdas(template).items()}
    of_functions = {one["LogGroup"]["Ref"] for one in logging.values()}
    assert of_functions | {"RunsLogs", "WideRunsLogs"} == set(groups)
    assert len(of_functions) == len(logging)
    assert {one["LogFormat"] for one in logging.values()} == {"JSON"}
    assert [name for name, one in logging.items() if one["SystemLogLevel"] != "INFO"] == ["SweepMinutely"]


def test_the_api_is_regional_with_one_stage_and_no_cors(template: dict[str, Any]) -> None:
    api = of_type(template, "AWS::Serverless::Api")["RestAPI"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    assert api["StageName"] == "api"
    assert template["Globals"]["Api"] == {"OpenApiVersion": "2.0"}, "or SAM adds a stage named Stage"
    methods = {method for path in api["DefinitionBody"]["paths"].values() for method in path}
    assert methods == {"get", "post", "put", "delete"}
    assert "Access-Control" not in json.dumps(template)


@pytest.mark.parametrize("kind", gateway_responses())
def test_what_api_gateway_says_by_itself_has_our_shape(template: dict[str, Any], kind: str) -> None:
    api = of_type(template, "AWS::Serverless::Api")["RestAPI"]["DefinitionBody"]
    response = api["x-amazon-apigateway-gateway-responses"][kind]
    [(content_type, text)] = response["responseTemplates"].items()
    said = json.loads(text.replace("$context.error.messageString", '"said \\"so\\""'))
    assert content_type == "application/json"
    assert set(said) == {"error"}
    assert set(said["error"]) == {"code", "message"}
    assert ("statusCode" in response) != kind.startswith("DEFAULT")


def test_events_come_from_our_own_bucket_only(template: dict[str, Any]) -> None:
    rules = {
        name: event["Properties"]
        for name, function in lambdas(template).items()
        for event in function.get("Events", {}).values()
    }
    patterns = {name: rule["Pattern"] for name, rule in rules.items() if "Pattern" in rule}
    assert [pattern["detail"]["bucket"] for pattern in patterns.values()] == [{"name": [{"Ref": "Bucket"}]}]
    assert {name: rule["Schedule"] for name, rule in rules.items() if "Schedule" in rule} == {
        "SweepMinutely": "rate(1 minute)",
        "MonitorHourly": "rate(1 hour)",
        "UpdateDaily": "rate(1 day)",
    }
    assert set(patterns) == {"UploadLanded"}


def test_nothing_that_the_template_makes_costs_while_it_is_idle(template: dict[str, Any]) -> None:
    assert {resource["Type"] for resource in template["Resources"].values()} == {
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::Serverless::Api",
        "AWS::Serverless::Function",
        "AWS::Serverless::LayerVersion",
        "AWS::StepFunctions::StateMachine",
    }
    for function in lambdas(template).values():
        assert not {"ProvisionedConcurrencyConfig", "SnapStart", "VpcConfig"} & set(function)
    api = of_type(template, "AWS::Serverless::Api")["RestAPI"]
    assert not {"CacheClusterEnabled", "Domain"} & set(api)


def test_what_is_long_is_sent_compressed(template: dict[str, Any]) -> None:
    assert of_type(template, "AWS::Serverless::Api")["RestAPI"]["MinimumCompressionSize"] == LEAST_COMPRESSED


def test_chalice_gives_no_permissions_of_its_own() -> None:
    assert {settings["iam_policy_file"] for settings in functions(app).values()} == {
        f"policy-{name}.json" for name in names(app)
    }


def told(source: str) -> list[str]:
    """What a module does, and on which lines: all of it but docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body[0] = ast.Pass()
    return [ast.dump(node, include_attributes=True) for node in tree.body]


@pytest.mark.lengthy
def test_a_module_without_its_examples_does_the_same_on_the_same_lines() -> None:
    root, shorter = Path(__file__).parents[3], 0
    every = [path for name in ("functions", "lepton_core") for path in sorted((root / name).rglob("*.py"))]
    paths = some("modules without their examples", every, 200)
    for path in paths:
        source = path.read_text()
        found = without_examples(source)
        bare = without_examples(source, brief=True, titled=False)
        for shorter_still in (found, without_examples(source, brief=True), bare):
            assert told(shorter_still) == told(source), path
            assert shorter_still.count("\n") == source.count("\n")
        shorter += len(source) - len(found)
        assert not doctest.DocTestParser().get_examples(ast.get_docstring(ast.parse(found)) or "")
    assert shorter > 50_000 * (1 if paths == every else len(paths) / len(every) / 2)
