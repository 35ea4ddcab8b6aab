"""The result of `Model.monitor`."""

from html import escape

import msgspec

from lepton_ai.show import figure, html_table, text_table
from lepton_core.monitor import Alert, Drift


class VersionCalls(msgspec.Struct, frozen=True):
    """The calls of one version: those ``refused``, why by the code of the error, and those that ``failed`` among them.

    A call that failed was no fault of the caller.
    """

    version: int
    requests: int
    refused: int
    failed: int
    reasons: dict[str, int]
    latency_p50_ms: float | None
    latency_p99_ms: float | None

    def __str__(self) -> str:
        """One line."""
        why = ", ".join(f"{count} {code}" for code, count in self.reasons.items())
        said = f"version {self.version}: {self.requests} calls, {self.refused} refused" + (
            f" ({why})" if why else ""
        )
        return f"{said}, {self.failed} failed"


class MonitorReport(msgspec.Struct, frozen=True):
    """Traffic of the last ``hours`` hours, and how far it drifted from what the model was trained on.

    ``status`` is 'no traffic', 'healthy', 'drift', 'slow' or 'failing' (too many calls are refused, or fail).
    Latencies are in milliseconds. ``versions`` are all that were called; an earlier platform does not tell them.
    """

    model: str
    version: int | None
    hours: int
    requests: int
    rows: int
    errors: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    features: list[Drift]
    prediction: Drift | None
    alerts: list[Alert]
    status: str
    versions: list[VersionCalls] = []

    @property
    def drifted(self) -> list[str]:
        """The names of the features that drifted."""
        return [feature.name for feature in self.features if feature.drifted]

    def __repr__(self) -> str:
        return (
            f"<MonitorReport {self.title()}: {self.requests} requests, {len(self.drifted)} features drifted>"
        )

    def title(self) -> str:
        """The first line."""
        version = "no version" if self.version is None else f"version {self.version}"
        return f"{self.model} {version}: {self.status}"

    def __str__(self) -> str:
        """The whole report as text."""
        lines = [f"{self.title()} (last {self.hours} h)", *(f"  {line}" for line in self._traffic())]
        if self.rows:
            table = text_table(*self._table())
            lines += ["", *(f"  {line}" for line in table.splitlines())]
            if self._hidden():
                lines.append(f"  {self._hidden()}")
        if self.alerts:
            lines += ["", *(f"  {self._alert(alert)}" for alert in self.alerts)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<h4>{escape(self.title())} (last {self.hours} h)</h4>"]
        parts += [f"<p>{escape(line)}</p>" for line in self._traffic()]
        if self.rows:
            parts.append(html_table(*self._table()))
            parts.append(f"<p>{escape(self._hidden())}</p>" if self._hidden() else "")
        if self.alerts:
            items = "".join(f"<li>{escape(self._alert(alert))}</li>" for alert in self.alerts)
            parts.append(f"<ul>{items}</ul>")
        return "".join(parts)

    def _traffic(self) -> list[str]:
        lines = [f"{self.requests} requests, {self.rows} rows, {self.errors} errors"]
        if self.latency_p50_ms is not None and self.latency_p99_ms is not None:
            lines.append(
                f"latency p50 {figure(self.latency_p50_ms)} ms, p99 {figure(self.latency_p99_ms)} ms"
            )
        if len(self.versions) > 1 or any(one.refused for one in self.versions):
            lines += map(str, self.versions)
        return lines

    def _drifts(self) -> list[Drift]:
        # The worst first; what did not drift is cut after the tenth line.
        order = sorted(self.features, key=lambda drift: (not drift.drifted, -drift.psi))
        shown = order[: max(10, len(self.drifted))]
        return shown if self.prediction is None else [self.prediction, *shown]

    def _hidden(self) -> str:
        hidden = len(self.features) - max(10, len(self.drifted))
        return f"{hidden} more features did not drift" if hidden > 0 else ""

    def _table(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [
                "(prediction)" if drift is self.prediction else drift.name,
                f"{drift.psi:.3f}",
                f"{drift.alarm:.3f}",
                "drifted" if drift.drifted else "ok",
            ]
            for drift in self._drifts()
        ]
        return ["feature", "psi", "alarm at", ""], rows

    @staticmethod
    def _alert(alert: Alert) -> str:
        seen = f"{alert.opened:%Y-%m-%d %H:%M} UTC" + (
            f", seen {alert.count} times" if alert.count > 1 else ""
        )
        return f"alert {alert.name} ({alert.state}) since {seen}: {alert.message}"
