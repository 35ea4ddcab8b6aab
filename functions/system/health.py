"""Health: whether the platform answers, and which release it is."""

from typing import Literal

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.context import VERSION


class Health(msgspec.Struct, frozen=True):
    """That the platform answers, and its version."""

    status: Literal["ok"]
    version: str


bp = Blueprint(__name__)


@edge.route(bp, "GET", "/v1/health", scope=None, public=True, returns=Health)
def health(call: edge.Call[None]) -> Health:
    """Say that the platform answers."""
    return Health(status="ok", version=VERSION)
