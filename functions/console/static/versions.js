// The versions of a model: what serves, and what else there is to serve.
import { html } from "./ui.js";
import { post, useLive } from "./api.js";
import { count, figure, said, t } from "./words.js";
import { Ago, Card, Do, link, Loaded, State, Table } from "./parts.js";

// The tab of a model with all its versions.
export function VersionsTab({ model, path, again }) {
  const versions = useLive(`${path}/versions?limit=1000`, () => (model.run ? 2 : 30));
  return html`<${Loaded} of=${versions}>${(page) =>
    page.items.length > 0
      ? html`<${Versions} model=${model} versions=${[...page.items].reverse()} path=${path} again=${() => { again(); versions.again(); }} />`
      : html`<p class="lead">${t("model.nothing-serves")}</p>`}<//>`;
}

function Versions({ model, versions, path, again }) {
  const deploy = async (version) => {
    await post(`${path}/deploy`, { version });
    again();
  };
  return html`<${Card} title=${t("versions")} aside=${count(versions.length)} wide=${true}>
    <${Table} label=${t("versions")} rows=${versions} columns=${[
      { name: t("version-name"), of: (one) => t("version", { version: one.version }) },
      { name: t("algorithm"), of: (one) => said("algorithm", one.algorithm) },
      { name: t("loss"), number: true, of: (one) => figure(one.metrics.log_loss ?? one.metrics.rmse) },
      { name: t("data"), of: (one) => html`<a href=${link("data", one.dataset)}>${one.dataset} ${one.dataset_version}</a>` },
      { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
      {
        name: t("serving"),
        of: (one) =>
          one.version === model.champion && model.state !== "retired"
            ? html`<${State} state="serving" />`
            : model.state !== "retired" && html`<${Do} quiet=${true} act=${() => deploy(one.version)}>${t("deploy")}<//>`,
      },
    ]} />
  <//>`;
}
