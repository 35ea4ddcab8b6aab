// A version with what was known before: which columns, how many rows earlier, what it looks like, and where it goes.
import { html } from "./ui.js";
import { followed, post, useList } from "./api.js";
import { useAddress } from "./address.js";
import { count, t } from "./words.js";
import { Card, Do, Failure, link, Loaded, own, Table } from "./parts.js";
import { Settings, wrongOf } from "./fields.js";
import { cell, usePreview } from "./steps.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const ORDERS = ["date", "integer", "number", "duration"];
const LAGGED = [...ORDERS, "boolean"];
const ENDING = "-lags";
const LONGEST = 63;
const SHOWN = 12;
const MODELS = 3;

export function LagsTab({ set, path, number, version, refresh }) {
  const sets = useList("/v1/datasets?limit=1000", () => 60);
  if (!set.latest) return null;
  return html`<${Loaded} of=${version}>${(one) => html`<${Form} key=${number} set=${set} path=${path} number=${number} version=${one} sets=${sets.value?.items || []} refresh=${refresh} />`}<//>`;
}

// What the address says of the lags, as far as there are such columns; without a word the label's value one row before.
function lagsOf(text, columns, label) {
  const usual = columns.some((one) => one.name === label && LAGGED.includes(one.kind)) ? { [label]: [1] } : {};
  try {
    const entries = Object.entries(JSON.parse(text) || usual);
    return Object.fromEntries(entries.filter(([name]) => columns.some((one) => one.name === name && LAGGED.includes(one.kind))));
  } catch {
    return usual;
  }
}

