// The tab of a model that serves: its traffic over time, what moved away from the training rows, and the alerts.
import { html } from "./ui.js";
import { post, useList, useLive } from "./api.js";
import { count, figure, moment, more, said, share, t } from "./words.js";
import { Ago, Card, Do, Facts, link, Loaded, State, Table } from "./parts.js";
import { Columns, Lines } from "./charts.js";
import { Versions } from "./over_versions.js";
import { EveryVersion } from "./version-calls.js";

await more("rollout");

const WINDOWS = [24, 168, 720];
const HOUR = 3_600_000;
const A_PAGE = 12;
// Alerts of a version that was rolled back.
const ROLLED = ["failing", "slow"];

export function MonitorTab({ model, path, at }) {
  const asked = Number(at.query.get("hours"));
  const hours = WINDOWS.includes(asked) ? asked : WINDOWS[0];
  const after = at.query.get("after") || "";
  const pace = () => (hours > 24 ? 60 : 15); // many hours of many columns take the platform seconds
  const report = useLive(`${path}/monitor?hours=${hours}`, pace);
  const traffic = useLive(`${path}/monitor/traffic?hours=${hours}`, pace);
  const moved = useLive(`${path}/monitor/features?hours=${hours}&limit=${A_PAGE}&after=${encodeURIComponent(after)}`, pace);
  const alerts = useList(`${path}/alerts?limit=1000`, () => 30);
  const look = async () => {
    await post(`${path}/monitor`); // over a day, as the schedule looks
    for (const one of [report, traffic, moved, alerts]) one.again();
  };
  const here = (more) => `${link("models", model.name, "monitor")}?${new URLSearchParams(more)}`;
  return html`<div class="monitor-head">
      <nav class="choices" aria-label=${t("monitor.window")}>${WINDOWS.map(
        (one) => html`<a href=${here({ hours: one })} aria-current=${one === hours ? "true" : undefined}>${one === 24 ? t("hours-of", { count: one }) : t("days-of", { count: one / 24 })}</a>`,
      )}</nav>
      <${Do} act=${look} quiet=${true}>${t("monitor.look")}<//>
    </div>
    <${Loaded} of=${report}>${(found) => html`<${Summary} of=${found} model=${model} />`}<//>
    <${Loaded} of=${traffic}>${(found) => html`<${Traffic} of=${found} />`}<//>
    <${EveryVersion} report=${report.value} />
    <${Loaded} of=${moved}>${(page) => html`<${Moved} page=${page} after=${after} hours=${hours} here=${here} />`}<//>
    <${Loaded} of=${alerts}>${(page) => html`<${Alerts} of=${page.items} />`}<//>
    <${Versions} model=${model} path=${path} query=${at.query} to=${(chosen) => here({ hours, ...(after && { after }), ...chosen })} />`;
}

// The one sentence to begin with, and what is wrong just now.
function Summary({ of, model }) {
  const moved = [...of.features, of.prediction].filter((one) => one && one.drifted).length;
  const text = {
    "no traffic": () => t("monitor.quiet"),
    healthy: () => t("monitor.healthy"),
    drift: () => t("monitor.drift", { count: count(moved) }),
    failing: () => t("monitor.failing"),
  }[of.status];
  return html`<div class="summary" role="status">
    <p><${State} state=${of.status} /> ${text ? text() : ""} <small>${of.version && t("monitor.of-version", { version: of.version })}</small>
      ${!of.requests && html` <a href=${link("models", model.name, "try")}>${t("try")}</a>`}</p>
    ${of.alerts.length > 0 && html`<ul class="open-alerts">${of.alerts.map((one) => html`<li><b title=${one.name}>${subject(one)}</b> ${ROLLED.includes(one.name) ? html`<span lang="en">${one.message}</span>` : html`<span>${t("alert.figures", { value: figure(round(one.value)), line: figure(round(one.threshold)) })}</span>`} <small>${t("alert.since")} <${Ago} at=${one.opened} /></small></li>`)}</ul>
      <p class="hint">${t("alerts.day")}</p>`}
  </div>`;
}

