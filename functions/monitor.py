"""Monitor: the traffic of the last hours against the training reference, and the alerts that come of it."""

import dataclasses
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal

import msgspec
from chalice.app import Blueprint, Rate

from functions.context import Platform, current, log
from functions.edge import PAGING, Call, Count, Exposition, page, route
from functions.edge.shapes import Page
from functions.records import find
from functions.records.change import until_written
from functions.records.deployments import Share
from functions.records.intents import due_models, pointing, update_wanted
from functions.records.kinds import ALARMED, ALERTS
from functions.records.readable_key import readable_key
from functions.serving.artifacts import read_predictor
from functions.serving.windows import calls_by_step, first_hour, traffic_by_step, traffic_since
from functions.storage import Lost, Workspace, Write
from lepton_core import monitor as core
from lepton_core import watched
from lepton_core.drift import Profile, Sketch, no_calls, quantile
from lepton_core.errors import InvalidInput, LeptonError

Status = Literal["no traffic", "healthy", "drift", "slow", "failing"]


class VersionCalls(msgspec.Struct, frozen=True):
    """The calls that one version had in these hours: ``requests``, with those ``refused``, by the code of the error.

    ``failed`` are those among the refused that were no fault of the caller. Latencies are in milliseconds, null without
    a call.
    """

    version: int
    requests: int
    refused: int
    failed: int
    reasons: dict[str, int]
    latency_p50_ms: float | None
    latency_p99_ms: float | None


class MonitorReport(msgspec.Struct, frozen=True):
    """The traffic of the last ``hours`` hours, and how far it drifted from what the model was trained on.

    ``status`` is 'failing' if more calls are refused, or fail, than chance explains, 'slow' if they take much longer
    than those of the version before, 'drift' if something else crossed its line. ``versions`` are all that were called.
    """

    model: str
    version: int | None
    hours: int
    requests: int
    rows: int
    errors: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    features: list[core.Drift]
    prediction: core.Drift | None
    alerts: list[core.Alert]
    status: Status
    versions: list[VersionCalls]


class TrafficReport(msgspec.Struct, frozen=True):
    """The calls of a model over time, whatever version answered: a point for each ``step_hours`` of the ``hours``."""

    model: str
    hours: int
    step_hours: int
    points: list[watched.Calls]


bp = Blueprint(__name__)

HOURS = Count("How many hours back, the current one included.", default=24, low=1, high=24 * 31)

_DIGITS = 10
"""Of the longest place that there may be."""

FEATURES = Count("The most features on the page.", default=20, low=1, high=200)


@route(
    bp,
    "GET",
    "/v1/models/{model}/monitor",
    scope="read",
    returns=MonitorReport,
    query={"hours": HOURS},
)
def monitor(call: Call[None], model: str) -> MonitorReport:
    """The traffic of the last hours, how far it drifted from the training data, and the alerts that are open."""
    call.platform.loaded.flush()
    return report(call.store, assess(call.platform, call.store, model, call.count("hours")))


@route(
    bp,
    "POST",
    "/v1/models/{model}/monitor",
    scope="write",
    returns=MonitorReport,
    query={"hours": HOURS},
)
def check_now(call: Call[None], model: str) -> MonitorReport:
    """Do now what the schedule does every hour: assess the traffic, open and close alerts, and report."""
    call.platform.loaded.flush()
    assessed = assess(call.platform, call.store, model, call.count("hours"))
    raise_alerts(call.platform, call.store, assessed)
    return report(call.store, assessed)


@route(
    bp,
    "GET",
    "/v1/models/{model}/monitor/traffic",
    scope="read",
    returns=TrafficReport,
    query={"hours": HOURS},
)
def traffic(call: Call[None], model: str) -> TrafficReport:
    """The calls of the last hours one after the other, the earliest first: how many, how many refused, how long."""
    find.model(call.store, model)
    call.platform.loaded.flush()
    hours = call.count("hours")
    first, step = first_hour(call.platform.clock(), hours), watched.step_of(hours)
    found = calls_by_step(call.store, model, first, step)
    begins = [first + timedelta(hours=at) for at in range(0, hours, step)]
    return TrafficReport(model, hours, step, [watched.traffic_of(at, found.get(at)) for at in begins])


