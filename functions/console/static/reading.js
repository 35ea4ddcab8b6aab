// How the file of a version was read, a form that reads it once more as one says, and the same one for a file to be scored.
import { html } from "./ui.js";
import { count, moment, more, t } from "./words.js";
import { Do, Facts, link, own } from "./parts.js";
import { Brought, useDraft } from "./drafts.js";
import { isNames, Settings, useOpened, wrongOf } from "./fields.js";

await more("score");

const TAB = "\t";
const NONE = "none";

// The options of reading that a person may have to say, and how each is typed.
const OPTIONS = {
  delimiter: { type: "str", choices: [",", ";", TAB, "|"], spoken: (one) => (one === TAB ? "Tab" : one) },
  quote: { type: "str", choices: ['"', "'", NONE], spoken: (one) => (one === NONE ? t("training.none") : one) },
  encoding: { type: "str" },
  header: { type: "bool" },
  header_line: { type: "int", low: 1 },
  names: { type: "names" },
  decimal: { type: "str", choices: [".", ","] },
  day_first: { type: "bool" },
  missing: { type: "names" },
  bad_rows: { type: "float", low: 0, high: 1 },
  sheet: { type: "str" },
};

const written = (value) => (typeof value === "string" ? value : JSON.stringify(value));

// What is no question of a file to be scored: each of its rows has an answer.
const OF_DATA_ALONE = ["bad_rows"];

function fieldsOf(reading) {
  return Object.entries(OPTIONS).map(([name, how]) => ({
    name,
    ...how,
    title: t(`reading.${name}`),
    help: t(`readas.${name}`),
    ...(reading[name] === null || reading[name] === undefined ? {} : { usual: written(reading[name]) }),
  }));
}

function asked({ header_line: line, quote, ...rest }) {
  return { ...rest, ...(line === undefined ? {} : { header: line }), ...(quote === undefined ? {} : { quote: quote === NONE ? "" : quote }) };
}

const areRight = (fields, given) => fields.every((one) => !wrongOf(one, given[one.name]));

const changing = (set) => (name, value) => set(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));

// What is said of files to be scored, some of it of single `columns`: `right` is whether it can be so, `said` is how the
// body of a call says it, and `query` how an address does. As soon as one column has words for a missing cell, those for
// all columns are said of none.
export function useWritten(columns) {
  const [words, setWords, wordsDraft] = useDraft("words", {}, isNames);
  const [column, choose] = useDraft("column", "", (one) => typeof one === "string");
  const single = Object.keys(words).length > 0;
  const fields = fieldsOf({}).filter((one) => !OF_DATA_ALONE.includes(one.name) && !(single && one.name === "missing"));
  const [said, set, draft] = useDraft("written", {}, (_, name) => Object.hasOwn(OPTIONS, name));
  const given = Object.fromEntries(fields.filter((one) => Object.hasOwn(said, one.name)).map((one) => [one.name, said[one.name]]));
  const count = Object.keys(given).length + Object.keys(words).length;
  const reading = count ? { ...asked(given), ...(single ? { missing: words } : {}) } : null;
  return {
    fields, given, set, count, columns, column, choose, words, setWords,
    over: { brought: draft.brought || wordsDraft.brought, forget: () => { draft.forget(); wordsDraft.forget(); choose(""); } },
    right: areRight(fields, given),
    said: reading,
    query: reading ? `?reading=${encodeURIComponent(JSON.stringify(reading))}` : "",
  };
}

export function Written({ of, error }) {
  const { fields, given, set, over } = of;
  const open = useOpened(of.count + (of.column ? 1 : 0));
  return html`<section class="card wide"><details class="otherwise" open=${open}><summary>${t("reading.otherwise")} ${of.count > 0 && html`<span class="aside">${t("set.changed", { count: of.count })}</span>`}</summary>
    <p class="hint">${t("score.otherwise")}</p>
    <${Brought} of=${over} />
    <${Settings} prefix="written" settings=${fields} values=${given} then=${changing(set)} errors=${error?.field ? { [error.field]: error.message } : {}} />
    <${OneColumn} of=${of} error=${error} />
  </details></section>`;
}

// The words for a missing cell of single columns: of one that is chosen, and of those that have some.
function OneColumn({ of, error }) {
  const { columns, column, choose, words, setWords } = of;
  const shown = [...new Set([...Object.keys(words), column])].filter(Boolean);
  const choices = [...new Set([...columns, ...shown])];
  if (!choices.length) return null;
  const wrong = (name) => (error?.field === "missing" && error.column === name ? { missing: error.message } : {});
  return html`<div class="one-column">
    <div class="field"><label for="one-column">${t("score.column")}</label>
      <select id="one-column" value=${column} onChange=${(event) => choose(event.target.value)}><option value="">–</option>${choices.map((name) => html`<option value=${name}>${name}</option>`)}</select></div>
    <p class="hint">${t("score.column-what")}</p>
    ${shown.map((name) => html`<${Settings} key=${name} prefix="words-${choices.indexOf(name)}" settings=${[{ name: "missing", type: "names", title: t("columns.missing-of", { name }), help: t("readas.missing") }]} values=${own(words, name) === undefined ? {} : { missing: own(words, name) }} errors=${wrong(name)} then=${(_, value) => changing(setWords)(name, value)} />`)}
  </div>`;
}

export function Reading({ of, set, number, sending }) {
  const [given, setGiven, draft] = useDraft(`reading ${number}`, {}, (_, name) => Object.hasOwn(OPTIONS, name));
  const fields = fieldsOf(of.reading);
  const apply = async (go) => {
    window.scrollTo(0, 0);
    if (!(await sending.readAgain(number, asked(given)))) return;
    draft.forget();
    go("data", set.name, "report");
  };
  return html`<div class="stack">
    <${Facts} of=${[
      [t("use.bytes"), t("use.kilobytes", { count: count(Math.ceil(of.bytes / 1000)) })],
      [t("created"), moment(of.created)],
      ...Object.entries(of.reading).filter(([, value]) => value !== null).map(([option, value]) => [option.replaceAll("_", " "), html`<code>${written(value)}</code>`]),
    ]} />
    <details class="otherwise" open=${draft.brought}><summary>${t("reading.otherwise")}</summary>
      <p class="hint">${t("reading.lead")} <a href=${link("data", set.name, "columns")}>${t("datatab.columns")}</a></p>
      <${Brought} of=${draft} />
      <${Settings} prefix="read" settings=${fields} values=${given} then=${changing(setGiven)} />
      ${Object.keys(given).length > 0 && areRight(fields, given) && html`<p class="actions"><${Do} act=${apply}>${t("reading.apply")}<//></p>`}
    </details>
  </div>`;
}
