// What mends a finding or an error: what a button will do, in words, from the values that the API offers.
import { html, useRef } from "./ui.js";
import { said, sentence, share, t } from "./words.js";
import { Do, link, own } from "./parts.js";

const OPEN = "...";
const SHOWN = 4;

function isOpen(value) {
  if (value === OPEN) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(isOpen);
}

function listed(names) {
  const some = names.slice(0, SHOWN).map((one) => (one === "" ? t("remedy.empty") : one.length > 40 ? `${one.slice(0, 40)}…` : one)).join(", ");
  return names.length > SHOWN ? t("remedy.more", { names: some, count: names.length - SHOWN }) : some;
}

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// What options of reading say that was not said `before`, in words.
export function wording(body, before = {}) {
  const told = [];
  for (const [option, value] of Object.entries(body)) {
    const was = before[option];
    if (same(value, was)) continue;
    if (option === "exclude") {
      const more = value.filter((one) => !(was || []).includes(one));
      const fewer = (was || []).filter((one) => !value.includes(one));
      if (more.length) told.push(t("remedy.exclude", { names: listed(more) }));
      if (fewer.length) told.push(t("remedy.include", { names: listed(fewer) }));
      if (!more.length && !fewer.length) told.push(t("remedy.include-all"));
    } else if (option === "kinds") {
      for (const [name, kind] of Object.entries(value)) if (!was || own(was, name) !== kind) told.push(t("remedy.kind", { name: listed([name]), kind: said("column", kind) }));
    } else if (option === "missing") {
      if (Array.isArray(value)) told.push(value.length ? t("remedy.missing", { words: listed(value) }) : t("remedy.no-missing"));
      else for (const [name, words] of Object.entries(value)) if (!was || !same(own(was, name), words)) told.push(words.length ? t("remedy.missing-in", { name: listed([name]), words: listed(words) }) : t("remedy.values-in", { name: listed([name]) }));
    } else if (option === "day_first") told.push(value ? t("remedy.day-first") : t("remedy.month-first"));
    else if (option === "header") told.push(value === false ? t("remedy.no-header") : value === true ? t("remedy.header") : t("remedy.header-line", { line: value }));
    else if (option === "names") told.push(t("remedy.names", { names: listed(value) }));
    else if (option === "bad_rows") told.push(t("remedy.bad-rows", { share: share(value) }));
    else if (option === "label") told.push(t("remedy.label", { name: listed([value]) }));
    else if (option === "delimiter") told.push(t("remedy.delimiter", { sign: value === "\t" ? "Tab" : value }));
    else if (option === "decimal") told.push(t("remedy.decimal", { sign: value }));
    else told.push(t("remedy.option", { option: option.replaceAll("_", " "), value: typeof value === "string" ? value : JSON.stringify(value) }));
  }
  return told;
}

// What is said beside a version: its label counts as said.
const beside = (version) => (version ? { ...version.reading, label: version.label } : {});

// The body of a remedy: one that is an argument alone has what it changes, and stands beside what was said before.
function whole(remedy, before) {
  const body = { ...remedy.body };
  if (remedy.files) return body;
  if (body.exclude && before.exclude) body.exclude = [...new Set([...before.exclude, ...body.exclude])];
  for (const option of ["kinds", "missing"]) {
    if (body[option] && before[option] && !Array.isArray(body[option]) && !Array.isArray(before[option])) body[option] = { ...before[option], ...body[option] };
  }
  return body;
}

// How a training would be done, in words.
function training(body) {
  const told = [];
  for (const [option, value] of Object.entries(body)) {
    if (option === "split" && value && value.by === "time") told.push(t("remedy.by-time", { name: value.column }));
    else if (option === "split" && value && value.by === "group") told.push(t("remedy.by-group", { name: value.column }));
    else if (option === "split" && value && value.by === "near_copies") told.push(t("remedy.by-near-copies"));
    else if (option === "class_weight") told.push(t("remedy.class-weight"));
    else told.push(t("remedy.option", { option: option.replaceAll("_", " "), value: typeof value === "string" ? value : JSON.stringify(value) }));
  }
  return told;
}

// The buttons that a finding or an error offers: { text, route, body } each, once.
export function waysOf(of, version) {
  const before = beside(version);
  const found = [];
  const offered = (of.remedies || []).length ? of.remedies : of.request ? [{ ...of.request, files: 1 }] : [];
  for (const one of offered) {
    if (!["upload", "train"].includes(one.route) || isOpen(one.body)) continue;
    const body = one.route === "upload" ? whole(one, before) : one.body;
    const told = one.route === "upload" ? wording(body, before) : training(body);
    const text = told.join(" · ");
    if (text && !found.some((other) => other.text === text)) found.push({ text, route: one.route, body });
  }
  return found;
}

// A message in which what it would have in Python is said in words.
export function inWords(of, version) {
  const before = beside(version);
  const ways = [...(of.remedies || [])].filter((one) => one.said).sort((a, b) => b.said.length - a.said.length);
  let text = of.message || t("failed");
  for (const one of ways) {
    const told = one.route === "upload" ? (isOpen(one.body) ? [] : wording(one.body, one.files ? before : {})) : one.route === "train" && Object.keys(one.body).length ? training(one.body) : [];
    const plain = one.route === "retire" ? t("remedy.retire", { model: one.of }) : one.route === "cancel" ? t("remedy.cancel", { model: one.of }) : one.route === "delete" ? t("remedy.force") : one.route === "lags" ? t("lags.offer") : told.join(" · ") || (isOpen(one.body) ? t("remedy.chosen") : t("remedy.as-is"));
    text = text.replaceAll(one.said, () => `“${plain}”`);
  }
  return sentence(text);
}

// An error with a button for each option that would mend it. `act(body)` does it; without it a file is chosen again, for `send(file, body)`.
export function Mend({ error, act, send, version }) {
  if (error.code === "unreachable") return null;
  const ways = waysOf(error, version).filter((one) => one.route === "upload");
  return html`<div class="mend" role="alert"><p lang="en">${inWords(error, version)}</p>
    ${(ways.length > 0 || !act) && html`<p class="actions">
      ${ways.map((one) => (act ? html`<${Do} quiet=${true} act=${() => act(one.body)}>${one.text}<//>` : html`<${Again} text=${t("sending.choose-with", { how: one.text })} take=${(file) => send(file, one.body)} />`))}
      ${!act && html`<${Again} text=${t("sending.choose")} take=${(file) => send(file, {})} />`}
    </p>`}</div>`;
}

// A button that asks for a file.
function Again({ text, take }) {
  const input = useRef();
  return html`<button class="quiet" onClick=${() => input.current.click()}>${text}</button>
    <input ref=${input} type="file" hidden aria-label=${text} onChange=${(event) => event.target.files[0] && take(event.target.files[0])} />`;
}

// An error that names who uses something: each by a link, and the way to do it all the same where there is one.
export function Used({ error, force }) {
  if (error.code === "unreachable") return html`<div class="failure" role="alert"><p>${t("unreachable")}</p></div>`;
  const models = [...new Set((error.remedies || []).filter((one) => one.of && ["retire", "cancel", "train"].includes(one.route)).map((one) => one.of))];
  const forced = (error.remedies || []).find((one) => one.route === "delete" && one.body.force);
  return html`<div class="mend bad" role="alert"><p lang="en">${inWords(error)}</p>
    <p class="actions">${models.map((one) => html`<a href=${link("models", one)}>${one}</a>`)}
    ${forced && force && html`<${Do} danger=${true} act=${force}>${t("data.force")}<//>`}</p></div>`;
}
