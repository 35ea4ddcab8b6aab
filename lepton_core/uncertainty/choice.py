"""Whether to calibrate, and how: the way whose log loss on rows out of fold is lower by more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.blend import LEAST_PROBABILITY
from lepton_core.evaluate import Calibrated, Calibrator, calibration_error
from lepton_core.models.algorithm import Array
from lepton_core.paired import by_how_much, compared_losses
from lepton_core.uncertainty.conformal import Intervals, Sets
from lepton_core.uncertainty.isotonic import Isotonic
from lepton_core.uncertainty.learnt import Calibrates, Uncertainty
from lepton_core.uncertainty.scaling import Scaling

_FEWEST = 6
"""Of fewer independent rows, or groups of them, nothing is shown."""

Method = Literal["none", "platt", "isotonic"]

_NAMES = {"platt": "Platt's sigmoid", "isotonic": "isotonic regression"}
_OF_MANY_CLASSES = "temperature scaling"


@dataclass(frozen=True)
class OutOfFoldRows:
    """Predictions of m rows by models that had not seen them: ``output`` (m, K) or (m,), and the truth ``y`` (m,).

    ``fold`` (m,) is the number of each row's fold, ``weights`` (m,) how much it counts in a training (None: each as
    much), and ``blocks`` (m,) the number of its block (None: all rows are independent).
    """

    output: Array
    y: NDArray[Any]
    fold: NDArray[np.int64]
    weights: Array | None = None
    blocks: NDArray[np.int64] | None = None

    @property
    def share(self) -> Array:
        """How much each row counts, (m,), 1 on the average."""
        if self.weights is None:
            return np.ones(len(self.y))
        return np.asarray(self.weights / self.weights.mean())


def fitted(method: str, output: Array, y: NDArray[np.int64], share: Array) -> Calibrates:
    """The calibrator of that ``method`` for probabilities ``output`` (m, K) of rows of classes ``y`` (m,).

    ``share`` (m,) is how much each row counts.
    """
    return (Isotonic if method == "isotonic" else Scaling).fit(output, y, share)


def chosen(rows: OutOfFoldRows) -> tuple[Calibrates | None, Array, Calibrated]:
    """The calibrator that is shown to help, or None; the output (m, K) of each fold under that of the others; and why.

    Platt's is tried first, and isotonic regression has to be shown better than what is best then: it needs more rows,
    makes rows equal, and contributions no longer add up under it. Shown is what `compared_losses` puts beyond chance,
    with an interval of 95 %. None is tried where all rows that count lie in one fold.
    """
    share = rows.share
    outputs: dict[Method, Array] = {"none": rows.output}
    if len(np.unique(rows.fold[share > 0.0])) > 1:  # else some fold has no others to learn from
        methods: Sequence[Method] = ("platt", "isotonic")
        outputs |= {method: _crossed(method, rows, share) for method in methods}
    losses = {method: _losses(output, rows.y) * share for method, output in outputs.items()}
    best: Method = "none"
    tried = [_told("none", outputs["none"], rows, losses)]
    for method in [one for one in outputs if one != "none"]:
        found = compared_losses(losses[best], losses[method], blocks=rows.blocks)
        if found is not None and found.blocks >= _FEWEST and found.low > 0.0:
            best = method
        tried.append(_told(method, outputs[method], rows, losses))
    made = None if best == "none" else fitted(best, rows.output, rows.y, share)
    choice = Calibrated(best, len(rows.y), tuple(tried), _sentence(best, tried, rows))
    return made, outputs[best], choice


def learnt(
    rows: OutOfFoldRows, *, calibrate: bool, uncertainty: bool
) -> tuple[Uncertainty, Calibrated | None]:
    """What is asked for, learnt from ``rows``, and why probabilities are calibrated as they are.

    Sets are made of calibrated probabilities, those of each fold under the calibrator of the others.
    """
    output, made, why = rows.output, None, None
    if calibrate and output.ndim == 2:
        made, output, why = chosen(rows)
    if not uncertainty:
        return Uncertainty(made), why
    around = Intervals.of(output, rows.y) if output.ndim == 1 else Sets.of(output, rows.y)
    return Uncertainty(made, around), why


def _losses(output: Array, y: NDArray[np.int64]) -> Array:
    """The log loss of each row, (m,)."""
    return np.asarray(-np.log(np.clip(output[np.arange(len(y)), y], LEAST_PROBABILITY, 1.0)))


def _crossed(method: Method, rows: OutOfFoldRows, share: Array) -> Array:
    made = np.empty_like(rows.output)
    for fold in np.unique(rows.fold):
        inside = rows.fold == fold
        one = fitted(method, rows.output[~inside], rows.y[~inside], share[~inside])
        made[inside] = one.calibrated(rows.output[inside])
    return made


def _told(method: Method, output: Array, rows: OutOfFoldRows, losses: dict[Method, Array]) -> Calibrator:
    compared = None
    if method != "none":
        compared = compared_losses(losses["none"], losses[method], blocks=rows.blocks)
    return Calibrator(method, float(losses[method].mean()), calibration_error(rows.y, output), compared)


def _sentence(best: Method, tried: Sequence[Calibrator], rows: OutOfFoldRows) -> str:
    on = f"{len(rows.y)} rows out of fold{'' if rows.weights is None else ', weighted'}"
    names = _NAMES | ({"platt": _OF_MANY_CLASSES} if rows.output.shape[1] > 2 else {})
    raw = tried[0]
    if len(tried) == 1:
        some = (
            "there is one fold only"
            if len(np.unique(rows.fold)) == 1
            else "one fold only has rows that count"
        )
        return f"not calibrated: {some}, and what it says cannot be tried on another one"
    if best != "none":
        one = next(one for one in tried if one.method == best)
        return (
            f"calibrated by {names[best]}: log loss {one.log_loss:.4g} beside {raw.log_loss:.4g} without it, "
            f"{_difference(one)} on {on}"
        )
    others = " and ".join(
        f"{names[one.method]} has {one.log_loss:.4g} ({_difference(one)})" for one in tried[1:]
    )
    return f"not calibrated: log loss {raw.log_loss:.4g} on {on}, and nothing is shown to be better; {others}"


def _difference(one: Calibrator) -> str:
    if one.comparison is None:
        return "too few independent rows to compare"
    return by_how_much(one.comparison, "lower", "higher")
