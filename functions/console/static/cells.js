// The form of one row: a field for each column, of the kind that the column has.
import { html, useState } from "./ui.js";
import { own } from "./parts.js";
import { t } from "./words.js";

const NUMBERS = ["number", "integer"];
const PLAIN_DATE = /^\d{4}-\d\d-\d\d$/;
const STEPS = 200;
const MISSING = "missing";
const OTHER = "other";

// What a row of the data has in a cell, as a person types it; null is missing.
export function typed(cell) {
  if (cell === null || cell === undefined) return null;
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

// What is sent for what was typed: a number where no digit of it is lost, else the text, which the platform reads.
export function cellOf(column, text) {
  if (text === null || text === "") return null;
  const plain = NUMBERS.includes(column.kind) && /^-?\d{1,15}(\.\d+)?$/.test(text) && text.replace(/\D/g, "").length <= 15;
  return plain ? Number(text) : text;
}

// The columns of a report that a form has fields for.
export function fieldsOf(report, weight, rows) {
  const left = ["identifier", "constant", "empty"];
  return report.columns
    .filter((one) => one.name !== report.label.name && one.name !== weight && !left.includes(one.kind))
    .map((one) => {
      const cells = rows.map((row) => typed(own(row, one.name))).filter((cell) => cell !== null);
      return { ...one, levels: levelsOf(one, cells), plainDate: cells.length > 0 && cells.every((cell) => PLAIN_DATE.test(cell)) };
    });
}

function levelsOf(column, cells) {
  if (column.kind === "category") return [...new Set([...((column.bins || {}).levels || []), ...cells])];
  if (column.kind === "boolean") return [...new Set([...column.top.map((one) => one.text), ...cells])];
  return [];
}

export function Field({ column, id, text, changed, wrong, set }) {
  const missing = text === null || text === "";
  return html`<div class="cell ${changed ? "changed" : ""} ${column.kind === "text" ? "long" : ""}">
    <div class="cell-name"><label for=${id}>${column.name}</label>${missing && html`<span class="hint">${t("try.missing")}</span>`}${changed && html`<span class="changed-mark">${t("try.changed")}</span>`}</div>
    <${Input} column=${column} id=${id} text=${text} set=${set} />
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
  </div>`;
}

function Input({ column, id, text, set }) {
  const typing = (event) => set(event.target.value === "" ? null : event.target.value);
  if (NUMBERS.includes(column.kind)) return html`<${Number_} column=${column} id=${id} text=${text} set=${set} typing=${typing} />`;
  if (column.levels.length > 0) return html`<${Choice} column=${column} id=${id} text=${text} set=${set} typing=${typing} />`;
  if (column.kind === "date" && column.plainDate && (text === null || PLAIN_DATE.test(text))) return html`<input id=${id} type="date" value=${text ?? ""} onInput=${typing} />`;
  if (column.kind === "text") return html`<textarea id=${id} rows="2" value=${text ?? ""} onInput=${typing}></textarea>`;
  return html`<input id=${id} value=${text ?? ""} onInput=${typing} />`;
}

function Number_({ column, id, text, set, typing }) {
  const { min, max } = column;
  const range = Number.isFinite(min) && Number.isFinite(max) && max > min;
  const whole = column.kind === "integer";
  const step = whole ? Math.max(1, 10 ** Math.floor(Math.log10((max - min) / STEPS))) : 10 ** Math.floor(Math.log10((max - min) / STEPS));
  const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10(step))));
  const from = Math.floor(min / step) * step;
  const slid = (event) => set(String(Number(Number(event.target.value).toFixed(digits))));
  const now = text === null || !Number.isFinite(Number(text)) ? (min + max) / 2 : Number(text);
  return html`<div class="number-field">
    <input id=${id} inputmode="decimal" value=${text ?? ""} onInput=${typing} />
    ${range && html`<input type="range" aria-label=${t("try.slide", { name: column.name })} aria-valuetext=${text ?? t("try.missing")} min=${from} max=${Math.ceil(max / step) * step} step=${step} value=${now} onInput=${slid} />`}
  </div>`;
}

function Choice({ column, id, text, set, typing }) {
  const [own, setOwn] = useState(text !== null && !column.levels.includes(text));
  const choose = (event) => {
    const [how, at] = event.target.value.split(":");
    setOwn(how === OTHER);
    if (how === OTHER) set(text);
    else set(how === MISSING ? null : column.levels[Number(at)]);
  };
  const typedIn = own || (text !== null && !column.levels.includes(text));
  return html`<select id=${id} value=${typedIn ? OTHER : text === null ? MISSING : `level:${column.levels.indexOf(text)}`} onChange=${choose}>
      <option value=${MISSING}>${t("try.missing-choice")}</option>
      ${column.levels.map((one, at) => html`<option value="level:${at}">${one}</option>`)}
      <option value=${OTHER}>${t("try.another")}</option>
    </select>
    ${typedIn && html`<input aria-label=${t("try.another-of", { name: column.name })} value=${text ?? ""} onInput=${typing} />`}`;
}
