"""What AWS says to a call, with a rule and without it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from botocore.exceptions import ClientError

from tests.support.moto_aws import MotoAws

Call = Callable[[MotoAws], Any]
"""Returns what a client of AWS returns, or an answer over HTTP; `ClientError` is caught."""


@dataclass(frozen=True)
class Case:
    """A call that ``rule`` refuses with ``code``."""

    rule: str
    code: str
    call: Call

    def __str__(self) -> str:
        return f"{self.rule}: {self.code}"


def code_of(call: Call, aws: MotoAws) -> str | None:
    """The error's code, or None if the call is accepted."""
    try:
        answer = call(aws)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    if isinstance(answer, requests.Response):
        if answer.status_code < 300:
            return None
        found = re.search(r"<Code>(\w+)</Code>", answer.text)
        return found[1] if found else str(answer.status_code)
    if isinstance(answer, dict) and "FunctionError" in answer:
        return str(json.loads(answer["Payload"].read())["errorType"])
    return None


def is_refused_by_this_rule_alone(case: Case, aws: MotoAws) -> bool:
    """Whether AWS refuses the call, and moto without the rule accepts it. If moto learns the rule, drop ours."""
    assert code_of(case.call, aws) == case.code
    with aws.rules.without(case.rule):
        without = code_of(case.call, aws)
    assert without is None, f"moto alone says {without}: {case.rule!r} may be its own by now"
    return True
