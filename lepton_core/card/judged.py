"""The sections of a card that say how good the version is: all of them on rows that it has not seen."""

from collections.abc import Iterable, Sequence

from lepton_core.card.answers import answers
from lepton_core.card.facts import Card
from lepton_core.card.parts import section, sentence, table, text
from lepton_core.card.pictures import bar, calibration, predicted_against_true
from lepton_core.evaluate import ClassificationReport, Interval, RegressionReport
from lepton_core.readable import figure

MOST_CLASSES_SHOWN = 10
"""Classes of the confusion matrix and of the figures of each class."""

_CURVES = 2
_COLUMNS_THAT_MATTER = 7
_OF_CLASSES = ("accuracy", "precision", "recall", "f1", "log_loss", "brier", "auc")
_OF_VALUES = ("rmse", "mae", "r2", "mean_residual")
_MEANS = ("precision", "recall", "f1")
_MARK = {"better": "good", "worse": "poor", "nothing": "poor"}


def good_enough(card: Card) -> str:
    """Whether it is better than what needs no model, and than the champion that it met."""
    said = [
        _said(_MARK[one.shown], *_capital(one.sentence).partition(" than always "))
        for one in card.evaluation.baselines
    ]
    if not said:
        said.append(
            sentence(
                "This version was made before versions were set beside what needs no model; train it again for the "
                "comparison."
            )
        )
    if card.verdict is not None:
        verdict = "Promoted" if card.verdict.promote else "Not promoted"
        over = "" if card.champion is None else f", beside version {card.champion}"
        mark = "good" if card.verdict.promote else "poor"
        said.append(_said(mark, verdict, over, f": {card.verdict.reason}"))
    return section("Is it good enough?", *said, wide=True)


def _said(mark: str, first: str, *rest: str) -> str:
    return f'<p class="said {mark}"><b>{text(first, 200)}</b>{text("".join(rest), 600)}.</p>'


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def figures(card: Card) -> str:
    """Each figure on the rows held out, with its interval where there is one, and the mean over the folds."""
    report, found = card.evaluation, card.evaluation.segments
    names = _OF_CLASSES if isinstance(report, ClassificationReport) else _OF_VALUES
    known: dict[str, Interval] = (
        {} if found is None else {found.metric: found.score, found.measure: found.loss}
    )
    if (
        isinstance(report, ClassificationReport) and report.decision is not None
    ):  # the interval is that of the most probable class
        known.pop("accuracy", None)
    folds = {} if card.cross_validation is None else card.cross_validation.metrics
    head = ["figure", "rows held out", "interval of 95 %", *(["mean of folds"] if folds else [])]
    rows = [
        [
            f"{name} (mean)" if name in _MEANS else name,
            figure(getattr(report, name)),
            _ends(known.get(name)),
            *([figure(folds.get(name))] if folds else []),
        ]
        for name in names
    ]
    of = "" if found is None else f" on {found.rows} rows that the judged fit has not seen"
    if found is not None and found.blocks < found.rows:
        of += f", in {found.blocks} blocks that are independent"
    left = ""
    if isinstance(report, ClassificationReport) and report.unknown_class_rows:
        left = sentence(
            f"{report.unknown_class_rows} rows held out are of a class that the version never saw; they are left out."
        )
    return section("Figures", table(f"Figures{of}", head, rows), left)


def _ends(one: Interval | None) -> str:
    return "" if one is None else f"{figure(one.low)} to {figure(one.high)}"


def curves(card: Card) -> str:
    """The calibration of its probabilities, or the truth by its predictions."""
    report = card.evaluation
    if isinstance(report, RegressionReport):
        if report.by_prediction is None:
            return ""
        drawn = predicted_against_true(report.by_prediction, card.data.label, 1)
        return section(
            "Predicted against true",
            drawn,
            sentence(
                "A dot is a tenth of the rows held out, its bar the middle 80 % of what was true there."
            ),
        )
    often = sorted(report.calibration, key=lambda name: -report.per_class[name].support)[:_CURVES]
    pictures = [calibration(report.calibration[name], name, at) for at, name in enumerate(often, 1)]
    left = len(report.calibration) - len(often)
    more = f" Of {left} rarer classes it is in the evaluation." if left else ""
    note = f"A larger dot is of more rows; on the broken line, probabilities come true as often as they say.{more}"
    return section("Calibration", *pictures, sentence(note))


