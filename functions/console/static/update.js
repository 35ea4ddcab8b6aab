// The tab of a model's updates: what waits, the policy as a form, and what was decided so far, with its figures.
import { html, useState } from "./ui.js";
import { call, post, useList, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, figure, more, share, t } from "./words.js";
import { elsewhere } from "./learnt.js";
import { Settings, useOpened, wrongOf } from "./fields.js";
import { Ago, Card, Do, Empty, Facts, Failure, link, Loaded, own, State, Table } from "./parts.js";
import { Brought, useDraft } from "./drafts.js";

await more("rollout");

const UNITS = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
const UNDER_WAY = ["queued", "running"];
const DECISIONS = 1000;

// What can be chosen in a field of the policy; in the others a text is typed.
const CHOICES = { update: ["auto", "manual"], held: ["wait", "train"], approval: ["false", "true"], unit: UNITS.map(([unit]) => unit) };

export function UpdateTab({ model, path, again }) {
  return html`<div class="cards">
    <div class="stack"><${Now} model=${model} path=${path} /><${Decisions} model=${model} /></div>
    ${model.state !== "retired" && html`<${PolicyForm} of=${model.policy} path=${path} then=${again} />`}
  </div>`;
}

// Of the settings of what serves those that one update may change.
const TOLD = ["iterations", "learning_rate"];

// What there is to learn from that the newest version has not seen, and the button that begins.
function Now({ model, path }) {
  const learns = model.latest > 0 && model.state !== "retired";
  const newest = useLive(model.latest ? `${path}/versions/${model.latest}` : null, () => 30);
  const data = useList(learns && newest.value ? `/v1/datasets/${encodeURIComponent(model.dataset)}/versions?limit=1000` : null, () => 15);
  if (model.state === "retired") return html`<${Card} title=${t("update.now")}><p>${t("model.retired")}</p><//>`;
  if (!model.champion) {
    return html`<${Card} title=${t("update.now")}><p>${t("update.nothing-serves")}</p>
      ${data.value && newest.value && html`<${Waiting} of=${data.value.items} model=${model} learnt=${newest.value} />`}
      <p class="actions"><a class="button" href=${link("models", model.name)}>${t("tab.overview")}</a></p><//>`;
  }
  return html`<${Card} title=${t("update.now")}>
    <${Loaded} of=${data}>${(page) => newest.value && html`<${Waiting} of=${page.items} model=${model} learnt=${newest.value} />`}<//>
    <p class="hint">${t("update.how")}</p>
    ${model.run
      ? html`<p class="actions"><a class="button" href=${link("runs", model.run)}>${t("run.watch")}</a></p>`
      : html`<${Begin} model=${model} path=${path} />`}
  <//>`;
}

