// Try a model: a row of the data in a form, an answer that follows each change, and the same call to be run elsewhere.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./ui.js";
import { get, post, useLive } from "./api.js";
import { say } from "./address.js";
import { count, t } from "./words.js";
import { Card, Loaded, own, route } from "./parts.js";
import { Answer, Reasons } from "./answer.js";
import { cellOf, Field, fieldsOf, typed } from "./cells.js";
import { useDraft } from "./drafts.js";
import { Calls, callIn, tellCall } from "./protocols.js";
import { Certainty, useCertainty, useCoverages } from "./certainty.js";

const ROWS = 100;
const PAUSE_MS = 120;
const MOST_SHARED = 1500;
const MOST_SHOWN = 16;

// All columns that a version knows, of which one answer tells some.
async function everyColumn(path) {
  const found = { columns: [], usual: {} };
  let count = 0;
  do {
    const part = await get(`${path}?column=${found.columns.length}`);
    found.columns.push(...part.columns);
    Object.assign(found.usual, part.usual);
    count = part.columns.length ? part.column_count : 0;
  } while (found.columns.length < count);
  return found;
}

export function TryTab({ model, path, at }) {
  const version = useLive(`${path}/versions/${model.champion}`, () => 60);
  const data = version.value && !version.value.imported && `/v1/datasets/${encodeURIComponent(version.value.dataset)}/versions/${version.value.dataset_version}`;
  const report = useLive(data ? `${data}/report` : null, () => 600);
  const head = useLive(data ? `${data}/head?rows=${ROWS}` : null, () => 600);
  const known = useCoverages(path, version.value);
  const columns = useLive(version.value?.imported ? `${path}/versions/${model.champion}/columns` : null, () => 600, everyColumn);
  return html`<${Loaded} of=${version}>${(found) => (found.imported ? html`<${Loaded} of=${columns}>${(read) => html`<${Loaded} of=${known}>${(coverages) =>
    html`<${Try} key="${found.version} ${at.query}" model=${model} version=${found} path=${path} report=${reportOf(read)} head=${headOf(read)} coverages=${coverages} query=${at.query} />`}<//>`}<//>` : html`<${Loaded} of=${report}>${(told) => html`<${Loaded} of=${head}>${(rows) => html`<${Loaded} of=${known}>${(coverages) =>
    html`<${Try} key="${found.version} ${at.query}" model=${model} version=${found} path=${path} report=${told} head=${rows} coverages=${coverages} query=${at.query} />`}<//>`}<//>`}<//>`)}<//>`;
}

// What the form needs of a version without data: the columns that it knows, its label among none of them, and one row.
const reportOf = (read) => ({ label: {}, columns: read.columns.map((one) => ({ ...one, bins: one, top: ["true", "false"].map((text) => ({ text })) })) });
const headOf = (read) => ({ columns: Object.keys(read.usual), rows: [Object.values(read.usual)] });

// The rows that the form may begin with, each by the names of its columns.
function rowsOf(head) {
  return head.rows.map((cells) => Object.fromEntries(head.columns.map((name, at) => [name, cells[at]])));
}

