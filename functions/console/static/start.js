// The first screen: what needs a person, what is under way, and the models; or a place to drop the first table.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";
import { all, get, post, readAgain, upload, useLast, useList } from "./api.js";
import { useAddress } from "./address.js";
import { Brought, useDraft } from "./drafts.js";
import { count, said, t } from "./words.js";
import { Ago, Bar, Card, Do, Failure, link, Loaded, own, Page, State, Table } from "./parts.js";
import { Spark } from "./spark.js";

const SECONDS = [5, 30, 120, 600];
const FIRST = 50;
const SHOWN = 5;
const WATCHED = 25;
const WATCHED_SECONDS = 60;
const STATES = ["active", "retired"];

// The data set that was read and that no model learns from yet, and how long its search may take.
const NOT_READ = { name: "", seconds: 30 };
const fits = (value, field) => (field === "seconds" ? SECONDS.includes(value) : field === "name" && typeof value === "string");

// Tables that come with the page, each with its label: something to try without one's own.
const SAMPLES = [["tumours", "diagnosis"], ["diabetes", "progression"]];

// A name that the platform takes, made of the name of a file.
export function nameOf(file) {
  const bare = file.replace(/(\.(csv|tsv|txt|json|ndjson|jsonl|parquet|xlsx|gz|zip|xz|bz2))+$/i, "");
  const name = bare.normalize("NFKD").replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[^A-Za-z0-9]+|-+$/g, "").slice(0, 60);
  return name || "table";
}

// The first of name, name-2, name-3 that no data set and no model has.
export async function freeName(name) {
  const like = `search=${encodeURIComponent(name)}`;
  const lists = await Promise.all([all(`/v1/datasets?${like}`), all(`/v1/models?${like}`)]);
  const taken = new Set(lists.flat().map((one) => one.name));
  if (!taken.has(name)) return name;
  for (let at = 2; ; at++) if (!taken.has(`${name}-${at}`)) return `${name}-${at}`;
}

export function Start() {
  const [query, change] = useAddress();
  const wanted = query.get("search") || "";
  const state = STATES.find((one) => one === query.get("state")) || "";
  const most = Math.max(FIRST, Math.trunc(query.get("show")) || 0);
  const asked = useList(`/v1/models?limit=${Math.min(1000, most)}&search=${encodeURIComponent(wanted)}${state && `&state=${state}`}`, (page) => (page.items.some((one) => one.run) ? 1 : 10), (_, found) => found >= most, most);
  const last = useLast(asked);
  const many = useRef(false);
  const filtered = wanted || state;
  if (filtered || asked.value?.items.length > 8 || asked.value?.items.some((one) => one.state === "retired")) many.current = true;
  return html`<${Loaded} of=${last} title=${t("start")}>${(page) =>
    asked.value && !page.items.length && !filtered ? html`<${First} />` : html`<${Models} page=${page} many=${many.current} wanted=${wanted} state=${state} most=${most} change=${change} />`}<//>`;
}

function First() {
  return html`<${Page} title=${t("start.empty")} lead=${t("start.empty-lead")}><${Drop} big=${true} anywhere=${true} samples=${true} /><//>`;
}

