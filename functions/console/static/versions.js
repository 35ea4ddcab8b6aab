// The versions of a model: what serves and since when, the way back, and what else there is to serve.
import { html, useState } from "./ui.js";
import { get, post, ROOT, useLast, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, figure, moment, more, said, t } from "./words.js";
import { Ago, Card, Do, Facts, Failure, link, Loaded, State, Sure, Table } from "./parts.js";
import { elsewhere } from "./learnt.js";
import { Earlier, numbered, spanOf } from "./numbered.js";
import { useServices, ServiceList } from "./service-list.js";
import { StartService } from "./service-start.js";
import { History, RollOut, UnderWay, useHistory } from "./rollout.js";

await more("rollout");
await more("serve");

// The tab of a model with all its versions.
export function VersionsTab({ model, path, again }) {
  const [query, change] = useAddress();
  const [some, earlier] = numbered(path, model.latest, query);
  const versions = useLast(useLive(some, () => (model.run ? 2 : 30)));
  const champion = useLive(model.champion ? `${path}/versions/${model.champion}` : null, () => 30);
  const deployed = useLive(model.champion ? `${path}/deployment` : null, (found) => (found?.rollout ? 2 : 10));
  const history = useLast(useHistory(model.champion ? path : null, query));
  const services = useServices();
  const [doing, setDoing] = useState(null);

  const changed = () => {
    for (const one of [{ again }, versions, deployed, history]) one.again();
  };
  // Whether it was done. What is asked for by a time is the version of that time.
  const deploy = async (version, how = {}) => {
    setDoing({ version, state: "tried" });
    try {
      const { note } = await post(`${path}/deploy`, how.served_at ? how : { version, ...how });
      setDoing(how.canary === undefined ? { version, state: "serves", note } : null);
      return true;
    } catch (error) {
      setDoing({ version, state: "refused", error });
      return false;
    } finally {
      changed();
    }
  };
  const to = (chosen) => {
    const next = Object.entries({ ...Object.fromEntries(query), ...chosen }).filter(([, text]) => text !== undefined);
    return `${link("models", model.name, "versions")}?${new URLSearchParams(next)}`;
  };
  return html`<${Loaded} of=${versions}>${(page) => {
    if (!page.items.length) return html`<${Nothing} model=${model} />`;
    const given = { model, path, deploy, doing };
    const active = model.state !== "retired";
    const put = active && doing?.state !== "tried" && (({ version, ...how }) => deploy(version, how));
    return html`
      ${doing && html`<${Doing} of=${doing} model=${model} />`}
      ${model.champion && html`<${Loaded} of=${deployed}>${(deployment) => deployment && html`
        <${Serving} ...${given} version=${champion.value} deployment=${deployment} />
        ${active && deployment.rollout && html`<${UnderWay} model=${model} path=${path} deployment=${deployment} changed=${changed} />`}
        ${active && html`<${RollOut} model=${model} deployment=${deployment} query=${query} change=${change} deploy=${deploy} />`}`}<//>`}
      <${Every} ...${given} versions=${[...page.items].reverse()} aside=${spanOf(page.items, earlier, query)}>
        <${Earlier} earlier=${earlier} query=${query} to=${(chosen) => to({ before: undefined, ...chosen })} />
      <//>
      ${active && model.champion && html`<${Own} model=${model} services=${services} query=${query} change=${change} />`}
      ${history.value && html`<${History} page=${history.value} path=${path} query=${query} change=${change} put=${put} to=${to} deployment=${deployed.value} />`}`;
  }}<//>`;
}

function Nothing({ model }) {
  return html`<div class="empty"><h2>${t("versions.none")}</h2><p>${model.run ? html`<a href=${link("runs", model.run)}>${t("run.watch")}</a>` : t("versions.none-why")}</p></div>`;
}

// What became of the button that was pressed; the version is loaded and predicts a row before anything is switched.
function Doing({ of, model }) {
  if (of.error) return html`<${Failure} error=${of.error} />`;
  return html`<div class="deploying ${of.state}" role="status">
    ${of.state === "serves"
      ? html`<p>${t("deploy.serves", { version: of.version })}</p>${of.note && html`<p class="note" lang="en">${of.note}</p>`}`
      : html`<i class="turning" aria-hidden="true"></i><p>${model.champion ? t("deploy.tried", { version: of.version, before: model.champion }) : t("deploy.tried-first", { version: of.version })}</p>`}
  </div>`;
}

// The servers of this model alone, and how one is started.
function Own({ model, services, query, change }) {
  const rows = services.value?.items.filter((one) => one.model === model.name) || [];
  return html`<${Card} title=${t("serve")} aside=${html`<a href=${link("services")}>${t("place.services")}</a>`} wide=${true}>
    <${ServiceList} rows=${rows} changed=${services.again} of=${model.name} />
    <p class="hint">${t("serve.lead")}</p>
    <${StartService} model=${model} services=${services.value} query=${query} change=${change} />
  <//>`;
}

// The address of the page that a version's model card is.
function cardOf(path, version) {
  return new URL(`../..${path}/versions/${version}/card`, import.meta.url);
}

