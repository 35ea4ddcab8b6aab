import numpy as np
from numpy.testing import assert_array_equal

from lepton_core.descent import (
    Full,
    Penalty,
    Squared,
    begin,
    constant,
    descend,
    gradient_descent,
    lbfgs,
    momentum,
)
from lepton_core.descent.newton import bend, newton
from lepton_core.descent.relay import relay


def run(optimizer, weights, iterations, state=None, stop=lambda state: False):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    state = begin(weights, optimizer) if state is None else state
    parts = (Squared(), Penalty(l2=0.1), optimizer, constant(), Full(), state, X, y)
    return descend(*parts, rate=0.1, iterations=iterations, stop=stop)


def test_one_goes_on_where_the_other_came_to():
    both = run(relay(gradient_descent(), momentum(0.5), after=4), np.zeros(4), 9)
    first = run(gradient_descent(), np.zeros(4), 4)
    assert_array_equal(both.weights, run(momentum(0.5), first.weights, 5).weights)
    assert_array_equal(both.losses[:4], first.losses)


def test_it_may_be_stopped_before_and_after():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    optimizer = relay(lbfgs(memory=2), newton(bend(Squared(), X, y, l2=0.1)), after=3)
    whole = run(optimizer, np.zeros(4), 6)
    state = None
    while state is None or not state.finished:
        state = run(optimizer, np.zeros(4), 6, state, stop=lambda state: True)
    assert_array_equal(state.weights, whole.weights)
    assert_array_equal(state.losses, whole.losses)
