// The first screen: the models that there are, or a place to drop a table.
import { html, useRef, useState } from "./ui.js";
import { all, get, post, upload, useLive } from "./api.js";
import { count, said, t } from "./words.js";
import { Ago, Bar, Card, choose, Do, Failure, link, Loaded, Page, State, Table } from "./parts.js";

const SECONDS = [5, 30, 120, 600];

// A name that the platform takes, made of the name of a file.
export function nameOf(file) {
  const bare = file.replace(/(\.(csv|tsv|txt|json|ndjson|jsonl|parquet|xlsx|gz|zip|xz|bz2))+$/i, "");
  const name = bare.normalize("NFKD").replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[^A-Za-z0-9]+|-+$/g, "").slice(0, 60);
  return name || "table";
}

async function freeName(name) {
  const like = `search=${encodeURIComponent(name)}`;
  const lists = await Promise.all([all(`/v1/datasets?${like}`), all(`/v1/models?${like}`)]);
  const taken = new Set(lists.flat().map((one) => one.name));
  if (!taken.has(name)) return name;
  for (let at = 2; ; at++) if (!taken.has(`${name}-${at}`)) return `${name}-${at}`;
}

const FIRST = 50;
const MOST = 1000;

export function Start({ at }) {
  const wanted = at.query.get("search") || "";
  const shown = Math.trunc(Math.max(FIRST, Math.min(MOST, Number(at.query.get("show")) || FIRST)));
  const asked = useLive(`/v1/models?limit=${shown}&search=${encodeURIComponent(wanted)}`, (page) => (page.items.some((one) => one.run) ? 1 : 10));
  const runs = useLive("/v1/runs?limit=8&points=0", (page) => (page.items.some((one) => ["queued", "running"].includes(one.state)) ? 1 : 10));
  // Until the answer to another search is there, the one before stays, and with it the field that is typed in.
  const before = useRef();
  const many = useRef(false);
  if (asked.value) before.current = asked.value;
  if (wanted || asked.value?.items.length > 8) many.current = true;
  const title = t("start");
  return html`<${Loaded} of=${{ ...asked, value: before.current }} title=${title}>${(page) => {
    const found = page.items;
    if (asked.value && !found.length && !wanted) {
      return html`<${Page} title=${t("start.empty")} lead=${t("start.empty-lead")}><${Drop} big=${true} /><//>`;
    }
    return html`<${Page} title=${title}>
      <${Drop} />
      <${Card} title=${t("models")} aside=${page.next ? t("first-some", { count: count(found.length) }) : count(found.length)} wide=${true}>
        ${many.current &&
        html`<input type="search" class="search" placeholder=${t("search")} aria-label=${t("search")} value=${wanted} onInput=${(event) => choose({ search: event.target.value })} />`}
        <${Table} label=${t("models")} rows=${found} columns=${[
          { name: t("model"), of: (one) => html`<a class="strong" href=${link("models", one.name)}>${one.name}</a>` },
          { name: t("state"), of: (one) => html`<${State} state=${one.run ? "running" : one.state === "retired" ? "retired" : one.champion ? "serving" : "active"} />` },
          { name: t("champion"), of: (one) => (one.champion ? t("version", { version: one.champion }) : "–") },
          { name: t("algorithm"), of: (one) => said("algorithm", one.algorithm) },
          { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
        ]} />
        ${!found.length && html`<p class="hint">${t("nothing-found")}</p>`}
        ${page.next && shown < MOST && html`<p class="actions"><button class="quiet" onClick=${() => choose({ search: wanted, show: Math.min(MOST, shown * 4) })}>${t("show-more")}</button></p>`}
      <//>
      <${Loaded} of=${runs}>${(list) => list.items.length > 0 && html`<${Card} title=${t("runs.latest")} wide=${true}><${RunTable} runs=${list.items} /><//>`}<//>
    <//>`;
  }}<//>`;
}

