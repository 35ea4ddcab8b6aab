// What each version of a model was asked in some hours, how it answered and how long that took.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { count, figure, more, t } from "./words.js";
import { Card, Table } from "./parts.js";

await more("rollout");

// A row for each of the `versions` that was called in the last day.
export function VersionCalls({ path, versions }) {
  const { value } = useLive(`${path}/monitor?hours=24`, () => 5);
  return value && html`<${Calls} rows=${value.versions.filter((one) => versions.includes(one.version))} />
    <p class="hint">${t("calls.day")}</p>`;
}

// The card of all versions that a report tells of.
export function EveryVersion({ report }) {
  return report?.versions.length > 0 && html`<${Card} title=${t("calls")} wide=${true}><${Calls} rows=${report.versions} /><//>`;
}

function refused({ refused, failed, reasons }) {
  const codes = Object.entries(reasons);
  return html`${count(refused - failed)}${codes.length > 0 && html` <small class="hint">${codes.map(([code, times]) => `${code} ${count(times)}`).join(", ")}</small>`}`;
}

const took = (ms) => (ms === null ? "–" : t("ms", { ms: figure(ms) }));

function Calls({ rows }) {
  if (!rows.length) return html`<p class="hint">${t("calls.none")}</p>`;
  return html`<${Table} label=${t("calls")} by=${(one) => one.version} rows=${[...rows].sort((a, b) => b.version - a.version)} columns=${[
      { name: t("version-name"), of: (one) => html`<span class="nowrap">${t("version", { version: one.version })}</span>` },
      { name: t("calls.all"), number: true, of: (one) => count(one.requests) },
      { name: t("calls.refused"), number: true, of: refused },
      { name: t("calls.failed"), number: true, of: (one) => count(one.failed) },
      { name: t("traffic.half"), number: true, of: (one) => took(one.latency_p50_ms) },
      { name: t("traffic.slowest"), number: true, of: (one) => took(one.latency_p99_ms) },
    ]} />`;
}