// Whom an alert is about, in words.
export function subject(alert) {
  if (alert.name === "prediction") return t("alert.prediction");
  if (alert.name === "failing") return t("alert.failing");
  if (alert.name === "slow") return t("alert.slow");
  if (alert.name === "refused calls") return t("alert.refused");
  if (alert.name === "failing" || alert.name === "slow") return said("state", alert.name);
  return t("alert.feature", { name: alert.name.replace(/^feature:/, "") });
}

// Time as a number on a line: hours, or days, before the newest point.
function timeOf(points, hours) {
  const end = new Date(points[points.length - 1].begins).getTime();
  const unit = hours > 24 ? 24 * HOUR : HOUR;
  return {
    at: (one) => (new Date(one.begins).getTime() - end) / unit,
    axis: {
      name: t("time"),
      format: (a) => moment(end + a * unit),
      tick: (a) => (a === 0 ? t("now") : t(hours > 24 ? "days-ago" : "hours-ago", { count: figure(-a) })),
    },
  };
}

function Traffic({ of }) {
  const { points } = of;
  const sum = (name) => points.reduce((whole, one) => whole + one[name], 0);
  if (!sum("requests")) return null;
  const { at, axis } = timeOf(points, of.hours);
  const line = (name) => points.map((one) => [at(one), one[name] ?? NaN]);
  const per = of.step_hours === 1 ? t("per-hour") : t("per-hours", { count: of.step_hours });
  const ms = (value) => t("ms", { ms: figure(value) });
  const whole = { format: (value) => (Number.isInteger(value) ? count(value) : "") };
  return html`<${Card} title=${t("traffic")} aside=${per} wide=${true}>
    <div class="drawn">
      <${Lines} label=${t("traffic.rows")} aside=${count(sum("rows"))} series=${[{ name: t("traffic.rows"), points: line("rows") }]} x=${axis} y=${{ ...whole, domain: [0, most(points, "rows")] }} height=${180} />
      <${Lines} label=${t("traffic.time")} series=${[{ name: t("traffic.half"), points: line("latency_p50_ms") }, { name: t("traffic.slowest"), points: line("latency_p99_ms") }]} x=${axis} y=${{ format: ms, domain: [0, most(points, "latency_p99_ms")] }} height=${180} />
      <${Lines} label=${t("traffic.refused")} aside=${t("of", { some: count(sum("refused")), all: count(sum("requests")) })} series=${[{ name: t("traffic.refused"), points: line("refused") }]} x=${axis} y=${{ ...whole, domain: [0, most(points, "refused")] }} height=${180} />
    </div>
  <//>`;
}

function most(points, name) {
  return points.reduce((best, one) => Math.max(best, one[name] ?? 0), 1) * 1.05;
}

// Features and the prediction, those first that moved most.
function Moved({ page, after, hours, here }) {
  if (page.items.every((one) => !one.past.length)) return null;
  return html`<${Card} title=${t("moved")} wide=${true}>
    <p class="hint">${t("moved.lead")}</p>
    <ul class="legend">${[t("moved.then"), t("moved.now")].map((name, i) => html`<li><i class="tone-${i}"></i>${name}</li>`)}</ul>
    <div class="features">${page.items.map((one) => html`<${Feature} key=${`${one.of}:${one.name}`} of=${one} hours=${hours} />`)}</div>
    ${(after || page.next) && html`<p class="actions">
      ${after && html`<a class="button" href=${here({ hours })}>${t("moved.first")}</a>`}
      ${page.next && html`<a class="button" href=${here({ hours, after: page.next })}>${t("moved.next")}</a>`}</p>`}
  <//>`;
}

