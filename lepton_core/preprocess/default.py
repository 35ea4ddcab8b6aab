"""The preprocessor of a model that was given none."""

from sys import maxsize

from lepton_core.preprocess.default_steps import DefaultSteps, default_steps
from lepton_core.preprocess.labels import Labels
from lepton_core.preprocess.nonlinear import beside
from lepton_core.preprocess.preprocessor import Preprocessor
from lepton_core.table import Table

_ALONE = frozenset({"Drop", "MissingIndicator"})
"""What these do to a column leaves no number of it."""


def default_preprocessor(
    table: Table,
    labels: Labels | None = None,
    *,
    scaled: bool = True,
    missing: bool = False,
    categories: bool = False,
    sparse: bool = False,
    edition: DefaultSteps = "default-5",
) -> Preprocessor:
    """Not fitted: DateParts of dates, TextHash of texts, OneHot of categories, and numbers filled and normalized.

    Every number is filled with the mean of the fitted rows, also where none is missing there (with 0 where all are);
    a missing category is 0 in all of its columns, and a missing text has no words. Columns that say nothing are
    dropped, and `Preprocessor.left_out` tells which; numbers of one value, of which some are missing, become a mark of
    the gaps. The flags are what the algorithm says of its inputs: with
    ``missing`` nothing is filled, with ``categories`` a category is coded by Ordinal and not by OneHot, without
    ``scaled`` nothing is normalized, and with ``sparse`` more words of a text are kept. With ``sparse`` and ``labels``,
    those of the m rows, the algorithm is one of lines: so `beside` adds what no line says. ``edition`` is the second
    or a later one.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers
    >>> table = Table((Numbers("age", np.array([20.0, 40.0])), Categories.of("sex", ["f", "m"])))
    >>> [(step.transformer, step.input) for step in default_preprocessor(table).steps]
    [('Impute', ('age',)), ('OneHot', ('sex',)), ('Normalize', ('age',))]
    >>> chain = default_preprocessor(table, scaled=False, missing=True, categories=True)
    >>> [(step.transformer, step.input) for step in chain.steps]
    [('Ordinal', ('sex',))]
    """
    most_codes = maxsize if categories else 0  # Ordinal pools what is more than it can tell apart
    flags: dict[str, bool] = {"scaled": scaled, "missing": missing, "sparse": sparse}
    steps = default_steps(table.columns, most_codes=most_codes, edition=edition, **flags)
    if labels is None or not sparse or edition in ("default-2", "default-3"):
        return Preprocessor(steps)
    done = {name for step in steps if step.transformer in _ALONE for name in step.input}
    return Preprocessor((*beside(table, [name for name in table.names if name not in done], labels), *steps))
