// The overview of a model: the next step, what serves, whether it is good enough, and a day of traffic.
import { html, useRef, useState } from "./ui.js";
import { post, upload, useList, useLive } from "./api.js";
import { count, figure, more, said, share, t } from "./words.js";
import { elsewhere } from "./learnt.js";
import { Ago, Bar, Card, Do, Facts, Failure, link, Loaded, State } from "./parts.js";
import { Spark } from "./spark.js";

await more("rollout");

export function OverviewTab({ model, path, again }) {
  const serves = Boolean(model.champion) && model.state !== "retired";
  const data = useData(model);
  const newest = useLive(model.latest ? `${path}/versions/${model.latest}` : null, () => 60);
  const report = useLive(serves ? `${path}/monitor` : null, () => 10);
  const run = useLive(model.run ? `/v1/runs/${encodeURIComponent(model.run)}` : null, () => 1);
  const seen = { model, path, again, serves, run: run.value, newest: newest.value, data, report: report.value };
  return html`<${Next} ...${seen} />
    <div class="cards">
      ${serves && html`<${Good} model=${model} path=${path} />`}
      <div class="stack">
        ${serves && html`<${Day} model=${model} path=${path} report=${report} />`}
        <${About} model=${model} path=${path} data=${seen.data} serves=${serves} />
      </div>
    </div>`;
}

// The data set of a model; null if it has nothing yet, undefined as long as nobody knows.
function useData(model) {
  const named = useLive(model.latest ? `/v1/datasets/${encodeURIComponent(model.dataset)}` : null, () => 30);
  const listed = useList(model.latest ? null : `/v1/datasets?limit=1000&search=${encodeURIComponent(model.dataset)}`, () => 10);
  if (model.latest) return named.error && named.error.status === 404 ? null : named.value;
  const found = listed.value && listed.value.items.find((one) => one.name === model.dataset);
  return found || (listed.value && null);
}

// One sentence that says what to do now, with the button that does it.
function Next(seen) {
  const step = stepOf(seen);
  return step && html`<div class="step ${step.tone || ""}" role="status"><p>${step.text}</p>${step.act || (step.href && html`<a class="button" href=${step.href}>${step.go}</a>`)}
    ${step.share !== undefined && html`<${Bar} share=${step.share} label=${t("progress")} />`}</div>`;
}

function stepOf({ model, path, again, serves, run, newest, data, report }) {
  const to = (...parts) => link("models", model.name, ...parts);
  if (model.state === "retired") return { text: t("model.retired") };
  if (model.run) {
    const done = run && (run.trials ? run.trial / run.trials : run.iterations ? run.iteration / run.iterations : 0);
    return { text: run ? `${t("run.of", { kind: said("kind", run.kind), model: model.name })}: ${run.note || said("state", run.state)}` : t("loading"), share: done || 0, tone: "busy" };
  }
  if ((data === null || (data && !data.latest)) && !newest?.imported) return { text: t("step.data", { dataset: model.dataset }), act: html`<${Choose} dataset=${model.dataset} />` };
  if (!model.latest) {
    const train = async () => {
      await post(`${path}/train`, { auto: true, seconds: 60 });
      again();
    };
    return { text: t("step.train"), act: html`<span class="actions"><a class="button quiet" href="${link("new")}?model=${encodeURIComponent(model.name)}">${t("train.other-way")}</a><${Do} act=${train}>${t("step.train-go")}<//></span>` };
  }
  if (!serves) {
    const deploy = async () => {
      await post(`${path}/deploy`, { version: model.latest });
      again();
    };
    return { text: t("step.deploy", { version: model.latest }), act: html`<${Do} act=${deploy}>${t("deploy")}<//>` };
  }
  if (report && report.status === "failing") return { text: t("monitor.failing"), href: to("monitor"), go: t("step.look"), tone: "bad" };
  if (report && report.alerts.some((one) => ["failing", "slow"].includes(one.name))) return { text: t("rollout.undone"), href: to("versions"), go: t("step.look"), tone: "bad" };
  if (report && report.alerts.length) return { text: t("step.alerts", { count: count(report.alerts.length) }), href: to("monitor"), go: t("step.look"), tone: "warn" };
  if (data && newest && data.latest > newest.dataset_version) return { text: t("step.newer", { version: data.latest }), href: to("update"), go: t("tab.update") };
  if (model.latest > model.champion) return { text: t("step.versions", { version: model.latest }), href: to("versions"), go: t("tab.versions") };
  if (report && !report.requests) return { text: t("step.try"), href: to("try"), go: t("try") };
  return report ? { text: t("step.well"), tone: "good" } : null;
}

