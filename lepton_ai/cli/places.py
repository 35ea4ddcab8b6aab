"""The options that name a stack on AWS."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = {
    "--stack": "The stack on AWS; your own AWS credentials are used.",
    "--bucket": "The bucket of a stack, in place of its name; with --table.",
    "--table": "The table of a stack, in place of its name; with --bucket.",
    "--region": "The region of AWS (default: that of your AWS configuration).",
}


def place_options(function: F) -> F:
    """``--stack``, or ``--bucket`` with ``--table``, and ``--region``."""
    for name, said in reversed(_OPTIONS.items()):
        function = click.option(name, help=said)(function)
    return function