def classes(card: Card) -> str:
    """The confusion matrix and the figures of each class."""
    report = card.evaluation
    if isinstance(report, RegressionReport):
        return ""
    order = sorted(range(len(report.classes)), key=lambda at: -sum(report.confusion[at]))
    at = sorted(order[:MOST_CLASSES_SHOWN])
    names = [report.classes[one] for one in at]
    counts = [[names[i], *(str(report.confusion[one][other]) for other in at)] for i, one in enumerate(at)]
    each = [
        [name, figure(one.precision), figure(one.recall), figure(one.f1), figure(one.auc), str(one.support)]
        for name, one in ((name, report.per_class[name]) for name in names)
    ]
    left = len(report.classes) - len(at)
    more = sentence(f"{left} rarer classes are in the evaluation, and not here.") if left else ""
    return section(
        "Classes",
        table(
            "Rows by their true class (lines) and the predicted one", ["true \\ predicted", *names], counts
        ),
        table("Each class", ["class", "precision", "recall", "f1", "auc", "rows"], each),
        more,
    )


def wrong(card: Card) -> str:
    """The segments in which it is wrong."""
    found = card.evaluation.segments
    if found is None:
        said = (
            "This version was made before segments were looked at; train it again to see where it is wrong."
        )
        return section("Where it is wrong", sentence(said), wide=True)
    shown = ""
    if found.worst:
        head = [
            "column",
            "segment",
            "rows",
            found.metric,
            "95 %",
            "elsewhere",
            found.measure,
            "elsewhere",
            "p",
        ]
        rows = [
            [
                f"{one.column}{'' if one.reads else ' (not read)'}{_also(one.also)}",
                one.name,
                f"{one.rows} ({one.share:.0%})",
                figure(one.score.value),
                _ends(one.score),
                figure(one.score_elsewhere),
                figure(one.loss),
                figure(one.loss_elsewhere),
                f"{max(one.p, 1e-9):.2g}",
            ]
            for one in found.worst
        ]
        shown = table(
            "Rows held out that it gets more wrong than all others, the worst first", head, rows, left=2
        )
    few = f" {found.too_small} more have too few rows." if found.too_small and found.tested else ""
    return section("Where it is wrong", sentence(f"{_capital(found.sentence)}.{few}"), shown, wide=True)


def _also(names: Sequence[str]) -> str:
    return f", just so {', '.join(names[:2])}" if names else ""


def importance(card: Card) -> str:
    """By how much the loss grows without each column, once it was evaluated."""
    found = card.importance
    if found is None:
        return ""
    shown = found.columns[:_COLUMNS_THAT_MATTER]
    most = max((one.mean for one in shown), default=0.0)
    rows = "".join(
        f'<tr><th scope="row">{text(one.column)}</th><td class="n">{figure(one.mean)}</td>'
        f'<td class="n">{figure(one.std)}</td><td class="b">{bar(one.mean / most if most > 0 else 0.0)}</td></tr>'
        for one in shown
    )
    left = len(found.columns) + found.passed_over - len(shown)
    more = sentence(f"{left} more columns are in the evaluation.") if left > 0 else ""
    head = "".join(
        f'<th scope="col"{side}>{name}</th>'
        for name, side in (("column", ""), ("importance", ' class="n"'), ("std", ' class="n"'), ("", ""))
    ).replace('<th scope="col"></th>', "<td></td>")
    drawn = (
        f'<div class="scroll"><table><caption>By how much the loss grows where a column is dealt to other rows '
        f"({found.rows} rows held out)</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    return section("Which columns matter", drawn, more)


def all_judged(card: Card) -> Iterable[str]:
    """All of them, in the order of the page."""
    one_by_one = (good_enough, answers, figures, classes, importance, curves, wrong)
    return (made(card) for made in one_by_one)
