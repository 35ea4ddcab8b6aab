// What is chosen on a screen stands in its address: a reload loses nothing, and the address can be shared.
import { useEffect, useRef, useState } from "./ui.js";
import { link } from "./parts.js";

// A browser refuses an address that changes hundreds of times in a moment, as it would while a slider moves.
const REST = 150;

// [chosen, choose]: the values of the address, and what changes some of them; undefined takes one out.
export function useChosen(at) {
  const [chosen, set] = useState(() => Object.fromEntries(at.query));
  const now = useRef(chosen);
  const timer = useRef();
  const written = useRef(0);
  const write = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    written.current = Date.now();
    const query = new URLSearchParams(now.current).toString();
    history.replaceState(null, "", link(...at.parts) + (query && `?${query}`));
  };
  useEffect(() => {
    now.current = Object.fromEntries(at.query);
    set(now.current);
    return () => clearTimeout(timer.current);
  }, [at]);
  const choose = (changes) => {
    const next = { ...now.current, ...changes };
    for (const name of Object.keys(next)) if (next[name] === undefined || next[name] === "") delete next[name];
    now.current = next;
    set(next);
    clearTimeout(timer.current);
    const rested = Date.now() - written.current;
    if (rested >= REST) write();
    else timer.current = setTimeout(write, REST - rested);
  };
  return [chosen, choose];
}

// The number of a version that an address names, if the model has it.
export function versionIn(text, model, otherwise) {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= model.latest ? number : otherwise;
}
