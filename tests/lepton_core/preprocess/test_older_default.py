"""The preprocessor of the first edition: what a fit that was begun under it goes on with."""

import numpy as np
import pytest

from lepton_core.preprocess import first_default
from lepton_core.table import Categories, Numbers, Table

MIXED = Table(
    (
        Numbers("whole", np.array([1.0, 2.0, 3.0, 6.0])),
        Numbers("gappy", np.array([1.0, np.nan, 3.0, 5.0])),
        Numbers("same", np.full(4, 7.0)),
        Categories.of("sex", ["f", "m", None, "f"]),
    )
)


def test_only_gaps_are_filled_every_level_counts_and_a_constant_stays() -> None:
    chain = first_default(MIXED)
    assert [(step.transformer, step.input) for step in chain.steps] == [
        ("Impute", ("gappy",)),
        ("OneHot", ("sex",)),
        ("Normalize", ("whole", "gappy", "same")),
    ]
    assert chain.feature_names == ("whole", "gappy", "same", "sex=f", "sex=m")
    assert chain.left_out == {}


def test_it_has_the_words_of_the_first_edition() -> None:
    options = {step.transformer: step.options for step in first_default(MIXED).steps}
    assert options == {"Impute": {"strategy": "mean"}, "OneHot": {}, "Normalize": {}}


@pytest.mark.parametrize(("levels", "coded"), [(255, "Ordinal"), (256, "OneHot")])
def test_up_to_255_levels_are_codes_where_codes_are_taken(levels: int, coded: str) -> None:
    table = Table((Categories.of("k", [f"level {one}" for one in range(levels)]),))
    chain = first_default(table, scaled=False, missing=True, categories=True)
    assert [step.transformer for step in chain.steps] == [coded]
    assert len(chain.feature_names) == (1 if coded == "Ordinal" else levels)
