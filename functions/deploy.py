"""Deploy: the model's address serves a version from now on; and what makes the labels of a version."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions.context import Platform
from functions.edge import PAGING, Call, page, route
from functions.edge.shapes import Page, Request
from functions.records import find
from functions.records.change import until_written
from functions.records.deployments import LONGEST_BAKE, Cause, Deployment, HistoryEntry
from functions.records.kinds import DEPLOYMENT_HISTORY, DEPLOYMENTS, MODELS, VERSIONS, number
from functions.serving.publish import BAKE_SECONDS, check_answers, left_behind, serve_version
from functions.storage import Stored, Workspace
from lepton_core.errors import Conflict, InvalidInput
from lepton_core.evaluate import LabelDecision, LabelRule, LabelWish


class DeployModel(Request, frozen=True):
    """Serve ``version`` (the newest, if left out), or the one that was served at the time ``served_at``.

    With ``canary``, a share of the traffic, it gets that share alone. It is watched for ``bake_minutes`` (default: an
    hour; 5 minutes where it gets all at once, 0: not at all): if it fails, or is slow, it is rolled back, and a canary
    without fault is promoted at the end, unless it needs ``approval``. Another share of the canary is said so too.
    """

    version: Annotated[int, Meta(ge=1)] | None = None
    canary: Annotated[float, Meta(gt=0, lt=1)] | None = None
    bake_minutes: Annotated[float, Meta(ge=0, le=LONGEST_BAKE)] | None = None
    approval: bool | None = None
    served_at: datetime | None = None


class ChangeRollout(Request, frozen=True):
    """Go on with the rollout that is under way, or end it: nothing more has to be said."""


class SetThreshold(Request, frozen=True):
    """What makes the labels of a version: one of ``threshold``, ``recall``, ``precision`` and ``costs``.

    The first three are of the class ``label`` of two (left out: the rarer one): the probability from which on it is the
    label, or how much of it is to be found, or how many of its alarms are to be right. ``costs`` says what it costs to
    miss each class, 1 for those that are not named.
    """

    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    recall: Annotated[float, Meta(gt=0, le=1)] | None = None
    precision: Annotated[float, Meta(gt=0, le=1)] | None = None
    costs: dict[str, Annotated[float, Meta(ge=0)]] | None = None
    label: str | None = None


class LabelsView(msgspec.Struct, frozen=True):
    """What makes the labels of a version, and what that does on the rows that it held out.

    ``decision`` null: the label is the most probable class. ``serving``: whether the version is deployed.
    """

    model: str
    version: int
    serving: bool
    decision: LabelDecision | None


class ThresholdsView(msgspec.Struct, frozen=True):
    """What each threshold for the class ``label`` does on the held-out rows, and the rule that is in use.

    From ``thresholds[i]`` on, the highest first, ``hits[i]`` of the ``rows`` of the class get its label, and
    ``false_alarms[i]`` of the ``others``: those with a probability of ``probabilities[i]`` or more. Above the first one
    nothing does. ``whole``: there is an entry for every probability that can be told apart; else for some, spread
    evenly along the ROC curve, whose counts are exact. Of more than two ``classes`` the rows are those that are kept,
    and no rule has a threshold. ``decision`` and ``serving`` are those of `LabelsView`.
    """

    model: str
    version: int
    serving: bool
    decision: LabelDecision | None
    classes: tuple[str, ...]
    label: str
    rows: int
    others: int
    thresholds: list[float]
    probabilities: list[float]
    hits: list[int]
    false_alarms: list[int]
    whole: bool


class ShareView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A share of the traffic: ``version`` gets ``weight`` of it.

    ``rule`` makes its labels, where the most probable class does not.
    """

    version: int
    weight: float
    rule: LabelRule | None = None


class StintView(msgspec.Struct, frozen=True):
    """A time, which has ended, in which ``version`` was served."""

    version: int
    since: datetime
    until: datetime


