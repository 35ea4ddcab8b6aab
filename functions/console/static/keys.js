// Keys of programs, and sessions of browsers.
import { html, useEffect, useRef, useState } from "./ui.js";
import { call, post, useList } from "./api.js";
import { moment, t } from "./words.js";
import { Ago, Card, Do, Loaded, own, Page, Sure, Table, toClipboard } from "./parts.js";
import { Brought, useDraft } from "./drafts.js";

const SCOPES = ["read", "write", "predict", "admin"];
// So many seconds an old key may go on working beside its successor.
const OVERLAPS = [0, 3600, 86_400, 604_800];
// So many seconds a new key may work; nought is for ever.
const LIVES = [0, 86_400, 604_800, 2_592_000, 7_776_000, 31_536_000];
const BLANK = { name: "", scopes: ["predict"], life: LIVES[0] };

const FITS = {
  name: (value) => typeof value === "string",
  scopes: (value) => Array.isArray(value) && value.every((one) => SCOPES.includes(one)),
  life: (value) => LIVES.includes(value),
};
const fits = (value, field) => Boolean(own(FITS, field)?.(value));

const nameOf = (one) => one.name || one.id;
const ahead = (end) => new Date(end).getTime() > Date.now();
const works = (one) => [one.revoked, one.expires].every((end) => !end || ahead(end));

// When a key ends, or has ended. One that was replaced may work for a while.
function endOf({ revoked, expires }) {
  const first = [revoked, expires].filter(Boolean).sort((a, b) => new Date(a) - new Date(b))[0];
  if (!first) return t("keys.never");
  if (ahead(first)) return first === revoked ? t("keys.until", { end: moment(first) }) : moment(first);
  return first === revoked ? t("keys.revoked") : t("keys.expired", { end: moment(first) });
}

export function KeysScreen() {
  const keys = useList("/v1/keys?limit=1000", () => 30);
  const sessions = useList("/v1/sessions?limit=1000", () => 30);
  const [pair, setPair] = useState(null);
  const revoke = async (one) => {
    await call("DELETE", `/v1/keys/${one.id}`);
    keys.again();
  };
  return html`<${Page} title=${t("place.keys")} lead=${t("keys.lead")}>
    <${New} then=${keys.again} />
    <${Loaded} of=${keys}>${(page) => html`<${Card} title=${t("keys")} wide=${true}>
      ${pair && html`<${Replaced} key=${pair.made.id} ...${pair} now=${page.items.find((one) => one.id === pair.old.id)} revoke=${revoke} />`}
      <${Table} label=${t("keys")} by=${(one) => one.id} rows=${page.items} columns=${[
        { name: t("name"), of: (one) => html`<span title=${one.id}>${nameOf(one)}</span>` },
        { name: t("scopes"), of: (one) => one.scopes.join(", ") },
        { name: t("created"), of: (one) => html`<${Ago} at=${one.created} />` },
        { name: t("ends"), of: (one) => html`<span class="nowrap">${endOf(one)}</span>` },
        { name: "", of: (one) => works(one) && html`<span class="actions">
          ${!one.revoked && html`<${Replace} of=${one} then=${(made) => { setPair({ old: one, made }); keys.again(); }} />`}
          <${Sure} question=${t("keys.sure", { name: nameOf(one) })} act=${() => revoke(one)}>${t("keys.revoke")}<//></span>` },
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
  const [wanted, set, draft] = useDraft("new", BLANK, fits);
  const { name, scopes, life } = wanted;
  const [made, setMade] = useState(null);
  const make = async () => {
    const found = await post("/v1/keys", { name, scopes, ...(life ? { expires_in: life } : {}) });
    setMade(found);
    draft.taken();
    then();
  };
  const turn = (scope) => set({ ...wanted, scopes: SCOPES.filter((one) => scopes.includes(one) !== (one === scope)) });
  return html`<${Card} title=${t("keys.new")} wide=${true}>
    <${Brought} of=${draft} />
    <div class="field"><label for="name">${t("name")}</label><input id="name" value=${name} maxlength="100" onInput=${(event) => set({ ...wanted, name: event.target.value })} /></div>
    <fieldset><legend>${t("scopes")}</legend>
      ${SCOPES.map((one) => html`<label class="check"><input type="checkbox" checked=${scopes.includes(one)} onChange=${() => turn(one)} /> ${one} <small>${t(`scope.${one}`)}</small></label>`)}
    </fieldset>
    <div class="field"><label for="life">${t("keys.life")}</label>
      <select id="life" value=${life} onChange=${(event) => set({ ...wanted, life: Number(event.target.value) })}>${LIVES.map((one) => html`<option value=${one}>${t(`life.${one}`)}</option>`)}</select></div>
    <p class="actions"><${Do} act=${make}>${t("keys.make")}<//></p>
    ${made && html`<${Secret} of=${made} text=${t("keys.once")} />`}
  <//>`;
}

function Secret({ of, text }) {
  const place = useRef();
  return html`<div class="secret" role="status"><p>${text}${of.expires && ` ${t("keys.ends-at", { end: moment(of.expires) })}`}</p><code ref=${place}>${of.secret}</code><${Do} quiet=${true} act=${() => toClipboard(of.secret, place.current)}>${t("copy")}<//></div>`;
}

// A new key with the rights and the lifetime of `of`, which goes on working for as long as is chosen.
function Replace({ of, then }) {
  const [overlap, setOverlap, draft] = useDraft(`overlap ${of.id}`, OVERLAPS[OVERLAPS.length - 1], (one) => OVERLAPS.includes(one));
  const id = `overlap-${of.id}`;
  const replace = async () => {
    const made = await post(`/v1/keys/${of.id}/rotate`, { overlap });
    draft.forget();
    then(made);
  };
  return html`<${Sure} question=${t("keys.replace-sure", { name: nameOf(of) })} danger=${overlap === 0} act=${replace} more=${html`<div class="field">
    <label for=${id}>${t("keys.overlap")}</label>
    <select id=${id} value=${overlap} onChange=${(event) => setOverlap(Number(event.target.value))}>${OVERLAPS.map((one) => html`<option value=${one}>${t(`overlap.${one}`)}</option>`)}</select>
  </div>`}>${t("keys.replace")}<//>`;
}

// The new key, which is shown once, and the way to end the old one as soon as nothing uses it.
function Replaced({ old, made, now, revoke }) {
  const box = useRef();
  useEffect(() => {
    box.current.scrollIntoView({ block: "nearest" });
    box.current.focus({ preventScroll: true });
  }, []);
  const alive = now?.revoked && works(now);
  return html`<div class="replaced" tabindex="-1" ref=${box}>
    <${Secret} of=${made} text=${t("keys.replaced", { name: nameOf(old) })} />
    <p>${alive ? t("keys.old-until", { end: moment(now.revoked) }) : now?.revoked && t("keys.old-ended")}</p>
    ${alive && html`<p class="actions"><${Do} quiet=${true} act=${() => revoke(old)}>${t("keys.revoke-old")}<//></p>`}
  </div>`;
}
