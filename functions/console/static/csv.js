// Predictions of a file as CSV: what the file has, and beside it what the model says.
const FORMULA = /^ *[=+\-@＝＋－＠\t\r\n]/; // a spreadsheet in Japanese or Chinese takes the wide signs as well
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?%?$/;

// A text that a spreadsheet would run as a formula, with an apostrophe before it.
export function guarded(cell) {
  return typeof cell === "string" && FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

function written(cell) {
  if (cell === null || cell === undefined) return "";
  const text = Array.isArray(cell) ? "" : String(cell);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

// The columns that the model adds, none of whose names the file has, and the cells of a prediction: the answer, how sure it
// is, and what each of `explained` added.
export function addedColumns(predictions, taken, explained = []) {
  const told = predictions.find((one) => !one.error);
  const parts = told ? [...answered(told), ...certain(told), ...(told.why ? reasons(explained) : [])] : [];
  if (predictions.some((one) => one.error)) parts.push(["error", (one) => (one.error ? said(one.error) : null)]);
  const used = new Set(taken);
  const free = (name) => {
    while (used.has(name)) name = `predicted ${name}`;
    used.add(name);
    return name;
  };
  return { names: parts.map(([name]) => free(name)), cells: (one) => parts.map(([name, cell]) => (one.error && name !== "error" ? null : cell(one))) };
}

function answered({ probabilities }) {
  if (!probabilities) return [["value", (one) => one.value]];
  return [["label", (one) => one.label], ...Object.keys(probabilities).map((name) => [`P(${name})`, (one) => one.probabilities[name]])];
}

// Several classes are one cell, which is itself a line of CSV, so that names with a comma can be told apart.
function certain({ interval, plausible }) {
  if (interval) return [["low", (one) => one.interval[0]], ["high", (one) => one.interval[1]]];
  return plausible ? [["plausible", (one) => one.plausible.map(written).join(",")]] : [];
}

function reasons(names) {
  return [["base", (one) => one.why.base], ...names.map((name, at) => [`added by ${name}`, (one) => one.why.parts[at]])];
}

// Why a row has no prediction, with its column if one has the fault.
export function said(error) {
  return error.column ? `${error.column}: ${error.reason}` : error.reason;
}

// The parts of the text, for a Blob. Numbers keep every digit.
export function csvOf({ columns, rows }, predictions, guard, explained) {
  const added = addedColumns(predictions, columns, explained);
  const line = (cells) => `${cells.map((one) => written(guard ? guarded(one) : one)).join(",")}\n`;
  return [line([...columns, ...added.names]), ...rows.map((row, at) => line([...(row || columns.map(() => null)), ...added.cells(predictions[at])]))];
}
