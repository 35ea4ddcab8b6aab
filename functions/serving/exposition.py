"""The figures of all deployed models as text that Prometheus reads, or as OpenMetrics.

Names and units are as https://prometheus.io/docs/practices/naming wants them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from functions.context import VERSION
from functions.edge.respond import Exposition
from functions.records import find
from functions.records.intents import pointed_at
from functions.records.kinds import DEPLOYMENTS, DUE_MODELS
from functions.serving.totals import calls_ever
from functions.storage import Workspace
from lepton_core.drift import LATENCY_EDGES, Sketch

MOST_TOLD = 500
"""Models, by name, of which one answer has the figures."""

EACH = 5
"""Every so manyth edge of the buckets of durations is told: one is about twice the one before."""

_LABELS = ("model", "version")


@dataclass(frozen=True)
class _Model:
    """Of each version its ``calls``, and the share (0 to 1) of the traffic that it gets now; ``alerts`` are open."""

    name: str
    calls: Mapping[int, Sketch]
    weights: Mapping[int, float]
    alerts: int


class _Told(Collector):
    def __init__(self, families: Sequence[Any]) -> None:
        self._families = families

    def collect(self) -> Iterable[Any]:
        return self._families


def exposition(system: Workspace, store: Workspace, accept: str) -> Exposition:
    """The figures of the first `MOST_TOLD` deployed models by name, in the format that the caller accepts."""
    names = pointed_at(system, DUE_MODELS, store.name)
    told = [_model(store, name) for name in islice(names, MOST_TOLD)]
    registry: Any = _Told(list(_families(told, untold=sum(1 for _ in names))))
    if "application/openmetrics-text" in accept:
        text = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
        return Exposition(text.decode(), openmetrics.CONTENT_TYPE_LATEST)
    return Exposition(generate_latest(registry).decode(), CONTENT_TYPE_PLAIN_0_0_4)


def _model(store: Workspace, name: str) -> _Model:
    deployed = store.get(DEPLOYMENTS, name)
    routes = [] if deployed is None or deployed.value.state == "stopped" else deployed.value.routes
    weights = {share.version: share.weight for share in routes}
    return _Model(name, calls_ever(store, name), weights, sum(1 for _ in find.open_alerts(store, name)))


def _families(told: Sequence[_Model], untold: int) -> Iterator[Any]:
    yield InfoMetricFamily("lepton_build", "The platform that answers.", {"version": VERSION})
    yield from _counts(told)
    yield _durations(told)
    weights = GaugeMetricFamily(
        "lepton_traffic_ratio", "Share of a model's calls that a version gets.", labels=_LABELS
    )
    alerts = GaugeMetricFamily("lepton_open_alerts", "Alerts of a model that are open.", labels=["model"])
    for one in told:
        alerts.add_metric([one.name], one.alerts)
        for version, weight in one.weights.items():
            weights.add_metric([one.name, str(version)], weight)
    yield weights
    yield alerts
    yield GaugeMetricFamily("lepton_models_left_out", "Deployed models that are not told here.", untold)


def _counts(told: Sequence[_Model]) -> Iterator[Any]:
    requests = CounterMetricFamily("lepton_requests", "Calls for predictions.", labels=_LABELS)
    rows = CounterMetricFamily("lepton_rows", "Rows that got a prediction.", labels=_LABELS)
    unread = CounterMetricFamily(
        "lepton_row_errors",
        "Rows that could not be read, and 1 for a call refused otherwise.",
        labels=_LABELS,
    )
    failed = CounterMetricFamily(
        "lepton_failed_requests", "Calls that failed by the platform's own fault.", labels=_LABELS
    )
    refused = CounterMetricFamily(
        "lepton_refused_requests",
        "Calls that were refused or failed, by the code of the error.",
        labels=(*_LABELS, "code"),
    )
    for model, version, calls in _of_each(told):
        requests.add_metric([model, version], calls.requests)
        rows.add_metric([model, version], calls.rows)
        unread.add_metric([model, version], calls.errors)
        failed.add_metric([model, version], calls.failed)
        for code, count in _codes(calls):
            refused.add_metric([model, version, code], count)
    yield from (requests, rows, unread, failed, refused)


def _codes(calls: Sketch) -> Iterator[tuple[str, int]]:
    """How many calls got each code; those from before codes were counted have "unknown"."""
    yield from sorted(calls.reasons.items())
    unknown = calls.refused - sum(calls.reasons.values())
    if unknown:
        yield "unknown", unknown


def _durations(told: Sequence[_Model]) -> Any:
    family = HistogramMetricFamily(
        "lepton_request_duration_seconds", "How long calls took inside the platform.", labels=_LABELS
    )
    for model, version, calls in _of_each(told):
        reached = np.cumsum(calls.latency)
        edges = range(0, len(LATENCY_EDGES), EACH)
        buckets = [(f"{LATENCY_EDGES[at] / 1000:.3g}", float(reached[at])) for at in edges]
        family.add_metric([model, version], [*buckets, ("+Inf", float(reached[-1]))], None)
    return family


def _of_each(told: Sequence[_Model]) -> Iterator[tuple[str, str, Sketch]]:
    return ((one.name, str(version), calls) for one in told for version, calls in one.calls.items())
