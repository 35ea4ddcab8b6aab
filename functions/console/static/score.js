// Score a file: the platform reads it, and its rows are predicted some at a time.
import { html, useEffect, useRef, useState } from "./ui.js";
import { post, rowsOf, useLast, useLive } from "./api.js";
import { count, t } from "./words.js";
import { Bar, Failure, Loaded } from "./parts.js";
import { useCoverages } from "./certainty.js";
import { How, useHow, whyOf } from "./how.js";
import { useWritten, Written } from "./reading.js";
import { Scored } from "./scored.js";

const CELLS_A_CALL = 60_000;
const ROWS_A_CALL = 5_000;
const NOTES = ["unknown", "filled", "ignored", "assumed"];

// What is scored stays when another version begins to serve.
export function ScoreTab({ model, path }) {
  const version = useLast(useLive(`${path}/versions/${model.champion}`, () => 60));
  const coverages = useLast(useCoverages(path, version.value));
  return html`<${Loaded} of=${version}>${(found) => html`<${Loaded} of=${coverages}>${(known) => html`<${Score} path=${path} version=${found} coverages=${known} />`}<//>`}<//>`;
}

// The columns that the version was trained on, as far as they are known.
function useColumns({ dataset, dataset_version: number }) {
  const data = useLast(useLive(number ? `/v1/datasets/${encodeURIComponent(dataset)}/versions/${number}` : null, () => 600));
  return (data.value?.columns || []).map((one) => one.name).filter((one) => one !== data.value.label);
}

function Score({ path, version, coverages }) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const [job, setJob] = useState(null);
  const running = useRef(null);
  const trained = useColumns(version);
  const written = useWritten(job?.read?.columns || trained);
  const how = useHow(version, coverages);
  const right = written.right && how.right;
  useEffect(() => () => running.current?.abort(), []);

  const take = async (file) => {
    if (!file || !right) return;
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    const tell = (change) => !signal.aborted && setJob((before) => ({ ...before, ...change }));
    setJob({ file, stage: "sending", share: 0 });
    try {
      const read = await rowsOf(`${path}/rows${written.query}`, file, (part) => tell(part < 1 ? { share: part } : { stage: "reading", share: 1 }), signal);
      tell({ stage: "predicting", share: 0, read });
      const found = await predicted(path, read, how.asked, signal, (done) => tell({ share: done / read.rows.length }));
      tell({ stage: "done", ...found });
    } catch (error) {
      tell({ stage: "failed", error });
    }
    input.current && (input.current.value = "");
  };
  const stop = () => {
    running.current.abort();
    setJob(null);
  };
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const failed = job?.stage === "failed" ? job.error : null;
  const under = job && !["done", "failed"].includes(job.stage);
  return html`<div class="stack">
    <div class="drop ${job ? "" : "tall"} ${over ? "over" : ""}" onDragOver=${(event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
      <p><b>${t("score.drop")}</b> <span class="hint">${t("score.kinds")}</span></p>
      ${under
        ? html`<button class="quiet" onClick=${stop}>${t("score.stop")}</button>`
        : html`<span class="actions">${job?.stage === "done" && html`<button class="quiet" disabled=${!right} onClick=${() => take(job.file)}>${t("score.again")}</button>`}
            <button class=${job ? "quiet" : "main"} disabled=${!right} onClick=${() => input.current.click()}>${t(job ? "score.choose-another" : "drop.choose")}</button></span>`}
      <input ref=${input} type="file" hidden aria-label=${t("drop.choose")} onChange=${(event) => take(event.target.files[0])} />
      ${under && html`<${Under} of=${job} />`}
      ${failed && html`<${Failure} error=${failed} again=${() => take(job.file)} />`}
    </div>
    <${How} of=${how} error=${failed} />
    <${Written} of=${written} error=${failed} />
    ${job?.stage === "done" && html`<${Scored} key=${job.file.name} ...${job} />`}
  </div>`;
}

function Under({ of }) {
  const name = of.file.name;
  const words = { sending: t("drop.sending", { name }), reading: t("drop.reading", { name }), predicting: of.read && t("score.predicting", { rows: count(of.read.rows.length) }) };
  return html`<div class="sending" role="status"><span>${words[of.stage]}</span><${Bar} share=${of.share} label=${words[of.stage]} /></div>`;
}

// A prediction for each row, some rows at a time, and what was done with cells that the model does not know. A call that
// is too large is made again with half of its rows. Where another version begins to serve meanwhile, it predicts them all.
async function predicted(path, { columns, rows, unread }, asked, signal, tell) {
  const predictions = [];
  const notes = Object.fromEntries(NOTES.map((name) => [name, new Map()]));
  let most = Math.max(1, Math.min(ROWS_A_CALL, Math.floor(CELLS_A_CALL / Math.max(1, columns.length))));
  let version = null;
  let rule = null;
  let why = null;
  while (predictions.length < rows.length && !signal.aborted) {
    const some = rows.slice(predictions.length, predictions.length + most);
    let answer;
    try {
      answer = await post(`${path}/predict`, { rows: some, columns, row_errors: true, ...asked });
    } catch (error) {
      if (error.code !== "too_large" || some.length === 1) throw error;
      most = Math.ceil(some.length / 2);
      continue;
    }
    if (version !== null && version !== answer.version) {
      predictions.length = 0;
      for (const name of NOTES) notes[name].clear();
      version = null;
      continue;
    }
    version = answer.version;
    rule = answer.rule;
    const explained = answer.predictions.find((one) => one.contributions);
    if (explained) why = { names: Object.keys(explained.contributions), unit: explained.unit, classes: Object.keys(explained.probabilities || {}) };
    for (const one of answer.predictions) predictions.push(one.contributions ? withWhy(one, why.names) : one);
    for (const name of NOTES) for (const one of answer[name] || []) if (!notes[name].has(one.column)) notes[name].set(one.column, one);
    tell(predictions.length);
  }
  for (const one of unread) predictions[one.row - 1] = { error: one };
  return { predictions, version, rule, why, asked, notes: Object.fromEntries(NOTES.map((name) => [name, [...notes[name].values()]])) };
}

// Of a file with many rows what is told of each is kept as numbers.
function withWhy({ contributions, base, ...rest }, names) {
  return { ...rest, why: whyOf({ contributions, base, label: rest.label }, names) };
}
