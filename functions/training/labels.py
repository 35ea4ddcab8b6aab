"""What makes the labels of a version: chosen on the rows that it held out, kept with its record, served at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced

import msgspec
import numpy as np
from msgspec.structs import replace

from functions.context import Context
from functions.records import find
from functions.records.deployments import Deployment
from functions.records.files import read_value
from functions.records.kinds import DEPLOYMENTS, VERSIONS, Version, number
from functions.serving import publish
from functions.storage import Workspace, Write
from lepton_core.decision import AlarmCurve, answered, choose, kept_rule, rarer
from lepton_core.errors import Conflict, InvalidInput, LeptonError
from lepton_core.evaluate import Imbalance, LabelDecision, LabelWish, OneClass, precision_recall_f1
from lepton_core.outcomes import Outcomes, against_others
from lepton_core.remedy import reworded, training
from lepton_core.weights import class_meant


def set_rule(
    context: Context, store: Workspace, name: str, wanted: int, wish: LabelWish | None, by: str
) -> Version:
    """One try: choose the rule of a version by ``wish`` (None: it has none), and write it in one transaction.

    Where the version is served, the deployment is written in it too; if not, it must not come to be meanwhile. Raises
    `NotFound`, `Conflict`, and what `lepton_core.decision.choose` raises.
    """
    find.active_model(store, name)
    version = find.version(store, name, wanted)
    if version.value.task != "classification":
        raise InvalidInput(
            "a regression has values, and no labels", field="threshold" if wish is None else wish.by
        )
    decision = None if wish is None else chosen(store, version.value, wish)
    changed = replace(version.value, decision=decision)
    current = store.get(DEPLOYMENTS, name)
    writes: list[Write] = []
    if changed != version.value:
        writes.append(store.put(VERSIONS, name, number(wanted), value=changed, expect=version.revision))
    switch: list[Write] = []
    if current is not None and serves(current.value, wanted):
        rule = None if decision is None else decision.rule
        routes = [replace(one, rule=rule) if one.version == wanted else one for one in current.value.routes]
        if routes != current.value.routes:
            ruled = replace(current.value, routes=routes)
            _, switch = publish.changed(context, store, current, ruled, cause="labels", by=by)
    if writes and not switch:
        switch = [store.check(DEPLOYMENTS, name, expect=0 if current is None else current.revision)]
    if switch:
        store.write(*writes, *switch)
    return changed


def serves(deployment: Deployment | None, version: int) -> bool:
    """Whether it serves that version."""
    return deployment is not None and any(one.version == version for one in deployment.routes)


def chosen(store: Workspace, version: Version, wish: LabelWish) -> LabelDecision:
    """The rule for the labels of a version that a ``wish`` asks for. Raises what `choose` raises, and `Conflict`."""
    try:
        return choose(wish, kept_of(store, version))
    except InvalidInput as error:
        ways = tuple(replaced(way.of_version(version.version), of=version.model) for way in error.remedies)
        said = {one.said: other.said for one, other in zip(error.remedies, ways, strict=True)}
        text = reworded(error.message, error.remedies, lambda one: said[one.said])
        raise InvalidInput(text, field=error.field, remedies=ways) from None


def chosen_again(store: Workspace, version: Version, before: LabelDecision) -> tuple[Version, str]:
    """The challenger with the rule that its champion's wish asks for on its own held-out rows; what to say of that.

    Where the wish cannot be reached there, the champion's own rule stays. A class that the challenger does not know
    leaves it without one.
    """
    try:
        kept = kept_of(store, version)
    except Conflict as error:  # its fit was scored by an earlier program
        return version, f"; labels have no rule any more: {without_calls(error)}"
    try:
        decision = choose(before.wish, kept)
        said = f"labels by the champion's {before.wish}, chosen anew: {decision}"
    except InvalidInput as error:
        why = without_calls(error)
        kept_as_it_is = kept_rule(before, kept)
        if kept_as_it_is is None:
            return version, f"; labels have no rule any more: {why}"
        decision, said = kept_as_it_is, f"labels by the champion's own rule, for {why}: {kept_as_it_is}"
    return replace(version, decision=decision), f"; {said}"


def without_calls(error: LeptonError) -> str:
    """The message without the calls at its end: a sentence among others offers none."""
    said = error.message
    for way in error.remedies:
        said = said.replace(f": {way}", "")
    return said


def kept_of(store: Workspace, version: Version) -> Outcomes:
    """What is kept of the version's held-out rows. Raises `Conflict` for a version of before rules, and `Damaged`."""
    what = f"version {version.version} of model {version.model!r}"
    kept = read_value(store, version.evaluation, WITH_OUTCOMES, f"the evaluation of {what}").outcomes
    if kept is None:
        from functions.training.made_again import again  # noqa: PLC0415  (few versions are as old)

        model = find.model(store, version.model).value
        way = training(model.name, **again(store, model, version))
        raise Conflict(
            f"{what} was trained before thresholds were chosen, and nothing is kept to choose one by; train it again: "
            f"{way}",
            remedies=(way,),
        )
    return kept