function namesOf(text) {
  try {
    const found = JSON.parse(text);
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

// What is chosen, and what a call says of it; `wrong` is whether it can be none yet.
function useChosen(set, version) {
  const [query, change] = useAddress();
  const { columns, label } = version;
  const orders = columns.filter((one) => ORDERS.includes(one.kind) && one.name !== label);
  const by = orders.find((one) => one.name === query.get("by"));
  const group = columns.find((one) => one.name === query.get("group"));
  const lags = lagsOf(query.get("lags"), columns, label);
  const known = namesOf(query.get("known")).filter((name) => own(lags, name) !== undefined && name !== label);
  const fields = Object.keys(lags).map((name) => ({ name, type: "list[int]", low: 1, title: t("lags.back"), help: t("lags.back-what"), removed: t("steps.remove-of", { name }) }));
  const wrong = !by || !fields.length || fields.some((one) => !Array.isArray(lags[one.name]) || wrongOf(one, lags[one.name]));
  const name = query.get("to")?.trim() ?? `${set.name.slice(0, LONGEST - ENDING.length)}${ENDING}`;
  const setLag = (one, value) => {
    const { [one]: _, ...rest } = lags;
    change({ lags: JSON.stringify(value === undefined ? rest : { ...lags, [one]: value }) });
  };
  const setKnown = (one, on) => {
    const rest = known.filter((other) => other !== one);
    change({ known: on ? JSON.stringify([...rest, one]) : rest.length ? JSON.stringify(rest) : "" });
  };
  const body = { lags, by: by?.name, ...(group ? { group: group.name } : {}), ...(known.length ? { known } : {}) };
  return { columns, label, orders, by, group, lags, known, fields, wrong, name, setLag, setKnown, change, body };
}

function Form({ set, path, number, version, sets, refresh }) {
  const of = useChosen(set, version);
  const seen = usePreview(of.wrong ? null : `${path}/versions/${number}/lags/preview`, of.body);
  const models = sets.find((one) => one.name === of.name)?.models || [];
  const misnamed = !NAME.test(of.name);
  const make = async (go) => {
    const place = await post(`${path}/versions/${number}/lags`, { ...of.body, dataset: of.name });
    const found = await followed(`/v1/datasets/${encodeURIComponent(place.dataset)}/upload/${place.id}`);
    if (found.error) throw found.error;
    refresh();
    go("data", found.dataset, "report");
  };
  return html`<div class="stack">
    <${Card} title=${t("lags.offer")} wide=${true}>
      <p class="hint">${t("lags.lead")}</p>
      <${Order} of=${of} />
      <${Settings} prefix="lag" settings=${of.fields} values=${of.lags} then=${of.setLag} />
      <${Known} of=${of} />
      <${More} of=${of} />
      <div class="go-row">
        <label for="lags-to">${t("lags.to")}</label>
        <input id="lags-to" value=${of.name} maxlength=${LONGEST} autocomplete="off" spellcheck="false" aria-invalid=${misnamed ? "true" : undefined} aria-describedby="lags-wrong" onInput=${(event) => of.change({ to: event.target.value || " " })} />
        ${of.wrong || misnamed ? html`<button class="main" disabled>${t("lags.make")}</button>` : html`<${Do} act=${make}>${t("lags.make")}<//>`}
      </div>
      <p id="lags-wrong" class="wrong" role="status">${misnamed && t("create.name-rule")}</p>
    <//>
    ${!of.wrong && html`<${Seen} of=${seen} models=${models} />`}
  </div>`;
}

// In which order the rows are, and which belong together.
function Order({ of }) {
  const named = (columns) => columns.map((one) => html`<option value=${one.name}>${one.name}</option>`);
  return html`<div class="pair">
    <div class="field"><label for="lags-by">${t("lags.by")}</label>
      <select id="lags-by" value=${of.by?.name || ""} onChange=${(event) => of.change({ by: event.target.value })}><option value="">–</option>${named(of.orders)}</select></div>
    <div class="field"><label for="lags-group">${t("lags.group")}</label>
      <select id="lags-group" value=${of.group?.name || ""} onChange=${(event) => of.change({ group: event.target.value })}><option value="">–</option>${named(of.columns.filter((one) => one.name !== of.label && one !== of.by))}</select></div>
  </div>`;
}

// The columns whose present value stays, as it is known when a forecast is made.
function Known({ of }) {
  return of.fields.filter((one) => one.name !== of.label).map(({ name }) => html`<label class="check"><input type="checkbox" checked=${of.known.includes(name)} onChange=${(event) => of.setKnown(name, event.target.checked)} /><span class="wrap">${t("lags.known", { name })}</span></label>`);
}

function More({ of }) {
  const more = of.columns.filter((one) => LAGGED.includes(one.kind) && one !== of.by && own(of.lags, one.name) === undefined);
  const add = (event) => {
    of.setLag(event.target.value, [1]);
    event.target.value = "";
  };
  return more.length > 0 && html`<div class="field"><label for="lags-add">${t("lags.add")}</label>
    <select id="lags-add" value="" onChange=${add}><option value="">–</option>${more.map((one) => html`<option value=${one.name}>${one.name}</option>`)}</select></div>`;
}

// The last rows, and below them those that come next, each with a link to what a model says of it.
function Seen({ of, models }) {
  const { value, error, busy } = of;
  return html`<section class="card wide"><div class="preview ${busy ? "waits" : ""}" aria-busy=${busy}>
    ${error && html`<${Failure} error=${error} />`}
    ${value && !error && html`
      <div><h2>${t("lags.last")}</h2><${Cells} names=${value.columns} rows=${value.rows} label=${t("lags.last")} /></div>
      <div><h2>${t("lags.next")}</h2><${Cells} names=${value.next_columns} rows=${value.next_rows} label=${t("lags.next")} models=${models} /></div>`}
  </div></section>`;
}

function Cells({ names, rows, label, models = [] }) {
  const columns = names.slice(0, SHOWN).map((name, at) => ({ name, number: typeof rows[rows.length - 1]?.[at] === "number", of: (row) => cell(row[at]) }));
  const tried = (row, model) => `${link("models", model, "try")}?${new URLSearchParams({ row: JSON.stringify(Object.fromEntries(names.map((name, at) => [name, row[at]]))) })}`;
  if (models.length) columns.push({ name: t("model"), of: (row) => html`<span class="actions">${models.slice(0, MODELS).map((model) => html`<a href=${tried(row, model)}>${model}</a>`)}</span>` });
  return html`<${Table} label=${label} rows=${rows} columns=${columns} />
    ${names.length > SHOWN && html`<p class="hint">${t("preview.more", { count: count(names.length - SHOWN) })}</p>`}`;
}
