"""What is decided where a hyperparameter of descent is left out, and why."""

from dataclasses import asdict, fields

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from lepton_core.descent import Squared
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.models import algorithm
from lepton_core.models.descent_choices import batches, learning_rate, schedule
from lepton_core.models.descent_hyper import ADAPTIVE, OWN_STEPS, DescentHyper, plan
from lepton_core.models.hyper import configure

LINEAR, LOGISTIC = algorithm("linear_regression"), algorithm("logistic_regression")


def decided(given, rows=100, columns=30, n_classes=2):
    return plan(configure(DescentHyper(), given), rows, columns, n_classes)


@pytest.mark.parametrize(
    ("given", "optimizer", "l2", "patience"),
    [
        ({}, "newton", 0.01, 1),
        ({"l2": 0.0}, "newton", 0.0, 1),
        ({"l2": 0.5}, "newton", 0.5, 1),
        ({"tolerance": 1e-3, "patience": 5}, "newton", 0.01, 5),
        ({"iterations": None, "learning_rate": None}, "newton", 0.01, 1),
        ({"iterations": 100}, "gradient_descent", 0.0, 10),
        ({"optimizer": "auto", "iterations": 100}, "gradient_descent", 0.0, 10),
        ({"learning_rate": 0.01}, "gradient_descent", 0.0, 10),
        ({"iterations": 100, "learning_rate": 0.01, "l2": 0.5}, "gradient_descent", 0.5, 10),
        ({"iterations": 100, "l1": 0.1}, "gradient_descent", 0.0, 10),
        ({"iterations": 100, "optimizer": "lbfgs"}, "lbfgs", 0.01, 3),
        ({"batch_size": 32}, "gradient_descent", 0.0, 10),
        ({"clip": 1.0}, "gradient_descent", 0.0, 10),
        ({"weight_decay": 0.1}, "gradient_descent", 0.0, 10),
        ({"schedule": "cosine"}, "gradient_descent", 0.0, 10),
        ({"momentum": 0.5}, "momentum", 0.0, 10),
        ({"momentum": 0.5, "iterations": 100}, "momentum", 0.0, 10),
        ({"l1": 0.1}, "proximal", 0.0, 1),
        ({"optimizer": "nesterov"}, "nesterov", 0.0, 10),
        ({"optimizer": "line_search"}, "line_search", 0.0, 10),
        ({"optimizer": "adam"}, "adam", 0.0, 10),
    ],
    ids=str,
)
def test_what_is_left_out_is_decided(given, optimizer, l2, patience):
    made = decided(given)
    assert (made.optimizer, made.l2, made.patience) == (optimizer, l2, patience)
    assert bool(made.why) == (given.get("optimizer", "auto") == "auto")
    assert made.why == "" or made.why.startswith(f"{optimizer}: ")
    of_values = decided(given, n_classes=0)
    assert (of_values.optimizer, of_values.l2) == (optimizer, given.get("l2", 0.0))


def test_iterations_that_are_asked_for_are_all_done():
    assert (decided({}).iterations, decided({}).tolerance) == (1000, 1e-12)
    assert decided({"iterations": None}).tolerance == 1e-12
    assert (decided({"iterations": 5}).iterations, decided({"iterations": 5}).tolerance) == (5, 0.0)
    assert decided({"iterations": 5, "tolerance": 1e-3}).tolerance == 1e-3


@pytest.mark.parametrize(
    ("rows", "columns", "n_classes", "optimizer"),
    [
        (100, 0, 2, "newton"),
        (500, 30, 2, "newton"),
        (500, 30, 0, "newton"),
        (100, 20, 3, "newton"),
        (50_000, 30, 2, "lbfgs"),
        (300, 1000, 0, "newton"),
        (300, 1000, 2, "newton"),
        (3000, 300, 2, "lbfgs"),
        (3000, 100_000, 2, "lbfgs"),
        (1500, 64, 10, "lbfgs"),
    ],
)
def test_the_shape_of_the_data_decides(rows, columns, n_classes, optimizer):
    made = decided({}, rows, columns, n_classes)
    assert made.optimizer == optimizer
    assert made.why.startswith(f"{optimizer}: {rows} rows of {columns} columns, ")


@pytest.mark.parametrize(("columns", "n_classes", "optimizer"), [(30, 2, "proximal"), (300, 10, "nesterov")])
def test_with_l1_the_number_of_weights_decides(columns, n_classes, optimizer):
    made = decided({"l1": 0.1}, 100_000, columns, n_classes)
    assert made.optimizer == optimizer
    assert made.why == f"{optimizer}: 100000 rows of {columns} columns, and l1, which makes corners"


def test_where_one_hessian_is_enough_it_may_cost_more():
    made = [plan(DescentHyper(), 20_000, 30, 0, quadratic=quadratic).optimizer for quadratic in (True, False)]
    assert made == ["newton", "lbfgs"]


def test_a_loss_without_second_derivatives_is_not_for_newton():
    assert plan(DescentHyper(), 100, 4, 2, curved=False).optimizer == "lbfgs"
    assert plan(DescentHyper(l1=0.1), 100, 4, 2, curved=False).optimizer == "nesterov"
    for optimizer in ("newton", "proximal"):
        with pytest.raises(InvalidInput, match="second derivatives") as caught:
            plan(DescentHyper(optimizer=optimizer), 100, 4, 2, curved=False)
        assert caught.value.field == "optimizer"