@dataclass(frozen=True)
class CountedAlarms:
    """What every threshold does for the class ``label``: see `functions.deploy.ThresholdsView`."""

    label: str
    classes: tuple[str, ...]
    curve: AlarmCurve
    whole: bool


def counted(store: Workspace, version: Version, label: str | None) -> CountedAlarms:
    """What is kept of the version's held-out rows, as the alarms for one class at each threshold.

    ``label`` None: the class of the version's rule, else the rarer one of two, else the one with the fewest rows.
    Raises `InvalidInput` for a regression and for a class that there is not, and what `kept_of` raises.
    """
    if version.task != "classification":
        raise InvalidInput("a regression has values, and no labels", field="label")
    kept = kept_of(store, version)
    if label is None and version.decision is not None:
        label = version.decision.rule.label
    if label is None:
        fewest = int(np.argmin(kept.support))
        label = rarer(kept) if len(kept.classes) == 2 else kept.classes[fewest]
    meant = class_meant(label, kept.classes)
    if meant is None:
        raise InvalidInput(
            f"{label!r} is not one of the classes {', '.join(kept.classes[:20])}", field="label"
        )
    told = against_others(kept, meant)
    return CountedAlarms(meant, kept.classes, AlarmCurve(told, meant), told.whole)


class _WithOutcomes(msgspec.Struct):
    """The file of an evaluation: of the rest of it `functions.evaluate` knows."""

    outcomes: Outcomes | None = None


WITH_OUTCOMES = msgspec.json.Decoder(_WithOutcomes)


@dataclass(frozen=True)
class AtRule:
    """What of an evaluation depends on labels, at the ``decision`` that makes them: fields of a report, by its names.

    ``imbalance`` offers no rule, as there is one. All else of the report knows no labels, or is of the most probable
    class.
    """

    accuracy: float
    precision: float
    recall: float
    f1: float
    confusion: list[list[int]]
    per_class: Mapping[str, OneClass]
    imbalance: Imbalance | None
    decision: LabelDecision


def at_rule(
    store: Workspace, version: Version, per_class: Mapping[str, OneClass], imbalance: Imbalance | None
) -> AtRule | None:
    """The figures of labels at the version's rule; None if it has none. Raises `Damaged`.

    Of ``per_class`` the areas under the curves stay, which know no labels.
    """
    if version.decision is None:
        return None
    kept = kept_of(store, version)
    confusion = answered(version.decision.rule, kept).confusion
    scores = precision_recall_f1(confusion)
    each = {
        name: OneClass(
            float(scores.precision[k]),
            float(scores.recall[k]),
            float(scores.f1[k]),
            int(scores.support[k]),
            per_class[name].auc,
        )
        for k, name in enumerate(kept.classes)
    }
    precision, recall, f1 = (
        float(np.mean(one[scores.occurring])) for one in (scores.precision, scores.recall, scores.f1)
    )
    if imbalance is not None:  # its last sentence offers what is done
        imbalance = replaced(imbalance, sentences=imbalance.sentences[:-1], remedies=())
    return AtRule(
        version.decision.accuracy,
        precision,
        recall,
        f1,
        confusion.tolist(),
        each,
        imbalance,
        version.decision,
    )
