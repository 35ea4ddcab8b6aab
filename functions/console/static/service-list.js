// The services of the platform's machine: servers of one model each, with what ends them.
import { html, useState } from "./ui.js";
import { post, useLive } from "./api.js";
import { moment, more, t } from "./words.js";
import { Ago, link, State, Sure, Table } from "./parts.js";

await more("serve");

const PACE = 5;

// What the platform says of its services; nothing to somebody who may not know of them.
export function useServices() {
  const who = useLive("/v1/session", () => 60);
  return useLive(who.value?.scopes.includes("admin") ? "/v1/services" : null, () => PACE);
}

// `rows` are some of them, or those `of` one model; `changed` is called when one was told to end. What became of it is
// said until that is done to the next one.
export function ServiceList({ rows, of, changed }) {
  const [told, tell] = useState(null);
  const stopping = told && rows.find((one) => one.name === told.name && one.process === told.process);
  const stop = async ({ name, process, state }) => {
    await post(`/v1/services/${encodeURIComponent(name)}/stop`);
    tell({ name, process, lost: state === "lost" });
    changed();
  };
  const stateOf = (one) => (one === stopping && one.state === "running" ? "stopping" : one.state);
  return html`
    ${rows.length > 0 && html`<${Table} label=${t("service.running")} by=${(one) => one.name} rows=${rows} columns=${[
      { name: t("service"), of: (one) => html`<span class="named"><b>${one.name}</b> <${State} state=${stateOf(one)} /></span>` },
      { name: t("service.address"), of: (one) => html`<code class="nowrap">${one.url}</code>` },
      ...(of ? [] : [{ name: t("serve.model"), of: (one) => html`<a href=${link("models", one.model)}>${one.model}</a>` }]),
      { name: t("service.answers"), of: (one) => (one.version && one.state === "running" ? t("version", { version: one.version }) : t("service.nothing")) },
      { name: t("service.since"), of: (one) => html`<span class="nowrap" title=${moment(one.started)}><${Ago} at=${one.started} /></span>` },
      { name: t("service.process"), of: (one) => html`<span class="nowrap">${one.workers > 1 ? t("service.workers", { process: one.process, count: one.workers }) : one.process}</span>` },
      { name: "", of: (one) => stateOf(one) !== "stopping" && html`<${Stop} of=${one} act=${() => stop(one)} />` },
    ]} />`}
    ${rows.filter((one) => one.state === "lost").map((one) => html`<p class="hint">${t("service.lost", { name: one.name })}</p>`)}
    ${told && html`<p class="note" role="status">${stopping ? t("service.stopping", { name: told.name }) : told.lost ? t("service.forgotten", { name: told.name }) : t("service.stopped", { name: told.name })}</p>`}`;
}

function Stop({ of, act }) {
  if (of.state === "lost") return html`<${Sure} danger=${false} question=${t("service.forget-sure", { name: of.name })} act=${act}>${t("service.forget")}<//>`;
  return html`<${Sure} question=${t("service.stop-sure", { name: of.name, url: of.url, model: of.model })} act=${act}>${t("service.stop")}<//>`;
}
