"""A training that an error offers, said as a call, as a command and as a request: all three ask for the same."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_ai import Split
from lepton_ai.cli.train import class_weight, constraints, hyperparameters, split, train
from lepton_ai.remedies import with_options
from lepton_core.remedy import training
from tests.lepton_ai.test_cli import Lepton, lepton
from tests.support.pasted import paste

__all__ = ["lepton"]

NAMES = st.text("ab c'\"é", min_size=1, max_size=6).filter(lambda one: one.strip() == one)
SHARES = st.floats(0.05, 0.9)
SPLITS = st.one_of(
    st.fixed_dictionaries({"by": st.sampled_from(["group", "time"]), "column": NAMES, "fraction": SHARES}),
    st.fixed_dictionaries({"by": st.just("column"), "column": NAMES}),
    st.fixed_dictionaries({"by": st.just("rows"), "fraction": SHARES}),
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "l2": SHARES,
        "kernel": st.sampled_from(["rbf", "1", "null"]),
        "hidden": st.lists(st.integers(1, 9), min_size=1, max_size=3),
        "monotone": st.dictionaries(NAMES, st.sampled_from([1, -1]), min_size=1, max_size=3),
    },
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "iterations": st.integers(1, 9),
        "learning_rate": SHARES,
        "hyperparameters": SETTINGS.filter(bool),
        "dataset_version": st.integers(1, 9),
        "warm_start": st.just(True),
        "weight": NAMES,
        "class_weight": st.just("balanced") | st.dictionaries(NAMES, SHARES, min_size=1, max_size=3),
        "split": SPLITS,
        "seed": st.integers(1, 9),
        "refit": st.booleans(),
        "auto": st.sampled_from([True, "algorithm", "hyperparameters"]),
        "trials": st.integers(1, 9),
        "seconds": SHARES,
        "members": st.integers(0, 9),
        "megabytes": SHARES,
        "milliseconds": SHARES,
        "calibrate": st.booleans(),
        "uncertainty": st.booleans(),
        "deploy": st.just(True),
    },
)


class Told:
    """A model that tells what it was given."""

    def train(self, **given: Any) -> dict[str, Any]:
        return given


def flat(body: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in body.items() if name != "hyperparameters"} | body.get(
        "hyperparameters", {}
    )


@given(body=BODIES)
def test_a_call_says_what_its_request_says(body: dict[str, Any]) -> None:
    given = paste(str(training(**body)), {"model": Told(), "Split": Split})
    if "split" in given:
        asked = {"by": "rows", **given["split"].asked()}
        given["split"] = asked
    assert given == flat(body)


@given(body=BODIES)
def test_a_command_says_what_its_request_says(body: dict[str, Any]) -> None:
    way = training(**body).at_hand("churn")
    command, step, *options = shlex.split(with_options(str(way), [way]))
    assert (command, step, options[0]) == ("lepton", "train", "churn")
    told = train.make_context("train", options).params
    said: dict[str, Any] = {name: value for name, value in told.items() if name in body and name != "auto"}
    if (
        searched := "hyperparameters" if told["own"] else "algorithm" if told["algorithms"] else told["auto"]
    ) is not False:
        said["auto"] = searched
    said["dataset_version"] = told["data_version"]
    said["class_weight"] = class_weight(told["class_weights"])
    dealt = split(told["by"], told["fraction"])
    said["split"] = None if dealt is None else {"by": "rows", **dealt.asked()}
    said |= hyperparameters(told["settings"]) | constraints(told["signs"], told["groups"])
    assert {name: one for name, one in said.items() if one is not None} == flat(body)


@pytest.mark.parametrize("wrong", [("--set", "l2=-1"), ("--trials", "3")])
def test_a_command_without_a_call_says_none(lepton: Lepton, wrong: tuple[str, str]) -> None:
    lepton("create", "churn", "--algorithm", "logistic_regression")
    status, _, err = lepton("train", "churn", *wrong)
    assert status in (1, 2)
    assert "NAME" not in err


def test_a_command_names_its_model_and_repeats_its_options(lepton: Lepton) -> None:
    lepton("create", "churn", "--algorithm", "random_forest")
    status, _, err = lepton(
        "train",
        "churn",
        "--iterations",
        "50",
        "--split",
        "time:day",
        "--fraction",
        "0.3",
        "--class-weight",
        "yes=5",
    )
    assert status == 1
    offered = "lepton train churn --class-weight yes=5.0 --split time:day --fraction 0.3 --set trees=50"
    assert err.strip().endswith(f"; instead: {offered}")
