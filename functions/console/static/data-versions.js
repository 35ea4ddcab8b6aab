// The versions of a set: a file that is added or put in their place, what became of each, and the difference of two.
import { html, useRef, useState } from "./ui.js";
import { call } from "./api.js";
import { count, t } from "./words.js";
import { Ago, Card, onward, State, Sure, Table } from "./parts.js";
import { addressed } from "./data.js";
import { DifferenceCard } from "./data-diff.js";
import { Mend, Used } from "./remedy.js";
import { Earlier, spanOf } from "./numbered.js";

const REFUSED = 5;

export function VersionsTab({ set, path, number, versions, earlier, sending, refresh, to, at }) {
  const since = Number(at.query.get("diff")) || 0;
  const mode = at.query.get("mode") === "replace" ? "replace" : "append";
  const [error, setError] = useState(null);
  const [second, hold] = useState(null);
  const [every, setEvery] = useState(false);
  const remove = async (go, version, force) => {
    try {
      await call("DELETE", `${path}/versions/${version}${force ? "?force=true" : ""}`);
      setError(null);
      refresh();
      if (version === number) go("data", set.name, "versions");
    } catch (refused) {
      setError({ refused, version });
    }
  };
  const refused = (sending.uploads.value ? sending.uploads.value.items : []).filter((one) => one.state === "rejected").reverse();
  return html`<div class="stack">
    ${since > 0 && html`<${DifferenceCard} path=${path} number=${number} since=${since} versions=${versions} to=${to} />`}
    <${Add} set=${set} mode=${mode} sending=${sending} to=${to} since=${since} second=${second} hold=${hold} />
    ${error && html`<${Used} error=${error.refused} force=${(go) => remove(go, error.version, true)} />`}
    ${(versions.length > 0 || at.query.has("before")) && html`<${Card} title=${t("versions")} aside=${spanOf(versions, earlier, at.query)} wide=${true}>
      ${!versions.length && html`<p class="hint">${t("versions.gone")}</p>`}
      <${Table} label=${t("versions")} by=${(one) => one.version} rows=${[...versions].reverse()} columns=${[
        { name: t("version-name"), of: (one) => html`<a class="strong" href=${addressed(["data", set.name], { version: one.version === set.latest ? "" : one.version })} aria-current=${one.version === number ? "true" : undefined}>${t("version", { version: one.version })}</a>` },
        { name: t("state"), of: (one) => (one.state === "open" ? "–" : html`<${State} state=${one.state} />`) },
        { name: t("rows"), number: true, of: (one) => count(one.rows) },
        { name: t("data.columns"), number: true, of: (one) => count(one.column_count) },
        { name: t("label"), of: (one) => html`<span class="cut" title=${one.label}>${one.label}</span>` },
        { name: t("versions.made"), of: (one) => (one.appended_to ? t("versions.appended", { version: one.appended_to }) : one.held_out ? t("versions.held-out", { rows: count(one.held_out) }) : t("versions.file")) },
        { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
        { name: t("versions.actions"), of: (one) => html`<span class="actions">
          ${one.version !== number && html`<a href=${addressed(["data", set.name, "versions"], { version: Math.max(one.version, number), diff: Math.min(one.version, number) })}>${t("versions.compare", { version: number })}</a>`}
          <${Sure} act=${(go) => remove(go, one.version)} question=${t("data.sure-version", { version: one.version })} yes=${t("delete")}>${t("delete")}<//></span>` },
      ]} />
      <${Earlier} earlier=${earlier} query=${at.query} to=${(chosen) => to("versions", chosen)} />
    <//>`}
    ${refused.length > 0 && html`<${Card} title=${t("versions.refused")} wide=${true}><ul class="found">${(every ? refused : refused.slice(0, REFUSED)).map((one) => html`<li class="warning" key=${one.id}><${Mend} error=${one.error} send=${(file, body) => { window.scrollTo(0, 0); sending.send(file, mode, body, second); }} /></li>`)}</ul>
      ${refused.length > REFUSED && html`<p class="actions"><button class="quiet" onClick=${() => setEvery(!every)}>${every ? t("show-less") : t("show-all", { count: count(refused.length) })}</button></p>`}<//>`}
  </div>`;
}

// A place to drop or choose a file, and what is to be done with its rows.
function Add({ set, mode, sending, to, since, second, hold }) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const { busy } = sending;
  const take = async (file) => {
    if (!file || busy) return;
    window.scrollTo(0, 0);
    const go = onward();
    const made = await sending.send(file, set.latest ? mode : "replace", {}, second);
    if (made) hold(null);
    if (made && made.added !== 0) go("data", set.name, "report");
  };
  const choose = (next) => location.replace(to("versions", { mode: next === "append" ? "" : next, diff: since || "" }));
  return html`<section class="drop add ${over ? "over" : ""}" aria-label=${t("data.add")}
      onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)}
      onDrop=${(event) => { event.preventDefault(); setOver(false); take(event.dataTransfer.files[0]); }}>
    <p><b>${t("add.drop")}</b> <span class="hint">${t("drop.kinds")}</span></p>
    <button class="main" disabled=${busy} onClick=${() => input.current.click()}>${t("drop.choose")}</button>
    <input ref=${input} type="file" hidden aria-label=${t("add.drop")} onChange=${(event) => { take(event.target.files[0]); event.target.value = ""; }} />
    ${set.latest > 0 && html`<fieldset class="modes"><legend class="visually-hidden">${t("add.mode")}</legend>
      <label class="check"><input type="radio" name="mode" checked=${mode === "append"} onChange=${() => choose("append")} /><span><b>${t("add.append")}</b> ${t("add.append-what")}</span></label>
      <label class="check"><input type="radio" name="mode" checked=${mode === "replace"} onChange=${() => choose("replace")} /><span><b>${t("add.replace")}</b> ${t("add.replace-what")}</span></label>
    </fieldset>`}
    <${Second} of=${second} hold=${hold} busy=${busy} />
  </section>`;
}

// A second file, which goes with the next one that is sent.
function Second({ of, hold, busy }) {
  const input = useRef();
  const button = useRef();
  const leave = () => {
    hold(null);
    button.current.focus();
  };
  return html`<div class="actions second">
    <button class="quiet" ref=${button} disabled=${busy} onClick=${() => input.current.click()}>${t(of ? "add.another-second" : "add.second")}</button>
    ${of && html`<button class="quiet" disabled=${busy} onClick=${leave}>${t("add.no-second")}</button>`}
    <span class="hint wrap" role="status">${of ? t("add.holds-out", { name: of.name }) : t("add.second-what")}</span>
    <input ref=${input} type="file" hidden aria-label=${t("add.second")} onChange=${(event) => { hold(event.target.files[0] || of); event.target.value = ""; }} />
  </div>`;
}
