"""From the template that Chalice writes to ours: what Chalice has no setting for."""

from collections.abc import Mapping
from typing import Any

from infra.aws.gateway_responses import gateway_responses
from infra.aws.machine import machines
from infra.aws.policies import BEGIN_RUNS, CALLS, RUNS_MACHINE, log_group, resource

PYTHON = "3.13"
"""Lambda's Python. From 3.12 on it stands on Amazon Linux 2023, whose glibc numpy's wheels need."""

LOG_DAYS = 30

LEAST_COMPRESSED = 1_000
"""Bytes of the shortest answer that API Gateway compresses for a client that takes it.

It cannot leave out answers with a secret, whose length could tell of it to who chooses a part of the answer (BREACH).
But no page of another site can call with a session: its cookie is for the same site only, and a call that changes
something needs a header of ours.
"""

START = "start"
"""The module at the zip's root that every function is loaded from: `infra.aws.start`."""

SWEEP = "sweep_minutely"
WORK_TASK = "work_task"
READ_FILE = "read_file"
PICK_UP = "pick_up"

VARIABLES: Mapping[str, str] = {PICK_UP: "LEPTON_PICK_UP"}
"""The variable by which a function knows the name of another one that it calls."""

RUNS_VARIABLE = "LEPTON_RUNS"
"""The variable by which a function knows the state machine that drives runs."""

LAYERS: Mapping[str, str] = {"Dependencies": "layer", "Learners": "learners", "Readers": "readers"}
"""Each layer's resource, and the name of its folder in the bundle and of its lock file in ``requirements``."""

TRAINING = (WORK_TASK,)
"""The functions that train: they alone have scikit-learn, whose models all others predict as arrays."""

READING = ("upload_landed", SWEEP, READ_FILE)
"""The functions that read files of any form: they alone have what reads Parquet, Arrow and Excel."""


def finish(template: dict[str, Any], functions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Chalice's ``template``, changed in place: layers, Lambda's Python, logs that end, errors of one shape.

    ``functions`` maps each function, as Chalice names it, to its settings; its resource in the template is found
    by its role.
    """
    resources: dict[str, Any] = template["Resources"]
    by_role = {log_group(name).removesuffix("Logs") + "Role": name for name in functions}
    found = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Serverless::Function"]
    for properties in found:
        name = by_role[properties["Role"]["Fn::GetAtt"][0]]
        properties.update(_function(name))
        resources[log_group(name)] = _logs()
        for event in properties.get("Events", {}).values():
            _own_bucket_only(event["Properties"].get("Pattern", {}))
    resources.update({layer: _layer(folder) for layer, folder in LAYERS.items()})
    resources.update(machines(LOG_DAYS))
    api = resources["RestAPI"]["Properties"]
    api["MinimumCompressionSize"] = LEAST_COMPRESSED
    api["DefinitionBody"]["x-amazon-apigateway-gateway-responses"] = gateway_responses()
    return template


def lambda_layers(function: str) -> list[str]:
    """The layers of a function, as Chalice names it.

    >>> lambda_layers("api_handler"), lambda_layers("work_task"), lambda_layers("upload_landed")
    (['Dependencies'], ['Dependencies', 'Learners'], ['Dependencies', 'Readers'])
    """
    learners = ["Learners"] if function in TRAINING else []
    return ["Dependencies", *learners, *(["Readers"] if function in READING else [])]


def _function(name: str) -> dict[str, Any]:
    """The properties that every function gets, and those of functions that the sweep makes up for, or that call."""
    handler = "app" if name == "api_handler" else name
    logging = {
        "LogGroup": {"Ref": log_group(name)},
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        # An idle sweep would write three lines a minute, for ever.
        "SystemLogLevel": "WARN" if name == SWEEP else "INFO",
    }
    properties: dict[str, Any] = {
        "Handler": f"{START}.{handler}",
        "Runtime": f"python{PYTHON}",
        "Layers": [{"Ref": layer} for layer in lambda_layers(name)],
        "LoggingConfig": logging,
    }
    if name in (SWEEP, PICK_UP):
        # One that failed, or had to wait, is not tried again: the next sweep comes within the minute.
        properties["EventInvokeConfig"] = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    known = {VARIABLES[one]: {"Ref": resource(one)} for one in CALLS.get(name, ())}
    if name in BEGIN_RUNS:
        known[RUNS_VARIABLE] = {"Ref": RUNS_MACHINE}
    if known:
        # Not among the variables of all functions: no function can have its own name in one.
        properties["Environment"] = {"Variables": known}
    return properties


def _own_bucket_only(pattern: dict[str, Any]) -> None:
    if "aws.s3" in pattern.get("source", []):
        pattern["detail"] = {**pattern.get("detail", {}), "bucket": {"name": [{"Ref": "Bucket"}]}}


def _logs() -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": LOG_DAYS}}


def _layer(folder: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {
            "ContentUri": f"./{folder}",
            "CompatibleRuntimes": [f"python{PYTHON}"],
            "CompatibleArchitectures": ["x86_64"],
            "RetentionPolicy": "Delete",
        },
    }
