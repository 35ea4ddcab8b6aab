// The parts that screens are made of.
import { html, useEffect, useRef, useState } from "./ui.js";
import { ago, count, figure, moment, said, t } from "./words.js";

export function link(...parts) {
  return "#/" + parts.map(encodeURIComponent).join("/");
}

// What the address names: "#/models/churn?tab=runs" is { parts: ["models", "churn"], query }.
export function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { parts, query: new URLSearchParams(query || "") };
}

export function go(...parts) {
  location.hash = link(...parts);
}

export function Page({ title, lead, actions, crumbs = [], children }) {
  useEffect(() => {
    document.title = `${title} · Lepton`;
  }, [title]);
  return html`<header class="page-head">
      ${crumbs.length > 0 &&
      html`<nav class="crumbs" aria-label=${t("crumbs")}>
        ${crumbs.map((one) => html`<a href=${one.href}>${one.text}</a>`)}
      </nav>`}
      <div class="page-title">
        <h1 tabindex="-1">${title}</h1>
        <div class="actions">${actions}</div>
      </div>
      ${lead && html`<p class="lead">${lead}</p>`}
    </header>
    ${children}`;
}

export function Card({ title, aside, children, wide }) {
  return html`<section class=${wide ? "card wide" : "card"}>
    ${title && html`<header><h2>${title}</h2>${aside && html`<span class="aside">${aside}</span>`}</header>`}
    ${children}
  </section>`;
}

// A value, once it is there; until then that it is awaited, or why it is not to be had.
export function Loaded({ of, children }) {
  if (of.value !== undefined) {
    return html`${of.error && html`<${Failure} error=${of.error} again=${of.again} />`}${children(of.value)}`;
  }
  if (of.error) return html`<${Failure} error=${of.error} again=${of.again} />`;
  return html`<div class="loading" role="status"><span class="visually-hidden">${t("loading")}</span><i></i><i></i><i></i></div>`;
}

export function Failure({ error, again }) {
  const said = error.code === "unreachable" ? t("unreachable") : error.message || t("failed");
  return html`<div class="failure" role="alert">
    <p>${said}</p>
    ${again && html`<button class="quiet" onClick=${again}>${t("again")}</button>`}
  </div>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><h2>${title}</h2>${children}</div>`;
}

const TONES = {
  succeeded: "good", serving: "good", healthy: "good", accepted: "good", active: "plain", open: "plain",
  running: "busy", queued: "busy", waiting: "busy",
  failed: "bad", rejected: "bad", drift: "bad", held: "warn", cancelled: "plain", retired: "plain", quiet: "plain",
};

export function State({ state }) {
  return html`<span class="state ${TONES[state] || "plain"}">${said("state", state)}</span>`;
}

export function Ago({ at }) {
  return html`<time datetime=${at} title=${moment(at)}>${ago(at)}</time>`;
}

// A button that does something once at a time, and says what went wrong.
export function Do({ children, act, quiet, danger }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const here = useRef(true);
  useEffect(() => () => {
    here.current = false;
  }, []);
  const press = async () => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (problem) {
      if (here.current) setError(problem);
    } finally {
      if (here.current) setBusy(false);
    }
  };
  const kind = danger ? "danger" : quiet ? "quiet" : "main";
  return html`<span class="do">
    <button class=${kind} disabled=${busy} aria-busy=${busy} onClick=${press}>${children}</button>
    ${error && html`<${Failure} error=${error} />`}
  </span>`;
}

// A table; `columns` are { name, of(row), number }.
export function Table({ columns, rows, label }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead>
        <tr>${columns.map((one) => html`<th scope="col" class=${one.number ? "number" : ""}>${one.name}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr>
            ${columns.map((one) => html`<td class=${one.number ? "number" : ""}>${one.of(row)}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function Bar({ share, label }) {
  const of = Math.max(0, Math.min(1, share || 0));
  return html`<div class="bar" role="progressbar" aria-label=${label} aria-valuenow=${Math.round(of * 100)} aria-valuemin="0" aria-valuemax="100">
    <i style=${{ width: `${of * 100}%` }}></i>
  </div>`;
}

// A curve of numbers, with a table behind it.
export function Curve({ values, label, name }) {
  const known = values.map((value, at) => [at + 1, value]).filter(([, value]) => Number.isFinite(value));
  if (known.length < 2) return null;
  const most = 160;
  const step = Math.max(1, Math.ceil(known.length / most));
  const shown = known.filter((_, at) => at % step === 0 || at === known.length - 1);
  const low = Math.min(...shown.map(([, value]) => value));
  const high = Math.max(...shown.map(([, value]) => value));
  const [left, right] = [shown[0][0], shown[shown.length - 1][0]];
  const x = (at) => (600 * (at - left)) / (right - left || 1);
  const y = (value) => 150 - (140 * (value - low)) / (high - low || 1);
  const line = shown.map(([at, value], i) => `${i ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const sample = shown.filter((_, at) => at % Math.ceil(shown.length / 12) === 0 || at === shown.length - 1);
  return html`<figure class="curve">
    <figcaption>${label}<b>${figure(shown[shown.length - 1][1])}</b></figcaption>
    <svg viewBox="-4 0 608 158" preserveAspectRatio="none" role="img" aria-label="${label}: ${figure(shown[0][1])} – ${figure(shown[shown.length - 1][1])}">
      <path class="area" d="${line}L600 158L0 158Z" />
      <path class="line" d=${line} />
    </svg>
    <div class="ends"><span>${count(left)}</span><span>${name}</span><span>${count(right)}</span></div>
    <details>
      <summary>${t("as-table")}</summary>
      <${Table} label=${label} rows=${sample} columns=${[
        { name, number: true, of: ([at]) => count(at) },
        { name: label, number: true, of: ([, value]) => figure(value) },
      ]} />
    </details>
  </figure>`;
}

export function Facts({ of }) {
  return html`<dl class="facts">${of.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
