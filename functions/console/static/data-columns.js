// The columns of a version: how each is spread, what it is and why, and what it is to be in the next version.
import { html, useRef, useState } from "./ui.js";
import { useAddress } from "./address.js";
import { count, said, share, t } from "./words.js";
import { Do, Empty, Loaded, own, Table } from "./parts.js";
import { useDraft } from "./drafts.js";
import { isNames, Settings } from "./fields.js";
import { spreadOf, valueOf } from "./spread.js";

const KINDS = ["number", "integer", "category", "boolean", "date", "duration", "text", "identifier"];
const PAGE = 48;
const LEAVE_OUT = "leave out";
const PREDICT = "predict";

export function ColumnsTab({ set, number, version, report, sending, to }) {
  if (!set.latest) return null;
  return html`<${Loaded} of=${report}>${(read) => html`<${Loaded} of=${version}>${(one) => html`<${All} key=${number} set=${set} number=${number} version=${one} report=${read} sending=${sending} to=${to} />`}<//>`}<//>`;
}

function All({ set, number, version, report, sending, to }) {
  const [query, choose] = useAddress();
  const one = query.get("column");
  const text = query.get("q") || "";
  const excluded = version.reading.exclude || [];
  const [changes, setChanges, draft] = useDraft(`columns ${number}`, {}, (wish, name) => wishesFor(name, report.columns, excluded).includes(wish));
  const missing = missingIn(version);
  const [words, setWords, wordsDraft] = useDraft(`words ${number}`, {}, (one, name) => isNames(one) && missing !== null && version.columns.some((column) => column.name === name));
  const warned = new Set(report.findings.filter((found) => found.level === "warning").map((found) => found.column));
  const doubtful = query.get("show") === "warned";
  const found = report.columns.filter((column) => (one ? column.name === one : column.name.toLowerCase().includes(text.toLowerCase())) && (!doubtful || warned.has(column.name)));
  const page = Math.max(0, Number(query.get("page")) || 0);
  const shown = found.slice(page * PAGE, (page + 1) * PAGE);
  const chosen = { q: text, show: doubtful ? "warned" : "" };
  const change = (name, value) => setChanges(({ [name]: _, ...rest }) => (value === null ? rest : { ...rest, [name]: value }));
  const changeWords = (name, value) => setWords(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));
  const names = Object.keys(changes);
  const changed = names.length + Object.keys(words).length;
  const forget = () => {
    draft.forget();
    wordsDraft.forget();
  };
  const apply = async (go) => {
    window.scrollTo(0, 0);
    const made = await sending.readAgain(number, optionsOf(changes, words, version));
    if (made) {
      forget();
      go("data", set.name, "columns");
    }
  };
  return html`<div class="stack">
    <div class="narrow">
      <input type="search" class="search" placeholder=${t("columns.search")} aria-label=${t("columns.search")} value=${text} onInput=${(event) => choose({ q: event.target.value, column: "", page: "" })} />
      ${warned.size > 0 && html`<a class="button" aria-current=${doubtful ? "true" : undefined} href=${to("columns", { q: text, show: doubtful ? "" : "warned" })}>${t("columns.warned", { count: warned.size })}</a>`}
      <span class="hint">${one ? html`<a href=${to("columns")}>${t("columns.all")}</a>` : t("of", { some: count(found.length), all: count(version.column_count) })}</span>
    </div>
    ${changed > 0 && html`<div class="staged" role="region" aria-label=${t("columns.changes")}>
      <span>${names.map((name) => html`<b class="cut" title=${name}>${name}: ${changes[name] === LEAVE_OUT ? t("columns.leave-out") : changes[name] === PREDICT ? t("columns.predict") : changes[name] === "" ? t("columns.include") : said("column", changes[name])}</b>`)}${Object.entries(words).map(([name, some]) => html`<b class="cut" title=${name}>${name}: ${t("columns.missing")} ${some.join(", ") || "–"}</b>`)}</span>
      <span class="actions"><button class="quiet" disabled=${sending.busy} onClick=${forget}>${t("columns.forget")}</button><${Do} act=${apply}>${t("columns.apply", { count: changed })}<//></span>
    </div>`}
    ${shown.length ? html`<div class="columns">${shown.map((column) => html`<${Column} key=${column.name} of=${column} rows=${report.sampled} label=${column.name === version.label} warned=${warned.has(column.name)} changed=${own(changes, column.name)} busy=${sending.busy} change=${(value) => change(column.name, value)}
      words=${missing && { id: `words-${number}-${version.columns.findIndex((other) => other.name === column.name)}`, value: own(words, column.name), before: own(missing, column.name), change: (value) => changeWords(column.name, value) }} open=${column.name === one} />`)}</div>` : html`<${Empty} title=${t("nothing-found")} />`}
    ${found.length > PAGE && html`<p class="actions pager">
      ${page > 0 && html`<a class="button" href=${to("columns", { ...chosen, page: page > 1 ? page - 1 : "" })}>${t("pages.before")}</a>`}
      <span class="hint">${t("columns.from-to", { from: count(page * PAGE + 1), to: count(page * PAGE + shown.length), all: count(found.length) })}</span>
      ${(page + 1) * PAGE < found.length && html`<a class="button" href=${to("columns", { ...chosen, page: page + 1 })}>${t("pages.next")}</a>`}
    </p>`}
    ${excluded.length > 0 && html`<div class="left-out"><h2>${t("columns.left-out")}</h2><ul>${excluded.map((name) => html`<li><span class="cut" title=${name}>${name}</span><button class="quiet" disabled=${sending.busy} aria-pressed=${own(changes, name) === ""} onClick=${() => change(name, own(changes, name) === "" ? null : "")}>${t("columns.include")}</button></li>`)}</ul></div>`}
  </div>`;
}

