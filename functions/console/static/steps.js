// The steps of a preprocessor in their order, and what they make of real rows.
import { html, useEffect, useRef, useState } from "./ui.js";
import { post } from "./api.js";
import { useDraft, useTyped } from "./drafts.js";
import { count, figure, said, t } from "./words.js";
import { Failure, Table } from "./parts.js";
import { Settings, wrongOf } from "./fields.js";
import { helpOf } from "./translated.js";

const WAIT_MS = 350;
const SHOWN = 12;
const NOUGHT = 1e-9;

// As the API takes them: without what a fit has learnt or added.
export function chainOf(steps) {
  return { format: 1, steps: steps.map(({ transformer, input, output, options }) => ({ transformer, input, output: output || null, options })) };
}

// Whether an option of a step is out of its range, as far as the page can tell.
export function wrongSteps(steps, transformers) {
  return (steps || []).some((one) => {
    const known = transformers.find((other) => other.name === one.transformer);
    return known && known.options.some((option) => wrongOf(option, one.options[option.name]));
  });
}

// `steps` null are the default ones, or those that the model has (`kept`). `error` is the API's, whose field may name a step.
export function Steps({ steps, kept, then, transformers, columns, shown, error }) {
  const [adding, setAdding, draft] = useDraft("adding", transformers[0].name, (name) => transformers.some((one) => one.name === name));
  const list = useRef();
  const change = (at, changes) => then(steps.map((one, i) => (i === at ? { ...one, ...changes } : one)));
  const move = (at, by) => {
    const next = [...steps];
    [next[at], next[at + by]] = [next[at + by], next[at]];
    then(next);
    setTimeout(() => list.current?.querySelectorAll("li h3")[at + by]?.focus());
  };
  const add = () => {
    then([...(steps || []), { transformer: adding, input: "X", output: "", options: {} }]);
    draft.forget();
  };
  const own = steps !== null;
  const kinds = (name) => transformers.find((one) => one.name === name);
  return html`<div class="stack">
    <fieldset>
      <legend class="visually-hidden">${t("steps")}</legend>
      <label class="check"><input type="radio" name="steps" checked=${!own} onChange=${() => then(null)} />${t(kept ? "steps.kept" : "steps.default")}</label>
      <label class="check"><input type="radio" name="steps" checked=${own} onChange=${() => then(steps || [])} />${t("steps.own")}</label>
    </fieldset>
    ${!own && shown && html`<p class="chips">${shown.steps.length ? unlike(shown.steps).map((name) => html`<code>${name}</code>`) : html`<span class="hint">${t("steps.nothing")}</span>`}
      <button class="quiet" onClick=${() => then(shown.steps.map((one) => asGiven(one, kinds(one.transformer))))}>${t("steps.copy")}</button></p>`}
    ${own && html`<ol class="steps" ref=${list}>${steps.map((one, at) => html`<li key=${at}>
      <header>
        <h3 tabindex="-1">${at + 1}. ${one.transformer}</h3>
        <span class="actions">
          <button class="quiet" disabled=${at === 0} aria-label=${t("steps.up-of", { name: one.transformer })} onClick=${() => move(at, -1)}>↑</button>
          <button class="quiet" disabled=${at === steps.length - 1} aria-label=${t("steps.down-of", { name: one.transformer })} onClick=${() => move(at, 1)}>↓</button>
          <button class="quiet" aria-label=${t("steps.remove-of", { name: one.transformer })} onClick=${() => then(steps.filter((_, i) => i !== at))}>${t("steps.remove")}</button>
        </span>
      </header>
      <p class="hint" title=${helpOf(kinds(one.transformer)?.help ?? "").text}>${said("step", one.transformer)}</p>
      <${Input} at=${at} one=${one} columns=${columns} blocks=${steps.slice(0, at).map((before) => before.output).filter(Boolean)} then=${(input) => change(at, { input })} />
      <${Output} at=${at} of=${one.output} then=${(output) => change(at, { output })} />
      ${kinds(one.transformer)?.options.length > 0 && html`<${Settings} prefix="step-${at}" settings=${kinds(one.transformer).options} values=${one.options} then=${(name, value) => change(at, { options: without(one.options, name, value) })} errors=${errorsOf(error, at)} />`}
      ${at === placeOf(error) && html`<p class="wrong" role="alert">${error.message}</p>`}
    </li>`)}</ol>
    <p class="actions">
      <label class="visually-hidden" for="adding">${t("steps.which")}</label>
      <select id="adding" value=${adding} onChange=${(event) => setAdding(event.target.value)}>${transformers.map((one) => html`<option value=${one.name}>${one.name}: ${said("step", one.name)}</option>`)}</select>
      <button onClick=${add}>${t("steps.add")}</button>
    </p>`}
  </div>`;
}