// Take a version away as one file: the platform says where it lies, here or in a bucket.
async function exported(path, version) {
  const { url } = await get(`${path}/versions/${version}/export`);
  location.assign(new URL(url.replace(/^\//, ""), ROOT));
}

function labelsOf(rule) {
  if (!rule) return t("labels.likeliest");
  return rule.threshold === null || rule.threshold === undefined ? t("labels.costs") : t("labels.from", { label: rule.label, threshold: figure(rule.threshold) });
}

function lossOf(version) {
  return version.metrics.log_loss ?? version.metrics.rmse;
}

function lossName(version) {
  return t("held-out-loss", { metric: t(version.task === "regression" ? "metric.rmse" : "metric.log_loss") });
}

function dataOf(version, text) {
  return elsewhere(version) || html`<a href="${link("data", version.dataset)}?version=${version.dataset_version}">${text}</a>`;
}

function Serving({ model, version, deployment, deploy, doing }) {
  const first = deployment.routes[0];
  const since = deployment.since || deployment.updated;
  const earlier = deployment.earlier || [];
  const back = earlier[0];
  const retired = model.state === "retired";
  const busy = doing?.state === "tried";
  return html`<${Card} wide=${true}>
    <div class="serving">
      <div>
        <h2>${t(retired ? "deploy.served-last" : "deploy.serving", { version: first.version })}</h2>
        <p class="hint">${retired ? moment(deployment.updated) : html`${t("since")} <time datetime=${since}>${moment(since)}</time> · <${Ago} at=${since} />`}</p>
      </div>
      <div class="actions">
        ${!retired && back && !busy && html`<${Sure} danger=${false} act=${() => deploy(back.version)} yes=${t("deploy.back", { version: back.version })}
          question=${t("deploy.back-sure", { version: back.version, now: first.version, since: moment(back.since), until: moment(back.until) })}>${t("deploy.back", { version: back.version })}<//>`}
        ${!retired && html`<a class="button quiet" href=${link("models", model.name, "try")}>${t("try")}</a>`}
      </div>
    </div>
    ${version?.version === first.version && html`<${Facts} of=${[
      [t("algorithm"), said("algorithm", version.algorithm)],
      [lossName(version), figure(lossOf(version))],
      [t("data"), dataOf(version, t("data.of", { name: version.dataset, version: version.dataset_version }))],
      ...(version.task === "classification" ? [[t("labels"), labelsOf(first.rule)]] : []),
    ]} />`}
    ${earlier.length > 0 && html`<details><summary>${t("deploy.earlier", { count: count(earlier.length) })}</summary>
      <${Table} label=${t("deploy.earlier", { count: count(earlier.length) })} rows=${earlier} columns=${[
        { name: t("version-name"), of: (one) => t("version", { version: one.version }) },
        { name: t("from"), of: (one) => moment(one.since) },
        { name: t("until"), of: (one) => moment(one.until) },
      ]} /></details>`}
  <//>`;
}

function Every({ model, versions, aside, path, deploy, doing, children }) {
  const retired = model.state === "retired";
  const busy = doing?.state === "tried";
  const classes = versions.some((one) => one.task === "classification");
  const serves = (one) => one.version === model.champion && !retired;
  return html`<${Card} title=${t("versions")} aside=${aside} wide=${true}>
    <${Table} label=${t("versions")} by=${(one) => one.version} rows=${versions} columns=${[
      {
        name: t("version-name"),
        of: (one) => html`<span class="named"><a class="strong" href="${link("models", model.name, "evaluate")}?version=${one.version}">${t("version", { version: one.version })}</a>
          ${serves(one) && html`<${State} state="serving" />`}${one.version === model.challenger && !retired && html`<${State} state="challenger" />`}</span>`,
      },
      { name: t("algorithm"), of: (one) => said("algorithm", one.algorithm) },
      { name: lossName(versions[0]), number: true, of: (one) => figure(lossOf(one)) },
      ...(classes ? [{ name: t("labels"), of: (one) => labelsOf(one.decision?.rule) }] : []),
      { name: t("data"), of: (one) => dataOf(one, t("version", { version: one.dataset_version })) },
      { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
      {
        name: t("look-at"),
        of: (one) => html`<span class="links">
          <a href="${link("models", model.name, "evaluate")}?version=${one.version}">${t("tab.evaluate")}</a>
          ${!one.imported && html`<a href=${link("runs", one.run)}>${t("run")}</a>`}
          <a href=${cardOf(path, one.version)} target="_blank" rel="noopener">${t("card")}</a>
          <${Do} quiet=${true} act=${() => exported(path, one.version)}>${t("export")}<//>
          ${model.champion && one.version !== model.champion && html`<a href="${link("models", model.name, "compare")}?a=${model.champion}&b=${one.version}">${t("compare")}</a>`}
        </span>`,
      },
      ...(retired ? [] : [{
        name: t("serving"),
        of: (one) => !serves(one) && (busy ? doing.version === one.version && html`<${State} state="deploying" />` : html`<${Do} quiet=${true} act=${() => deploy(one.version)}>${t("deploy")}<//>`),
      }]),
    ]} />
    ${children}
  <//>`;
}