// What can be wished for the column of a name: a kind, or to be left out, or predicted; and to be back if it is left out.
function wishesFor(name, columns, excluded) {
  if (excluded.includes(name)) return [""];
  return columns.some((one) => one.name === name) ? [...KINDS, LEAVE_OUT, PREDICT] : [];
}

// The words for a missing cell that were said, by column; those for the whole file hold for each of its columns. Null where
// not all columns are known here.
function missingIn({ reading, columns, column_count: count }) {
  if (!Array.isArray(reading.missing)) return reading.missing || {};
  return columns.length < count ? null : Object.fromEntries(columns.map((one) => [one.name, reading.missing]));
}

// What the request says for the changes, beside all that was said before.
function optionsOf(changes, words, version) {
  const { reading } = version;
  const entries = Object.entries(changes);
  const out = entries.filter(([, value]) => value === LEAVE_OUT).map(([name]) => name);
  const back = entries.filter(([, value]) => value === "").map(([name]) => name);
  const label = entries.find(([, value]) => value === PREDICT);
  const kinds = Object.fromEntries(entries.filter(([, value]) => KINDS.includes(value)));
  const options = { label: label ? label[0] : version.label };
  if (out.length || back.length) options.exclude = [...new Set([...(reading.exclude || []), ...out])].filter((name) => !back.includes(name));
  if (Object.keys(kinds).length) options.kinds = { ...(reading.kinds || {}), ...kinds };
  if (Object.keys(words).length) options.missing = { ...missingIn(version), ...words };
  return options;
}

