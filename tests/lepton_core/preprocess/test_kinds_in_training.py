"""A table of every kind of column goes through training and prediction, with a preprocessor of its own or none."""

import numpy as np
import pytest

from lepton_core.models import ALGORITHMS
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table, Texts, rows_to_table
from lepton_core.train import Recipe, train

ROWS = 60
YES = np.arange(ROWS) % 3 == 0
TABLE = Table(
    (
        Texts.of("customer", [f"k-{row}" for row in range(ROWS)], "identifier"),
        Numbers("when", 86_400.0 * np.arange(ROWS), "date"),
        Numbers("age", np.linspace(20, 60, ROWS)),
        Categories.of("sex", ["male" if row % 2 else "female" for row in range(ROWS)]),
        Texts.of("comment", ["I want my money back" if yes else "all is well as ever" for yes in YES]),
        Numbers("nothing", np.full(ROWS, np.nan), "empty"),
        Categories.of("left", ["yes" if yes else "no" for yes in YES]),
    )
)
PUBLISHED = Preprocessor.empty().add("Normalize", input="X", output="X_normalized")


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", [one for one in ALGORITHMS if "classification" in ALGORITHMS[one].tasks])
def test_each_algorithm_learns_by_default_and_answers_a_row_with_one_cell(name):
    predictor = train(Recipe(name, "left", {}), TABLE, np.arange(ROWS))

    sparse = rows_to_table([{"sex": "male"}], TABLE.without("left").schema)
    [shares] = predictor.predict(sparse)
    assert np.isfinite(shares).all()
    said = [{"comment": "I want my money back!"}, {"comment": "All is well, as ever."}]
    angry, calm = predictor.predict(rows_to_table(said, TABLE.without("left").schema))
    assert angry[1] > calm[1]
    assert predictor.preprocessor.left_out == {
        "customer": "only tells rows apart",
        "nothing": "has no cell",
    }


@pytest.mark.parametrize("fitted", [False, True])
def test_the_published_chain_learns_from_a_table_with_text_dates_and_keys(fitted):
    chain = PUBLISHED.fit(TABLE.without("left")) if fitted else PUBLISHED
    recipe = Recipe("logistic_regression", "left", {}, preprocessor=chain)
    predictor = train(recipe, TABLE, np.arange(ROWS))

    shares = predictor.predict(TABLE.without("left"))
    assert (shares.argmax(axis=1) == YES).all()
    assert set(predictor.preprocessor.sources) == {"age", "when", "sex", "comment"}
