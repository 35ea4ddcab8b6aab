"""One optimizer after another."""

from collections.abc import Mapping

import numpy as np

from lepton_core.descent.losses import Array
from lepton_core.descent.optimizers import Objective, Optimizer, Slots

_FIRST = "first."
_THEN = "then."


def relay(first: Optimizer, then: Optimizer, *, after: int) -> Optimizer:
    """``first`` for ``after`` steps, and from where it came to on with ``then``.

    For two that take the proximal step themselves, or need none, as `lbfgs` and `newton`. The slots are those of both,
    of their own shapes, and how many steps were taken, ``(1,)``.

    >>> from lepton_core.descent.optimizers import gradient_descent, momentum
    >>> sorted(relay(gradient_descent(), momentum(), after=10).init(np.zeros(2)))
    ['steps', 'then.before']
    """

    def init(weights: Array) -> Slots:
        return _slots(0, first.init(weights), then.init(weights))

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        steps, before, later = int(slots["steps"][0]), _of(slots, _FIRST), _of(slots, _THEN)
        if steps < after:
            value, weights, before = first.step(objective, before, weights, rate)
            later = then.init(weights)
        else:
            value, weights, later = then.step(objective, later, weights, rate)
        return value, weights, _slots(steps + 1, before, later)

    return Optimizer(init, step, first.reach)


def _slots(steps: int, first: Slots, then: Slots) -> Slots:
    named = {_FIRST + name: array for name, array in first.items()}
    named |= {_THEN + name: array for name, array in then.items()}
    return {"steps": np.array([float(steps)]), **named}


def _of(slots: Mapping[str, Array], prefix: str) -> Slots:
    return {name.removeprefix(prefix): array for name, array in slots.items() if name.startswith(prefix)}
