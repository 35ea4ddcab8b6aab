// How a server of one model is started: no page can do that, so it makes the command.
import { html } from "./ui.js";
import { ROOT } from "./api.js";
import { more, t } from "./words.js";
import { Copied, link } from "./parts.js";
import { Settings, wrongOf } from "./fields.js";
import { word } from "./calls.js";

await more("serve");

const PORT = 8090;
const MOST_WORKERS = 64;
const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;
const WHERE = ["here", "file", "image"];

export const PLATFORM = ROOT.href.replace(/\/$/, "");

// A name and a port for a server of a model that none of these services has.
export function freeBeside(model, services) {
  const running = services.filter((one) => one.state === "running");
  const names = running.map((one) => one.name);
  const ports = running.map((one) => Number(new URL(one.url).port));
  let [service, port] = [model, PORT];
  for (let at = 2; names.includes(service); at++) service = `${model}-${at}`;
  while (ports.includes(port)) port++;
  return { service, port };
}

// Beside the platform, with the folder that it keeps where `lepton up` was started.
export function serveHere(model, { service, port, workers }) {
  return `lepton serve ${model}${service !== model ? ` --service ${service}` : ""} --port ${port}${workers > 1 ? ` --workers ${workers}` : ""} --data .lepton`;
}

// Anywhere, out of a file.
export function serveFile(model, version, { port, workers }) {
  return `export LEPTON_URL=${word(PLATFORM)}
lepton export ${model} --version ${version} -o ${model}.lepton
lepton serve --file ${model}.lepton --port ${port}${workers > 1 ? ` --workers ${workers}` : ""}`;
}

// In a container, whose image has a name in small letters.
function serveImage(model, version, { port }) {
  const image = model.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/-$/, "");
  return `export LEPTON_URL=${word(PLATFORM)}
lepton build ${model} --version ${version} -t ${image}:${version}
docker build -t ${image}:${version} ${image}-${version}
docker run --read-only -e LEPTON_API_KEY -p ${port}:8090 ${image}:${version}`;
}

const COMMANDS = { here: (model, _, given) => serveHere(model, given), file: serveFile, image: serveImage };

function fieldsOf(on, free) {
  return [
    ...(on === "here" ? [{ name: "service", type: "str", usual: free.service, title: t("serve.name"), help: t("serve.name-help") }] : []),
    { name: "port", type: "int", low: on === "here" ? 0 : 1, high: 65_535, usual: String(free.port), title: t("serve.port"), help: on === "here" ? t("serve.port-free") : t("serve.port-help") },
    ...(on === "image" ? [] : [{ name: "workers", type: "int", low: 1, high: MOST_WORKERS, usual: "1", title: t("serve.workers"), help: t("serve.workers-help") }]),
  ];
}

const given = (query, name) => {
  const text = query.get(name);
  return text === null || name === "service" || !Number.isFinite(Number(text)) ? text ?? undefined : Number(text);
};

// What is chosen stands in the address. `services` is what the platform says of them; undefined: the reader may not know.
export function StartService({ model, services, query, change }) {
  const here = services?.here;
  const places = here === false ? WHERE.slice(1) : WHERE;
  const on = places.find((one) => one === query.get("on")) || places[0];
  const free = freeBeside(model.name, on === "here" && here ? services.items : []);
  const fields = fieldsOf(on, free);
  const values = Object.fromEntries(fields.map(({ name }) => [name, given(query, name)]).filter(([, value]) => value !== undefined));
  const errors = values.service === undefined || NAME.test(values.service) ? {} : { service: t("serve.name-wrong") };
  const right = !errors.service && fields.every((one) => !wrongOf(one, values[one.name]));
  const set = (name, value) => change({ [name]: value === undefined ? undefined : String(value) });
  const command = COMMANDS[on](model.name, model.champion, { ...free, ...values });
  return html`<div class="starting">
    <div class="choices" role="group" aria-label=${t("serve.where")}>${places.map((one) => html`<button aria-pressed=${one === on} onClick=${() => change({ on: one === places[0] ? undefined : one })}>${t(`serve_on.${one}`)}</button>`)}</div>
    <${Settings} prefix="serve" settings=${fields} values=${values} errors=${errors} then=${set} />
    ${right && html`<${Copied} key=${command} label=${t("serve.command")} text=${command} />`}
    <p class="hint">${t(`serve_note.${on}`, { version: model.champion })} ${on !== "here" && html`${t("serve.key")} <a href=${link("keys")}>${t("settings.make-key")}</a>`}</p>
  </div>`;
}
