// Runs: all of them, as far as they fit what is asked for; those that are chosen stand beside each other.
import { html } from "./ui.js";
import { useLast, useList } from "./api.js";
import { useAddress } from "./address.js";
import { useTyped } from "./drafts.js";
import { moment, said, t } from "./words.js";
import { Ago, Bar, Card, link, Loaded, Page, State, Table } from "./parts.js";
import { shareOf } from "./start.js";
import { OneRun, scoredAt, UNDER_WAY } from "./run.js";
import { Beside } from "./beside.js";

const FIRST = 50;
const A_SECOND = 200; // so many runs may be looked at anew each second
const STATES = ["under_way", "queued", "running", "succeeded", "failed", "cancelled"];
const KINDS = ["train", "evaluate", "update", "score"];
const BESIDE = 6;

export function RunScreen({ at }) {
  const [query, change] = useAddress();
  const [, id] = at.parts;
  if (id) return html`<${OneRun} id=${id} />`;
  const compared = (query.get("compare") || "").split(",").filter(Boolean);
  return compared.length > 1 ? html`<${Beside} ids=${compared.slice(0, BESIDE)} query=${query} change=${change} />` : html`<${All} query=${query} change=${change} />`;
}

function All({ query, change }) {
  const wanted = ["state", "kind", "model"].filter((name) => query.get(name)).map((name) => `&${name}=${encodeURIComponent(query.get(name))}`).join("");
  const most = Math.max(FIRST, Math.trunc(query.get("show")) || 0);
  const pace = (page) => (page.items.some((one) => UNDER_WAY.includes(one.state)) ? Math.ceil(page.items.length / A_SECOND) : 10);
  const runs = useLast(useList(`/v1/runs?limit=${Math.min(1000, most)}&points=0${wanted}`, pace, (_, found) => found >= most, most));
  const chosen = (query.get("chosen") || "").split(",").filter(Boolean);
  const choose = (id, on) => change({ chosen: (on ? [...chosen, id] : chosen.filter((one) => one !== id)).join(",") });
  const typed = useTyped("model", query.get("model") || "", (text) => change({ model: text.trim() }));
  return html`<${Page} title=${t("runs")} actions=${chosen.length > 0 && html`
      <button class="quiet" onClick=${() => change({ chosen: "" })}>${t("runs.clear")}</button>
      ${chosen.length > 1 ? html`<a class="button main" href="#/runs?compare=${chosen.slice(0, BESIDE).join(",")}">${t("runs.compare", { count: Math.min(BESIDE, chosen.length) })}</a>` : html`<span class="hint">${t("runs.one-more")}</span>`}`}>
    <form class="filters" onSubmit=${(event) => { event.preventDefault(); change({ model: typed.value.trim() }); }}>
      <${Pick} name="state" label=${t("state")} of=${STATES} words="state" value=${query.get("state") || ""} then=${(value) => change({ state: value })} />
      <${Pick} name="kind" label=${t("runs.kind")} of=${KINDS} words="kind" value=${query.get("kind") || ""} then=${(value) => change({ kind: value })} />
      <div class="field"><label for="of-model">${t("model")}</label><input id="of-model" type="search" placeholder=${t("runs.every")} ...${typed} /></div>
    </form>
    <${Loaded} of=${runs}>${(page) => html`<${List} page=${page} more=${() => change({ show: most * 2 })} chosen=${chosen} choose=${choose} filtered=${Boolean(wanted)} clear=${() => change({ state: "", kind: "", model: "" })} />`}<//>
  <//>`;
}

function Pick({ name, label, of, words, value, then }) {
  return html`<div class="field"><label for="of-${name}">${label}</label>
    <select id="of-${name}" value=${value} onChange=${(event) => then(event.target.value)}>
      <option value="">${t("runs.every")}</option>
      ${of.map((one) => html`<option value=${one}>${words === "state" ? said("state", one) : said("kind", one)}</option>`)}
    </select></div>`;
}

function List({ page: { items, next }, more, chosen, choose, filtered, clear }) {
  if (!items.length) {
    return filtered ? html`<p class="lead">${t("runs.none-fit")} <button class="quiet" onClick=${clear}>${t("runs.all")}</button></p>` : html`<p class="lead">${t("runs.none")}</p>`;
  }
  return html`<${Card} wide=${true}>
    <${Table} label=${t("runs")} by=${(one) => one.id} rows=${items} columns=${[
      { name: t("runs.choose"), of: (one) => html`<input type="checkbox" aria-label=${t("runs.choose-one", { kind: said("kind", one.kind), model: one.model, id: one.id })} checked=${chosen.includes(one.id)} onChange=${(event) => choose(one.id, event.target.checked)} />` },
      { name: t("run"), of: (one) => html`<a class="strong" href=${link("runs", one.id)}>${said("kind", one.kind)}</a>` },
      { name: t("model"), of: (one) => html`<a href=${link("models", one.model)}>${one.model}</a>` },
      { name: t("state"), of: (one) => html`<${State} state=${one.state} />` },
      { name: t("runs.came"), of: (one) => cameOf(one) },
      { name: t("begun"), of: (one) => html`<${Ago} at=${one.created} />` },
    ]} />
    ${next && html`<p class="actions"><button class="quiet" onClick=${more}>${t("runs.more")}</button></p>`}
  <//>`;
}

function cameOf(run) {
  if (run.state === "running") return html`<${Bar} share=${shareOf(run)} label=${t("progress")} />`;
  if (run.error) return html`<span class="one-line" title=${run.error.message}>${run.error.message}</span>`;
  if (run.outcome?.upload) return html`<a class="one-line" href=${scoredAt(run)}>${run.outcome.file}</a>`;
  if (run.version) return html`<a href=${link("models", run.model, "versions")}>${t("version", { version: run.version })}</a>`;
  if (run.resumable_until) return html`<span class="one-line">${t("runs.can-resume", { until: moment(run.resumable_until) })}</span>`;
  return html`<span class="one-line" title=${run.note}>${run.note || "–"}</span>`;
}
