// How sure an answer is to be: the share of rows whose truth its interval, or its classes, hold.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { t } from "./words.js";
import { rangeOf } from "./fields.js";
import { useDraft } from "./drafts.js";

const USUAL = 0.9;
export const RANGE = { low: 50, high: 99 };

const percentOf = (coverage) => String(Math.round(coverage * 1e6) / 1e4);

// The coverages that the rows of a version are known to tell, as { value }: undefined until that is known.
export function useCoverages(path, version) {
  const judged = useLive(version?.uncertainty ? `${path}/versions/${version.version}/evaluation` : null, () => 600);
  const known = version && (!version.uncertainty || judged.value || judged.error);
  return { value: known ? (judged.value?.coverages || []).map((one) => one.coverage) : undefined };
}

// The coverage that is asked for: what is typed, and until then of those that the version can tell the largest up to the
// usual one. `chosen` is what somebody typed, undefined: nothing, or no such share.
export function useCertainty(version, coverages) {
  const [typed, type] = useDraft("coverage", null, (one) => typeof one === "string");
  const told = coverages.filter((one) => one <= USUAL);
  const usual = version.uncertainty && told.length ? Math.max(...told) : undefined;
  const text = typed ?? (usual === undefined ? "" : percentOf(usual));
  const percent = Number(text);
  const wrong = text.trim() !== "" && !(percent >= RANGE.low && percent <= RANGE.high);
  const coverage = !version.uncertainty || wrong || text.trim() === "" ? undefined : Math.round(percent * 1e6) / 1e8;
  return { coverages, text, wrong, coverage, chosen: typed === null ? undefined : coverage, give: (next) => type(usual !== undefined && next === percentOf(usual) ? null : next) };
}

// The field of the coverage in percent, with those beside it that were measured. `refused` is why there is no such one.
export function Certainty({ of, refused }) {
  const problem = of.wrong ? t("set.range", { range: rangeOf(RANGE) }) : refused;
  return html`<div class="certainty">
    <div class="stepper">
      <label for="coverage">${t("try.certainty")}</label>
      <span class="joined"><input id="coverage" type="number" min=${RANGE.low} max=${RANGE.high} step="any" inputmode="decimal" value=${of.text} aria-invalid=${problem ? "true" : undefined} aria-describedby="coverage-wrong" onInput=${(event) => of.give(event.target.value)} /> %</span>
      <span class="choice" role="group" aria-label=${t("try.certainty-measured")}>${of.coverages.map((one) => html`<button type="button" class="quiet" aria-pressed=${one === of.coverage} onClick=${() => of.give(percentOf(one))}>${percentOf(one)} %</button>`)}</span>
    </div>
    <p id="coverage-wrong" class="wrong" role="status">${problem}</p>
  </div>`;
}
