"""The rules in front of moto: each request that arrives is refused by one of them, or carried out."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.rule import Rule
from tests.support.aws.throttling import Throttling

CarryOut = Callable[[AWSPreparedRequest], Answer | None]


class Layer:
    """``rules`` in front of moto, for all threads of this process.

    Requests arrive at any time and are carried out one at a time: moto is not thread-safe, one condition could have
    several winners. What was under way when a request arrived, and what overtook it, is what the rules about races
    go by. ``clock`` is the time by which addresses and tokens end; ``throttling``, if there is one, comes before all
    rules.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.clock: Callable[[], float] = time.time
        self.throttling: Throttling | None = None
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            for operation in rule.of:
                self._rules[operation].append(rule)
        self._off: set[str] = set()
        self._memory: dict[str, Any] = {}
        self._under_way: list[Asked] = []
        self._meanwhile: list[tuple[str, Callable[[], Any]]] = []
        self._arriving = Lock()
        # Re-entrant, because moto calls itself, and a test may ask for something while a request is under way.
        self._one_at_a_time = RLock()

    def reset(self) -> None:
        """Forget all requests so far."""
        self._memory.clear()
        self._meanwhile.clear()
        self.clock = time.time
        self.throttling = None

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """AWS as moto has it, as far as the rules ``names`` go."""
        known = {rule.name for rules in self._rules.values() for rule in rules}
        assert set(names) <= known, f"no rule is called {set(names) - known}"
        before, self._off = self._off, self._off | set(names)
        try:
            yield
        finally:
            self._off = before

    def meanwhile(self, operation: str, then: Callable[[], Any]) -> None:
        """Call ``then`` while the next request of ``operation`` is under way: it arrived, and is not carried out."""
        self._meanwhile.append((operation, then))

    def answer(self, request: AWSPreparedRequest, carry_out: CarryOut) -> Answer | None:
        """AWS's answer to ``request``; None for a host that is not AWS's."""
        asked = self._arrived(request)
        try:
            with self._one_at_a_time:
                self._call_meanwhile(asked.operation)
                return self._decide(asked, carry_out)
        finally:
            with self._arriving:
                self._under_way.remove(asked)

    def _arrived(self, request: AWSPreparedRequest) -> Asked:
        with self._arriving:
            asked = Asked(request, self.clock(), self._memory, tuple(self._under_way))
            self._under_way.append(asked)
        return asked

    def _call_meanwhile(self, operation: str) -> None:
        for one in [one for one in self._meanwhile if one[0] == operation][:1]:
            self._meanwhile.remove(one)
            one[1]()

    def _decide(self, asked: Asked, carry_out: CarryOut) -> Answer | None:
        rules = [rule for rule in self._rules.get(asked.operation, ()) if rule.name not in self._off]
        refusal = self._refused(asked, rules)
        if refusal is not None:
            return refusal if asked.request.method != "HEAD" else (*refusal[:2], "")
        answer = carry_out(asked.to_carry_out())
        if answer is None:
            return None
        if answer[0] < 300:
            self._tell_the_others(asked)
        for rule in rules:
            answer = rule.told(asked, answer)
        return answer

    def _refused(self, asked: Asked, rules: list[Rule]) -> Answer | None:
        if self.throttling is not None and (throttled := self.throttling.refuse(asked)) is not None:
            return throttled
        return next((it for rule in rules if (it := rule.refuse(asked)) is not None), None)

    def _tell_the_others(self, asked: Asked) -> None:
        with self._arriving:
            others = [other for other in self._under_way if other is not asked]
        for other in others:
            other.overtaken.append(asked)
