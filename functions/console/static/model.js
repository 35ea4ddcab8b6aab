// One model: its frame, with a tab for each part of its life, and the overview of what serves.
import { html, useEffect, useState } from "./ui.js";
import { post, useLive } from "./api.js";
import { count, figure, said, share, t } from "./words.js";
import { Card, Do, Facts, Failure, go, link, Loaded, Page, State, Sure, Tabs } from "./parts.js";

// The tabs beside the overview, loaded when they are looked at; `serving` ones need a version that serves.
const TABS = {
  versions: { load: () => import("./versions.js"), of: "VersionsTab" },
  try: { load: () => import("./try.js"), of: "TryTab", serving: true },
  score: { load: () => import("./score.js"), of: "ScoreTab", serving: true },
};

export function ModelScreen({ at }) {
  const [, name, tab] = at.parts;
  const path = `/v1/models/${encodeURIComponent(name || "")}`;
  const model = useLive(path, (found) => (found.run ? 1 : 10));
  return html`<${Loaded} of=${model}>${(found) => html`<${Shown} model=${found} path=${path} tab=${tab} at=${at} again=${model.again} />`}<//>`;
}

function Shown({ model, path, tab, at, again }) {
  const retired = model.state === "retired";
  const serves = Boolean(model.champion) && !retired;
  const train = async () => {
    const run = await post(`${path}/train`, { auto: true, seconds: 60 });
    go("runs", run.id);
  };
  const retire = async () => {
    await post(`${path}/retire`);
    again();
  };
  const shown = TABS[tab] && (serves || !TABS[tab].serving) ? tab : "overview";
  const names = ["overview", ...Object.keys(TABS).filter((one) => serves || !TABS[one].serving)];
  return html`<${Page}
    title=${model.name}
    lead=${t("model.of", { algorithm: said("algorithm", model.algorithm), dataset: model.dataset })}
    crumbs=${[{ href: "#/", text: t("models") }]}
    actions=${!retired && html`
      ${model.run ? html`<a class="button" href=${link("runs", model.run)}>${t("run.watch")}</a>` : html`<${Do} act=${train} quiet=${true}>${t("model.train")}<//>`}
      <${Sure} act=${retire} question=${t("retire.sure", { model: model.name })}>${t("retire")}<//>`}>
    <${Tabs} label=${t("tabs", { name: model.name })} at=${shown} items=${names.map((one) => ({ name: one, text: t(`tab.${one}`), href: one === "overview" ? link("models", model.name) : link("models", model.name, one) }))} />
    ${shown !== "overview"
      ? html`<${Tab} key=${shown} of=${TABS[shown]} model=${model} path=${path} at=${at} again=${again} />`
      : serves
        ? html`<${Served} model=${model} path=${path} />`
        : html`<p class="lead">${t(retired ? "model.retired" : "model.nothing-serves")}</p>`}
  <//>`;
}

function Tab({ of, ...rest }) {
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let here = true;
    of.load().then((module) => here && setFound(() => module[of.of]), (problem) => here && setError(problem));
    return () => {
      here = false;
    };
  }, [of]);
  if (error) return html`<${Failure} error=${{ code: "unreachable" }} again=${() => location.reload()} />`;
  return found && html`<${found} ...${rest} />`;
}

function Served({ model, path }) {
  const evaluation = useLive(`${path}/versions/${model.champion}/evaluation`, () => 60);
  const traffic = useLive(`${path}/monitor`, () => 10);
  return html`<div class="cards">
    <${Card} title=${t("good-enough")}>
      <${Loaded} of=${evaluation}>${(report) => html`
        ${report.baselines.map((one) => html`<p class="verdict ${one.shown}">${one.sentence}</p>`)}
        <${Facts} of=${metricsOf(report)} />
        <p class="actions"><a href="#" onClick=${(event) => { event.preventDefault(); open(cardOf(path, model)); }}>${t("card")}</a></p>`}<//>
    <//>
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