// Bring the first table of a data set.
function Choose({ dataset }) {
  const input = useRef();
  const [file, setFile] = useState(null);
  const [sent, setSent] = useState(0);
  const [error, setError] = useState(null);
  const take = async (chosen) => {
    if (!chosen) return;
    setError(null);
    setSent(0);
    setFile(chosen);
    try {
      const found = await upload(encodeURIComponent(dataset), chosen, {}, setSent);
      if (found.state === "rejected") throw found.error;
    } catch (problem) {
      setError(problem);
    }
    setFile(null);
  };
  return html`<button class="main" disabled=${file !== null} aria-busy=${file !== null} onClick=${() => input.current.click()}>${t("drop.choose")}</button>
    <input ref=${input} type="file" hidden aria-label=${t("drop.choose")} onChange=${(event) => take(event.target.files[0])} />
    ${file && html`<div class="sending"><span>${t(sent < 1 ? "drop.sending" : "drop.reading", { name: file.name })}</span><${Bar} share=${sent} label=${t("progress")} /></div>`}
    ${error && html`<${Failure} error=${error} />`}`;
}

function Good({ model, path }) {
  const evaluation = useLive(`${path}/versions/${model.champion}/evaluation`, () => 60);
  return html`<${Card} title=${t("good-enough")}>
    <${Loaded} of=${evaluation}>${(report) => html`
      ${report.baselines.map((one) => html`<p class="verdict ${one.shown}" lang="en">${one.sentence}</p>`)}
      ${report.decision && html`<p class="hint">${t("good-enough.rule")}</p>`}
      <${Facts} of=${metricsOf(report)} />
      <p class="actions"><a href=${cardOf(path, model)} target="_blank" rel="noopener">${t("card")}</a></p>`}<//>
  <//>`;
}

function Day({ model, path, report }) {
  const traffic = useLive(`${path}/monitor/traffic`, () => 30);
  return html`<${Card} title=${t("traffic")} aside=${t("traffic.hours", { hours: 24 })}>
    ${traffic.value && html`<div class="whole-day"><${Spark} values=${traffic.value.points.map((one) => one.rows)} label=${t("traffic.rows")} /></div>`}
    <${Loaded} of=${report}>${(seen) => html`<${Facts} of=${[
      [t("state"), html`<${State} state=${seen.status} />`],
      [t("traffic.rows"), count(seen.rows)],
      [t("traffic.errors"), count(seen.errors)],
      [t("traffic.p50"), seen.latency_p50_ms === null ? "–" : t("ms", { ms: rough(seen.latency_p50_ms) })],
      [t("traffic.p99"), seen.latency_p99_ms === null ? "–" : t("ms", { ms: rough(seen.latency_p99_ms) })],
    ]} />`}<//>
  <//>`;
}

// A time is not known to more than two digits.
function rough(number) {
  return figure(Number(number.toPrecision(2)));
}

function About({ model, path, data, serves }) {
  const version = useLive(serves ? `${path}/versions/${model.champion}` : null, () => 60);
  const deployment = useLive(serves ? `${path}/deployment` : null, () => 60);
  const auto = model.policy.update === "auto";
  return html`<${Card} title=${t(serves ? "about.serves" : "about")}>
    <${Facts} of=${[
      ...(serves ? [[t("version-name"), html`<a href=${link("models", model.name, "versions")}>${t("version", { version: model.champion })}</a>`]] : []),
      ...(version.value ? [[t("algorithm"), said("algorithm", version.value.algorithm)], [t("about.learnt"), elsewhere(version.value) || html`<a href=${link("data", version.value.dataset)}>${t("about.rows", { rows: count(version.value.served.rows), version: version.value.dataset_version })}</a>`]] : []),
      ...(deployment.value ? [[t("about.since"), html`<${Ago} at=${deployment.value.updated} />`]] : []),
      ...(data && data.label ? [[t("label"), data.label]] : []),
      ...(data && data.tags.length ? [[t("about.tags"), data.tags.join(", ")]] : []),
      [t("about.updates"), html`<a href=${link("models", model.name, "update")}>${t(auto ? "policy-value.auto" : "policy-value.manual")}</a>`],
      [t("created"), html`<${Ago} at=${model.created} />`],
    ]} />
  <//>`;
}

function cardOf(path, model) {
  return new URL(`../..${path}/versions/${model.champion}/card`, import.meta.url).href;
}

function metricsOf(report) {
  const names = report.task === "classification" ? ["accuracy", "auc", "log_loss", "f1"] : ["rmse", "mae", "r2"];
  return names
    .filter((name) => report[name] !== null && report[name] !== undefined)
    .map((name) => [t(`metric.${name}`), name === "accuracy" ? share(report[name]) : figure(report[name])]);
}
