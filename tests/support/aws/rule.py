"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.aws.asked import Answer, Asked


def _nothing(asked: Asked) -> Answer | None:
    return None


def _as_it_is(asked: Asked, answer: Answer) -> Answer:
    return answer


@dataclass(frozen=True)
class Rule:
    """What AWS does and moto does not, for the operations ``of``.

    ``refuse`` gives the refusal of a request, or None for one that is to be carried out. ``told`` gives what is
    answered to one that was carried out. ``source`` says where AWS writes so, and when that was read.
    """

    name: str
    of: tuple[str, ...]
    source: str
    refuse: Callable[[Asked], Answer | None] = _nothing
    told: Callable[[Asked, Answer], Answer] = _as_it_is