@route(
    bp,
    "GET",
    "/v1/models/{model}/monitor/features",
    scope="read",
    returns=Page[watched.Watched],
    query={**PAGING, "limit": FEATURES, "hours": HOURS},
)
def features(call: Call[None], model: str) -> Page[watched.Watched]:
    """Each feature, and the prediction, bin by bin beside the training rows; those first that moved most."""
    find.model(call.store, model)
    call.platform.loaded.flush()
    served = find.deployment(call.store, model).value.routes[0]
    profile = _profile(call.platform, call.store, model, served)
    hours, begin, limit = call.count("hours"), _rank(call.after), call.count("limit")
    first, step = first_hour(call.platform.clock(), hours), watched.step_of(hours, watched.FEW_POINTS)
    past = traffic_by_step(call.store, model, served.version, first, step)
    found = watched.watched(profile, past, slice(begin, begin + limit + 1))
    return page([(str(begin + at), one) for at, one in enumerate(found, 1)], limit)


def _rank(after: str) -> int:
    """How many were on the pages before. Raises `InvalidInput`."""
    if after and not (after.isascii() and after.isdecimal() and len(after) < _DIGITS):
        raise InvalidInput("take the `next` of the page before this one", field="after")
    return int(after or 0)


@route(bp, "GET", "/v1/models/{model}/alerts", scope="read", returns=Page[core.Alert], query=PAGING)
def alerts(call: Call[None], model: str) -> Page[core.Alert]:
    """All alerts of the model, open and closed."""
    find.model(call.store, model)
    found = call.store.list(ALERTS, model, after=call.after, limit=call.limit + 1)
    return page([(key, stored.value) for key, stored in found], call.limit)


@route(bp, "GET", "/metrics", scope="read", returns=Exposition)
def metrics(call: Call[None]) -> Exposition:
    """The calls of each deployed model, for Prometheus: as text, or as OpenMetrics for a caller that accepts it.

    All processes are counted together, and no count ever falls. Of more than 500 models the first by name are told.
    """
    from functions.serving.exposition import exposition  # noqa: PLC0415  (no prediction needs it)

    call.platform.loaded.flush()
    return exposition(call.platform.system, call.store, call.headers.get("accept", ""))


@bp.schedule(Rate(1, unit=Rate.HOURS), name="monitor_hourly")
def monitor_hourly(event: Any) -> None:
    """Assess the traffic of every deployed model, and add up that of past hours."""
    from functions.serving.totals import add_up  # noqa: PLC0415  (no prediction needs it)

    platform = current()
    for store, model in due_models(platform.system, platform.troubles.pass_over):
        try:
            add_up(store, model, platform.clock())
            raise_alerts(platform, store, assess(platform, store, model, HOURS.default))
        except LeptonError as error:
            log.warning("model %s/%s was not assessed: %s", store.name, model, error.message)
        except Exception:  # noqa: BLE001  (the others need their assessment all the same)
            log.exception("the assessment of model %s/%s failed", store.name, model)


@dataclass(frozen=True)
class Assessed:
    """The traffic of one served version in the last ``hours`` hours, and what it is against the training data."""

    model: str
    version: int
    hours: int
    traffic: Sketch
    others: dict[int, Sketch]
    found: core.Assessment


def assess(platform: Platform, store: Workspace, model: str, hours: int) -> Assessed:
    """Gather the served version's traffic, and measure it. Raises `NotFound` and `Damaged`."""
    find.model(store, model)
    deployment = find.deployment(store, model).value
    served = deployment.routes[0]
    profile = _profile(platform, store, model, served)
    first = first_hour(platform.clock(), hours)
    traffic, others = traffic_since(store, model, served.version, profile, first)
    found = core.assess(profile, traffic)
    if traffic.requests:
        before = deployment.earlier[0].version if deployment.earlier else None
        found = dataclasses.replace(found, fault=_fault(traffic, served.version, others, before))
    return Assessed(model, served.version, hours, traffic, others, found)


def _fault(traffic: Sketch, version: int, others: dict[int, Sketch], before: int | None) -> core.Fault | None:
    """What is wrong with the calls of a version, beside those of the one ``before`` it; refused ones are told apart."""
    from lepton_core.rollout import fault  # noqa: PLC0415  (no prediction needs it)

    old = no_calls() if before is None else others.get(before, no_calls())
    calls, known = (dataclasses.replace(one, alike=one.refused - one.failed) for one in (traffic, old))
    return fault(calls, known, f"version {version}", f"version {before}")


