// One run: watched until it ends, and what came of it.
import { html, useEffect, useRef, useState } from "./ui.js";
import { all, post, useLive } from "./api.js";
import { count, figure, moment, said, share, t } from "./words.js";
import { Ago, Bar, Card, Do, Facts, Failure, link, Loaded, Page, State, Sure, Table } from "./parts.js";
import { Lines } from "./charts.js";
import { shareOf } from "./start.js";

export const UNDER_WAY = ["queued", "running"];
const RANKED = 10;

// Where the file that a run scores is followed.
export const scoredAt = ({ model, outcome }) => `${link("models", model, "score")}?scored=${encodeURIComponent(outcome.upload)}`;

export function OneRun({ id }) {
  const live = useLive(`/v1/runs/${encodeURIComponent(id)}`, (run) => (UNDER_WAY.includes(run.state) ? 1 : 60));
  return html`<${Loaded} of=${live} title=${t("run")}>${(run) => html`<${Shown} run=${run} again=${live.again} />`}<//>`;
}

function Shown({ run, again }) {
  const under = UNDER_WAY.includes(run.state);
  const searches = run.trials > 0 || Boolean(run.asked && run.asked.auto);
  const cancel = async () => {
    await post(`/v1/runs/${run.id}/cancel`);
    again();
  };
  return html`<${Page}
    title=${t("run.of", { kind: said("kind", run.kind), model: run.model })}
    crumbs=${[{ href: link("runs"), text: t("runs") }, { href: link("models", run.model), text: run.model }]}
    actions=${html`<${State} state=${run.state} />${under && html`<${Sure} act=${cancel} question=${t("cancel.sure")} yes=${t("cancel.yes")}>${t("cancel")}<//>`}`}>
    ${under && html`<${Under} run=${run} />`}
    ${under && run.asked && run.asked.deploy && html`<p class="hint">${t("run.will-serve")}</p>`}
    ${run.error && html`<${Failure} error=${run.error} />`}
    ${run.resumable_until && html`<${Resume} run=${run} again=${again} />`}
    ${!under && run.state !== "succeeded" && run.kind === "train" && html`<${Again} run=${run} />`}
    ${run.outcome?.upload && html`<p class="actions"><a class="button main wrap" href=${scoredAt(run)}>${run.outcome.file}</a></p>`}
    ${run.state === "succeeded" && run.version && run.kind !== "score" && html`<${Next} run=${run} />`}
    ${run.outcome && run.outcome.reason && html`<p class="verdict ${run.outcome.promoted ? "better" : ""}" lang="en">${run.outcome.reason}</p>`}
    <div class="cards">
      <${Curves} run=${run} />
      ${run.outcome && run.outcome.metrics && html`<${Card} title=${t("held-out")}><${Facts} of=${metricsOf(run.outcome.metrics)} /><//>`}
      <${Card} title=${t("progress")}>
        <${Facts} of=${[
          ...(run.stage ? [[t("stage"), run.stage]] : []),
          ...(run.trials ? [[t("fits"), t("of", { some: count(run.trial), all: count(run.trials) })]] : []),
          ...(run.iterations ? [[run.kind === "score" ? t("rows") : t("iterations"), t("of", { some: count(run.iteration), all: count(run.iterations) })]] : []),
          [t("begun"), moment(run.created)],
          [t("changed"), html`<${Ago} at=${run.updated} />`],
          ...(run.attempt > 1 ? [[t("attempts"), count(run.attempt)]] : []),
          ...(run.needed_bytes ? [[t("memory"), t("megabytes", { count: count(Math.ceil(run.needed_bytes / 1e6)) })]] : []),
        ]} />
        ${!under && run.note && html`<p class="note" lang="en">${run.note}</p>`}
        ${run.asked && Object.keys(run.asked).length > 0 && html`<details><summary>${t("run.asked")}</summary><${Facts} of=${Object.entries(run.asked).map(([name, value]) => [html`<code>${name}</code>`, html`<code>${JSON.stringify(value)}</code>`])} /></details>`}
      <//>
    </div>
    ${searches && html`<${Board} run=${run} under=${under} />`}
  <//>`;
}

