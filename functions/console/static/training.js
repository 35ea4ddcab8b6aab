// How a training is done, beside the settings of its algorithm: the same form, whose words are the page's own.
import { html } from "./ui.js";
import { count, said, t } from "./words.js";
import { link } from "./parts.js";
import { Settings, useOpened, wrongOf } from "./fields.js";

const BY_COLUMN = ["group", "time", "column"];

// The fields that go with what is trained: `auto` is how it is searched (false: not at all), `given` is what was typed.
// Where the data have a second file, its rows are held out and no others: then there is no choice of a split.
export function waysOf({ task, auto, columns, versions, champion, second, given }) {
  const classes = task === "classification";
  const none = { usual: t("training.none") };
  const found = [
    !second && field("split", "str", { choices: ["rows", "near_copies", ...BY_COLUMN], default: "rows", spoken: (one) => said("split", one) }),
    !second && BY_COLUMN.includes(given.split) && field("split_column", "str", { choices: columns, ...none }),
    !second && given.split !== "column" && field("fraction", "float", { above: 0, below: 1, default: 0.2 }),
    field("weight", "str", { choices: columns, ...none }),
    classes && field("class_weight", "dict", { words: ["balanced"], ...none }),
    field("refit", "bool"),
    classes && field("calibrate", "bool", { default: auto === true }),
    field("uncertainty", "bool", { default: auto === true }),
    auto && field("trials", "int", { low: 1, high: 200, ...none }),
    auto === true && field("members", "int", { low: 0, high: 20, default: 5 }),
    auto === true && field("megabytes", "float", { above: 0, ...none }),
    auto === true && field("milliseconds", "float", { above: 0, ...none }),
    field("seed", "int", { low: 0, default: 0 }),
    versions > 1 && field("dataset_version", "int", { low: 1, high: versions, default: versions }),
    !auto && champion && field("warm_start", "bool", { default: false }),
    field("deploy", "bool", { default: false }),
  ];
  return found.filter(Boolean);
}

function field(name, type, more = {}) {
  return { name, type, title: t(`training.${name}`), help: t(`explained.${name}`), ...more };
}

// What of `given` has a field, as the API takes it.
export function asked(ways, given) {
  const { split, split_column: column, fraction, ...rest } = Object.fromEntries(ways.filter((one) => given[one.name] !== undefined).map((one) => [one.name, given[one.name]]));
  if (split === undefined && fraction === undefined) return rest;
  return { ...rest, split: { by: split ?? "rows", ...(column === undefined ? {} : { column }), ...(fraction === undefined ? {} : { fraction }) } };
}

const lacks = (ways, given) => ways.some((one) => one.name === "split_column") && !given.split_column;

export function isReady(ways, given) {
  return ways.every((one) => !wrongOf(one, given[one.name])) && !lacks(ways, given);
}

const FIELDS = { "split.column": "split_column", "split.fraction": "fraction", "split.by": "split" };

export function Training({ ways, given, then, error, dataset, second }) {
  const changed = ways.filter((one) => given[one.name] !== undefined).length;
  const errors = lacks(ways, given) ? { split_column: t("training.choose") } : {};
  if (error && error.field) errors[FIELDS[error.field] || error.field] = error.message;
  const open = useOpened(changed);
  const files = second ? t("training.second", { rows: count(second) }) : html`${t("training.no-second")} <a href=${link("data", dataset, "versions")}>${t("data.add")}</a>`;
  return html`<section class="part"><details open=${open}><summary><h2>${t("training")} <span class="aside">${changed ? t("set.changed", { count: changed }) : t("set.none-changed")}</span></h2></summary>
    <p class="hint">${files}</p>
    <${Settings} prefix="how" settings=${ways} values=${given} then=${then} errors=${errors} />
  </details></section>`;
}
