// Evaluate: whether a version is good enough, and all that its report says, with a plain sentence what it means.
import { html, useEffect, useRef } from "./ui.js";
import { post, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, figure, said, t } from "./words.js";
import { elsewhere } from "./learnt.js";
import { Bar, Card, Do, Empty, Failure, link, Loaded, State } from "./parts.js";
import { Columns } from "./charts.js";
import { Settings, useOpened, wrongOf } from "./fields.js";
import { METRICS, written } from "./metrics.js";
import { Calibrating, Confusion, Covering, Segments, Values } from "./evaluated.js";
import { Effect, Importance } from "./effect.js";
import { Threshold, UNMOVED } from "./threshold.js";

const UNDER_WAY = ["queued", "running"];
const FOLDS = 5;
const CALMLY = 60;

// The number of a version that an address names, if the model has it.
export function versionIn(text, model, otherwise) {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= model.latest ? number : otherwise;
}

export function EvaluateTab({ model, path }) {
  const [query, change] = useAddress();
  const shown = useRef();
  const chosen = Object.fromEntries(query);
  if (!model.latest) return html`<${Empty} title=${t("evaluate.none")}><p>${t("evaluate.none-lead")}</p><//>`;
  const version = versionIn(chosen.version, model, model.champion ?? model.latest);
  shown.current = version;
  // An answer about one version, which comes when another one is looked at, changes nothing there.
  const choose = (given) => shown.current === version && change(given);
  return html`<${One} model=${model} path=${path} version=${version} chosen=${chosen} choose=${choose} />`;
}

export function VersionSelect({ label, model, value, choose }) {
  const serving = model.state === "retired" ? null : model.champion;
  const numbers = Array.from({ length: model.latest }, (_, i) => model.latest - i);
  const named = (one) => t(one === serving ? "version.serves" : "version", { version: one });
  if (numbers.length === 1) return html`<b>${named(value)}</b>`;
  return html`<label class="inline">${label}
    <select value=${value} onChange=${(event) => choose(Number(event.target.value))}>
      ${numbers.map((one) => html`<option value=${one} selected=${one === value}>${named(one)}</option>`)}
    </select>
  </label>`;
}

function One({ model, path, version, chosen, choose }) {
  const one = `${path}/versions/${version}`;
  const details = useLive(one, () => CALMLY);
  const report = useLive(`${one}/evaluation`, () => CALMLY);
  const card = new URL(`../..${one}/card`, import.meta.url);
  const other = [model.champion, model.latest, version - 1].find((number) => number && number !== version) ?? version + 1;
  const again = () => {
    details.again();
    report.again();
  };
  return html`<div class="toolbar">
      <${VersionSelect} label=${t("version-name")} model=${model} value=${version} choose=${(number) => choose({ version: number, run: undefined, ...UNMOVED })} />
      ${details.value && html`<span class="hint">${said("algorithm", details.value.algorithm)} · ${elsewhere(details.value) || html`<a href=${link("data", details.value.dataset)}>${t("data.of", { name: details.value.dataset, version: details.value.dataset_version })}</a>`}</span>`}
      <span class="actions">
        ${model.latest > 1 && html`<a href="${link("models", model.name, "compare")}?a=${Math.min(version, other)}&b=${Math.max(version, other)}">${t("compare.with")}</a>`}
        <a href=${card} target="_blank" rel="noopener">${t("card")}</a>
      </span>
    </div>
    <${Loaded} of=${report}>${(found) => html`<${Report} key=${version} model=${model} path=${path} version=${version} one=${one} details=${details.value} report=${found} chosen=${chosen} choose=${choose} again=${again} />`}<//>`;
}

function Report({ model, path, version, one, details, report, chosen, choose, again }) {
  const classes = report.task === "classification";
  const calibrating = classes && html`<${Calibrating} report=${report} label=${chosen.class} />`;
  return html`<${GoodEnough} report=${report} />
    ${classes && html`<${Threshold} model=${model} one=${one} report=${report} chosen=${chosen} choose=${choose} again=${again} />`}
    ${!classes && html`<${Values} report=${report} />`}
    ${classes && report.classes.length > 2 && html`<${Confusion} report=${report} />`}
    <div class="cards">
      <div class="stack">
        <${Folds} model=${model} path=${path} version=${version} report=${report} chosen=${chosen} choose=${choose} again=${again} />
        ${report.importance ? html`<${Importance} of=${report.importance} />` : calibrating}
      </div>
      <div class="stack">
        ${details && html`<${Effect} one=${one} version=${details} report=${report} chosen=${chosen} choose=${choose} />`}
        ${report.importance && calibrating}
      </div>
    </div>
    <${Segments} of=${report.segments} />
    <${Covering} of=${report.coverages} />`;
}

