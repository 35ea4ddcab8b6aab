// The threshold of a class, moved by a slider or a click: what it finds, what it flags, and what that costs.
import { html, useMemo, useRef } from "./ui.js";
import { call, useLive } from "./api.js";
import { count, figure, share, t } from "./words.js";
import { Card, Do, Loaded } from "./parts.js";
import { Lines, Matrix } from "./charts.js";
import { classOf } from "./effect.js";

const DRAWN = 240;
const MOST_CLASSES = 20;
const ALL = 1000;

export function Threshold({ model, one, report, chosen, choose, again }) {
  const curve = useLive(`${one}/threshold?label=${encodeURIComponent(classOf(report, chosen.class))}`, () => 60);
  return html`<${Card} title=${t("threshold.title")} wide=${true}>
    <${Loaded} of=${curve}>${(found) => html`<${Alarms} model=${model} one=${one} found=${found} report=${report} chosen=${chosen} choose=${choose} again=${() => { curve.again(); again(); }} />`}<//>
  <//>`;
}

// Every threshold that can be told apart, the highest first, with its counts; before them one that flags nothing.
export function pointsOf(found) {
  const points = found.thresholds.map((at, i) => ({ at, from: found.probabilities[i], hits: found.hits[i], alarms: found.false_alarms[i] }));
  const first = points[0]?.from ?? 0;
  return first < 1 ? [{ at: (1 + first) / 2, from: 1, hits: 0, alarms: 0 }, ...points] : points;
}

// The place of the threshold that labels the rows as `wanted` does.
export function placeOf(points, wanted) {
  const exact = points.findIndex((one) => one.at === wanted);
  if (exact >= 0) return exact;
  const below = points.findIndex((one) => one.from < wanted);
  return below < 0 ? points.length - 1 : Math.max(0, below - 1);
}

function nearest(points, of, wanted) {
  return points.reduce((best, one, i) => (Math.abs(of(one) - wanted) < Math.abs(of(points[best]) - wanted) ? i : best), 0);
}

function some(points) {
  const step = Math.max(1, Math.ceil(points.length / DRAWN));
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}

// The rule in use, as a threshold of the class that is looked at.
function inUse(found) {
  const rule = found.decision?.rule;
  if (!rule || rule.threshold === null) return 0.5;
  return rule.label === found.label ? rule.threshold : 1 - rule.threshold;
}