class RolloutView(msgspec.Struct, frozen=True):
    """A version that is watched ``until`` then, beside ``before``, which is served again if something is wrong.

    ``began`` and ``by`` say who began that, and when; it needs an ``approval``, or is ``paused``. It is the change with
    this ``number`` of the history. Of the ``bake_seconds`` that it is watched in all, without pauses, ``seconds_left``
    are to come.
    """

    version: int
    before: int
    began: datetime
    until: datetime
    by: str
    approval: bool
    paused: bool
    number: int
    bake_seconds: float
    seconds_left: float


class HistoryView(msgspec.Struct, frozen=True):
    """A change: what is served from ``at`` on (nothing, if the model is retired), ``by`` whose decision, and why.

    A later change has a higher ``number``.
    """

    at: datetime
    cause: Cause
    by: str
    routes: list[ShareView]
    reason: str
    number: int


class DeploymentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """The versions that are served, and under which path; ``note`` says what a deployment left behind.

    ``since`` is when the first of them came to be served, ``updated`` when anything was changed last. ``earlier`` are
    the last twenty times in which another version was served, the latest first. ``rollout`` is the one under way.
    """

    model: str
    state: Literal["serving", "stopped"]
    path: str
    routes: list[ShareView]
    updated: datetime
    note: str = ""
    since: datetime | None = None
    earlier: tuple[StintView, ...] = ()
    rollout: RolloutView | None = None


bp = Blueprint(__name__)


@route(bp, "POST", "/v1/models/{model}/deploy", scope="write", body=DeployModel, returns=DeploymentView)
def deploy(call: Call[DeployModel], model: str) -> DeploymentView:
    """Serve a version (the newest, if none is named); it becomes the champion, unless it is a canary.

    Sent twice it changes nothing more. The version is loaded and predicts a row first: one that cannot is refused, and
    what is served stays.
    """
    check_wish(call.body)
    deployed, before = until_written(
        model, lambda: apply(call.platform, call.store, model, call.body, call.caller.key)
    )
    call.platform.loaded.forget(call.store.name, model)
    return replace(view(deployed, call.platform.clock()), note=left_behind(deployed, before))


def check_wish(body: DeployModel) -> None:
    """Raises `InvalidInput` for a wish that contradicts itself."""
    if body.version is not None and body.served_at is not None:
        raise InvalidInput("leave it out where the version is named", field="served_at")
    if body.canary is None and body.approval:
        raise InvalidInput("only a canary waits for one; say `canary` too", field="approval")


def apply(
    platform: Platform, store: Workspace, name: str, body: DeployModel, by: str
) -> tuple[Deployment, Deployment | None]:
    """One try: gather, decide, and write it in one transaction. What is deployed now, and what was before."""
    model = find.active_model(store, name)
    current = store.get(DEPLOYMENTS, name)
    chosen = body.version or model.value.latest
    if body.served_at is not None:
        from functions.serving.history import served_at  # noqa: PLC0415  (no prediction needs it)

        chosen = served_at(store, name, body.served_at)
    if chosen == 0:
        raise Conflict(f"model {name!r} has no version yet; train it first")
    found = find.version(store, name, chosen)
    version = found.value
    check_answers(store, version)
    seconds = None if body.bake_minutes is None else body.bake_minutes * 60.0
    if body.canary is None:
        bake = BAKE_SECONDS if seconds is None else seconds
        deployment, writes = serve_version(platform, store, version, current, by=by, bake_seconds=bake)
    else:
        from functions.serving.rollouts import canary  # noqa: PLC0415  (no prediction needs it)

        now = find.deployment(store, name) if current is None else current
        deployment, writes = canary(
            platform, store, version, now, body.canary, bake_seconds=seconds, approval=body.approval, by=by
        )
    champion = deployment.routes[0].version
    challenger = model.value.challenger if model.value.challenger != champion else None
    changed = replace(model.value, champion=champion, challenger=challenger)
    if changed != model.value:
        writes.append(store.put(MODELS, name, value=changed, expect=model.revision))
    if writes:
        # The deployment has a copy of the version's rule for labels.
        store.write(*writes, store.check(VERSIONS, name, number(chosen), expect=found.revision))
    return deployment, None if current is None else current.value