function Feature({ of, hours }) {
  const name = of.of === "prediction" ? t("alert.prediction-name") : of.name;
  const sides = ["training", "traffic"].map((side) => of.bars.reduce((sum, one) => sum + one[side], 0));
  const bars = of.bars
    .filter((one) => one.training || one.traffic || ["range", "level"].includes(one.holds))
    .map((one) => ({ ...one, name: barName(one, of.kind), then: one.training / (sides[0] || 1), now: one.traffic / (sides[1] || 1) }));
  const seen = sides[1] > 0;
  const missing = bars.find((one) => one.holds === "missing");
  const unknown = bars.filter((one) => one.holds === "rare");
  const sum = (side) => unknown.reduce((whole, one) => whole + one[side], 0);
  const largest = bars.reduce((best, one) => (best && Math.abs(best.now - best.then) >= Math.abs(one.now - one.then) ? best : one), null);
  const facts = [[t("moved.index"), `${figure(round(of.psi))} / ${figure(round(of.alarm))}`]];
  if (missing) facts.push([t("moved.missing"), `${share(missing.then)} → ${share(missing.now)}`]);
  if (unknown.length) facts.push([t("moved.rare"), `${share(sum("then"))} → ${share(sum("now"))}`]);
  return html`<article class="feature">
    <header><h3 title=${name}>${name}</h3><${State} state=${of.drifted ? "moved" : seen ? "steady" : "unseen"} /></header>
    <p class="hint">${!seen ? t("moved.unseen") : of.drifted ? t("moved.much", { what: largest.name, then: share(largest.then), now: share(largest.now) }) : t("moved.not")}</p>
    <${Columns} label=${said("column", of.kind)} name=${t("moved.values")} labels=${bars.map((one) => one.name)} format=${share} height=${96}
      series=${[{ name: t("moved.then"), values: bars.map((one) => one.then) }, { name: t("moved.now"), values: bars.map((one) => one.now) }]} />
    <${Facts} of=${facts} />
    ${of.past.length > 1 && (of.drifted ? html`<div><${History} of=${of} hours=${hours} /></div>` : html`<details><summary>${t("moved.history")}</summary><${History} of=${of} hours=${hours} /></details>`)}
  </article>`;
}

function History({ of, hours }) {
  const { at, axis } = timeOf(of.past, hours);
  const line = (name) => of.past.map((one) => [at(one), one[name]]);
  return html`<${Lines} label=${t("moved.beside")} series=${[{ name: t("moved.index-name"), points: line("psi") }, { name: t("moved.line"), points: line("alarm") }]}
    x=${axis} y=${{ format: (value) => figure(round(value)), domain: [0, Math.max(...of.past.map((one) => Math.max(one.psi, one.alarm))) * 1.05] }} height=${130} />`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function barName(bar, kind) {
  if (bar.holds === "level" || bar.holds === "several") return bar.text;
  if (bar.holds !== "range") return said("holds", bar.holds);
  if (bar.low === null && bar.high === null) return t("holds.present");
  if (kind === "boolean") return t(bar.low === null ? "no" : "yes");
  if (bar.low === null) return t("up-to", { high: figure(bar.high) });
  if (bar.high === null) return t("above", { low: figure(bar.low) });
  return t("from-to", { low: figure(bar.low), high: figure(bar.high) });
}

function Alerts({ of }) {
  const rows = [...of].sort((a, b) => (a.state === b.state ? b.opened.localeCompare(a.opened) : a.state === "open" ? -1 : 1));
  if (!rows.length) return html`<${Card} title=${t("alerts")} wide=${true}><p class="hint">${t("alerts.none")}</p><//>`;
  return html`<${Card} title=${t("alerts")} aside=${count(rows.length)} wide=${true}>
    <${Table} label=${t("alerts")} rows=${rows} columns=${[
      { name: t("alert.about"), of: (one) => subject(one) },
      { name: t("state"), of: (one) => html`<${State} state=${one.state === "open" ? "alarm" : "closed"} />` },
      { name: t("begun"), of: (one) => html`<${Ago} at=${one.opened} />` },
      { name: t("ended"), of: (one) => (one.closed ? html`<${Ago} at=${one.closed} />` : "–") },
      { name: t("alert.count"), number: true, of: (one) => count(one.count) },
      { name: t("alert.value"), number: true, of: (one) => figure(round(one.value)) },
      { name: t("moved.line"), number: true, of: (one) => figure(round(one.threshold)) },
    ]} />
  <//>`;
}