function Models({ page, many, wanted, state, most, change }) {
  const models = page.items;
  const failed = useList("/v1/runs?limit=1000&points=0&state=last_failed", () => 10);
  const alarmed = useList("/v1/models?limit=1000&state=alarmed", () => 10);
  const open = useList("/v1/runs?limit=1000&points=0&state=under_way", (list) => (list.items.length ? 1 : 10));
  const sets = useList("/v1/datasets?limit=1000", () => 30);
  const [alarms, failures, files] = [alarmed, failed, sets].map((one) => one.value?.items ?? []);
  const served = [...alarms.slice(0, SHOWN), ...models].filter((one) => one.champion && one.state !== "retired");
  const watched = useWatched([...new Set(served.map((one) => one.name))].slice(0, WATCHED));
  const needs = needsOf(alarms, failures, files, models, watched);
  const busy = open.value ? [...open.value.items].sort((a, b) => (b.state > a.state) - (b.state < a.state)) : []; // what runs before what waits
  return html`<${Page} title=${t("start")} actions=${html`<a class="button main" href=${link("new")}>${t("new-model")}</a>`}>
    ${needs.length > 0 && html`<${Needs} of=${needs} />`}
    ${busy.length > 0 && html`<${Card} title=${t("under-way")} aside=${count(busy.length)} wide=${true}><ul class="at-work">${busy.slice(0, SHOWN).map((one) => html`<li>
      <a class="strong" href=${link("runs", one.id)}>${t("run.of", { kind: said("kind", one.kind), model: one.model })}</a>
      <span class="hint">${one.note || one.stage}</span>
      ${one.state === "queued" ? html`<${State} state="queued" />` : html`<${Bar} share=${shareOf(one)} label=${t("progress")} />`}
    </li>`)}</ul>
      ${busy.length > SHOWN && html`<p class="actions"><a class="button quiet" href="${link("runs")}?state=under_way">${t("show-all", { count: count(busy.length) })}</a></p>`}<//>`}
    <${Card} title=${t("models")} aside=${page.next ? t("first-some", { count: count(models.length) }) : count(models.length)} wide=${true}>
      ${many && html`<div class="toolbar"><input type="search" class="search" placeholder=${t("search")} aria-label=${t("search")} value=${wanted} onInput=${(event) => change({ search: event.target.value })} />
        <select aria-label=${t("state")} value=${state} onChange=${(event) => change({ state: event.target.value })}><option value="">${t("models.every")}</option>${STATES.map((one) => html`<option value=${one}>${t(`models.${one}`)}</option>`)}</select></div>`}
      ${models.length > 0
        ? html`<${Table} label=${t("models")} by=${(one) => one.name} rows=${models} columns=${[
            { name: t("model"), of: (one) => html`<a class="strong" href=${link("models", one.name)}>${one.name}</a>` },
            { name: t("state"), of: (one) => html`<${State} state=${stateOf(one, own(watched, one.name))} />` },
            { name: t("champion"), of: (one) => (one.champion && one.state !== "retired" ? html`<span class="nowrap">${t("version", { version: one.champion })}</span>` : "–") },
            { name: t("traffic.day"), number: true, of: (one) => (own(watched, one.name) ? html`<${Day} of=${watched[one.name]} />` : "–") },
            { name: t("data-set"), of: (one) => html`<span class="cut" title=${one.dataset}>${one.dataset}</span>` },
            { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
          ]} />`
        : html`<p class="hint">${t(wanted ? "nothing-found" : "models.none")}</p>`}
      ${page.next && html`<p class="actions"><button class="quiet" onClick=${() => change({ show: most * 4 })}>${t("show-more")}</button></p>`}
    <//>
    <${Drop} anywhere=${true} />
  <//>`;
}

// The rows of a day, drawn by the hour.
function Day({ of }) {
  return html`<span class="day">${of.rows > 0 && html`<${Spark} values=${of.hourly} label=${t("traffic.day")} />`}${count(of.rows)}</span>`;
}

function stateOf(model, seen) {
  if (model.run) return "running";
  if (model.state === "retired") return "retired";
  if (seen && seen.alerts.length) return ["failing", "slow"].find((state) => seen.status === state || seen.alerts.some((one) => one.name === state)) || "drift";
  return model.champion ? "serving" : "active";
}

// How far a run has come, from 0 to 1; a search that has so many seconds comes as far as its time has.
export function shareOf(run, now = Date.now()) {
  if (run.state === "succeeded") return 1;
  if (run.trials) return Math.min(0.97, run.trial / run.trials);
  if (run.iterations) return Math.min(0.97, run.iteration / run.iterations);
  const seconds = run.asked && run.asked.seconds;
  return seconds && run.state === "running" ? Math.min(0.9, Math.max(0, now - new Date(run.created).getTime()) / 1000 / seconds) : 0;
}

