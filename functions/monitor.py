"""Monitor: the traffic of the last hours against the training reference, and the alerts that come of it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Literal

import msgspec
from chalice.app import Blueprint, Rate

from functions.context import Platform, current, log
from functions.edge import PAGING, Call, Count, page, route
from functions.edge.shapes import Page
from functions.records import find
from functions.records.intents import due_models
from functions.records.kinds import ALERTS, WINDOWS, Alert, number
from functions.records.names import readable_key
from functions.serving.artifacts import read_version
from functions.storage import Lost, Workspace
from lepton_core import monitor as core
from lepton_core.drift import Profile, Sketch, empty_sketch, merge, quantile
from lepton_core.errors import LeptonError


class FeatureDrift(msgspec.Struct, frozen=True):
    """The population stability index of one feature (or of the prediction) against the training reference.

    ``alarm`` is the line that ``psi`` must cross: the fixed threshold, or the noise of so few rows if that is higher.
    """

    name: str
    psi: float
    alarm: float
    drifted: bool


class AlertView(msgspec.Struct, frozen=True):
    """An alert as a caller sees it."""

    name: str
    state: Literal["open", "closed"]
    message: str
    value: float
    threshold: float
    opened: datetime
    seen: datetime
    count: int
    closed: datetime | None = None


class MonitorReport(msgspec.Struct, frozen=True):
    """The traffic of the last ``hours`` hours, and how far it drifted from what the model was trained on."""

    model: str
    version: int | None
    hours: int
    requests: int
    rows: int
    errors: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    features: list[FeatureDrift]
    prediction: FeatureDrift | None
    alerts: list[AlertView]
    status: Literal["no traffic", "healthy", "drift"]


bp = Blueprint(__name__)


HOURS = Count("How many hours back, the current one included.", default=24, low=1, high=24 * 31)


PAGE = 200


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
    call.platform.served.flush(call.platform)
    return report(call.platform, call.store, model, call.count("hours"))


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
    call.platform.served.flush(call.platform)
    check(call.platform, call.store, model, call.count("hours"))
    return report(call.platform, call.store, model, call.count("hours"))


@route(bp, "GET", "/v1/models/{model}/alerts", scope="read", returns=Page[AlertView], query=PAGING)
def alerts(call: Call[None], model: str) -> Page[AlertView]:
    """All alerts of the model, open and closed."""
    find.model(call.store, model)
    found = call.store.list(ALERTS, model, after=call.after, limit=call.limit + 1)
    return page([(key, _view(stored.value)) for key, stored in found], call.limit)


@bp.schedule(Rate(1, unit=Rate.HOURS), name="monitor_hourly")
def monitor_hourly(event: Any) -> None:
    """Assess the traffic of every deployed model."""
    platform = current()
    for store, model in due_models(platform):
        try:
            check(platform, store, model, HOURS.default)
        except LeptonError as error:
            log.warning("model %s/%s was not assessed: %s", store.name, model, error.message)
        except Exception:  # noqa: BLE001  (the others need their assessment all the same)
            log.exception("the assessment of model %s/%s failed", store.name, model)


def check(platform: Platform, store: Workspace, model: str, hours: int) -> None:
    """Assess the served version's traffic and write what that changes about the alerts."""
    version = _served_version(store, model)
    profile = read_version(store, model, version).reference
    assessment = core.assess(profile, _traffic(platform, store, model, version, profile, hours))
    stored = {alert.value.name: alert for _, alert in store.list(ALERTS, model, limit=1000)}
    waiting = [_to_core(alert.value) for alert in stored.values() if alert.value.state == "open"]
    for change in core.next_alerts(waiting, assessment, platform.clock()):
        alert = _from_core(model, change.alert)
        before = stored.get(alert.name)
        expect = 0 if before is None else before.revision
        try:
            key = readable_key(alert.name, alert.name.encode())
            store.write(store.put(ALERTS, model, key, value=alert, expect=expect))
        except Lost:
            continue  # somebody else assessed the same traffic at the same time
        if change.kind != "repeated":
            log.warning("alert %s: model %s/%s, %s", change.kind, store.name, model, alert.message)


def report(platform: Platform, store: Workspace, model: str, hours: int) -> MonitorReport:
    """What a caller sees; nothing is written."""
    version = _served_version(store, model)
    profile = read_version(store, model, version).reference
    sketch = _traffic(platform, store, model, version, profile, hours)
    assessment = core.assess(profile, sketch)
    status: Literal["drift", "healthy"] = "drift" if assessment.drifted else "healthy"
    return MonitorReport(
        model=model,
        version=version,
        hours=hours,
        requests=sketch.requests,
        rows=sketch.rows,
        errors=sketch.errors,
        latency_p50_ms=quantile(sketch.latency, 0.5) if sketch.requests else None,
        latency_p99_ms=quantile(sketch.latency, 0.99) if sketch.requests else None,
        features=[FeatureDrift(**asdict(drift)) for drift in assessment.features],
        prediction=FeatureDrift(**asdict(assessment.prediction)),
        alerts=[
            _view(alert.value)
            for _, alert in store.list(ALERTS, model, limit=1000)
            if alert.value.state == "open"
        ],
        status=status if sketch.requests else "no traffic",
    )


def _served_version(store: Workspace, model: str) -> int:
    find.model(store, model)
    return find.deployment(store, model).value.routes[0].version


def _traffic(
    platform: Platform, store: Workspace, model: str, version: int, profile: Profile, hours: int
) -> Sketch:
    """Everything that all processes counted for this version in the last ``hours`` hours."""
    first = platform.clock() - timedelta(hours=hours - 1)
    after = first.strftime("%Y-%m-%dT%H")
    sketches = [empty_sketch(profile)]
    while found := store.list(WINDOWS, model, after=after, limit=PAGE):
        for after, window in found:
            if f":{number(version)}:" in after:
                sketches.append(Sketch.from_dict(window.value.sketch))
    return reduce(merge, sketches)


def _to_core(alert: Alert) -> core.Alert:
    fields = msgspec.structs.asdict(alert)
    return core.Alert(**{name: value for name, value in fields.items() if name not in ("model", "state")})


def _from_core(model: str, alert: core.Alert) -> Alert:
    return Alert(model=model, state="closed" if alert.closed else "open", **asdict(alert))


def _view(alert: Alert) -> AlertView:
    fields = msgspec.structs.asdict(alert)
    return AlertView(**{name: value for name, value in fields.items() if name != "model"})
