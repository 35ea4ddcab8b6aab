// What is chosen on a screen stands in its address, so that it can be shared and a reload loses nothing.
import { useLayoutEffect, useRef, useState } from "./ui.js";
import { route } from "./parts.js";
import { stored } from "./drafts.js";

// A browser refuses an address that changes hundreds of times in a moment, as it would while a slider moves.
const REST = 150;

const LEFT = "lepton-address";

const pathOf = () => location.hash.split("?")[0] || "#/";

let waiting = null;
let timer;
let written = 0;

// Have the address of the screen that is looked at say `query`: at once, or a moment after it was last changed.
export function say(query) {
  const text = query.toString();
  waiting = { path: pathOf(), text };
  clearTimeout(timer);
  const rest = REST - (Date.now() - written);
  if (rest > 0) timer = setTimeout(settle, rest);
  else settle();
}

function settle() {
  const given = waiting;
  waiting = null;
  clearTimeout(timer);
  if (!given || given.path !== pathOf()) return;
  written = Date.now();
  history.replaceState(null, "", given.path + (given.text && `?${given.text}`));
}

// Before somebody leaves by a link, what was chosen a moment ago is in the address.
document.addEventListener("click", settle, true);

// A reload has begun by then, with the address as it was: what was chosen is put there when the page is loaded again.
window.addEventListener("pagehide", () => {
  settle();
  stored((kept) => kept.setItem(LEFT, location.hash));
});

function comeBack() {
  const left = stored((kept) => kept.getItem(LEFT));
  stored((kept) => kept.removeItem(LEFT));
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  if (left && reloaded && left.split("?")[0] === pathOf()) history.replaceState(null, "", left);
}
comeBack();

// The query of the address, and what changes it: `change({ name: text })`, where no text takes the name out. A function
// gets the query as it is by then, and returns what is to change.
// A change replaces the address, so the way back stays short, and it scrolls nothing. One that comes when somebody has
// left the screen, such as with a late answer, changes nothing.
export function useAddress() {
  const [query, setQuery] = useState(() => route().query);
  const screen = useRef(pathOf());
  const now = useRef(query);
  useLayoutEffect(() => {
    const moved = () => {
      screen.current = pathOf();
      now.current = route().query;
      setQuery(now.current);
    };
    window.addEventListener("hashchange", moved);
    return () => {
      screen.current = null;
      window.removeEventListener("hashchange", moved);
    };
  }, []);
  const change = (given) => {
    if (screen.current !== pathOf()) return;
    const next = new URLSearchParams(now.current);
    for (const [name, text] of Object.entries(typeof given === "function" ? given(next) : given)) {
      if (text === undefined || text === null || text === "") next.delete(name);
      else next.set(name, text);
    }
    now.current = next;
    setQuery(next);
    say(next);
  };
  return [query, change];
}