@pytest.mark.parametrize("of", [LINEAR, LOGISTIC], ids=["linear", "logistic"])
def test_the_note_says_which_optimizer_and_why(of):
    from tests.support.algorithms import Case

    case = Case(of, 0 if of is LINEAR else 2)
    assert case.fit(iterations=None).note.startswith(
        "newton: 40 rows of 4 columns, the Hessian costs little; "
    )
    assert case.fit(iterations=None, optimizer="lbfgs").note.split(": ")[0] != "lbfgs"
    assert "l1, which makes corners" in case.fit(iterations=None, l1=0.1).note


@pytest.mark.parametrize("optimizer", OWN_STEPS)
@pytest.mark.parametrize(
    ("field", "value"),
    [("learning_rate", 0.1), ("batch_size", 8), ("schedule", "cosine"), ("clip", 1.0), ("weight_decay", 0.1)],
)
def test_what_an_optimizer_with_steps_of_its_own_cannot_use_is_refused(optimizer, field, value):
    with pytest.raises(InvalidInput, match=f"does not go with optimizer='{optimizer}'") as caught:
        LINEAR.configure({"optimizer": optimizer, field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("optimizer", OWN_STEPS)
def test_corners_are_for_proximal_steps(optimizer):
    given = {"optimizer": optimizer, "l1": 0.1}
    if optimizer in ("proximal", "line_search"):
        assert LINEAR.configure(given).l1 == 0.1
        return
    with pytest.raises(InvalidInput, match="proximal does") as caught:
        LINEAR.configure(given)
    assert caught.value.field == "l1"


@over(
    given=st.fixed_dictionaries(
        {},
        optional={
            "iterations": st.integers(1, 50),
            "l1": st.sampled_from([0.0, 0.1]),
            "momentum": st.sampled_from([0.5]),
            "optimizer": st.sampled_from(["auto", "adam", "momentum"]),
        },
    )
)
@settings(max_examples=40, deadline=None)
def test_a_configuration_given_again_is_the_same(given):
    made = LOGISTIC.configure(given)
    assert LOGISTIC.configure(asdict(made)) == made
    assert LOGISTIC.configure({one.name: getattr(made, one.name) for one in fields(made)}) == made


@pytest.mark.parametrize("iterations", [1, 2, 3, 9, 10, 11, 19, 100, 101, 1000])
@pytest.mark.parametrize("name", ["constant", "step", "exponential", "cosine", "inverse_time"])
def test_the_last_iteration_has_the_decayed_rate(name, iterations):
    falling = schedule(decided({"iterations": iterations, "schedule": name, "decay": 0.2}))
    factors = [falling(i) for i in range(iterations)]
    last = 0.2 if name != "constant" and iterations > 1 else 1.0
    assert (factors[0], factors[-1]) == (1.0, pytest.approx(last))
    assert factors == sorted(factors, reverse=True)


def test_batches_no_smaller_than_the_data_are_the_data():
    assert not batches(decided({"batch_size": 10}, rows=10), 0).noisy
    assert batches(decided({"batch_size": 9}, rows=10), 0).noisy


def test_momentum_over_mini_batches_gets_a_smaller_rate():
    X, y = np.random.default_rng(0).normal(size=(100, 3)), np.zeros(100)
    plain, with_momentum = (
        learning_rate(decided({"batch_size": 10, "optimizer": name}), Squared(), X, y, n_classes=0)[0]
        for name in ("gradient_descent", "momentum")
    )
    assert with_momentum == pytest.approx(plain / 10)


@pytest.mark.parametrize("optimizer", ADAPTIVE)
def test_an_adaptive_rate_is_in_the_units_of_weights(optimizer):
    X, y = 10.0 * np.random.default_rng(0).normal(size=(100, 3)), np.linspace(-1.0, 3.0, 100)
    chosen = decided({"optimizer": optimizer}, n_classes=0)
    one, note = learning_rate(chosen, Squared(), X, y, n_classes=0)
    assert "chosen from the data" in note
    assert learning_rate(chosen, Squared(), X, 1e6 * y, n_classes=0)[0] == pytest.approx(1e6 * one)
    assert learning_rate(chosen, Squared(), 7.0 * X, y, n_classes=0)[0] == pytest.approx(one / 7.0)
    shares = np.where(y > 0, 1.0, 1e-9)
    shares /= shares.mean()
    positive = learning_rate(chosen, Squared(), X, y, shares, n_classes=0)[0]
    assert positive == pytest.approx(learning_rate(chosen, Squared(), X, np.abs(y), shares, n_classes=0)[0])


@pytest.mark.parametrize("optimizer", ["lbfgs", "newton", "adam", "gradient_descent"])
def test_features_too_large_to_be_squared_are_refused(optimizer):
    X = np.full((4, 2), 1e200)
    with pytest.raises(InvalidData, match="features are too large"):
        learning_rate(decided({"optimizer": optimizer}), Squared(), X, np.ones(4), n_classes=0)
