"""The section of a card that says how its answers come about, and how sure they are."""

from collections.abc import Iterator

from lepton_core.card.facts import Card
from lepton_core.card.parts import section, sentence
from lepton_core.evaluate import ClassificationReport

_TOLD = (0.8, 0.9, 0.95)

_OF_LABELS = (
    "Accuracy, precision, recall, f1 and the table of classes are of these labels; the folds, the segments and the "
    "comparison with no model are of the most probable class."
)


def answers(card: Card) -> str:
    """What makes its labels, whether nearly all rows are of one class, its calibration, and what intervals hold."""
    return section("What it answers", *map(sentence, _said(card)), wide=True)


def _said(card: Card) -> Iterator[str]:
    report = card.evaluation
    if isinstance(report, ClassificationReport):
        if report.decision is not None:
            yield f"Labels: {report.decision}. " + _OF_LABELS
        yield from (
            _whole(one) for one in (report.imbalance.sentences if report.imbalance is not None else ())
        )
        if report.calibrated is not None:
            yield _whole(f"probabilities: {report.calibrated.sentence}")
    yield from (_whole(one.sentence) for one in report.coverages if one.coverage in _TOLD)


def _whole(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."
