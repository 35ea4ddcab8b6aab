// The place of services: those that run on the machine of the platform, and how one is started.
import { html } from "./ui.js";
import { useLast, useList, useLive } from "./api.js";
import { useAddress } from "./address.js";
import { count, more, t } from "./words.js";
import { Card, Empty, link, Loaded, Page } from "./parts.js";
import { ServiceList } from "./service-list.js";
import { StartService } from "./service-start.js";

await more("serve");

const PACE = 5;
const MOST = 1000;

export function ServicesScreen() {
  const services = useLast(useLive("/v1/services", () => PACE));
  const here = services.value?.here;
  return html`<${Page} title=${t("place.services")} lead=${here === false ? t("service.elsewhere") : t("service.lead")}>
    ${here !== false && html`<${Loaded} of=${services}>${({ items }) => html`<${Running} items=${items} changed=${services.again} />`}<//>`}
    <${Start} services=${services.value} />
  <//>`;
}

function Running({ items, changed }) {
  return html`<${Card} title=${t("service.running")} aside=${count(items.length)} wide=${true}>
    ${!items.length && html`<${Empty} title=${t("service.none")}><p>${t("service.none-why")}</p><//>`}
    <${ServiceList} rows=${items} changed=${changed} />
  <//>`;
}

// The model is the first one that serves, unless the address names another one.
function Start({ services }) {
  const [query, change] = useAddress();
  const models = useLast(useList(`/v1/models?limit=${MOST}&state=active`, () => 30, () => true));
  return html`<${Card} title=${t("serve.start")} wide=${true}>
    <${Loaded} of=${models}>${({ items }) => {
      const served = items.filter((one) => one.champion);
      const model = served.find((one) => one.name === query.get("model")) || served[0];
      if (!model) return html`<p>${t("serve.no-model")} <a href="#/">${t("serve.to-models")}</a></p>`;
      return html`<p class="hint">${t("serve.lead")}</p>
        <div class="field"><label for="serve-model">${t("serve.model")}</label>
          <select id="serve-model" value=${model.name} onChange=${(event) => change({ model: event.target.value })}>${served.map((one) => html`<option value=${one.name}>${one.name}</option>`)}</select></div>
        <${StartService} key=${model.name} model=${model} services=${services} query=${query} change=${change} />`;
    }}<//>
  <//>`;
}