// A step of the API without what is the default anyway, so that the form marks what is not.
function asGiven({ transformer, input, output, options }, known) {
  const usual = Object.fromEntries((known ? known.options : []).map((one) => [one.name, JSON.stringify(one.default)]));
  const given = Object.entries(options).filter(([name, value]) => JSON.stringify(value) !== usual[name]);
  return { transformer, input, output: output || "", options: Object.fromEntries(given) };
}

function without(options, name, value) {
  const next = { ...options };
  if (value === undefined) delete next[name];
  else next[name] = value;
  return next;
}

function unlike(steps) {
  return [...new Set(steps.map((one) => one.transformer))];
}

// The number of the step that an error is about, if it names one; its options have a field of their own.
function placeOf(error) {
  const found = error && /^steps\[(\d+)\](\.(input|output|transformer))?$/.exec(error.field || "");
  return found ? Number(found[1]) : -1;
}

function errorsOf(error, at) {
  const found = error && /^steps\[(\d+)\]\.(\w+)$/.exec(error.field || "");
  return found && Number(found[1]) === at ? { [found[2]]: error.message } : {};
}

// The name of the block that a step makes.
function Output({ at, of, then }) {
  const id = `output-${at}`;
  const typed = useTyped(id, of || "", (text) => then(text.trim()));
  return html`<div class="field"><label for=${id}>${t("steps.output")}</label><input id=${id} placeholder=${t("steps.in-place")} ...${typed} /></div>`;
}

// What a step reads: all columns that it goes with, one block of an earlier step, or some columns.
function Input({ at, one, columns, blocks, then }) {
  const chosen = Array.isArray(one.input) ? one.input : [one.input];
  const every = one.input === "X";
  const toggle = (name, on) => {
    const next = on ? [...chosen.filter((other) => other !== "X"), name] : chosen.filter((other) => other !== name);
    then(next.length === 0 ? "X" : next.length === 1 ? next[0] : next);
  };
  return html`<details class="input">
    <summary>${t("steps.reads")} <b>${every ? t("steps.every") : chosen.join(", ")}</b></summary>
    <fieldset class="to-read">
      <legend class="visually-hidden">${t("steps.reads")}</legend>
      <label class="check"><input type="checkbox" checked=${every} disabled=${every} onChange=${() => then("X")} />${t("steps.every")}</label>
      ${[...blocks, ...columns].map((name) => html`<label class="check"><input type="checkbox" id="reads-${at}-${name}" checked=${!every && chosen.includes(name)} onChange=${(event) => toggle(name, event.target.checked)} />${name}</label>`)}
    </fieldset>
  </details>`;
}

// What the API makes of the first rows, a moment after the last change: { value, error, busy }.
export function usePreview(path, body) {
  const [seen, see] = useState({ busy: true });
  const text = JSON.stringify(body);
  useEffect(() => {
    if (!path) return undefined;
    let here = true;
    see((before) => ({ ...before, busy: true }));
    const timer = setTimeout(async () => {
      try {
        const value = await post(path, body);
        if (here) see({ value, busy: false });
      } catch (error) {
        if (here) see((before) => ({ value: before.value, error, busy: false }));
      }
    }, WAIT_MS);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [path, text]);
  return seen;
}

export function Preview({ of }) {
  const { value, error, busy } = of;
  const left = value ? Object.entries(value.left_out) : [];
  return html`<div class="preview ${busy ? "waits" : ""}" aria-busy=${busy}>
    ${error && html`<${Failure} error=${error} />`}
    ${value && !error && html`
      <div><h3>${t("preview.before")}</h3><${Rows} names=${value.columns} rows=${value.before} count=${value.column_count} label=${t("preview.before")} /></div>
      <div><h3>${t("preview.after")}</h3><${Rows} names=${value.features} rows=${value.after} count=${value.feature_count} label=${t("preview.after")} /></div>
      ${left.length > 0 && html`<p class="hint">${t("preview.left-out")} ${left.slice(0, SHOWN).map(([name, why]) => (why ? `${name} (${why})` : name)).join(", ")}</p>`}
      <p class="hint">${t("preview.fitted", { rows: count(value.fitted_rows) })}</p>`}
  </div>`;
}

function Rows({ names, rows, count: all, label }) {
  const shown = names.slice(0, SHOWN);
  return html`<${Table} label=${label} rows=${rows} columns=${shown.map((name, at) => ({
      name,
      number: typeof rows[0]?.[at] === "number",
      of: (row) => cell(row[at]),
    }))} />
    ${all > SHOWN && html`<p class="hint">${t("preview.more", { count: count(all - SHOWN) })}</p>`}`;
}

export function cell(value) {
  if (value === null) return html`<span class="hint">${t("preview.missing")}</span>`;
  if (typeof value === "number") return figure(Math.abs(value) < NOUGHT ? 0 : value);
  const text = String(value);
  return text.length > 40 ? html`<span title=${text.slice(0, 400)}>${text.slice(0, 40)}…</span>` : text;
}
