// The predictions of a file: how they are spread, what moved them, each row with its own, and all of them as CSV.
import { html, useMemo, useState } from "./ui.js";
import { count, figure, more, share, t } from "./words.js";
import { Card, Table } from "./parts.js";
import { Ranking } from "./charts.js";
import { Notes, Rule, signed } from "./answer.js";
import { csvOf, said } from "./csv.js";

await more("score");

const ROWS_A_PAGE = 25;
const MOST_COLUMNS = 8;
const MOST_CLASSES = 12;
const MOST_MOVERS = 10;
const MOST_REASONS = 3;

export function Scored({ file, read, predictions, version, notes, rule, why, asked }) {
  const [page, setPage] = useState(0);
  const [wrong, setWrong] = useState(false);
  const [guard, setGuard] = useState(true);
  const failed = predictions.filter((one) => one.error).length;
  const places = predictions.map((_, at) => at).filter((at) => !wrong || predictions[at].error);
  const pages = Math.max(1, Math.ceil(places.length / ROWS_A_PAGE));
  const shown = places.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE);
  const fewer = read.columns.slice(0, MOST_COLUMNS);
  const download = () => {
    const url = URL.createObjectURL(new Blob(csvOf(read, predictions, guard, why?.names), { type: "text/csv" }));
    const anchor = document.createElement("a");
    anchor.href = url;
    anchor.download = `${file.name.replace(/\.[^.]*$/, "")}-predicted.csv`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return html`<${Card} title=${t("score.done", { rows: count(predictions.length), name: file.name })} aside=${version !== null && t("version", { version })} wide=${true}>
    <div class="scored">
      <${Spread} of=${predictions} />
      <div class="stack">
        ${failed > 0 && html`<p class="verdict worse">${t("score.failed", { failed: count(failed), rows: count(predictions.length) })}</p>`}
        <${Rule} of=${rule} />
        <${Notes} of=${notes} />
        <p class="actions"><button class="main" onClick=${download}>${t("score.download")}</button></p>
        <label class="check"><input type="checkbox" checked=${guard} onChange=${(event) => setGuard(event.target.checked)} />${t("score.guard")}</label>
        <p class="hint">${t(guard ? "score.guard-why" : "score.raw-why")}</p>
      </div>
    </div>
  <//>
  ${why && html`<${Movers} of=${why} predictions=${predictions} />`}
  <${Card} title=${t("score.rows")} aside=${t("score.page", { from: count(places.length ? page * ROWS_A_PAGE + 1 : 0), to: count(Math.min(places.length, (page + 1) * ROWS_A_PAGE)), all: count(places.length) })} wide=${true}>
    <div class="stepper">
      <button class="quiet" disabled=${page === 0} onClick=${() => setPage(page - 1)} aria-label=${t("score.previous")}>←</button>
      <span>${t("of", { some: count(page + 1), all: count(pages) })}</span>
      <button class="quiet" disabled=${page >= pages - 1} onClick=${() => setPage(page + 1)} aria-label=${t("score.next")}>→</button>
      ${failed > 0 && html`<label class="check"><input type="checkbox" checked=${wrong} onChange=${(event) => { setWrong(event.target.checked); setPage(0); }} />${t("score.only-failed")}</label>`}
    </div>
    <${Table} label=${t("score.rows")} rows=${shown} columns=${[
      { name: t("score.row"), number: true, of: (at) => count(at + 1) },
      { name: t("score.prediction"), of: (at) => html`<${One} of=${predictions[at]} />` },
      ...(asked.coverage ? [{ name: t("score.certain", { share: share(asked.coverage) }), of: (at) => html`<${CellText} of=${sureOf(predictions[at])} />` }] : []),
      ...(why ? [{ name: t("try.reasons"), of: (at) => html`<span class="reasons">${reasonsOf(predictions[at], why.names)}</span>` }] : []),
      ...fewer.map((name, column) => ({ name: html`<span class="cut" title=${name}>${name}</span>`, of: (at) => html`<${CellText} of=${read.rows[at]?.[column]} />` })),
    ]} />
    ${read.columns.length > fewer.length && html`<p class="hint">${t("score.more-columns", { count: read.columns.length - fewer.length })}</p>`}
  <//>`;
}

export function One({ of }) {
  if (of.error) return html`<span class="wrong">${said(of.error)}${of.error.line ? html` <small>${t("score.line", { line: count(of.error.line) })}</small>` : ""}</span>`;
  return of.label === undefined ? html`<b>${figure(of.value)}</b>` : html`<span class="one"><b class="cut" title=${of.label}>${of.label}</b> <small>${share(of.probabilities[of.label])}</small></span>`;
}

// The interval of a prediction, or the classes that are plausible.
function sureOf({ interval, plausible }) {
  return interval ? interval.map(figure).join(" – ") : plausible?.join(", ");
}

// The columns that moved a prediction most, each with what it added.
function reasonsOf({ why }, names) {
  if (!why) return "";
  const order = names.map((_, at) => at).sort((a, b) => Math.abs(why.parts[b]) - Math.abs(why.parts[a]));
  return order.slice(0, MOST_REASONS).map((at) => html`<span><span class="cut" title=${names[at]}>${names[at]}</span> ${signed(why.parts[at], figure)}</span>`);
}

export function CellText({ of }) {
  const text = of === null || of === undefined ? "" : String(of);
  return html`<span class="cut" title=${text}>${text}</span>`;
}

// How far each column moved the predictions of the file, whichever way.
function Movers({ of, predictions }) {
  const items = useMemo(() => moversOf(of.names, predictions), [of, predictions]);
  return html`<${Card} wide=${true}>
    <${Ranking} label=${t("score.moved", { unit: of.unit })} name=${t("column")} items=${items.slice(0, MOST_MOVERS)} />
    <p class="hint">${of.classes.length > 2 ? t("score.why-many") : of.classes.length === 2 && t("score.why-two", { name: of.classes[1] })}</p>
  <//>`;
}

function moversOf(names, predictions) {
  const told = predictions.filter((one) => one.why);
  const mean = (at) => told.reduce((sum, one) => sum + Math.abs(one.why.parts[at]), 0) / told.length;
  return names.map((name, at) => ({ name, value: mean(at) })).sort((a, b) => b.value - a.value);
}

// How the answers are spread: how many rows have each label, or the least, the mean and the largest value.
function Spread({ of }) {
  const told = of.filter((one) => !one.error);
  if (!told.length) return html`<p class="hint">${t("score.nothing")}</p>`;
  if (told[0].label === undefined) {
    const values = told.map((one) => one.value);
    const least = values.reduce((a, b) => Math.min(a, b), Infinity);
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return html`<dl class="facts">${[[t("score.least"), least], [t("score.mean"), mean], [t("score.most"), most]].map(([name, value]) => html`<div><dt>${name}</dt><dd>${figure(value)}</dd></div>`)}</dl>`;
  }
  const counts = new Map();
  for (const one of told) counts.set(one.label, (counts.get(one.label) || 0) + 1);
  const items = [...counts].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value);
  return html`<${Ranking} label=${t("score.labels")} name=${t("labels")} items=${items.slice(0, MOST_CLASSES)} format=${count} />`;
}
