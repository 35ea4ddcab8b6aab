// Score a file: the page has its rows predicted, some at a time, or a run of the platform scores it.
import { html, useEffect, useRef, useState } from "./ui.js";
import { post, rowsOf, useLast, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, more, t } from "./words.js";
import { Bar, Failure, Loaded } from "./parts.js";
import { useCoverages } from "./certainty.js";
import { useDraft } from "./drafts.js";
import { How, useHow, whyOf } from "./how.js";
import { useWritten, Written } from "./reading.js";
import { Scored } from "./scored.js";
import { ByRun, Followed, ScoredFiles, sendRows, useScorings } from "./scorings.js";

await more("score");

// What the platform reads of a file at once; more comes to a run.
const MOST_BYTES = 50_000_000;
const TOO_LARGE = 413;
const CELLS_A_CALL = 60_000;
const ROWS_A_CALL = 5_000;
const NOTES = ["unknown", "filled", "ignored", "assumed"];

// What is scored stays when another version begins to serve.
export function ScoreTab({ model, path }) {
  const version = useLast(useLive(`${path}/versions/${model.champion}`, () => 60));
  const coverages = useLast(useCoverages(path, version.value));
  return html`<${Loaded} of=${version}>${(found) => html`<${Loaded} of=${coverages}>${(known) => html`<${Score} model=${model} path=${path} version=${found} coverages=${known} />`}<//>`}<//>`;
}

// The columns that the version was trained on, as far as they are known.
function useColumns({ dataset, dataset_version: number }) {
  const data = useLast(useLive(number ? `/v1/datasets/${encodeURIComponent(dataset)}/versions/${number}` : null, () => 600));
  return (data.value?.columns || []).map((one) => one.name).filter((one) => one !== data.value.label);
}

// { job, take, stop }: the file that is sent or was predicted, and what is known of it. `take` hears by `sent(id)` under
// which id a run scores it, which it does where `byRun` says so, and where the file is too large for the page.
function useJob(path) {
  const [job, setJob] = useState(null);
  const running = useRef(null);
  useEffect(() => () => running.current?.abort(), []);

  const take = async (file, { written, how, byRun, sent }) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    const tell = (change) => !signal.aborted && setJob((before) => ({ ...before, ...change }));
    const predict = async () => {
      const read = await rowsOf(`${path}/rows${written.query}`, file, (part) => tell(part < 1 ? { share: part } : { stage: "reading", share: 1 }), signal);
      tell({ stage: "predicting", share: 0, read });
      const found = await predicted(path, read, how.asked, signal, (done) => tell({ share: done / read.rows.length }));
      tell({ stage: "done", ...found });
      return true;
    };
    const isTooLarge = (error) => {
      if (error.status !== TOO_LARGE) throw error;
      return false;
    };
    setJob({ file, stage: "sending", share: 0 });
    try {
      if (!byRun && file.size <= MOST_BYTES && (await predict().catch(isTooLarge))) return;
      if (!byRun && Object.keys(how.asked).length) return tell({ stage: "too-large" });
      tell({ stage: "sending", share: 0 });
      const id = await sendRows(path, file, written.said, (share) => tell({ share }), signal);
      setJob(null);
      sent(id);
    } catch (error) {
      tell({ stage: "failed", error });
    }
  };
  const stop = () => {
    running.current.abort();
    setJob(null);
  };
  return { job, take, stop };
}

function Score({ model, path, version, coverages }) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const [byRun, setByRun] = useDraft("by run", false);
  const [query, change] = useAddress();
  const chosen = query.get("scored");
  const scorings = useScorings(model);
  const { job, take, stop } = useJob(path);
  const trained = useColumns(version);
  const written = useWritten(job?.read?.columns || trained);
  const how = useHow(version, coverages);
  const right = written.right && (byRun || how.right);
  const sent = (id) => {
    change({ scored: id });
    scorings.again();
  };
  const close = () => change({ scored: undefined });
  const given = async (file) => {
    if (!file || !right) return;
    close();
    await take(file, { written, how, byRun, sent });
    input.current && (input.current.value = "");
  };
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    given(event.dataTransfer.files[0]);
  };
  const failed = job?.stage === "failed" ? job.error : null;
  const under = job && !["done", "failed", "too-large"].includes(job.stage);
  return html`<div class="stack">
    <div class="drop ${job || chosen ? "" : "tall"} ${over ? "over" : ""}" onDragOver=${(event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
      <p><b>${t("score.drop")}</b> <span class="hint">${t("score.kinds")}</span></p>
      ${under
        ? html`<button class="quiet" onClick=${stop}>${t("score.stop")}</button>`
        : html`<span class="actions">${job?.stage === "done" && html`<button class="quiet" disabled=${!right} onClick=${() => given(job.file)}>${t("score.again")}</button>`}
            <button class=${job ? "quiet" : "main"} disabled=${!right} onClick=${() => input.current.click()}>${t(job ? "score.choose-another" : "drop.choose")}</button></span>`}
      <input ref=${input} type="file" hidden aria-label=${t("drop.choose")} onChange=${(event) => given(event.target.files[0])} />
      ${under && html`<${Under} of=${job} />`}
      ${failed && html`<${Failure} error=${failed} again=${() => given(job.file)} />`}
      ${job?.stage === "too-large" && html`<p class="verdict worse wrap" role="alert">${t("score.too-large", { name: job.file.name })}</p>`}
    </div>
    <${ByRun} on=${byRun} set=${setByRun} />
    ${!byRun && html`<${How} of=${how} error=${failed} />`}
    <${Written} of=${written} error=${failed} />
    ${chosen && html`<${Followed} key=${chosen} path=${path} id=${chosen} close=${close} changed=${scorings.again} />`}
    ${!chosen && job?.stage === "done" && html`<${Scored} key=${job.file.name} ...${job} />`}
    <${ScoredFiles} path=${path} of=${scorings} shown=${chosen} close=${close} />
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
