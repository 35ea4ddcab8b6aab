"""The preprocessor of a model that was given none."""

import numpy as np

from lepton_core.preprocess.preprocessor import Preprocessor
from lepton_core.preprocess.transformers.ordinal import MAX_LEVELS
from lepton_core.table import Categories, Numbers, Table


def default_preprocessor(
    table: Table, *, scaled: bool = True, missing: bool = False, categories: bool = False
) -> Preprocessor:
    """Not fitted: fill what is missing with the mean, OneHot the text, Normalize the numbers, all in place.

    Only columns of numbers that have missing values are filled (those without any value with 0); missing text
    is 0 in all of its columns. The flags are what the algorithm says of its inputs: with ``missing`` nothing is
    filled, with ``categories`` text of at most 255 levels is coded by Ordinal and not by OneHot, without ``scaled``
    nothing is normalized.

    >>> table = Table((Numbers("age", np.array([20.0, np.nan])), Categories.of("sex", ["f", "m"])))
    >>> [(step.transformer, step.input) for step in default_preprocessor(table).steps]
    [('Impute', ('age',)), ('OneHot', ('sex',)), ('Normalize', ('age',))]
    >>> chain = default_preprocessor(table, scaled=False, missing=True, categories=True)
    >>> [(step.transformer, step.input) for step in chain.steps]
    [('Ordinal', ('sex',))]
    """
    numbers = [column for column in table.columns if isinstance(column, Numbers)]
    texts = [column for column in table.columns if isinstance(column, Categories)]
    coded = [column.name for column in texts if categories and _distinct(column) <= MAX_LEVELS]
    indicated = [column.name for column in texts if column.name not in coded]
    chain = Preprocessor.empty() if missing else _filling(numbers)
    if coded:
        chain = chain.add("Ordinal", input=coded)
    if indicated:
        chain = chain.add("OneHot", input=indicated)
    to_scale = [column.name for column in numbers if scaled and not (missing and column.missing.all())]
    if to_scale:
        chain = chain.add("Normalize", input=to_scale)
    return chain


def _distinct(column: Categories) -> int:
    return len(np.unique(column.codes[~column.missing]))


def _filling(numbers: list[Numbers]) -> Preprocessor:
    empty = [column.name for column in numbers if column.missing.all()]
    gappy = [column.name for column in numbers if column.missing.any() and column.name not in empty]
    chain = Preprocessor.empty()
    if gappy:
        chain = chain.add("Impute", input=gappy)
    if empty:
        chain = chain.add("Impute", input=empty, strategy="constant", value=0.0)
    return chain
