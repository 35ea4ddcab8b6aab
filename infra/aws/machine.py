"""The state machines that drive runs: Plan, a Map over Work, and a Choice, in the language of Step Functions.

States carry names and counts; what a task reads and leaves lies in the stores. Whatever is not planned again is tried
again here: what Lambda refused before anything began, and a Plan, which changes nothing if it is killed.
Source: https://states-language.net/spec.html, and "Using Map state in Distributed mode" of AWS's Step Functions guide.
"""

from collections.abc import Mapping
from typing import Any

from functions.runs.needs import FUNCTIONS
from functions.runs.rounds import MANY_TASKS, MOST_TASKS
from infra.aws.policies import RUNS_MACHINE, arn, resource

PLAN_RUN = "plan_run"

WIDE_RUNS = "WideRuns"
"""The machine of runs with many tasks, as the template names it: each task has an execution of its own."""

NOTHING_BEGAN = ["Lambda.TooManyRequestsException"]
"""No function was free."""

MAY_HAVE_BEGUN = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
]
"""Lambda did not say what became of a call. It may be made again: of a task done twice the first result counts."""

BEGUN_ALREADY = ["StepFunctions.ExecutionAlreadyExistsException"]

LOG_DELIVERY = [
    f"logs:{action}"
    for action in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
]
"""What a machine needs to log at all. These actions know no resource: IAM takes them on ``*`` only."""

PLAN_SECONDS = 310
WORK_SECONDS = 930
"""Seconds after which a function that Lambda forgot is given up, a little behind Lambda's own limit."""

MOST_EVENTS = 25_000
"""Events of one execution; the next one ends it."""


def retry(errors: list[str], attempts: int, first: int = 1, longest: int = 60) -> dict[str, Any]:
    """Try again: after a random part of ``first`` seconds, of twice as many, and so on, at most of ``longest``."""
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": first,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": longest,
        "MaxAttempts": attempts,
        "JitterStrategy": "FULL",
    }


def definition(*, wide: bool = False) -> dict[str, Any]:
    """The definition of a machine, whose substitutions are `substitutions`.

    Only the narrow one hands a run with many tasks to the other one.
    """
    onward = ["Continue"] if wide else ["Continue", "Widen"]
    places = {
        "Continue": {"StateMachineArn.$": "$$.StateMachine.Id"},
        "Widen": {"StateMachineArn": "${Wide}"},
    }
    return {
        "Comment": "Drives a run: what it does next says the record, which Plan reads.",
        "StartAt": "Plan",
        "States": {
            "Plan": {
                "Type": "Task",
                "Resource": "arn:${Partition}:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${PlanRun}", "Payload": {"round.$": "$", "wide": wide}},
                "OutputPath": "$.Payload",
                "TimeoutSeconds": PLAN_SECONDS,
                "Retry": [retry(["States.ALL"], 8)],
                "Next": "Choose",
            },
            "Choose": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.next", "StringEquals": name.lower(), "Next": name}
                    for name in ("Work", "Wait", *onward)
                ],
                "Default": "End",
            },
            "Work": _work(wide=wide),
            "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Plan"},
            **{name: _begin(places[name]) for name in onward},
            "End": {"Type": "Succeed"},
        },
    }


def _work(*, wide: bool) -> dict[str, Any]:
    """All tasks of a round side by side; each ends as itself, so that none ends its neighbours."""
    inline = {"Mode": "INLINE"}
    return {
        "Type": "Map",
        "ItemsPath": "$.tasks",
        "MaxConcurrency": MANY_TASKS if wide else MOST_TASKS,
        "ItemSelector": {
            "asked": {
                **{f"{name}.$": f"$.{name}" for name in ("workspace", "run", "attempt", "plan")},
                "task.$": "$$.Map.Item.Value.task",
            },
            "at.$": "$$.Map.Item.Value.at",
            "functions": [f"${{{resource(name)}}}" for name in FUNCTIONS],
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} if wide else inline,
            "StartAt": "Task",
            "States": {
                "Task": {
                    "Type": "Task",
                    "Resource": "arn:${Partition}:states:::lambda:invoke",
                    "Parameters": {
                        "FunctionName.$": "States.ArrayGetItem($.functions, $.at)",
                        "Payload.$": "$.asked",
                    },
                    "OutputPath": "$.Payload",
                    "TimeoutSeconds": WORK_SECONDS,
                    "Retry": [retry(NOTHING_BEGAN, 3), retry(MAY_HAVE_BEGUN, 2)],
                    "Catch": [
                        {"ErrorEquals": NOTHING_BEGAN, "ResultPath": None, "Next": "Busy"},
                        {"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Died"},
                    ],
                    "End": True,
                },
                "Busy": {"Type": "Pass", "Parameters": {"busy.$": "$.asked.task"}, "End": True},
                "Died": {"Type": "Pass", "Parameters": {"died.$": "$.asked.task"}, "End": True},
            },
        },
        "ResultPath": "$.ended",
        "Next": "Plan",
    }


