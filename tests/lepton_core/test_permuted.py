"""What a model makes of permuted columns, by its matrix as by its table."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from lepton_core.permuted import Permuted, that_matter_most
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train


def wine() -> Table:
    """Numbers, a category with a gap, and the kinds of wine."""
    bunch = load_wine()
    numbers = [Numbers(f"x{i}", bunch.data[:, i].copy()) for i in range(3)]
    town = Categories.of("town", [("rome", "oslo", None)[at % 3] for at in range(len(bunch.target))])
    return Table((town, *numbers, Categories.of("y", [str(one) for one in bunch.target])))


TABLE = wine()
ONE_HOT = Preprocessor.empty().add("OneHot", input="town")
CHAINS = {
    "the default": None,
    "several columns of one": ONE_HOT,
    "a column of several": ONE_HOT.add("PolynomialFeatures", input=["x0", "x1"], output="products"),
    "a column that nothing reads": ONE_HOT.add("Drop", input="x2"),
}


def trained(chain: Preprocessor | None) -> Predictor:
    recipe = Recipe("logistic_regression", "y", {"iterations": 5}, preprocessor=chain)
    return train(recipe, TABLE, np.arange(TABLE.rows))


@pytest.mark.parametrize("chain", CHAINS)
def test_permuting_the_matrix_is_permuting_the_table(chain: str) -> None:
    predictor = trained(CHAINS[chain])
    features, permuted = TABLE.without("y"), Permuted(predictor, TABLE)
    order = np.random.default_rng(0).permutation(TABLE.rows)
    for names in (["town"], ["x0"], ["x1"], ["x2"], ["town", "x2"], ["x0", "x1"]):
        columns = (one.take(order) if one.name in names else one for one in features.columns)
        expected = predictor.predict(Table(tuple(columns)))
        np.testing.assert_array_equal(permuted.output(names, order), expected)
    np.testing.assert_array_equal(permuted.output(), predictor.predict(features))


def test_what_matters_most_comes_in_the_order_of_the_columns() -> None:
    permuted = Permuted(trained(None), TABLE)
    order = np.random.default_rng(0).permutation(TABLE.rows)
    names = permuted.predictor.schema.names
    assert that_matter_most(permuted, names, 4, order) == ("town", "x0", "x1", "x2")
    assert len(that_matter_most(permuted, names, 2, order)) == 2
    assert "town" not in that_matter_most(permuted, names, 2, order)
