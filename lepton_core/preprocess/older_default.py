"""The preprocessor that a model got in the first edition, for the fits that were begun under it."""

from dataclasses import replace

from lepton_core.preprocess.default_steps import with_all_places
from lepton_core.preprocess.preprocessor import Preprocessor
from lepton_core.preprocess.step import Step
from lepton_core.preprocess.transformers.ordinal import MAX_ORDINAL_LEVELS
from lepton_core.table import Table, kind_of
from lepton_core.table.kinds import DefaultStep

_ORDER = ("DateParts", "TextHash", "Impute", "Ordinal", "OneHot", "Normalize")
_EVERY_LEVEL = {"fewest": 1}


def first_default(
    table: Table,
    *,
    scaled: bool = True,
    missing: bool = False,
    categories: bool = False,
    sparse: bool = False,
) -> Preprocessor:
    """Fitted to ``table``: only columns with missing values are filled, every level counts, and nothing is dropped.

    The flags are those of `default_preprocessor`. A category of more than 255 levels is coded by OneHot. Raises what
    `Preprocessor.fit` raises.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers
    >>> table = Table((Numbers("age", np.array([20.0, 40.0])), Categories.of("sex", ["f", "m"])))
    >>> chain = first_default(table)
    >>> [step.transformer for step in chain.steps], chain.feature_names
    (['OneHot', 'Normalize'], ('age', 'sex=f', 'sex=m'))
    """
    found: dict[DefaultStep, list[str]] = {}
    for column in table.columns:
        wanted = kind_of(column).default_steps(
            column,
            scaled=scaled,
            missing=missing,
            most_codes=MAX_ORDINAL_LEVELS if categories else 0,
            sparse=sparse,
        )
        for step in with_all_places(wanted, missing=missing):
            if step.transformer != "Impute" or column.missing.any():
                found.setdefault(step, []).append(column.name)
    order = sorted(found, key=lambda step: (_ORDER.index(step.transformer), step.options))
    steps = [Step.of(step.transformer, found[step], None, dict(step.options)) for step in order]
    fitted = Preprocessor(tuple(map(_with_every_level, steps))).fit(table)
    # Of the first edition the step had no options: an artifact has the same bytes however its run was interrupted.
    as_then = (replace(step, options=then.options) for step, then in zip(fitted.steps, steps, strict=True))
    return replace(fitted, steps=tuple(as_then))


def _with_every_level(step: Step) -> Step:
    return replace(step, options=_EVERY_LEVEL) if step.transformer in ("OneHot", "Ordinal") else step