// The button that begins an update, and with which settings, where what serves has any of them.
function Begin({ model, path }) {
  const serving = useLive(`${path}/versions/${model.champion}`, () => 30);
  const algorithms = useLive("/v1/algorithms", () => 600);
  const [given, setGiven, draft] = useDraft("update", {}, (value, name) => TOLD.includes(name) && ["number", "string"].includes(typeof value));
  const [same, setSame] = useState(null);
  const [error, setError] = useState(null);
  const known = serving.value && algorithms.value?.items.find((one) => one.name === serving.value.algorithm);
  const settings = (known?.hyperparameters || []).filter((one) => TOLD.includes(one.name)).map((one) => ({ ...one, usual: t("update.as-now") }));
  const asked = Object.fromEntries(settings.map(({ name }) => [name, given[name]]).filter(([, value]) => value !== undefined));
  const changed = Object.keys(asked).length;
  const open = useOpened(changed);
  const change = (name, value) => {
    setError(null);
    setGiven(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));
  };
  const update = async (go) => {
    setSame(null);
    setError(null);
    try {
      const run = await post(`${path}/update`, asked);
      draft.taken();
      if (run.nothing_new) setSame(run);
      else go("runs", run.id);
    } catch (refused) {
      setError(refused);
      throw refused;
    }
  };
  return html`
    ${settings.length > 0 && html`<details class="otherwise" open=${open}><summary>${t("update.with")} · ${changed ? t("set.changed", { count: changed }) : t("set.none-changed")}</summary>
      <${Settings} prefix="update" settings=${settings} values=${asked} then=${change} errors=${error ? { [error.field]: error.message } : {}} /></details>`}
    <p class="actions">${settings.some((one) => wrongOf(one, asked[one.name])) ? html`<button class="main" disabled>${t("update.now")}</button>` : html`<${Do} act=${update}>${t("update.now")}<//>`}</p>
    ${same && html`<p class="verdict" role="status">${t("update.same")} <a href=${link("runs", same.id)}>${t("update.last")}</a></p>`}`;
}

function Waiting({ of, model, learnt }) {
  const newer = of.filter((one) => learnt.dataset !== model.dataset || one.version > learnt.dataset_version);
  const held = newer.filter((one) => one.state === "held");
  const ready = newer.filter((one) => one.state !== "held");
  const last = ready[ready.length - 1];
  const auto = model.policy.update === "auto";
  const waits = model.policy.held === "wait";
  return html`<${Facts} of=${[
      [t("update.learnt"), elsewhere(learnt) || html`<a href=${link("data", learnt.dataset)}>${learnt.dataset} ${learnt.dataset_version}</a>`],
      [t("update.newest"), last ? html`<a href=${link("data", model.dataset)}>${t("version", { version: last.version })}</a>, <${Ago} at=${last.created} />` : html`${t("update.none-newer")} · <a href=${link("data", model.dataset, "versions")}>${t("data.add")}</a>`],
    ]} />
    ${last && model.champion && html`<p class="verdict">${t(auto ? "update.comes" : "update.asks", { version: last.version })}</p>`}
    ${held.map((one) => html`<p class="verdict warn">${t(waits ? "update.held" : "update.held-taken", { version: one.version })} <a href=${link("data", model.dataset)}>${t("update.look")}</a></p>`)}`;
}

function parted(seconds) {
  const [unit, size] = UNITS.find(([, one]) => seconds && seconds % one === 0) || UNITS[0];
  return [String(seconds / size), unit];
}

function PolicyForm({ of, path, then }) {
  const [wait, first] = parted(of.least_interval);
  const kept = { update: of.update, held: of.held, margin: String(round(of.margin * 100)), tolerance: String(of.tolerance), wait, unit: first, canary: of.canary === null ? "" : String(round(of.canary * 100)), bake: of.bake_minutes === null ? "" : String(of.bake_minutes), approval: String(of.approval) };
  const [form, setForm, draft] = useDraft("policy", kept, (value, field) => (own(CHOICES, field) ? CHOICES[field].includes(value) : own(kept, field) !== undefined && typeof value === "string"));
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState(null);
  const set = (name) => (event) => {
    setForm({ ...form, [name]: event.target.value });
    setError(null);
  };
  // What is no number goes as it was typed, so that the answer names it: as null it would take the setting back.
  const number = (text, size = 1) => {
    const made = Number(text.trim().replace(",", "."));
    if (text.trim() === "") return null;
    return !Number.isFinite(made) ? text.trim() : size === 1 ? made : size > 1 ? made * size : round(made * size, 1e12);
  };
  const made = {
    update: form.update,
    held: form.held,
    margin: number(form.margin, 0.01),
    tolerance: number(form.tolerance),
    least_interval: number(form.wait, UNITS.find(([unit]) => unit === form.unit)[1]),
    canary: number(form.canary, 0.01),
    bake_minutes: number(form.bake),
    // Without a canary there is nothing to approve.
    approval: form.canary.trim() !== "" && form.approval === "true",
  };
  const changed = Object.keys(made).some((name) => made[name] !== of[name]);
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await call("PUT", `${path}/policy`, made);
      draft.sent();
      setSaved(true);
      then();
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const field = (name, control, title = t(`policy.${name}`), help = t(`help.${name}`)) => html`<div class="field">
    <label for="policy-${name}">${title}</label>${control}
    <p class="hint" id="policy-${name}-help">${help}</p>
    ${error && error.field === name && html`<p class="wrong" role="alert">${error.message}</p>`}
  </div>`;
  const told = (name) => ({ id: `policy-${name}`, "aria-describedby": `policy-${name}-help`, "aria-invalid": error && error.field === name ? "true" : undefined });
  return html`<${Card} title=${t("policy")}>
    <form class="policy" onSubmit=${save}>
      <${Brought} of=${draft} />
      ${field("update", html`<select ...${told("update")} value=${form.update} onChange=${set("update")}>
        <option value="auto">${t("policy-value.auto")}</option><option value="manual">${t("policy-value.manual")}</option></select>`)}
      ${field("held", html`<select ...${told("held")} value=${form.held} onChange=${set("held")}>
        <option value="wait">${t("policy-value.wait")}</option><option value="train">${t("policy-value.train")}</option></select>`)}
      ${field("least_interval", html`<span class="joined"><input ...${told("least_interval")} inputmode="decimal" value=${form.wait} onInput=${set("wait")} />
        <select aria-label=${t("policy.unit")} value=${form.unit} onChange=${set("unit")}>${UNITS.map(([unit]) => html`<option value=${unit}>${t(`unit.${unit}`)}</option>`)}</select></span>`)}
      ${field("margin", html`<span class="joined"><input ...${told("margin")} inputmode="decimal" value=${form.margin} onInput=${set("margin")} /> <span>%</span></span>`)}
      ${field("tolerance", html`<input ...${told("tolerance")} inputmode="decimal" value=${form.tolerance} onInput=${set("tolerance")} />`)}
      ${field("canary", html`<input ...${told("canary")} inputmode="decimal" placeholder=${t("roll.whole")} value=${form.canary} onInput=${set("canary")} />`, t("roll.canary"), t("policy.canary-help"))}
      ${field("bake_minutes", html`<input ...${told("bake_minutes")} inputmode="decimal" placeholder=${form.canary.trim() === "" ? "5" : "60"} value=${form.bake} onInput=${set("bake")} />`, t("roll.minutes"), t("roll.minutes-help"))}
      ${form.canary.trim() !== "" && field("approval", html`<select ...${told("approval")} value=${form.approval} onChange=${set("approval")}>
        <option value="false">${t("no")}</option><option value="true">${t("yes")}</option></select>`, t("roll.approval"), t("roll.approval-help"))}
      ${error && !(error.field in made) && html`<${Failure} error=${error} />`}
      <p class="actions"><button class="main" disabled=${!changed || busy} aria-busy=${busy}>${t("save")}</button>
        <span class="hint" role="status">${changed ? t("policy.changed") : t(saved ? "policy.saved" : "policy.kept")}</span></p>
    </form>
  <//>`;
}