def _begin(machine: Mapping[str, str]) -> dict[str, Any]:
    """Go on as another execution. Its name tells the round, so that it is begun once."""
    names = ("workspace", "run", "attempt", "name", "round")
    return {
        "Type": "Task",
        "Resource": "arn:${Partition}:states:::states:startExecution",
        "Parameters": {
            **machine,
            "Name.$": "States.Format('{}-{}', $.name, $.round)",
            "Input": {f"{name}.$": f"$.{name}" for name in names},
        },
        "Retry": [{"ErrorEquals": BEGUN_ALREADY, "MaxAttempts": 0}, retry(["States.ALL"], 8)],
        "Catch": [{"ErrorEquals": BEGUN_ALREADY, "Next": "End"}],
        "Next": "End",
    }


def machines(log_days: int) -> dict[str, Any]:
    """Both machines with their roles and their logs, as resources of the template."""
    return {
        name: resource
        for wide in (False, True)
        for name, resource in _machine(WIDE_RUNS if wide else RUNS_MACHINE, log_days, wide=wide).items()
    }


def _machine(name: str, log_days: int, *, wide: bool) -> dict[str, Any]:
    group = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [f"{name}Logs", "Arn"]}}}
    properties = {
        "StateMachineName": {"Fn::Sub": f"${{AWS::StackName}}-{_suffix(wide=wide)}"},
        "StateMachineType": "STANDARD",
        "RoleArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
        "Definition": definition(wide=wide),
        "DefinitionSubstitutions": _substitutions(wide=wide),
        "LoggingConfiguration": {"Level": "ERROR", "IncludeExecutionData": False, "Destinations": [group]},
    }
    return {
        name: {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties},
        f"{name}Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": log_days}},
        f"{name}Role": {"Type": "AWS::IAM::Role", "Properties": _role(wide=wide)},
    }


def _suffix(*, wide: bool) -> str:
    return "wide-runs" if wide else "runs"


def _substitutions(*, wide: bool) -> dict[str, Any]:
    called = {resource(name): arn(name) for name in (PLAN_RUN, *FUNCTIONS)}
    partition = {"Partition": {"Ref": "AWS::Partition"}}
    return {**called, **partition, **({} if wide else {"Wide": {"Ref": WIDE_RUNS}})}


def _role(*, wide: bool) -> dict[str, Any]:
    """What a machine may do: call the functions of its states, go on as another execution, and log that one failed.

    A wide one has executions for its tasks: it looks after them, and stops them if it is stopped itself.
    """
    own = f"${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:%s:${{AWS::StackName}}-{_suffix(wide=wide)}"
    itself = {"Fn::Sub": f"arn:{own % 'stateMachine'}"}  # named, as its role is there before it
    executions = {"Fn::Sub": f"arn:{own % 'execution'}:*"}
    onward = [itself] if wide else [itself, {"Ref": WIDE_RUNS}]
    of_tasks = _allow(["states:DescribeExecution", "states:StopExecution"], executions)
    statements = [
        _allow(["lambda:InvokeFunction"], [arn(name) for name in (PLAN_RUN, *FUNCTIONS)]),
        _allow(["states:StartExecution"], onward),
        *([of_tasks] if wide else []),
        _allow(LOG_DELIVERY, "*"),
    ]
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusted]},
        "Policies": [
            {
                "PolicyName": "RunsPolicy",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    }


def _allow(actions: list[str], on: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": on}
