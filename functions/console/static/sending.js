// A file on its way to become a version of a data set, or a kept one that is read again; it can be seen from each tab.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";
import { call, get, post, sent, useList } from "./api.js";
import { count, t } from "./words.js";
import { Bar, Do, Failure, link, Sure } from "./parts.js";
import { Mend } from "./remedy.js";
import { stored } from "./drafts.js";

const BROKEN_OFF = "lepton-sending";
const ASKS_FOR_FILE = ["not_found", "too_large", "conflict"];

const brokenOff = () => stored((kept) => kept.getItem(BROKEN_OFF));
const remember = (id) => stored((kept) => (id ? kept.setItem(BROKEN_OFF, id) : kept.removeItem(BROKEN_OFF)));

const pause = () => new Promise((go) => setTimeout(go, 500));

// { state, busy, send, readAgain, cancel, close }. `send(file, mode, options, second)` and `readAgain(version, options)` say
// when it is over; the rows of a `second` file are held out from each training.
export function useSending(name, path, refresh) {
  const [state, setState] = useState(null);
  const here = useRef(true);
  const under = useRef(null);
  const own = useRef(new Set());
  const found = useList(`${path}/uploads?limit=1000`, (page) => (page.items.some((one) => one.state === "waiting") ? 1 : 20));
  const waiting = useRef(new Set());

  useLayoutEffect(() => {
    here.current = true;
    const leaving = (event) => under.current && event.preventDefault();
    window.addEventListener("beforeunload", leaving);
    return () => {
      here.current = false;
      window.removeEventListener("beforeunload", leaving);
      if (under.current) under.current.abort();
    };
  }, []);

  // What was under way before this page was loaded: a file that was being sent is given up, one that is read is followed.
  useEffect(() => {
    const items = found.value ? found.value.items : [];
    for (const one of items) {
      if (own.current.has(one.id)) continue;
      if (one.state === "waiting") {
        if (brokenOff() === one.id) {
          remember(null);
          call("DELETE", `${path}/upload/${one.id}`).then(found.again, () => {});
        } else waiting.current.add(one.id);
      } else if (waiting.current.delete(one.id)) {
        setState(one.state === "accepted" ? { phase: "done", found: one } : { phase: "failed", error: one.error, options: {}, mode: "replace" });
        refresh();
      }
    }
  }, [found.value]);

  const show = (next) => here.current && setState(next);

  const followed = async (id, what) => {
    for (;;) {
      const one = await get(`${path}/upload/${id}`);
      if (one.state === "accepted") {
        show({ phase: "done", found: one, own: true });
        refresh();
        return one;
      }
      if (one.state === "rejected") {
        show({ phase: "failed", error: one.error, own: true, ...what });
        return null;
      }
      await pause();
    }
  };

  const send = async (file, mode, options = {}, second = null) => {
    const what = { file, second, mode, options };
    const whole = second ? new Blob([file, second]) : file;
    show({ phase: "sending", share: 0, ...what });
    const stop = (under.current = new AbortController());
    let announced = null;
    try {
      announced = await post(`${path}/upload`, { size: whole.size, mode, ...options, ...(second ? { held_out: second.size } : {}) });
      own.current.add(announced.id);
      remember(announced.id);
      stop.signal.throwIfAborted(); // it was cancelled before it had an id
      await sent(announced.url || `${path}/upload/${announced.id}`, whole, (share) => show({ phase: share < 1 ? "sending" : "reading", share, ...what }), stop.signal);
      under.current = null;
      remember(null);
      show({ phase: "reading", ...what });
      return await followed(announced.id, what);
    } catch (error) {
      under.current = null;
      if (stop.signal.aborted) {
        if (announced) await call("DELETE", `${path}/upload/${announced.id}`).catch(() => {});
        show({ phase: "cancelled", ...what });
      } else show({ phase: "failed", error, own: true, ...what });
      remember(null);
      return null;
    }
  };

  const readAgain = async (version, options) => {
    const what = { version, options, mode: "replace" };
    show({ phase: "reading", ...what });
    try {
      const one = await post(`${path}/versions/${version}/read`, options);
      own.current.add(one.id);
      return await followed(one.id, what);
    } catch (error) {
      show({ phase: "failed", error, asks: ASKS_FOR_FILE.includes(error.code), own: true, ...what });
      return null;
    }
  };

  const others = (found.value ? found.value.items : []).filter((one) => one.state === "waiting" && !own.current.has(one.id));
  const busy = Boolean(state) && ["sending", "reading"].includes(state.phase);
  return { state, busy, send, readAgain, others, again: found.again, uploads: found, cancel: () => under.current && under.current.abort(), close: () => setState(null) };
}