_DEPLOYMENT = "/v1/models/{model}/deployment"


@route(bp, "POST", f"{_DEPLOYMENT}/promote", scope="write", body=ChangeRollout, returns=DeploymentView)
def promote(call: Call[ChangeRollout], model: str) -> DeploymentView:
    """Give the canary all of the traffic: it becomes the champion. Sent twice it changes nothing more."""
    return _go_on(call, model, "promote")


@route(bp, "POST", f"{_DEPLOYMENT}/rollback", scope="write", body=ChangeRollout, returns=DeploymentView)
def rollback(call: Call[ChangeRollout], model: str) -> DeploymentView:
    """Serve what served before: without a canary, the version before this one. Sent twice it changes nothing more."""
    return _go_on(call, model, "roll_back")


@route(bp, "POST", f"{_DEPLOYMENT}/pause", scope="write", body=ChangeRollout, returns=DeploymentView)
def pause(call: Call[ChangeRollout], model: str) -> DeploymentView:
    """Leave the canary its share until somebody says more. Sent twice it changes nothing more."""
    return _go_on(call, model, "pause")


@route(bp, "POST", f"{_DEPLOYMENT}/resume", scope="write", body=ChangeRollout, returns=DeploymentView)
def resume(call: Call[ChangeRollout], model: str) -> DeploymentView:
    """Watch the canary for as long as was left when it was paused. Sent twice it changes nothing more."""
    return _go_on(call, model, "resume")


def _go_on(call: Call[ChangeRollout], model: str, name: str) -> DeploymentView:
    from functions.serving import rollouts  # noqa: PLC0415  (no prediction needs it)

    platform, store, by = call.platform, call.store, call.caller.key
    decide = rollouts.ROLLOUT_STEPS[name]

    def step(current: Stored[Deployment]) -> rollouts.Decided:
        return decide(platform, store, current, by)

    changed = until_written(model, lambda: rollouts.take(platform, store, model, step))
    platform.loaded.forget(store.name, model)
    return view(changed, platform.clock())


@route(bp, "GET", f"{_DEPLOYMENT}/history", scope="read", returns=Page[HistoryView], query=PAGING)
def history(call: Call[None], model: str) -> Page[HistoryView]:
    """Every change of what is served, the latest first: when, by whose decision, and why."""
    find.model(call.store, model)
    found = call.store.list(DEPLOYMENT_HISTORY, model, after=call.after, limit=call.limit + 1, reverse=True)
    return page([(key, _entry(int(key), stored.value)) for key, stored in found], call.limit)


def _entry(number: int, entry: HistoryEntry) -> HistoryView:
    routes = [ShareView(one.version, one.weight) for one in entry.shares]
    return HistoryView(entry.at, entry.cause, entry.by, routes, entry.reason, number)


@route(bp, "GET", "/v1/models/{model}/deployment", scope="read", returns=DeploymentView)
def deployment(call: Call[None], model: str) -> DeploymentView:
    """The deployment behind the model's address."""
    return view(find.deployment(call.store, model).value, call.platform.clock())


def view(deployment: Deployment, now: datetime) -> DeploymentView:
    """A deployment as a caller sees it at the time ``now``."""
    return DeploymentView(
        model=deployment.model,
        state=deployment.state,
        path=f"/v1/models/{deployment.model}/predict",
        routes=[ShareView(one.version, one.weight, one.rule) for one in deployment.routes],
        updated=deployment.updated,
        since=deployment.since,
        earlier=tuple(StintView(one.version, one.since, one.until) for one in deployment.earlier),
        rollout=_under_way(deployment, now),
    )


