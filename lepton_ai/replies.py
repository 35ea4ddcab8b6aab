"""What the platform replies as types of its own; it loads little, so that a command that only lists is quick."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from lepton_ai.errors import not_understood

T = TypeVar("T")


def read(value: Any, kind: type[T]) -> T:
    """The answer ``value`` as a ``kind``; ``Unavailable`` if the platform speaks another language."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise not_understood(error) from None


class ModelView(msgspec.Struct, frozen=True):
    """A model as the platform describes it."""

    name: str
    algorithm: str
    dataset: str
    created: datetime
    task: str | None = None
    preprocessor: dict[str, Any] | None = None
    policy: dict[str, Any] = {}
    state: str = "active"
    latest: int = 0
    champion: int | None = None
    challenger: int | None = None
    run: str | None = None
