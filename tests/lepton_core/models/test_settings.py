"""What every registered algorithm says of its hyperparameters, and what it does with those that are given."""

from dataclasses import MISSING, fields, is_dataclass
from typing import get_type_hints

import numpy as np
import pytest

from lepton_core.errors import InvalidInput
from lepton_core.models import ALGORITHMS, Algorithm, algorithm
from tests.support.algorithms import Case, every, every_case, quick


def test_algorithms_are_found_by_name():
    for name, of in ALGORITHMS.items():
        assert of.name == name
        assert algorithm(name) is of
        assert of.tasks and of.tasks <= {"classification", "regression"}
    with pytest.raises(
        InvalidInput, match=r"did you mean 'logistic_regression'.*linear_regression"
    ) as caught:
        algorithm("logistic_regresion")
    assert caught.value.field == "algorithm"


@every
def test_hyperparameters_explain_themselves(of: Algorithm):
    assert is_dataclass(of.defaults)
    for one in fields(of.defaults):
        assert one.metadata["help"].endswith(".")
        assert {"low", "high", "above", "below", "choices"} <= set(one.metadata)
        assert one.default is not MISSING
    assert of.configure(dict.fromkeys(one.name for one in fields(of.defaults))) == of.configure({})


@every_case
def test_the_note_says_which_optimizer_auto_is_and_why(case: Case):
    known = {one.name: one for one in fields(case.of.defaults)}
    if "optimizer" not in known:
        return
    assert known["optimizer"].default == "auto"
    chosen, _, reason = case.fit().note.partition(": ")
    assert chosen in known["optimizer"].metadata["choices"]
    assert len(reason) > 10
    assert reason.partition(";")[0] not in case.fit(optimizer="gradient_descent").note


@every
def test_the_largest_whole_numbers_train_and_larger_ones_are_refused(of: Algorithm):
    case = Case(of, 2 if "classification" in of.tasks else 0)
    small, kinds = quick(of), get_type_hints(type(of.defaults))
    for one in fields(of.defaults):
        if kinds[one.name] not in (int, int | None) or one.name in small:
            continue  # how long it trains is no question of size
        high = one.metadata["high"]
        assert high is not None, f"{one.name} has no upper bound"
        with pytest.raises(InvalidInput, match="at most"):
            of.configure({one.name: 10**30})
        assert np.isfinite(case.predictions(**{one.name: high})).all()


@every
def test_hyperparameters_out_of_their_range_are_named(of: Algorithm):
    for one in fields(of.defaults):
        bounds = {bound: one.metadata[bound] for bound in ("low", "high", "above", "below")}
        wrong = [
            *(limit - 1 for bound, limit in bounds.items() if bound == "low" and limit is not None),
            *(limit + 1 for bound, limit in bounds.items() if bound == "high" and limit is not None),
            *(limit for bound, limit in bounds.items() if bound in ("above", "below") and limit is not None),
            {"no": "such type"},
            *(["no such choice"] if one.metadata["choices"] else []),
        ]
        for value in wrong:
            given = [value] if isinstance(one.default, tuple) and not isinstance(value, dict) else value
            with pytest.raises(InvalidInput) as caught:
                of.configure({one.name: given})
            assert caught.value.field == one.name
    with pytest.raises(InvalidInput, match="no hyperparameter 'colour'") as caught:
        of.configure({"colour": 1})
    assert caught.value.field == "colour"
