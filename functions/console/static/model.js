// One model: its frame, with a tab for each part of its life.
import { html, useEffect, useState } from "./ui.js";
import { post, useLive } from "./api.js";
import { t } from "./words.js";
import { Do, Failure, link, Loaded, own, Page, State, Sure, Tabs } from "./parts.js";

// The tabs, loaded when they are looked at; `serving` ones need a version that serves.
const TABS = {
  overview: { load: () => import("./overview.js"), of: "OverviewTab" },
  evaluate: { load: () => import("./evaluate.js"), of: "EvaluateTab" },
  compare: { load: () => import("./compare.js"), of: "CompareTab" },
  versions: { load: () => import("./versions.js"), of: "VersionsTab" },
  try: { load: () => import("./try.js"), of: "TryTab", serving: true },
  score: { load: () => import("./score.js"), of: "ScoreTab", serving: true },
  monitor: { load: () => import("./monitor.js"), of: "MonitorTab", serving: true },
  update: { load: () => import("./update.js"), of: "UpdateTab" },
};

export function ModelScreen({ at }) {
  const [, name, tab] = at.parts;
  const path = `/v1/models/${encodeURIComponent(name || "")}`;
  const model = useLive(path, (found) => (found.run ? 1 : 10));
  return html`<${Loaded} of=${model} title=${name}>${(found) => html`<${Shown} model=${found} path=${path} tab=${tab} at=${at} again=${model.again} />`}<//>`;
}

function Shown({ model, path, tab, at, again }) {
  const retired = model.state === "retired";
  const serves = Boolean(model.champion) && !retired;
  const train = async (go) => {
    const run = await post(`${path}/train`, { auto: true, seconds: 60 });
    go("runs", run.id);
  };
  const retire = async () => {
    await post(`${path}/retire`);
    again();
  };
  const known = own(TABS, tab);
  const shown = known && (serves || !known.serving) ? tab : "overview";
  const names = Object.keys(TABS).filter((one) => serves || !TABS[one].serving);
  return html`<${Page}
    title=${model.name}
    lead=${t("model.of", { dataset: model.dataset })}
    crumbs=${[{ href: "#/", text: t("models") }]}
    actions=${retired ? html`<${State} state="retired" />` : html`
      ${model.run ? html`<a class="button" href=${link("runs", model.run)}>${t("run.watch")}</a>` : model.latest > 0 && html`<a class="button quiet" href="${link("new")}?model=${encodeURIComponent(model.name)}">${t("train.other-way")}</a><${Do} act=${train} quiet=${true}>${t("model.train")}<//>`}
      <${Sure} act=${retire} question=${t("retire.sure", { model: model.name })}>${t("retire")}<//>`}>
    <${Tabs} label=${t("tabs", { name: model.name })} at=${shown} items=${names.map((one) => ({ name: one, text: t(`tab.${one}`), href: one === "overview" ? link("models", model.name) : link("models", model.name, one) }))} />
    <${Tab} key=${shown} of=${TABS[shown]} model=${model} path=${path} at=${at} again=${again} />
  <//>`;
}

function Tab({ of, ...rest }) {
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let here = true;
    of.load().then((module) => here && setFound(() => module[of.of]), (problem) => here && setError(problem));
    return () => {
      here = false;
    };
  }, [of]);
  if (error) return html`<${Failure} error=${{ code: "unreachable" }} again=${() => location.reload()} />`;
  return found && html`<${found} ...${rest} />`;
}
