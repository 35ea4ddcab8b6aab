"""A fresh process, as Lambda starts one: from nothing to the first answer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.aws import events

MODULES = 879
"""Modules that a function may load before it is ready: nearly all of a cold start is their loading.

Sixty-five of them came with the kinds of columns, what looks after data sets, encoding by the label, and the
watching of texts, six with the console and the sessions of browsers, three with the preview of preprocessors,
two with traffic that is drawn, one with files that are scored, one with what served before, one with what explains,
 three with a search that keeps its seconds, two with the route that makes lags, one with predictions that a file
 alone makes as well, two with the protocols of other systems, two with versions that are imported, and one with routes
 that a server of one model imports without Chalice. Five came with whole files that are scored, one with rollouts of
 updates, one with weights that hold the scaling, one with the routes of services, one with answers that are too large
 for Lambda, and five with runs that a state machine drives.
"""

LATE = 5
"""Modules that the first request may load on top of them."""

CODE = """
import json, sys
task, layer, event = sys.argv[1:]
sys.path[:] = [task, *sys.path[1:], layer]
import start
loaded = set(sys.modules)
answer = start.app(json.loads(event), None)
late = sorted(set(sys.modules) - loaded)
print(json.dumps({"status": answer["statusCode"], "modules": sorted(sys.modules), "late": late}))
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


def test_the_work_is_done_while_the_function_is_loaded_and_not_by_the_first_request(
    cold: dict[str, Any],
) -> None:
    sys.stdout.write(f"{len(cold['modules'])} modules, {len(cold['late'])} by the first request\n")
    assert cold["status"] == 200
    assert len(cold["modules"]) <= MODULES
    assert len(cold["late"]) <= LATE, cold["late"]
    assert not {name.partition(".")[0] for name in cold["late"]} & {"boto3", "botocore", "numpy"}


def test_nothing_heavy_and_no_tool_of_chalice_is_loaded(cold: dict[str, Any]) -> None:
    top = {module.partition(".")[0] for module in cold["modules"]}
    of_hosts_that_are_not_this = {"httptools", "pebble", "uvicorn", "uvloop"}
    assert not top & (of_hosts_that_are_not_this | {"click", "lepton_ai", "pandas", "rich", "yaml"})
    assert not top & {"scipy", "sklearn", "threadpoolctl"}
    assert "functions.runs.places.processes" not in cold["modules"]
    of_hosts = {module for module in cold["modules"] if module.partition(".")[0] == "infra"}
    assert of_hosts <= {"infra", "infra.aws", "infra.aws.answers", "infra.aws.host"}
    assert {module for module in cold["modules"] if module.startswith("chalice")} == {
        "chalice",
        "chalice.app",
    }
