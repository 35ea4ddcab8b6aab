// One model: what serves, how good it is, its versions and runs, and a form to try it.
import { html, useState } from "./ui.js";
import { post, useLive } from "./api.js";
import { count, figure, said, share, t } from "./words.js";
import { Ago, Card, Do, Facts, link, Loaded, Page, State, Table } from "./parts.js";

export function ModelScreen({ at }) {
  const [, name] = at.parts;
  const path = `/v1/models/${encodeURIComponent(name || "")}`;
  const model = useLive(path, (found) => (found.run ? 1 : 10));
  return html`<${Loaded} of=${model}>${(found) => html`<${Shown} model=${found} path=${path} again=${model.again} />`}<//>`;
}

function Shown({ model, path, again }) {
  const versions = useLive(`${path}/versions?limit=1000`, () => (model.run ? 2 : 30));
  const retired = model.state === "retired";
  const train = async () => {
    const run = await post(`${path}/train`, { auto: true, seconds: 60 });
    location.hash = link("runs", run.id);
  };
  const retire = async () => {
    if (!confirm(t("retire.sure", { model: model.name }))) return;
    await post(`${path}/retire`);
    again();
  };
  return html`<${Page}
    title=${model.name}
    lead=${t("model.of", { algorithm: said("algorithm", model.algorithm), dataset: model.dataset })}
    crumbs=${[{ href: "#/", text: t("models") }]}
    actions=${!retired && html`
      ${model.run ? html`<a class="button" href=${link("runs", model.run)}>${t("run.watch")}</a>` : html`<${Do} act=${train} quiet=${true}>${t("model.train")}<//>`}
      <${Do} act=${retire} quiet=${true}>${t("retire")}<//>`}>
    ${model.champion && !retired ? html`<${Served} model=${model} path=${path} />` : html`<p class="lead">${t(retired ? "model.retired" : "model.nothing-serves")}</p>`}
    <${Loaded} of=${versions}>${(page) =>
      page.items.length > 0 && html`<${Versions} model=${model} versions=${[...page.items].reverse()} path=${path} again=${() => { again(); versions.again(); }} />`}<//>
  <//>`;
}

function Served({ model, path }) {
  const evaluation = useLive(`${path}/versions/${model.champion}/evaluation`, () => 60);
  const traffic = useLive(`${path}/monitor`, () => 10);
  const version = useLive(`${path}/versions/${model.champion}`, () => 60);
  return html`<div class="cards">
    <${Card} title=${t("good-enough")}>
      <${Loaded} of=${evaluation}>${(report) => html`
        ${report.baselines.map((one) => html`<p class="verdict ${one.shown}">${one.sentence}</p>`)}
        <${Facts} of=${metricsOf(report)} />
        <p class="actions"><a href="#" onClick=${(event) => { event.preventDefault(); open(cardOf(path, model)); }}>${t("card")}</a></p>`}<//>
    <//>
    <div class="stack">
    <${Loaded} of=${version}>${(found) => html`<${Try} model=${model} version=${found} path=${path} />`}<//>
    <${Card} title=${t("traffic")} aside=${t("traffic.hours", { hours: 24 })}>
      <${Loaded} of=${traffic}>${(seen) => html`
        <${Facts} of=${[
          [t("state"), html`<${State} state=${seen.status} />`],
          [t("traffic.rows"), count(seen.rows)],
          [t("traffic.errors"), count(seen.errors)],
          [t("traffic.p50"), seen.latency_p50_ms === null ? "–" : t("ms", { ms: figure(seen.latency_p50_ms) })],
          [t("traffic.p99"), seen.latency_p99_ms === null ? "–" : t("ms", { ms: figure(seen.latency_p99_ms) })],
        ]} />
        ${seen.alerts.map((one) => html`<p class="verdict worse">${one.message}</p>`)}`}<//>
    <//>
    </div>
  </div>`;
}

function cardOf(path, model) {
  return new URL(`../..${path}/versions/${model.champion}/card`, import.meta.url);
}

function metricsOf(report) {
  const names = report.task === "classification" ? ["accuracy", "auc", "log_loss", "f1"] : ["rmse", "mae", "r2"];
  return names
    .filter((name) => report[name] !== null && report[name] !== undefined)
    .map((name) => [t(`metric.${name}`), name === "accuracy" ? share(report[name]) : figure(report[name])]);
}