function round(value, to = 1e10) {
  return Math.round(value * to) / to;
}

function Decisions({ model }) {
  const [query, change] = useAddress();
  const most = Math.max(DECISIONS, Number(query.get("show")) || 0);
  const runs = useList(`/v1/runs?limit=${DECISIONS}&points=0&kind=update&model=${encodeURIComponent(model.name)}`, (page) => (page.items.some((one) => UNDER_WAY.includes(one.state)) ? 1 : 15), (_, found) => found >= most, most);
  return html`<${Loaded} of=${runs}>${({ items: rows, next }) => {
    if (!rows.length) return html`<${Card} title=${t("decisions")} wide=${true}><${Empty} title=${t("decisions.none")}><p>${t("decisions.none-lead")}</p><//><//>`;
    return html`<${Card} title=${t("decisions")} aside=${count(rows.length)} wide=${true}>
      <ol class="decisions">${rows.map((one) => html`<${Decision} key=${one.id} of=${one} />`)}</ol>
      <details><summary>${t("as-table")}</summary><${Table} label=${t("decisions")} rows=${rows} columns=${[
        { name: t("begun"), of: (one) => html`<a href=${link("runs", one.id)}><${Ago} at=${one.created} /></a>` },
        { name: t("state"), of: (one) => html`<${State} state=${ended(one)} />` },
        { name: t("decisions.champion"), number: true, of: (one) => figure(one.outcome.champion?.loss) },
        { name: t("decisions.challenger"), number: true, of: (one) => figure(one.outcome.challenger?.loss) },
        { name: t("decisions.better"), number: true, of: (one) => figure(one.outcome.comparison?.difference) },
        { name: t("chart.between"), number: true, of: (one) => (one.outcome.comparison ? `${figure(one.outcome.comparison.low)} – ${figure(one.outcome.comparison.high)}` : "–") },
        { name: t("decisions.allowed"), number: true, of: (one) => figure(one.outcome.margin) },
      ]} /></details>
      ${next && html`<p class="actions"><button class="quiet" onClick=${() => change({ show: most + DECISIONS })}>${t("runs.more")}</button></p>`}
    <//>`;
  }}<//>`;
}

function ended(run) {
  if (run.state !== "succeeded") return run.state;
  if (run.outcome.rollout) return run.outcome.rollout.state;
  return run.outcome.promoted ? "promoted" : "kept";
}

// One decision: what came of it, why, and the interval of the difference beside what may be worse.
function Decision({ of }) {
  const { comparison, margin, reason, trigger, rollout } = of.outcome;
  return html`<li>
    <header><${State} state=${ended(of)} /> <a href=${link("runs", of.id)}>${of.version && (of.outcome.promoted || rollout) ? t("version", { version: of.version }) : t("run")}</a> <small><${Ago} at=${of.created} /></small></header>
    ${reason && html`<p class="note">${reason}</p>`}
    ${rollout && html`<p class="note"><a href=${link("models", of.model, "versions")}>${rollout.canary ? t("decisions.tried", { share: share(rollout.canary) }) : t("decisions.was-tried")}</a>${rollout.reason && `: ${rollout.reason}`}</p>`}
    ${of.error && html`<p class="note">${of.error.message}</p>`}
    ${trigger && html`<p class="hint">${of.by_itself ? t("decisions.itself") : t("decisions.asked")} ${of.by_itself ? trigger : ""}</p>`}
    ${comparison && html`<${Interval} of=${comparison} allowed=${margin} />`}
  </li>`;
}

// Nought in the middle: to the right the challenger is better. The mark says how much worse it may be.
function Interval({ of, allowed }) {
  const reach = Math.max(Math.abs(of.low), Math.abs(of.high), allowed || 0, 1e-12) * 1.1;
  const at = (value) => 50 + (50 * value) / reach;
  const text = t("decisions.interval", { better: figure(of.difference), low: figure(of.low), high: figure(of.high) });
  return html`<div class="interval" role="img" aria-label=${text} title=${text}>
    <span class="zero"></span><span class="allowed" style=${{ left: `${at(-(allowed || 0))}%` }}></span>
    <i style=${{ left: `${at(of.low)}%`, width: `${at(of.high) - at(of.low)}%` }}></i><b style=${{ left: `${at(of.difference)}%` }}></b>
    </div><p class="interval-ends"><small>${t("decisions.worse")}</small><small>${t("decisions.mark")}</small><small>${t("decisions.is-better")}</small></p>`;
}
