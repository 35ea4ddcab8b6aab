"""A wide design matrix stays blocks, which expand to what `transform` gives."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_core.errors import InvalidData
from lepton_core.matrix import Blocks, Sparse
from lepton_core.models import algorithm
from lepton_core.preprocess import Preprocessor, default_preprocessor
from lepton_core.table import Categories, Numbers, Table, Texts
from lepton_core.train import Recipe, prepare, train

ROWS = 3000


def table(rows: int = ROWS, levels: int = 150) -> Table:
    rng = np.random.default_rng(0)
    names = tuple(f"{i:03}" for i in range(levels))
    return Table(
        (
            Categories("a", rng.integers(-1, levels, rows).astype(np.int32), names),
            Numbers("n", rng.normal(size=rows)),
            Categories("b", rng.integers(0, 3, rows).astype(np.int32), ("x", "y", "z")),
            Numbers("few", rng.integers(0, 12, rows).astype(np.float64)),
        )
    )


def texts(rows: int = ROWS, words: int = 8, columns: int = 2) -> Table:
    rng = np.random.default_rng(2)
    made = [
        Texts.of(f"t{i}", [" ".join(f"w{word}" for word in rng.integers(0, 400, words)) for _ in range(rows)])
        for i in range(columns)
    ]
    gaps = Texts.of("t0", [None if i % 7 == 0 else text for i, text in enumerate(made[0].as_list())])
    return Table((table(rows)["n"], gaps, *made[1:], table(rows)["a"]))


OF_TEXTS = {
    "default": default_preprocessor(texts()),
    "normalized": Preprocessor.empty()
    .add("TextHash", input=["t0", "t1"])
    .add("Normalize", input=["t0", "t1"]),
    "filled": Preprocessor.empty().add("Impute", input="t0", strategy="constant", value="w1 w2"),
    "a block": Preprocessor.empty()
    .add("TextHash", input=["t1", "t0"], size=300, output="t")
    .add("MinMax", input="t"),
    "a product": Preprocessor.empty().add("Select", input=["n", "t0"]).add("PolynomialFeatures", input="n"),
}
CHAINS = {
    "default": default_preprocessor(table()),
    "normalized": Preprocessor.empty().add("OneHot", input=["a", "b"]).add("Normalize", input="X"),
    "pooled": Preprocessor.empty().add("OneHot", input=["a", "few"], fewest=20).add("OneHot", input="b"),
    "a block": Preprocessor.empty().add("OneHot", input=["b", "a"], output="hot").add("MinMax", input="hot"),
    "codes": Preprocessor.empty().add("OneHot", input="a").add("Ordinal", input="b"),
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_blocks_expand_to_the_matrix(chain: Preprocessor) -> None:
    fitted = chain.fit(table())
    later = table(rows=ROWS + 100, levels=170)
    for rows in (table(), later):
        X = fitted.matrix(rows)
        assert isinstance(X, Blocks)
        assert X.stored < X.size / 4
        np.testing.assert_allclose(X.dense(), fitted.transform(rows), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("chain", OF_TEXTS.values(), ids=OF_TEXTS)
def test_the_words_of_texts_stay_sparse_rows(chain: Preprocessor) -> None:
    fitted = chain.fit(texts())
    for rows in (texts(), texts(ROWS + 100, words=20)):
        X = fitted.matrix(rows)
        assert isinstance(X, Blocks)
        assert any(isinstance(part, Sparse) for part in X.parts)
        np.testing.assert_allclose(X.dense(), fitted.transform(rows), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_texts_of_so_many_words_that_few_numbers_are_0_are_an_array() -> None:
    fitted = Preprocessor.empty().add("TextHash", input="t0", size=64).fit(texts(5000, words=60))
    rows = texts(5000, words=60).select(["n", "t0"])
    alone = Preprocessor.empty().add("TextHash", input="t0", size=64).fit(rows)
    np.testing.assert_array_equal(alone.matrix(rows), alone.transform(rows))
    assert isinstance(fitted.matrix(texts(5000, words=1)), Blocks)


@pytest.mark.parametrize("name", ["logistic_regression", "naive_bayes", "gradient_boosting"])
def test_what_is_learnt_from_texts_is_what_the_array_teaches(name: str) -> None:
    rows = texts(columns=1).without("a")
    good = ["w7" in (text or "").split() or "w1" in (text or "") for text in rows["t0"].as_list()]
    data = Table((*rows.columns, Categories.of("y", ["yes" if one else "no" for one in good])))
    hyper = {"gradient_boosting": {"iterations": 5}, "logistic_regression": {"l2": 1 / ROWS}}.get(name, {})
    recipe, every = Recipe(name, "y", hyper), np.arange(ROWS)
    predictor = train(recipe, data, every)
    prepared = prepare(recipe, data, every)
    problem = replace(prepared.problem, X=prepared.problem.array)
    trainer = algorithm(name)
    made = trainer.configure(hyper)
    fit = trainer.advance(trainer.start(problem, made), problem, made, lambda _: False)
    expected = trainer.predict(trainer.parameters(fit), problem.X)
    np.testing.assert_allclose(predictor.predict(rows), expected, rtol=1e-6, atol=1e-8)


def test_a_small_matrix_is_an_array() -> None:
    fitted = CHAINS["default"].fit(table())
    few = table().take(np.arange(1000))
    np.testing.assert_array_equal(fitted.matrix(few), fitted.transform(few))


def test_a_value_that_is_missing_is_named_as_in_an_array() -> None:
    unfilled = Preprocessor(tuple(step for step in CHAINS["default"].steps if step.transformer != "Impute"))
    fitted = unfilled.fit(table())
    values = table()["n"].values.copy()
    values[1234] = np.nan
    rows = Table(tuple(Numbers("n", values) if one.name == "n" else one for one in table().columns))
    with pytest.raises(InvalidData, match="row 1235, column 'n': the value is missing"):
        fitted.matrix(rows)


def test_many_rows_are_predicted_as_each_alone() -> None:
    rng = np.random.default_rng(1)
    data = Table(
        (*table().columns, Categories("y", rng.integers(0, 2, ROWS).astype(np.int32), ("no", "yes")))
    )
    recipe, every = Recipe("logistic_regression", "y", {}), np.arange(ROWS)
    assert isinstance(prepare(recipe, data, every).problem.X, Blocks)
    predictor = train(recipe, data, every)
    together = predictor.predict(table())
    for row in (0, 17, ROWS - 1):
        np.testing.assert_allclose(
            predictor.predict(table().take(np.array([row])))[0], together[row], rtol=1e-12
        )


def test_many_rows_are_what_each_is_alone_and_what_one_lacks_is_told() -> None:
    known = table(200, levels=60)
    chain = Preprocessor.empty().add("OneHot", input=["a", "b"]).add("Normalize", input=["b", "n"]).fit(known)
    gaps = np.where(np.arange(200) % 9 == 4, np.nan, known["n"].values)
    rows = Table((*(column for column in known.columns if column.name != "n"), Numbers("n", gaps)))
    assert chain.design._gaps
    filled = chain.filled(known)

    for one in (filled, chain):
        found = one.transform(rows, missing=True)
        alone = [one.transform(rows.take(np.array([row])), missing=True)[0] for row in range(200)]
        np.testing.assert_array_equal(found, alone)
    assert np.isfinite(filled.transform(rows)).all()
    with pytest.raises(InvalidData) as caught:
        chain.transform(rows)
    assert list(caught.value.by_row) == [row + 1 for row in range(4, 200, 9)]
    assert {fault.column for fault in caught.value.by_row.values()} == {"n"}
