import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app import app
from infra.aws.bundle import bundle, config
from infra.aws.policies import policy


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("bundle"), layer=False)


@pytest.fixture(scope="module")
def template(package: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((package / "sam.json").read_text())
    return loaded


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: it["Properties"] for name, it in template["Resources"].items() if it["Type"] == kind}


def test_the_zip_holds_the_app_the_functions_and_the_core(package: Path) -> None:
    names = zipfile.ZipFile(package / "deployment.zip").namelist()
    assert {"app.py", "functions/upload.py", "functions/storage/aws.py", "lepton_core/errors.py"} <= set(
        names
    )
    assert {"chalice/app.py", "chalice/__init__.py"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"app.py", "functions", "lepton_core", "chalice"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_every_function_has_its_own_role_its_layer_and_its_python(template: dict[str, Any]) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    assert len(functions) == 1 + len(app.event_sources)
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]
    assert len(set(roles)) == len(roles)
    for function in functions.values():
        assert function["Runtime"] == "python3.13"
        assert function["Layers"] == [{"Ref": "Dependencies"}]
        assert function["CodeUri"] == "./deployment.zip"
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables == {"LEPTON_BUCKET": {"Ref": "Bucket"}, "LEPTON_TABLE": {"Ref": "Table"}}


def test_no_role_may_touch_what_is_not_ours(template: dict[str, Any]) -> None:
    for role in of_type(template, "AWS::IAM::Role").values():
        for inline in role["Policies"]:
            for statement in inline["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                assert isinstance(statement["Resource"], dict), "a resource is named, never '*'"
                assert not [action for action in statement["Action"] if "*" in action]


def test_a_function_without_a_policy_stops_the_bundle() -> None:
    with pytest.raises(ValueError, match="newcomer"):
        policy("newcomer")
    assert config("lepton", ["api_handler"])["autogen_policy"] is False


def test_the_api_is_regional_and_state_outlives_the_stack(template: dict[str, Any]) -> None:
    assert of_type(template, "AWS::Serverless::Api")["RestAPI"]["EndpointConfiguration"] == "REGIONAL"
    for name in ("Bucket", "Table"):
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
    table = of_type(template, "AWS::DynamoDB::Table")["Table"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    bucket = of_type(template, "AWS::S3::Bucket")["Bucket"]
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"] is True


def test_events_come_from_our_own_bucket_only(template: dict[str, Any]) -> None:
    functions = of_type(template, "AWS::Serverless::Function").values()
    events = [event for function in functions for event in function.get("Events", {}).values()]
    patterns = [event["Properties"]["Pattern"] for event in events if "Pattern" in event["Properties"]]
    schedules = [event["Properties"]["Schedule"] for event in events if "Schedule" in event["Properties"]]
    assert [pattern["detail"]["bucket"] for pattern in patterns] == [{"name": [{"Ref": "Bucket"}]}]
    assert sorted(schedules) == ["rate(1 day)", "rate(1 hour)", "rate(1 minute)"]
    assert all(re.fullmatch(r"rate\(.*\)", schedule) for schedule in schedules)
