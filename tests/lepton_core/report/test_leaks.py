"""A column that tells a class of few rows is a leak, too; one that is lucky is none."""

import numpy as np
import pytest

from lepton_core.report import Report, make_report
from lepton_core.table import read_csv

MANY = 400


def leaks(column: list[str], label: list[str]) -> list[str | None]:
    noise = np.random.default_rng(0).normal(size=len(label))
    lines = [f"{x:.4f},{cell},{y}" for x, cell, y in zip(noise, column, label, strict=True)]
    found: Report = make_report(read_csv("\n".join(["x,told,y", *lines]).encode(), label="y"))
    return [one.column for one in found.warnings if one.code == "leak"]


def rare(few: int, many: int = MANY, rare: str = "yes", other: str = "no") -> list[str]:
    places = set(np.random.default_rng(few).choice(many, few, replace=False).tolist())
    return [rare if place in places else other for place in range(many)]


@pytest.mark.parametrize("few", [5, 7, 11, 19, 40])
@pytest.mark.parametrize("spelled", [("xyz", "abc"), ("1", "0"), ("true", "false")])
def test_a_class_of_few_rows_may_be_told_by_a_category(few: int, spelled: tuple[str, str]) -> None:
    assert leaks(rare(few, MANY, *spelled), rare(few)) == ["told"]


@pytest.mark.parametrize("few", [5, 11, 19])
def test_a_class_of_few_rows_may_be_told_by_an_amount(few: int) -> None:
    label = rare(few)
    amounts = [f"{9 + place % 7}.5" if one == "yes" else "0" for place, one in enumerate(label)]
    assert leaks(amounts, label) == ["told"]


def test_three_classes_of_few_rows_may_be_told() -> None:
    label = [["a", "b", "c"][place % 3] for place in range(27)]
    assert leaks([{"a": "x", "b": "y", "c": "z"}[one] for one in label], label) == ["told"]
    assert leaks([{"a": "x", "b": "x", "c": "z"}[one] for one in label], label) == []


@pytest.mark.parametrize("few", [1, 2, 4])
def test_fewer_rows_than_five_tell_nothing(few: int) -> None:
    assert leaks(rare(few, MANY, "xyz", "abc"), rare(few)) == []


def test_what_luck_may_do_is_no_leak() -> None:
    assert leaks(rare(5, 11, "xyz", "abc"), rare(5, 11)) == []
    label = rare(11)
    wrong = rare(11, MANY, "xyz", "abc")
    wrong[label.index("no")] = "xyz"
    assert leaks(wrong, label) == []
    assert leaks([f"{place % 9}" for place in range(MANY)], label) == []


@pytest.mark.parametrize("spelled", ["P{:04}", "{}"])
def test_an_id_that_comes_again_with_the_same_label_has_the_call_for_a_split_too(spelled: str) -> None:
    rng = np.random.default_rng(3)
    numbers = rng.choice(10_000, 60, replace=False)
    patients = rng.integers(0, 60, 600)
    lines = [
        f"{rng.normal():.4f},{spelled.format(numbers[one])},{'ab'[numbers[one] % 2]}" for one in patients
    ]
    found = make_report(read_csv("\n".join(["x,patient,y", *lines]).encode(), label="y")).findings
    [split] = [one for one in found if one.code == "repeated_id"]
    assert split.remedy == "model.train(split=Split('group', 'patient'))"
