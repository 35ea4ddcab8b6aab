"""The preprocessor of a model that was given none."""

from lepton_core.preprocess.preprocessor import Preprocessor
from lepton_core.table import Numbers, Table


def default_preprocessor(table: Table) -> Preprocessor:
    """Not fitted: fill what is missing with the mean, OneHot the text, Normalize the numbers, all in place.

    Only columns of numbers that have missing values are filled (those without any value with 0); missing text
    is 0 in all of its columns.

    >>> import numpy as np
    >>> from lepton_core.table import Categories
    >>> table = Table((Numbers("age", np.array([20.0, np.nan])), Categories.of("sex", ["f", "m"])))
    >>> [(step.transformer, step.input) for step in default_preprocessor(table).steps]
    [('Impute', ('age',)), ('OneHot', ('sex',)), ('Normalize', ('age',))]
    """
    numbers = [column for column in table.columns if isinstance(column, Numbers)]
    empty = [column.name for column in numbers if column.missing.all()]
    gappy = [column.name for column in numbers if column.missing.any() and column.name not in empty]
    texts = [column.name for column in table.columns if not isinstance(column, Numbers)]
    chain = Preprocessor.empty()
    if gappy:
        chain = chain.add("Impute", input=gappy)
    if empty:
        chain = chain.add("Impute", input=empty, strategy="constant", value=0.0)
    if texts:
        chain = chain.add("OneHot", input=texts)
    if numbers:
        chain = chain.add("Normalize", input=[column.name for column in numbers])
    return chain
