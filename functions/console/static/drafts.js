// What somebody typed or chose and has not sent. It is kept in this tab, for the one who is signed in, until it is sent.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";
import { own } from "./parts.js";
import { t } from "./words.js";

const WHOSE = "lepton-drafts";
const DRAFT = "lepton-draft ";

// So many characters are kept of one draft, and of all of them; a browser takes two bytes for each.
const MOST = 32_768;
const MOST_OF_ALL = 524_288;

// Who is signed in; without anybody nothing is read, and nothing is kept.
let whose = null;

const screenOf = () => location.hash.split("?")[0] || "#/";
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// A browser may forbid its storage, or have no room in it, and anybody can write there: then it is as if nothing was kept.
export function stored(act) {
  try {
    return act(sessionStorage);
  } catch {
    return undefined;
  }
}

const read = (key) => stored((kept) => JSON.parse(kept.getItem(key))) ?? undefined;
const write = (key, value) => stored((kept) => kept.setItem(key, JSON.stringify(value)));
const namesIn = (kept) => Object.keys(kept).filter((one) => one.startsWith(DRAFT));

function forgetAll() {
  stored((kept) => namesIn(kept).forEach((one) => kept.removeItem(one)));
}

function keep(key, value) {
  if (value !== undefined && whose === null) return;
  stored((kept) => {
    kept.removeItem(key);
    const text = value === undefined ? "" : JSON.stringify(value);
    if (!text || text.length > MOST) return;
    const all = namesIn(kept).reduce((sum, one) => sum + one.length + kept.getItem(one).length, key.length + text.length);
    if (all <= MOST_OF_ALL) kept.setItem(key, text);
  });
}

// Somebody is signed in: what somebody else left in this tab is forgotten. Says whether the choices in the address are theirs too.
export function resume(who) {
  const before = read(WHOSE);
  whose = JSON.stringify([who.workspace, who.key]);
  write(WHOSE, { whose });
  if (before?.whose === whose) return false;
  forgetAll();
  return before?.left === screenOf();
}

// A session has ended by itself: what was typed waits for the one who typed it.
export function pause() {
  if (whose !== null) write(WHOSE, { whose, left: screenOf() });
  whose = null;
}

// Somebody signs out.
export function leave() {
  forgetAll();
  stored((kept) => kept.removeItem(WHOSE));
  whose = null;
}

// An address that is opened while nobody is signed in was left by nobody.
window.addEventListener("hashchange", () => {
  const before = whose === null && read(WHOSE);
  if (before?.left) write(WHOSE, { whose: before.whose });
});

// What is left of a draft where it fits: of a form field by field, so that one that is no more is passed over.
function applied(first, kept, fits) {
  if (!isMap(first)) return kept !== undefined && fits(kept) ? kept : first;
  return { ...first, ...Object.fromEntries(Object.entries(isMap(kept) ? kept : {}).filter(([field, one]) => fits(one, field))) };
}

// What of a value is not as it was at first, as it is kept; undefined: nothing.
function difference(first, value) {
  if (!isMap(first)) return same(first, value) ? undefined : value;
  const entries = Object.entries(value).filter(([field, one]) => !same(own(first, field), one));
  return entries.length ? Object.fromEntries(entries) : undefined;
}

const alike = (first) => (value, field) => typeof value === typeof (field === undefined ? first : own(first, field));

// In place of `useState` for what a person types or chooses: [value, set, draft]. It is kept under the address of the
// screen and `name`; `first` is what the field or the form shows otherwise, and may change. A form is an object, of which
// only the fields that differ are kept. `fits(value, field)` says whether what was kept may still be so.
// `draft.brought`: it was there when the screen was opened. `draft.forget()` puts it back to the first state; `draft.sent()`
// is for what was sent, which is shown until the platform has it, and `draft.taken()` for what the form need not show any
// more: of the draft that was drawn when it was sent, so that what is typed until the answer comes stays.
// What is null is no draft.
export function useDraft(name, first, fits = alike(first)) {
  const key = `${DRAFT}${screenOf()} ${name}`;
  const [, draw] = useState();
  const held = useRef({});
  if (held.current.key !== key) {
    const kept = whose === null ? undefined : read(key);
    held.current = { key, kept, brought: difference(first, applied(first, kept, fits)) !== undefined };
  }
  const mine = held.current;
  const drawn = mine.kept;
  const value = applied(first, mine.kept, fits);
  const unsent = difference(first, value) !== undefined;
  if (mine.sent && !unsent) mine.kept = undefined;

  const change = (kept) => {
    if (kept === undefined && mine.kept === undefined) return;
    Object.assign(mine, { kept, sent: false, brought: mine.brought && kept !== undefined });
    keep(key, kept);
    draw({});
  };
  const set = (next) => change(difference(first, typeof next === "function" ? next(applied(first, mine.kept, fits)) : next));
  const taken = () => same(mine.kept, drawn) && change(undefined);
  const sent = () => {
    if (!same(mine.kept, drawn)) return;
    mine.sent = true;
    keep(key, undefined);
    draw({});
  };
  return [value, set, { brought: mine.brought && unsent && !mine.sent, forget: () => change(undefined), sent, taken }];
}

// The attributes of a field whose text is given when one leaves it: what is typed until then is kept, and given after a reload.
export function useTyped(name, text, give) {
  const [typed, type, draft] = useDraft(name, null, (one) => typeof one === "string");
  const gone = useRef(false);
  useLayoutEffect(() => () => {
    gone.current = true;
  }, []);
  // A field that is taken away, as where a session ends, is left by nobody: what was typed stays a draft.
  const left = (of) => {
    if (gone.current) return;
    draft.forget();
    give(of);
  };
  useEffect(() => {
    if (typed !== null) left(typed);
  }, []);
  return {
    value: typed ?? text,
    onInput: (event) => type(event.target.value),
    onChange: (event) => left(event.target.value),
    onBlur: (event) => typed !== null && left(event.target.value),
  };
}

// One line that says that a draft was brought back, with the way to begin anew.
export function Brought({ of }) {
  const over = (event) => {
    event.currentTarget.closest("form, section").querySelector("input:not([type=file]), select, textarea")?.focus();
    of.forget();
  };
  return of.brought && html`<p class="brought hint" role="status">${t("draft.brought")} <button type="button" class="quiet" onClick=${over}>${t("draft.over")}</button></p>`;
}
