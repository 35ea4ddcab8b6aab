// The call of a row to be run elsewhere: under each protocol that the platform speaks, as curl and with the real client.
import { html } from "./ui.js";
import { more, t } from "./words.js";
import { Card, Copied, link } from "./parts.js";
import { awsPair, KINDS, PROTOCOLS } from "./calls.js";
import { useServices } from "./service-list.js";
import { freeBeside, PLATFORM, serveFile, serveHere } from "./service-start.js";

await more("serve");

const PACKAGES = { open_inference: 'pip install "tritonclient[http]"', sagemaker: "pip install boto3", mlflow: "pip install mlflow pandas" };
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

// What an address says of the call: { protocol, kind }.
export function callIn(query) {
  const chosen = (name, of) => of.find((one) => one === query.get(name)) || of[0];
  return { protocol: chosen("protocol", Object.keys(PROTOCOLS)), kind: chosen("call", KINDS) };
}

// Write it there; what is usual is left out.
export function tellCall({ protocol, kind }, query) {
  const usual = callIn(new URLSearchParams());
  if (protocol !== usual.protocol) query.set("protocol", protocol);
  if (kind !== usual.kind) query.set("call", kind);
}

// The address of a server on the reader's own machine.
function atPort(port) {
  const address = new URL("/", PLATFORM);
  Object.assign(address, { protocol: "http:", hostname: LOOPBACK[0], port });
  return address.origin;
}

export function Calls({ model, version, row, coverage, call, setCall }) {
  const { protocol, kind } = call;
  const services = useServices();
  // Without a key one answers on its own machine alone.
  const service = services.value?.items.find((one) => one.model === model.name && one.state === "running" && LOOPBACK.includes(new URL(one.url).hostname));
  const here = services.value?.here;
  const free = freeBeside(model.name, here ? services.value.items : []);
  const text = PROTOCOLS[protocol][kind]({ platform: PLATFORM, model: model.name, task: version.task, row, coverage, server: service?.url || atPort(free.port) });
  const signs = protocol === "sagemaker" && kind === "Python";
  const asks = protocol === "mlflow" && !service;
  const key = protocol === "mlflow" ? t("call.key-none") : signs ? t("call.key-aws") : t("call.key");
  return html`<${Card} title=${t("call")} wide=${true}>
    <div class="call-kinds">
      <div class="choices" role="group" aria-label=${t("call.protocol")}>${Object.keys(PROTOCOLS).map((one) => html`<button aria-pressed=${one === protocol} onClick=${() => setCall({ protocol: one, kind })}>${t(`protocol.${one}`)}</button>`)}</div>
      <div class="choices" role="group" aria-label=${t("call.with")}>${KINDS.map((one) => html`<button aria-pressed=${one === kind} onClick=${() => setCall({ protocol, kind: one })}>${one}</button>`)}</div>
    </div>
    ${signs && html`<${First} title=${t("call.pair")} text=${awsPair(PLATFORM)} />`}
    ${asks && html`<${First} title=${t("call.server")} text=${here ? serveHere(model.name, free) : serveFile(model.name, model.champion, free)} />`}
    ${(signs || asks) && html`<h3>${t("call.then")}</h3>`}
    <${Copied} key="${protocol} ${kind} ${text}" text=${text} label=${t("call.of", { kind })} />
    <div class="stack hint">
      ${kind === "Python" && PACKAGES[protocol] && html`<p>${t("call.install")} <code>${PACKAGES[protocol]}</code></p>`}
      <p>${key}</p>
      ${protocol === "mlflow" && html`<p>${service && t("call.served", { name: service.name, url: service.url })} <a href=${link("models", model.name, "versions")}>${t("call.served-other")}</a></p>`}
      ${protocol !== "lepton" && coverage !== undefined && html`<p>${t("call.no-coverage")}</p>`}
    </div>
  <//>`;
}

// What has to be done before the call.
function First({ title, text }) {
  return html`<div class="first"><h3>${title}</h3><${Copied} key=${text} text=${text} label=${title} /></div>`;
}