function Versions({ model, versions, path, again }) {
  const deploy = async (version) => {
    await post(`${path}/deploy`, { version });
    again();
  };
  return html`<${Card} title=${t("versions")} aside=${count(versions.length)} wide=${true}>
    <${Table} label=${t("versions")} rows=${versions} columns=${[
      { name: t("version-name"), of: (one) => t("version", { version: one.version }) },
      { name: t("algorithm"), of: (one) => said("algorithm", one.algorithm) },
      { name: t("loss"), number: true, of: (one) => figure(one.metrics.log_loss ?? one.metrics.rmse) },
      { name: t("data"), of: (one) => html`<a href=${link("data", one.dataset)}>${one.dataset} ${one.dataset_version}</a>` },
      { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
      {
        name: t("serving"),
        of: (one) =>
          one.version === model.champion && model.state !== "retired"
            ? html`<${State} state="serving" />`
            : model.state !== "retired" && html`<${Do} quiet=${true} act=${() => deploy(one.version)}>${t("deploy")}<//>`,
      },
    ]} />
  <//>`;
}

// A form made from the columns that the version learnt from; the answer says what each column added.
function Try({ model, version, path }) {
  const data = useLive(`/v1/datasets/${encodeURIComponent(version.dataset)}/versions/${version.dataset_version}/describe`, () => 600);
  return html`<${Card} title=${t("try")}>
    <${Loaded} of=${data}>${(found) => html`<${Form} columns=${columnsOf(found, version)} model=${model} path=${path} />`}<//>
  <//>`;
}

function columnsOf(found, version) {
  const columns = found.columns || [];
  return columns.filter((one) => one.name !== found.label && one.name !== version.weight && !["identifier", "constant", "empty"].includes(one.kind));
}

function firstValue(one) {
  if (one.mean !== null && one.mean !== undefined && ["number", "integer"].includes(one.kind)) {
    return String(one.kind === "integer" ? Math.round(one.mean) : Number(one.mean.toPrecision(4)));
  }
  return one.top && one.top.length ? one.top[0].text : "";
}

function Form({ columns, path }) {
  const [row, setRow] = useState(() => Object.fromEntries(columns.map((one) => [one.name, firstValue(one)])));
  const [answer, setAnswer] = useState(null);
  const [many, setMany] = useState(false);
  const shown = many ? columns : columns.slice(0, 12);
  const ask = async (event) => {
    event?.preventDefault();
    const body = { rows: [row] };
    let found;
    try {
      found = await post(`${path}/predict`, { ...body, explain: true });
    } catch (problem) {
      if (problem.status !== 409 && problem.status !== 400) throw problem;
      found = await post(`${path}/predict`, body);
    }
    setAnswer(found);
  };
  return html`<form class="try" onSubmit=${ask}>
    <div class="fields">
      ${shown.map((one) => html`<label>${one.name}<input value=${row[one.name]} onInput=${(event) => setRow({ ...row, [one.name]: event.target.value })} /></label>`)}
    </div>
    ${columns.length > 12 && html`<button type="button" class="quiet" onClick=${() => setMany(!many)}>${t(many ? "fewer" : "more", { count: columns.length - 12 })}</button>`}
    <p class="actions"><${Do} act=${ask}>${t("try.ask")}<//></p>
    ${answer && html`<${Answer} of=${answer.predictions[0]} />`}
  </form>`;
}

function Answer({ of }) {
  const odds = of.probabilities && Object.entries(of.probabilities).sort((a, b) => b[1] - a[1]).slice(0, 5);
  const added = of.contributions && Object.entries(of.contributions).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 8);
  const most = added && Math.max(...added.map(([, value]) => Math.abs(value)), 1e-12);
  return html`<div class="answer" role="status">
    <p class="label">${of.label ?? figure(of.value)}</p>
    ${odds && html`<ul class="odds">${odds.map(([name, p]) => html`<li><span>${name}</span><i style=${{ width: `${p * 100}%` }}></i><b>${share(p)}</b></li>`)}</ul>`}
    ${added && html`<h3>${t("try.why", { unit: of.unit })}</h3><ul class="added">${added.map(([name, value]) => html`<li class=${value < 0 ? "less" : "more"}><span>${name}</span><i style=${{ width: `${(Math.abs(value) / most) * 50}%` }}></i><b>${value > 0 ? "+" : ""}${figure(value)}</b></li>`)}</ul>`}
  </div>`;
}
