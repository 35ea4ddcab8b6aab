"""The members of a version that blends several models."""

from typing import Any

import msgspec


class Blended(msgspec.Struct, frozen=True):
    """One member: how it was trained, and its weight; those of all members sum to 1."""

    algorithm: str
    hyperparameters: dict[str, Any]
    weight: float
