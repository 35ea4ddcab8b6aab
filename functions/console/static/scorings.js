// Files that runs of the platform score: each is sent, followed whether or not a page is open, and kept for a time.
import { html } from "./ui.js";
import { call, get, post, ROOT, sent, useLast, useList, useLive } from "./api.js";
import { count, moment, more, t } from "./words.js";
import { Bar, Card, Do, Failure, link, Loaded, State, Sure, Table } from "./parts.js";
import { Notes, Rule } from "./answer.js";
import { scoredAt, UNDER_WAY } from "./run.js";
import { CellText, One } from "./scored.js";

await more("score");

const MOST_NAMED = 200;
const MOST_LISTED = 20;
const A_WEEK_MS = 7 * 86_400_000;
const WAITS = ["waiting", ...UNDER_WAY];

// Send a file to be scored, and say under which id it is. Of one that is stopped or did not come nothing stays.
export async function sendRows(path, file, reading, tell, signal) {
  const announced = await post(`${path}/score`, { file: file.name.slice(-MOST_NAMED), size: file.size, ...(reading ? { reading } : {}) });
  const one = `${path}/score/${announced.id}`;
  const leaving = (event) => event.preventDefault();
  window.addEventListener("beforeunload", leaving);
  try {
    signal.throwIfAborted();
    await sent(announced.url || one, file, tell, signal);
    signal.throwIfAborted();
    return announced.id;
  } catch (error) {
    await call("DELETE", one).catch(() => {});
    throw error;
  } finally {
    window.removeEventListener("beforeunload", leaving);
  }
}

// The runs that score files of a model, the newest first.
export function useScorings(model) {
  const pace = (page) => (page.items.some((one) => UNDER_WAY.includes(one.state)) ? 1 : 20);
  return useLast(useList(`/v1/runs?kind=score&points=0&limit=${MOST_LISTED}&model=${encodeURIComponent(model.name)}`, pace, (_, found) => found >= MOST_LISTED, MOST_LISTED));
}

// Whether a run scores the files that are dropped; `on` says so.
export function ByRun({ on, set }) {
  return html`<section class="card wide how"><div>
    <label class="check"><input type="checkbox" checked=${on} aria-describedby="by-run" onChange=${(event) => set(event.target.checked)} />${t("score.run")}</label>
    <p class="hint" id="by-run">${t("score.run-what")}</p>
  </div>
  ${on && html`<p class="hint">${t("score.run-not")}</p>`}</section>`;
}

