"""Labels by what errors cost: a rule chosen on the rows that a version held out, and what it does there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.evaluate import (
    LabelDecision,
    LabelRule,
    LabelWish,
    Proportion,
    confusion_matrix,
    precision_recall_f1,
)
from lepton_core.normal import quantiles_of_normal
from lepton_core.outcomes import Outcomes
from lepton_core.remedy import thresholding
from lepton_core.weights import class_meant

Floats = NDArray[np.float64]

MOST_COST = 1e12
"""Of missing a class: sums of more lose their digits."""

ERRORS_APART = 3.0
"""Standard errors by which rows must deny that probabilities are calibrated: the cheapest of many is lucky."""

_TINY = float(np.finfo(np.float64).tiny)

_MOST_CLASSES = 20

_Z = float(quantiles_of_normal(np.array([0.975]))[0])


def labels(rule: LabelRule, classes: Sequence[str], probabilities: Floats) -> NDArray[np.int64]:
    """The place of each row's label among the K ``classes``, (m,), by ``rule``; ``probabilities`` are (m, K).

    >>> rule = LabelRule("yes", threshold=0.2)
    >>> labels(rule, ["no", "yes"], np.array([[0.7, 0.3], [0.8, 0.2], [0.9, 0.1]])).tolist()
    [1, 1, 0]
    """
    if rule.threshold is None:
        costs = rule.costs or {}
        found: NDArray[np.int64] = np.argmax(probabilities * [costs.get(one, 1.0) for one in classes], axis=1)
        return found
    place = tuple(classes).index(rule.label or classes[1])
    return np.where(probabilities[:, place] >= rule.threshold, place, 1 - place)


def wilson(hits: int, rows: int) -> Proportion:
    """The share of ``hits`` among ``rows`` and its interval of 95 %.

    With z = 1.96 it is (2 h + z^2 -+ z sqrt(z^2 + 4 h (1 - h / n))) / (2 (n + z^2)): Wilson (1927), "Probable
    inference, the law of succession, and statistical inference".

    >>> wilson(48, 53).said(), wilson(0, 0).said("alarms")
    ('91 % of 53 (80 to 96 %)', 'none of 0 alarms')
    """
    if not rows:
        return Proportion(hits, rows)
    reach = _Z * np.sqrt(_Z**2 + 4 * hits * (1 - hits / rows))
    ends = [(2 * hits + _Z**2 + sign * reach) / (2 * (rows + _Z**2)) for sign in (-1, 1)]
    # Rounding must not part an end from the share that it is equal to.
    low, high = 0.0 if hits == 0 else float(ends[0]), 1.0 if hits == rows else float(ends[1])
    return Proportion(hits, rows, hits / rows, low, high)


def rarer(outcomes: Outcomes) -> str:
    """The class of two that fewer held-out rows are of, the second of equals.

    >>> rarer(Outcomes(("no", "yes"), (5, 5))), rarer(Outcomes(("no", "yes"), (4, 5)))
    ('yes', 'no')
    """
    return outcomes.classes[0 if outcomes.support[0] < outcomes.support[1] else 1]


@dataclass(frozen=True)
class Answered:
    """A rule on held-out rows: counts ``confusion`` (K, K), as in `confusion_matrix`; ``at``: see `LabelDecision`."""

    confusion: NDArray[np.int64]
    at: float | None = None


def answered(rule: LabelRule | None, kept: Outcomes) -> Answered:
    """What the ``rule``, or the most probable class, answers for the rows that are kept: counts, (K, K)."""
    if len(kept.classes) > 2:
        truth, probabilities = np.array(kept.truth, dtype=np.int64), np.array(kept.probabilities)
        given = labels(rule or LabelRule(), kept.classes, probabilities)
        return Answered(confusion_matrix(truth, given, len(kept.classes)))
    # Of two that are equally probable the first is the label.
    rule = rule or LabelRule(kept.classes[1], float(np.nextafter(0.5, 1.0)))
    curve, threshold = AlarmCurve(kept, rule.label or ""), rule.threshold or 0.0
    place, exact = curve.place(threshold)
    hits, false = curve.counts(place)
    lines = np.array([[curve.others - false, false], [curve.rows - hits, hits]])
    at = None if exact else float(curve.scores[max(0, place)])
    return Answered(lines if kept.classes[1] == rule.label else lines[::-1, ::-1], at)


class AlarmCurve:
    """The curve for one of two classes: at ``cuts`` (n,), from the highest, so many ``hits`` and ``false`` alarms.

    ``scores`` (n,) are the least probabilities of the class that count there, ``rows`` of the class were held out, and
    ``others`` of the other one.
    """

    def __init__(self, kept: Outcomes, label: str) -> None:
        place = kept.classes.index(label)
        scores, cuts = np.array(kept.scores), np.array(kept.cuts)
        found, alarms = np.array(kept.found, dtype=np.int64), np.array(kept.alarms, dtype=np.int64)
        self.rows, self.others, self._whole = kept.support[place], kept.support[1 - place], kept.whole
        if place == 0:  # above the k-th cut of the one class lies all that is below it for the other one
            found, alarms = (one[-1] - np.append(one[:-1][::-1], 0) for one in (alarms, found))
            cuts, scores = np.append(1.0 - cuts[:-1][::-1], 0.0), 1.0 - scores[::-1]
        told = np.append(cuts[:-1] > scores[1:], True)  # 1 - p is 1 for many a small p
        self.cuts, self.scores, self.hits, self.false = (one[told] for one in (cuts, scores, found, alarms))

    @property
    def precision(self) -> Floats:
        """Of the rows that get the label, those that are of the class, (n,)."""
        right: Floats = self.hits / np.maximum(1, self.hits + self.false)
        return right

    def place(self, threshold: float) -> tuple[int, bool]:
        """The last point whose rows all have that probability or more, -1 if none has; and whether others may have."""
        same = np.flatnonzero(self.cuts == threshold)
        if len(same):
            return int(same[0]), True
        return int(np.searchsorted(-self.scores, -threshold, side="right")) - 1, self._whole

    def counts(self, place: int) -> tuple[int, int]:
        """The hits and the false alarms at a point."""
        return (0, 0) if place < 0 else (int(self.hits[place]), int(self.false[place]))


def choose(wish: LabelWish, kept: Outcomes) -> LabelDecision:
    """The rule that the ``wish`` asks for, chosen on the rows that ``kept`` tells of, and what it does there.

    By recall: the highest threshold that finds so much of the class. By precision: the lowest one of whose alarms so
    many are right. By costs: see `_cheapest`. Errors: `InvalidInput` that names the field, and says the best that can
    be had, for a class that there is not, a wish that cannot be reached, and of more than two classes for all but
    costs.

    >>> from lepton_core.outcomes import outcomes
    >>> kept = outcomes(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]]), ["no", "yes"])
    >>> print(choose(LabelWish("recall", 0.9, "yes"), kept).rule)
    'yes' from P(yes) >= 0.2 on
    """
    if wish.by == "costs":
        return _by_costs(wish, kept)
    if len(kept.classes) != 2:
        way = thresholding(costs={kept.classes[0]: 10})
        raise InvalidInput(
            f"a threshold is for two classes, and there are {len(kept.classes)}; say what it costs to miss one: {way}",
            field=wish.by,
            remedies=(way,),
        )
    label = rarer(kept) if wish.label is None else _class(wish.label, kept, "label")
    wish = replace(wish, label=label)
    if wish.by == "threshold":
        return _told(wish, LabelRule(label, wish.value), kept)
    curve = AlarmCurve(kept, label)
    if not curve.rows:
        way = thresholding(threshold=0.1, label=label)
        raise InvalidInput(
            f"no held-out row is {label!r}, so nothing can be chosen by {wish.by}; hold more rows out, or give a "
            f"threshold itself: {way}",
            field=wish.by,
            remedies=(way,),
        )
    wanted = wish.value or 0.0
    highest = int(np.argmax(curve.hits / curve.rows >= wanted))
    place = highest if wish.by == "recall" else _lowest(curve, label, wanted)
    return _told(wish, LabelRule(label, float(curve.cuts[place])), kept)


def kept_rule(before: LabelDecision, kept: Outcomes) -> LabelDecision | None:
    """An earlier decision with its rule as it is, measured on the rows that ``kept`` tells of.

    None if these have other classes.
    """
    named = [before.rule.label] if before.rule.costs is None else list(before.rule.costs)
    fits = (len(kept.classes) == 2) == (before.rule.threshold is not None)
    if not fits or not set(named) <= set(kept.classes):
        return None
    return _told(before.wish, before.rule, kept)


def _lowest(curve: AlarmCurve, label: str, wanted: float) -> int:
    """The last point with so much precision."""
    reached = np.flatnonzero(curve.precision >= wanted)
    if len(reached):
        return int(reached[-1])
    best = float(curve.precision.max())
    place = int(np.flatnonzero(curve.precision == best)[-1])
    recall = wilson(int(curve.hits[place]), curve.rows).said(repr(label))
    scale = 10.0 ** (3 - np.floor(np.log10(best)))
    way = thresholding(precision=float(np.floor(best * scale) / scale), label=label)
    raise InvalidInput(
        f"no threshold has a precision of {wanted:g} on {curve.rows + curve.others} held-out rows; the best is "
        f"{best:.4g}, which catches {recall}: {way}",
        field="precision",
        remedies=(way,),
    )


def _class(name: str, kept: Outcomes, field: str) -> str:
    meant = class_meant(name, kept.classes)
    if meant is None:
        shown = ", ".join(kept.classes[:_MOST_CLASSES])
        raise InvalidInput(f"{name!r} is not one of the classes {shown}", field=field)
    return meant


def _by_costs(wish: LabelWish, kept: Outcomes) -> LabelDecision:
    given: dict[str, float] = {}
    for named, cost in (wish.costs or {}).items():
        name = _class(named, kept, "costs")
        if name in given:
            raise InvalidInput(f"the class {name!r} is there twice, once as {named!r}", field="costs")
        given[name] = float(cost)
    costs = {name: given.get(name, 1.0) for name in kept.classes}
    for name, cost in given.items():
        if not 0 <= cost <= MOST_COST:
            raise InvalidInput(
                f"the cost of {name!r} must be from 0 to {MOST_COST:g}, not {cost:g}; the unit is yours",
                field="costs",
            )
    if not any(costs.values()):
        raise InvalidInput("each class costs 0; one of them must cost more", field="costs")
    wish = replace(wish, costs=given, label=None, value=None)
    if len(kept.classes) > 2:
        return _told(wish, LabelRule(costs=given), kept)
    first, second = kept.classes
    label = (
        rarer(kept) if costs[first] == costs[second] else first if costs[first] > costs[second] else second
    )
    rule, why = _cheapest(AlarmCurve(kept, label), label, kept, costs)
    return _told(wish, rule, kept, why)


def _cheapest(
    curve: AlarmCurve, label: str, kept: Outcomes, costs: Mapping[str, float]
) -> tuple[LabelRule, str]:
    """The threshold that costs least, and why it was taken.

    With calibrated probabilities that is c_other / (c_other + c_label): Elkan (2001), "The foundations of
    cost-sensitive learning". The cheapest one on some held-out rows is less sure: a row that costs much may lie below
    it and not be among them. So it is taken only where they show that the probabilities are not calibrated. Between
    both thresholds are h rows of the class, and calibrated probabilities say e = sum p of them: by Chernoff's bound the
    chance of that is exp(-(h log(h / e) - h + e)) at most, which must be that of `ERRORS_APART` standard errors.
    """
    (other,) = (one for one in kept.classes if one != label)
    # So few digits that what is shown is all of it.
    by_theory = float(f"{costs[other] / (costs[other] + costs[label]):.6g}")
    lost = costs[label] * (curve.rows - curve.hits) + costs[other] * curve.false
    best, theory = int(np.argmin(lost)), curve.place(by_theory)[0]
    between = slice(min(best, theory) + 1, max(best, theory) + 1)
    hits, false = (np.diff(one, prepend=0)[between] for one in (curve.hits, curve.false))
    saved = float(costs[label] * hits.sum() - costs[other] * false.sum()) * (1.0 if best > theory else -1.0)
    h, e = float(hits.sum()), float((hits + false) @ curve.scores[between])
    unlikely = e - h + (h * np.log(h / max(e, _TINY)) if h else 0.0)
    if saved <= 0 or not curve.rows or not curve.others or unlikely <= ERRORS_APART**2 / 2:
        return LabelRule(label, by_theory), "the threshold is that of theory"
    why = (
        f"the threshold is the cheapest on these rows, which show that the probabilities are not calibrated: that of "
        f"theory, {by_theory:.4g}, costs {saved / kept.rows:.2g} more a row"
    )
    return LabelRule(label, float(curve.cuts[best])), why


def _told(wish: LabelWish, rule: LabelRule, kept: Outcomes, why: str = "") -> LabelDecision:
    """The rule with what it does on the held-out rows, in figures and in words."""
    found = answered(rule, kept)
    scores, rows = precision_recall_f1(found.confusion), int(found.confusion.sum())
    costs = wish.costs or {}
    order = sorted(range(len(kept.classes)), key=lambda k: -costs.get(kept.classes[k], 1.0))
    named = [(kept.classes[k], k) for k in sorted(order[:_MOST_CLASSES])]
    hits = np.diag(found.confusion)
    made = LabelDecision(
        wish,
        rule,
        rows,
        float(hits.sum() / rows),
        recall={name: wilson(int(hits[k]), int(scores.support[k])) for name, k in named},
        precision={name: wilson(int(hits[k]), int(scores.predicted[k])) for name, k in named},
        measured_at=found.at,
    )
    if wish.costs is not None:
        usual = answered(None, kept)
        mean, before = (_mean_cost(one.confusion, kept.classes, costs) for one in (found, usual))
        made = replace(made, cost=mean, usual_cost=before)
    first = kept.classes[order[0]] if rule.label is None else rule.label
    return replace(made, sentence=_sentence(made, first, why, kept.rows))


def _mean_cost(confusion: NDArray[np.int64], classes: Sequence[str], costs: Mapping[str, float]) -> float:
    missed = confusion.sum(axis=1) - np.diag(confusion)
    return float(missed @ [costs.get(name, 1.0) for name in classes] / confusion.sum())


def _sentence(made: LabelDecision, first: str, why: str, held_out: int) -> str:
    on = f"{made.rows} held-out rows"
    if made.rows < held_out:  # of many classes some are kept
        on = f"{made.rows} of {held_out} held-out rows, spread evenly, as all that is counted here"
    catches = f"catches {made.recall[first].said(repr(first))}"
    of = made.precision[first]
    alarms = f"{of.said('alarms')} are right" if of.rows else "gives no alarm"
    parts = [f"{catches}, {alarms}; accuracy {made.accuracy:.4g} on {on}"]
    if made.cost is not None and made.usual_cost is not None:
        parts.append(f"costs {made.cost:.4g} a row, the most probable class {made.usual_cost:.4g}")
    if why:
        parts.append(why)
    if made.measured_at is not None:
        parts.append(f"measured at {made.measured_at:.6g}, the next threshold that is kept")
    return f"{made.rule}: {'; '.join(parts)}"
