// Runs: all of them, and one that is watched until it ends.
import { html, useEffect, useState } from "./ui.js";
import { post, useLive } from "./api.js";
import { count, figure, moment, said, t } from "./words.js";
import { Ago, Bar, Card, Do, Facts, Failure, link, Loaded, Page, State, Table } from "./parts.js";
import { Lines } from "./charts.js";
import { RunTable } from "./start.js";

const UNDER_WAY = ["queued", "running"];

export function RunScreen({ at }) {
  const [, id] = at.parts;
  return id ? html`<${One} id=${id} deploy=${at.query.get("deploy") === "1"} />` : html`<${All} />`;
}

function All() {
  const runs = useLive("/v1/runs?limit=200&points=0", (page) => (page.items.some((one) => UNDER_WAY.includes(one.state)) ? 1 : 10));
  return html`<${Page} title=${t("runs")}>
    <${Loaded} of=${runs}>${(page) =>
      page.items.length
        ? html`<${Card} wide=${true}><${RunTable} runs=${page.items} /><//>`
        : html`<p class="lead">${t("runs.none")}</p>`}<//>
  <//>`;
}

function One({ id, deploy }) {
  const live = useLive(`/v1/runs/${encodeURIComponent(id)}`, (run) => (UNDER_WAY.includes(run.state) ? 1 : 60));
  return html`<${Loaded} of=${live} title=${t("run")}>${(run) => html`<${Shown} run=${run} deploy=${deploy} again=${live.again} />`}<//>`;
}

function shareOf(run) {
  if (run.state === "succeeded") return 1;
  if (run.trials) return Math.min(0.97, run.trial / run.trials);
  return run.iterations ? run.iteration / run.iterations : 0;
}

function Shown({ run, deploy, again }) {
  const under = UNDER_WAY.includes(run.state);
  const cancel = async () => {
    await post(`/v1/runs/${run.id}/cancel`);
    again();
  };
  return html`<${Page}
    title=${t("run.of", { kind: said("kind", run.kind), model: run.model })}
    crumbs=${[{ href: link("models", run.model), text: run.model }]}
    actions=${html`<${State} state=${run.state} />${under && html`<${Do} quiet=${true} act=${cancel}>${t("cancel")}<//>`}`}>
    ${under && html`<${Bar} share=${shareOf(run)} label=${t("progress")} />`}
    <p class="note" role="status">${run.note}</p>
    ${run.error && html`<${Failure} error=${run.error} />`}
    ${run.state === "succeeded" && run.version && html`<${Next} run=${run} deploy=${deploy} />`}
    <div class="cards">
      <${Card} title=${t("progress")}>
        <${Facts} of=${[
          [t("state"), html`<${State} state=${run.state} />`],
          ...(run.trials ? [[t("fits"), t("of", { some: count(run.trial), all: count(run.trials) })]] : []),
          ...(run.iterations ? [[t("iterations"), t("of", { some: count(run.iteration), all: count(run.iterations) })]] : []),
          [t("begun"), moment(run.created)],
          [t("changed"), html`<${Ago} at=${run.updated} />`],
        ]} />
      <//>
      ${run.loss.length > 1 && html`<${Card} title=${t("loss")}><${Lines} label=${t("loss")} aside=${figure(run.loss[run.loss.length - 1])} series=${[{ name: t("loss"), points: run.loss.map((one, i) => [i + 1, one]) }]} x=${{ name: t("iteration"), format: count }} /><//>`}
    </div>
    ${run.outcome && run.outcome.leaderboard && html`<${Leaderboard} of=${run.outcome.leaderboard} />`}
  <//>`;
}

// What there is now: a version, which serves at once if that was asked for.
function Next({ run, deploy }) {
  const [served, setServed] = useState(false);
  const [error, setError] = useState(null);
  const serve = async () => {
    await post(`/v1/models/${run.model}/deploy`, { version: run.version });
    setServed(true);
  };
  useEffect(() => {
    if (!deploy) return;
    history.replaceState(null, "", link("runs", run.id));
    serve().catch(setError);
  }, []);
  return html`<div class="next">
    <p>${served ? t("run.serves", { version: run.version }) : t("run.made", { version: run.version })}</p>
    ${error && html`<${Failure} error=${error} />`}
    ${served
      ? html`<a class="button main" href=${link("models", run.model, "try")}>${t("run.try")}</a>`
      : html`<${Do} act=${serve}>${t("deploy")}<//>`}
  </div>`;
}

function Leaderboard({ of }) {
  return html`<${Card} title=${t("leaderboard")} wide=${true}>
    <${Table} label=${t("leaderboard")} rows=${of} columns=${[
      { name: t("algorithm"), of: (one) => (one.algorithm ? said("algorithm", one.algorithm) : "–") },
      { name: t("settings"), of: (one) => html`<code>${Object.entries(one.hyperparameters || {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ") || "–"}</code>` },
      { name: t("loss"), number: true, of: (one) => figure(one.loss) },
      { name: t("why"), of: (one) => (one.error ? one.error.message : "") },
    ]} />
  <//>`;
}