// The traffic of the models that are shown, one after the other, and all of them anew after a minute.
function useWatched(names) {
  const [seen, setSeen] = useState({});
  const key = names.join("/");
  useEffect(() => {
    let ended = false;
    let timer;
    const look = async () => {
      for (const name of document.hidden ? [] : names) {
        try {
          const path = `/v1/models/${encodeURIComponent(name)}/monitor`;
          const [found, traffic] = await Promise.all([get(path), get(`${path}/traffic?hours=24`)]);
          if (ended) return;
          setSeen((before) => ({ ...before, [name]: { ...found, hourly: traffic.points.map((one) => one.rows) } }));
        } catch {
          // A figure that cannot be had now is left out; the list says enough without it.
        }
        if (ended) return;
      }
      timer = setTimeout(look, WATCHED_SECONDS * 1000);
    };
    look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [key]);
  return seen;
}

// What waits for somebody: { tone, text, href, act }, the most pressing first. Of models that nothing serves those that are shown.
function needsOf(alarms, failures, sets, models, watched) {
  const found = [];
  for (const { name, run } of alarms) {
    const [first, ...more] = own(watched, name)?.alerts ?? [];
    const text = first ? `${name}: ${first.message}${more.length ? ` (${t("need.more", { count: more.length })})` : ""}` : t("need.alert", { model: name });
    if (!run) found.push({ tone: "bad", text, href: link("models", name, "monitor"), act: t("need.look") });
  }
  for (const one of failures) found.push({ tone: "bad", text: t("need.failed", { model: one.model, why: one.error ? one.error.message : "" }), href: link("runs", one.id), act: t("need.look") });
  for (const one of sets) {
    if (one.state === "held") found.push({ tone: "warn", text: t("need.held", { name: one.name, version: one.latest }), href: link("data", one.name), act: t("need.decide") });
  }
  for (const one of models) {
    if (one.state === "retired" || one.run || one.champion || failures.some((run) => run.model === one.name)) continue;
    found.push(one.latest
      ? { tone: "plain", text: t("need.serve", { model: one.name }), href: link("models", one.name, "versions"), act: t("need.choose") }
      : { tone: "plain", text: t("need.train", { model: one.name }), href: link("models", one.name), act: t("need.begin") });
  }
  return found;
}

function Needs({ of }) {
  const [every, setEvery] = useState(false);
  return html`<${Card} title=${t("needs")} aside=${count(of.length)} wide=${true}>
    <ul class="needs">${(every ? of : of.slice(0, SHOWN)).map((one) => html`<li class=${one.tone}><span title=${one.text}>${one.text}</span><a href=${one.href} aria-label="${one.act}: ${one.text.slice(0, 120)}">${one.act}</a></li>`)}</ul>
    ${of.length > SHOWN && html`<p class="actions"><button class="quiet" onClick=${() => setEvery(!every)}>${every ? t("show-less") : t("start.more", { count: count(of.length - SHOWN) })}</button></p>`}
  <//>`;
}

// A place to drop a file, or to choose one; then what was read, and the way on.
// With `anywhere` the whole window takes a file; `then` takes what was read in place of the way on to a model.
export function Drop({ big, anywhere, samples, then }) {
  const input = useRef();
  const button = useRef();
  const [over, setOver] = useState(false);
  const [sent, setSent] = useState(null);
  const [file, setFile] = useState(null);
  const [error, setError] = useState(null);
  const [read, setRead] = useState(null);
  const [ready, keep, draft] = useDraft("ready", NOT_READ, fits);
  const turn = useRef(0);

  // Of what is asked for one after the other the last is shown, whichever is read first.
  const see = async (mine, name, found) => {
    if (found.state === "rejected") throw found.error;
    const path = `/v1/datasets/${encodeURIComponent(name)}/versions/${found.version}`;
    const [version, report, { Told }] = await Promise.all([get(path), get(`${path}/report`), import("./translated.js")]);
    if (mine !== turn.current) return;
    if (then) then({ name, version, report });
    else {
      setRead({ name, version, report, Told });
      keep((before) => ({ ...before, name }));
    }
  };
  const putAway = () => {
    setRead(null);
    draft.forget();
  };
  const follow = async (share, reading) => {
    const mine = ++turn.current;
    const tell = (next) => mine === turn.current && setSent(next);
    setError(null);
    setSent(share);
    try {
      const found = await reading(tell);
      if (found) await see(mine, ...found);
    } catch (problem) {
      if (mine === turn.current) setError(problem);
    } finally {
      tell(null);
    }
  };
  const take = (chosen, label) => {
    if (!chosen) return;
    putAway();
    setFile(chosen);
    follow(0, async (tell) => {
      if (/\.lepton$/i.test(chosen.name)) return (await import("./import.js")).imported(chosen, tell);
      const name = await freeName(nameOf(chosen.name));
      return [name, await upload(name, chosen, label ? { label } : {}, tell)];
    });
  };
  // Another label: the platform has the file already.
  const predict = (label) => follow(1, async () => [read.name, await readAgain(read.name, read.version.version, { label })]);
  // A table that was read before this page was loaded, unless a model learns from it by now.
  const bring = async () => {
    try {
      const set = await get(`/v1/datasets/${encodeURIComponent(ready.name)}`);
      if (set.latest && !set.models.length) await see(0, ready.name, { version: set.latest });
      else if (!turn.current) draft.forget();
    } catch (problem) {
      if (problem.status === 404 && !turn.current) draft.forget();
    }
  };
  useEffect(() => {
    if (ready.name && !then && !turn.current) bring();
  }, []);
  useAnywhere(anywhere, setOver, take);
  const dropped = (event) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };

  const shown = (file || read)?.name;
  return html`<div class="drop ${big && !read ? "big" : ""} ${over ? "over" : ""}"
      onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)}
      onDrop=${dropped}>
      <p><b>${t("drop")}</b> <span class="hint">${t("drop.kinds")}, ${t("drop.model")}</span></p>
      <button ref=${button} class=${big && !read ? "main" : "quiet"} disabled=${sent !== null} onClick=${() => input.current.click()}>${t("drop.choose")}</button>
      <input ref=${input} type="file" hidden aria-label=${t("drop.choose")} onChange=${(event) => { take(event.target.files[0]); event.target.value = ""; }} />
      ${sent !== null && html`<div class="sending" role="status"><span>${t(sent < 1 ? "drop.sending" : "drop.reading", { name: shown })}</span><${Bar} share=${sent} label=${t("drop.sending", { name: shown })} /></div>`}
      ${error && html`<${Failure} error=${error} />`}
    </div>
    ${samples && !read && html`<${Samples} take=${take} fail=${setError} busy=${sent !== null} />`}
    ${read && html`<${Ready} ...${read} predict=${predict} busy=${sent !== null} seconds=${ready.seconds} setSeconds=${(seconds) => keep({ ...ready, seconds })} draft=${{ ...draft, forget: () => { putAway(); button.current.focus(); } }} />`}`;
}

