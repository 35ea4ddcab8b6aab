// Data sets: all of them, and one with the report of its newest version.
import { html } from "./ui.js";
import { call, useLive } from "./api.js";
import { count, figure, said, share, t } from "./words.js";
import { Ago, Card, go, link, Loaded, Page, State, Sure, Table } from "./parts.js";
import { Drop } from "./start.js";

export function DataScreen({ at }) {
  const [, name] = at.parts;
  return name ? html`<${One} name=${name} />` : html`<${All} />`;
}

function All() {
  const sets = useLive("/v1/datasets?limit=1000", () => 10);
  return html`<${Page} title=${t("place.data")}>
    <${Drop} />
    <${Loaded} of=${sets}>${(page) =>
      page.items.length > 0 && html`<${Card} wide=${true}>
        <${Table} label=${t("place.data")} rows=${page.items} columns=${[
          { name: t("data-set"), of: (one) => html`<a class="strong" href=${link("data", one.name)}>${one.name}</a>` },
          { name: t("label"), of: (one) => one.label },
          { name: t("versions"), number: true, of: (one) => count(one.latest) },
          { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
        ]} />
      <//>`}<//>
  <//>`;
}

function One({ name }) {
  const path = `/v1/datasets/${encodeURIComponent(name)}`;
  const found = useLive(path, () => 10);
  return html`<${Loaded} of=${found} title=${name}>${(set) => html`<${Shown} set=${set} path=${path} />`}<//>`;
}

function Shown({ set, path }) {
  const place = set.latest ? `${path}/versions/${set.latest}` : null;
  const version = useLive(place, () => 10);
  const report = useLive(place && `${place}/report`, () => 60);
  const remove = async () => {
    await call("DELETE", path);
    go("data");
  };
  return html`<${Page}
    title=${set.name}
    crumbs=${[{ href: link("data"), text: t("place.data") }]}
    lead=${set.models.length > 0 && html`${t("data.used")} ${set.models.map((one) => html`<a href=${link("models", one)}>${one}</a> `)}`}
    actions=${html`<${Sure} act=${remove} question=${t("data.sure", { name: set.name })}>${t("delete")}<//>`}>
    <${Loaded} of=${version}>${(one) => html`<p>${t("data.version", { version: one.version, rows: count(one.rows), columns: count(one.column_count), label: one.label })} <${State} state=${one.state} /></p>`}<//>
    <${Loaded} of=${report}>${(read) => html`
      ${read.findings.length > 0 && html`<${Card} title=${t("data.findings")} wide=${true}>
        <ul class="findings">${read.findings.map((one) => html`<li class=${one.level}>${one.message}${one.remedy && html`<code>${one.remedy}</code>`}</li>`)}</ul>
      <//>`}
      <div class="columns">${read.columns.map((one) => html`<${Column} of=${one} rows=${read.rows} label=${one.name === read.label.name} />`)}</div>`}<//>
  <//>`;
}

function Column({ of, rows, label }) {
  const drawing = of.drawing;
  const most = drawing ? Math.max(...drawing.counts, 1) : 1;
  return html`<section class="column ${label ? "is-label" : ""}">
    <header><h3>${of.name}</h3><span>${said("column", of.kind)}</span></header>
    ${drawing && drawing.counts.length > 0 && html`<div class="bars" role="img" aria-label=${t("column.drawing", { name: of.name })}>
      ${drawing.counts.map((n, at) => html`<i style=${{ height: `${Math.max(n ? 4 : 0, (100 * n) / most)}%` }} title="${drawing.labels[at]}: ${count(n)}"></i>`)}
    </div>`}
    <p>
      ${of.mean !== null && of.mean !== undefined ? t("column.numbers", { mean: figure(of.mean), low: figure(of.min), high: figure(of.max) }) : t("column.distinct", { count: of.distinct === null ? "–" : count(of.distinct) })}
      ${of.missing > 0 && html` · ${t("column.missing", { share: share(of.missing / Math.max(1, rows)) })}`}
    </p>
    <details><summary>${t("column.why")}</summary><p>${of.why}</p>
      ${drawing && html`<${Table} label=${of.name} rows=${drawing.labels.map((text, at) => [text, drawing.counts[at]])} columns=${[
        { name: of.name, of: ([text]) => text },
        { name: t("rows"), number: true, of: ([, n]) => count(n) },
      ]} />`}
    </details>
  </section>`;
}