function Alarms({ model, one, found, report, chosen, choose, again }) {
  const points = useMemo(() => pointsOf(found), [found]);
  const two = found.classes.length === 2;
  const other = two ? found.classes.find((name) => name !== found.label) : t("threshold.others");
  const kept = found.decision?.wish.costs;
  const missed = number(chosen.missed, two && kept ? kept[found.label] : 1);
  const alarm = number(chosen.alarm, two && kept ? kept[other] : 1);
  const total = found.rows + found.others;
  const cost = (at) => (ALL * (missed * (found.rows - at.hits) + alarm * at.alarms)) / total;
  const place = placeOf(points, number(chosen.threshold, inUse(found)));
  const cheapest = points.reduce((best, at, i) => (cost(at) < cost(points[best]) ? i : best), 0);
  const now = points[place];
  const used = placeOf(points, inUse(found));
  const move = (to) => choose({ threshold: points[to].at });
  const flagged = now.hits + now.alarms;
  const set = async (method, body) => {
    await call(method, `${one}/threshold`, body);
    choose({ threshold: undefined });
    again();
  };
  const said = { threshold: figure(now.at), flagged: figure(Math.round((ALL * flagged) / total)) };
  const writable = model.state !== "retired";
  return html`
    <p class="note">${two ? t("threshold.lead", { label: found.label, other }) : t("threshold.of-many")}</p>
    ${found.decision
      ? html`<p class="verdict">${found.decision.sentence}</p>`
      : html`<p class="note">${t("threshold.usual")}</p>`}
    <div class="threshold">
      <div class="stack">
        <label class="field">${t("threshold.class")}
          <select value=${found.label} onChange=${(event) => choose({ class: event.target.value, threshold: undefined, missed: undefined, alarm: undefined })}>
            ${found.classes.map((name) => html`<option value=${name} selected=${name === found.label}>${name}</option>`)}
          </select>
        </label>
        <div class="field">
          <span class="between"><label for="threshold-at">${t("threshold.at")}</label><b class="at">${figure(now.at)}</b></span>
          <input id="threshold-at" type="range" min="0" max=${points.length - 1} step="1" value=${place} aria-valuetext=${t("threshold.says", said)} onInput=${(event) => move(Number(event.target.value))} />
          <span class="ends"><span>${t("threshold.fewer")}</span><span>${t("threshold.more")}</span></span>
        </div>
        <div class="pair">
          <label class="field">${t("threshold.alarm-costs")}<input type="number" min="0" step="any" inputmode="decimal" value=${chosen.alarm ?? alarm} onInput=${(event) => choose({ alarm: event.target.value })} /></label>
          <label class="field">${t("threshold.missed-costs")}<input type="number" min="0" step="any" inputmode="decimal" value=${chosen.missed ?? missed} onInput=${(event) => choose({ missed: event.target.value })} /></label>
        </div>
        ${writable && html`<div class="actions">
          ${place !== cheapest && html`<button class="quiet" onClick=${() => move(cheapest)}>${t("threshold.to-cheapest", { threshold: figure(points[cheapest].at) })}</button>`}
          ${two && (place !== used || !found.decision) && html`<${Do} quiet=${place === used} act=${() => set("PUT", { threshold: now.at, label: found.label })}>${t("threshold.use", { threshold: figure(now.at) })}<//>`}
          ${two && html`<${Do} quiet=${true} act=${() => set("PUT", { costs: { [found.label]: missed, [other]: alarm } })}>${t("threshold.by-costs")}<//>`}
          ${found.decision && html`<${Do} quiet=${true} act=${() => set("DELETE")}>${t("threshold.remove")}<//>`}
        </div>
        ${two && html`<p class="hint">${t(found.serving ? "threshold.serves" : "threshold.serves-not")}</p>`}`}
      </div>
      <div class="stack">
        <dl class="tiles four">
          <div><dt>${t("metric.precision")}</dt><dd>${flagged ? share(now.hits / flagged) : "–"}</dd><dd class="hint">${t("threshold.precision", { hits: count(now.hits), flagged: count(flagged) })}</dd></div>
          <div><dt>${t("metric.recall")}</dt><dd>${found.rows ? share(now.hits / found.rows) : "–"}</dd><dd class="hint">${t("threshold.recall", { hits: count(now.hits), rows: count(found.rows), label: found.label })}</dd></div>
          <div><dt>${t("threshold.flagged")}</dt><dd>${said.flagged}</dd><dd class="hint">${t("threshold.flagged-of")}</dd></div>
          <div><dt>${t("threshold.cost")}</dt><dd>${figure(cost(now))}</dd><dd class="hint">${t("threshold.cost-beside", { none: figure(cost({ hits: 0, alarms: 0 })), usual: figure(cost(points[used])) })}</dd></div>
        </dl>
        ${two && html`<${Matrix} label=${t("confusion.at", { rows: count(total) })} rowName=${t("confusion.true")} columnName=${t("confusion.said")} names=${[found.label, other]} counts=${[[now.hits, found.rows - now.hits], [now.alarms, found.others - now.alarms]]} />`}
      </div>
    </div>
    <div class="charts">
      <${Lines} label=${t("threshold.cost-by")} aside=${figure(cost(now))} x=${{ name: t("threshold.at"), domain: [0, 1] }} y=${{ name: t("threshold.cost") }} mark=${now.at} spots=${[{ x: points[cheapest].at, y: cost(points[cheapest]), name: t("threshold.cheapest") }]}
        series=${[{ name: t("threshold.cost"), points: some(points).map((at) => [at.at, cost(at)]).reverse() }]} pick=${(x) => move(nearest(points, (at) => at.at, x))} />
      <${Lines} label=${t("pr.by")} aside=${t("pr.share", { share: share(found.rows / total) })} x=${{ name: t("metric.recall"), format: share, domain: [0, 1] }} y=${{ name: t("metric.precision"), format: share, domain: [0, 1] }} mark=${found.rows ? now.hits / found.rows : null} spots=${spot(flagged && now.hits / found.rows, now.hits / flagged)}
        series=${[{ name: t("metric.precision"), points: some(points).filter((at) => at.hits + at.alarms > 0).map((at) => [at.hits / found.rows, at.hits / (at.hits + at.alarms)]) }]} pick=${(x) => move(nearest(points, (at) => at.hits / found.rows, x))} />
      <${Lines} label=${t("roc.by")} aside=${t("roc.area", { area: figure(report.per_class[found.label]?.auc) })} diagonal=${true} x=${{ name: t("roc.false"), format: share, domain: [0, 1] }} y=${{ name: t("metric.recall"), format: share, domain: [0, 1] }} mark=${now.alarms / found.others} spots=${spot(now.alarms / found.others, now.hits / found.rows)}
        series=${[{ name: t("metric.recall"), points: some(points).map((at) => [at.alarms / found.others, at.hits / found.rows]) }]} pick=${(x) => move(nearest(points, (at) => at.alarms / found.others, x))} />
    </div>
    <p class="hint">${t("threshold.charts")}${!found.whole ? ` ${t("threshold.thinned")}` : ""}</p>
    ${!two && writable && html`<${CostsOfClasses} classes=${found.classes} kept=${kept || {}} set=${set} />`}`;
}

function spot(x, y) {
  return Number.isFinite(x) && Number.isFinite(y) ? [{ x, y, name: "" }] : [];
}

function number(text, otherwise) {
  const value = text === undefined || text === "" ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}

// Of more than two classes what decides is the cost of missing each.
function CostsOfClasses({ classes, kept, set }) {
  const shown = classes.slice(0, MOST_CLASSES);
  const form = useRef();
  const send = async () => {
    const typed = new FormData(form.current);
    await set("PUT", { costs: Object.fromEntries(shown.map((name, i) => [name, number(typed.get(`cost-${i}`), 1)])) });
  };
  return html`<form class="stack" ref=${form} onSubmit=${(event) => event.preventDefault()}>
    <h3>${t("costs.title")}</h3>
    <p class="note">${t("costs.lead")}</p>
    <div class="fields">${shown.map((name, i) => html`<label>${name}<input name=${`cost-${i}`} type="number" min="0" step="any" defaultValue=${kept[name] ?? 1} /></label>`)}</div>
    ${classes.length > shown.length && html`<p class="hint">${t("costs.left", { count: count(classes.length - shown.length) })}</p>`}
    <p class="actions"><${Do} quiet=${true} act=${send}>${t("threshold.by-costs")}<//></p>
  </form>`;
}
