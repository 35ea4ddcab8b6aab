"""The zip alone, on an empty path, answers API Gateway and EventBridge against moto."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.aws.bundle import ROOT, bundle

PROBE = Path(__file__).with_name("lambda_probe.py")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    package = bundle(tmp_path_factory.mktemp("bundle"), layer=False)
    unpacked = tmp_path_factory.mktemp("unpacked").resolve()
    zipfile.ZipFile(package / "deployment.zip").extractall(unpacked)
    resources = json.loads((package / "sam.json").read_text())["Resources"]
    handlers = {
        name: resource["Properties"]["Handler"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    environment = {
        "PATH": os.environ["PATH"],
        "LEPTON_BUCKET": "lepton-test",
        "LEPTON_TABLE": "lepton-test",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    done = subprocess.run(
        [sys.executable, str(PROBE), str(unpacked), str(ROOT), json.dumps(handlers)],
        cwd=unpacked,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_everything_came_from_the_zip_and_nothing_heavy_was_loaded(answers: dict[str, Any]) -> None:
    assert answers["outside"] == []
    assert answers["heavy"] == []


def test_api_gateway_is_answered(answers: dict[str, Any]) -> None:
    assert answers["health"][0] == 200
    status, body = answers["anonymous"]
    assert (status, body["error"]["code"]) == (401, "unauthorized")
    status, body = answers["created"]
    assert (status, body["name"]) == (201, "m")


def test_a_file_in_the_bucket_becomes_a_version(answers: dict[str, Any]) -> None:
    assert answers["url"].startswith("https://")
    assert "lepton-test" in answers["url"]
    assert answers["rows"] == 40
