// Score a file: the platform reads it, its rows are predicted some at a time, and all of them can be taken away as CSV.
import { html, useEffect, useRef, useState } from "./ui.js";
import { post, rowsOf } from "./api.js";
import { count, figure, share, t } from "./words.js";
import { Bar, Card, Failure, Table } from "./parts.js";
import { Ranking } from "./charts.js";
import { Notes } from "./answer.js";
import { csvOf, said } from "./csv.js";
import { useWritten, Written } from "./reading.js";

const CELLS_A_CALL = 60_000;
const ROWS_A_CALL = 5_000;
const ROWS_A_PAGE = 25;
const MOST_COLUMNS = 8;
const MOST_CLASSES = 12;
const NOTES = ["unknown", "filled", "ignored", "assumed"];

export function ScoreTab({ path }) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const [job, setJob] = useState(null);
  const running = useRef(null);
  const written = useWritten();
  useEffect(() => () => {
    if (running.current) running.current.ended = true;
  }, []);

  const take = async (file) => {
    if (!file || !written.right) return;
    if (running.current) running.current.ended = true;
    const mine = (running.current = { ended: false });
    const tell = (change) => !mine.ended && setJob((before) => ({ ...before, ...change }));
    setJob({ file, stage: "sending", share: 0 });
    try {
      const read = await rowsOf(`${path}/rows${written.query}`, file, (part) => tell(part < 1 ? { share: part } : { stage: "reading", share: 1 }));
      tell({ stage: "predicting", share: 0, read });
      const found = await predicted(path, read, mine, (done) => tell({ share: done / read.rows.length }));
      tell({ stage: "done", ...found });
    } catch (error) {
      tell({ stage: "failed", error });
    }
    input.current && (input.current.value = "");
  };
  const stop = () => {
    running.current.ended = true;
    setJob(null);
  };
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const under = job && !["done", "failed"].includes(job.stage);
  return html`<div class="stack">
    <div class="drop ${job ? "" : "tall"} ${over ? "over" : ""}" onDragOver=${(event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
      <p><b>${t("score.drop")}</b> <span class="hint">${t("score.kinds")}</span></p>
      ${under
        ? html`<button class="quiet" onClick=${stop}>${t("score.stop")}</button>`
        : html`<span class="actions">${job?.stage === "done" && html`<button class="quiet" disabled=${!written.right} onClick=${() => take(job.file)}>${t("score.again")}</button>`}
            <button class=${job ? "quiet" : "main"} disabled=${!written.right} onClick=${() => input.current.click()}>${t(job ? "score.choose-another" : "drop.choose")}</button></span>`}
      <input ref=${input} type="file" hidden aria-label=${t("drop.choose")} onChange=${(event) => take(event.target.files[0])} />
      ${under && html`<${Under} of=${job} />`}
      ${job?.stage === "failed" && html`<${Failure} error=${job.error} again=${() => take(job.file)} />`}
    </div>
    <${Written} of=${written} error=${job?.stage === "failed" ? job.error : null} />
    ${job?.stage === "done" && html`<${Scored} key=${job.file.name} ...${job} />`}
  </div>`;
}

function Under({ of }) {
  const name = of.file.name;
  const words = { sending: t("drop.sending", { name }), reading: t("drop.reading", { name }), predicting: of.read && t("score.predicting", { rows: count(of.read.rows.length) }) };
  return html`<div class="sending" role="status"><span>${words[of.stage]}</span><${Bar} share=${of.share} label=${words[of.stage]} /></div>`;
}

// A prediction for each row, some rows at a time, and what was done with cells that the model does not know. A call that
// is too large is made again with half of its rows.
async function predicted(path, { columns, rows, unread }, mine, tell) {
  const predictions = [];
  const notes = Object.fromEntries(NOTES.map((name) => [name, new Map()]));
  let most = Math.max(1, Math.min(ROWS_A_CALL, Math.floor(CELLS_A_CALL / Math.max(1, columns.length))));
  let version = null;
  while (predictions.length < rows.length && !mine.ended) {
    const some = rows.slice(predictions.length, predictions.length + most);
    let answer;
    try {
      answer = await post(`${path}/predict`, { rows: some, columns, row_errors: true });
    } catch (error) {
      if (error.code !== "too_large" || most === 1) throw error;
      most = Math.ceil(most / 2);
      continue;
    }
    version = answer.version;
    for (const one of answer.predictions) predictions.push(one);
    for (const name of NOTES) for (const one of answer[name] || []) if (!notes[name].has(one.column)) notes[name].set(one.column, one);
    tell(predictions.length);
  }
  for (const one of unread) predictions[one.row - 1] = { error: one };
  return { predictions, version, notes: Object.fromEntries(NOTES.map((name) => [name, [...notes[name].values()]])) };
}

function Scored({ file, read, predictions, version, notes }) {
  const [page, setPage] = useState(0);
  const [wrong, setWrong] = useState(false);
  const [guard, setGuard] = useState(true);
  const failed = predictions.filter((one) => one.error).length;
  const places = predictions.map((_, at) => at).filter((at) => !wrong || predictions[at].error);
  const pages = Math.max(1, Math.ceil(places.length / ROWS_A_PAGE));
  const shown = places.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE);
  const fewer = read.columns.slice(0, MOST_COLUMNS);
  const download = () => {
    const url = URL.createObjectURL(new Blob(csvOf(read, predictions, guard), { type: "text/csv" }));
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
        <${Notes} of=${notes} />
        <p class="actions"><button class="main" onClick=${download}>${t("score.download")}</button></p>
        <label class="check"><input type="checkbox" checked=${guard} onChange=${(event) => setGuard(event.target.checked)} />${t("score.guard")}</label>
        <p class="hint">${t(guard ? "score.guard-why" : "score.raw-why")}</p>
      </div>
    </div>
  <//>
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
      ...fewer.map((name, column) => ({ name: html`<span class="cut" title=${name}>${name}</span>`, of: (at) => html`<${CellText} of=${read.rows[at]?.[column]} />` })),
    ]} />
    ${read.columns.length > fewer.length && html`<p class="hint">${t("score.more-columns", { count: read.columns.length - fewer.length })}</p>`}
  <//>`;
}

function One({ of }) {
  if (of.error) return html`<span class="wrong">${said(of.error)}${of.error.line ? html` <small>${t("score.line", { line: count(of.error.line) })}</small>` : ""}</span>`;
  return of.label === undefined ? html`<b>${figure(of.value)}</b>` : html`<span class="one"><b class="cut" title=${of.label}>${of.label}</b> <small>${share(of.probabilities[of.label])}</small></span>`;
}

function CellText({ of }) {
  const text = of === null || of === undefined ? "" : String(of);
  return html`<span class="cut" title=${text}>${text}</span>`;
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