def raise_alerts(platform: Platform, store: Workspace, assessed: Assessed) -> None:
    """Write what an assessment changes about the alerts."""
    model = assessed.model
    stored = {alert.value.name: alert for _, alert in store.all(ALERTS, model)}
    waiting = [alert.value for alert in stored.values() if alert.value.state == "open"]
    opened = False
    for change in core.next_alerts(waiting, assessed.found, platform.clock()):
        before = stored.get(change.alert.name)
        write = partial(_write, platform, store, model, change, 0 if before is None else before.revision)
        if until_written(model, write) and change.kind != "repeated":
            log.warning("alert %s: model %s/%s, %s", change.kind, store.name, model, change.alert.message)
            opened = opened or change.kind == "opened"
    if stored:
        _forget_alarm(platform, store, model)
    if opened:
        platform.wake()


def _write(platform: Platform, store: Workspace, model: str, change: core.Change, expect: int) -> bool:
    """Write an alert; with one of drift that opens, that an update is wanted.

    False: somebody else assessed the same traffic. Raises `Lost` if only the intent, or the pointer that says that the
    model has an open alert, was changed by somebody else.
    """
    alert, now = change.alert, platform.clock()
    key = readable_key(alert.name, alert.name.encode())
    writes: list[Write] = [store.put(ALERTS, model, key, value=alert, expect=expect)]
    if alert.state == "open":
        writes += pointing(platform.system, ALARMED, store.name, model, model, now)
    if change.kind == "opened" and alert.name not in core.OF_CALLS:
        reason = f"alert {alert.name!r} opened"
        writes.append(update_wanted(platform.system, store.name, model, reason, now))
    try:
        store.write(*writes)
    except Lost:
        stored = store.get(ALERTS, model, key)
        if (0 if stored is None else stored.revision) != expect:
            return False
        raise
    return True


def _forget_alarm(platform: Platform, store: Workspace, model: str) -> None:
    """Remove the pointer to a model that has no open alert any more: also one that a crash left behind."""
    key = f"{store.name}:{model}"
    due = platform.system.get(ALARMED, key)
    if due is not None and next(find.open_alerts(store, model), None) is None:
        with suppress(Lost):
            platform.system.write(platform.system.delete(ALARMED, key, expect=due.revision))


def report(store: Workspace, assessed: Assessed) -> MonitorReport:
    """The report that a caller sees; nothing is written."""
    traffic, found = assessed.traffic, assessed.found
    status: Status = "drift" if found.drifted else "healthy"
    if found.fault is not None:
        status = found.fault.rule
    if found.refusals.failing:
        status = "failing"
    # A file that was scored has rows and no calls.
    every = {**assessed.others, assessed.version: traffic}
    called = {version: one for version, one in every.items() if one.requests}
    return MonitorReport(
        model=assessed.model,
        version=assessed.version,
        hours=assessed.hours,
        requests=traffic.requests,
        rows=traffic.rows,
        errors=traffic.errors,
        latency_p50_ms=quantile(traffic.latency, 0.5) if traffic.requests else None,
        latency_p99_ms=quantile(traffic.latency, 0.99) if traffic.requests else None,
        features=list(found.features),
        prediction=found.prediction,
        alerts=[alert.value for _, alert in find.open_alerts(store, assessed.model)],
        status=status if traffic.requests or traffic.rows else "no traffic",
        versions=[_calls_of(version, called[version]) for version in sorted(called)],
    )


def _calls_of(version: int, calls: Sketch) -> VersionCalls:
    return VersionCalls(
        version,
        calls.requests,
        calls.refused,
        calls.failed,
        dict(sorted(calls.reasons.items())),
        quantile(calls.latency, 0.5),
        quantile(calls.latency, 0.99),
    )


def _profile(platform: Platform, store: Workspace, model: str, served: Share) -> Profile:
    """The profile of the rows that the version was trained on; its file is read once a process for it."""

    def read() -> Profile:
        return read_predictor(store, model, served.version, served.artifact).reference

    return platform.profiles.get((store.name, served.artifact), read)
