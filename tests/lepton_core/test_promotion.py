"""The losses by which two models are compared, and which of them wins."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, root_mean_squared_error

from lepton_core.errors import InvalidData
from lepton_core.evaluate import PairedTest
from lepton_core.predict import Predictor
from lepton_core.promotion import UNKNOWN_CLASS_LOSS, held_out_loss, judge
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def labelled(label: list[str] | list[float], *, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    x = Numbers("x", rng.normal(size=len(label)))
    if isinstance(label[0], str):
        return Table((x, Categories.of("y", list(label))))
    return Table((x, Numbers("y", np.array(label, dtype=np.float64))))


def trained(table: Table, algorithm: str = "logistic_regression") -> Predictor:
    return train(Recipe(algorithm, "y", {"iterations": 30}), table, np.arange(table.rows))


@pytest.mark.slow
@given(st.lists(st.sampled_from("abc"), min_size=5, max_size=40).filter(lambda label: len(set(label)) == 3))
def test_the_loss_of_classes_is_scikit_learns(label: list[str]) -> None:
    table = labelled(label)
    predictor = trained(table)
    expected = log_loss(label, predictor.predict(table.without("y")), labels=["a", "b", "c"])
    assert held_out_loss(predictor, table) == pytest.approx(expected, rel=1e-12)


def test_a_certain_and_wrong_answer_costs_as_much_as_an_unknown_class() -> None:
    table = Table((Numbers("x", np.array([-9.0, 9.0] * 20)), Categories.of("y", ["a", "b"] * 20)))
    predictor = train(
        Recipe("logistic_regression", "y", {"iterations": 20, "learning_rate": 1e4}), table, np.arange(40)
    )
    wrong = Table((table["x"], Categories.of("y", ["b", "a"] * 20)))
    assert held_out_loss(predictor, table) < 1e-12
    assert held_out_loss(predictor, wrong) == pytest.approx(UNKNOWN_CLASS_LOSS)


@pytest.mark.parametrize("unknown", [1, 5, 10])
def test_every_row_of_an_unknown_class_costs_the_clipped_loss(unknown: int) -> None:
    predictor = trained(labelled(["a", "b"] * 10))
    table = labelled((["a", "b"] * 5)[unknown:] + ["new"] * unknown, seed=1)
    known = np.arange(10 - unknown)
    of_known = held_out_loss(predictor, table.take(known)) * len(known) if len(known) else 0.0
    assert held_out_loss(predictor, table) == pytest.approx((of_known + unknown * UNKNOWN_CLASS_LOSS) / 10)
    assert pytest.approx(36.0437, abs=1e-4) == UNKNOWN_CLASS_LOSS


@pytest.mark.slow
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_loss_of_values_is_the_root_mean_squared_error(label: list[float]) -> None:
    predictor = trained(labelled([1.0, 2.0, 4.0, 8.0]), "linear_regression")
    table = labelled(label, seed=1)
    expected = root_mean_squared_error(label, predictor.predict(table.without("y")))
    assert held_out_loss(predictor, table) == pytest.approx(expected, rel=1e-12)


def test_the_loss_of_values_is_finite_however_large_they_are() -> None:
    predictor = trained(labelled([1.0, 2.0, 4.0, 8.0]), "linear_regression")
    assert held_out_loss(predictor, labelled([1e200, -1e200])) == pytest.approx(1e200)
    assert np.isfinite(held_out_loss(predictor, labelled([1.7e308, -1.7e308])))


def test_no_row_has_no_loss() -> None:
    for predictor in (trained(labelled(["a", "b"])), trained(labelled([1.0, 2.0]), "linear_regression")):
        with pytest.raises(InvalidData, match="no row"):
            held_out_loss(predictor, labelled(["a", "b"]).take(np.array([], dtype=np.int64)))


def compared(difference: float, error: float, *, rows: int = 158) -> PairedTest:
    """What many rows show of a difference with that standard error."""
    reach = 1.96 * error
    return PairedTest(
        rows, rows, difference, error, difference - reach, difference + reach, detectable=2.8 * error
    )


@pytest.mark.parametrize(
    ("difference", "error", "given", "promote", "said"),
    [
        (
            0.01,
            0.004,
            {},
            True,
            "0.26 is not worse than the champion's 0.27: better by 0.0022 to 0.018 (95 %) on 158 rows",
        ),
        (
            0.01,
            0.1,
            {},
            False,
            "between 0.19 worse and 0.21 better (95 %), and 0.0054 worse is allowed: not shown",
        ),
        (0.01, 0.1, {}, False, "these 158 rows could have shown 0.28"),
        (0.0, 0.0, {}, True, "0.27 is not worse than the champion's 0.27"),
        (0.0, 0.0, {"margin": 0.0}, True, "not worse than"),
        (0.0, 0.002, {}, True, "(0.0054 worse is allowed)"),
        (0.0, 0.002, {"margin": 0.0}, False, "and 0 worse is allowed: not shown"),
        (0.0, 0.002, {"margin": 0.0, "tolerance": 0.01}, True, "(0.01 worse is allowed)"),
        (0.0, 0.003, {"margin": 0.5, "tolerance": 0.01}, True, "(0.14 worse is allowed)"),
        (
            -0.01,
            0.001,
            {},
            False,
            "0.28 is worse than the champion's 0.27: worse by 0.008 to 0.012 (95 %) on 158 rows",
        ),
        (-0.004, 0.0001, {}, True, "not worse than the champion's 0.27: worse by 0.0038 to 0.0042 (95 %)"),
        (-1e-4, 1e-3, {}, True, "0.2701 is not worse than the champion's 0.27"),
        (-1e-6, 1e-6, {}, True, "0.270001 is not worse than the champion's 0.27"),
    ],
)
def test_the_rows_must_show_that_the_challenger_is_not_worse_by_the_margin(
    difference: float, error: float, given: dict[str, float], promote: bool, said: str
) -> None:
    found = compared(difference, error)
    verdict = judge(0.27, 0.27 - difference, found, **given)
    assert (verdict.promote, verdict.comparison) == (promote, found)
    assert said in verdict.reason
    assert ("not worse" in verdict.reason) == promote
    assert verdict.margin == max(given.get("tolerance", 0.0), given.get("margin", 0.02) * 0.27)


@pytest.mark.parametrize(
    ("champion", "challenger", "promote", "said"),
    [
        (None, 0.5, True, "no champion"),
        (0.2, float("nan"), False, "not finite"),
        (0.2, float("inf"), False, "not finite"),
        (None, float("inf"), False, "not finite"),
        (0.2, 0.1, False, "a comparison needs two rows, or two groups, at least"),
    ],
)
def test_what_cannot_be_compared_has_a_verdict(
    champion: float | None, challenger: float, promote: bool, said: str
) -> None:
    verdict = judge(champion, challenger, tolerance=1.0)
    assert (verdict.promote, verdict.comparison) == (promote, None)
    assert said in verdict.reason
    assert (verdict.champion_loss, repr(verdict.challenger_loss)) == (champion, repr(challenger))


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e3), st.floats(0, 10), st.floats(0, 10))
def test_a_larger_margin_never_turns_a_promotion_down(
    a: float, b: float, error: float, small: float, more: float
) -> None:
    found = compared(a - b, error)
    for what in ("tolerance", "margin"):
        if judge(a, b, found, **{what: small}).promote:
            assert judge(a, b, found, **{what: small + more}).promote


def test_where_groups_are_drawn_the_reason_says_how_many() -> None:
    assert "on 158 rows in 9 blocks" in judge(0.27, 0.26, replace(compared(0.01, 0.001), blocks=9)).reason
    assert (
        "158 rows in 9 blocks could have" in judge(0.27, 0.26, replace(compared(0.01, 0.1), blocks=9)).reason
    )


@pytest.mark.parametrize("error", [0.001, 0.1])
def test_rows_that_are_blocks_by_themselves_are_rows_only(error: float) -> None:
    many = replace(compared(0.01, error), rows=90_000, blocks=2000)
    assert (
        "90000 rows (" in judge(0.27, 0.26, many).reason
        or "90000 rows could" in judge(0.27, 0.26, many).reason
    )
    assert "blocks" not in judge(0.27, 0.26, many).reason
