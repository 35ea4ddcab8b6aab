"""Weak segments are found where they are, and nowhere else."""

import itertools
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy import stats

from lepton_core.evaluate import Segments
from lepton_core.segments import KnownColumns, weak_of_classes, weak_of_values
from lepton_core.segments.chance import holm
from lepton_core.segments.cuts import cut
from lepton_core.segments.find import MOST_CUT_COLUMNS, MOST_WORST
from lepton_core.table import Categories, Numbers, Table
from lepton_core.table.columns import Texts

TRIES = 200


def columns_of(m: int, rng: np.random.Generator) -> Table:
    """Numbers with and without gaps, a category with rare levels, one of two, and a text."""
    gaps = np.where(rng.uniform(size=m) < 0.2, np.nan, rng.normal(size=m))
    town = [f"t{one}" for one in rng.geometric(0.25, m)]
    side = rng.choice(["left", "right"], m).tolist()
    note = [None if one else "x" for one in rng.uniform(size=m) < 0.3]
    return Table(
        (
            Numbers("a", rng.normal(size=m)),
            Numbers("b", gaps),
            Categories.of("town", town),
            Categories.of("side", side),
            Texts.of("note", note),
        )
    )


def answers(sure: np.ndarray, rng: np.random.Generator, wrong: np.ndarray | None = None) -> tuple[Any, Any]:
    """Classes that are right as often as ``sure`` says, but in ``wrong`` rows as often as not; and the answers."""
    often = sure if wrong is None else np.where(wrong, 0.5, sure)
    y = (rng.uniform(size=len(sure)) > often).astype(np.int64)
    return y, np.column_stack([sure, 1 - sure])


def few_times(count: int, share: float) -> bool:
    """Whether ``count`` of `TRIES` is no more than chance makes of that ``share``."""
    return bool(stats.binom.sf(count - 1, TRIES, share) > 0.001)


@pytest.mark.parametrize("losses", ["rare errors", "many errors", "squares", "heavy tails"])
@pytest.mark.parametrize("m", [80, 600])
def test_a_version_without_a_weak_spot_has_none_in_95_of_100_tries(losses: str, m: int) -> None:
    rng, called = np.random.default_rng(m), 0
    for _ in range(TRIES):
        table = columns_of(m, rng)
        if losses in ("rare errors", "many errors"):
            sure = np.full(m, 0.97) if losses == "rare errors" else rng.beta(5, 1, m)
            called += weak_of_classes(table, *answers(sure, rng)).weak > 0
        else:
            away = rng.normal(size=m) if losses == "squares" else rng.standard_t(2.5, m)
            called += weak_of_values(table, away, np.zeros(m)).weak > 0
    assert few_times(called, 0.05), called


def test_nor_has_one_whose_rows_belong_together() -> None:
    """Rows of a group are alike in how wrong they are, and in their columns too: by themselves they would seem many."""
    rng, called, naive = np.random.default_rng(0), 0, 0
    for tried in range(TRIES):
        group = rng.integers(0, 60, 600)
        table = columns_of(60, rng).take(group)
        away = rng.normal(size=600) * np.exp(0.6 * rng.normal(size=60))[group]
        called += weak_of_values(table, away, np.zeros(600), blocks=group).weak > 0
        naive += tried < 40 and weak_of_values(table, away, np.zeros(600)).weak > 0
    assert few_times(called, 0.05), called
    assert naive > 20


@pytest.mark.parametrize("where", ["a", "town", "note"])
def test_a_weak_segment_that_is_large_enough_is_found_in_95_of_100_tries(where: str) -> None:
    rng, of_classes, of_values = np.random.default_rng(1), 0, 0
    for _ in range(60):
        table = columns_of(1500, rng)
        weak = {
            "a": lambda t: t["a"].values > np.quantile(t["a"].values, 0.8),
            "town": lambda t: t["town"].codes == t["town"].levels.index("t2"),
            "note": lambda t: t["note"].missing,
        }[where](table)
        found = weak_of_classes(table, *answers(rng.uniform(0.85, 0.99, 1500), rng, weak))
        of_classes += found.weak > 0 and found.worst[0].column == where
        away = rng.normal(size=1500) * np.where(weak, 2, 1)
        found = weak_of_values(table, away, np.zeros(1500))
        of_values += found.weak > 0 and found.worst[0].column == where
    assert min(of_classes, of_values) >= 57


def test_a_weak_segment_of_rows_that_belong_together_is_found() -> None:
    rng = np.random.default_rng(2)
    group = rng.integers(0, 100, 2000)
    table = columns_of(2000, rng)
    weak = table["side"].codes == 0
    away = rng.normal(size=2000) * np.where(weak, 2, 1) * np.exp(0.3 * rng.normal(size=100))[group]
    found = weak_of_values(table, away, np.zeros(2000), blocks=group)
    assert found.blocks == 100
    assert [one.column for one in found.worst] == ["side"]


def directly(
    table: Table, losses: np.ndarray, known: KnownColumns
) -> dict[tuple[str, int], tuple[float, ...]]:
    """Each segment by its definition: chance, the difference of the means and Welch's interval, by scipy."""
    m, made = len(losses), {}
    for column in table.columns:
        parted = cut(column, known.bins.get(column.name))
        for segment in range(len(parted.of)) if parted else ():
            inside = parted.places == segment  # type: ignore[union-attr]
            n = int(inside.sum())
            if min(n, m - n) < 20:
                continue
            mean, spread = losses.mean(), losses.std()
            z = (losses[inside].mean() - mean) / (spread * np.sqrt((m - n) / (n * (m - 1))))
            cubed = np.mean((losses - mean) ** 3) / spread**3
            skewness = cubed * (m - 2 * n) * np.sqrt(m - 1) / ((m - 2) * np.sqrt(n * (m - n)))
            p = stats.pearson3.sf(z, max(skewness, 0)) if z > 0 else 1.0
            welch = stats.ttest_ind(losses[inside], losses[~inside], equal_var=False).confidence_interval()
            difference = losses[inside].mean() - losses[~inside].mean()
            made[column.name, segment] = (p, n, difference, welch.low, welch.high)
    return made


