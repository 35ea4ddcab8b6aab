// Runs beside each other: their curves in one chart, their settings and results in one table.
import { html, useEffect, useState } from "./ui.js";
import { get } from "./api.js";
import { count, figure, moment, said, t } from "./words.js";
import { Card, link, Loaded, Page, State } from "./parts.js";
import { Lines } from "./charts.js";
import { lossOf } from "./run.js";

// Each run with its version, if one came of it; the figures of a run that has ended do not change.
async function gathered(ids) {
  return Promise.all(ids.map(async (id) => {
    const run = await get(`/v1/runs/${encodeURIComponent(id)}`);
    const version = run.version ? await get(`/v1/models/${encodeURIComponent(run.model)}/versions/${run.version}`) : null;
    return { run, version };
  }));
}

export function Beside({ ids, query, change }) {
  const [of, setOf] = useState({});
  const every = query.get("all") === "1";
  const key = ids.join(",");
  const load = () => {
    setOf({});
    gathered(ids).then((value) => setOf({ value }), (error) => setOf({ error, again: load }));
  };
  useEffect(load, [key]);
  return html`<${Page} title=${t("beside")} crumbs=${[{ href: link("runs"), text: t("runs") }]} actions=${html`<a class="button" href="#/runs?chosen=${key}">${t("beside.change")}</a>`}>
    <${Loaded} of=${of}>${(found) => html`<${Shown} found=${found} every=${every} change=${change} />`}<//>
  <//>`;
}

function Shown({ found, every, change }) {
  const names = found.map(({ run }, at) => `${at + 1}. ${run.model} ${run.version ? t("version", { version: run.version }) : said("kind", run.kind)}`);
  const curves = found.map(({ run }, at) => ({ name: names[at], points: lossOf(run) })).filter((one) => one.points.length > 1);
  const rows = rowsOf(found);
  const shown = every ? rows : rows.filter((row) => row.differs);
  return html`
    ${curves.length > 0 && html`<${Card} title=${t("loss")} wide=${true}><${Lines} label=${t("loss")} series=${curves} x=${{ name: t("iteration"), format: count }} /><//>`}
    <${Card} title=${t("beside.table")} wide=${true} aside=${html`<label class="check"><input type="checkbox" checked=${every} onChange=${(event) => change({ all: event.target.checked ? "1" : "" })} />${t("beside.same-too")}</label>`}>
      <div class="scroll" tabindex="0" role="region" aria-label=${t("beside.table")}><table class="beside">
        <thead><tr><th scope="col">${t("beside.what")}</th>${found.map(({ run }, at) => html`<th scope="col"><a href=${link("runs", run.id)} title=${run.id}>${names[at]}</a></th>`)}</tr></thead>
        <tbody>${shown.map((row) => html`<tr class=${every && row.differs ? "differs" : ""}><th scope="row">${row.code ? html`<code>${row.name}</code>` : row.name}${every && row.differs && html` <span class="visually-hidden">${t("beside.differs")}</span>`}</th>${row.cells.map((cell) => html`<td class=${row.number ? "number" : ""}>${cell}</td>`)}</tr>`)}</tbody>
      </table></div>
      ${!shown.length && html`<p class="hint">${t("beside.alike")}</p>`}
    <//>`;
}

// Each line: its name, a cell for each run, and whether they differ.
function rowsOf(found) {
  const row = (name, of, more = {}) => {
    const raw = found.map(of);
    const cells = raw.map((value) => (value === undefined || value === null ? "–" : more.show ? more.show(value) : String(value)));
    return { name, cells, differs: new Set(raw.map((value) => JSON.stringify(value ?? null))).size > 1, ...more };
  };
  const keys = (of) => [...new Set(found.flatMap((one) => Object.keys(of(one) || {})))].sort();
  const text = (value) => html`<code>${JSON.stringify(value)}</code>`;
  const metrics = ({ run }) => (run.outcome && run.outcome.metrics) || {};
  const asked = ({ run }) => run.asked || {};
  const settings = ({ version, run }) => (version ? version.hyperparameters : asked({ run }).hyperparameters || {});
  const named = keys(settings);
  return [
    row(t("state"), ({ run }) => run.state, { show: (state) => html`<${State} state=${state} />` }),
    ...keys(metrics).map((name) => row(said("metric", name), (one) => metrics(one)[name], { show: figure, number: true })),
    row(t("model"), ({ run }) => run.model),
    row(t("algorithm"), ({ version }) => version?.algorithm, { show: (name) => said("algorithm", name) }),
    row(t("data"), ({ version }) => version && `${version.dataset} ${version.dataset_version}`),
    ...named.map((name) => row(name, (one) => settings(one)[name], { show: text, code: true })),
    ...keys(asked).filter((name) => name !== "hyperparameters" && !named.includes(name)).map((name) => row(name, (one) => asked(one)[name], { show: text, code: true })),
    row(t("iterations"), ({ run }) => run.iterations || null, { show: count, number: true }),
    row(t("begun"), ({ run }) => run.created, { show: moment }),
  ];
}
