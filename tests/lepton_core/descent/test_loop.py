"""The loop: what it records, when it stops, that it resumes bit for bit, and what it calls diverged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import (
    Full,
    Logistic,
    Mini,
    Optimizer,
    Penalty,
    Softmax,
    Squared,
    begin,
    constant,
    cosine,
    descend,
    gradient_descent,
    lbfgs,
    line_search,
    momentum,
)
from lepton_core.errors import Diverged

rng = np.random.default_rng(1)
X = rng.normal(size=(50, 3))
classes = rng.integers(0, 3, 50)
binary = (X[:, 0] + 0.5 * rng.normal(size=50) > 0).astype(float)
values = X @ [1.0, 2.0, 3.0] + 4 + 0.1 * rng.normal(size=50)
TARGETS = {Logistic(): binary, Softmax(3): classes, Squared(): values}
OPTIMIZERS = {
    "gradient_descent": gradient_descent(),
    "momentum": momentum(),
    "nesterov": momentum(nesterov=True),
}
ALL = OPTIMIZERS | {
    "line_search": line_search(),
    "lbfgs": lbfgs(),
    "scaled lbfgs": lbfgs(lambda gradient: gradient * [1.0, 0.5, 2.0, 1.0]),
}


LOGISTIC, DESCENT, NO_PENALTY, FULL = Logistic(), gradient_descent(), Penalty(), Full()


def run(loss=LOGISTIC, *, optimizer=DESCENT, penalty=NO_PENALTY, batches=FULL, state=None, **options):
    state = state or begin(np.zeros(loss.shape(3)), optimizer)
    options = {"rate": 0.1, "iterations": 12, "schedule": constant()} | options
    s = options.pop("s", None)
    return descend(
        loss, penalty, optimizer, options.pop("schedule"), batches, state, X, TARGETS[loss], s, **options
    )


def test_the_losses_are_the_objective_where_each_gradient_was_taken():
    penalty = Penalty(l1=0.01, l2=0.1)
    end = run(penalty=penalty, iterations=5)
    assert len(end.losses) == end.iteration == 5
    assert end.first == end.losses[0] == pytest.approx(np.log(2))
    fourth = run(penalty=penalty, iterations=4).weights
    assert end.losses[4] == pytest.approx(Logistic().value(fourth, X, binary) + penalty.value(fourth))


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("l1", [0.0, 0.3])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=5)
def test_what_an_optimizer_is_given_passes_finite_differences(loss, l1, seed):
    weights = np.random.default_rng(seed).normal(size=loss.shape(3))
    seen = []

    def step(objective, slots, weights, rate):
        seen.append(objective)
        return objective(weights)[0], weights, slots

    penalty = Penalty(l1=l1, l2=0.7)
    state = begin(weights, Optimizer(init=lambda weights: {}, step=step))
    run(
        loss,
        optimizer=Optimizer(lambda weights: {}, step),
        penalty=penalty,
        state=state,
        rate=0.0,
        iterations=1,
    )
    value, gradient = seen[0](weights)
    assert value == pytest.approx(loss.value(weights, X, TARGETS[loss]) + penalty.value(weights), rel=1e-13)
    absolute = np.zeros_like(weights)
    absolute[..., :-1] = l1 * np.sign(weights[..., :-1])  # the proximal step stands for these
    for at in np.ndindex(weights.shape):
        move = np.zeros_like(weights)
        move[at] = 1e-6
        slope = (seen[0](weights + move)[0] - seen[0](weights - move)[0]) / 2e-6
        assert (gradient + absolute)[at] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_small_rate_never_raises_the_loss():
    assert (np.diff(run(iterations=300).losses) < 0).all()


def test_an_iteration_of_mini_batches_is_one_epoch():
    end = run(batches=Mini(16), iterations=1)
    w, total = np.zeros(4), 0.0
    for rows, truth, _ in Mini(16).of(0, X, binary):
        value, gradient = Logistic().value_and_gradient(w, rows, truth)
        w, total = w - 0.1 * gradient, total + value * len(rows) / 50
    np.testing.assert_array_equal(end.weights, w)
    assert end.losses == pytest.approx([total])


def test_stop_is_asked_after_each_iteration_and_obeyed():
    asked = []
    end = run(stop=lambda state: asked.append(state.iteration) or False)
    assert asked == list(range(1, 13))
    assert end.finished == "iterations"
    paused = run(stop=lambda state: state.iteration == 4)
    assert (paused.iteration, paused.finished) == (4, "")
    assert run(state=end) is end


@pytest.mark.parametrize("batches", [Full(), Mini(7, seed=3)], ids=["full", "mini"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@given(
    stops=st.sets(st.integers(1, 11)), loss=st.sampled_from(list(TARGETS)), l1=st.sampled_from([0.0, 0.05])
)
@settings(deadline=None, max_examples=12)
def test_interrupted_anywhere_it_gives_the_same_bits(optimizer, batches, stops, loss, l1):
    parts = {
        "optimizer": optimizer,
        "batches": batches,
        "penalty": Penalty(l1, 0.1),
        "schedule": cosine(12),
        "tolerance": 1e-9,
        "rate": 0.02,
    }
    whole = run(loss, **parts)
    state, pauses = None, 0
    while state is None or not state.finished:
        state = run(loss, state=state, stop=lambda now: now.iteration in stops, **parts)
        state = replace(
            state,
            weights=state.weights.copy(),
            slots={name: array.copy() for name, array in state.slots.items()},
            losses=state.losses.copy(),
        )
        pauses += 1
    assert pauses == len(stops) + 1
    assert state.weights.tobytes() == whole.weights.tobytes()
    assert state.losses.tobytes() == whole.losses.tobytes()
    assert (state.first, state.best, state.waited) == (whole.first, whole.best, whole.waited)


def test_states_seen_on_the_way_stay_as_they_were():
    seen = []
    run(
        iterations=200,
        stop=lambda state: seen.append((state, state.weights.copy(), state.losses.copy())) or False,
    )
    for state, weights, losses in seen:
        np.testing.assert_array_equal(state.weights, weights)
        np.testing.assert_array_equal(state.losses, losses)
        assert not state.losses.flags.writeable


def test_without_tolerance_all_iterations_are_done():
    assert run(Squared(), rate=0.5, iterations=2000).iteration == 2000


@pytest.mark.parametrize("optimizer", ALL.values(), ids=ALL)
def test_a_full_batch_converges_to_the_minimum_whatever_the_momentum(optimizer):
    end = run(Squared(), optimizer=optimizer, rate=0.3, iterations=10_000, tolerance=1e-9)
    assert end.finished == "converged"
    assert end.iteration < 1000
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(50)]), values, rcond=None)[0]
    np.testing.assert_allclose(end.weights, exact, rtol=1e-3)


def test_mini_batches_stop_early_when_no_epoch_is_better():
    end = run(Squared(), batches=Mini(5), rate=0.1, iterations=10_000, tolerance=1e-7, patience=5)
    assert end.finished == "early stopping"
    assert end.waited == 5
    assert end.losses[-6] == end.best == end.losses.min()


@pytest.mark.parametrize("batches", [Full(), Mini(7)], ids=["full", "mini"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("rate", [10.0, 1e150, 1e308])
def test_squared_with_too_large_a_rate_diverges(optimizer, batches, rate):
    with pytest.raises(Diverged, match=r"diverged.*smaller than") as caught:
        run(Squared(), optimizer=optimizer, batches=batches, rate=rate, iterations=600)
    assert caught.value.field == "learning_rate"


def test_a_rate_a_little_too_large_is_found_out_at_the_end():
    with pytest.raises(Diverged, match=r"the loss ended at .* worse than .* without training"):
        run(Squared(), rate=2.2, iterations=10)


@pytest.mark.parametrize("batches", [Full(), Mini(7)], ids=["full", "mini"])
@pytest.mark.parametrize("loss", [Logistic(), Softmax(3)], ids=repr)
@pytest.mark.parametrize("rate", [1e6, 1e308])
def test_classifiers_with_an_absurd_rate_diverge(loss, batches, rate):
    with pytest.raises(Diverged):
        run(loss, batches=batches, rate=rate, iterations=20)


def test_a_bad_beginning_is_not_blamed_on_the_rate():
    state = begin(np.full(4, 100.0), gradient_descent())
    end = run(state=state, rate=0.01, iterations=3)
    assert Logistic().value(end.weights, X, binary) > np.log(2)


def test_targets_that_zero_weights_explain_are_fine():
    state = begin(np.zeros(4), gradient_descent())
    args = (Squared(), Penalty(), gradient_descent(), constant(), Full(), state, X, np.zeros(50))
    assert descend(*args, rate=0.1, iterations=5).losses.tolist() == [0.0] * 5


@pytest.mark.parametrize("optimizer", ALL.values(), ids=ALL)
def test_where_nothing_is_lost_it_comes_to_rest_as_well(optimizer):
    exact = X @ [1.0, 2.0, 3.0] + 4
    state = begin(np.zeros(4), optimizer)
    args = (Squared(), Penalty(), optimizer, constant(), Full(), state, X, exact)
    end = descend(*args, rate=0.3, iterations=10_000, tolerance=1e-7)
    assert end.finished == "converged"
    assert end.iteration < 1000
    np.testing.assert_allclose(end.weights, [1, 2, 3, 4], rtol=1e-6)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
def test_what_begins_at_the_minimum_does_not_get_worse(loss):
    penalty = Penalty(l2=0.1)
    there = run(loss, optimizer=lbfgs(), penalty=penalty, rate=0.1, iterations=200, tolerance=1e-12)
    for optimizer in ALL.values():
        state = begin(there.weights, optimizer)
        end = run(loss, optimizer=optimizer, penalty=penalty, state=state, rate=0.1, iterations=50)
        after = loss.value(end.weights, X, TARGETS[loss]) + penalty.value(end.weights)
        assert after <= there.losses[-1] * (1 + 1e-12)
        np.testing.assert_allclose(end.weights, there.weights, atol=1e-5)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("optimizer", ALL.values(), ids=ALL)
def test_a_share_of_k_is_a_row_that_occurs_k_times(loss, optimizer):
    times = np.random.default_rng(2).integers(0, 3, 50)
    options = {"rate": 0.05, "iterations": 30}
    weighted = run(loss, optimizer=optimizer, penalty=Penalty(l2=0.1), s=times / times.mean(), **options)
    data = np.repeat(X, times, axis=0), np.repeat(TARGETS[loss], times)
    parts = (loss, Penalty(l2=0.1), optimizer, constant(), Full(), begin(np.zeros(loss.shape(3)), optimizer))
    often = descend(*parts, *data, **options)
    np.testing.assert_allclose(weighted.weights, often.weights, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(weighted.losses, often.losses, rtol=1e-9)


def test_batches_take_the_shares_of_their_rows_along():
    s = np.random.default_rng(3).exponential(size=50)
    end, w = run(batches=Mini(16), iterations=1, s=s), np.zeros(4)
    for rows, truth, shares in Mini(16).of(0, X, binary, s):
        w = w - 0.1 * Logistic().value_and_gradient(w, rows, truth, shares)[1]
    np.testing.assert_array_equal(end.weights, w)


def test_each_batch_sees_the_loss_of_its_own():
    seen = []

    class Noted(Logistic):
        def at(self, iteration, batch):
            seen.append((iteration, batch))
            return Logistic()

    state, parts = begin(np.zeros(4), DESCENT), (NO_PENALTY, DESCENT, constant(), Mini(20))
    descend(Noted(), *parts, state, X, binary, rate=0.1, iterations=2)
    assert seen == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_what_turns_above_where_it_began_has_not_converged():
    heights = iter([1.0, 5.0, 5.0, 5.0, 5.0, 0.5, 0.5, 0.5])

    def step(objective, slots, weights, rate):
        return next(heights), weights, slots

    still = Optimizer(lambda weights: {}, step)
    end = run(optimizer=still, tolerance=1e-3, patience=2, iterations=100)
    assert (end.finished, end.iteration) == ("converged", 8)
