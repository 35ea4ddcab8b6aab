"""What it means for a model that nearly all rows are of one class, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from lepton_core.evaluate import ClassificationReport, Imbalance
from lepton_core.remedy import Remedy, reworded, thresholding
from lepton_core.report.table_findings import UNBALANCED

FEW_TO_LEARN = 20
"""Of fewer rows of a class, chance has much to say in what is chosen by them."""

_FOLDS = 5
"""Of a usual cross-validation, and of a search: of fewer rows of a class one fold has none."""


def imbalance_of(report: ClassificationReport, counts: Mapping[str, int]) -> Imbalance | None:
    """What to know of the ``report`` of a version, of whose training rows ``counts`` are of each class.

    None unless the most frequent class has a share of `UNBALANCED` at least among these: the line that the report of an
    upload draws.

    >>> from lepton_core.evaluate import classification_report
    >>> y, p = np.array([0] * 19 + [1]), np.tile([0.9, 0.1], (20, 1))
    >>> found = imbalance_of(classification_report(y, p, ["no", "yes"]), {"no": 76, "yes": 4})
    >>> found.share, found.rarest, found.answered, found.to_learn_from
    (0.95, 'yes', 0, 4)
    """
    rows = sum(counts.values())
    if not rows or max(counts.values()) < UNBALANCED * rows:
        return None
    names = report.classes
    most = max(names, key=lambda name: counts.get(name, 0))
    rarest = min((name for name in names if name != most), key=lambda name: counts.get(name, 0))
    confusion = np.array(report.confusion)
    at, measured = names.index(rarest), int(confusion.sum())
    made = Imbalance(
        most=most,
        share=report.per_class[most].support / measured,
        rarest=rarest,
        support=report.per_class[rarest].support,
        answered=int(confusion[:, at].sum()),
        rows=measured,
        to_learn_from=counts.get(rarest, 0),
        sentences=(),
    )
    way = _way(made, len(names))
    said = tuple(_sentences(made, int(confusion[at, at]), way))
    return replace(made, sentences=said, remedies=() if way is None else (way,))


def of_version(found: Imbalance, version: int) -> Imbalance:
    """The same, whose calls are for that ``version`` and not for the newest one."""
    ways = tuple(one.of_version(version) for one in found.remedies)
    said = {one.said: other.said for one, other in zip(found.remedies, ways, strict=True)}
    sentences = tuple(reworded(one, found.remedies, lambda way: said[way.said]) for one in found.sentences)
    return replace(found, sentences=sentences, remedies=ways)


def _way(made: Imbalance, classes: int) -> Remedy | None:
    """The call that has the rare class answered; None where these rows cannot say what it would do."""
    if not made.support:
        return None
    return (
        thresholding(recall=0.9, label=made.rarest) if classes == 2 else thresholding(costs={made.rarest: 10})
    )


def _sentences(made: Imbalance, right: int, way: Remedy | None) -> Iterator[str]:
    yield (
        f"{made.rarest!r} is rare, {made.support} of {made.rows} held-out rows: always answering {made.most!r} is "
        f"{100 * made.share:.1f} % right, so look at log loss and AUC"
    )
    yield "candidates are compared by log loss; no row is left out, and none is weighted unless that was asked for"
    if made.to_learn_from < FEW_TO_LEARN:
        are = "is only 1 row" if made.to_learn_from == 1 else f"are only {made.to_learn_from} rows"
        none = ", and some folds have none" if made.to_learn_from < _FOLDS else ""
        yield f"there {are} of {made.rarest!r} to learn from: chance has much to say in what is found by so few{none}"
    if way is None:
        yield f"these rows cannot say how many of {made.rarest!r} are found: none of them is one"
    elif made.answered:
        rows = "1 row" if made.answered == 1 else f"{made.answered} rows"
        yield f"{made.rarest!r} is the most probable class of {rows}, rightly of {right}; to find more of them: {way}"
    else:
        yield f"{made.rarest!r} is never the most probable class, so no label says it; to have it found: {way}"
