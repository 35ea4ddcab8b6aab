// The answer for one row: how sure it is, what each column added, what changed, and what was done with its cells.
import { html } from "./ui.js";
import { figure, share, t } from "./words.js";
import { Card, Failure } from "./parts.js";
import { Ranking } from "./charts.js";
import { useDraft } from "./drafts.js";

const MOST_CLASSES = 6;
const MOST_COLUMNS = 10;

// `now` and `begun` are predictions of the row as it is and as it began, `said` the whole answer, and `certainty` is where its
// coverage is chosen.
export function Answer({ now, begun, said, error, unread, coverage, truth, certainty }) {
  return html`<${Card} title=${t("try.answer")} aside=${now && t("version", { version: said.version })}>
    ${error && html`<${Failure} error=${error} />`}
    ${unread && html`<${Failure} error=${{ message: unread.column ? t("try.unread", { column: unread.column }) : unread.reason }} />`}
    ${now && html`<div class="answer ${error || unread ? "stale" : ""}" role="status">
      ${now.label === undefined ? html`<${Value} now=${now} begun=${begun} coverage=${coverage} />` : html`<${Label} now=${now} begun=${begun} coverage=${coverage} said=${said} />`}
      ${truth !== null && html`<p class="hint">${t("try.truth", { value: truth })}</p>`}
    </div>`}
    ${!now && !error && !unread && html`<p class="hint">${t("loading")}</p>`}
    ${certainty}
  <//>`;
}

// What each column added, or that this cannot be said; and what was done with cells that the model does not know.
export function Reasons({ now, said, error, unread, explains }) {
  return now && html`<${Card} title=${t("try.reasons")}>
    <div class="why ${error || unread ? "stale" : ""}">${explains ? html`<${Why} of=${now} />` : html`<p class="hint">${t("try.no-why")}</p>`}</div>
    <${Notes} of=${said} />
  <//>`;
}

export function signed(number, format) {
  return `${number > 0 ? "+" : number < 0 ? "−" : "±"}${format(Math.abs(number))}`;
}

// A difference of shares, in percentage points.
function points(difference) {
  return figure(Math.round(difference * 1000) / 10);
}

function Value({ now, begun, coverage }) {
  return html`<p class="label">${figure(now.value)}</p>
    ${begun && html`<p class="change">${t("try.change", { change: signed(now.value - begun.value, figure), before: figure(begun.value) })}</p>`}
    ${now.interval && html`<p>${t("try.interval", { share: share(coverage), low: figure(now.interval[0]), high: figure(now.interval[1]) })}</p>`}`;
}

function Label({ now, begun, coverage, said }) {
  const odds = Object.entries(now.probabilities).sort((a, b) => b[1] - a[1]);
  const shown = odds.slice(0, MOST_CLASSES);
  const moved = begun && now.probabilities[now.label] - begun.probabilities[now.label];
  return html`<p class="label">${now.label} <small>${share(now.probabilities[now.label])}</small></p>
    ${begun && html`<p class="change">${begun.label === now.label ? t("try.change-share", { change: signed(moved, points), before: share(begun.probabilities[now.label]) }) : t("try.change-label", { before: begun.label })}</p>`}
    <ul class="odds">${shown.map(([name, p]) => html`<li><span title=${name}>${name}</span><span class="odds-bar"><i style=${{ width: `${p * 100}%` }}></i>${begun && html`<u style=${{ left: `${begun.probabilities[name] * 100}%` }} title=${t("try.before", { share: share(begun.probabilities[name]) })}></u>`}</span><b>${share(p)}</b></li>`)}</ul>
    ${odds.length > shown.length && html`<p class="hint">${t("try.more-classes", { count: odds.length - shown.length })}</p>`}
    ${now.plausible && html`<p>${t(now.plausible.length === 1 ? "try.plausible-one" : "try.plausible", { share: share(coverage), classes: now.plausible.join(", ") })}</p>`}
    <${Rule} of=${said.rule} />`;
}

// What made the labels, where that is not the most probable class.
export function Rule({ of }) {
  return of && html`<p class="hint">${of.threshold === null || of.threshold === undefined ? t("try.rule-costs") : t("try.rule", { label: of.label, threshold: figure(of.threshold) })}</p>`;
}

// What the columns added to the output of a class: of two classes that of the second, of one value none is named.
function Why({ of }) {
  const classes = of.probabilities ? Object.keys(of.probabilities) : [];
  const each = classes.length > 2;
  const [chosen, choose] = useDraft("reasons", null, (one) => classes.includes(one));
  const name = each ? chosen ?? of.label : classes[1];
  const value = (one) => (each ? one[name] : one);
  const all = Object.entries(of.contributions).map(([column, one]) => ({ name: column, value: value(one) })).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const rest = all.slice(MOST_COLUMNS);
  const items = rest.length ? [...all.slice(0, MOST_COLUMNS), { name: t("try.rest", { count: rest.length }), value: rest.reduce((sum, one) => sum + one.value, 0) }] : all;
  return html`
    ${each && html`<label class="inline">${t("try.of-class")} <select value=${name} onChange=${(event) => choose(event.target.value)}>${classes.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>`}
    <${Ranking} label=${name === undefined ? t("try.why", { unit: of.unit }) : t("try.why-of", { name, unit: of.unit })} name=${t("column")} items=${items} format=${(one) => signed(one, figure)} />
    <p class="hint">${t("try.sum", { base: figure(value(of.base)), sum: figure(all.reduce((sum, one) => sum + one.value, value(of.base))), unit: of.unit })}</p>`;
}

// What was done with cells that the model does not know, each said once and in words.
export function Notes({ of }) {
  const names = (list) => list.map((one) => one.column).join(", ");
  const notes = [
    ...(of.unknown?.length ? [t("try.unknown", { columns: of.unknown.map((one) => `${one.column} (${one.texts.join(", ")})`).join("; ") })] : []),
    ...(of.filled?.length ? [t("try.filled", { columns: names(of.filled) })] : []),
    ...(of.ignored?.length ? [t("try.ignored", { columns: names(of.ignored) })] : []),
    ...(of.assumed || []).map((one) => t("try.assumed", { column: one.column, meaning: one.meaning })),
  ];
  return notes.length > 0 && html`<ul class="notes">${notes.map((one) => html`<li>${one}</li>`)}</ul>`;
}
