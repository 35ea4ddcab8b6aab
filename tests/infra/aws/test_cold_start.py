"""A fresh process, as Lambda starts one: from nothing to the first answer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.aws import events

INIT_SECONDS = 10.0
"""Lambda's own limit for loading a function."""

CODE = """
import json, sys, time
task, layer, event = sys.argv[1:]
sys.path[:] = [task, *sys.path[1:], layer]
began = time.perf_counter()
import start
loaded = time.perf_counter()
answer = start.app(json.loads(event), None)
ended = time.perf_counter()
print(json.dumps({
    "load": loaded - began, "answer": ended - loaded, "status": answer["statusCode"], "modules": sorted(sys.modules)
}))
"""


@pytest.fixture(scope="module")
def cold(task: Path, layer: Path) -> dict[str, Any]:
    event = events.http(
        "GET", "/v1/health", "/v1/health", names={}, query={}, headers={}, body=b"", is_binary=False
    )
    environment = {
        "AWS_LAMBDA_FUNCTION_NAME": "APIHandler",
        "AWS_DEFAULT_REGION": events.REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "LEPTON_BUCKET": "b",
        "LEPTON_TABLE": "t",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", CODE, str(task), str(layer), json.dumps(event)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_first_answer_comes_long_before_lambda_gives_up(cold: dict[str, Any]) -> None:
    sys.stdout.write(f"load {cold['load']:.2f} s, first answer {cold['answer'] * 1000:.1f} ms\n")
    assert cold["status"] == 200
    assert cold["load"] < INIT_SECONDS / 2
    assert cold["answer"] < 1.0, "clients are made while the function is loaded, not by the first request"


def test_nothing_heavy_and_no_tool_of_chalice_is_loaded(cold: dict[str, Any]) -> None:
    top = {module.partition(".")[0] for module in cold["modules"]}
    assert not top & {"click", "lepton_ai", "pandas", "rich", "scipy", "sklearn", "uvicorn", "yaml"}
    of_hosts = {module for module in cold["modules"] if module.partition(".")[0] == "infra"}
    assert of_hosts <= {"infra", "infra.aws", "infra.aws.host"}
    assert {module for module in cold["modules"] if module.startswith("chalice")} == {
        "chalice",
        "chalice.app",
    }
