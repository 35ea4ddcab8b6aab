// What each version of a model was worth on held-out rows, and what its training took.
import { html } from "./ui.js";
import { useLast, useList, useLive } from "./api.js";
import { count, figure, t } from "./words.js";
import { Ago, Card, link, Table } from "./parts.js";
import { Lines } from "./charts.js";
import { elsewhere } from "./learnt.js";
import { Earlier, numbered, spanOf } from "./numbered.js";

export function Versions({ model, path, query, to }) {
  const [some, earlier] = numbered(path, model.latest, query);
  const versions = useLast(useLive(some, () => 60));
  const oldest = versions.value?.items[0]?.run;
  const runs = useList(oldest ? `/v1/runs?limit=1000&points=0&model=${encodeURIComponent(model.name)}` : null, () => 60, (page) => page.items.some((one) => one.id === oldest), oldest);
  if (!versions.value || !runs.value || !versions.value.items.length) return null;
  const by = new Map(runs.value.items.map((one) => [one.id, one]));
  const rows = versions.value.items.map((one) => ({ ...one, loss: one.metrics.log_loss ?? one.metrics.rmse, run: by.get(one.run) }));
  const axis = { name: t("version-name"), format: (a) => (Number.isInteger(a) ? String(a) : "") };
  const line = (of) => rows.map((one) => [one.version, of(one) ?? NaN]);
  return html`<${Card} title=${t("worth")} aside=${spanOf(rows, earlier, query)} wide=${true}>
    <p class="hint">${t("worth.lead")}</p>
    <div class="drawn">
      <${Lines} label=${t("worth.loss")} series=${[{ name: t("worth.loss"), points: line((one) => one.loss) }]} x=${axis} dots=${true} height=${170} />
      <${Lines} label=${t("worth.seconds")} series=${[{ name: t("worth.seconds"), points: line((one) => secondsOf(one.run)) }]} x=${axis} y=${{ format: (value) => t("seconds-short", { count: figure(value) }), domain: upTo(rows.map((one) => secondsOf(one.run))) }} dots=${true} height=${170} />
      <${Lines} label=${t("worth.memory")} series=${[{ name: t("worth.memory"), points: line((one) => megabytesOf(one.run)) }]} x=${axis} y=${{ format: (value) => t("megabytes", { count: figure(value) }), domain: upTo(rows.map((one) => megabytesOf(one.run))) }} dots=${true} height=${170} />
    </div>
    <${Table} label=${t("worth")} rows=${[...rows].reverse()} columns=${[
      { name: t("version-name"), of: (one) => t("version", { version: one.version }) },
      { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
      { name: t("data"), of: (one) => elsewhere(one) || html`<a href=${link("data", one.dataset)}>${one.dataset} ${one.dataset_version}</a>` },
      { name: t("rows"), number: true, of: (one) => count(one.served.rows) },
      { name: t("worth.loss"), number: true, of: (one) => figure(one.loss) },
      { name: t("run"), of: (one) => one.run && html`<a href=${link("runs", one.run.id)}>${t("seconds-short", { count: figure(secondsOf(one.run)) })}</a>` },
    ]} />
    <${Earlier} earlier=${earlier} query=${query} to=${to} />
  <//>`;
}

function upTo(values) {
  return [0, Math.max(...values, 0) * 1.1 || 1];
}

function secondsOf(run) {
  return run ? Math.round((new Date(run.updated) - new Date(run.created)) / 100) / 10 : null;
}

function megabytesOf(run) {
  return run && run.needed_bytes ? run.needed_bytes / 1e6 : null;
}
