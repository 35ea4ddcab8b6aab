"""Label columns as class indices or values, and the labels that neither can be made of."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import LabelEncoder

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Column, Numbers, Table, describe
from lepton_core.target import (
    MAX_NUMERIC_CLASSES,
    check_figures,
    check_values,
    class_names,
    encode_classes,
    encode_values,
)

TEXTS = st.lists(st.sampled_from(["no", "yes", "Ünknown", "a b", "10", "9"]), min_size=1, max_size=30)


def numbers(values: list[float]) -> Numbers:
    return Numbers("y", np.array(values, dtype=np.float64))


@given(TEXTS)
def test_text_is_encoded_as_scikit_learn_does(texts: list[str]) -> None:
    label = Categories.of("y", list(texts))
    if len(set(texts)) < 2:
        with pytest.raises(InvalidData, match="one class only"):
            class_names(label)
        return
    names = class_names(label)
    target = encode_classes(label, names)
    assert target.classes == names
    assert target.y.dtype == np.int64
    assert target.y.tolist() == LabelEncoder().fit(texts).transform(texts).tolist()
    assert [names[i] for i in target.y] == texts


@given(st.lists(st.integers(-5, 20), min_size=2, max_size=30).filter(lambda values: len(set(values)) > 1))
def test_whole_numbers_are_classes_in_the_order_of_numbers(values: list[int]) -> None:
    label = numbers(list(map(float, values)))
    names = class_names(label)
    assert list(map(int, names)) == sorted(set(values))
    assert [int(names[i]) for i in encode_classes(label, names).y] == values


@given(TEXTS, st.sets(st.sampled_from(["no", "yes", "10", "new"]), min_size=1))
def test_a_class_that_is_not_among_the_given_ones_is_minus_one(texts: list[str], known: set[str]) -> None:
    names = sorted(known)
    target = encode_classes(Categories.of("y", list(texts)), names)
    assert target.classes == tuple(names)
    assert target.y.tolist() == [names.index(text) if text in known else -1 for text in texts]


def test_numbers_and_text_that_name_the_same_classes_agree() -> None:
    names = class_names(numbers([3.0, 1.0, 1.0]))
    assert names == ("1", "3")
    assert encode_classes(Categories.of("y", ["3", "1", "2"]), names).y.tolist() == [1, 0, -1]
    assert encode_classes(numbers([3.0, 1.0, 2.0, 1.5]), names).y.tolist() == [1, 0, -1, -1]


def test_minus_zero_is_zero() -> None:
    label = numbers([-0.0, 0.0, 1.0])
    assert class_names(label) == ("0", "1")
    assert encode_classes(label, ("0", "1")).y.tolist() == [0, 0, 1]


def test_levels_that_do_not_occur_are_no_classes() -> None:
    label = Categories("y", np.array([2, 0, 2], dtype=np.int32), ("a", "b", "c"))
    assert class_names(label) == ("a", "c")
    assert encode_classes(label, ("a", "c")).y.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([0.5, 1.0], "0.5 is no whole number"),
        (list(map(float, range(MAX_NUMERIC_CLASSES + 1))), "51 different numbers, of at most 50"),
    ],
)
def test_quantities_are_no_classes(values: list[float], why: str) -> None:
    with pytest.raises(InvalidData, match=f"not classes .{why}.*linear_regression") as caught:
        class_names(numbers(values))
    assert caught.value.column == "y"


def test_as_many_numbers_as_allowed_are_classes() -> None:
    values = list(map(float, range(MAX_NUMERIC_CLASSES)))
    assert len(class_names(numbers(values))) == MAX_NUMERIC_CLASSES


@pytest.mark.parametrize("label", [Categories.of("y", ["a", "a"]), numbers([7.0])])
def test_one_class_is_refused_by_name(label: Column) -> None:
    with pytest.raises(InvalidData, match=r"column 'y': has one class only \('(a|7)'\)"):
        class_names(label)


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1) | st.lists(st.floats(-5, 5), min_size=1))
def test_a_label_with_one_value_is_refused_and_no_other(values: list[Any]) -> None:
    label = Categories.of("y", values) if isinstance(values[0], str) else numbers(values)
    tasks = frozenset({"classification", "regression"})
    (figures,) = describe(Table((label,)))
    if len(set(values)) > 1:
        check_values(label)
        check_figures(figures, tasks)
        return
    with pytest.raises(
        InvalidData, match=r"column 'y': has one (class|value) only \(.*\); at least two"
    ) as caught:
        check_values(label)
    found = caught.value.message.partition("(")[2].partition(")")[0]
    assert found == repr(values[0]) if isinstance(values[0], str) else float(found) == values[0]
    with pytest.raises(InvalidData, match=r"column 'y': has one (class|value) only"):
        check_figures(figures, tasks)


def test_figures_tell_that_a_regression_cannot_take_text() -> None:
    (figures,) = describe(Table((Categories.of("y", ["a", "b"]),)))
    with pytest.raises(InvalidData, match="column 'y': holds text; a regression needs numbers"):
        check_figures(figures, frozenset({"regression"}))
    check_figures(figures, frozenset({"classification"}))


@pytest.mark.parametrize("label", [Categories.of("y", []), numbers([])])
def test_no_row_has_no_class(label: Column) -> None:
    with pytest.raises(InvalidData, match="column 'y': has no class"):
        class_names(label)


@pytest.mark.parametrize("label", [Categories.of("y", ["a", "b", None, None]), numbers([1.0, 2.0, np.nan])])
@pytest.mark.parametrize(
    "read", [class_names, encode_values, lambda label: encode_classes(label, ("a", "b"))]
)
def test_a_missing_label_is_named_by_its_first_row(label: Column, read: Any) -> None:
    with pytest.raises(InvalidData, match="the label is missing") as caught:
        read(label)
    assert (caught.value.row, caught.value.column) == (3, "y")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_values_stay_bit_for_bit(values: list[float]) -> None:
    target = encode_values(numbers(values))
    assert target.classes == ()
    assert target.y.tobytes() == np.array(values).tobytes()


def test_text_is_no_quantity() -> None:
    with pytest.raises(InvalidData, match="logistic_regression"):
        encode_values(Categories.of("y", ["a", "b"]))