// A file that is dropped beside the place for it would else take the page away.
function useAnywhere(anywhere, setOver, take) {
  const then = useRef(take);
  then.current = take;
  useLayoutEffect(() => {
    if (!anywhere) return;
    const has = (event) => [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
    const over = (event) => {
      if (!has(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const left = (event) => event.relatedTarget === null && setOver(false);
    const dropped = (event) => {
      if (!has(event)) return;
      event.preventDefault();
      setOver(false);
      then.current(event.dataTransfer.files[0]);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", left);
    window.addEventListener("drop", dropped);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", left);
      window.removeEventListener("drop", dropped);
    };
  }, [anywhere]);
}

function Samples({ take, fail, busy }) {
  const begin = async (name, label) => {
    const answer = await fetch(new URL(`sample-${name}.csv`, import.meta.url)).catch(() => null);
    if (answer && answer.ok) take(new File([await answer.blob()], `${name}.csv`), label);
    else fail({ code: "unreachable" });
  };
  return html`<section class="samples"><h2>${t("samples")}</h2>
    <div>${SAMPLES.map(([name, label]) => html`<button disabled=${busy} onClick=${() => begin(name, label)}><b>${said("question", name)}</b><span>${said("sample", name)}</span></button>`)}</div>
  </section>`;
}

// What was read of a new table, and the one button that makes a model of it.
function Ready({ name, version, report, Told, predict, busy, seconds, setSeconds, draft }) {
  const label = version.label;
  const warnings = report.findings.filter((one) => one.level !== "note");
  const guessed = report.findings.some((one) => one.code === "label_guessed");
  const train = async (go) => {
    const linear = taskOf(version, report) === "regression" ? "linear_regression" : "logistic_regression";
    await post("/v1/models", { name, algorithm: linear, dataset: name });
    const run = await post(`/v1/models/${encodeURIComponent(name)}/train`, { auto: true, seconds, deploy: true });
    draft.sent();
    go("runs", run.id);
  };
  return html`<${Card} title=${t("ready", { name })} wide=${true}>
    <${Brought} of=${draft} />
    <p>${t("ready.read", { rows: count(version.rows), columns: count(version.column_count) })}</p>
    <div class="field">
      <label for="label">${t("ready.label")}</label>
      <select id="label" value=${label} disabled=${busy} onChange=${(event) => predict(event.target.value)}>
        ${version.columns.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
      </select>
      ${guessed && html`<small class="hint">${t("ready.guessed")}</small>`}
      ${tellsRowsApart(version, report) && html`<p class="doubt" role="status">${t("ready.all-differ")}</p>`}
    </div>
    <${Seconds} id="seconds" value=${seconds} then=${setSeconds} />
    ${warnings.length > 0 && html`<ul class="findings">${warnings.slice(0, 5).map((one) => html`<li class=${one.level}><${Told} of=${one} report=${report} said=${one.message} /></li>`)}</ul>`}
    <p class="actions"><${Do} act=${train}>${t("ready.go")}<//> <a href="${link("new")}?data=${encodeURIComponent(name)}">${t("ready.self")}</a> <a href=${link("data", name)}>${t("ready.report")}</a></p>
  <//>`;
}

// Whether the label of a version is a value or a class.
export function taskOf(version, report) {
  const label = version.columns.find((one) => one.name === version.label);
  return label && ["number", "integer"].includes(label.kind) && report.label.cut !== null ? "regression" : "classification";
}

// Whether the label has another value in each row, and is no quantity that could be learned all the same. Whole numbers
// without a gap count the rows.
function tellsRowsApart(version, report) {
  const label = report.columns.find((one) => one.name === version.label);
  if (!label || label.distinct !== version.rows || version.rows < 2) return false;
  return report.label.cut === null || (label.kind === "integer" && label.max - label.min === version.rows - 1);
}

// How long a search may take.
export function Seconds({ id, value, then }) {
  return html`<div class="field">
    <label for=${id}>${t("ready.seconds")}</label>
    <select id=${id} value=${value} onChange=${(event) => then(Number(event.target.value))}>
      ${SECONDS.map((one) => html`<option value=${one}>${one < 60 ? t("seconds", { count: one }) : t("minutes", { count: one / 60 })}</option>`)}
    </select>
  </div>`;
}