// The loss over the iterations, of which a run keeps some: evenly spread once it has ended.
export function lossOf({ loss, iteration }) {
  const step = (Math.max(iteration, loss.length) - 1) / Math.max(1, loss.length - 1);
  return loss.map((one, at) => [1 + Math.round(at * step), one]);
}

// The curves of its fit: the loss on rows that it does not see beside that on rows of the training, and what it brings down.
function Curves({ run }) {
  const { loss, held_out: seen } = run;
  const x = { name: t("iteration"), format: count };
  const both = seen && seen.points.length > 1;
  const last = loss.length - 1;
  return html`
    ${both && html`<${Card} title=${t("curve")}>
      <${Lines} label=${said("metric", seen.measure)} aside=${figure(seen.points[seen.points.length - 1].held_out)} x=${x} dots=${true} series=${[
        { name: t("curve.held-out", { count: count(seen.rows) }), points: seen.points.map((one) => [one.iteration, one.held_out]) },
        { name: t("curve.training", { count: count(seen.training_rows) }), points: seen.points.map((one) => [one.iteration, one.training]) },
      ]} />
      <p class="hint">${t("curve.about")}</p>
    <//>`}
    ${last > 0 && html`<${Card} title=${t("loss")}>
      <${Lines} label=${t("loss")} aside=${figure(loss[last])} x=${x} series=${[{ name: t("loss"), points: lossOf(run) }]} />
      ${both && html`<p class="hint">${t("loss.about")}</p>`}
    <//>`}`;
}

// What it is doing, how far it has come, and about how long it will take.
function Under({ run }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = useLeft(run);
  return html`<section class="under" aria-label=${t("progress")}>
    <${Bar} share=${shareOf(run)} label=${t("progress")} />
    <p><span class="note" role="status">${run.note || run.stage || said("state", run.state)}</span>
      ${run.state === "queued" ? html`<${Place} run=${run} />` : left !== null && html`<span class="hint">${t("run.left", { time: lasting(left) })}</span>`}</p>
  </section>`;
}

// Its place among the runs that wait: those that were begun before it come first.
function Place({ run }) {
  const [place, setPlace] = useState(null);
  useEffect(() => {
    let here = true;
    all("/v1/runs?state=queued&points=0").then((found) => here && setPlace(found.filter((one) => one.created < run.created).length + 1), () => {});
    return () => {
      here = false;
    };
  }, [run.updated]);
  return place && html`<span class="hint">${t("run.place", { place: count(place) })}</span>`;
}

// An estimate of the seconds that are left, from how fast it went since the page looked; null: not known.
function useLeft(run) {
  const first = useRef(null);
  const done = shareOf(run);
  const now = Date.now();
  if (run.state !== "running") return null;
  if (!first.current || done < first.current.done) first.current = { done, at: now };
  const spent = (now - first.current.at) / 1000;
  const gone = done - first.current.done;
  return gone > 0.02 && spent > 2 ? (spent * (1 - done)) / gone : null;
}

function lasting(seconds) {
  return seconds < 90 ? t("seconds", { count: count(Math.max(1, Math.round(seconds))) }) : t("minutes", { count: count(Math.round(seconds / 60)) });
}

// A run that was cancelled goes on with all that it has done, for as long as that is kept.
function Resume({ run, again }) {
  const resume = async () => {
    await post(`/v1/runs/${run.id}/resume`).finally(again);
  };
  return html`<p class="actions">
    <${Do} act=${resume}>${t("run.resume")}<//>
    <span class="hint">${t("run.resume-about", { until: moment(run.resumable_until) })}</span></p>`;
}

// The request of a run that does not go on is sent once more; its first settings stay as they are.
function Again({ run }) {
  const path = `/v1/models/${encodeURIComponent(run.model)}`;
  const model = useLive(path, () => 600);
  const train = async (body, go) => {
    const next = await post(`${path}/train`, body);
    go("runs", next.id);
  };
  const request = run.error && run.error.request;
  const offer = request && request.route === "train" ? request.body : null;
  return html`<p class="actions">
    ${offer && html`<${Do} act=${(go) => train(offer, go)}>${t("run.offered")}<//>`}
    <${Do} quiet=${true} act=${(go) => train(run.asked, go)}>${t("run.again")}<//>
    ${model.value && html`<a href="${link("new")}?data=${encodeURIComponent(model.value.dataset)}">${t("run.other-way")}</a>`}
    <span class="hint">${t(run.resumable_until ? "run.anew-about" : "run.again-about")}</span></p>`;
}

// What there is now: a version, which serves already if that was asked for.
function Next({ run }) {
  const path = `/v1/models/${encodeURIComponent(run.model)}`;
  const model = useLive(path, () => 60);
  const [served, setServed] = useState(false);
  const serves = served || (model.value && model.value.champion === run.version);
  const serve = async () => {
    await post(`${path}/deploy`, { version: run.version });
    setServed(true);
  };
  const tab = (name, text) => html`<a class="button" href=${link("models", run.model, name)}>${text}</a>`;
  return html`<div class="next">
    <p>${serves ? t("run.serves", { version: run.version }) : t("run.made", { version: run.version })}</p>
    ${serves ? html`<a class="button main" href=${link("models", run.model, "try")}>${t("run.try")}</a>` : html`<${Do} act=${serve}>${t("deploy")}<//>`}
    ${tab("evaluate", t("run.evaluate"))}
  </div>`;
}

export function metricsOf(metrics) {
  return Object.entries(metrics)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [said("metric", name), name === "accuracy" ? share(value) : figure(value)]);
}

// What a search has tried, the best first, as it grows; and what the version is made of.
function Board({ run, under }) {
  const [every, setEvery] = useState(false);
  const board = useLive(`/v1/runs/${encodeURIComponent(run.id)}/leaderboard`, () => (under ? 2 : 600));
  useEffect(() => {
    board.again();
  }, [under]);
  return html`<${Loaded} of=${board}>${({ entries, members }) => {
    if (!entries.length) return under ? html`<p class="hint">${t("board.none-yet")}</p>` : null;
    return html`<${Card} title=${t("leaderboard")} aside=${count(entries.length)} wide=${true}>
      ${members.length > 0 && html`<p>${t("board.members")} ${members.map((one) => `${said("algorithm", one.algorithm)} ${share(one.weight)}`).join(" · ")}</p>`}
      <p class="hint">${t("board.loss")}</p>
      <${Table} label=${t("leaderboard")} rows=${every ? entries : entries.slice(0, RANKED)} columns=${[
        { name: t("board.rank"), number: true, of: (one) => count(entries.indexOf(one) + 1) },
        { name: t("algorithm"), of: (one) => (one.algorithm ? said("algorithm", one.algorithm) : "–") },
        { name: t("loss"), number: true, of: (one) => figure(one.loss) },
        { name: t("board.folds"), number: true, of: (one) => count(one.folds) },
        { name: t("settings"), of: (one) => html`<code class="setting-list">${Object.entries(one.hyperparameters || {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ") || t("board.defaults")}</code>` },
        { name: t("board.seconds"), number: true, of: (one) => figure(one.seconds) },
        ...(entries.some((one) => one.error) ? [{ name: t("why"), of: (one) => (one.error ? one.error.message : "") }] : []),
      ]} />
      ${entries.length > RANKED && html`<p class="actions"><button class="quiet" onClick=${() => setEvery(!every)}>${every ? t("show-less") : t("show-all", { count: count(entries.length) })}</button></p>`}
    <//>`;
  }}<//>`;
}
