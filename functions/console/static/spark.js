// A line as small as a word, of what happened lately; the figures stand beside it.
import { html } from "./ui.js";

export function Spark({ values, label }) {
  const most = Math.max(...values, 1);
  const step = 96 / Math.max(1, values.length - 1);
  const d = values.map((one, at) => `${at ? "L" : "M"}${(2 + at * step).toFixed(1)} ${(22 - (19 * one) / most).toFixed(1)}`).join("");
  return html`<svg class="spark" width="100" height="24" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=${label}><path d=${d} /></svg>`;
}
