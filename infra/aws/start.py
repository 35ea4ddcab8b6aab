"""The module that Lambda loads for every function, at the zip's root: the whole app, and the clients of its stores.

One module serves all functions, as Chalice finds each handler by its name in the app. The clients are made here because
Lambda runs this part on a faster processor, and before the first request waits for it.
"""

import os
from typing import Any

from app import app as whole
from functions.context import bind
from infra.aws.answers import handed_on
from infra.aws.host import platform_from_environment

globals().update({one.name: whole.handler_map[one.name] for one in whole.event_sources})
globals().update({one.name: whole.handler_map[one.name] for one in whole.pure_lambda_functions})

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    bind(platform_from_environment())


def app(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one API Gateway event."""
    return handed_on(whole(event, context))
