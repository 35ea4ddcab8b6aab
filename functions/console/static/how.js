// What the predictions of a file tell beside the answers: how sure they are, and what each column added.
import { html } from "./ui.js";
import { more, t } from "./words.js";
import { rangeOf } from "./fields.js";
import { link } from "./parts.js";
import { Certainty, RANGE, useCertainty } from "./certainty.js";
import { useDraft } from "./drafts.js";

await more("score");

const PLAIN = { sure: false, explain: false };

// `asked` is what a call says of it; `right` is whether a call can say it.
export function useHow(version, coverages) {
  const [chosen, set] = useDraft("how", PLAIN);
  const certainty = useCertainty(version, coverages);
  const sure = chosen.sure && version.uncertainty;
  const explain = chosen.explain && version.explains;
  const asked = { ...(sure ? { coverage: certainty.coverage } : {}), ...(explain ? { explain } : {}) };
  return { chosen, set, version, certainty, sure, explain, asked, right: !sure || certainty.coverage !== undefined };
}

export function How({ of, error }) {
  const { chosen, set, version, certainty, sure, explain } = of;
  const choice = (name, on, can, text, what) => html`<div>
    <label class="check"><input type="checkbox" checked=${on} disabled=${!can} aria-describedby="how-${name}" onChange=${(event) => set({ ...chosen, [name]: event.target.checked })} />${text}</label>
    <p class="hint" id="how-${name}">${what}</p>
  </div>`;
  const refused = error?.field === "coverage" ? error.message : certainty.text.trim() ? "" : t("set.range", { range: rangeOf(RANGE) });
  return html`<section class="card wide how">
    ${choice("sure", sure, version.uncertainty, t("score.sure"), version.uncertainty ? t("score.sure-what") : html`${t("score.no-sure")} <a href=${trainingOf(version)}>${t("score.learn")}</a>`)}
    ${sure && html`<${Certainty} of=${certainty} refused=${refused} />`}
    ${choice("explain", explain, version.explains, t("score.explain"), t(version.explains ? "score.explain-what" : "try.no-why"))}
  </section>`;
}

// The form that trains the next version of a model with intervals.
function trainingOf({ model }) {
  return `${link("new")}?${new URLSearchParams({ model, how: JSON.stringify({ uncertainty: true }) })}`;
}

// Of an explained prediction the base and what each of `names` added, as numbers: of many classes, to the one that is predicted.
export function whyOf(one, names) {
  const of = (part) => (typeof part === "object" ? part[one.label] : part);
  return { base: of(one.base), parts: Float64Array.from(names, (name) => of(one.contributions[name])) };
}
