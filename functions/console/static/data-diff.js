// The difference of two versions: columns that came and went, rows, and how far each column moved.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { count, figure, said, share, t } from "./words.js";
import { Card, Facts, Loaded, Table } from "./parts.js";
import { Columns, Ranking } from "./charts.js";
import { together } from "./spread.js";

const DRAWN = 12;

export function DifferenceCard({ path, number, since, versions, to }) {
  const found = useLive(`${path}/versions/${number}/diff/${since}`, () => 300);
  const before = useLive(`${path}/versions/${since}/report`, () => 300);
  const now = useLive(`${path}/versions/${number}/report`, () => 300);
  const others = versions.filter((one) => one.version !== number);
  return html`<${Card} title=${t("diff", { since, version: number })} wide=${true}
      aside=${html`${others.length > 1 && html`<select aria-label=${t("diff.since")} value=${since} onChange=${(event) => { location.hash = to("versions", { diff: event.target.value }); }}>${others.map((one) => html`<option value=${one.version}>${t("version", { version: one.version })}</option>`)}</select> `}<a href=${to("versions")}>${t("close")}</a>`}>
    <${Loaded} of=${found}>${(diff) => html`<${Difference} of=${diff} before=${before.value} now=${now.value} />`}<//>
  <//>`;
}

function Difference({ of, before, now }) {
  const { changes } = of;
  const moved = [...changes.drift, ...(changes.label_drift ? [changes.label_drift] : [])].sort((a, b) => b.psi / b.alarm - a.psi / a.alarm);
  const far = moved.filter((one) => one.drifted);
  const near = moved.filter((one) => !one.drifted).slice(0, DRAWN);
  const levels = Object.entries(changes.new_levels);
  const schema = [
    ...changes.added.map((name) => [name, t("diff.added")]),
    ...changes.removed.map((name) => [name, t("diff.removed")]),
    ...changes.retyped.map((one) => [one.name, t("diff.retyped", { before: said("column", one.before), now: said("column", one.now) })]),
    ...(of.label_before !== of.label_now ? [[of.label_now, t("diff.label", { before: of.label_before })]] : []),
  ];
  return html`
    <div class="narrow-facts"><${Facts} of=${[
      [t("rows"), t("diff.to", { before: count(of.rows_before), now: count(of.rows_now) })],
      [t("diff.kept"), count(of.kept)],
      [t("diff.rows-added"), count(of.added.count)],
      [t("diff.rows-removed"), count(of.removed.count)],
    ]} /></div>
    ${schema.length > 0 && html`<h3>${t("diff.schema")}</h3><${Table} label=${t("diff.schema")} rows=${schema} columns=${[
      { name: t("diff.column"), of: ([name]) => html`<span class="cut" title=${name}>${name}</span>` },
      { name: t("diff.change"), of: ([, what]) => what },
    ]} />`}
    ${moved.length > 0 && html`<h3>${far.length ? t("diff.moved", { count: far.length }) : t("diff.stayed")}</h3>
      <${Ranking} label=${t("diff.drift")} name=${t("diff.column")} items=${moved.slice(0, 30).map((one) => ({ name: one.name, value: one.psi }))} format=${figure} />
      <${Drawn} of=${far.slice(0, DRAWN)} diff=${of} before=${before} now=${now} />
      ${near.length > 0 && html`<details><summary>${t("diff.near", { count: near.length })}</summary><${Drawn} of=${near} diff=${of} before=${before} now=${now} /></details>`}`}
    ${levels.length > 0 && html`<h3>${t("diff.levels")}</h3><${Table} label=${t("diff.levels")} rows=${levels.flatMap(([name, values]) => values.map((one) => [name, one]))} columns=${[
      { name: t("diff.column"), of: ([name]) => name },
      { name: t("column.value"), of: ([, one]) => html`<span class="cut" title=${one.text}>${one.text}</span>` },
      { name: t("rows"), number: true, of: ([, one]) => count(one.rows) },
    ]} />`}
    <${Rows} title=${t("diff.rows-added")} of=${of.added} />
    <${Rows} title=${t("diff.rows-removed")} of=${of.removed} />`;
}

function Drawn({ of, diff, before, now }) {
  return html`<div class="cards">${of.map((one) => html`<${Two} key=${one.name} of=${one} before=${before} now=${now} since=${diff.since} version=${diff.version} />`)}</div>`;
}

function Two({ of, before, now, since, version }) {
  const column = (report) => report && report.columns.find((one) => one.name === of.name);
  const drawn = together(column(before), column(now));
  if (!drawn) return null;
  return html`<div class="two"><${Columns} label=${of.name} aside=${html`<span class=${of.drifted ? "state bad" : "state"}>${of.drifted ? t("diff.is-far") : t("diff.is-near")} · PSI ${figure(of.psi)}</span>`} name=${t("column.value")} labels=${drawn.labels} format=${share} height=${96}
    series=${[{ name: t("version", { version }), values: drawn.now }, { name: t("version", { version: since }), values: drawn.before }]} /></div>`;
}

function Rows({ title, of }) {
  if (!of.count) return null;
  return html`<details><summary>${title}: ${t("of", { some: count(of.rows.length), all: count(of.count) })}</summary>
    <${Table} label=${title} rows=${of.rows} columns=${of.columns.map((name, at) => ({ name, of: (row) => html`<span class="cut" title=${String(row[at] ?? "")}>${row[at] === null ? t("rows.missing") : String(row[at])}</span>` }))} />
    ${of.more_columns > 0 && html`<p class="hint">${t("more", { count: of.more_columns })}</p>`}
  </details>`;
}
