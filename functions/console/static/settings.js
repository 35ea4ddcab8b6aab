// Settings: who is signed in, to which platform, in which language, and how a program connects to it.
import { html } from "./ui.js";
import { useLive } from "./api.js";
import { language, moment, speak, t } from "./words.js";
import { Ago, Card, Copied, Facts, Failure, link, Loaded, Page, State } from "./parts.js";

const ADDRESS = new URL("../../", import.meta.url).href.replace(/\/$/, "");

export function SettingsScreen() {
  const who = useLive("/v1/session", () => 60);
  const health = useLive("/v1/health", () => 10);
  return html`<${Page} title=${t("place.settings")}>
    <div class="cards">
      <div class="stack"><${Card} title=${t("settings.platform")} aside=${health.error ? html`<${State} state="away" />` : health.value && html`<${State} state="answers" />`}>
        ${health.error && html`<${Failure} error=${health.error} again=${health.again} />`}
        <${Facts} of=${[
          [t("settings.address"), html`<code>${ADDRESS}</code>`],
          [t("settings.version"), health.error ? "–" : html`<${Loaded} of=${health}>${(found) => found.version}<//>`],
          [t("settings.api"), html`<a href=${`${ADDRESS}/openapi.json`} target="_blank" rel="noopener">openapi.json</a>`],
        ]} />
      <//>
      <${Card} title=${t("settings.language")}>
        <p class="hint">${t("settings.language-lead")}</p>
        <div class="choices" role="group" aria-label=${t("settings.language")}>
          ${[["en", "English"], ["zh", "中文"]].map(([name, text]) => html`<button lang=${name} aria-pressed=${name === language} disabled=${name === language} onClick=${() => speak(name)}>${text}</button>`)}
        </div>
      <//></div>
      <${Loaded} of=${who}>${(found) => html`<${Who} of=${found} />`}<//>
    </div>
    <${Card} title=${t("settings.connect")} wide=${true}>
      <p class="hint">${t("settings.connect-lead")} <a href=${link("keys")}>${t("settings.make-key")}</a></p>
      <div class="connect">
        <div class="stack"><h3>${t("settings.shell")}</h3><${Copied} label=${t("settings.shell")} text=${shell()} /></div>
        <div class="stack"><h3>Python</h3><${Copied} label="Python" text=${PYTHON} /></div>
        <div class="stack"><h3>HTTP</h3><${Copied} label="HTTP" text=${curl()} /></div>
      </div>
    <//>
  <//>`;
}

function Who({ of }) {
  return html`<${Card} title=${t("settings.who")}>
    <${Facts} of=${[
      [t("key"), html`<a href=${link("keys")} title=${of.key}>${of.name || of.key}</a>`],
      [t("settings.workspace"), of.workspace],
      [t("scopes"), of.scopes.map((one) => t(`scope.${one}`)).join(", ")],
      ...(of.created ? [[t("settings.session"), html`<${Ago} at=${of.created} />`], [t("ends"), moment(of.expires)]] : []),
    ]} />
    <p class="hint">${t("settings.session-lead")} <a href=${link("keys")}>${t("sessions")}</a></p>
  <//>`;
}

const KEY = "lpt_…";

function shell() {
  return `export LEPTON_URL=${ADDRESS}\nexport LEPTON_API_KEY=${KEY}\nlepton status`;
}

const PYTHON = `from lepton_ai import Model

# LEPTON_URL and LEPTON_API_KEY say where
model = Model(name="my_model")
print(model.monitor())`;

function curl() {
  return `curl ${ADDRESS}/v1/models \\\n  -H "X-Api-Key: ${KEY}"`;
}
