// The threshold of a class, moved by a slider or a click: what it finds, what it flags, and what that costs.
import { html, useMemo, useState } from "./ui.js";
import { call, useLast, useLive } from "./api.js";
import { count, figure, share, t } from "./words.js";
import { Card, Do, Loaded, own } from "./parts.js";
import { Lines, Matrix } from "./charts.js";
import { classOf } from "./effect.js";
import { Brought, useDraft } from "./drafts.js";

const DRAWN = 240;
const MOST_CLASSES = 20;
const ALL = 1000;
// What stands in the address of where the threshold is: itself, or what it is to reach.
export const UNMOVED = { threshold: undefined, recall: undefined, precision: undefined };

export function Threshold({ model, one, report, chosen, choose, again }) {
  const label = classOf(report, chosen.class);
  const curve = useLast(useLive(`${one}/threshold?label=${encodeURIComponent(label)}`, () => 60));
  return html`<${Card} title=${t("threshold.title")} wide=${true}>
    <${Loaded} of=${curve}>${(found) => html`<${Alarms} model=${model} one=${one} found=${found} label=${label} report=${report} chosen=${chosen} choose=${choose} again=${() => { curve.again(); again(); }} />`}<//>
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

// What a rule may reach: `of` is the share that a point has, `place` where the platform begins to label for a wish (-1:
// nowhere), which is the highest threshold that finds so much, or the lowest whose alarms are right so often.
const WISHES = {
  recall: {
    of: (at, found) => at.hits / found.rows,
    place: (points, found, part) => points.findIndex((at) => at.hits / found.rows >= part),
    title: () => t("threshold.recall-least"),
    go: (part) => t("threshold.by-recall", { share: share(part) }),
  },
  precision: {
    of: (at) => at.hits / (at.hits + at.alarms),
    place: (points, _, part) => points.findLastIndex((at) => at.hits / (at.hits + at.alarms) >= part),
    title: () => t("threshold.precision-least"),
    go: (part) => t("threshold.by-precision", { share: share(part) }),
  },
};

// The share that is typed in percent, or until then that of the threshold; undefined: it is none that can be wished for.
function wishedFor({ of }, typed, found, at) {
  if (typed === undefined) return at.hits > 0 ? least(of(at, found)) : undefined;
  const part = Number(typed) / 100;
  return part > 0 && part <= 1 ? part : undefined;
}

// The place that a wish in the address leads to.
function reached(points, found, chosen) {
  const name = Object.keys(WISHES).find((one) => chosen[one] !== undefined);
  const part = name && wishedFor(WISHES[name], chosen[name]);
  const place = part ? WISHES[name].place(points, found, part) : -1;
  return place < 0 ? undefined : place;
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

function Alarms({ model, one, found, label, report, chosen, choose, again }) {
  const points = useMemo(() => pointsOf(found), [found]);
  const two = found.classes.length === 2;
  const other = two ? found.classes.find((name) => name !== found.label) : t("threshold.others");
  const kept = found.decision?.wish.costs;
  const missed = number(chosen.missed, two && kept ? own(kept, found.label) : 1);
  const alarm = number(chosen.alarm, two && kept ? own(kept, other) : 1);
  const cost = (at) => (ALL * (missed * (found.rows - at.hits) + alarm * at.alarms)) / (found.rows + found.others);
  const used = placeOf(points, inUse(found));
  const place = reached(points, found, chosen) ?? placeOf(points, number(chosen.threshold, inUse(found)));
  const cheapest = points.reduce((best, at, i) => (cost(at) < cost(points[best]) ? i : best), 0);
  const move = (to) => choose({ ...UNMOVED, threshold: points[to].at });
  const wish = (name, text) => choose({ ...UNMOVED, [name]: text });
  const set = async (method, body) => {
    await call(method, `${one}/threshold`, body);
    // What was moved meanwhile stays where it is.
    choose((now) => (Object.keys(UNMOVED).every((name) => now.get(name) === (chosen[name] ?? null)) ? UNMOVED : {}));
    again();
  };
  const writable = model.state !== "retired";
  const all = { found, label, points, place, used, cheapest, cost, missed, alarm, other, two, chosen, choose, move, wish, set };
  return html`
    <p class="note">${two ? t("threshold.lead", { label: found.label, other }) : t("threshold.of-many")}</p>
    ${found.decision ? html`<p class="verdict exact" lang="en">${found.decision.sentence}</p>` : html`<p class="note">${t("threshold.usual")}</p>`}
    <div class="threshold">
      <div class="stack">
        <${Controls} ...${all} />
        ${writable && html`<${Acts} ...${all} />`}
      </div>
      <${Readout} ...${all} />
    </div>
    <${Curves} ...${all} area=${report.per_class[found.label]?.auc} />
    <p class="hint">${t("threshold.charts")}${!found.whole ? ` ${t("threshold.thinned")}` : ""}</p>
    ${!two && writable && html`<${CostsOfClasses} key=${one} name="costs ${one}" classes=${found.classes} kept=${kept || {}} set=${set} />`}`;
}

function flaggedOf(found, at) {
  return figure(Math.round((ALL * (at.hits + at.alarms)) / (found.rows + found.others)));
}

function Controls({ found, label, points, place, missed, alarm, two, chosen, choose, move, wish }) {
  const now = points[place];
  const said = t("threshold.says", { threshold: figure(now.at), flagged: flaggedOf(found, now) });
  const costs = (name, value) => html`<${Typed} value=${chosen[name] ?? value} give=${(text) => choose({ [name]: text })} />`;
  return html`<label class="field">${t("threshold.class")}
      <select value=${label} onChange=${(event) => choose({ class: event.target.value, missed: undefined, alarm: undefined, ...UNMOVED })}>
        ${found.classes.map((name) => html`<option value=${name} selected=${name === label}>${name}</option>`)}
      </select>
    </label>
    <div class="field">
      <span class="between"><label for="threshold-at">${t("threshold.at")}</label><b class="at">${figure(now.at)}</b></span>
      <input id="threshold-at" type="range" min="0" max=${points.length - 1} step="1" value=${place} aria-valuetext=${said} onInput=${(event) => move(Number(event.target.value))} />
      <span class="ends"><span>${t("threshold.fewer")}</span><span>${t("threshold.more")}</span></span>
    </div>
    ${two && html`<div class="pair">${Object.keys(WISHES).map((name) => html`<${Wish} name=${name} ...${{ found, points, now, chosen, wish }} />`)}</div>`}
    <div class="pair">
      <label class="field">${t("threshold.alarm-costs")}${costs("alarm", alarm)}</label>
      <label class="field">${t("threshold.missed-costs")}${costs("missed", missed)}</label>
    </div>`;
}

// A number that stands in the address; while somebody types, it may be empty.
function Typed({ value, give, ...more }) {
  const [text, type] = useState(null);
  const typed = (event) => {
    type(event.target.value);
    give(event.target.value);
  };
  return html`<input type="number" min="0" step="any" inputmode="decimal" ...${more} value=${text ?? value} onInput=${typed} onBlur=${() => type(null)} />`;
}

// A recall or a precision that is wished for, in percent; until one is typed, that of the threshold.
function Wish({ name, found, points, now, chosen, wish }) {
  const typed = chosen[name];
  const part = wishedFor(WISHES[name], typed, found, now);
  const unreached = part !== undefined && typed !== undefined && WISHES[name].place(points, found, part) < 0;
  const wrong = unreached ? t("threshold.no-such") : typed !== undefined && part === undefined && t("set.range", { range: "> 0, ≤ 100" });
  return html`<div class="field"><label for="wish-${name}">${WISHES[name].title()}</label>
    <span class="joined"><${Typed} id="wish-${name}" max="100" value=${typed ?? (part === undefined ? "" : Math.round(1000 * part) / 10)} aria-invalid=${wrong ? "true" : undefined} aria-describedby="wish-${name}-wrong" give=${(text) => wish(name, text)} /> %</span>
    <span id="wish-${name}-wrong" class="wrong" role="status">${wrong}</span>
  </div>`;
}

// What can be done: of more than two classes a threshold sets nothing.
function Acts({ found, points, place, used, cheapest, missed, alarm, other, two, chosen, move, set }) {
  const now = points[place];
  const wishes = Object.entries(WISHES).map(([name, one]) => [name, one, wishedFor(one, chosen[name], found, now)]);
  return html`<div class="actions">
      ${place !== cheapest && html`<button class="quiet" onClick=${() => move(cheapest)}>${t("threshold.to-cheapest", { threshold: figure(points[cheapest].at) })}</button>`}
      ${two && (place !== used || !found.decision) && html`<${Do} quiet=${place === used} act=${() => set("PUT", { threshold: now.at, label: found.label })}>${t("threshold.use", { threshold: figure(now.at) })}<//>`}
      ${two && html`<${Do} quiet=${true} act=${() => set("PUT", { costs: { [found.label]: missed, [other]: alarm } })}>${t("threshold.by-costs")}<//>`}
      ${two && wishes.map(([name, one, part]) => part !== undefined && html`<${Do} key=${name} quiet=${true} act=${() => set("PUT", { [name]: part, label: found.label })}>${one.go(part)}<//>`)}
      ${found.decision && html`<${Do} quiet=${true} act=${() => set("DELETE")}>${t("threshold.remove")}<//>`}
    </div>
    ${two && html`<p class="hint">${t(found.serving ? "threshold.serves" : "threshold.serves-not")}</p>`}`;
}

function Readout({ found, points, place, used, cost, other, two }) {
  const now = points[place];
  const flagged = now.hits + now.alarms;
  const tiles = [
    [t("metric.precision"), flagged ? share(now.hits / flagged) : "–", t("threshold.precision", { hits: count(now.hits), flagged: count(flagged) })],
    [t("metric.recall"), found.rows ? share(now.hits / found.rows) : "–", t("threshold.recall", { hits: count(now.hits), rows: count(found.rows), label: found.label })],
    [t("threshold.flagged"), flaggedOf(found, now), t("threshold.flagged-of")],
    [t("threshold.cost"), figure(cost(now)), t("threshold.cost-beside", { none: figure(cost({ hits: 0, alarms: 0 })), usual: figure(cost(points[used])) })],
  ];
  return html`<div class="stack">
    <dl class="tiles four">${tiles.map(([name, value, meaning]) => html`<div><dt>${name}</dt><dd>${value}</dd><dd class="hint">${meaning}</dd></div>`)}</dl>
    ${two && html`<${Matrix} label=${t("confusion.at", { rows: count(found.rows + found.others) })} rowName=${t("confusion.true")} columnName=${t("confusion.said")} names=${[found.label, other]} counts=${[[now.hits, found.rows - now.hits], [now.alarms, found.others - now.alarms]]} />`}
  </div>`;
}

function Curves({ found, points, place, cheapest, cost, move, area }) {
  const now = points[place];
  const recall = (at) => at.hits / found.rows;
  const precision = (at) => at.hits / (at.hits + at.alarms);
  const wrongly = (at) => at.alarms / found.others;
  const shares = { format: share, domain: [0, 1] };
  const drawn = some(points);
  return html`<div class="charts">
    <${Lines} label=${t("threshold.cost-by")} aside=${figure(cost(now))} x=${{ name: t("threshold.at"), domain: [0, 1] }} y=${{ name: t("threshold.cost") }}
      mark=${now.at} spots=${[{ x: points[cheapest].at, y: cost(points[cheapest]), name: t("threshold.cheapest") }]}
      series=${[{ name: t("threshold.cost"), points: drawn.map((at) => [at.at, cost(at)]).reverse() }]} pick=${(x) => move(nearest(points, (at) => at.at, x))} />
    <${Lines} label=${t("pr.by")} aside=${t("pr.share", { share: share(found.rows / (found.rows + found.others)) })} x=${{ name: t("metric.recall"), ...shares }} y=${{ name: t("metric.precision"), ...shares }}
      mark=${found.rows ? recall(now) : null} spots=${spot(recall(now), precision(now))}
      series=${[{ name: t("metric.precision"), points: drawn.map((at) => [recall(at), precision(at)]) }]} pick=${(x) => move(nearest(points, recall, x))} />
    <${Lines} label=${t("roc.by")} aside=${t("roc.area", { area: figure(area) })} diagonal=${true} x=${{ name: t("roc.false"), ...shares }} y=${{ name: t("metric.recall"), ...shares }}
      mark=${found.others ? wrongly(now) : null} spots=${spot(wrongly(now), recall(now))}
      series=${[{ name: t("metric.recall"), points: drawn.map((at) => [wrongly(at), recall(at)]) }]} pick=${(x) => move(nearest(points, wrongly, x))} />
  </div>`;
}

// A share as it is shown, not more than it is: what is asked for can be had.
function least(part) {
  return Math.max(0.001, Math.floor(part * 1000) / 1000);
}

function spot(x, y) {
  return Number.isFinite(x) && Number.isFinite(y) ? [{ x, y, name: "" }] : [];
}

function number(text, otherwise) {
  const value = text === undefined || text === "" ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}

// Of more than two classes what decides is the cost of missing each.
function CostsOfClasses({ name: place, classes, kept, set }) {
  const shown = classes.slice(0, MOST_CLASSES);
  const [costs, type, draft] = useDraft(place, Object.fromEntries(shown.map((name) => [name, String(own(kept, name) ?? 1)])));
  const send = async () => {
    await set("PUT", { costs: Object.fromEntries(shown.map((name) => [name, number(costs[name], 1)])) });
    draft.sent();
  };
  return html`<form class="stack" onSubmit=${(event) => event.preventDefault()}>
    <h3>${t("costs.title")}</h3>
    <p class="note">${t("costs.lead")}</p>
    <${Brought} of=${draft} />
    <div class="fields">${shown.map((name) => html`<label>${name}<input type="number" min="0" step="any" value=${costs[name]} onInput=${(event) => type({ ...costs, [name]: event.target.value })} /></label>`)}</div>
    ${classes.length > shown.length && html`<p class="hint">${t("costs.left", { count: count(classes.length - shown.length) })}</p>`}
    <p class="actions"><${Do} quiet=${true} act=${send}>${t("threshold.by-costs")}<//></p>
  </form>`;
}
