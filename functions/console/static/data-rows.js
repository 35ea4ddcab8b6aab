// The first rows of a version, some of them and some of its columns at a time.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { count, t } from "./words.js";
import { Card, Empty, Loaded } from "./parts.js";

const ROWS = 50;
const MOST = 1000;
const COLUMNS = 24;

export function RowsTab({ set, path, number, version, to, at }) {
  const page = Math.min(Math.max(0, Number(at.query.get("page")) || 0), MOST / ROWS - 1);
  const first = Math.max(0, Number(at.query.get("from")) || 0);
  const head = useLive(set.latest ? `${path}/versions/${number}/head?rows=${(page + 1) * ROWS}&column=${first}` : null, () => 60);
  if (!set.latest) return null;
  const reachable = version.value ? Math.min(MOST, version.value.rows) : MOST;
  return html`<${Loaded} of=${head}>${(read) => {
    const columns = read.columns.slice(0, COLUMNS);
    const rows = read.rows.slice(page * ROWS);
    const where = (chosen) => to("rows", { page: page || "", from: first || "", ...chosen });
    const isNumber = columns.map((_, j) => rows.some((row) => row[j] !== null) && rows.every((row) => row[j] === null || typeof row[j] === "number"));
    if (!rows.length) return html`<${Empty} title=${t("rows.none")} />`;
    return html`<${Card} title=${t("rows.from-to", { from: count(page * ROWS + 1), to: count(page * ROWS + rows.length) })} aside=${version.value && t("rows.all", { count: count(version.value.rows) })} wide=${true}>
      ${read.column_count > COLUMNS && html`<p class="actions pager">
        ${first > 0 && html`<a class="button" href=${where({ from: Math.max(0, first - COLUMNS) || "" })}>${t("rows.columns-before")}</a>`}
        <span class="hint">${t("columns.from-to", { from: count(first + 1), to: count(first + columns.length), all: count(read.column_count) })}</span>
        ${first + COLUMNS < read.column_count && html`<a class="button" href=${where({ from: first + COLUMNS })}>${t("rows.columns-next")}</a>`}
      </p>`}
      <div class="scroll" tabindex="0" role="region" aria-label=${t("rows")}>
        <table class="cells">
          <thead><tr><th scope="col" class="number">#</th>${columns.map((one, j) => html`<th scope="col" class=${isNumber[j] ? "number" : ""} title=${one}>${one}</th>`)}</tr></thead>
          <tbody>${rows.map((row, i) => html`<tr><th scope="row" class="number">${count(page * ROWS + i + 1)}</th>${columns.map((_, j) => html`<${Cell} value=${row[j]} />`)}</tr>`)}</tbody>
        </table>
      </div>
      <p class="actions pager">
        ${page > 0 && html`<a class="button" href=${where({ page: page - 1 || "" })}>${t("pages.before")}</a>`}
        ${(page + 1) * ROWS < reachable && html`<a class="button" href=${where({ page: page + 1 })}>${t("pages.next")}</a>`}
        ${version.value && version.value.rows > MOST && (page + 1) * ROWS >= MOST && html`<span class="hint">${t("rows.most", { count: count(MOST) })}</span>`}
      </p>
    <//>`;
  }}<//>`;
}

function Cell({ value }) {
  if (value === null) return html`<td class="missing">${t("rows.missing")}</td>`;
  const text = String(value);
  return html`<td class=${typeof value === "number" ? "number" : ""} title=${text.length > 30 ? text.slice(0, 2000) : undefined}>${text.slice(0, 400)}</td>`;
}