function GoodEnough({ report }) {
  const folds = report.cross_validation?.metrics || {};
  const names = METRICS[report.task].filter((name) => report[name] !== null && report[name] !== undefined);
  return html`<${Card} title=${t("good-enough")} aside=${report.segments ? t("evaluate.held-out", { rows: count(report.segments.rows) }) : ""} wide=${true}>
    ${report.baselines.length === 0 && html`<p class="note">${t("evaluate.no-baseline")}</p>`}
    ${report.baselines.map((one) => html`<p class="verdict ${one.shown}" lang="en">${one.sentence}</p>`)}
    ${report.decision && html`<p class="hint">${t("good-enough.rule")}</p>`}
    ${report.imbalance && report.imbalance.sentences.map((one) => html`<p class="note" lang="en">${one}</p>`)}
    ${report.unknown_class_rows > 0 && html`<p class="note">${t("evaluate.unknown-classes", { rows: count(report.unknown_class_rows) })}</p>`}
    <dl class="tiles">${names.map((name) => html`<div>
      <dt>${t(`metric.${name}`)}</dt>
      <dd>${written(name, report[name])}</dd>
      <dd class="hint">${t(`meaning.${name}`)}${folds[name] !== undefined && folds[name] !== null ? html` <span class="in-folds">${t("evaluate.in-folds", { value: written(name, folds[name]) })}</span>` : ""}</dd>
    </div>`)}</dl>
  <//>`;
}

// What an evaluation can be told, as settings that have words of the page.
const measuring = () => [
  { name: "folds", type: "int", low: 2, high: 50, default: FOLDS, title: t("folds.count"), help: t("folds.more") },
  { name: "seed", type: "int", low: 0, default: 0, title: t("training.seed"), help: t("folds.seed") },
];

// A number that stands in an address; what is none stays a text, which the field refuses.
const numberIn = (text) => (text === undefined || !Number.isFinite(Number(text)) ? text : Number(text));

// The losses of folds, and the run that measures them: it can be begun here, and is watched until it ends.
function Folds({ model, path, version, report, chosen, choose, again }) {
  const run = useLive(chosen.run ? `/v1/runs/${encodeURIComponent(chosen.run)}` : null, (found) => (found && UNDER_WAY.includes(found.state) ? 1 : CALMLY));
  const state = run.value?.state;
  const ways = measuring();
  const given = Object.fromEntries(ways.map(({ name }) => [name, numberIn(chosen[name])]).filter(([, value]) => value !== undefined));
  const changed = Object.keys(given).length;
  const open = useOpened(changed);
  useEffect(() => {
    if (state !== "succeeded") return;
    again();
    choose({ run: undefined });
  }, [state]);
  const evaluate = async () => choose({ run: (await post(`${path}/evaluate`, { version, ...given })).id });
  const found = report.cross_validation;
  const name = t(`metric.${report.task === "classification" ? "log_loss" : "rmse"}`);
  const active = model.state !== "retired";
  const go = t(found ? "folds.again" : "folds.run");
  return html`<${Card} title=${t("folds")}>
    ${found
      ? html`<p class="note">${t("folds.lead", { count: count(found.folds.length), low: figure(Math.min(...found.folds)), high: figure(Math.max(...found.folds)) })}</p>
          <${Columns} label=${t("folds.of", { name })} aside=${t("folds.mean", { value: figure(found.loss) })} labels=${found.folds.map((_, i) => t("fold", { number: i + 1 }))} series=${[{ name, values: found.folds }]} format=${figure} name=${t("folds")} />`
      : html`<p class="note">${t("folds.none")}</p>`}
    ${run.error && html`<${Failure} error=${run.error} again=${run.again} />`}
    ${state && state !== "succeeded" && html`<div class="stack" role="status">
      <p class="actions"><${State} state=${state} /><a href=${link("runs", chosen.run)}>${t("run.watch")}</a></p>
      ${UNDER_WAY.includes(state) && html`<${Bar} share=${run.value.tasks_done / ((given.folds ?? FOLDS) + 2)} label=${t("progress")} />`}
      ${run.value.error && html`<${Failure} error=${run.value.error} />`}
    </div>`}
    ${active && !UNDER_WAY.includes(state) && html`
      <details class="otherwise" open=${open}><summary>${t("folds.how")} · ${changed ? t("set.changed", { count: changed }) : t("set.none-changed")}</summary>
        <${Settings} prefix="measure" settings=${ways} values=${given} then=${(name, value) => choose({ [name]: value })} /></details>
      <p class="actions">${ways.some((one) => wrongOf(one, given[one.name])) ? html`<button class="quiet" disabled>${go}</button>` : html`<${Do} quiet=${true} act=${evaluate}>${go}<//>`}</p>`}
  <//>`;
}
