"""The state machines of the template in moto, which interprets them: their calls go to the deployed functions."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from tests.infra.aws import events
from tests.support.waiting import until

FUNCTION = f"arn:aws:lambda:{events.REGION}:{events.ACCOUNT}:function:"
MACHINE = f"arn:aws:states:{events.REGION}:{events.ACCOUNT}:stateMachine:"
STACK = "lepton"


def of_machines(template: dict[str, Any]) -> dict[str, Any]:
    """The properties of each state machine."""
    found = template["Resources"].items()
    return {
        name: one["Properties"] for name, one in found if one["Type"] == "AWS::StepFunctions::StateMachine"
    }


def arns(template: dict[str, Any]) -> dict[str, str]:
    """The ARN of each machine by its name in the template."""
    return {
        name: MACHINE + one["StateMachineName"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
        for name, one in of_machines(template).items()
    }


@dataclass
class Machines:
    """Those of a template, and their executions."""

    client: Any
    arns: dict[str, str]

    def executions(self) -> list[Any]:
        """All that there ever were, as moto has them: to ask for them each time would take as long as they do."""
        machines = stepfunctions_parser_backends[events.ACCOUNT][events.REGION].state_machines
        return [one for machine in machines for one in machine.executions]

    def settled(self) -> None:
        """Wait until no execution is under way."""
        until(lambda: all(one.status != "RUNNING" for one in self.executions()), "all executions have ended")


def create_machines(template: dict[str, Any]) -> Machines:
    """Make the machines: CloudFormation's own, in moto, are not interpreted."""
    client, known = boto3.client("stepfunctions"), arns(template)
    for name, properties in of_machines(template).items():
        definition = json.dumps(properties["Definition"])
        for word, stands_for in properties["DefinitionSubstitutions"].items():
            definition = definition.replace(f"${{{word}}}", _resolved(stands_for, known))
        assert "${" not in definition
        role = f"arn:aws:iam::{events.ACCOUNT}:role/{properties['RoleArn']['Fn::GetAtt'][0]}"
        client.create_state_machine(name=known[name].rpartition(":")[2], definition=definition, roleArn=role)
    return Machines(client, known)


def _resolved(stands_for: dict[str, Any], known: dict[str, str]) -> str:
    [(how, of)] = stands_for.items()
    if how == "Fn::GetAtt":
        return f"{FUNCTION}{of[0]}"
    return {"AWS::Partition": "aws", **known}[of]
