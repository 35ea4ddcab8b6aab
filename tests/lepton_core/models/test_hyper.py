from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest

from lepton_core.errors import InvalidInput
from lepton_core.models.algorithms.linear_regression import ALGORITHM as LINEAR_REGRESSION
from lepton_core.models.algorithms.logistic_regression import ALGORITHM as LOGISTIC_REGRESSION
from lepton_core.models.hyper import configure, setting
from lepton_core.models.recipe import DescentHyper, batches, schedule


@dataclass(frozen=True)
class Hyper:
    count: int = setting(3, "A count.", low=1, high=10)
    share: float = setting(0.5, "A share.", above=0, below=1)
    size: int | None = setting(None, "A size.", low=1)
    flag: bool = setting(False, "A flag.")
    kind: str = setting("a", "A kind.", choices=("a", "b"))


def test_what_is_given_replaces_the_default():
    given = {"count": 10, "share": 0.25, "size": 2, "flag": True, "kind": "b"}
    assert asdict(configure(Hyper(), given)) == given
    assert configure(Hyper(), {}) == Hyper()
    assert configure(Hyper(), dict.fromkeys(given)) == Hyper()


def test_numbers_become_plain_ones_of_the_fields_type():
    made = configure(DescentHyper(), {"iterations": np.int64(7), "learning_rate": 1, "l1": np.float32(0.5)})
    assert [type(value) for value in (made.iterations, made.learning_rate, made.l1)] == [int, float, float]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("count", True, "must be a whole number, not bool"),
        ("count", 2.0, "must be a whole number, not float"),
        ("count", "2", "must be a whole number, not str"),
        ("count", 0, "must be at least 1, not 0"),
        ("count", 11, "must be at most 10, not 11"),
        ("share", False, "must be a number, not bool"),
        ("share", "0.5", "must be a number, not str"),
        ("share", [0.5], "must be a number, not list"),
        ("share", 1j, "must be a number, not complex"),
        ("share", float("nan"), "must be a finite number"),
        ("share", float("inf"), "must be a finite number"),
        ("share", 10**400, "must be a finite number"),
        ("share", 0, "must be greater than 0, not 0.0"),
        ("share", 1.0, "must be less than 1, not 1.0"),
        ("size", 0, "must be at least 1, not 0"),
        ("flag", 1, "must be true or false, not int"),
        ("kind", "c", "must be one of a, b, not 'c'"),
        ("kind", 1, "must be a text, not int"),
        ("cuont", 1, "no hyperparameter 'cuont'; did you mean 'count'?"),
        ("zzz", 1, "no hyperparameter 'zzz'; there are: count, share, size, flag, kind"),
    ],
)
def test_what_is_wrong_is_named(name, value, message):
    with pytest.raises(InvalidInput) as caught:
        configure(Hyper(), {name: value})
    assert (caught.value.message, caught.value.field) == (message, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("learning_rate", True),
        ("iterations", 0),
        ("iterations", 10_000_001),
        ("momentum", 1.0),
        ("batch_size", 0),
        ("l1", -1e-9),
        ("l2", float("inf")),
        ("decay", 0.0),
        ("optimizer", "adam"),
        ("patience", 0),
    ],
)
def test_the_ranges_of_descent(name, value):
    with pytest.raises(InvalidInput) as caught:
        LOGISTIC_REGRESSION.configure({name: value})
    assert caught.value.field == name


def test_iterations_that_are_asked_for_are_all_done():
    assert LOGISTIC_REGRESSION.configure({}).tolerance == 1e-7
    assert LOGISTIC_REGRESSION.configure({"iterations": None}).tolerance == 1e-7
    assert LOGISTIC_REGRESSION.configure({"iterations": 5}).tolerance == 0.0
    assert LOGISTIC_REGRESSION.configure({"iterations": 5, "tolerance": 1e-3}).tolerance == 1e-3


@pytest.mark.parametrize(
    ("given", "optimizer", "l2", "patience"),
    [
        ({}, "lbfgs", None, 3),
        ({"l2": 0.0}, "lbfgs", 0.0, 3),
        ({"tolerance": 1e-3, "patience": 2}, "lbfgs", None, 2),
        ({"iterations": None, "learning_rate": None}, "lbfgs", None, 3),
        ({"iterations": 100}, "gradient_descent", 0.0, 10),
        ({"learning_rate": 0.01}, "gradient_descent", 0.0, 10),
        ({"iterations": 100, "learning_rate": 0.01, "l2": 0.5}, "gradient_descent", 0.5, 10),
        ({"iterations": 100, "optimizer": "lbfgs"}, "lbfgs", None, 3),
        ({"batch_size": 32}, "gradient_descent", 0.0, 10),
        ({"schedule": "cosine"}, "gradient_descent", 0.0, 10),
        ({"momentum": 0.5}, "momentum", 0.0, 10),
        ({"l1": 0.1}, "nesterov", 0.0, 10),
        ({"optimizer": "nesterov"}, "nesterov", 0.0, 10),
    ],
    ids=str,
)
def test_what_is_left_out_is_decided(given, optimizer, l2, patience):
    made = LOGISTIC_REGRESSION.configure(given)
    assert (made.optimizer, made.l2, made.patience) == (optimizer, l2, patience)
    assert LOGISTIC_REGRESSION.configure(asdict(made)) == made
    of_values = LINEAR_REGRESSION.configure(given)
    assert of_values == replace(made, l2=l2 or 0.0)
    assert LINEAR_REGRESSION.configure(asdict(of_values)) == of_values


@pytest.mark.parametrize(
    ("field", "value"), [("learning_rate", 0.1), ("batch_size", 8), ("l1", 0.1), ("schedule", "cosine")]
)
def test_what_lbfgs_cannot_use_is_refused(field, value):
    with pytest.raises(InvalidInput, match="does not go with optimizer='lbfgs'") as caught:
        LINEAR_REGRESSION.configure({"optimizer": "lbfgs", field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("iterations", [1, 2, 3, 9, 10, 11, 19, 100, 101, 1000])
@pytest.mark.parametrize("name", ["constant", "step", "exponential", "cosine", "inverse_time"])
def test_the_last_iteration_has_the_decayed_rate(name, iterations):
    factors = [
        schedule(DescentHyper(iterations=iterations, schedule=name, decay=0.2))(i) for i in range(iterations)
    ]
    last = 0.2 if name != "constant" and iterations > 1 else 1.0
    assert (factors[0], factors[-1]) == (1.0, pytest.approx(last))
    assert factors == sorted(factors, reverse=True)


def test_batches_no_smaller_than_the_data_are_the_data():
    assert not batches(DescentHyper(batch_size=10), 10, 0).noisy
    assert batches(DescentHyper(batch_size=9), 10, 0).noisy
