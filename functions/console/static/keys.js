// Keys of programs, and sessions of browsers.
import { html, useRef, useState } from "./ui.js";
import { call, post, useLive } from "./api.js";
import { moment, t } from "./words.js";
import { Ago, Card, Do, Loaded, Page, State, Sure, Table, toClipboard } from "./parts.js";
import { Brought, useDraft } from "./drafts.js";

const SCOPES = ["read", "write", "predict", "admin"];
const BLANK = { name: "", scopes: ["predict"] };

const fits = (value, field) => (field === "scopes" ? Array.isArray(value) && value.every((one) => SCOPES.includes(one)) : field === "name" && typeof value === "string");

export function KeysScreen() {
  const keys = useLive("/v1/keys?limit=1000", () => 30);
  const sessions = useLive("/v1/sessions?limit=1000", () => 30);
  return html`<${Page} title=${t("place.keys")} lead=${t("keys.lead")}>
    <${New} then=${keys.again} />
    <${Loaded} of=${keys}>${(page) => html`<${Card} title=${t("keys")} wide=${true}>
      <${Table} label=${t("keys")} by=${(one) => one.id} rows=${page.items} columns=${[
        { name: t("name"), of: (one) => html`<span title=${one.id}>${one.name || one.id}</span>` },
        { name: t("scopes"), of: (one) => one.scopes.join(", ") },
        { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
        { name: t("ends"), of: (one) => (one.revoked ? t("keys.revoked") : one.expires ? html`<span class="nowrap">${moment(one.expires)}</span>` : t("keys.never")) },
        { name: "", of: (one) => !one.revoked && html`<${Sure} question=${t("keys.sure", { name: one.name || one.id })} act=${async () => {
          await call("DELETE", `/v1/keys/${one.id}`);
          keys.again();
        }}>${t("keys.revoke")}<//>` },
      ]} />
    <//>`}<//>
    <${Loaded} of=${sessions}>${(page) => html`<${Card} title=${t("sessions")} wide=${true}>
      <${Table} label=${t("sessions")} by=${(one) => one.id} rows=${page.items} columns=${[
        { name: t("key"), of: (one) => one.name || one.key },
        { name: t("begun"), of: (one) => html`<${Ago} at=${one.created} />` },
        { name: t("ends"), of: (one) => html`<span class="nowrap">${moment(one.expires)}</span>` },
        { name: "", of: (one) => html`<${Do} quiet=${true} act=${async () => {
          await call("DELETE", `/v1/sessions/${one.id}`);
          sessions.again();
        }}>${t("sessions.end")}<//>` },
      ]} />
    <//>`}<//>
  <//>`;
}

// A new key is shown once and kept nowhere: whoever leaves the page has seen it for the last time.
function New({ then }) {
  const [{ name, scopes }, set, draft] = useDraft("new", BLANK, fits);
  const [made, setMade] = useState(null);
  const secret = useRef();
  const make = async () => {
    const found = await post("/v1/keys", { name, scopes });
    setMade(found);
    draft.taken();
    then();
  };
  const turn = (scope) => set({ name, scopes: SCOPES.filter((one) => scopes.includes(one) !== (one === scope)) });
  return html`<${Card} title=${t("keys.new")} wide=${true}>
    <${Brought} of=${draft} />
    <div class="field"><label for="name">${t("name")}</label><input id="name" value=${name} maxlength="100" onInput=${(event) => set({ name: event.target.value, scopes })} /></div>
    <fieldset><legend>${t("scopes")}</legend>
      ${SCOPES.map((one) => html`<label class="check"><input type="checkbox" checked=${scopes.includes(one)} onChange=${() => turn(one)} /> ${one} <small>${t(`scope.${one}`)}</small></label>`)}
    </fieldset>
    <p class="actions"><${Do} act=${make}>${t("keys.make")}<//></p>
    ${made && html`<div class="secret" role="status"><p>${t("keys.once")}</p><code ref=${secret}>${made.secret}</code><${Do} quiet=${true} act=${() => toClipboard(made.secret, secret.current)}>${t("copy")}<//></div>`}
  <//>`;
}
