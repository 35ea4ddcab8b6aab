// Versions by their numbers: so many at a time, the newest ones unless the address says before which.
import { html } from "./ui.js";
import { t } from "./words.js";

const MOST = 200;

// Where some versions of what is at `path` are asked for, the newest of which is `latest`, how many come before them, and the
// number of the last of them: where some were deleted, the answer goes on behind it.
export function numbered(path, latest, query) {
  const last = Math.min(Math.trunc(Number(query.get("before"))) || latest, latest);
  const first = Math.max(0, last - MOST);
  return [`${path}/versions?limit=${MOST}&after=${String(first).padStart(10, "0")}`, first, last];
}

// What stands beside the title of a list of them: their number, or of some those that they are.
export function spanOf(versions, earlier, query) {
  const whole = !earlier && !query.has("before");
  return whole || !versions.length ? versions.length : `${versions[0].version}–${versions[versions.length - 1].version}`;
}

// The ways to the newest and to those before; `to(chosen)` is the address of the same screen.
export function Earlier({ earlier, query, to }) {
  const moved = query.has("before");
  return (earlier > 0 || moved) && html`<p class="actions pager">
    ${moved && html`<a class="button" href=${to({})}>${t("versions.newest")}</a>`}
    ${earlier > 0 && html`<a class="button" href=${to({ before: earlier })}>${t("versions.earlier")}</a>`}
  </p>`;
}
