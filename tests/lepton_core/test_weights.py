"""How much rows count: the factors against scikit-learn, and what is refused, by row where there is one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from lepton_core.errors import InvalidData, InvalidInput, LeptonError
from lepton_core.predict import Predictor
from lepton_core.table import Table, describe
from lepton_core.table.columns import Categories, Column, Numbers
from lepton_core.train import Recipe, prepare, train
from lepton_core.weights import check_figures, row_weights

CLASSES = ["a", "b", "c"]
FACTOR = st.floats(0.0, 100.0, allow_subnormal=False)
CELLS = st.lists(st.sampled_from([0.0, -0.0, 1.0, 2.5, -1.0, float("nan")]), min_size=1, max_size=6)


def of(values: Any) -> Table:
    return Table((Numbers("w", np.array(values, dtype=np.float64)),))


@given(st.lists(st.integers(0, 2), min_size=3, max_size=30), st.lists(FACTOR, min_size=3, max_size=3))
def test_class_factors_are_scikit_learns(y: list[int], factors: list[float]) -> None:
    labels, indices = np.array(CLASSES)[y], np.array(y)
    present = sorted(set(y))
    names = [CLASSES[k] for k in present]
    at = np.searchsorted(present, indices)
    balanced = row_weights(Table(()), None, at, names, "balanced")
    np.testing.assert_allclose(balanced, compute_sample_weight("balanced", labels), rtol=1e-12)  # type: ignore[arg-type]
    given_factors = {name: factors[k] for k, name in zip(present, names, strict=True)}
    wanted = compute_sample_weight(given_factors, labels)
    if wanted.any():
        ours = row_weights(Table(()), None, at, names, given_factors)
        np.testing.assert_allclose(ours, wanted, rtol=1e-12)  # type: ignore[arg-type]


def test_a_column_times_the_factors() -> None:
    y = np.array([0, 1, 1])
    found = row_weights(of([1.0, 2.0, 3.0]), "w", y, ["a", "b"], {"b": 10.0})
    assert found is not None and found.tolist() == [1.0, 20.0, 30.0]
    assert row_weights(of([1.0, 2.0, 3.0]), None, y, ["a", "b"], None) is None


@pytest.mark.parametrize("cells", [[1e308, 1e308], [1e200, 0.0], [1e-310, 0.0]])
def test_a_sum_that_cannot_be_divided_by(cells: list[float]) -> None:
    with pytest.raises(InvalidData, match="the weights add up to") as refused:
        row_weights(of(cells), "w", np.array([0, 1]), ["a", "b"], {"a": 1e200 if cells[0] > 1.0 else 1.0})
    assert refused.value.column == "w"


@pytest.mark.parametrize(
    ("classes", "factors", "said"),
    [
        ([], "balanced", "a regression has no classes"),
        (["a", "b"], {"x": 1.0}, "'x' is not one of the classes a, b"),
        (["a", "b"], {"a": -1.0}, "must be finite and at least 0"),
        (["a", "b"], {"a": float("inf")}, "must be finite and at least 0"),
    ],
)
def test_factors_that_cannot_be(classes: list[str], factors: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        row_weights(Table(()), None, np.array([0, 1]), classes, factors)
    assert refused.value.field == "class_weight"


@given(CELLS)
def test_what_the_figures_tell_is_what_the_rows_would(cells: list[float]) -> None:
    table = of(cells)
    y = np.zeros(len(cells), dtype=np.int64)

    def refused(action: Any) -> bool:
        try:
            action()
        except InvalidData as error:
            assert error.column == "w"
            return True
        return False

    by_rows = refused(lambda: row_weights(table, "w", y, ["a"], None))
    assert refused(lambda: check_figures(describe(table), "w", "y")) == by_rows


@given(st.lists(st.sampled_from(["1", "2", "0.5", "0", "-1", "red", None]), min_size=1, max_size=8))
def test_a_category_of_numbers_is_a_weight_and_its_figures_tell_what_the_rows_would(
    cells: list[str | None],
) -> None:
    table = Table((Categories.of("w", cells),))
    y = np.zeros(len(cells), dtype=np.int64)
    numbers = [np.nan if cell is None else float(cell) for cell in cells if cell != "red"]
    fits = len(numbers) == len(cells) and all(one >= 0 for one in numbers) and max(numbers) > 0
    try:
        weights = row_weights(table, "w", y, ["a"], None)
    except InvalidData as error:
        assert error.column == "w" and not fits
        with pytest.raises(InvalidData, match="column 'w'"):
            check_figures(describe(table), "w", "y")
    else:
        assert fits and weights is not None and weights.tolist() == numbers
        check_figures(describe(table), "w", "y")


@pytest.mark.parametrize(
    ("column", "weight", "said"),
    [
        (Categories.of("w", ["x", "y"]), "w", "column 'w': holds text"),
        (Numbers("w", np.array([1.0, 2.0])), "ww", "column 'ww': is not there; did you mean 'w'?"),
        (Numbers("w", np.array([1.0, 2.0])), "y", "column 'y': is the label"),
    ],
)
def test_columns_that_cannot_be_weights(column: Column, weight: str, said: str) -> None:
    with pytest.raises(LeptonError) as refused:
        check_figures(describe(Table((column,))), weight, "y")
    assert str(refused.value).startswith(said)


def example(weights: Any) -> Table:
    rng = np.random.default_rng(0)
    a = rng.normal(size=20)
    label = Categories.of("y", np.where(a > 0, "yes", "no").tolist())
    return Table((Numbers("a", a), Numbers("w", np.array(weights, dtype=np.float64)), label))


def test_a_wrong_weight_is_named_by_its_row_of_the_table() -> None:
    weights = np.ones(20)
    weights[13] = -2.0
    with pytest.raises(InvalidData) as refused:
        prepare(Recipe("logistic_regression", "y", {}, weight="w"), example(weights), np.arange(10, 20))
    assert (refused.value.row, refused.value.column) == (14, "w")
    assert str(refused.value) == "row 14, column 'w': the weight is -2; it must be at least 0"


def test_the_weight_is_no_feature_and_the_file_keeps_its_name() -> None:
    table = example(np.arange(1, 21))
    made = train(Recipe("logistic_regression", "y", {"iterations": 5}, weight="w"), table, np.arange(20))
    assert made.schema.names == ("a",)
    assert [bins.name for bins in made.reference.features] == ["a"]
    again = Predictor.load(made.dump())
    assert again.weight == "w"
    np.testing.assert_array_equal(again.predict(table), made.predict(table.without("w").without("y")))


@pytest.mark.parametrize(
    ("classes", "given", "wanted"),
    [
        (["no", "yes"], {"true": 5.0}, [1.0, 5.0]),
        (["False", "True"], {"true": 5.0, "0": 2.0}, [2.0, 5.0]),
        (["1", "2"], {"1.0": 3.0}, [3.0, 1.0]),
        (["007", "7"], {"7": 3.0}, [1.0, 3.0]),
    ],
)
def test_classes_are_known_by_what_they_mean(classes, given, wanted) -> None:
    weights = row_weights(Table(()), None, np.arange(2), classes, given)
    assert weights is not None
    assert weights.tolist() == wanted


@pytest.mark.parametrize(
    ("classes", "given", "said"),
    [
        (["007", "07"], {"7": 1.0}, "is not one of the classes"),
        (["no", "yes"], {"yes": 1.0, "true": 2.0}, "is there twice, once as 'true'"),
    ],
)
def test_what_means_no_class_or_one_twice_is_refused(classes, given, said) -> None:
    with pytest.raises(InvalidInput, match=said):
        row_weights(Table(()), None, np.arange(2), classes, given)
