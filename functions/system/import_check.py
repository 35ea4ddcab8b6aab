"""Whether the bytes of a file are an exported version that this platform can serve, show and train anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from functions.datasets.ingest import is_name
from functions.serving.publish import usual_row
from functions.training.labels import WITH_OUTCOMES
from functions.training.specs import given
from lepton_core.card.harmless import check_harmless
from lepton_core.decision import kept_rule
from lepton_core.errors import InvalidArtifact, InvalidInput, LeptonError
from lepton_core.evaluate import ClassificationReport, LabelDecision, LabelRule, LabelWish, RegressionReport
from lepton_core.export import Export, ExportHead, read_export
from lepton_core.models import algorithm
from lepton_core.outcomes import Outcomes, are_sound
from lepton_core.preprocess import Preprocessor

if TYPE_CHECKING:
    from lepton_core.servable import Servable

T = TypeVar("T")

_UNABLE = (LeptonError, ArithmeticError, LookupError, MemoryError, TypeError, ValueError)
_UNREADABLE = (msgspec.DecodeError, InvalidInput, RecursionError, TypeError, UnicodeError, ValueError)


@dataclass(frozen=True)
class Arrived:
    """An exported version that was checked: what predicts, when it was made (UTC), and its rule with figures."""

    export: Export
    predictor: "Servable"
    created: datetime
    decision: LabelDecision | None


def checked(data: bytes) -> Arrived:
    """The exported version in ``data``. It is loaded and predicts a row like those that it was trained on.

    Raises `NewerFormat` for one of a newer Lepton, and `InvalidArtifact` for whatever else cannot become a version
    here; nothing else, whatever the bytes are.
    """
    export = read_export(data)
    head = export.head
    try:
        predictor = export.load()
        _check_answers(predictor)
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        raise _refused(
            "artifact cannot predict a row like those that it was trained on", "artifact"
        ) from error
    check_harmless(export.card)
    if not is_name(head.model):
        raise _refused(f"model cannot be called {head.model[:80]!r}", "head.model")
    _check_recipe(head, predictor)
    kept = _outcomes(export, predictor)
    return Arrived(export, predictor, _time(head.created), _decision(head.rule, head.wish, kept))


def _check_answers(predictor: "Servable") -> None:
    rows = (1, len(predictor.classes)) if predictor.task == "classification" else (1,)
    with np.errstate(all="ignore"):
        output = predictor.predict(usual_row(predictor))
    if output.shape != rows or not np.isfinite(output).all():
        raise ValueError("it predicts no finite numbers")


def _check_recipe(head: ExportHead, predictor: "Servable") -> None:
    """What a training anew, and an update, take from the record."""
    if (predictor.algorithm == "ensemble") != bool(head.members):
        raise _refused("members are not those of its artifact", "head.members")
    seed = head.hyperparameters.get("seed")
    if type(seed) is not int or seed < 0:
        raise _refused("hyperparameters have no seed", "head.hyperparameters.seed")
    recipes: list[tuple[str, dict[str, Any]]] = [(one.algorithm, one.hyperparameters) for one in head.members]
    for name, hyperparameters in recipes or [(head.algorithm, head.hyperparameters)]:
        if head.task not in _possible(partial(_tasks, name, hyperparameters)):
            raise _refused(f"algorithm {name!r} learns no {head.task}", "head.task")
    if head.preprocessor is not None:
        _possible(partial(Preprocessor.from_dict, head.preprocessor))
    factors = [] if not isinstance(head.class_weight, dict) else [*head.class_weight.values()]
    figures = [*factors, *(one.weight for one in head.members)]
    if not all(isfinite(one) and one >= 0 for one in figures):
        raise _refused("weights are not numbers from 0 on", "head.class_weight")
    if min(head.judged.rows, head.answers.rows) < 0:
        raise _refused("fits have fewer rows than none", "head.judged.rows")


def _tasks(name: str, hyperparameters: dict[str, Any]) -> frozenset[str]:
    found = algorithm(name)
    found.configure(given(hyperparameters, {}))
    return found.tasks


def _possible(make: Callable[[], T]) -> T:
    try:
        return make()
    except _UNABLE as error:
        said = error.message if isinstance(error, LeptonError) else "a value of it cannot be"
        raise _refused(f"recipe is not one of this platform: {said}", "head") from error


def _outcomes(export: Export, predictor: "Servable") -> Outcomes | None:
    """What rules for labels are chosen by; the whole evaluation is read for that."""
    if not len(export.evaluation):
        raise _refused("version was evaluated on no rows; write the file once more, with some", "evaluation")
    try:
        report = _report(bytes(export.evaluation), is_classes=export.head.task == "classification")
        kept = WITH_OUTCOMES.decode(bytes(export.evaluation)).outcomes
    except _UNREADABLE as error:
        raise _refused("evaluation cannot be read", "evaluation") from error
    if isinstance(report, RegressionReport):
        return None
    classes = predictor.classes
    counts = {len(report.confusion), *map(len, report.confusion)}
    sound = (report.classes, counts) == (classes, {len(classes)}) and set(report.per_class) == set(classes)
    if not sound or (kept is not None and not are_sound(kept, classes)):
        raise _refused("evaluation is not that of its classes", "evaluation")
    return kept


def _report(data: bytes, *, is_classes: bool) -> ClassificationReport | RegressionReport:
    if is_classes:
        return msgspec.json.decode(data, type=ClassificationReport)
    return msgspec.json.decode(data, type=RegressionReport)


def _decision(rule: LabelRule | None, wish: LabelWish | None, kept: Outcomes | None) -> LabelDecision | None:
    if rule is None and wish is None:
        return None
    bare = None if rule is None or wish is None else LabelDecision(wish, rule, 0, 0.0, {}, {})
    found = None if bare is None or kept is None else kept_rule(bare, kept)
    if found is None:
        raise _refused("rule has no rows that it was chosen on", "head.rule")
    return found


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.utcoffset() is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day have no time in UTC everywhere
        pass
    raise _refused(f"version was made at no time, but at {text[:40]!r}", "head.created")


def _refused(what: str, field: str) -> InvalidArtifact:
    return InvalidArtifact(f"the exported version cannot be taken up: its {what}", field=field)
