// Predictions of a file as CSV: what the file has, and beside it what the model says.
const FORMULA = /^[=+\-@＝＋－＠\t\r\n]/; // a spreadsheet in Japanese or Chinese takes the wide signs as well
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

// The columns that the model adds: their names, none of which the file has, and the cells of a prediction.
export function addedColumns(predictions, taken) {
  const first = predictions.find((one) => !one.error);
  const failed = predictions.some((one) => one.error);
  const classes = first && first.probabilities ? Object.keys(first.probabilities) : [];
  const names = !first ? [] : first.probabilities ? ["label", ...classes.map((one) => `P(${one})`)] : ["value"];
  const used = new Set(taken);
  const free = (name) => {
    while (used.has(name)) name = `predicted ${name}`;
    used.add(name);
    return name;
  };
  const cells = (one) => {
    if (one.error) return names.map(() => null);
    return first.probabilities ? [one.label, ...classes.map((name) => one.probabilities[name])] : [one.value];
  };
  return { names: [...names, ...(failed ? ["error"] : [])].map(free), cells: (one) => [...cells(one), ...(failed ? [one.error ? said(one.error) : null] : [])] };
}

// Why a row has no prediction, with its column if one has the fault.
export function said(error) {
  return error.column ? `${error.column}: ${error.reason}` : error.reason;
}

// The parts of the text, for a Blob. Numbers keep every digit.
export function csvOf({ columns, rows }, predictions, guard) {
  const added = addedColumns(predictions, columns);
  const line = (cells) => `${cells.map((one) => written(guard ? guarded(one) : one)).join(",")}\n`;
  return [line([...columns, ...added.names]), ...rows.map((row, at) => line([...(row || columns.map(() => null)), ...added.cells(predictions[at])]))];
}
