import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lepton_core.preprocess import Labels, Preprocessor, default_preprocessor
from lepton_core.preprocess.nonlinear import beside, depends_on_gaps, levels_of, off_a_line, said
from lepton_core.table import Categories, Numbers, Table, Texts

LINES = {"sparse": True}
SURE = 0.999


def labels_of(y, classes=0, weights=None):
    return Labels.of(np.asarray(y), [f"c{k}" for k in range(classes)], weights)


def months(rows, rng):
    return rng.integers(1, 13, rows).astype(np.float64)


def lack_of_fit(x, y):
    """The share of F that is above that of the residuals, by fits of the full and the straight model."""
    straight = np.polynomial.Polynomial.fit(x, y, 1)
    levels = np.unique(x)
    full = sum(((y[x == one] - y[x == one].mean()) ** 2).sum() for one in levels)
    off = ((y - straight(x)) ** 2).sum() - full
    freedom, rest = len(levels) - 2, len(x) - len(levels)
    return off / freedom / (full / rest), freedom


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.6))
def test_a_gap_is_tested_by_analysis_of_variance(seed, effect):
    rng = np.random.default_rng(seed)
    gone = rng.random(300) < 0.2
    y = rng.normal(size=300) + effect * gone
    column = Numbers("a", np.where(gone, np.nan, 1.0))
    F = stats.f_oneway(y[gone], y[~gone]).statistic
    assert depends_on_gaps(column, labels_of(y), SURE) == (stats.chi2.ppf(SURE, 1) < F)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.5))
def test_a_line_is_tested_by_lack_of_fit(seed, effect):
    rng = np.random.default_rng(seed)
    x = months(400, rng)
    y = 3.0 * x + effect * np.cos(x) + rng.normal(size=400)
    values, places = levels_of(Numbers("month", x))
    F, freedom = lack_of_fit(x, y)
    assert (off_a_line(values, places, labels_of(y), SURE) > 1.0) == (
        F * freedom > stats.chi2.ppf(SURE, freedom)
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 2, 3]))
def test_a_row_of_weight_three_is_three_rows_and_the_order_of_rows_says_nothing(seed, classes):
    rng = np.random.default_rng(seed)
    x = months(200, rng)
    x[rng.random(200) < 0.2] = np.nan
    y = rng.integers(0, classes, 200) if classes else rng.normal(size=200) + np.cos(np.nan_to_num(x))
    weights = rng.integers(1, 4, 200)
    again = np.repeat(np.arange(200), weights)
    order = rng.permutation(len(again))
    weighted = beside(Table((Numbers("m", x),)), ["m"], labels_of(y, classes, weights.astype(np.float64)))
    repeated = beside(Table((Numbers("m", x[again][order]),)), ["m"], labels_of(y[again][order], classes))
    assert weighted == repeated


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_where_the_label_depends_on_nothing_hardly_ever_anything_stands_beside(classes):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(200):
        columns = [Numbers(f"m{k}", months(300, rng)) for k in range(5)]
        columns += [Numbers(f"g{k}", np.where(rng.random(300) < 0.3, np.nan, 1.0)) for k in range(5)]
        table = Table(tuple(columns))
        y = rng.integers(0, classes, 300) if classes else rng.normal(size=300)
        found += bool(beside(table, table.names, labels_of(y, classes)))
    assert found <= 20  # of 200 at 5 %: more has a chance of one in a thousand


def test_codes_get_levels_and_telling_gaps_an_indicator_beside_their_numbers():
    rng = np.random.default_rng(0)
    precinct, other = rng.integers(1, 60, 3000).astype(np.float64), rng.normal(size=3000)
    chance = rng.random(60)[precinct.astype(np.int64)]
    days = np.where(rng.random(3000) < 0.1 + 0.2 * chance, np.nan, rng.random(3000))
    y = (rng.random(3000) < chance).astype(np.int64)
    table = Table((Numbers("precinct", precinct, "integer"), Numbers("days", days), Numbers("other", other)))
    fitted = default_preprocessor(table, labels_of(y, 2), **LINES).fit(table)

    assert [step.transformer for step in fitted.steps] == [
        "MissingIndicator",
        "OneHot",
        "Impute",
        "Normalize",
    ]
    names = fitted.feature_names
    assert names[:3] == ("precinct", "days", "other")
    assert names[3:5] == ("days=(missing)", "precinct=1")
    assert {source for name, source in zip(names, fitted.sources, strict=True) if "precinct" in name} == {
        "precinct"
    }
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted
    np.testing.assert_array_equal(np.asarray(fitted.matrix(table)), fitted.transform(table))