export function RunTable({ runs }) {
  return html`<${Table} label=${t("runs")} rows=${runs} columns=${[
    { name: t("run"), of: (one) => html`<a href=${link("runs", one.id)}>${said("kind", one.kind)}</a>` },
    { name: t("model"), of: (one) => html`<a href=${link("models", one.model)}>${one.model}</a>` },
    { name: t("state"), of: (one) => html`<${State} state=${one.state} />` },
    { name: t("begun"), of: (one) => html`<${Ago} at=${one.created} />` },
  ]} />`;
}

// A place to drop a file, or to choose one; then what was read, and the way on.
export function Drop({ big }) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const [sent, setSent] = useState(null);
  const [file, setFile] = useState(null);
  const [error, setError] = useState(null);
  const [read, setRead] = useState(null);

  const take = async (chosen, label) => {
    if (!chosen) return;
    setError(null);
    setRead(null);
    setFile(chosen);
    setSent(0);
    try {
      const name = await freeName(nameOf(chosen.name));
      const found = await upload(name, chosen, label ? { label } : {}, setSent);
      if (found.state === "rejected") throw found.error;
      const path = `/v1/datasets/${name}/versions/${found.version}`;
      const [version, report] = await Promise.all([get(path), get(`${path}/report`)]);
      setRead({ name, version, report });
    } catch (problem) {
      setError(problem);
    } finally {
      setSent(null);
    }
  };
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };

  return html`<div class="drop ${big ? "big" : ""} ${over ? "over" : ""}"
      onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)}
      onDrop=${dropped}>
      <p><b>${t("drop")}</b> <span class="hint">${t("drop.kinds")}</span></p>
      <button class=${big ? "main" : "quiet"} onClick=${() => input.current.click()}>${t("drop.choose")}</button>
      <input ref=${input} type="file" hidden aria-label=${t("drop.choose")} onChange=${(event) => take(event.target.files[0])} />
      ${sent !== null && html`<div class="sending"><span>${sent < 1 ? t("drop.sending", { name: file.name }) : t("drop.reading", { name: file.name })}</span><${Bar} share=${sent} label=${t("drop.sending", { name: file.name })} /></div>`}
      ${error && html`<${Failure} error=${error} />`}
    </div>
    ${read && html`<${Ready} ...${read} file=${file} again=${(label) => take(file, label)} />`}`;
}

// What was read of a new table, and the one button that makes a model of it.
function Ready({ name, version, report, again }) {
  const label = version.label;
  const [seconds, setSeconds] = useState(30);
  const classes = version.columns.find((one) => one.name === label);
  const task = classes && ["number", "integer"].includes(classes.kind) && report.label.cut !== null ? "regression" : "classification";
  const warnings = report.findings.filter((one) => one.level !== "note");
  const train = async () => {
    const linear = task === "regression" ? "linear_regression" : "logistic_regression";
    await post("/v1/models", { name, algorithm: linear, dataset: name });
    const run = await post(`/v1/models/${name}/train`, { auto: true, seconds });
    location.hash = `${link("runs", run.id)}?deploy=1`;
  };
  return html`<${Card} title=${t("ready", { name })} wide=${true}>
    <p>${t("ready.read", { rows: count(version.rows), columns: count(version.column_count) })}</p>
    <div class="field">
      <label for="label">${t("ready.label")}</label>
      <select id="label" value=${label} onChange=${(event) => again(event.target.value)}>
        ${version.columns.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
      </select>
    </div>
    <div class="field">
      <label for="seconds">${t("ready.seconds")}</label>
      <select id="seconds" value=${seconds} onChange=${(event) => setSeconds(Number(event.target.value))}>
        ${SECONDS.map((one) => html`<option value=${one}>${one < 60 ? t("seconds", { count: one }) : t("minutes", { count: one / 60 })}</option>`)}
      </select>
    </div>
    ${warnings.length > 0 && html`<ul class="findings">${warnings.slice(0, 5).map((one) => html`<li class=${one.level}>${one.message}</li>`)}</ul>`}
    <p class="actions"><${Do} act=${train}>${t("ready.go")}<//> <a href=${link("data", name)}>${t("ready.report")}</a></p>
  <//>`;
}