// What becomes of it, above the tab.
export function Sending({ of, name, path, label, held }) {
  const { state } = of;
  return html`<div class="sending-now" role="status">
    ${of.others.map((one) => html`<div class="sending-box" key=${one.id}><span>${t("sending.other")}</span><${Do} quiet=${true} act=${async () => { await call("DELETE", `${path}/upload/${one.id}`); of.again(); }}>${t("cancel")}<//></div>`)}
    ${state && html`<${Now} of=${of} state=${state} name=${name} path=${path} label=${label} held=${held} />`}
  </div>`;
}

function Now({ of, state, name, path, label, held }) {
  const close = html`<button class="quiet" onClick=${of.close}>${t("close")}</button>`;
  if (state.phase === "sending" || state.phase === "reading") {
    const said = state.file ? t(state.phase === "sending" ? "drop.sending" : "drop.reading", { name: [state.file, state.second].filter(Boolean).map((one) => one.name).join(" + ") }) : t("sending.again", { version: state.version });
    return html`<div class="sending-box"><div class="grow"><span class="wrap">${said}</span>${state.phase === "sending" && html`<${Bar} share=${state.share} label=${said} />`}</div>
      ${state.phase === "sending" && html`<button class="quiet" onClick=${of.cancel}>${t("cancel")}</button>`}</div>`;
  }
  if (state.phase === "cancelled") return html`<div class="sending-box"><span>${t("sending.cancelled")}</span>${close}</div>`;
  if (state.phase === "failed") return html`<${Refusal} of=${of} state=${state} close=${close} label=${label} />`;
  return html`<${Made} of=${of} state=${state} name=${name} path=${path} close=${close} held=${held} />`;
}

function Made({ of, state, name, path, close, held }) {
  const one = state.found;
  const undo = async (go) => {
    await call("DELETE", `${path}/versions/${one.version}`);
    of.close();
    go("data", name);
  };
  const words = one.added === 0 ? t("sending.nothing-new", { version: one.version }) : one.added !== null ? t("sending.added", { version: one.version, rows: count(one.rows), added: count(one.added), repeated: count(one.repeated) }) : t("sending.made", { version: one.version, rows: count(one.rows) });
  return html`<div class="sending-box good" tabindex="-1" ref=${useFocus(state.own)}><span class="grow">${words}${one.held && held ? ` ${t("sending.held")}` : ""}</span>
    <span class="actions"><a class="button quiet" href=${link("data", name, "report")}>${t("sending.look")}</a>
    ${one.added !== 0 && html`<${Sure} act=${undo} question=${t("data.sure-version", { version: one.version })} yes=${t("delete")}>${t("sending.undo")}<//>`}${close}</span></div>`;
}

// Why a file is no version, and each option with which it would be read.
function Refusal({ of, state, close, label }) {
  const { error, file, second, mode, options, version } = state;
  const kept = Boolean(file || (version && !state.asks));
  const retry = (body) => (file ? of.send(file, mode, { ...options, ...body }, second) : of.readAgain(version, { ...options, ...body }));
  return html`<div class="sending-box bad" tabindex="-1" ref=${useFocus(state.own)}><div class="grow">
      <${Mend} error=${error} act=${kept && retry} send=${(chosen, body) => of.send(chosen, mode, { ...options, ...body }, second)} />
      ${kept && error.column === label && !(error.remedies || []).length && html`<${Predict} act=${(name) => retry({ label: name })} />`}
      ${error.code === "unreachable" && html`<${Failure} error=${error} again=${kept ? () => retry({}) : undefined} />`}
    </div>${close}</div>`;
}

// The column to predict, where the one of before is not in the file.
function Predict({ act }) {
  const [name, setName] = useState("");
  return html`<form class="in-line" onSubmit=${(event) => event.preventDefault()}>
    <div class="field"><label for="predict">${t("sending.predict")}</label><input id="predict" value=${name} onInput=${(event) => setName(event.target.value)} /></div>
    ${name && html`<${Do} quiet=${true} act=${() => act(name)}>${t("remedy.label", { name })}<//>`}
  </form>`;
}

// What became of something that was done here takes the focus, whose button may be gone; not from a field that is typed in.
function useFocus(own) {
  const box = useRef();
  useEffect(() => {
    if (own && !document.activeElement?.matches("input, select, textarea")) box.current?.focus({ preventScroll: true });
  }, []);
  return box;
}
