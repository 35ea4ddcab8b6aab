// Data sets: all of them, a page at a time, and the frame of one, with a tab for each thing to know of it.
import { html, useEffect, useState } from "./ui.js";
import { post, useLast, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, said, t } from "./words.js";
import { Ago, Card, Empty, Failure, link, Loaded, own, Page, State, Sure, Table, Tabs } from "./parts.js";
import { Drop } from "./start.js";
import { numbered } from "./numbered.js";
import { Sending, useSending } from "./sending.js";

const SETS = 50;
const LONGEST = 80;

const TABS = {
  report: [() => import("./data-report.js"), "ReportTab"],
  columns: [() => import("./data-columns.js"), "ColumnsTab"],
  rows: [() => import("./data-rows.js"), "RowsTab"],
  versions: [() => import("./data-versions.js"), "VersionsTab"],
  lags: [() => import("./data-lags.js"), "LagsTab"],
  use: [() => import("./data-use.js"), "UseTab"],
};

// An address with what is chosen: `chosen` is { name: text }, of which what is empty is left out.
export function addressed(parts, chosen = {}) {
  const query = new URLSearchParams(Object.entries(chosen).filter(([, text]) => text !== undefined && text !== null && text !== ""));
  return `${link(...parts)}${query.size ? `?${query}` : ""}`;
}

export function DataScreen({ at }) {
  const [, name] = at.parts;
  return name ? html`<${One} name=${name} at=${at} />` : html`<${All} />`;
}

function All() {
  const [query, change] = useAddress();
  const chosen = { q: query.get("q") || "", tag: query.get("tag") || "", after: query.get("after") || "" };
  const asked = new URLSearchParams({ limit: SETS, search: chosen.q, after: chosen.after });
  if (chosen.tag) asked.set("tag", chosen.tag);
  const sets = useLast(useLive(`/v1/datasets?${asked}`, () => 10));
  const narrowed = chosen.q || chosen.tag || chosen.after;
  return html`<${Page} title=${t("place.data")}>
    <${Drop} />
    <${Loaded} of=${sets}>${(page) =>
      page.items.length || narrowed
        ? html`<${Card} wide=${true}>
            <${Search} chosen=${chosen} change=${change} />
            ${page.items.length ? html`<${Sets} of=${page.items} />` : html`<p class="hint">${t("nothing-found")}</p>`}
            ${(page.next || chosen.after) && html`<p class="actions pager">
              ${chosen.after && html`<a class="button" href=${addressed(["data"], { ...chosen, after: "" })}>${t("pages.first")}</a>`}
              ${page.next && html`<a class="button" href=${addressed(["data"], { ...chosen, after: page.next })}>${t("pages.next")}</a>`}
            </p>`}
          <//>`
        : html`<${Empty} title=${t("data.none")}><p>${t("data.none-lead")}</p><//>`}<//>
  <//>`;
}

function Search({ chosen, change }) {
  return html`<div class="narrow">
    <input type="search" class="search" placeholder=${t("data.search")} aria-label=${t("data.search")} value=${chosen.q} onInput=${(event) => change({ q: event.target.value, after: "" })} />
    ${chosen.tag && html`<span class="chosen">${t("data.tagged", { tag: chosen.tag })} <a class="button quiet" href=${addressed(["data"], { ...chosen, tag: "", after: "" })}>${t("data.all-tags")}</a></span>`}
  </div>`;
}

function Sets({ of }) {
  return html`<${Table} label=${t("place.data")} by=${(one) => one.name} rows=${of} columns=${[
    { name: t("data-set"), of: (one) => html`<a class="strong" href=${link("data", one.name)}>${one.name}</a>` },
    { name: t("state"), of: (one) => (one.state === "open" ? "–" : html`<${State} state=${one.state} />`) },
    { name: t("rows"), number: true, of: (one) => count(one.rows) },
    { name: t("label"), of: (one) => html`<span class="cut" title=${one.label}>${one.label}</span>` },
    { name: t("version-name"), number: true, of: (one) => count(one.latest) },
    { name: t("data.tags"), of: (one) => html`<${TagLinks} of=${one.tags} />` },
    { name: t("data.used"), of: (one) => html`<${ModelLinks} of=${one.models} />` },
    { name: t("changed"), of: (one) => html`<${Ago} at=${one.changed || one.created} />` },
  ]} />`;
}

const SHOWN = 3;

export function TagLinks({ of }) {
  return of.length ? html`<span class="tags">${of.slice(0, SHOWN).map((one) => html`<a class="tag" href=${addressed(["data"], { tag: one })}>${one}</a>`)}${of.length > SHOWN && html`<span title=${of.join(" ")}>+${of.length - SHOWN}</span>`}</span>` : "–";
}

function ModelLinks({ of }) {
  return of.length ? html`<span class="tags">${of.slice(0, SHOWN).map((one) => html`<a href=${link("models", one)}>${one}</a>`)}${of.length > SHOWN && html`<span title=${of.join(" ")}>+${of.length - SHOWN}</span>`}</span>` : "–";
}