def _under_way(deployment: Deployment, now: datetime) -> RolloutView | None:
    one = deployment.rollout
    if one is None or (deployment.canary is None and one.until <= now):
        return None
    left = (one.until - (one.paused or now)).total_seconds()
    return RolloutView(
        version=one.version,
        before=one.before,
        began=one.began,
        until=one.until,
        by=one.by,
        approval=one.approval,
        paused=one.paused is not None,
        number=one.id,
        bake_seconds=(one.until - one.began).total_seconds() - one.rested,
        seconds_left=max(0.0, left),
    )


_THRESHOLD = "/v1/models/{model}/versions/{version}/threshold"


_LABEL = "The class whose threshold is meant; left out: that of the rule in use, else the rarest."


@route(bp, "GET", _THRESHOLD, scope="read", returns=ThresholdsView, query={"label": _LABEL})
def thresholds(call: Call[None], model: str, version: int) -> ThresholdsView:
    """What each threshold would do, counted on the rows that the version held out, and what makes its labels now."""
    from functions.training.labels import counted, serves  # noqa: PLC0415  (no prediction needs it)

    found = find.version(call.store, model, version).value
    alarms = counted(call.store, found, call.query.get("label"))
    current, curve = call.store.get(DEPLOYMENTS, model), alarms.curve
    return ThresholdsView(
        model=model,
        version=version,
        serving=current is not None and serves(current.value, version),
        decision=found.decision,
        classes=alarms.classes,
        label=alarms.label,
        rows=curve.rows,
        others=curve.others,
        thresholds=curve.cuts.tolist(),
        probabilities=curve.scores.tolist(),
        hits=curve.hits.tolist(),
        false_alarms=curve.false.tolist(),
        whole=alarms.whole,
    )


@route(bp, "PUT", _THRESHOLD, scope="write", body=SetThreshold, returns=LabelsView)
def threshold(call: Call[SetThreshold], model: str, version: int) -> LabelsView:
    """Say what makes labels of a version's probabilities; a deployed one labels so at once. The probabilities stay.

    What is wished is chosen on the rows that the version held out. An update gives its challenger the same wish.
    """
    return _set_rule(call, model, version, wish_of(call.body))


@route(bp, "DELETE", _THRESHOLD, scope="write", returns=LabelsView)
def no_threshold(call: Call[None], model: str, version: int) -> LabelsView:
    """Make the most probable class the label again. Sent twice it changes nothing more."""
    return _set_rule(call, model, version, None)


def _set_rule(call: Call[Any], model: str, version: int, wish: LabelWish | None) -> LabelsView:
    from functions.training.labels import serves, set_rule  # noqa: PLC0415  (no prediction needs it)

    by = call.caller.key
    changed = until_written(model, partial(set_rule, call.platform, call.store, model, version, wish, by))
    call.platform.loaded.forget(call.store.name, model)
    current = call.store.get(DEPLOYMENTS, model)
    serving = current is not None and serves(current.value, version)
    return LabelsView(model, version, serving, changed.decision)


def wish_of(body: SetThreshold) -> LabelWish:
    """The one thing that is wished. Raises `InvalidInput` for none, or several."""
    given = [
        name for name in ("threshold", "recall", "precision", "costs") if getattr(body, name) is not None
    ]
    if len(given) != 1:
        raise InvalidInput(
            "give one of threshold, recall, precision and costs"
            + (f", not {' and '.join(given)}" if given else ""),
            field=given[1] if given else "threshold",
        )
    if body.costs is None:
        return LabelWish(given[0], getattr(body, given[0]), body.label)  # type: ignore[arg-type]
    if body.label is not None:
        raise InvalidInput("costs name each class by themselves; leave the label out", field="label")
    return LabelWish("costs", costs=body.costs)
