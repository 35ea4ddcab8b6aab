"""The template's own resources in moto, through moto's CloudFormation: names and references are resolved by it."""

import json
import os
from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import boto3

from tests.infra.aws import events
from tests.infra.aws.cloud import Cloud
from tests.infra.aws.function import Folders, Function, start
from tests.infra.aws.invoke import Invoking, Sandboxes, Server
from tests.infra.aws.machines import FUNCTION, STACK, create_machines
from tests.infra.aws.roles import Role

NAME = STACK
ADDRESS = f"https://{events.HOST}/api/"
AT_ONCE = 2
"""Processes of a function that others call: as many as two cores can use. One call more is throttled."""

_UNKNOWN = ("AWS::Serverless::", "AWS::Lambda::", "AWS::S3::BucketPolicy")
"""What moto's CloudFormation cannot make."""


def create_stack(template: dict[str, Any]) -> dict[str, str]:
    """Make the bucket, the table, the roles and the log groups of ``template``; the stack's outputs."""
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if not resource["Type"].startswith(_UNKNOWN)
    }
    told = json.dumps(resources)
    for name in of_functions(template):
        told = told.replace(f'{{"Fn::GetAtt": ["{name}", "Arn"]}}', json.dumps(FUNCTION + name))
    made = {
        "Resources": json.loads(told),
        "Outputs": {
            "Bucket": template["Outputs"]["Bucket"],
            "Table": template["Outputs"]["Table"],
            "EndpointURL": {"Value": ADDRESS},
        },
    }
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName=NAME, TemplateBody=json.dumps(made), Capabilities=["CAPABILITY_IAM"]
    )
    [stack] = cloudformation.describe_stacks(StackName=NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def of_functions(template: dict[str, Any]) -> dict[str, Any]:
    """The properties of each function."""
    found = template["Resources"].items()
    return {name: one["Properties"] for name, one in found if one["Type"] == "AWS::Serverless::Function"}


def roles() -> dict[str, Role]:
    """Every role of the stack with its one policy, by its name in the template."""
    iam = boto3.client("iam")
    listed = boto3.client("cloudformation").list_stack_resources(StackName=NAME)["StackResourceSummaries"]
    found = {}
    for one in listed:
        if one["ResourceType"] == "AWS::IAM::Role":
            [name] = iam.list_role_policies(RoleName=one["PhysicalResourceId"])["PolicyNames"]
            document = iam.get_role_policy(RoleName=one["PhysicalResourceId"], PolicyName=name)[
                "PolicyDocument"
            ]
            # Moto shows a policy that CloudFormation made as Python writes it.
            policy = literal_eval(document) if isinstance(document, str) else document
            found[one["LogicalResourceId"]] = Role(policy)
    return found


@contextmanager
def deployed(template: dict[str, Any], folders: Folders) -> Iterator[Cloud]:
    """The stack, with a process for each function; moto must run."""
    outputs = create_stack(template)
    of_role = roles()
    variables = {"LEPTON_BUCKET": outputs["Bucket"], "LEPTON_TABLE": outputs["Table"]}
    assert set(template["Globals"]["Function"]["Environment"]["Variables"]) == set(variables)
    with ExitStack() as ending:
        server = Server()
        variables["AWS_ENDPOINT_URL_LAMBDA"] = ending.enter_context(server.listening())
        functions: dict[str, Function] = {}
        calls = Invoking(functions, {}, of_role["RunsRole"])
        machines = create_machines(template)
        cloud = Cloud(template, outputs["Bucket"], outputs["Table"], functions, calls, machines)
        ending.enter_context(environment(AWS_ENDPOINT_URL_LAMBDA=variables["AWS_ENDPOINT_URL_LAMBDA"]))
        ending.callback(cloud.close)
        server.invoking = calls
        for name, properties in of_functions(template).items():
            role = of_role[properties["Role"]["Fn::GetAtt"][0]]
            own = properties.get("Environment", {"Variables": {}})["Variables"]
            begin = partial(
                start,
                name,
                properties,
                role,
                folders,
                variables | {key: machines.arns.get(of["Ref"], of["Ref"]) for key, of in own.items()},
            )
            functions[name] = begin()
            functions[name].lose = calls.lose
            calls.sandboxes[name] = Sandboxes(
                functions[name], partial(another, functions[name], begin), AT_ONCE
            )
        for function in functions.values():
            function.start()
        yield cloud


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Variables of this process, in which moto's own clients are made."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]


def another(first: Function, begin: Callable[[], Function]) -> Function:
    """One more process of a function; its calls are counted, and watched, with those of the first."""
    function = begin()
    function.calls, function.watchers, function.lose = first.calls, first.watchers, first.lose
    function.start()
    return function
