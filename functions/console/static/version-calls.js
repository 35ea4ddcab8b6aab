// What each version of a model was asked, how it answered and how long that took: as monitoring systems read it.
import { html } from "./ui.js";
import { Refused, ROOT, useLive } from "./api.js";
import { count, figure, more, t } from "./words.js";
import { Card, Table } from "./parts.js";

await more("rollout");

const LINE = /^lepton_(\w+)\{(.*)\} (\S+)$/gm;
const LABEL = /(\w+)="([^"]*)"/g;

async function textAt(path) {
  const answer = await fetch(new URL(path.slice(1), ROOT), { headers: { "X-Lepton-Console": "1" }, cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) throw new Refused({ code: "unreachable", message: "" }, answer.status);
  return answer.text();
}

// The figures of the versions of `model`: of each number { version, requests, failed, codes: [[code, count]], within: [[seconds, count]] }.
function figuresOf(text, model) {
  const found = new Map();
  for (const [, name, labels, value] of text.matchAll(LINE)) {
    const of = Object.fromEntries([...labels.matchAll(LABEL)].map(([, label, named]) => [label, named]));
    if (of.model !== model || !of.version) continue;
    const version = Number(of.version);
    if (!found.has(version)) found.set(version, { version, requests: 0, failed: 0, codes: [], within: [] });
    const one = found.get(version);
    if (name === "requests_total") one.requests = Number(value);
    if (name === "failed_requests_total") one.failed = Number(value);
    if (name === "refused_requests_total") one.codes.push([of.code, Number(value)]);
    if (name === "request_duration_seconds_bucket") one.within.push([Number(of.le.replace("+Inf", "Infinity")), Number(value)]);
  }
  return found;
}

// The milliseconds within which the share `q` of the calls were answered: the end of a bucket, each about twice as long
// as the one before.
function within(buckets, q) {
  const all = buckets.length && buckets[buckets.length - 1][1];
  if (!all) return "–";
  const at = buckets.findIndex(([, reached]) => reached >= q * all);
  const ms = (seconds) => figure(seconds * 1000);
  return at === buckets.length - 1 ? t("calls.above", { ms: ms(buckets[at - 1][0]) }) : t("ms", { ms: ms(buckets[at][0]) });
}

function refused({ codes, failed }) {
  const all = codes.reduce((sum, [, times]) => sum + times, 0) - failed;
  return html`${count(all)}${codes.length > 0 && html` <small class="hint">${codes.map(([code, times]) => `${code} ${count(times)}`).join(", ")}</small>`}`;
}

// The figures, once they are there. The platform gathers them for all models, and of very many it tells the first by name.
function useFigures(model, seconds) {
  const text = useLive("/metrics", () => seconds, textAt).value;
  return text === undefined ? null : figuresOf(text, model.name);
}

// A row for each of the `versions` that has figures.
export function VersionCalls({ model, versions }) {
  const known = useFigures(model, 20);
  return known && html`<${Calls} rows=${versions.filter((one) => known.has(one)).map((one) => known.get(one))} />`;
}

// The card of all versions that were ever called.
export function EveryVersion({ model }) {
  const rows = [...(useFigures(model, 60)?.values() ?? [])].filter((one) => one.requests).sort((a, b) => b.version - a.version);
  return rows.length > 0 && html`<${Card} title=${t("calls")} wide=${true}><${Calls} rows=${rows} /><//>`;
}

function Calls({ rows }) {
  if (!rows.length) return html`<p class="hint">${t("calls.none")}</p>`;
  return html`<${Table} label=${t("calls")} by=${(one) => one.version} rows=${rows} columns=${[
      { name: t("version-name"), of: (one) => html`<span class="nowrap">${t("version", { version: one.version })}</span>` },
      { name: t("calls.all"), number: true, of: (one) => count(one.requests) },
      { name: t("calls.refused"), number: true, of: refused },
      { name: t("calls.failed"), number: true, of: (one) => count(one.failed) },
      { name: t("traffic.half"), number: true, of: (one) => within(one.within, 0.5) },
      { name: t("traffic.slowest"), number: true, of: (one) => within(one.within, 0.99) },
    ]} />
    <p class="hint">${t("calls.about")}</p>`;
}
