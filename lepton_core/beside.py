"""Two versions of a model beside each other on rows that neither has seen: what these rows show, in words."""

from typing import Literal

from lepton_core.baseline import FEWEST_BLOCKS
from lepton_core.evaluate import PairedTest
from lepton_core.paired import by_how_much, in_blocks
from lepton_core.promotion import WORSE_ALLOWED, LossComparison, judge


def beside(
    versions: tuple[int, int],
    losses: tuple[float, float],
    found: PairedTest | None,
    measure: Literal["log_loss", "rmse"],
    *,
    margin: float = WORSE_ALLOWED,
    tolerance: float = 0.0,
) -> LossComparison:
    """What is shown of two ``versions`` with these mean ``losses``, each the earlier one first.

    ``margin`` and ``tolerance`` are those of `judge`.

    >>> found = PairedTest(114, 114, 0.061, 0.024, low=0.013, high=0.109, detectable=0.068)
    >>> beside((1, 2), (0.0964, 0.0357), found, "log_loss").sentence
    'version 2 is better than version 1: log loss 0.0357 beside 0.0964, lower by 0.013 to 0.11 (95 %) on 114 rows'
    """
    first, second = versions
    verdict = judge(losses[0], losses[1], found, margin=margin, tolerance=tolerance)
    shown: Literal["better", "worse", "nothing"] = "nothing"
    if found is not None and found.blocks >= FEWEST_BLOCKS and max(found.low, -found.high) > 0:
        shown = "better" if found.low > 0 else "worse"
    digits = 4 if f"{losses[0]:.4g}" != f"{losses[1]:.4g}" else 6
    name = measure.replace("_", " ")
    figures = f"{name} {losses[1]:.{digits}g} beside {losses[0]:.{digits}g}"
    if shown == "nothing":
        start = f"version {second} is not shown to be better or worse than version {first}: {figures}"
    else:
        start = f"version {second} is {shown} than version {first}: {figures}"
    return LossComparison(
        measure,
        losses[1],
        losses[0],
        shown,
        verdict.promote,
        max(tolerance, margin * losses[0]),
        start + _how_sure(found, shown),
        found,
    )


def _how_sure(found: PairedTest | None, shown: str) -> str:
    if found is None or found.blocks < FEWEST_BLOCKS:
        return f"; {FEWEST_BLOCKS} rows, or groups of rows, are needed to show anything"
    if found.difference == 0 and found.error == 0:
        return f", the same on each of {found.rows} rows"
    by = by_how_much(found, "lower", "higher")
    on = f"{found.rows} rows{in_blocks(found)}"
    if shown != "nothing":
        return f", {by} on {on}"
    return f", {by}; these {on} could have shown {found.detectable:.2g}"
