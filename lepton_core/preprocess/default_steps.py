"""The steps that columns get from nobody but their kinds."""

from collections.abc import Iterable, Sequence
from typing import Literal

from lepton_core.preprocess.step import Step
from lepton_core.table import Column, kind_of
from lepton_core.table.kinds import DefaultStep

_ORDER = ("Drop", "MissingIndicator", "DateParts", "TextHash", "Impute", "Ordinal", "OneHot", "Normalize")
_DROP = DefaultStep("Drop")
_MARK = DefaultStep("MissingIndicator")
_WITHOUT_MARKS = ("default-1", "default-2", "default-3", "default-4")

FEWEST_GAPS = 5
"""Fewer missing cells, or fewer others, are no groups of rows that can be compared."""

DefaultSteps = Literal["default-1", "default-2", "default-3", "default-4", "default-5"]
"""The editions. The number grows when a fit without a preprocessor comes to get another matrix; the earlier ones stay.

`default-1` is `first_default`; in `default-2` the words of a text are counted in 1,024 places, 64 for trees, all of
which are kept; in `default-3` nothing stands beside the numbers of a column; in `default-4` numbers of one value are
dropped with their gaps; `default-5` is `default_preprocessor`.
"""


def default_steps(
    columns: Sequence[Column],
    *,
    scaled: bool = True,
    missing: bool = False,
    most_codes: int = 0,
    sparse: bool = False,
    edition: DefaultSteps = "default-5",
) -> tuple[Step, ...]:
    """The steps, in place, that make numbers of ``columns``, in an order in which they can be done.

    Columns that say nothing are dropped: those that only tell rows apart, and those of one value only; where nothing
    else is left, the latter stay. Of numbers of one value where enough are missing it is marked which are. The flags
    are those of `Kind.default_steps`.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> when = Numbers("when", np.array([0.0, 86_400.0]), "date")
    >>> [step.transformer for step in default_steps([when])]
    ['DateParts', 'Impute', 'Normalize']
    """
    features = [column for column in columns if not kind_of(column).left_out]
    constant = {column.name for column in features if is_constant(column, missing=missing)}
    marked = {one.name for one in features if one.name in constant and has_gaps(one)}
    marked = set() if edition in _WITHOUT_MARKS else marked
    varying = [column for column in features if column.name not in constant or column.name in marked]
    kept = {column.name for column in varying or features}
    found: dict[DefaultStep, list[str]] = {}
    for column in columns:
        kind = kind_of(column)
        wanted = kind.default_steps(
            column, scaled=scaled, missing=missing, most_codes=most_codes, sparse=sparse
        )
        if edition in ("default-1", "default-2"):
            wanted = tuple(with_all_places(wanted, missing=missing))
        if column.name in marked:
            wanted = (_MARK,)
        for step in wanted if column.name in kept else (_DROP,):
            found.setdefault(step, []).append(column.name)
    order = sorted(found, key=lambda step: (_ORDER.index(step.transformer), step.options))
    return tuple(Step.of(step.transformer, found[step], None, dict(step.options)) for step in order)


def with_all_places(steps: Iterable[DefaultStep], *, missing: bool) -> Iterable[DefaultStep]:
    """The steps, in which each place of a text is kept, of 64 with ``missing`` and else of 1,024."""
    of_text = DefaultStep("TextHash", (("size", 64),) if missing else ())
    return (of_text if step.transformer == "TextHash" else step for step in steps)


def has_gaps(column: Column) -> bool:
    """Whether enough numbers of ``column`` are missing, and enough are not, to compare their rows."""
    if not kind_of(column).quantitative:
        return False
    gone = int(column.missing.sum())
    return min(gone, len(column) - gone) >= FEWEST_GAPS


def is_constant(column: Column, *, missing: bool = False) -> bool:
    """Whether the cells of ``column`` differ in nothing that a model could see.

    A gap differs from a category; from a number only if ``missing`` ones stay what they are.

    >>> from lepton_core.table import Categories
    >>> is_constant(Categories.of("a", ["x", "x"])), is_constant(Categories.of("a", ["x", None]))
    (True, False)
    """
    gone, kind = column.missing, kind_of(column)
    if gone.any() and not gone.all() and (missing or not kind.quantitative):
        return False
    return kind.is_constant(column)
