// Compare: two versions of a model on the same rows, their figures beside each other, and what differs between them.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, figure, moment, said, share, t } from "./words.js";
import { Card, Empty, Facts, link, Loaded, Table } from "./parts.js";
import { Columns } from "./charts.js";
import { VersionSelect, versionIn } from "./evaluate.js";
import { differing, METRICS, range, side, written } from "./metrics.js";

const CALMLY = 60;

export function CompareTab({ model, path }) {
  const [query, choose] = useAddress();
  const chosen = Object.fromEntries(query);
  if (model.latest < 2) return html`<${Empty} title=${t("compare.none")}><p>${t("compare.none-lead")}</p>
    <p>${t("compare.algorithm")} <a href="${link("new")}?data=${encodeURIComponent(model.dataset)}">${t("new-model")}</a></p><//>`;
  const a = versionIn(chosen.a, model, model.champion ?? model.latest - 1);
  const b = versionIn(chosen.b, model, a === model.latest ? a - 1 : model.latest);
  const versions = path + "/versions";
  return html`<div class="toolbar">
      <${VersionSelect} label=${t("compare.a")} model=${model} value=${a} choose=${(number) => choose({ a: number })} />
      <${VersionSelect} label=${t("compare.b")} model=${model} value=${b} choose=${(number) => choose({ b: number })} />
      ${a !== b && html`<button class="quiet" onClick=${() => choose({ a: b, b: a })}>${t("compare.swap")}</button>`}
    </div>
    ${a === b ? html`<p class="lead">${t("compare.same")}</p>` : html`<${Two} key=${`${a}-${b}`} model=${model} path=${versions} a=${a} b=${b} />`}`;
}

function Two({ model, path, a, b }) {
  const verdict = useLive(`${path}/${b}/compare/${a}`, () => CALMLY);
  const seen = [useLive(`${path}/${a}`, () => CALMLY), useLive(`${path}/${b}`, () => CALMLY)];
  const reports = [useLive(`${path}/${a}/evaluation`, () => CALMLY), useLive(`${path}/${b}/evaluation`, () => CALMLY)];
  return html`<${Loaded} of=${verdict}>${(found) => html`<${Verdict} of=${found} a=${a} b=${b} />`}<//>
    <${Loaded} of=${both(seen)}>${([one, other]) => html`
      <div class="cards">
        <${Loaded} of=${both(reports)}>${(two) => html`<${Figures} model=${model} versions=${[one, other]} reports=${two} />`}<//>
        <${Differing} versions=${[one, other]} />
      </div>
      <${FoldLosses} versions=${[one, other]} />`}<//>`;
}

// Two values that are looked at, as one.
function both([one, other]) {
  const ready = one.value !== undefined && other.value !== undefined;
  return { value: ready ? [one.value, other.value] : undefined, error: one.error || other.error, again: () => { one.again(); other.again(); } };
}

function Verdict({ of, a, b }) {
  const found = of.beside;
  if (!found) return html`<${Card} title=${t("compare.verdict")} wide=${true}><p class="verdict none" lang="en">${of.sentence}</p><//>`;
  const test = found.comparison;
  const tone = found.shown === "nothing" ? "" : found.shown;
  return html`<${Card} title=${t("compare.verdict")} aside=${test && t("compare.rows", { rows: count(test.rows), version: of.dataset_version })} wide=${true}>
    <p class="verdict ${tone}" lang="en">${of.sentence}</p>
    <p class="note">${t(found.not_worse ? "compare.would" : "compare.would-not", { version: b, margin: figure(found.margin) })}</p>
    ${test && html`
      <${Between} test=${test} margin=${found.margin} a=${a} b=${b} />
      <div class="narrow"><${Facts} of=${[
        [t("compare.difference"), t("compare.give", { value: figure(test.difference), error: figure(test.error) })],
        [t("compare.interval"), range(figure(test.low), figure(test.high))],
        [t("compare.detectable"), figure(test.detectable)],
        ...(test.blocks < test.rows && test.blocks < 2000 ? [[t("compare.blocks"), count(test.blocks)]] : []),
        ...(test.hits ? [[t("compare.hits", { a, b }), t("compare.hits-of", { a: count(test.hits.champion_only), b: count(test.hits.challenger_only), p: figure(test.hits.p) })]] : []),
        ...(test.auc ? [[t("compare.auc"), t("compare.auc-of", { a: figure(test.auc.champion), b: figure(test.auc.challenger), p: figure(test.auc.p) })]] : []),
      ]} /></div>`}
  <//>`;
}

