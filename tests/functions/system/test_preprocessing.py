"""`GET /v1/transformers` and the preview: what there is to choose from, and what it makes of real rows."""

import inspect
import re
from typing import Any

import pytest

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import TRANSFORMERS
from lepton_core.preprocess.transformers import levels
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

PREVIEW = "/v1/datasets/m/versions/1/preview"
VALUES: dict[str, list[Any]] = {
    "int": [3, "x"],
    "float": [0.5, "x"],
    "str": [None, 3],
    "bool": [True, 3],
    "cell": [2.5, []],
    "list[str]": [["year"], "x"],
}
"""Of each type: a value that it takes (None: one of the choices), and one that it does not."""


def chain(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"preprocessor": {"format": 1, "steps": list(steps)}}


@pytest.fixture
def listed(disk: Store) -> dict[str, Any]:
    answer = world(disk).ok("GET", "/v1/transformers")
    assert answer["next"] is None
    return {one["name"]: one for one in answer["items"]}


@pytest.fixture
def here(disk: Store) -> World:
    made = world(disk)
    rows = {
        "age": [20, "", 60, 40] * 10,
        "town": ["Ulm", "Bern", "Ulm", "Bern"] * 10,
        "y": ["no", "yes"] * 20,
    }
    assert made.upload(csv_of(rows))["state"] == "accepted"
    return made


def test_every_transformer_is_there_with_one_line_and_the_options_that_it_takes(
    listed: dict[str, Any],
) -> None:
    assert list(listed) == list(TRANSFORMERS)
    for name, one in listed.items():
        assert one["help"].endswith(".") and "\n" not in one["help"] and one["reads"]
        source = inspect.getsource(type(TRANSFORMERS[name])) + inspect.getsource(levels.level_options)
        taken = re.findall(r'known_options\("\w+", given, \(([^)]*)\)', source)
        with_levels = ["fewest"] if "level_options(" in inspect.getsource(type(TRANSFORMERS[name])) else []
        names = {*re.findall(r'"(\w+)"', ",".join(taken)), *with_levels}
        assert {option["name"] for option in one["options"]} == names, name


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_what_is_listed_is_what_is_taken(listed: dict[str, Any], name: str) -> None:
    transformer = TRANSFORMERS[name]
    completed = transformer.configure({})
    for option in listed[name]["options"]:
        assert completed.get(option["name"], option["default"]) == option["default"]
        good, bad = VALUES[option["type"]]
        with_it = {"strategy": "constant"} if option["name"] == "value" else {}
        choices = [one for one in option["choices"] or [] if one != "constant"]
        for value in choices if good is None else [good]:
            assert transformer.configure({option["name"]: value, **with_it})[option["name"]] == value
        beyond = [option["low"] - 1] if option["low"] is not None else []
        beyond += [option["high"] + 1] if option["high"] is not None else []
        for value in (bad, *(int(one) if option["type"] == "int" else one for one in beyond)):
            with pytest.raises(InvalidInput) as refused:
                transformer.configure({option["name"]: value, **with_it})
            assert refused.value.field == option["name"]


def test_rows_are_shown_before_and_after_the_steps(here: World) -> None:
    impute = {"transformer": "Impute", "input": "age", "options": {"strategy": "median"}}
    one_hot = {"transformer": "OneHot", "input": "town"}
    made = here.ok("POST", PREVIEW, {**chain(impute, one_hot), "rows": 2})
    assert made["columns"] == ["age", "town"]
    assert made["before"] == [[20, "Ulm"], [None, "Bern"]]
    assert made["features"] == ["age", "town=Bern", "town=Ulm"]
    assert made["after"] == [[20, 0, 1], [40, 1, 0]]
    assert (made["fitted_rows"], made["column_count"], made["feature_count"]) == (40, 2, 3)


def test_without_steps_it_is_the_default_of_the_algorithm(here: World) -> None:
    linear = here.ok("POST", PREVIEW, {"algorithm": "logistic_regression"})
    assert [one["transformer"] for one in linear["steps"]][-3:] == ["Impute", "OneHot", "Normalize"]
    boosted = here.ok("POST", PREVIEW, {"algorithm": "gradient_boosting"})
    assert [one["transformer"] for one in boosted["steps"]] == ["Ordinal"]
    assert None in [cell for row in boosted["after"] for cell in row], (
        "what it takes as missing stays missing"
    )


def test_a_step_that_learns_from_the_label_is_shown_too(here: World) -> None:
    made = here.ok("POST", PREVIEW, chain({"transformer": "TargetEncode", "input": "town"}))
    means = {row[1]: seen for row, seen in zip(made["before"], made["after"], strict=True)}
    assert means["Ulm"] != means["Bern"] and made["feature_count"] == 2


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([{"transformer": "Normalise", "input": "X"}], "steps[0].transformer"),
        ([{"transformer": "Quantile", "input": "X", "options": {"quantiles": 1}}], "steps[0].quantiles"),
        ([{"transformer": "Normalize", "input": "heigth"}], "input"),
    ],
)
def test_a_wrong_step_is_refused_by_its_field(here: World, steps: list[Any], field: str) -> None:
    refused = here.refused("POST", PREVIEW, chain(*steps))
    assert (refused["status"], refused["field"]) == (400, field)


def test_a_preview_that_would_take_long_is_refused(disk: Store) -> None:
    here = world(disk)
    wide = {f"c{at}": ["x", "y"] for at in range(1001)}
    assert here.upload(csv_of({**wide, "y": ["no", "yes"]}))["state"] == "accepted"
    assert here.refused("POST", PREVIEW, {})["code"] == "too_large"
    some = {f"c{at}": ["x", "y"] * 8 for at in range(40)}
    assert here.upload(csv_of({**some, "y": ["no", "yes"] * 8}), "n")["state"] == "accepted"
    hashed = chain({"transformer": "Hash", "input": "X", "options": {"size": 4096}})
    assert here.refused("POST", "/v1/datasets/n/versions/1/preview", hashed)["field"] == "preprocessor"


def test_of_many_rows_the_first_thousand_are_fitted_to(disk: Store) -> None:
    here = world(disk)
    assert here.upload(two_classes(1200))["state"] == "accepted"
    assert here.ok("POST", PREVIEW, {"rows": 3})["fitted_rows"] == 1000