function sharedRow(query) {
  try {
    const found = JSON.parse(query.get("row") || "null");
    return found && typeof found === "object" && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

function Try({ model, version, path, report, head, coverages, query }) {
  const rows = useMemo(() => rowsOf(head), [head]);
  const columns = useMemo(() => fieldsOf(report, version.weight, rows), [report, rows]);
  const filledBy = (row) => Object.fromEntries(columns.map((one) => [one.name, typed(own(row, one.name))]));
  const first = Math.min(Math.max(0, Math.floor(Number(query.get("at")) || 1) - 1), Math.max(0, rows.length - 1));
  const [kept, keep] = useKept(rows, columns);
  const mine = !query.has("row") && (!query.has("at") || kept.at === first);
  const [place, setPlace] = useState(mine ? kept.at ?? first : first);
  const begin = useMemo(() => filledBy(rows[place] || {}), [columns, place]);
  const [texts, setTexts] = useState(() => ({ ...begin, ...filledBy({ ...begin, ...(mine ? kept.cells : sharedRow(query)) }) }));
  const [many, setMany] = useState(() => columns.slice(MOST_SHOWN).some((one) => texts[one.name] !== begin[one.name]));
  const changed = columns.filter((one) => (texts[one.name] || null) !== (begin[one.name] || null)).map((one) => one.name);
  const cells = (from) => Object.fromEntries(columns.map((one) => [one.name, cellOf(one, from[one.name])]));
  const row = cells(texts);
  const certainty = useCertainty(version, coverages);
  const asked = useAnswer(path, row, changed.length ? cells(begin) : null, version, certainty.coverage);
  const [call, setCall] = useState(() => callIn(route().query));
  const shared = JSON.stringify(row).length <= MOST_SHARED;

  // Before the frame, so that a reload at once finds it.
  useLayoutEffect(() => {
    const kept = new URLSearchParams();
    if (place) kept.set("at", place + 1);
    if (changed.length && shared) kept.set("row", JSON.stringify(row));
    tellCall(call, kept);
    say(kept);
    keep(changed.length ? { at: place, cells: Object.fromEntries(changed.map((name) => [name, texts[name]])) } : {});
  }, [place, JSON.stringify(row), call]);

  const move = (to) => {
    setPlace(to);
    setTexts(filledBy(rows[to]));
  };
  const shown = many ? columns : columns.slice(0, MOST_SHOWN);
  return html`<div class="trying">
    <${Card} title=${t("try.row")} aside=${changed.length > 0 && t("try.changes", { count: changed.length })}>
      ${rows.length > 0 && html`<div class="stepper">
        ${!version.imported && html`<button class="quiet" disabled=${place === 0} onClick=${() => move(place - 1)} aria-label=${t("try.previous")}>←</button>
        <span>${t("try.place", { row: count(place + 1), of: count(rows.length) })}</span>
        <button class="quiet" disabled=${place >= rows.length - 1} onClick=${() => move(place + 1)} aria-label=${t("try.next")}>→</button>`}
        ${changed.length > 0 && html`<button class="quiet" onClick=${() => setTexts(begin)}>${t("try.reset")}</button>`}
      </div>`}
      <form class="cells" onSubmit=${(event) => event.preventDefault()}>
        ${shown.map((one, index) => html`<${Field} key="${place} ${one.name}" column=${one} id="cell-${index}" text=${texts[one.name]} changed=${changed.includes(one.name)} wrong=${asked.unread?.column === one.name ? asked.unread.reason : ""} set=${(text) => setTexts((before) => ({ ...before, [one.name]: text }))} />`)}
      </form>
      ${columns.length > MOST_SHOWN && html`<p><button class="quiet" onClick=${() => setMany(!many)}>${t(many ? "fewer" : "more", { count: columns.length - MOST_SHOWN })}</button></p>`}
      <p class="hint">${t("try.counts")} ${!shared && t("try.not-shared")}</p>
    <//>
    <div class="stack aside-answer">
      <${Answer} ...${asked} truth=${typed(own(rows[place] || {}, report.label.name))} certainty=${version.uncertainty && html`<${Certainty} of=${certainty} refused=${asked.unsure} />`} />
      <${Reasons} ...${asked} />
    </div>
    <${Calls} model=${model} version=${version} row=${row} coverage=${certainty.chosen} call=${call} setCall=${setCall} />
  </div>`;
}

// What was changed of a row: it is kept beside the address, which holds no long row, and which a link to this tab leaves out.
function useKept(rows, columns) {
  const isCell = ([name, text]) => (text === null || typeof text === "string") && columns.some((one) => one.name === name);
  const fits = (value, field) => (field === "at" ? Number.isInteger(value) && value >= 0 && value < Math.max(1, rows.length) : field === "cells" && typeof value === "object" && value !== null);
  const [{ at, cells = {} }, keep] = useDraft("row", {}, fits);
  return [{ at, cells: Object.fromEntries(Object.entries(cells).filter(isCell)) }, keep];
}

// The answer for `row`, and for the one that it began as if that is another. At most one call is under way: what is typed
// meanwhile waits, and of that the latest is asked for.
function useAnswer(path, row, begun, version, coverage) {
  const [seen, see] = useState({});
  const state = useRef({ busy: false, wanted: null, timer: 0, here: true, refused: {}, begun: {} }).current;
  const key = JSON.stringify(row);
  const begunKey = JSON.stringify(begun);

  const ask = async ({ row, key, begun, begunKey, coverage }) => {
    const known = begun === null || state.begun.key === begunKey;
    const rows = known ? [row] : [row, begun];
    const wishes = { explain: version.explains, coverage };
    const named = (field) => `${field} ${wishes[field]}`;
    for (const field of Object.keys(wishes)) if (!wishes[field] || named(field) in state.refused) delete wishes[field];
    let said;
    while (!said) {
      try {
        said = await post(`${path}/predict`, { rows, row_errors: true, ...wishes });
      } catch (error) {
        if (!(error.field in wishes)) throw error;
        state.refused[named(error.field)] = error.message; // it is said once, and not wished for again
        delete wishes[error.field];
      }
    }
    const unread = said.predictions[0].error;
    if (unread) return (before) => ({ ...before, error: undefined, unread });
    if (!known) state.begun = { key: begunKey, prediction: said.predictions[1].error ? null : said.predictions[1] };
    if (begun === null) state.begun = { key, prediction: said.predictions[0] };
    return () => ({ now: said.predictions[0], begun: begun === null ? null : state.begun.prediction, said, explains: "explain" in wishes, coverage: wishes.coverage, unsure: state.refused[`coverage ${coverage}`] });
  };
  const run = async () => {
    if (state.busy) return;
    state.busy = true;
    while (state.wanted && state.here) {
      const mine = state.wanted;
      state.wanted = null;
      try {
        const found = await ask(mine);
        if (!state.wanted && state.here) see(found);
      } catch (error) {
        if (!state.wanted && state.here) see((before) => ({ ...before, unread: undefined, error }));
      }
    }
    state.busy = false;
  };
  useEffect(() => {
    state.wanted = { row, key, begun, begunKey, coverage };
    clearTimeout(state.timer);
    state.timer = setTimeout(run, seen.said ? PAUSE_MS : 0);
  }, [key, begunKey, coverage]);
  useEffect(() => () => {
    state.here = false;
    clearTimeout(state.timer);
  }, []);
  return seen;
}