@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_is_what_its_definition_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = columns_of(900, rng)
    weak = (table["side"].codes == 1) | (table["a"].values > 1.2)
    away = 1e3 * rng.normal(size=900) * np.where(weak, 1.8, 1)
    found = weak_of_values(table, away, np.zeros(900))
    expected = directly(table, away**2, KnownColumns({}, frozenset()))
    corrected = holm(np.array([one[0] for one in expected.values()]))
    called = {
        at: (p, *rest[1:])
        for (at, rest), p in zip(expected.items(), corrected, strict=True)
        if p <= 0.05 and rest[3] > 0
    }
    assert found.tested == len(expected) and found.weak == len(called) > 0
    ordered = sorted(called.items(), key=lambda one: -one[1][2])[:MOST_WORST]
    for one, ((column, _), (p, n, difference, low, high)) in zip(found.worst, ordered, strict=True):
        assert (one.column, one.rows) == (column, n)
        assert one.p == pytest.approx(p, rel=0.05)
        assert one.difference.value == pytest.approx(difference)
        assert (one.difference.low, one.difference.high) == pytest.approx((low, high), rel=0.01)
        assert one.loss - one.loss_elsewhere == pytest.approx(difference)
        assert one.score.value**2 == pytest.approx(one.loss)
        assert one.score_elsewhere**2 == pytest.approx(one.loss_elsewhere)
    assert found.loss.value == pytest.approx(np.mean(away**2))


def test_the_scores_of_a_classifier_are_shares_of_its_rows() -> None:
    rng = np.random.default_rng(3)
    table = columns_of(800, rng)
    weak = table["side"].codes == 0
    y, probabilities = answers(rng.uniform(0.9, 0.99, 800), rng, weak)
    found = weak_of_classes(table, y, probabilities)
    right = probabilities.argmax(axis=1) == y
    one = found.worst[0]
    assert (one.column, one.level, one.rows) == ("side", "left", int(weak.sum()))
    assert one.score.value == pytest.approx(right[weak].mean())
    assert one.score_elsewhere == pytest.approx(right[~weak].mean())
    expected = stats.binomtest(int(right.sum()), 800).proportion_ci(method="wilson")
    assert (found.score.low, found.score.high) == pytest.approx((expected.low, expected.high))
    assert one.sentence.startswith("side 'left': accuracy ") and not one.reads


def test_columns_that_set_the_same_rows_apart_share_a_place() -> None:
    rng = np.random.default_rng(4)
    gone = rng.uniform(size=500) < 0.3
    twins = [Texts.of(f"t{at}", [None if one else "x" for one in gone]) for at in range(3)]
    away = rng.normal(size=500) * np.where(gone, 3, 1)
    found = weak_of_values(Table(tuple(twins)), away, np.zeros(500))
    assert (found.weak, len(found.worst)) == (3, 1)
    assert {found.worst[0].column, *found.worst[0].also} == {"t0", "t1", "t2"}


def test_no_more_than_so_many_are_kept_and_looked_at_and_what_is_cut_is_said() -> None:
    rng = np.random.default_rng(5)
    side = rng.choice(["l", "r"], 400)
    far = np.where(side == "l", 5.0, 1.0)
    mixed = [np.where(rng.uniform(size=400) < 0.1, "r", side).tolist() for _ in range(14)]
    weak = [Categories.of(f"c{at}", one) for at, one in enumerate(mixed)]
    others = [Numbers(f"n{at}", np.zeros(400)) for at in range(MOST_CUT_COLUMNS)]
    found = weak_of_values(Table((*weak, *others)), far * rng.normal(size=400), np.zeros(400))
    assert (found.columns, found.columns_left) == (MOST_CUT_COLUMNS, 14)
    assert found.weak == 14 and len(found.worst) == MOST_WORST
    assert (
        "the 10 worst are kept" in found.sentence and "14 more columns were not looked at" in found.sentence
    )
    assert all(a.difference.value >= b.difference.value for a, b in itertools.pairwise(found.worst))


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200, 1e308])
def test_values_of_any_size_have_their_segments_and_json_holds_them(size: float) -> None:
    rng = np.random.default_rng(6)
    table = columns_of(400, rng)
    away = rng.uniform(-1, 1, 400) * np.where(table["side"].codes == 0, 0.9, 0.2)
    found = weak_of_values(table, away * size, -away * size * (size < 1e308))
    assert found.worst[0].column == "side"
    assert msgspec.json.decode(msgspec.json.encode(found), type=Segments) == found


@pytest.mark.parametrize("m", [1, 2, 39])
def test_a_few_rows_show_nothing_and_that_is_said(m: int) -> None:
    rng = np.random.default_rng(7)
    found = weak_of_classes(columns_of(m, rng), *answers(np.full(m, 0.9), rng))
    assert (found.tested, found.weak, found.worst) == (0, 0, ())
    assert found.sentence.endswith(f"{m} rows do not show where the model is wrong")


def test_rows_that_are_all_as_wrong_show_nothing() -> None:
    rng = np.random.default_rng(8)
    found = weak_of_values(columns_of(300, rng), np.full(300, 3.0), np.full(300, 1.0))
    assert (found.weak, found.score.value, found.loss.value) == (0, 2.0, 4.0)
    assert weak_of_values(columns_of(300, rng), np.zeros(300), np.zeros(300)).loss.value == 0
