// A new model: from which data, by which algorithm, with which settings and steps; created and trained by one press.
// With `?model=NAME` it is one that is there, and the press trains its next version.
import { html, useEffect, useMemo, useRef, useState } from "./ui.js";
import { all, call, post, useList, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, said, t } from "./words.js";
import { Card, Do, Facts, Failure, link, Loaded, Page, State } from "./parts.js";
import { Drop, Seconds, taskOf } from "./start.js";
import { Settings, wrongOf } from "./fields.js";
import { asked, isReady, Training, waysOf } from "./training.js";
import { chainOf, Preview, Steps, usePreview, wrongSteps } from "./steps.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const TASKS = ["classification", "regression"];
const LINEAR = { classification: "logistic_regression", regression: "linear_regression" };
const AUTO = "auto";
const USUAL_SECONDS = 30;

// JSON of the address; what is none, or not what it should be, is as if it were not there.
function parsed(text, fits) {
  try {
    const value = JSON.parse(text);
    return fits(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isInput = (value) => (Array.isArray(value) ? value.length > 0 && value.every(isText) : isText(value) && value !== "");
const isSteps = (value) => Array.isArray(value) && value.every((one) => isObject(one) && isObject(one.options) && isText(one.transformer) && isInput(one.input));

export function CreateScreen() {
  const [query, change] = useAddress();
  const algorithms = useLive("/v1/algorithms", () => 600);
  const transformers = useLive("/v1/transformers", () => 600);
  const sets = useList("/v1/datasets?limit=1000", () => 30);
  const known = query.get("model");
  const model = useLive(known ? `/v1/models/${encodeURIComponent(known)}` : null, () => 10);
  const form = (more) => html`<${Form} query=${query} change=${change} again=${sets.again} ...${more} />`;
  const crumbs = [{ href: "#/", text: t("models") }, ...(known ? [{ href: link("models", known), text: known }] : [])];
  return html`<${Page} title=${known ? t("train.title", { model: known }) : t("new-model")} crumbs=${crumbs}>
    <${Loaded} of=${sets}>${(found) => html`<${Loaded} of=${algorithms}>${(given) => html`<${Loaded} of=${transformers}>${(kinds) =>
      {
        const more = { sets: found.items, algorithms: given.items, transformers: kinds.items };
        return known ? html`<${Loaded} of=${model}>${(one) => form({ ...more, model: one })}<//>` : form(more);
      }}<//>`}<//>`}<//>
  <//>`;
}

function Form({ sets, algorithms, transformers, model, query, change, again }) {
  const name = model ? model.dataset : query.get("data") || "";
  const taken = ({ name: made }) => {
    change({ data: made, task: "", steps: "", how: "" });
    again();
  };
  const known = sets.some((one) => one.name === name);
  return html`
    <${Card} title=${t("create.data")} wide=${true}>
      ${sets.length > 0 && !model && html`<div class="field"><label for="data">${t("data-set")}</label>
        <select id="data" value=${known ? name : ""} onChange=${(event) => change({ data: event.target.value, task: "", steps: "", how: "" })}>
          <option value="" disabled>${t("create.choose")}</option>
          ${sets.map((one) => html`<option value=${one.name}>${one.name}</option>`)}
        </select></div>`}
      ${known ? html`<${Chosen} key=${name} name=${name} algorithms=${algorithms} transformers=${transformers} model=${model} query=${query} change=${change} />` : html`<${Drop} anywhere=${true} then=${taken} />`}
    <//>`;
}

// All that depends on the data set. It stands beside the card of the data, whose facts it draws by itself.
function Chosen({ name, ...rest }) {
  const path = `/v1/datasets/${encodeURIComponent(name)}`;
  const set = useLive(path, () => 30);
  const place = set.value ? `${path}/versions/${set.value.latest}` : null;
  const version = useLive(place, () => 600);
  const report = useLive(place && `${place}/report`, () => 600);
  return html`<${Loaded} of=${set}>${() => html`<${Loaded} of=${version}>${(one) => html`<${Loaded} of=${report}>${(read) =>
    html`<${Choices} dataset=${name} place=${place} version=${one} report=${read} ...${rest} />`}<//>`}<//>`}<//>`;
}

function Choices({ dataset, place, version, report, algorithms, transformers, model, query, change }) {
  const label = version.columns.find((one) => one.name === version.label);
  const usual = taskOf(version, report);
  const wanted = TASKS.includes(query.get("task")) ? query.get("task") : null;
  const task = model?.task ?? wanted ?? usual;
  const unfit = (one) => (!one.tasks.includes(task) ? said("unfit", task) : model && one.name !== model.algorithm ? t("train.unfit") : "");
  const fitting = algorithms.filter((one) => !unfit(one));
  const chosen = fitting.find((one) => one.name === query.get("by")) || null;
  const values = parsed(query.get("set"), isObject) || {};
  const steps = parsed(query.get("steps"), isSteps);
  const seconds = Number(query.get("seconds")) || USUAL_SECONDS;
  const find = query.get("find") === "1";
  const [error, setError] = useState(null);
  const algorithm = chosen ? chosen.name : LINEAR[task];
  const preprocessor = steps ? chainOf(steps) : model?.preprocessor;
  const body = { algorithm, ...(wanted ? { task } : {}), rows: 5, ...(preprocessor ? { preprocessor } : {}) };
  const odd = wrongSteps(steps, transformers);
  const seen = usePreview(odd ? null : `${place}/preview`, body);
  const names = useNames(dataset);
  const columns = version.columns.map((one) => one.name).filter((one) => one !== version.label);
  const choose = (changes) => {
    setError(null);
    change(changes);
  };
  const setter = (name, before) => (one, value) => {
    const next = { ...before };
    if (value === undefined) delete next[one];
    else next[one] = value;
    choose({ [name]: Object.keys(next).length ? JSON.stringify(next) : "" });
  };
  const auto = !chosen ? true : find && "hyperparameters";
  const given = parsed(query.get("how"), isObject) || {};
  const second = [undefined, version.version].includes(given.dataset_version) ? version.held_out : 0;
  const ways = waysOf({ task, auto, columns, versions: version.version, champion: model?.champion, second, given });
  const wrong = chosen ? chosen.hyperparameters.filter((one) => wrongOf(one, values[one.name])) : [];
  const errors = error && error.field ? { [error.field.replace(/^hyperparameters\./, "")]: error.message } : {};
  const made = { dataset, algorithm, task: wanted, values: chosen ? values : {}, ways: asked(ways, given), steps, seconds, auto };
  return html`
    <${Facts} of=${[
      [t("label"), html`<b>${version.label}</b>`],
      [t("rows"), count(version.rows)],
      [t("columns"), count(version.column_count)],
      [t("version-name"), html`<a href=${link("data", dataset)}>${count(version.version)}</a> ${version.state === "held" && html`<${State} state="held" />`}`],
    ]} />
    ${!model && ["number", "integer"].includes(label?.kind) && html`<div class="field"><label for="task">${t("create.task")}</label>
      <select id="task" value=${task} onChange=${(event) => choose({ task: event.target.value === usual ? "" : event.target.value, by: "", set: "" })}>${TASKS.map((one) => html`<option value=${one}>${said("task", one)}</option>`)}</select></div>`}
    <section class="part"><h2>${t("create.how")}</h2>
      <div class="algorithms" role="radiogroup" aria-label=${t("create.how")}>
        <${Choice} name=${AUTO} checked=${!chosen} about=${t("create.auto-about")} title=${t("create.auto")} then=${() => choose({ by: "", set: "", find: "" })} />
        ${algorithms.map((one) => html`<${Choice} name=${one.name} checked=${chosen === one} title=${said("algorithm", one.name)} about=${said("about", one.name)}
          unfit=${unfit(one)} then=${() => choose({ by: one.name, set: "", find: "" })} />`)}
      </div>
      ${chosen && html`<label class="check"><input type="checkbox" checked=${find} onChange=${(event) => choose({ find: event.target.checked ? "1" : "" })} />${t("create.find")}</label>`}
      ${(!chosen || find) && html`<${Seconds} id="seconds" value=${seconds} then=${(value) => choose({ seconds: value })} />`}
    </section>
    ${chosen && html`<section class="part"><h2>${t("settings")} <span class="aside">${Object.keys(values).length ? t("set.changed", { count: Object.keys(values).length }) : t("set.none-changed")}</span></h2>
      <${Settings} settings=${chosen.hyperparameters} values=${values} then=${setter("set", values)} errors=${errors} /></section>`}
    <${Training} ways=${ways} given=${given} then=${setter("how", given)} error=${error} dataset=${dataset} second=${second} />
    <section class="part"><h2>${t("steps")}</h2>
      <${Steps} steps=${steps} kept=${Boolean(model?.preprocessor)} transformers=${transformers} columns=${columns} shown=${seen.value} error=${seen.error || error} then=${(next) => choose({ steps: next ? JSON.stringify(next) : "" })} />
      <details class="effect" open=${steps !== null}><summary>${t("preview")}</summary><${Preview} of=${seen} /></details>
    </section>
    <${Go} names=${names} model=${model} given=${query.get("name")} made=${made} error=${error} fail=${setError} ready=${wrong.length === 0 && !odd && isReady(ways, given)} then=${(one) => choose({ name: one })} />`;
}

function Choice({ name, checked, title, about, unfit, then }) {
  return html`<label class="algorithm ${checked ? "chosen" : ""} ${unfit ? "unfit" : ""} ${name === AUTO ? "auto" : ""}">
    <input type="radio" name="algorithm" value=${name} checked=${checked} disabled=${Boolean(unfit)} onChange=${then} />
    <span><b>${title}</b><small>${unfit || about}</small></span>
  </label>`;
}

// The names that models have, and one for a model of this data set that none has.
function useNames(dataset) {
  const [taken, setTaken] = useState(null);
  useEffect(() => {
    let here = true;
    all("/v1/models?").then((found) => here && setTaken(new Set(found.map((one) => one.name))), () => here && setTaken(new Set()));
    return () => {
      here = false;
    };
  }, [dataset]);
  return useMemo(() => {
    if (!taken) return { taken: new Set(), free: "" };
    let free = dataset.slice(0, 60);
    for (let at = 2; taken.has(free); at++) free = `${dataset.slice(0, 56)}-${at}`;
    return { taken, free };
  }, [taken, dataset]);
}

// The name, and the press that creates the model and begins its training.
function Go({ names, model, given, made, error, fail, ready, then }) {
  const before = useRef(null);
  const name = model ? model.name : given ?? names.free;
  const same = JSON.stringify([made.dataset, made.algorithm, made.task, made.steps !== null]);
  const mine = before.current && before.current.name === name && before.current.same === same;
  const wrong = model ? "" : !NAME.test(name) ? t("create.name-rule") : names.taken.has(name) && !mine ? t("create.name-taken", { name }) : "";
  const create = async (go) => {
    fail(null);
    const path = `/v1/models/${encodeURIComponent(name)}`;
    try {
      if (!model) {
        await post("/v1/models", { name, algorithm: made.algorithm, dataset: made.dataset, ...(made.task ? { task: made.task } : {}) });
        names.taken.add(name);
        before.current = { name, same };
      }
      if (made.steps) await call("PUT", `${path}/preprocessor`, { preprocessor: chainOf(made.steps) });
      const run = await post(`${path}/train`, {
        ...made.ways,
        ...(made.auto ? { auto: made.auto, seconds: made.seconds } : {}),
        ...(Object.keys(made.values).length ? { hyperparameters: made.values } : {}),
      });
      go("runs", run.id);
    } catch (problem) {
      fail(problem);
    }
  };
  const go = t(model ? "train.go" : "create.go");
  return html`<section class="go" aria-label=${go}>
    ${error && html`<${Failure} error=${error} />`}
    <div class="go-row">
      ${!model && html`<label for="name">${t("create.name")}</label>
      <input id="name" value=${name} maxlength="63" autocomplete="off" spellcheck="false" aria-invalid=${names.free && wrong ? "true" : undefined} aria-describedby="name-wrong" onInput=${(event) => then(event.target.value || " ")} />`}
      ${wrong || !ready ? html`<button class="main" disabled>${go}</button>` : html`<${Do} act=${create}>${go}<//>`}
    </div>
    <p id="name-wrong" class="wrong" role="status">${(names.free && wrong) || (!ready && t("create.not-ready"))}</p>
  </section>`;
}
