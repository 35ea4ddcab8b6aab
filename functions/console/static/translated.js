// What the platform says in English, in the language of the reader: settings by their text, findings by their code.
import { html } from "./ui.js";
import { language, sentence, share } from "./words.js";

// There is a file of them for each language but English. Without it, all is as the platform says it.
async function loaded() {
  if (language === "en") return {};
  const answer = await fetch(new URL(`said-${language}.json`, import.meta.url)).catch(() => null);
  return answer?.ok ? answer.json() : {};
}

const { help = {}, findings = {} } = await loaded();

// The help of a setting, or of a step: { text, lang }, where `lang` is what an English text is marked with.
export function helpOf(text) {
  const told = Object.hasOwn(help, text) ? help[text] : undefined;
  return told === undefined ? { text, lang: "en" } : { text: told };
}

// What the sentences of findings have in them, as far as the report knows it.
function valuesOf(of, report) {
  const column = report.columns.find((one) => one.name === of.column);
  const [most] = report.label.classes;
  return {
    column: of.column ?? undefined,
    missing: column && share(column.missing / Math.max(1, report.rows)),
    most: most?.text,
    share: most && report.label.rows ? share(most.rows / report.label.rows) : undefined,
    duplicates: report.duplicates,
    aside: report.set_aside_count,
  };
}

// A finding by its code; undefined where nobody has translated it, or where a value of it is not known.
export function findingOf(of, report) {
  const text = Object.hasOwn(findings, of.code) ? findings[of.code] : undefined;
  if (text === undefined) return undefined;
  const values = valuesOf(of, report);
  const lacks = [...text.matchAll(/\{(\w+)\}/g)].some(([, name]) => values[name] === undefined);
  return lacks ? undefined : text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// A finding in the reader's language, and below it what the platform says, which has every figure; `said` is that.
export function Told({ of, report, said }) {
  const own = findingOf(of, report);
  const english = sentence(said);
  return own ? html`<p>${own}</p><p class="hint" lang="en">${english}</p>` : html`<p lang="en">${english}</p>`;
}
