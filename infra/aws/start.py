"""What Lambda loads for every function: the whole app, and the clients of its stores. It lies at the zip's root.

An event's handler cannot do with its own module alone: the sweeper drives runs of every kind, and each step makes its
kind known when it is imported. The clients are made here because Lambda runs this part on a faster processor, and
before the first request waits for it.
"""

import os

from app import app
from functions.aws import platform_from_environment

globals().update({source.name: app.handler_map[source.name] for source in app.event_sources})

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    platform_from_environment()