def test_only_what_learns_lines_gets_them_and_only_with_labels():
    rng = np.random.default_rng(0)
    x = months(500, rng)
    table, labels = Table((Numbers("m", x),)), labels_of(np.cos(x) > 0, 2)
    plain = default_preprocessor(table)
    assert len(default_preprocessor(table, labels, **LINES).steps) > len(plain.steps)
    assert default_preprocessor(table, labels) == plain
    assert default_preprocessor(table, labels, scaled=False, missing=True).steps == ()
    assert default_preprocessor(table, **LINES) == plain
    assert default_preprocessor(table, labels, **LINES, edition="default-3") == plain


def test_what_a_line_says_needs_no_levels():
    rng = np.random.default_rng(0)
    x = months(2000, rng)
    table = Table((Numbers("m", x),))
    for y in (3 * x + rng.normal(size=2000), 1e9 + 1e-3 * x, np.full(2000, 7.1), np.full(2000, 1e308)):
        assert beside(table, ["m"], labels_of(y)) == ()


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_labels_of_any_size_are_compared(size):
    rng = np.random.default_rng(0)
    x = months(500, rng)
    steps = beside(Table((Numbers("m", x),)), ["m"], labels_of(size * np.cos(x)))
    assert [step.transformer for step in steps] == ["OneHot"]


@pytest.mark.parametrize(
    "column",
    [
        Numbers("a", np.random.default_rng(0).normal(size=500)),
        Numbers("a", np.arange(500.0), "integer"),
        Numbers("a", np.tile([0.0, 1.0], 250), "boolean"),
        Numbers("a", np.tile([0.0, 86_400.0, 172_800.0, 864_000.0], 125), "date"),
        Numbers("a", np.full(500, np.nan)),
        Categories.of("a", ["x", "y"] * 250),
        Texts.of("a", ["so", "long", None, "yes"] * 125),
    ],
    ids=["measured", "counted", "boolean", "date", "empty", "category", "text"],
)
def test_no_other_column_gets_levels(column):
    y = labels_of(np.random.default_rng(1).normal(size=500))
    assert levels_of(column) is None
    assert beside(Table((column,)), ["a"], y) == ()


def test_of_few_rows_nothing_is_said():
    x = np.tile([1.0, 2.0, 3.0], 16)
    assert beside(Table((Numbers("m", x),)), ["m"], labels_of(np.cos(3 * x))) == ()


def test_the_names_of_the_blocks_are_those_of_no_column():
    rng = np.random.default_rng(0)
    x = months(500, rng)
    gap = np.where(np.cos(x) > 0, np.nan, rng.normal(size=500))
    table = Table((Numbers("levels", x), Numbers("missing", gap)))
    labels = labels_of(np.cos(x) + 0.1 * rng.normal(size=500))
    fitted = default_preprocessor(table, labels, **LINES).fit(table)
    assert [step.output for step in fitted.steps[:2]] == ["missing'", "levels'"]


def test_what_was_added_is_said_with_a_few_of_many_names():
    rng = np.random.default_rng(0)
    names = [f"m{k}" for k in range(7)]
    columns = [months(2000, rng) for _ in names]
    gaps = np.where(rng.random(2000) < 0.2, np.nan, rng.random(2000))
    y = sum(np.cos(one) for one in columns) + 3 * np.isnan(gaps)
    table = Table((*map(Numbers, names, columns), Numbers("gap", gaps)))
    fitted = default_preprocessor(table, labels_of(y), **LINES).fit(table)
    assert said(fitted.steps) == (
        "gaps of gap are marked; each number of m0, m1, m2, m3, m4 and 2 more has a weight of its own"
    )
    own = Preprocessor.empty().add("OneHot", input="m0", output="mine").fit(table)
    assert said(default_preprocessor(table).fit(table).steps) == ""
    assert said(own.steps) != "", "a chain of somebody's own is not asked: see `Prepared.note`"


@pytest.mark.parametrize("columns", [1, 4, 30])
def test_levels_have_no_more_weights_than_half_of_the_rows_and_the_surest_come_first(columns: int) -> None:
    """Ten classes, and columns of ten numbers of which each says a class the better, the earlier it comes."""
    rng = np.random.default_rng(0)
    m, k = 800, 10
    y = rng.integers(0, k, m)
    order = rng.permutation(k)
    said_by = [np.where(rng.random(m) < 0.9 * 0.8**at, y, rng.integers(0, k, m)) for at in range(columns)]
    table = Table(tuple(Numbers(f"x{at}", order[one].astype(float)) for at, one in enumerate(said_by)))
    found = beside(table, table.names, Labels.of(y, [f"c{one}" for one in range(k)], None))
    (names,) = [step.input for step in found if step.transformer == "OneHot"]
    assert ([names] if isinstance(names, str) else list(names)) == [f"x{at}" for at in range(min(columns, 4))]
