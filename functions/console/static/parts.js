// The parts that screens are made of.
import { html, useEffect, useErrorBoundary, useRef, useState } from "./ui.js";
import { ago, moment, said, t } from "./words.js";

// What `table` has under a name that somebody else chose: an address, a column, a model. Every object has a "constructor".
export function own(table, name) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

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

// `go` for when an answer has come: it takes nobody away who has gone elsewhere meanwhile.
export function onward() {
  const from = location.hash.split("?")[0];
  return (...parts) => {
    if (location.hash.split("?")[0] === from) go(...parts);
  };
}

// Have the address say what is chosen on this screen, such as a search; what is empty is left out.
export function choose(query) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const path = location.hash.split("?")[0] || "#/";
  history.replaceState(null, "", given.length ? `${path}?${new URLSearchParams(given)}` : path);
  dispatchEvent(new Event("chosen"));
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
// With a `title`, which is known before, the page has its heading from the beginning.
export function Loaded({ of, title, children }) {
  if (of.value !== undefined) {
    return html`${of.error && html`<${Failure} error=${of.error} again=${of.again} />`}${children(of.value)}`;
  }
  if (title !== undefined) return html`<${Page} title=${title}><${Loaded} of=${of} /><//>`;
  if (of.error) return html`<${Failure} error=${of.error} again=${of.again} />`;
  return html`<div class="loading" role="status"><span class="visually-hidden">${t("loading")}</span><i></i><i></i><i></i></div>`;
}

export function Failure({ error, again }) {
  const said = error.code === "unreachable" ? t("unreachable") : error.message || t("failed");
  return html`<div class="failure" role="alert">
    <p lang=${error.code !== "unreachable" && error.message ? "en" : undefined}>${said}</p>
    ${again && html`<button class="quiet" onClick=${again}>${t("again")}</button>`}
  </div>`;
}

// What is inside; where it cannot be drawn, that it is so, with a way to try again. The rest of the page stays.
export function Guarded({ at, children }) {
  const [error, again] = useErrorBoundary((fault) => reportError(fault));
  useEffect(() => {
    if (error) again();
  }, [at]);
  return error ? html`<${Page} title=${t("broken")} lead=${t("broken-lead")} actions=${html`<button class="quiet" onClick=${again}>${t("again")}</button>`}><p class="hint">${error.message}</p><//>` : children;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><h2>${title}</h2>${children}</div>`;
}

const TONES = {
  succeeded: "good", serving: "good", healthy: "good", accepted: "good", active: "plain", open: "plain",
  running: "busy", watched: "busy", queued: "busy", waiting: "busy", deploying: "busy", stopping: "busy",
  promoted: "good", steady: "good", answers: "good", moved: "warn", alarm: "bad", failing: "bad", slow: "bad", away: "bad",
  failed: "bad", lost: "bad", rejected: "bad", drift: "warn", held: "warn", cancelled: "plain", retired: "plain", quiet: "plain",
};

export function State({ state }) {
  return html`<span class="state ${TONES[state] || "plain"}">${said("state", state)}</span>`;
}

export function Ago({ at }) {
  return html`<time datetime=${at} title=${moment(at)}>${ago(at)}</time>`;
}

// A button that does something once at a time, and says what went wrong. `act` is given the way on of `onward`.
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
      await act(onward());
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

// A button whose act cannot be taken back: it asks first, in words that name what will happen. `more` stands below them.
export function Sure({ children, act, question, more, yes, danger = true }) {
  const dialog = useRef();
  const name = useRef(`sure-${Math.random().toString(36).slice(2)}`).current;
  const close = () => dialog.current?.close();
  return html`<button class="quiet" onClick=${() => dialog.current.showModal()}>${children}</button>
    <dialog ref=${dialog} aria-labelledby=${name} onClick=${(event) => event.target === dialog.current && close()}>
      <p id=${name}>${question}</p>
      ${more}
      <p class="actions"><button class="quiet" onClick=${close}>${t("keep")}</button><${Do} danger=${danger} act=${async (go) => { await act(go); close(); }}>${yes || children}<//></p>
    </dialog>`;
}

// Places beside each other, each with an address; `at` is the name of the one that is shown.
export function Tabs({ label, at, items }) {
  const nav = useRef();
  useEffect(() => {
    // Where there is no room for all of them, the one that is shown is in sight.
    const here = nav.current.querySelector("[aria-current]");
    if (here) nav.current.scrollLeft = here.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - here.offsetWidth) / 2;
  }, [at]);
  return html`<nav class="tabs" aria-label=${label} ref=${nav}>${items.map(
    (one) => html`<a href=${one.href} aria-current=${one.name === at ? "page" : undefined}>${one.text}</a>`,
  )}</nav>`;
}

// Copy `text`. Over http to another machine a browser offers no clipboard, and may refuse it anywhere: then the text in
// `place` is marked for the reader to copy.
export async function toClipboard(text, place) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(place);
    throw new Error(t("copy-by-hand"));
  }
}

// Text to be copied, such as a call.
export function Copied({ text, label }) {
  const [done, setDone] = useState(false);
  const place = useRef();
  const copy = async () => {
    await toClipboard(text, place.current);
    setDone(true);
  };
  return html`<div class="copied"><pre tabindex="0" aria-label=${label} ref=${place}><code>${text}</code></pre><${Do} quiet=${true} act=${copy}>${t(done ? "copied" : "copy")}<//></div>`;
}

// A table; `columns` are { name, of(row), number }. `by(row)` is what a row is known by where rows come and go: so a focus,
// and a question that is asked, stays with its row.
export function Table({ columns, rows, label, by }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead>
        <tr>${columns.map((one) => (one.name ? html`<th scope="col" class=${one.number ? "number" : ""}>${one.name}</th>` : html`<td></td>`))}</tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr key=${by && by(row)}>
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

export function Facts({ of }) {
  return html`<dl class="facts">${of.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
