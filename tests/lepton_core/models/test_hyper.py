import json
from dataclasses import asdict, dataclass

import numpy as np
import pytest

from lepton_core.errors import InvalidInput
from lepton_core.models.algorithms.logistic_regression import ALGORITHM as LOGISTIC_REGRESSION
from lepton_core.models.descent_hyper import DescentHyper
from lepton_core.models.hyper import configure, setting


@dataclass(frozen=True)
class Hyper:
    count: int = setting(3, "A count.", low=1, high=10)
    share: float = setting(0.5, "A share.", above=0, below=1)
    size: int | None = setting(None, "A size.", low=1)
    flag: bool = setting(False, "A flag.")
    kind: str = setting("a", "A kind.", choices=("a", "b"))
    sizes: tuple[int, ...] = setting((5,), "Some sizes.", low=1, high=9, most=3)
    more: tuple[int, ...] | None = setting(None, "More sizes.")


def test_what_is_given_replaces_the_default():
    given = {"count": 10, "share": 0.25, "size": 2, "flag": True, "kind": "b", "sizes": (1, 9), "more": (7,)}
    assert asdict(configure(Hyper(), given)) == given
    assert configure(Hyper(), {}) == Hyper()
    assert configure(Hyper(), dict.fromkeys(given)) == Hyper()


@pytest.mark.parametrize("given", [[], [3], (3, 1), [np.int64(3), 2]], ids=str)
def test_a_list_of_whole_numbers_becomes_a_tuple(given):
    made = configure(Hyper(), {"sizes": given, "more": given})
    assert made.sizes == made.more == tuple(given)
    assert {type(entry) for entry in made.sizes} <= {int}
    assert configure(Hyper(), asdict(made)) == made
    assert configure(Hyper(), json.loads(json.dumps(asdict(made)))) == made


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
        ("sizes", 5, "must be a list, not int"),
        ("sizes", "5", "must be a list, not str"),
        ("sizes", {"5": 1}, "must be a list, not dict"),
        ("sizes", [1, 2, 3, 4], "must have at most 3 entries, not 4"),
        ("sizes", [1, 0], "each entry must be at least 1, not 0"),
        ("sizes", [10], "each entry must be at most 9, not 10"),
        ("sizes", [2.0], "each entry must be a whole number, not float"),
        ("sizes", [True], "each entry must be a whole number, not bool"),
        ("sizes", [[1]], "each entry must be a whole number, not list"),
        ("sizes", [None], "each entry must be a whole number, not NoneType"),
        ("more", 1, "must be a list, not int"),
        ("cuont", 1, "no hyperparameter 'cuont'; did you mean 'count'?"),
        (
            "accounted",
            1,
            "no hyperparameter 'accounted'; there are: count, share, size, flag, kind, sizes, more",
        ),
        ("zzz", 1, "no hyperparameter 'zzz'; there are: count, share, size, flag, kind, sizes, more"),
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
        ("optimizer", "downhill"),
        ("clip", 0.0),
        ("weight_decay", -0.1),
        ("patience", 0),
    ],
)
def test_the_ranges_of_descent(name, value):
    with pytest.raises(InvalidInput) as caught:
        LOGISTIC_REGRESSION.configure({name: value})
    assert caught.value.field == name
