"""Which split would be more honest: what a table says of time, of things that occur again, and of near-copies."""

from collections.abc import Collection, Iterator

from lepton_core.remedy import training
from lepton_core.report.near import NearCopies, near_copies
from lepton_core.report.sampling import pieces_of, whole_groups
from lepton_core.report.values import Finding, Level
from lepton_core.table import Table
from lepton_core.table.split_hints import split_hints

SPLIT_CODES = {"time": "time_order", "forecast": "forecast", "group": "repeated_id"}
"""The code of a finding by the reason of the hint that it tells."""


def of_splits(table: Table, label: str, told: Collection[str]) -> Iterator[Finding]:
    """The hints of `split_hints`, and near-copies, as findings; nothing is changed.

    Columns that ``told`` the label are no times. Of a large table pieces are looked at, and of a column whose values
    come again all rows of some of them.

    >>> from lepton_core.table import Categories
    >>> days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(100)]
    >>> rows = Table((Categories.of("when", days), Categories.of("y", ["n"] * 80 + ["y"] * 20)))
    >>> [(one.code, one.level) for one in of_splits(rows, "y", ())]
    [('time_order', 'warning')]
    """
    some = pieces_of(table.rows)
    looked = table if len(some) == table.rows else table.take(some)
    for hint in split_hints(looked, label, but=told, groups=lambda name: whole_groups(table, name)):
        yield Finding(
            SPLIT_CODES[hint.reason],
            f"{hint.message}. {_capital(hint.effect)}",
            column=hint.column,
            level=_level(hint.matters and hint.reason != "group"),
            remedies=(hint.remedy, *hint.also),
        )
    found = near_copies(table, label)
    if found is not None:
        yield of_near_copies(found)


def of_near_copies(found: NearCopies) -> Finding:
    """What is to be said of near-copies: a warning if one tells the label of another.

    >>> of_near_copies(NearCopies(0.3, 0.25, 0.98, 0.6, quantity=False)).remedies[0].said
    "model.train(split=Split('near_copies'))"
    """
    if found.quantity:
        how_well = f"has a label {found.told:.2f} standard deviations off theirs (any other row: {found.otherwise:.2f})"
    else:
        how_well = (
            f"has their label in {found.told:.0%} of cases (the most frequent class: {found.otherwise:.0%})"
        )
    effect = (
        "figures on them are likely better than on new rows"
        if found.remembered
        else "the figures will likely change little"
    )
    return Finding(
        "near_copies",
        f"{found.share:.0%} of the rows are near-copies of others: the same but for one cell, or a little in their "
        f"numbers; keep those of a row on one side. Of held-out rows about {found.met:.0%} have one among the training "
        f"rows, which {how_well}: {effect}",
        level=_level(found.remembered),
        remedies=(training(split={"by": "near_copies"}),),
    )


def _level(matters: bool) -> Level:
    return "warning" if matters else "note"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