// The interval of the difference on a line, with nought, and with how much worse is allowed.
function Between({ test, margin, a, b }) {
  const reach = Math.max(Math.abs(test.low), Math.abs(test.high), margin) * 1.15 || 1;
  const x = (value) => `${50 + (50 * value) / reach}%`;
  return html`<div class="between-line" role="img" aria-label=${t("compare.line", { low: figure(test.low), high: figure(test.high) })}>
    <div class="track-line">
      <i class="margin" style=${{ left: x(-margin) }}></i>
      <i class="nought" style=${{ left: x(0) }}></i>
      <i class="reach" style=${{ left: x(test.low), width: `${(50 * (test.high - test.low)) / reach}%` }}></i>
      <i class="point" style=${{ left: x(test.difference) }}></i>
    </div>
    <div class="ends"><span>← ${t("compare.better", { version: a })}</span><span>${t("compare.margin")}</span><span>${t("compare.better", { version: b })} →</span></div>
  </div>`;
}

function sameRows([one, other]) {
  return one.dataset === other.dataset && one.dataset_version === other.dataset_version && JSON.stringify(one.split) === JSON.stringify(other.split);
}

function Figures({ model, versions, reports }) {
  const [a, b] = reports;
  const names = a.task === b.task ? METRICS[a.task].filter((name) => a[name] !== undefined) : [];
  const [first, second] = versions.map((one) => html`<a href="${link("models", model.name, "evaluate")}?version=${one.version}">${t("version", { version: one.version })}</a>`);
  return html`<${Card} title=${t("compare.figures")}>
    ${names.length === 0 && html`<p class="note">${t("compare.tasks")}</p>`}
    ${!sameRows(versions) && html`<p class="verdict none">${t("compare.own-rows")}</p>`}
    ${names.length > 0 && html`<${Table} label=${t("compare.figures")} rows=${names} columns=${[
      { name: t("metric"), of: (name) => t(`metric.${name}`) },
      { name: first, number: true, of: (name) => written(name, a[name]) },
      { name: second, number: true, of: (name) => written(name, b[name]) },
      { name: t("compare.difference"), number: true, of: (name) => html`<${Difference} name=${name} before=${a[name]} after=${b[name]} />` },
    ]} />`}
  <//>`;
}

function Difference({ name, before, after }) {
  if (before === null || after === null) return "–";
  const way = side(name, before, after);
  return html`<span class="way ${way}">${differing(name, before, after)} <small>${said("way", way)}</small></span>`;
}

const DETAILS = ["algorithm", "dataset", "dataset_version", "split", "preprocessor", "weight", "class_weight", "calibrate", "uncertainty", "warm_from", "decision", "created"];

function Differing({ versions }) {
  const [a, b] = versions;
  const rows = [
    ...DETAILS.map((name) => [t(`detail.${name}`), ...versions.map((one) => shown(name, one[name]))]),
    [t("detail.rows"), ...versions.map((one) => (one.judged.rows === null ? "–" : count(one.judged.rows)))],
    [t("detail.members"), ...versions.map((one) => one.members.map((member) => `${said("algorithm", member.algorithm)} ${share(member.weight)}`).join(", ") || "–")],
    ...[...new Set([...Object.keys(a.hyperparameters), ...Object.keys(b.hyperparameters)])].sort().map((name) => [name, ...versions.map((one) => (name in one.hyperparameters ? JSON.stringify(one.hyperparameters[name]) : "–"))]),
  ].filter(([, one, other]) => one !== other);
  return html`<${Card} title=${t("compare.differs")}>
    <${Table} label=${t("compare.differs")} rows=${rows} columns=${[
      { name: "", of: ([name]) => name },
      ...versions.map((one, i) => ({ name: t("version", { version: one.version }), of: (row) => html`<span class="value">${row[i + 1]}</span>` })),
    ]} />
  <//>`;
}

function shown(name, value) {
  if (value === null || value === undefined) return "–";
  if (name === "algorithm") return said("algorithm", value);
  if (name === "created") return moment(value);
  if (name === "decision") return value.sentence;
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function FoldLosses({ versions }) {
  const found = versions.map((one) => one.cross_validation);
  const lacking = versions.filter((one) => !one.cross_validation).map((one) => one.version);
  if (lacking.length) return html`<${Card} title=${t("folds")} wide=${true}><p class="note">${t("compare.no-folds", { versions: lacking.join(", ") })}</p><//>`;
  const paired = found[0].folds.length === found[1].folds.length && sameRows(versions);
  const series = versions.map((one, i) => ({ name: t("version", { version: one.version }), values: found[i].folds }));
  return html`<${Card} title=${t("folds")} wide=${true}>
    <p class="note">${t(paired ? "compare.paired-folds" : "compare.unpaired-folds")}</p>
    ${paired
      ? html`<${Columns} label=${t("folds.losses")} labels=${found[0].folds.map((_, i) => t("fold", { number: i + 1 }))} series=${series} format=${figure} name=${t("folds")} />`
      : html`<${Facts} of=${series.map((one, i) => [one.name, `${figure(found[i].loss)} (${one.values.map(figure).join(", ")})`])} />`}
  <//>`;
}
