// A rollout: a version that is tried with a share of the calls, or watched with all of them; and what was served when.
import { html } from "./ui.js";
import { post, useList, useLive } from "./api.js";
import { moment, more, said, share, t } from "./words.js";
import { Ago, Bar, Card, Do, Facts, State, Sure, Table } from "./parts.js";
import { Settings, wrongOf } from "./fields.js";
import { VersionCalls } from "./version-calls.js";

await more("rollout");

const LONGEST_MINUTES = 44_640;
const FORM = ["version", "canary", "bake_minutes", "approval"];
const A_PAGE = 20;

// Who decided something, in words; of a key that is not the reader's own its id.
function useWho() {
  const me = useLive("/v1/session", () => 60).value;
  return (by) => (me && by === me.key ? t("by.you") : said("by", by));
}

const sharesOf = (routes) => routes.map((one) => t("version", { version: one.version }) + (routes.length > 1 ? ` ${share(one.weight)}` : "")).join(", ");

// The version that most of the calls went to.
const mostOf = (routes) => routes.reduce((best, one) => (one.weight > best.weight ? one : best)).version;

// The rollout that is under way, with what can be done about it.
export function UnderWay({ model, path, deployment, changed }) {
  const { version, before, began, until, by, approval, paused } = deployment.rollout;
  const who = useWho();
  const canary = deployment.routes.length > 1;
  const done = async (sent) => {
    await sent;
    changed();
  };
  const waits = !canary ? t("rollout.whole", { before }) : paused ? t("rollout.paused", { before }) : approval ? t("rollout.approval", { before }) : t("rollout.waits", { before });
  return html`<${Card} title=${canary ? t("rollout.canary", { version, before }) : t("rollout.watched", { version })} aside=${html`<${State} state=${paused ? "paused" : "watched"} />`} wide=${true}>
    <p>${waits}</p>
    ${canary && html`<ul class="shares">${deployment.routes.map((one) => html`<li><span>${t("version", { version: one.version })}</span><${Bar} share=${one.weight} label=${t("share.of", { version: one.version })} /><b>${share(one.weight)}</b></li>`)}</ul>`}
    <${Facts} of=${[
      [t("since"), html`${moment(began)} · <${Ago} at=${began} />`],
      ...(paused ? [] : [[t("rollout.until"), html`${moment(until)} · <${Ago} at=${until} />`]]),
      [t("rollout.by"), who(by)],
    ]} />
    <${VersionCalls} path=${path} versions=${[version, before]} />
    <p class="actions">
      ${canary && html`<${Do} act=${() => done(post(`${path}/deployment/promote`))}>${t("rollout.promote")}<//>`}
      <${Do} danger=${true} act=${() => done(post(`${path}/deployment/rollback`))}>${t("rollout.back")}<//>
      ${canary && (paused
        ? html`<${Do} quiet=${true} act=${() => done(post(`${path}/deployment/resume`))}>${t("rollout.resume")}<//>`
        : html`<${Do} quiet=${true} act=${() => done(post(`${path}/deployment/pause`))}>${t("rollout.pause")}<//>`)}
    </p>
  <//>`;
}

// What is asked for: of the canary that is under way what may be changed, else a version and how it is to begin.
function wanted(canary, numbers, percent) {
  const newest = numbers[0];
  const minutes = canary && Math.round(canary.bake_seconds / 6) / 10;
  return [
    ...(canary ? [] : [{ name: "version", type: "int", choices: numbers, usual: t("roll.newest", { version: newest }), spoken: (one) => t("version", { version: one }), title: t("version-name"), help: t("roll.lead") }]),
    { name: "canary", type: "float", above: 0, below: 100, usual: canary ? String(canary.percent) : t("roll.whole"), title: t("roll.canary"), help: t("roll.canary-help") },
    { name: "bake_minutes", type: "float", low: 0, high: LONGEST_MINUTES, usual: String(canary ? minutes : percent === undefined ? 5 : 60), title: t("roll.minutes"), help: t(canary ? "roll.minutes-now" : "roll.minutes-help") },
    { name: "approval", type: "bool", default: canary ? canary.approval : false, title: t("roll.approval"), help: t("roll.approval-help") },
  ];
}

const numberIn = (text) => (text.trim() === "" || !Number.isFinite(Number(text)) ? text : Number(text));

