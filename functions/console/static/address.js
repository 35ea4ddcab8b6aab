// What is chosen on a screen stands in its address, so that it can be shared and a reload loses nothing.
import { useLayoutEffect, useState } from "./ui.js";
import { route } from "./parts.js";

// The query of the address, and what changes it: `change({ name: text })`, where no text takes the name out.
// A change replaces the address, so the way back stays short, and it scrolls nothing.
export function useAddress() {
  const [query, setQuery] = useState(() => route().query);
  useLayoutEffect(() => {
    const moved = () => setQuery(route().query);
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, []);
  const change = (changes) => {
    const next = new URLSearchParams(route().query);
    for (const [name, text] of Object.entries(changes)) {
      if (text === undefined || text === null || text === "") next.delete(name);
      else next.set(name, text);
    }
    const [path] = location.hash.split("?");
    history.replaceState(null, "", next.size ? `${path || "#/"}?${next}` : path || "#/");
    setQuery(next);
  };
  return [query, change];
}
