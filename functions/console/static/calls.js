// A call as text to be run elsewhere, which sends exactly the row that is given, whatever its cells and columns are, and
// the coverage if one is given.
const HEADERS = [`Authorization: Bearer $LEPTON_API_KEY`, "Content-Type: application/json"];

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

// For a shell; the key is in its environment.
export function asCurl(url, row, coverage) {
  return [`curl ${quoted(url)}`, ...HEADERS.map((one) => `-H "${one}"`), `--data-binary ${quoted(JSON.stringify({ rows: [row], coverage }))}`].join(" \\\n  ");
}

// For Python with the SDK; the key is in its environment. A text of JSON is one of Python as well.
export function asPython(platform, model, row, coverage) {
  const cells = Object.entries(row).map(([name, cell]) => `    ${JSON.stringify(name)}: ${cell === null ? "None" : JSON.stringify(cell)},\n`);
  return `import os

from lepton_ai import Model

os.environ["LEPTON_URL"] = ${JSON.stringify(platform)}
model = Model(name=${JSON.stringify(model)})
print(model.predict({\n${cells.join("")}}${coverage === undefined ? "" : `, coverage=${coverage}`}))
`;
}
