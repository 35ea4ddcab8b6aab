"""Several models that answer as one: what the blend is, what it explains, and what its file may be."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from lepton_core.artifact import read_container, write_container
from lepton_core.blend import blended
from lepton_core.ensemble import Ensemble
from lepton_core.errors import InvalidArtifact, InvalidInput, NewerFormat
from lepton_core.load import load
from lepton_core.models import ALGORITHMS
from lepton_core.models.contributes import contributes
from lepton_core.permuted import permuted
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.promotion import held_out_loss
from lepton_core.table import Table
from lepton_core.train import Recipe, train
from lepton_core.validation import importance, report
from tests.support.algorithms import quick
from tests.support.blended import mixed_table

ROWS = 120


def member(name: str, data: Table, settings: Mapping[str, Any] | None = None, **more: Any) -> Predictor:
    given = quick(ALGORITHMS[name], iterations=20, trees=5) if settings is None else settings
    return train(Recipe(name, "label", given, **more), data, np.arange(data.rows))


def ensemble(classes: int, names: tuple[str, ...], weights: tuple[float, ...]) -> tuple[Ensemble, Table]:
    data = mixed_table(classes)
    return Ensemble.of([member(name, data) for name in names], weights, data), data


CASES = [
    (0, ("linear_regression", "random_forest", "gradient_boosting"), (0.5, 0.25, 0.25)),
    (2, ("logistic_regression", "gradient_boosting"), (0.3, 0.7)),
    (3, ("logistic_regression", "gradient_boosting", "naive_bayes"), (0.2, 0.5, 0.3)),
]


@pytest.mark.parametrize(("classes", "names", "weights"), CASES)
def test_its_log_odds_or_its_values_are_the_weighted_mean_of_the_members(
    classes: int, names: tuple[str, ...], weights: tuple[float, ...]
) -> None:
    made, data = ensemble(classes, names, weights)
    output = made.predict(data)
    each = [one.predict(data) for one in made.members]
    if not classes:
        np.testing.assert_allclose(output, np.average(each, axis=0, weights=weights), rtol=1e-12)
        return
    logs = np.average(np.log(each), axis=0, weights=weights)
    np.testing.assert_allclose(output, np.exp(logs - logsumexp(logs, axis=1, keepdims=True)), rtol=1e-10)


@pytest.mark.parametrize(("classes", "names", "weights"), CASES)
def test_its_contributions_sum_to_its_output(
    classes: int, names: tuple[str, ...], weights: tuple[float, ...]
) -> None:
    made, data = ensemble(classes, names, weights)
    found, output = made.explain(data), made.predict(data)
    assert found.contributions.shape == (ROWS, 3, {0: 1, 2: 1, 3: 3}[classes])
    total = found.base + found.contributions.sum(axis=1)
    if not classes:
        np.testing.assert_allclose(total[:, 0], output, rtol=1e-9)
    elif classes == 2:
        np.testing.assert_allclose(total[:, 0], np.log(output[:, 1] / output[:, 0]), rtol=1e-6, atol=1e-6)
    else:
        np.testing.assert_allclose(
            np.exp(total - logsumexp(total, axis=1, keepdims=True)), output, rtol=1e-6, atol=1e-9
        )
    assert made.steps_to_explain is not None


@pytest.mark.parametrize(("classes", "names", "weights"), CASES)
def test_its_file_predicts_the_same_bits(
    classes: int, names: tuple[str, ...], weights: tuple[float, ...]
) -> None:
    made, data = ensemble(classes, names, weights)
    loaded = load(made.dump())
    assert isinstance(loaded, Ensemble) and loaded.weights == weights
    np.testing.assert_array_equal(loaded.predict(data), made.predict(data))
    assert loaded.dump() == made.dump()
    assert (loaded.algorithm, loaded.task, loaded.label) == ("ensemble", made.members[0].task, "label")
    assert loaded.reference == made.reference
    assert {one.name for one in loaded.reference.features} == {"a", "b", "colour"}


def test_it_reads_what_any_member_reads_in_the_order_of_the_table() -> None:
    data = mixed_table(2)
    only_a = member("logistic_regression", data, preprocessor=Preprocessor.empty().add("Select", input="a"))
    only_b = member("logistic_regression", data, preprocessor=Preprocessor.empty().add("Select", input="b"))
    made = Ensemble.of([only_b, only_a], [0.5, 0.5], data)
    assert made.reads == {"a", "b"}
    assert made.schema.names == ("a", "b", "colour")


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_whose_contributions_add_up_is_known_before_it_is_fitted(name: str, classes: int) -> None:
    if ("classification" if classes else "regression") not in ALGORITHMS[name].tasks:
        return
    given = quick(ALGORITHMS[name], iterations=5, trees=3)
    unit = member(name, mixed_table(classes), given).unit_of_contributions
    assert contributes(name, given, bool(classes)) == (unit in ("log-odds", "value"))


@pytest.mark.parametrize(
    ("classes", "names", "unit"),
    [
        (2, ("logistic_regression", "random_forest"), "log-odds"),
        (0, ("linear_regression", "deep_learning"), "value"),
    ],
)
def test_with_a_member_that_has_no_contributions_it_says_who_hinders_and_what_to_do(
    classes: int, names: tuple[str, ...], unit: str
) -> None:
    made, data = ensemble(classes, names, (0.5, 0.5))
    assert made.steps_to_explain is None
    with pytest.raises(InvalidInput, match=rf"{names[1]}.* to the {unit}; permutation importance") as caught:
        made.explain(data)
    assert caught.value.field == "explain"


def test_it_is_evaluated_as_any_model_is() -> None:
    made, data = ensemble(2, ("logistic_regression", "gradient_boosting"), (0.5, 0.5))
    found = report(made, data)
    assert held_out_loss(made, data) == pytest.approx(found.log_loss)  # type: ignore[union-attr]
    weighed = importance(made, data, seed=0)
    assert {one.column for one in weighed.columns} == {"a", "b", "colour"}
    assert weighed.columns[0].column == "b"


def test_permuted_columns_are_permuted_for_every_member() -> None:
    made, data = ensemble(0, ("linear_regression", "random_forest"), (0.5, 0.5))
    order = np.random.default_rng(0).permutation(ROWS)
    by_hand = Table(tuple(one.take(order) if one.name == "b" else one for one in data.columns))
    found = permuted(made, data).output(["b"], order)
    np.testing.assert_allclose(found, made.predict(by_hand), rtol=1e-12)


def rewritten(data: bytes, **changed: Any) -> bytes:
    arrays, meta = read_container(data)
    return write_container(arrays, {**meta, **changed})


@pytest.mark.parametrize(
    "weights",
    [
        [],
        [1.0],
        [0.5, 0.6],
        [0.5, -0.5],
        [0.5, "0.5"],
        [0.5, None],
        "half",
        [1, 0],
        [0.25] * 4,
        [True, False],
    ],
)
def test_weights_that_are_none_are_refused(weights: Any) -> None:
    made, _ = ensemble(2, ("logistic_regression", "naive_bayes"), (0.5, 0.5))
    with pytest.raises(InvalidArtifact):
        load(rewritten(made.dump(), weights=weights))


def test_members_that_do_not_belong_together_are_refused() -> None:
    one, _ = ensemble(2, ("logistic_regression", "naive_bayes"), (0.5, 0.5))
    other, _ = ensemble(3, ("logistic_regression", "naive_bayes"), (0.5, 0.5))
    arrays, meta = read_container(one.dump())
    foreign, _ = read_container(other.dump())
    with pytest.raises(InvalidArtifact, match="different things"):
        load(write_container({**arrays, "member.1": foreign["member.1"]}, meta))
    with pytest.raises(InvalidArtifact, match="one file a weight"):
        load(write_container({**arrays, "member.2": arrays["member.1"]}, meta))
    with pytest.raises(InvalidArtifact, match="one file a weight"):
        load(write_container({**arrays, "member.1": arrays["member.1"].view(np.int8)}, meta))
    nested = np.frombuffer(one.dump(), np.uint8)
    with pytest.raises(InvalidArtifact):
        load(write_container({**arrays, "member.1": nested}, meta))
    with pytest.raises(NewerFormat):
        load(rewritten(one.dump(), ensemble=99))


def test_a_single_model_is_read_as_it_always_was() -> None:
    data = mixed_table(2)
    one = member("naive_bayes", data)
    loaded = load(one.dump())
    assert isinstance(loaded, Predictor)
    np.testing.assert_array_equal(loaded.predict(data), one.predict(data))


probabilities = st.lists(
    st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda row: sum(row) > 1e-3),
    min_size=2,
    max_size=2,
)


@settings(max_examples=60, deadline=None)
@given(one=probabilities, other=probabilities, weight=st.floats(0, 1))
def test_a_blend_of_probabilities_is_between_them_and_sums_to_one(
    one: list[list[float]], other: list[list[float]], weight: float
) -> None:
    both = [np.array(rows) / np.sum(rows, axis=1, keepdims=True) for rows in (one, other)]
    found = blended(both, [weight, 1 - weight])
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-12)
    assert (found >= 0).all() and np.isfinite(found).all()
    for k in range(3):
        for j in range(3):
            odds = [np.log(np.maximum(p[:, k], 2.3e-16)) - np.log(np.maximum(p[:, j], 2.3e-16)) for p in both]
            between = np.log(np.maximum(found[:, k], 1e-300)) - np.log(np.maximum(found[:, j], 1e-300))
            assert (between <= np.maximum(*odds) + 0.05).all()
            assert (between >= np.minimum(*odds) - 0.05).all()
