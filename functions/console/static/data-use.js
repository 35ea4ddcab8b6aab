// What learns from a set, what it is called and found by, and its end.
import { html, useState } from "./ui.js";
import { call, useLive } from "./api.js";
import { t } from "./words.js";
import { Card, Do, link, Loaded, Sure } from "./parts.js";
import { Reading } from "./reading.js";
import { Used } from "./remedy.js";
import { Brought, useDraft } from "./drafts.js";
import { addressed } from "./data.js";

export function UseTab({ set, path, number, sending, refresh }) {
  const described = useLive(set.latest ? `${path}/versions/${number}/describe` : null, () => 30);
  const [error, setError] = useState(null);
  const remove = async (go, force) => {
    try {
      await call("DELETE", `${path}${force ? "?force=true" : ""}`);
      go("data");
    } catch (refused) {
      setError(refused);
    }
  };
  return html`<div class="stack">
    <div class="cards">
      <${Card} title=${t("use.models")}>
        ${set.models.length ? html`<ul class="plain">${set.models.map((one) => html`<li><a href=${link("models", one)}>${one}</a></li>`)}</ul>` : html`<p class="hint">${t("use.nobody")}</p>`}
        ${set.latest > 0 && html`<h3>${t("use.trained", { version: number })}</h3>
          <${Loaded} of=${described}>${(one) => (one.trained.length ? html`<ul class="plain">${one.trained.map((each) => html`<${Trained} of=${each} />`)}</ul>` : html`<p class="hint">${t("use.no-training")}</p>`)}<//>`}
      <//>
      <${Card} title=${t("use.name")}><${Name} set=${set} path=${path} /><//>
      <${Card} title=${t("data.tags")}><${TagsForm} set=${set} path=${path} refresh=${refresh} /><//>
    </div>
    <${Card} title=${t("use.file")} wide=${true}>
      ${set.latest > 0 && html`<${Loaded} of=${described}>${(one) => html`<${Reading} key=${number} of=${one} set=${set} number=${number} sending=${sending} />`}<//>`}
    <//>
    <${Card} title=${t("use.delete")}>
      <p>${t("use.delete-what")}</p>
      ${error && html`<${Used} error=${error} force=${(go) => remove(go, true)} />`}
      <p class="actions"><${Sure} act=${(go) => remove(go, false)} question=${t("data.sure", { name: set.name })} yes=${t("delete")}>${t("use.delete-it", { name: set.name })}<//></p>
    <//>
  </div>`;
}

function Trained({ of }) {
  const cut = of.lastIndexOf("/");
  const [model, version] = [of.slice(0, cut), of.slice(cut + 1)];
  return html`<li><a href=${link("models", model, "versions")}>${model} · ${t("version", { version })}</a></li>`;
}

function Name({ set, path }) {
  const [name, setName, draft] = useDraft("name", set.name);
  const rename = async (go) => {
    const found = await call("PUT", `${path}/name`, { name: name.trim() });
    draft.sent();
    go("data", found.name, "use");
  };
  return html`<${Brought} of=${draft} /><div class="in-line"><div class="field"><label for="set-name">${t("name")}</label><input id="set-name" value=${name} maxlength="63" onInput=${(event) => setName(event.target.value)} /></div>
    ${name.trim() && name.trim() !== set.name && html`<${Do} act=${rename}>${t("use.rename")}<//>`}</div>
    <p class="hint">${t("use.rename-what")}</p>`;
}

function TagsForm({ set, path, refresh }) {
  const [text, setText, draft] = useDraft("tags", "");
  const put = (tags) => call("PUT", `${path}/tags`, { tags });
  const more = text.split(/[\s]+/).filter(Boolean);
  const add = async () => {
    await put([...set.tags, ...more]);
    draft.taken();
    refresh();
  };
  const remove = async (tag) => {
    await put(set.tags.filter((each) => each !== tag));
    refresh();
  };
  return html`<div class="stack">
    ${set.tags.length > 0 && html`<ul class="tags">${set.tags.map((one) => html`<li class="tag" key=${one}><a href=${addressed(["data"], { tag: one })}>${one}</a><${Do} quiet=${true} act=${() => remove(one)}><span aria-hidden="true">×</span><span class="visually-hidden">${t("use.untag", { tag: one })}</span><//></li>`)}</ul>`}
    <form class="in-line" onSubmit=${(event) => event.preventDefault()}><div class="field"><label for="tags">${t("use.tags")}</label><input id="tags" value=${text} onInput=${(event) => setText(event.target.value)} /></div>
      ${more.length > 0 && html`<${Do} act=${add}>${t("use.tag")}<//>`}</form>
    <p class="hint">${t("use.tags-what")}</p>
  </div>`;
}