async function download(path, id) {
  const { url } = await get(`${path}/score/${encodeURIComponent(id)}`);
  if (!url) throw new Error(t("score.gone"));
  location.assign(new URL(url.replace(/^\//, ""), ROOT));
}

const remove = (path, id) => call("DELETE", `${path}/score/${encodeURIComponent(id)}`);
const cancel = (path, { id, run }) => (run ? post(`/v1/runs/${encodeURIComponent(run)}/cancel`) : remove(path, id));

// One file, from when it was sent; `close` shows it no more, and `changed` hears that it became something else.
export function Followed({ path, id, close, changed }) {
  const live = useLive(`${path}/score/${encodeURIComponent(id)}`, (of) => (WAITS.includes(of.state) ? 1 : 60));
  if (live.error?.code === "not_found") return html`<p class="verdict" role="status">${t("score.gone")} <button class="quiet" onClick=${close}>${t("close")}</button></p>`;
  return html`<${Loaded} of=${live}>${(of) => html`<${Found} of=${of} path=${path} close=${close} changed=${() => { live.again(); changed(); }} />`}<//>`;
}

function Found({ of, path, close, changed }) {
  const under = WAITS.includes(of.state);
  const succeeded = of.state === "succeeded";
  const title = succeeded ? t("score.done", { rows: count(of.rows), name: of.file }) : of.file;
  return html`<${Card} title=${html`<span class="wrap">${title}</span>`} aside=${succeeded ? t("version", { version: of.version }) : html`<${State} state=${of.state} />`} wide=${true}>
    ${under && html`<${Under} of=${of} />`}
    ${of.error && html`<${Failure} error=${of.error} />`}
    ${of.state === "cancelled" && html`<p>${t("score.cancelled")}</p>`}
    ${succeeded && html`<${Told} of=${of} />`}
    <p class="actions">
      ${succeeded && of.url && html`<${Do} act=${() => download(path, of.id)}>${t("score.get")}<//><span class="hint wrap">${of.scored}</span>`}
      ${under && html`<${Do} quiet=${true} act=${async () => { await cancel(path, of); changed(); }}>${t("cancel")}<//>`}
      ${((of.url && succeeded) || of.state === "cancelled") && html`<${Remove} name=${of.file} act=${async () => { await remove(path, of.id); close(); changed(); }} />`}
      ${of.run && html`<a class="button quiet" href=${link("runs", of.run)}>${t("run")}</a>`}
      <button class="quiet" onClick=${close}>${t("close")}</button>
    </p>
  <//>
  ${succeeded && of.first.length > 0 && html`<${First} of=${of} />`}`;
}

function Remove({ name, act }) {
  return html`<${Sure} act=${act} question=${t("score.remove", { name })}>${t("delete")}<//>`;
}

function Under({ of }) {
  const words = of.rows ? t("score.under", { done: count(of.done), rows: count(of.rows) }) : t("score.waits");
  return html`<div class="sending"><span role="status">${words}</span><${Bar} share=${of.rows ? of.done / of.rows : 0} label=${words} />
    <p class="hint">${t("score.goes-on")}</p></div>`;
}

// What became of the rows: how many were refused, and why, and what was done with the columns.
function Told({ of }) {
  const named = (names) => names.map((column) => ({ column }));
  return html`
    ${of.refused > 0 && html`<p class="verdict worse">${t("score.failed", { failed: count(of.refused), rows: count(of.rows) })}</p>`}
    ${of.errors.length > 0 && html`<ul class="notes" lang="en">${of.errors.map((one) => html`<li>${one}</li>`)}</ul>`}
    ${of.refused > of.errors.length && of.url && html`<p class="hint">${t("score.more-errors")}</p>`}
    <${Rule} of=${of.rule} />
    <${Notes} of=${{ filled: named(of.filled), ignored: named(of.ignored) }} />
    ${!of.as_it_came && html`<p class="hint">${t("score.as-csv")}</p>`}
    <p class="hint">${of.until ? t("score.kept-until", { until: moment(of.until) }) : t("score.gone")}</p>`;
}

function First({ of }) {
  const places = of.first.map((_, at) => at);
  const told = of.first.map(({ error, label, probability, value }) => (error ? { error: { reason: error } } : label === undefined ? { value } : { label, probabilities: { [label]: probability } }));
  return html`<${Card} title=${t("score.first")} aside=${t("of", { some: count(of.first.length), all: count(of.rows) })} wide=${true}>
    <${Table} label=${t("score.first")} rows=${places} columns=${[
      { name: t("score.row"), number: true, of: (at) => count(at + 1) },
      { name: t("score.prediction"), of: (at) => html`<${One} of=${told[at]} />` },
      ...of.columns.map((name, column) => ({ name: html`<${CellText} of=${name} />`, of: (at) => html`<${CellText} of=${of.first[at].cells[column]} />` })),
    ]} />
  <//>`;
}

// What the list shows: what is under way, what is kept, and what failed in the last days.
function isListed({ state, outcome, resumable_until: kept, updated }) {
  return UNDER_WAY.includes(state) || outcome.until || kept || (state === "failed" && Date.now() - new Date(updated) < A_WEEK_MS);
}

export function ScoredFiles({ path, of, shown, close }) {
  const { items } = of.value || { items: [] };
  const rows = items.filter(isListed);
  if (!rows.length) return of.error ? html`<${Failure} error=${of.error} again=${of.again} />` : null;
  const gone = async (id) => {
    await remove(path, id);
    if (shown === id) close();
    of.again();
  };
  return html`<${Card} title=${t("score.files")} wide=${true}>
    <${Table} label=${t("score.files")} by=${(one) => one.id} rows=${rows} columns=${[
      { name: t("score.file"), of: (one) => html`<a class="strong" href=${one.outcome.upload ? scoredAt(one) : link("runs", one.id)}><${CellText} of=${one.outcome.file} /></a>` },
      { name: t("state"), of: (one) => html`<${State} state=${one.state} />` },
      { name: t("rows"), number: true, of: ({ state, iteration, iterations }) => (state === "succeeded" ? count(iterations) : iterations ? t("of", { some: count(iteration), all: count(iterations) }) : "–") },
      { name: t("score.refused"), number: true, of: ({ outcome }) => count(outcome.refused) },
      { name: t("score.kept"), of: ({ outcome }) => (outcome.until ? html`<span class="nowrap">${moment(outcome.until)}</span>` : "–") },
      { name: "", of: ({ outcome: { upload, until, file }, resumable_until: kept }) => html`<span class="actions">
        ${until && (upload ? html`<${Do} quiet=${true} act=${() => download(path, upload)}>${t("score.get")}<//>` : t("score.folder"))}
        ${upload && (until || kept) && html`<${Remove} name=${file} act=${() => gone(upload)} />`}</span>` },
    ]} />
  <//>`;
}
