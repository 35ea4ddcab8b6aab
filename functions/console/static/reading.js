// How the file of a version was read, and a form that reads it once more as one says.
import { html } from "./ui.js";
import { count, moment, t } from "./words.js";
import { Do, Facts, link } from "./parts.js";
import { Brought, useDraft } from "./drafts.js";
import { Settings, wrongOf } from "./fields.js";

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

export function Reading({ of, set, number, sending }) {
  const [given, setGiven, draft] = useDraft(`reading ${number}`, {}, (_, name) => Object.hasOwn(OPTIONS, name));
  const fields = fieldsOf(of.reading);
  const changed = Object.keys(given).length;
  const change = (name, value) => setGiven(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));
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
      <${Settings} prefix="read" settings=${fields} values=${given} then=${change} />
      ${changed > 0 && fields.every((one) => !wrongOf(one, given[one.name])) && html`<p class="actions"><${Do} act=${apply}>${t("reading.apply")}<//></p>`}
    </details>
  </div>`;
}
