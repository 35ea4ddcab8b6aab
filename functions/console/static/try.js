// Try a model: a row typed into a form, and what each column added to its answer.
import { html, useState } from "./ui.js";
import { post, useLive } from "./api.js";
import { figure, share, t } from "./words.js";
import { Card, Do, Loaded } from "./parts.js";

// The tab of a model that serves.
export function TryTab({ model, path }) {
  const version = useLive(`${path}/versions/${model.champion}`, () => 60);
  return html`<${Loaded} of=${version}>${(found) => html`<${Try} model=${model} version=${found} path=${path} />`}<//>`;
}

// A form made from the columns that the version learnt from; the answer says what each column added.
export function Try({ model, version, path }) {
  const data = useLive(`/v1/datasets/${encodeURIComponent(version.dataset)}/versions/${version.dataset_version}`, () => 600);
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
