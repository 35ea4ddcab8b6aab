"""A linear model of numbers predicts by weights that hold the scaling; what is no number takes the way of others."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact, InvalidData, LeptonError, NewerFormat
from lepton_core.models import ALGORITHMS
from lepton_core.numeric import output_of
from lepton_core.plain_version import PlainVersion
from lepton_core.predict import FORMAT, Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table, read_rows
from lepton_core.table.number_rows import number_rows
from lepton_core.train import Recipe, train

NAMES = ("a", "b", "c", "d")
EVERY = ("two", "three", "value")
every = pytest.mark.parametrize("kind", EVERY)


def table(kind: str, *, gaps: bool = False) -> Table:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(80, 4)) * [1.0, 30.0, 0.01, 5.0] + [0.0, 200.0, 0.1, -9.0]
    score = values @ [1.0, 0.1, 40.0, 0.3]
    if gaps:
        values[::7, 1] = np.nan
    columns = [Numbers(name, values[:, at].copy()) for at, name in enumerate(NAMES)]
    if kind == "value":
        return Table((*columns, Numbers("y", score + rng.normal(size=80))))
    edges = np.quantile(score, [0.5] if kind == "two" else [0.3, 0.7])
    levels = [("no", "so", "yes")[place] for place in np.searchsorted(edges, score)]
    return Table((*columns, Categories.of("y", levels)))


def trained(kind: str, *, gaps: bool = False, **options: Any) -> Predictor:
    name = "linear_regression" if kind == "value" else "logistic_regression"
    return train(Recipe(name, "y", options), table(kind, gaps=gaps), np.arange(80))


def of_matrix(X: Any) -> Table:
    return Table(tuple(Numbers(name, np.array(X[:, at])) for at, name in enumerate(NAMES)))


@every
def test_it_says_what_scaling_each_cell_says_but_for_rounding(kind: str) -> None:
    new = trained(kind)
    assert new.folds and new.folded is not None
    old, features = replace(new, folds=False), table(kind).without("y")
    np.testing.assert_allclose(new.predict(features), old.predict(features), rtol=1e-12, atol=1e-15)
    assert new.predict(features).shape == old.predict(features).shape


@every
def test_a_file_of_today_folds_and_one_of_before_keeps_its_bits(kind: str) -> None:
    new, features = trained(kind), table(kind).without("y")
    assert read_container(new.dump())[1]["format"] == FORMAT == 3
    again = Predictor.load(new.dump())
    assert again.folds and again.dump() == new.dump()
    assert again.predict(features).tobytes() == new.predict(features).tobytes()
    before = replace(new, folds=False)
    assert read_container(before.dump())[1]["format"] == 1
    loaded = Predictor.load(before.dump())
    assert not loaded.folds and loaded.folded is None
    scaled = ALGORITHMS[new.algorithm].predict(new.parameters, new.matrix(features))
    assert loaded.predict(features).tobytes() == scaled.tobytes()


def test_a_header_of_very_many_columns_is_a_document_whether_it_folds_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = trained("two")
    monkeypatch.setattr("lepton_core.artifact.container.MAX_HEADER_BYTES", 1500)
    for one, number in ((new, 3), (replace(new, folds=False), 2)):
        assert read_container(one.dump())[1] == {"format": number}
        again = Predictor.load(one.dump())
        assert again.folds == one.folds and again.dump() == one.dump()


def test_a_file_that_claims_to_fold_and_cannot_is_damage_and_a_newer_one_is_newer() -> None:
    arrays, meta = read_container(trained("two").dump())
    divided = {**meta, "algorithm": "naive_bayes"}
    with pytest.raises(InvalidArtifact):
        Predictor.load(write_container(arrays, divided))
    with pytest.raises(InvalidArtifact):  # as if it were a document
        Predictor.load(write_container(arrays, {"format": FORMAT}))
    with pytest.raises(NewerFormat):
        Predictor.load(write_container(arrays, {**meta, "format": FORMAT + 1}))
    mixed = Table((*table("two").columns[:-1], Categories.of("k", ["u", "v"] * 40), table("two")["y"]))
    other = train(Recipe("logistic_regression", "y", {}), mixed, np.arange(80))
    arrays, meta = read_container(other.dump())
    with pytest.raises(InvalidArtifact, match="cannot be folded"):
        Predictor.load(write_container(arrays, {**meta, "format": FORMAT}))


@every
@pytest.mark.parametrize("at_once", [False, True])
def test_a_file_whose_intercept_would_be_no_number_is_damaged(kind: str, at_once: bool) -> None:
    arrays, meta = read_container(trained(kind).dump())
    weights = np.zeros_like(arrays["weights"])
    weights[..., 1] = 1.7e308  # its center is more than one of its divisors from 0
    weights[..., 3] = 1.7e308 if at_once else -1.7e308
    intercept = np.full_like(arrays["intercept"], 1.7e308)
    for changed in ({"weights": weights}, {"weights": weights, "intercept": intercept}):
        with pytest.raises(InvalidArtifact, match="cannot be folded"):
            Predictor.load(write_container({**arrays, **changed}, meta))


@pytest.mark.parametrize("name", sorted(set(ALGORITHMS) - {"linear_regression", "logistic_regression"}))
def test_no_other_algorithm_folds(name: str) -> None:
    assert not replace(trained("two"), algorithm=name, folds=False).folding().folds


def test_a_column_that_lies_far_from_zero_is_scaled_first_so_that_no_digit_is_lost() -> None:
    def at(distance: float) -> Predictor:
        plain = table("two")
        a = plain["a"]
        assert isinstance(a, Numbers)
        far = Table((Numbers("a", a.values + distance), *plain.columns[1:]))
        return train(Recipe("logistic_regression", "y", {}), far, np.arange(80))

    assert at(1000.0).folds
    assert not at(1e7).folds


def test_columns_in_two_places_of_the_matrix_or_made_by_a_curve_are_not_folded() -> None:
    twice = Preprocessor.empty().add("Normalize", input="X", output="scaled")
    assert trained("two").folds
    recipe = Recipe("logistic_regression", "y", {}, twice)
    assert train(recipe, table("two"), np.arange(80)).folds  # X itself is consumed
    curved = Preprocessor.empty().add("PolynomialFeatures", input="X")
    assert not train(replace(recipe, preprocessor=curved), table("two"), np.arange(80)).folds


cells = st.one_of(
    st.floats(-1e3, 1e3),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 1e155, 5e-324, 1e30]),
)


def outcome(version: Predictor, features: Table) -> Any:
    try:
        return version.predict(features).tobytes()
    except InvalidData as error:
        return str(error), {row: str(fault) for row, fault in error.by_row.items()}


VERSIONS = {(kind, gaps): trained(kind, gaps=gaps) for kind in EVERY for gaps in (False, True)}


@every
@pytest.mark.parametrize("gaps", [False, True])
@settings(max_examples=25)
@given(rows=st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=20))
@example(rows=[(np.nan, 1.0, 1.0, 1.0), (1.0, 2.0, 3.0, 4.0)])
@example(rows=[(1.0, np.inf, 1.0, 1.0), (1.0, 2.0, 3.0, np.nan), (1e308, -1e308, 1.0, 1.0)])
@example(rows=[(1e155, 1.0, 1.0, 1.0), (1.0, 2.0, 3.0, 4.0)])
def test_every_row_has_what_scaling_gives_it_and_faults_are_in_the_same_rows(
    kind: str, gaps: bool, rows: list[tuple[float, ...]]
) -> None:
    new = VERSIONS[kind, gaps]
    old = replace(new, folds=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        X = np.array(rows)
        whole = outcome(new, of_matrix(X))
        faults = {}
        for at, row in enumerate(X):
            alone = outcome(new, of_matrix(row[None]))
            with np.errstate(over="ignore"):  # the softmax of scores as large as numbers can be
                scaled = outcome(old, of_matrix(row[None]))
            if isinstance(alone, bytes) and isinstance(scaled, bytes):
                found, wanted = np.frombuffer(alone), np.frombuffer(scaled)
                # A sum of terms that are as large as 1e30 has the digits that are left.
                close = max(1e-12, 1e-15 * float(np.abs(row[np.isfinite(row)]).max(initial=1.0)))
                np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=min(close, 1e300) * 1e3)
            elif isinstance(alone, tuple):
                faults[at + 1] = next(iter(alone[1].values()))
                assert alone == scaled
        if faults:
            # One check comes after the other, and each tells all rows that it refuses.
            assert whole[1] and whole[1].items() <= faults.items()
        else:
            assert isinstance(whole, bytes)


@every
def test_no_weight_hides_what_is_no_number(kind: str) -> None:
    new = trained(kind)
    weights = new.parameters["weights"].copy()
    weights[..., 2] = 0.0
    idle = replace(new, parameters={**new.parameters, "weights": weights})
    assert idle.folded is not None and idle.folded.idle.tolist() == [2]
    for wrong in (np.nan, np.inf, -np.inf):
        for place in range(4):
            for rows in (1, 2, 3, 17, 300):
                X = np.ones((rows, 4))
                X[rows // 2, place] = wrong
                assert idle.folded.output(X) is None, (wrong, place, rows)
                if np.isinf(wrong):
                    with pytest.raises(InvalidData, match=f"row {rows // 2 + 1}, column '{NAMES[place]}'"):
                        idle.predict(of_matrix(X))


@every
def test_a_gap_is_filled_and_leaves_the_bits_of_other_rows_alone(kind: str) -> None:
    new = VERSIONS[kind, True]
    X = np.random.default_rng(1).normal(size=(40, 4))
    whole = new.predict(of_matrix(X))
    X[7, 1] = np.nan
    found = new.predict(of_matrix(X))
    others = np.arange(40) != 7
    assert found[others].tobytes() == whole[others].tobytes()
    np.testing.assert_allclose(
        found[7], replace(new, folds=False).predict(of_matrix(X[[7]]))[0], rtol=1e-12, atol=1e-15
    )


@every
@pytest.mark.parametrize("rows", [1, 2, 40])
def test_all_ways_to_give_rows_have_the_same_bits(kind: str, rows: int) -> None:
    new = trained(kind)
    X = np.random.default_rng(2).normal(size=(rows, 4)) * 10
    wanted = new.predict(of_matrix(X)).tobytes()
    dicts = [dict(zip(NAMES, row, strict=True)) for row in X.tolist()]
    assert new.predict(read_rows(dicts, new.schema).table).tobytes() == wanted
    assert output_of(new, X).tobytes() == wanted
    assert output_of(new, np.asfortranarray(X)).tobytes() == wanted
    assert output_of(new, np.repeat(X, 2, axis=0)[::2]).tobytes() == wanted
    made = number_rows(dicts, new.schema)
    assert made is not None and new.predict(made).tobytes() == wanted
    if rows == 1:
        plain = PlainVersion.of(new)
        assert plain is not None
        found = plain.predict(X[0])
        assert found is not None and found.tobytes() == wanted


def test_columns_that_were_left_out_change_nothing_whatever_stands_there() -> None:
    plain = table("two")
    some = Preprocessor.empty().add("Drop", input="b")
    recipe = Recipe("logistic_regression", "y", {}, some)
    new = train(recipe, plain, np.arange(80))
    assert new.folds and new.folded is not None and new.folded.names == ("a", "c", "d")
    X = np.random.default_rng(2).normal(size=(30, 4))
    wanted = new.predict(of_matrix(X)).tobytes()
    X[:, 1] = np.nan
    assert output_of(new, X).tobytes() == wanted == new.predict(of_matrix(X)).tobytes()


def test_a_number_that_stands_for_something_else_is_read_with_care() -> None:
    plain, X = table("two", gaps=True), np.random.default_rng(2).normal(size=(30, 4))
    b, d = plain["b"], plain["d"]
    assert isinstance(b, Numbers) and isinstance(d, Numbers)
    for column in (
        Numbers("b", b.values, missing_words=("-9",)),
        Numbers("d", (d.values > -9).astype(float), "boolean"),
        Numbers("d", d.values * 86400.0, "date"),
    ):
        columns = [column if one.name == column.name else one for one in plain.columns]
        new = train(Recipe("logistic_regression", "y", {}), Table(tuple(columns)), np.arange(80))
        if column.kind != "number":
            for wrong in (7.0, 1.0):
                X[4, 3] = wrong
                assert output_like(new, X) == output_like(replace(new, folds=False), X)
            continue
        assert new.folds
        X[3, 1] = -9.0
        found = output_of(new, X)
        X[3, 1] = np.nan
        assert found.tobytes() == output_of(new, X).tobytes()


def output_like(version: Predictor, X: Any) -> Any:
    try:
        return output_of(version, X).round(9).tolist()
    except LeptonError as error:
        return error.message


def test_no_row_at_all_has_no_output() -> None:
    assert trained("two").predict(of_matrix(np.zeros((0, 4)))).shape == (0, 2)
    assert trained("three").predict(of_matrix(np.zeros((0, 4)))).shape == (0, 3)
    with pytest.raises(LeptonError, match="there are no rows"):
        output_of(trained("two"), np.zeros((0, 4)))


def test_a_missing_column_is_named_as_ever() -> None:
    with pytest.raises(InvalidData, match="column 'd'"):
        trained("two").predict(of_matrix(np.zeros((3, 4))).without("d"))
