// What the report of a version holds, each part once: confusion, calibration, values, segments, coverage.
import { html } from "./ui.js";
import { count, figure, said, share, t } from "./words.js";
import { Card, own, Table } from "./parts.js";
import { Columns, Lines, Matrix } from "./charts.js";
import { classOf } from "./effect.js";
import { range } from "./metrics.js";

export function Confusion({ report }) {
  return html`<${Card} title=${t("confusion")} wide=${true}>
    <p class="note">${t("confusion.lead")}</p>
    <${Matrix} label=${t("confusion.rows")} rowName=${t("confusion.true")} columnName=${t("confusion.said")} names=${report.classes} counts=${report.confusion} />
    <${Table} label=${t("confusion.classes")} rows=${Object.entries(report.per_class)} columns=${[
      { name: t("class"), of: ([name]) => name },
      { name: t("metric.precision"), number: true, of: ([, one]) => share(one.precision) },
      { name: t("metric.recall"), number: true, of: ([, one]) => share(one.recall) },
      { name: t("metric.f1"), number: true, of: ([, one]) => figure(one.f1) },
      { name: t("metric.auc"), number: true, of: ([, one]) => figure(one.auc) },
      { name: t("rows"), number: true, of: ([, one]) => count(one.support) },
    ]} />
  <//>`;
}

// Of two classes the report has the bins of one: those of the other one are the same from behind.
function mirrored(bins) {
  const other = (values) => values.map((one) => (one === null ? null : 1 - one)).reverse();
  return { mean_predicted: other(bins.mean_predicted), fraction_positive: other(bins.fraction_positive), count: [...bins.count].reverse() };
}

export function Calibrating({ report, label }) {
  const name = classOf(report, label);
  const bins = own(report.calibration, name) || mirrored(Object.values(report.calibration)[0]);
  const points = bins.mean_predicted.map((x, i) => [x, bins.fraction_positive[i]]).filter(([x]) => x !== null);
  const why = report.calibrated;
  const ways = why ? [...why.tried, ...[["before", why.before], ["after", why.after]].filter(([, one]) => one).map(([when, one]) => ({ ...one, when }))] : [];
  return html`<${Card} title=${t("calibration")}>
    <p class="note">${t("calibration.lead")}</p>
    <${Lines} label=${t("calibration.of", { class: name })} diagonal=${true} dots=${true} x=${{ name: t("calibration.said"), format: share, domain: [0, 1] }} y=${{ name: t("calibration.true"), format: share, domain: [0, 1] }} series=${[{ name: t("calibration.true"), points }]} />
    <${Columns} label=${t("calibration.rows")} height=${56} name=${t("calibration.said")} labels=${bins.count.map((_, i) => `${share(i / bins.count.length)} – ${share((i + 1) / bins.count.length)}`)} series=${[{ name: t("rows"), values: bins.count }]} />
    ${why && html`<p class="verdict" lang="en">${why.sentence}</p>
      <details><summary>${t("calibration.tried", { rows: count(why.rows) })}</summary><${Table} label=${t("calibration")} rows=${ways} columns=${[
        { name: t("calibration.way"), of: (one) => said("calibrator", one.when ?? one.method) },
        { name: t("metric.log_loss"), number: true, of: (one) => figure(one.log_loss) },
        { name: t("calibration.error"), number: true, of: (one) => figure(one.calibration_error) },
      ]} /></details>`}
  <//>`;
}

// Of a regression: what is true where so much was predicted, and how far off that is.
export function Values({ report }) {
  const bins = report.by_prediction;
  if (!bins) return null;
  const over = (values, less) => bins.predicted.map((x, i) => [x, values[i] - (less ? x : 0)]);
  const series = (less) => [
    { name: t("values.mean"), points: over(bins.true, less) },
    { name: t("values.low"), points: over(bins.low, less) },
    { name: t("values.high"), points: over(bins.high, less) },
  ];
  return html`<${Card} title=${t("values.title")} wide=${true}>
    <p class="note">${t("values.lead", { bins: count(bins.count.length), rows: count(bins.count.reduce((sum, n) => sum + n, 0)) })}</p>
    <div class="charts two">
      <${Lines} label=${t("values.true-by")} diagonal=${true} dots=${true} x=${{ name: t("values.predicted") }} y=${{ name: t("values.true") }} series=${series(false)} />
      <${Lines} label=${t("values.off-by")} dots=${true} x=${{ name: t("values.predicted") }} y=${{ name: t("values.off") }} series=${series(true)} />
    </div>
  <//>`;
}

export function Segments({ of }) {
  if (!of) return null;
  const classes = of.metric === "accuracy";
  const score = (value) => (classes ? share(value) : figure(value));
  return html`<${Card} title=${t("segments")} wide=${true}>
    <p class="note">${t("segments.lead")}</p>
    <p class="verdict ${of.weak ? "worse" : ""}" lang="en">${of.sentence}</p>
    ${of.worst.length > 0 && html`<${Table} label=${t("segments")} rows=${of.worst} columns=${[
      { name: t("segments.where"), of: (one) => html`<b>${one.column}</b> ${one.name}${!one.reads && html` <small>${t("segments.unread")}</small>`}${one.also.length > 0 && html` <small>${t("segments.also", { columns: one.also.join(", ") })}</small>`}` },
      { name: t("rows"), number: true, of: (one) => `${count(one.rows)} (${share(one.share)})` },
      { name: t(`metric.${of.metric}`), number: true, of: (one) => html`${score(one.score.value)} <small>${range(score(one.score.low), score(one.score.high))}</small>` },
      { name: t("segments.elsewhere"), number: true, of: (one) => score(one.score_elsewhere) },
      { name: t(classes ? "segments.log-loss" : "segments.squared"), number: true, of: (one) => html`+${figure(one.difference.value)} <small>${range(figure(one.difference.low), figure(one.difference.high))}</small>` },
      { name: t("segments.p"), number: true, of: (one) => figure(one.p) },
    ]} />`}
  <//>`;
}

export function Covering({ of }) {
  if (!of.length) return null;
  return html`<${Card} title=${t("coverage")} wide=${true}>
    <p class="note">${t("coverage.lead")}</p>
    <${Table} label=${t("coverage")} rows=${of} columns=${[
      { name: t("coverage.asked"), number: true, of: (one) => share(one.coverage) },
      { name: t("coverage.held"), number: true, of: (one) => html`${share(one.share)} <small>${range(share(one.low), share(one.high))}</small>` },
      { name: t("rows"), number: true, of: (one) => count(one.rows) },
      { name: t("coverage.size"), number: true, of: (one) => figure(one.size) },
    ]} />
  <//>`;
}