function One({ name, at }) {
  const path = `/v1/datasets/${encodeURIComponent(name)}`;
  const set = useLive(path, () => 5);
  if (set.value) return html`<${Shown} set=${set.value} path=${path} at=${at} again=${set.again} />`;
  return html`<${Page} title=${name} crumbs=${[{ href: link("data"), text: t("place.data") }]}><${Loaded} of=${set}>${() => null}<//><//>`;
}

function Shown({ set, path, at, again }) {
  const { name } = set;
  const tab = own(TABS, at.parts[2]) ? at.parts[2] : "report";
  const asked = Number(at.query.get("version")) || 0;
  const number = asked || set.latest;
  const [some, first, last] = numbered(path, set.latest, at.query);
  const kept = useLive(some, () => 10);
  const place = set.latest ? `${path}/versions/${number}` : null;
  const version = useLive(place, () => 10);
  const report = useLive(place && `${place}/report`, () => 60);
  const refresh = () => {
    again();
    kept.again();
    version.again();
  };
  const sending = useSending(name, path, refresh);
  const versions = kept.value ? kept.value.items.filter((one) => one.version <= last) : [];
  const to = (where, chosen = {}) => addressed(["data", name, where], { version: asked || "", ...chosen });
  const ready = version.value && version.value.version === number;
  return html`<${Page}
    title=${name}
    crumbs=${[{ href: link("data"), text: t("place.data") }]}
    lead=${ready && t("data.version", { rows: count(version.value.rows), columns: count(version.value.column_count), label: version.value.label.slice(0, LONGEST) })}
    actions=${html`${set.latest > 0 && html`<${Which} versions=${versions} number=${number} latest=${set.latest} to=${(one) => addressed(["data", name, tab], { version: one === set.latest ? "" : one })} />`}
      <a class="button" href=${to("versions")}>${t("data.add")}</a>
      <a class="button main" href=${addressed(["new"], { data: name })}>${t("data.model")}</a>`}>
    <${Tabs} label=${t("tabs", { name })} at=${tab} items=${Object.keys(TABS).map((one) => ({ name: one, text: t(`datatab.${one}`), href: to(one) }))} />
    <${Sending} of=${sending} name=${name} path=${path} label=${set.label} held=${version.value?.state === "held"} />
    ${ready && version.value.state === "held" && html`<${Held} report=${report.value} path=${place} number=${number} refresh=${refresh} name=${name} looking=${at.query.has("diff")} />`}
    ${!set.latest && html`<p class="lead">${t("data.no-version")}</p>`}
    <${Lazy} key=${tab} of=${TABS[tab]} set=${set} path=${path} number=${number} version=${version} report=${report} versions=${versions} earlier=${first} sending=${sending} refresh=${refresh} to=${to} at=${at} />
  <//>`;
}

function Which({ versions, number, latest, to }) {
  const there = versions.some((one) => one.version === number) ? versions : [{ version: number, rows: null, state: "open" }, ...versions];
  if (there.length === 1) return html`<span class="hint">${t("version", { version: number })}</span>`;
  return html`<select aria-label=${t("version-name")} value=${number} onChange=${(event) => { location.hash = to(Number(event.target.value)); }}>
    ${[...there].reverse().map((one) => html`<option value=${one.version}>${t("version", { version: one.version })}${one.version === latest ? ` · ${t("data.newest")}` : ""}${one.state !== "open" ? ` · ${said("state", one.state)}` : ""}</option>`)}
  </select>`;
}

// Why no model learns from a version by itself, and the button that lets it.
function Held({ report, path, number, refresh, name, looking }) {
  const release = async () => {
    await post(`${path}/release`);
    refresh();
  };
  return html`<section class="held" aria-label=${t("held", { version: number })}>
    <div>
      <h2>${t("held", { version: number })}</h2>
      ${report && html`<ul>${report.held.map((one) => html`<li>${one}</li>`)}</ul>`}
      <p>${t("held.what")}</p>
    </div>
    <p class="actions">
      ${!looking && report && report.changes && html`<a class="button quiet" href=${addressed(["data", name, "versions"], { version: number, diff: report.changes.since })}>${t("held.look")}</a>`}
      <${Sure} act=${release} danger=${false} question=${t("held.sure", { version: number })} yes=${t("held.release")}>${t("held.release")}<//>
    </p>
  </section>`;
}

// A part of the page whose module is loaded when it is looked at.
function Lazy({ of, ...rest }) {
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let here = true;
    const [load, name] = of;
    load().then((module) => here && setFound(() => module[name]), (problem) => here && setError(problem));
    return () => {
      here = false;
    };
  }, [of]);
  if (error) return html`<${Failure} error=${{ code: "unreachable" }} again=${() => location.reload()} />`;
  return found && html`<${found} ...${rest} />`;
}
