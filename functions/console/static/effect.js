// What columns are worth to a version, and what one of them does to its answers.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { count, figure, share, t } from "./words.js";
import { Card, Loaded } from "./parts.js";
import { Lines, Ranking } from "./charts.js";

const SHOWN = 12;
const LEFT_OUT = ["identifier", "constant", "empty"];

export function Importance({ of }) {
  const shown = of.columns.slice(0, SHOWN);
  const left = of.columns.length - shown.length + of.passed_over;
  return html`<${Card} title=${t("importance")} aside=${t("importance.rows", { rows: count(of.rows) })}>
    <p class="note">${t("importance.lead")}</p>
    ${shown.length > 0 && html`<${Ranking} label=${t("importance.loss")} name=${t("effect.column")} items=${shown.map((one) => ({
      name: one.column,
      value: one.mean,
      ...(one.std === null ? {} : { low: one.mean - one.std, high: one.mean + one.std }),
    }))} />`}
    ${left > 0 && html`<p class="hint">${t("importance.left", { count: count(left) })}</p>`}
  <//>`;
}

// The effect of a column that is chosen among those that the version reads, the most important first.
export function Effect({ one, version, report, chosen, choose }) {
  const data = useLive(report.importance || version.imported ? null : `/v1/datasets/${encodeURIComponent(version.dataset)}/versions/${version.dataset_version}`, () => 600);
  const columns = report.importance
    ? report.importance.columns.map((column) => column.column)
    : (data.value?.columns || [])
        .filter((column) => column.name !== data.value.label && column.name !== version.weight && !LEFT_OUT.includes(column.kind))
        .map((column) => column.name);
  const column = columns.includes(chosen.column) ? chosen.column : columns[0];
  const found = useLive(column === undefined ? null : `${one}/effect?column=${encodeURIComponent(column)}`, () => 600);
  if (data.error || version.imported) return null;
  return html`<${Card} title=${t("effect")}>
    <label class="field">${t("effect.column")}
      <select value=${column} onChange=${(event) => choose({ column: event.target.value })}>${columns.map((name) => html`<option value=${name} selected=${name === column}>${name}</option>`)}</select>
    </label>
    <${Loaded} of=${found}>${(effect) => html`<${Drawn} of=${effect} label=${report.task === "classification" ? classOf(report, chosen.class) : "value"} task=${report.task} />`}<//>
  <//>`;
}

// The class that is looked at: the one that is wanted, that of the rule in use, or the rarest.
export function classOf(report, wanted) {
  if (report.classes.includes(wanted)) return wanted;
  const rows = (name) => report.per_class[name].support;
  return report.decision?.rule.label ?? report.classes.reduce((best, name) => (rows(name) <= rows(best) ? name : best));
}

function Drawn({ of, label, task }) {
  const outputs = of.outputs[label];
  const format = task === "classification" ? share : figure;
  const name = task === "classification" ? t("effect.probability", { class: label }) : t("effect.value");
  const lead = html`<p class="note">${t("effect.lead", { rows: count(of.rows) })}</p>`;
  const dates = of.values.map((one) => (typeof one === "string" ? Date.parse(one) : NaN));
  const times = of.of === "quantity" && dates.every(Number.isFinite);
  if (times || (of.of === "quantity" && of.values.every((one) => typeof one === "number"))) {
    const xs = times ? dates : of.values;
    const over = (values) => xs.map((x, i) => [x, values[i]]);
    return html`${lead}<${Lines} label=${name} dots=${xs.length < 8} x=${{ name: of.column, format: times ? (ms) => new Date(ms).toISOString().slice(0, 10) : figure }} y=${{ name, format }} series=${[
      { name: t("effect.mean"), points: over(outputs) },
      { name: t("effect.low"), points: over(of.low[label]) },
      { name: t("effect.high"), points: over(of.high[label]) },
    ]} />`;
  }
  return html`${lead}<${Ranking} label=${name} name=${of.column} format=${format} items=${of.values.map((one, i) => ({
    name: of.share.length ? t("effect.level", { level: one, share: share(of.share[i]) }) : String(one),
    value: outputs[i],
    low: of.low[label][i],
    high: of.high[label][i],
  }))} />`;
}