function Column({ of, rows, label, warned, changed, busy, change, words, open }) {
  const spread = spreadOf(of);
  const most = spread ? Math.max(...spread.counts, 1) : 1;
  const name = useRef(`kind-${Math.random().toString(36).slice(2)}`).current;
  return html`<section class="column ${label ? "is-label" : ""} ${changed || words?.value ? "is-changed" : ""}">
    <header><h2 class="cut" title=${of.name}>${of.name}</h2>${label ? html`<span class="state busy">${t("label")}</span>` : warned && html`<span class="state warn">${t("columns.warning")}</span>`}</header>
    ${spread && !spread.edges.length
      ? html`<${Values} of=${spread} name=${of.name} />`
      : spread
      ? html`<div><div class="bars" role="img" aria-label=${t("column.drawing", { name: of.name })}>
          ${spread.counts.map((n, at) => html`<i style=${{ height: `${n ? Math.max(4, (100 * n) / most) : 0}%` }} title="${spread.labels[at]}: ${count(n)}"></i>`)}
        </div><div class="ends"><span>${valueOf(of.kind, spread.edges[0])}</span><span>${valueOf(of.kind, spread.edges[spread.edges.length - 1])}</span></div></div>`
      : html`<div class="bars none"><span class="hint">${t("columns.not-drawn")}</span></div>`}
    <p>${of.mean !== null && of.min !== null && ["number", "integer", "date", "duration"].includes(of.kind) ? t("column.numbers", { mean: valueOf(of.kind, of.mean), low: valueOf(of.kind, of.min), high: valueOf(of.kind, of.max) }) : of.distinct === null ? "" : t("column.distinct", { count: count(of.distinct) })}
      ${of.missing > 0 && html` · ${t("column.missing", { share: share(Math.min(1, of.missing / Math.max(1, rows))) })}`}</p>
    <div class="field"><label class="visually-hidden" for=${name}>${t("columns.kind", { name: of.name })}</label>
      <select id=${name} value=${changed || ""} disabled=${busy} onChange=${(event) => change(event.target.value || null)}>
        <option value="">${said("column", of.kind)}</option>
        ${KINDS.filter((one) => one !== of.kind).map((one) => html`<option value=${one}>${t("columns.as", { kind: said("column", one) })}</option>`)}
        ${!label && html`<option value=${PREDICT}>${t("columns.predict")}</option><option value=${LEAVE_OUT}>${t("columns.leave-out")}</option>`}
      </select></div>
    ${words && html`<${Words} name=${of.name} ...${words} />`}
    <details open=${open}><summary>${t("column.why")}</summary>
      <p lang="en">${of.why}</p>
      ${of.doubt && html`<p class="doubt" lang="en">${of.doubt}</p>`}
      ${spread && html`<${Table} label=${of.name} rows=${spread.labels.map((text, at) => [text, spread.counts[at]])} columns=${[
        { name: t("column.value"), of: ([text]) => text },
        { name: t("rows"), number: true, of: ([, n]) => count(n) },
      ]} />`}
      ${of.misfits.length > 0 && html`<${Table} label=${t("column.misfits")} rows=${of.misfits} columns=${[
        { name: t("column.misfits"), of: (one) => one.text },
        { name: t("rows"), number: true, of: (one) => count(one.rows) },
      ]} />`}
    </details>
  </section>`;
}

// What stands for a missing cell of this column alone.
function Words({ id, name, value, before, change }) {
  const field = { name: "missing", type: "names", title: t("columns.missing-of", { name }), help: t("readas.missing"), ...(before ? { usual: before.join(", ") } : {}) };
  const [open] = useState(value !== undefined);
  return html`<details class="words" open=${open}><summary>${t("columns.missing")}</summary>
    <${Settings} prefix=${id} settings=${[field]} values=${value === undefined ? {} : { missing: value }} then=${(_, next) => change(next)} />
  </details>`;
}

const VALUES = 4;

// The most frequent values of a column, as lying bars.
function Values({ of, name }) {
  const rest = of.labels.length - VALUES;
  const most = Math.max(...of.counts, 1);
  return html`<ul class="values" aria-label=${t("column.drawing", { name })}>
    ${of.labels.slice(0, VALUES).map((text, at) => html`<li><span title=${text.slice(0, 2000)}>${text.slice(0, 200)}</span><i style=${{ width: `${(100 * of.counts[at]) / most}%` }}></i><b>${count(of.counts[at])}</b></li>`)}
    ${rest > 0 && html`<li class="hint">${t("columns.more-values", { count: count(rest) })}</li>`}
  </ul>`;
}
