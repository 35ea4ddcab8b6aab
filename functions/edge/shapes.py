"""The shapes that the requests and replies of all steps have in common."""

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

Name = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$(?!\n)",  # $ alone lets a final newline through
        description="1 to 63 letters, digits, '_', '-' or '.', beginning with a letter or digit.",
    ),
]


Scope = Literal["read", "write", "predict", "admin"]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what a caller sends: a field that we do not know is an error, never ignored."""


T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list; pass ``next`` as ``?after=`` to get the one behind it."""

    items: list[T]
    next: str | None = None
