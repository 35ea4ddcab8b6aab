// The report of a version: what to know before training, with a button for what mends it, and the rows that were set aside.
import { html } from "./ui.js";
import { all, get, post } from "./api.js";
import { count, figure, share, t } from "./words.js";
import { Card, Do, Facts, Loaded, Table } from "./parts.js";
import { Ranking } from "./charts.js";
import { inWords, waysOf } from "./remedy.js";
import { useDraft } from "./drafts.js";
import { Told } from "./translated.js";

const CLASSES = 12;

export function ReportTab({ set, path, number, version, report, sending, to }) {
  if (!set.latest) return null;
  return html`<${Loaded} of=${report}>${(read) => html`<${Loaded} of=${version}>${(one) => html`
    <${Findings} report=${read} version=${one} set=${set} path=${path} number=${number} sending=${sending} to=${to} />
    <${Summary} report=${read} />
    ${read.set_aside_count > 0 && html`<${SetAside} report=${read} />`}`}<//>`}<//>`;
}

function Summary({ report }) {
  const { label } = report;
  return html`<div class="cards">
    <${Card} title=${t("report.table")}>
      <${Facts} of=${[
        [t("rows"), count(report.rows)],
        ...(report.sampled < report.rows ? [[t("report.sampled"), count(report.sampled)]] : []),
        [t("report.duplicates"), count(report.duplicates)],
        [t("report.unlabelled"), count(report.unlabelled)],
        [t("report.set-aside"), count(report.set_aside_count)],
        ...(label.told !== null ? [[t("report.told"), figure(label.told)]] : []),
      ]} />
    <//>
    ${label.classes.length > 0 && html`<${Card} title=${t("report.label", { name: label.name })}>
      <${Ranking} label=${t("report.classes")} name=${t("report.class")} items=${label.classes.slice(0, CLASSES).map((one) => ({ name: one.text, value: one.rows }))} format=${count} />
    <//>`}
  </div>`;
}

function Findings({ report, version, set, path, number, sending, to }) {
  const warnings = report.findings.filter((one) => one.level === "warning");
  const notes = report.findings.filter((one) => one.level !== "warning");
  const shown = (list) => html`<ul class="found">${byColumn(list).map((one) => html`<${Finding} of=${one} report=${report} version=${version} set=${set} path=${path} number=${number} sending=${sending} to=${to} />`)}</ul>`;
  return html`<${Card} title=${t("data.findings")} aside=${t("report.counts", { warnings: warnings.length, notes: notes.length })} wide=${true}>
    ${warnings.length ? shown(warnings) : html`<p class="all-good">${t("report.no-warnings")}</p>`}
    ${notes.length > 0 && html`<details class="notes" open=${!warnings.length}><summary>${t("report.notes", { count: notes.length })}</summary>${shown(notes)}</details>`}
  <//>`;
}

// What is said of one column stands together.
function byColumn(findings) {
  const groups = new Map();
  findings.forEach((one, at) => {
    const key = one.column ?? at;
    groups.set(key, [...(groups.get(key) || []), one]);
  });
  return [...groups.values()];
}

function Finding({ of, report, version, set, path, number, sending, to }) {
  const ways = of.flatMap((one) => waysOf(one, version)).filter((one, at, every) => every.findIndex((other) => other.text === one.text) === at);
  const apply = async (way, go) => {
    window.scrollTo(0, 0);
    const made = await sending.readAgain(number, way.body);
    if (made) go("data", set.name, "report");
  };
  const reads = ways.filter((one) => one.route === "upload");
  const trains = ways.filter((one) => one.route === "train");
  const lags = of.flatMap((one) => one.remedies || []).find((one) => one.route === "lags");
  const column = of[0].column ?? null;
  return html`<li class=${of[0].level}>
    ${of.map((one) => html`<${Told} of=${one} report=${report} said=${inWords(one, version)} />`)}
    ${(reads.length > 0 || trains.length > 0 || lags || column !== null) && html`<p class="actions">
      ${lags && html`<a class="button quiet" href=${to("lags", { ...lags.body, lags: JSON.stringify(lags.body.lags) })}>${t("lags.offer")}</a>`}
      ${reads.map((one) => html`<${Do} quiet=${true} act=${(go) => apply(one, go)}>${one.text}<//>`)}
      ${trains.map((one) => html`<${Train} way=${one} set=${set} path=${path} number=${number} version=${version} />`)}
      ${column !== null && html`<a class="cut" title=${column} href=${to("columns", { column })}>${t("report.column", { name: column })}</a>`}
    </p>`}
  </li>`;
}

// A training of a model that learns from the set, or of a new one, done as the finding says.
function Train({ way, set, path, number, version }) {
  const [model, setModel, draft] = useDraft(`train ${number} ${way.text}`, set.models[0] || "", (name) => set.models.includes(name));
  const train = async (go) => {
    let name = model;
    if (!name) {
      name = await freeModel(set.name);
      const report = await get(`${path}/versions/${number}/report`);
      const kind = (report.columns.find((one) => one.name === version.label) || {}).kind;
      const quantity = report.label.cut !== null && ["number", "integer"].includes(kind);
      await post("/v1/models", { name, algorithm: quantity ? "linear_regression" : "logistic_regression", dataset: set.name });
    }
    const run = await post(`/v1/models/${encodeURIComponent(name)}/train`, { auto: true, seconds: 60, ...way.body, dataset_version: number });
    draft.sent();
    go("runs", run.id);
  };
  return html`<span class="train">
    ${set.models.length > 1 && html`<select aria-label=${t("model")} value=${model} onChange=${(event) => setModel(event.target.value)}>${set.models.map((one) => html`<option value=${one}>${one}</option>`)}</select>`}
    <${Do} quiet=${true} act=${train}>${model ? t("report.train", { model, how: way.text }) : t("report.train-new", { how: way.text })}<//>
  </span>`;
}

async function freeModel(name) {
  const taken = new Set((await all("/v1/models?")).map((one) => one.name));
  if (!taken.has(name)) return name;
  for (let at = 2; ; at++) if (!taken.has(`${name}-${at}`)) return `${name}-${at}`;
}

function SetAside({ report }) {
  return html`<${Card} title=${t("report.set-aside")} aside=${t("of", { some: count(report.set_aside.length), all: count(report.set_aside_count) })} wide=${true}>
    <p class="hint">${t("report.set-aside-share", { share: share(report.set_aside_count / Math.max(1, report.rows + report.set_aside_count)) })}</p>
    <${Table} label=${t("report.set-aside")} rows=${report.set_aside} columns=${[
      { name: t("set-aside.line"), number: true, of: (one) => count(one.line) },
      { name: t("set-aside.column"), of: (one) => one.column ?? "–" },
      { name: t("set-aside.why"), of: (one) => one.reason },
      { name: t("set-aside.text"), of: (one) => html`<code class="cut" title=${one.text}>${one.text}</code>` },
    ]} />
  <//>`;
}
