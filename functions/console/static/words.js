// What the page says, in the language of its reader: words-en.json and words-zh.json have the same names.
const LANGUAGES = ["en", "zh"];
const KEPT = "lepton-language";

const texts = {};
export let language = "en";

export async function loadWords() {
  const kept = localStorage.getItem(KEPT);
  const asked = [kept, ...navigator.languages].filter(Boolean).map((one) => one.slice(0, 2));
  language = asked.find((one) => LANGUAGES.includes(one)) || "en";
  document.documentElement.lang = language;
  await more("words");
}

// Words that not every screen needs: a module with some of them waits for its file.
export async function more(name) {
  const answer = await fetch(new URL(`${name}-${language}.json`, import.meta.url));
  Object.assign(texts, await answer.json());
}

export function speak(other) {
  localStorage.setItem(KEPT, other);
  location.reload();
}

// The text of a name, with {values} put in; as plain text, whatever they are.
export function t(name, values = {}) {
  const text = texts[name];
  if (text === undefined) throw new Error(`no words for ${name}`);
  return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

// The words for a value of the API, such as a state; a value that is newer than the page stands for itself.
export function said(group, value) {
  return texts[`${group}.${value}`] ?? String(value);
}

// A sentence begins with a capital letter, but a name in quotes stays as it is.
export function sentence(text) {
  return /^\p{Ll}/u.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
}

// What is not known is a dash, never a nought.
const UNKNOWN = "–";

export function count(number) {
  if (number === null || number === undefined) return UNKNOWN;
  return new Intl.NumberFormat(language).format(number);
}

export function figure(number) {
  if (number === null || number === undefined) return UNKNOWN;
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 4 }).format(number);
}

export function share(number) {
  if (number === null || number === undefined) return UNKNOWN;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(number);
}

export function moment(text) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

// How long ago, in the largest unit that fits.
export function ago(text, now = Date.now()) {
  const seconds = Math.round((now - new Date(text).getTime()) / 1000);
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) || units[3];
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  return relative.format(-Math.floor(seconds / size), unit);
}
