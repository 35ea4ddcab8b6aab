"""The preprocessor of a model that was given none."""

from lepton_core.preprocess.preprocessor import Preprocessor
from lepton_core.preprocess.transformers.ordinal import MAX_ORDINAL_LEVELS
from lepton_core.table import Table, kind_of
from lepton_core.table.kinds import DefaultStep

_ORDER = ("Impute", "Ordinal", "OneHot", "Normalize")


def default_preprocessor(
    table: Table, *, scaled: bool = True, missing: bool = False, categories: bool = False
) -> Preprocessor:
    """Not fitted: fill what is missing with the mean, OneHot the text, Normalize the numbers, all in place.

    Only columns of numbers that have missing values are filled (those without any value with 0); missing text
    is 0 in all of its columns. The flags are what the algorithm says of its inputs: with ``missing`` nothing is
    filled, with ``categories`` text of at most 255 levels is coded by Ordinal and not by OneHot, without ``scaled``
    nothing is normalized.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers
    >>> table = Table((Numbers("age", np.array([20.0, np.nan])), Categories.of("sex", ["f", "m"])))
    >>> [(step.transformer, step.input) for step in default_preprocessor(table).steps]
    [('Impute', ('age',)), ('OneHot', ('sex',)), ('Normalize', ('age',))]
    >>> chain = default_preprocessor(table, scaled=False, missing=True, categories=True)
    >>> [(step.transformer, step.input) for step in chain.steps]
    [('Ordinal', ('sex',))]
    """
    most_codes = MAX_ORDINAL_LEVELS if categories else 0
    found: dict[DefaultStep, list[str]] = {}
    for column in table.columns:
        wanted = kind_of(column).default_steps(column, scaled=scaled, missing=missing, most_codes=most_codes)
        for step in wanted:
            found.setdefault(step, []).append(column.name)
    chain = Preprocessor.empty()
    for step in sorted(found, key=lambda step: (_ORDER.index(step.transformer), step.options)):
        chain = chain.add(step.transformer, input=found[step], **dict(step.options))
    return chain
