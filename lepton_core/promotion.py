"""Whether the challenger takes the champion's place: their losses on held-out rows, compared."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.evaluate import PairedTest, regression_report
from lepton_core.table import Column, Table
from lepton_core.target import encode_classes, encode_values

if TYPE_CHECKING:
    from lepton_core.servable import Servable

UNKNOWN_CLASS_LOSS = -float(np.log(np.finfo(np.float64).eps))
"""The loss of a classifier for a row whose class it does not know: that of probability 2.2e-16, 36.04 nats."""


WORSE_ALLOWED = 0.02
"""The share of the champion's loss by which a challenger may be worse, where nobody says otherwise."""


@dataclass(frozen=True)
class Verdict:
    """Whether to promote, why in one sentence, and the two losses that were compared, with all that they show.

    ``margin`` is by how much the challenger may be worse, in the unit of the loss. Without a champion that can be
    compared there is neither a margin nor a comparison, and a verdict of before there were tests has none.
    """

    promote: bool
    reason: str
    champion_loss: float | None
    challenger_loss: float
    margin: float | None = None
    comparison: PairedTest | None = None


@dataclass(frozen=True)
class LossComparison:
    """``loss`` of a version and that of an ``earlier`` one, and what the same rows show of their difference.

    ``measure`` is log loss in nats, or the root of the mean squared error in the unit of the label. ``comparison``
    takes the earlier one for the champion: a difference above 0 says that the later one is better; it is None of fewer
    than two blocks. ``shown`` is whether the interval of 95 % says so. ``not_worse``: an update would promote the later
    one, as all of the interval lies above -``margin``. ``sentence`` says all in words.
    """

    measure: Literal["log_loss", "rmse"]
    loss: float
    earlier_loss: float
    shown: Literal["better", "worse", "nothing"]
    not_worse: bool
    margin: float
    sentence: str
    comparison: PairedTest | None = None


def held_out_loss(predictor: "Servable", table: Table) -> float:
    """Mean loss over the rows of ``table``: log loss in nats, or the root of the mean squared error.

    Log loss is -1/m sum log p(y); probabilities are clipped at 2.2e-16, and an unknown class costs as much.
    Errors: `InvalidData` for no row at all, and for what `Predictor.predict` refuses.
    """
    if not table.rows:
        raise InvalidData("there is no row to evaluate")
    return loss_of(predictor, table[predictor.label], predictor.predict(table.without(predictor.label)))


def loss_of(predictor: "Servable", label: Column, output: NDArray[np.float64]) -> float:
    """The mean loss of ``output``, (m, K) or (m,), of ``predictor`` for rows of that ``label`` (m,).

    It is what `held_out_loss` gives.
    """
    if predictor.task == "regression":
        return mean_loss(encode_values(label).y, output)
    return mean_loss(encode_classes(label, predictor.classes).y, output)


def mean_loss(y: NDArray[Any], output: NDArray[np.float64]) -> float:
    """The loss of `held_out_loss` for targets ``y`` (m,): values, or the places of classes, -1 where one is unknown.

    ``output`` is (m,), or (m, K) probabilities.

    >>> mean_loss(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 2**0.5
    True
    """
    if output.ndim == 1:
        return regression_report(y, output).rmse
    return float(np.mean(row_losses(output, y)))


def row_losses(probabilities: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.float64]:
    """The log loss of each row, (m,): ``probabilities`` are (m, K), ``y`` (m,) the classes, -1 where it is unknown."""
    known = y >= 0
    losses = np.full(len(y), UNKNOWN_CLASS_LOSS)
    chosen = probabilities[np.flatnonzero(known), y[known]]
    losses[known] = -np.log(np.clip(chosen, np.finfo(np.float64).eps, 1.0))
    return losses


def judge(
    champion_loss: float | None,
    challenger_loss: float,
    comparison: PairedTest | None = None,
    *,
    margin: float = WORSE_ALLOWED,
    tolerance: float = 0.0,
    champion_error: str | None = None,
) -> Verdict:
    """Promote the challenger if the rows show that it is not worse than the champion by more than the margin.

    That is ``margin`` times the champion's loss, or ``tolerance`` in the unit of the loss, whichever is larger. They
    show it if the whole interval of their ``comparison`` lies above it. Of challengers that are worse by the margin,
    at most one in twenty is promoted: the end of an interval of 95 % allows one in forty where there are many rows, and
    the rest is for few of them. ``champion_loss`` None: there is no champion, or ``champion_error`` says why it cannot
    predict those rows.

    >>> found = PairedTest(158, 158, 0.0013, 0.004, low=-0.0066, high=0.0092, detectable=0.011)
    >>> judge(0.2747, 0.2734, found).reason.partition(": ")[2].partition(";")[0]
    'between 0.0066 worse and 0.0092 better (95 %), and 0.0055 worse is allowed: not shown'
    >>> judge(0.2747, 0.2734, found, tolerance=0.01).promote, judge(None, 0.5).promote
    (True, True)
    """
    if not np.isfinite(challenger_loss):
        return Verdict(False, "the challenger's held-out loss is not finite", champion_loss, challenger_loss)
    if champion_loss is None:
        reason = "there is no champion to compare with"
        if champion_error is not None:
            reason = f"the champion cannot predict the new data ({champion_error})"
        return Verdict(True, reason, None, challenger_loss)
    allowed = max(tolerance, margin * champion_loss)
    if comparison is None:
        reason = (
            f"nothing is shown by a held-out loss {challenger_loss:.4g} beside the champion's {champion_loss:.4g}: "
            "a comparison needs two rows, or two groups, at least"
        )
        return Verdict(False, reason, champion_loss, challenger_loss, allowed)
    promote = comparison.low >= -allowed
    reason = _reason(champion_loss, challenger_loss, comparison, allowed, promote)
    return Verdict(promote, reason, champion_loss, challenger_loss, allowed, comparison)


def _reason(champion: float, challenger: float, found: PairedTest, allowed: float, promote: bool) -> str:
    from lepton_core.paired import by_how_much, in_blocks  # noqa: PLC0415  (no prediction needs it)

    digits = 4 if f"{challenger:.4g}" != f"{champion:.4g}" else 6
    loss, than = f"held-out loss {challenger:.{digits}g}", f"the champion's {champion:.{digits}g}"
    blocks = in_blocks(found)
    by = by_how_much(found, "better", "worse")
    may = f"{allowed:.2g} worse is allowed"
    if promote:
        return f"{loss} is not worse than {than}: {by} on {found.rows} rows{blocks} ({may})"
    if found.high < 0:
        return f"{loss} is worse than {than}: {by} on {found.rows} rows{blocks} ({may})"
    return (
        f"{loss} beside {than}: {by}, and {may}: not shown; "
        f"these {found.rows} rows{blocks} could have shown {found.detectable:.2g}"
    )
