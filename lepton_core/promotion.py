"""Whether the challenger takes the champion's place: their losses on held-out rows, compared."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.evaluate import regression_report
from lepton_core.predict import Predictor
from lepton_core.table import Column, Table
from lepton_core.target import encode_classes, encode_values

UNKNOWN_CLASS_LOSS = -float(np.log(np.finfo(np.float64).eps))
"""The loss of a classifier for a row whose class it does not know: that of probability 2.2e-16, 36.04 nats."""


@dataclass(frozen=True)
class Verdict:
    """Whether to promote, why in one sentence, and the two losses that were compared."""

    promote: bool
    reason: str
    champion_loss: float | None
    challenger_loss: float


def held_out_loss(predictor: Predictor, table: Table) -> float:
    """Mean loss over the rows of ``table``: log loss in nats, or the root of the mean squared error.

    Log loss is -1/m sum log p(y); probabilities are clipped at 2.2e-16, and an unknown class costs as much.
    Errors: `InvalidData` for no row at all, and for what `Predictor.predict` refuses.
    """
    if not table.rows:
        raise InvalidData("there is no row to evaluate")
    return loss_of(predictor, table[predictor.label], predictor.predict(table.without(predictor.label)))


def loss_of(predictor: Predictor, label: Column, output: NDArray[np.float64]) -> float:
    """The mean loss of ``output``, (m, K) or (m,), of ``predictor`` for rows of that ``label`` (m,).

    It is what `held_out_loss` gives.
    """
    if predictor.task == "regression":
        return regression_report(encode_values(label).y, output).rmse
    y = encode_classes(label, predictor.classes).y
    return float(np.mean(_row_losses(output, y)))


def _row_losses(probabilities: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.float64]:
    known = y >= 0
    losses = np.full(len(y), UNKNOWN_CLASS_LOSS)
    chosen = probabilities[np.flatnonzero(known), y[known]]
    losses[known] = -np.log(np.clip(chosen, np.finfo(np.float64).eps, 1.0))
    return losses


def judge(
    champion_loss: float | None,
    challenger_loss: float,
    *,
    tolerance: float = 0.0,
    champion_error: str | None = None,
) -> Verdict:
    """Promote the challenger if its held-out loss exceeds the champion's by no more than ``tolerance``.

    ``champion_loss`` None: there is no champion, or ``champion_error`` says why it cannot predict those rows.

    >>> judge(0.20, 0.19).promote, judge(0.20, 0.21).promote, judge(None, 0.5).promote
    (True, False, True)
    """
    if not np.isfinite(challenger_loss):
        return Verdict(False, "the challenger's held-out loss is not finite", champion_loss, challenger_loss)
    if champion_loss is None:
        reason = "there is no champion to compare with"
        if champion_error is not None:
            reason = f"the champion cannot predict the new data ({champion_error})"
        return Verdict(True, reason, None, challenger_loss)
    promote = challenger_loss <= champion_loss + tolerance
    comparison = "not worse than" if promote else "worse than"
    digits = 4 if f"{challenger_loss:.4g}" != f"{champion_loss:.4g}" else 12
    reason = (
        f"held-out loss {challenger_loss:.{digits}g} is {comparison} the champion's {champion_loss:.{digits}g}"
        + (f" (tolerance {tolerance:.3g})" if tolerance else "")
    )
    return Verdict(promote, reason, champion_loss, challenger_loss)
