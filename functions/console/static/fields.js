// Settings as a form, made of what the API says of them: type, range, choices and default.
import { html, useRef } from "./ui.js";
import { said, t } from "./words.js";
import { useTyped } from "./drafts.js";
import { helpOf } from "./translated.js";

const NUMBERS = ["int", "float"];

// How a value stands in a field, and how it is read from there; `undefined` is what is not given.
function shown(one, value) {
  if (value === undefined || value === null) return "";
  if (["list[int]", "names"].includes(one.type)) return Array.isArray(value) ? value.join(", ") : String(value);
  if (one.type.startsWith("dict") || one.type.startsWith("list[list")) return typeof value === "string" ? value : JSON.stringify(value);
  return String(value);
}

function read(one, text) {
  if (text.trim() === "") return undefined;
  if (NUMBERS.includes(one.type)) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (one.type === "bool") return text === "true";
  if (one.type === "cell") return Number.isFinite(Number(text)) ? Number(text) : text;
  if (one.type === "list[int]") {
    const parts = text.split(/[\s,]+/).filter(Boolean).map(Number);
    return parts.every(Number.isFinite) ? parts : text;
  }
  if (one.type === "names") return text.split(",").map((part) => part.trim()).filter(Boolean);
  if (one.type === "list[str]") return text.split(/[\s,]+/).filter(Boolean);
  if (one.type.startsWith("dict") || one.type.startsWith("list[list")) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

// Whether a value that was kept is one of the type "names".
export const isNames = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");

// What is wrong with a value, as far as the page can tell; the API has the last word.
export function wrongOf(one, value) {
  if (value === undefined || value === null) return "";
  const values = Array.isArray(value) && one.type === "list[int]" ? value : [value];
  if ([...NUMBERS, "list[int]"].includes(one.type)) {
    if (values.some((part) => typeof part !== "number")) return t("set.number");
    if (one.type !== "float" && values.some((part) => !Number.isInteger(part))) return t("set.whole");
    if (one.most && Array.isArray(value) && value.length > one.most) return t("set.most", { most: one.most });
    const bad = values.some((part) => outside(one, part));
    if (bad) return t("set.range", { range: rangeOf(one) });
  }
  if ((one.type.startsWith("dict") || one.type.startsWith("list[list")) && typeof value === "string" && !one.words?.includes(value)) return t("set.json");
  return "";
}

const has = (limit) => limit !== null && limit !== undefined;

function outside(one, value) {
  return (has(one.low) && value < one.low) || (has(one.above) && value <= one.above) || (has(one.high) && value > one.high) || (has(one.below) && value >= one.below);
}

export function rangeOf(one) {
  const signs = [["≥", one.low], [">", one.above], ["≤", one.high], ["<", one.below]];
  return signs.filter(([, limit]) => has(limit)).map(([sign, limit]) => `${sign} ${limit}`).join(", ");
}

function defaultOf(one) {
  if (one.usual) return one.usual;
  return one.default === null || one.default === undefined ? t("set.found") : spoken(one, shown(one, one.default));
}

// A value that is chosen, in words where there are some.
function spoken(one, value) {
  const yes = value === "true";
  if (one.type === "bool") return t(yes ? "yes" : "no");
  return one.spoken ? one.spoken(value) : value;
}

// Whether the part of a page that holds settings is open: from when one was changed, also by what is brought back.
export function useOpened(changed) {
  const opened = useRef(false);
  if (changed > 0) opened.current = true;
  return opened.current;
}

// The fields of `settings`; `values` are those that are given, `then(name, value)` takes one (undefined: the default
// again), `errors` are the API's own words by name. One with a `title` has words of the page, the others those of the API.
// One that goes with its value says so of itself: `removed`.
export function Settings({ settings, values, then, errors = {}, prefix = "set" }) {
  return html`<div class="settings">${settings.map((one) => html`<${Setting} key=${one.name} one=${one} value=${values[one.name]} then=${then} error=${errors[one.name]} id="${prefix}-${one.name}" />`)}</div>`;
}

function Setting({ one, value, then, error, id }) {
  const changed = value !== undefined;
  const wrong = error || wrongOf(one, value);
  const range = rangeOf(one);
  const shape = one.type === "list[str]" && one.choices ? t("set.some", { choices: one.choices.join(", ") }) : range;
  const about = { "aria-describedby": `${id}-about`, "aria-invalid": wrong ? "true" : undefined };
  const title = one.title ?? said("setting", one.name);
  const give = (text) => then(one.name, read(one, text));
  const help = one.title ? { text: one.help } : helpOf(one.help);
  const typed = useTyped(id, shown(one, value), give);
  return html`<div class="setting ${changed ? "is-changed" : ""}">
    <div class="setting-head"><label for=${id}>${title} <code>${one.name}</code></label>${changed && html`<button class="quiet" type="button" onClick=${() => then(one.name, undefined)} aria-label=${one.removed || t("set.back-of", { name: title })}>${t(one.removed ? "steps.remove" : "set.back")}</button>`}</div>
    ${(one.choices && one.type !== "list[str]") || one.type === "bool"
      ? html`<select id=${id} value=${changed ? String(value) : ""} onChange=${(event) => give(event.target.value)} ...${about}>
          <option value="">${t("set.default", { value: defaultOf(one) })}</option>
          ${(one.choices || ["true", "false"]).map((choice) => html`<option value=${choice}>${spoken(one, choice)}</option>`)}
        </select>`
      : html`<input id=${id} type=${NUMBERS.includes(one.type) ? "number" : "text"} step=${one.type === "int" ? 1 : "any"} min=${has(one.low) ? one.low : one.above} max=${has(one.high) ? one.high : one.below}
          placeholder=${defaultOf(one)} ...${typed} ...${about} />`}
    <p id="${id}-about" class="hint" ><span lang=${help.lang}>${help.text}</span>${shape && html` <span class="range">${shape}</span>`}</p>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
  </div>`;
}