// A form whose fields stand in the address: it begins a rollout, or changes the share and the time of the canary.
export function RollOut({ model, deployment, query, change, deploy }) {
  const { rollout, routes } = deployment;
  const trying = routes.length > 1 ? { ...rollout, percent: Math.round(routes[1].weight * 1000) / 10, weight: routes[1].weight } : null;
  const numbers = Array.from({ length: model.latest }, (_, i) => model.latest - i).filter((one) => one !== routes[0].version);
  if (!numbers.length) return null;
  const given = Object.fromEntries(FORM.filter((one) => query.has(one)).map((one) => [one, one === "approval" ? query.get(one) === "true" : numberIn(query.get(one))]));
  if (!numbers.includes(given.version)) delete given.version;
  const percent = given.canary;
  const fields = wanted(trying, numbers, percent).filter((one) => one.name !== "approval" || trying || percent !== undefined);
  const version = trying ? trying.version : given.version ?? numbers[0];
  const values = Object.fromEntries(fields.filter(({ name }) => given[name] !== undefined).map(({ name }) => [name, given[name]]));
  const send = async () => {
    const canary = percent === undefined ? trying?.weight : percent / 100;
    const { bake_minutes, approval } = values;
    const ok = await deploy(version, { ...(canary === undefined ? {} : { canary }), ...(bake_minutes === undefined ? {} : { bake_minutes }), ...(approval === undefined ? {} : { approval }) });
    // What is typed until the answer comes stays.
    if (ok) change((now) => Object.fromEntries(FORM.filter((one) => now.get(one) === query.get(one)).map((one) => [one, undefined])));
  };
  // A button that means something else by now is another one: who presses twice does not undo what was done.
  const can = fields.every((one) => !wrongOf(one, values[one.name])) && (!trying || Object.keys(values).length > 0);
  const go = trying ? t("roll.change") : t("roll.begin", { version });
  return html`<${Card} title=${t(trying ? "rollout.other" : "roll")} wide=${true}>
    <${Settings} prefix="roll" settings=${fields} values=${values} then=${(name, value) => change({ [name]: value === undefined ? undefined : String(value) })} />
    <p class="actions">${can ? html`<${Do} key=${go} quiet=${Boolean(trying)} act=${send}>${go}<//>` : html`<button class="quiet" disabled>${go}</button>`}</p>
  <//>`;
}

export function useHistory(path, query) {
  return useLive(path && `${path}/deployment/history?limit=${A_PAGE}&after=${encodeURIComponent(query.get("history") || "")}`, () => 10);
}

function PutBack({ version, put }) {
  return html`<${Sure} danger=${false} act=${put} question=${t("history.back-sure", { version })}>${t("history.back")}<//>`;
}

// Each change of what is served; `put` serves a version, or the one of a time, again.
export function History({ page, path, query, change, put, to, deployment }) {
  const who = useWho();
  const after = query.get("history");
  if (!page.items.length && !after) return null;
  // Of what has all calls already nothing is to be put back.
  const differs = (version) => put && deployment && (deployment.routes.length > 1 || deployment.routes[0].version !== version);
  const back = ({ routes }) => routes.length > 0 && differs(mostOf(routes)) && html`<${PutBack} version=${mostOf(routes)} put=${() => put({ version: mostOf(routes) })} />`;
  return html`<${Card} title=${t("history")} wide=${true}>
    <div class="field"><label for="served-at">${t("history.on")}</label><input id="served-at" type="datetime-local" step="1" value=${query.get("served") ?? ""} onInput=${(event) => change({ served: event.target.value })} /></div>
    <${ServedAt} path=${path} at=${query.get("served")} differs=${differs} put=${put} />
    <${Table} label=${t("history")} by=${(one) => `${one.at} ${one.cause}`} rows=${page.items} columns=${[
      { name: t("history.when"), of: (one) => html`<span class="nowrap">${moment(one.at)}</span>` },
      { name: t("history.what"), of: (one) => said("cause", one.cause) },
      { name: t("history.which"), of: (one) => (one.routes.length ? sharesOf(one.routes) : "–") },
      { name: t("history.by"), of: (one) => who(one.by) },
      { name: t("history.why"), of: (one) => one.reason && html`<span lang="en">${one.reason}</span>` },
      { name: "", of: back },
    ]} />
    ${(after || page.next) && html`<p class="actions pager">
      ${after && html`<a class="button" href=${to({ history: undefined })}>${t("history.newest")}</a>`}
      ${page.next && html`<a class="button" href=${to({ history: page.next })}>${t("history.earlier")}</a>`}</p>`}
  <//>`;
}

// What was served at the time that an address names, which is one of the reader's zone.
function ServedAt({ path, at, differs, put }) {
  const time = at ? new Date(at) : null;
  const when = time && !Number.isNaN(time.getTime()) ? time : null;
  const begun = (one) => new Date(one.at) <= when;
  const found = useList(when && `${path}/deployment/history?limit=100`, () => 60, (page) => page.items.some(begun), at);
  if (!when || !found.value) return null;
  const entry = found.value.items.find(begun);
  if (!entry?.routes.length) return html`<p class="note" role="status">${t("history.nothing")}</p>`;
  const version = mostOf(entry.routes);
  return html`<div class="actions" role="status"><span>${t("history.served", { shares: sharesOf(entry.routes), since: moment(entry.at) })}</span>
    ${differs(version) && html`<${PutBack} version=${version} put=${() => put({ served_at: when.toISOString(), version })} />`}</div>`;
}
