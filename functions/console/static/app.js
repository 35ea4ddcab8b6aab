// The frame of all screens: who is signed in, where to go, and which screen the address names.
import { html, render, useEffect, useLayoutEffect, useState } from "./ui.js";
import { call, get, onSignedOut, post } from "./api.js";
import { language, loadWords, speak, t } from "./words.js";
import { choose, Do, Failure, go, Guarded, link, own, Page, route } from "./parts.js";
import { leave as leaveDrafts, pause, resume } from "./drafts.js";
import { Start } from "./start.js";

// Whether this browser has signed in before: its cookie is out of reach, and to ask in vain would be an error.
const KNOWN = "lepton-signed-in";

// Screens that not everybody looks at first are loaded when they are.
const SCREENS = {
  models: [() => import("./model.js"), "ModelScreen"],
  new: [() => import("./create.js"), "CreateScreen"],
  runs: [() => import("./runs.js"), "RunScreen"],
  data: [() => import("./data.js"), "DataScreen"],
  services: [() => import("./services.js"), "ServicesScreen"],
  keys: [() => import("./keys.js"), "KeysScreen"],
  settings: [() => import("./settings.js"), "SettingsScreen"],
};

const PLACES = [
  ["start", []],
  ["data", ["data"]],
  ["runs", ["runs"]],
  ["services", ["services"]],
  ["keys", ["keys"]],
  ["settings", ["settings"]],
];

function Screen({ at }) {
  const [first] = at.parts;
  const [screen, setScreen] = useState(null);
  const [error, setError] = useState(null);
  const known = own(SCREENS, first);
  useEffect(() => {
    setError(null);
    if (!known) return;
    let here = true;
    const [load, name] = known;
    load().then((found) => here && setScreen({ first, of: found[name] }), (problem) => here && setError(problem));
    return () => {
      here = false;
    };
  }, [first]);
  if (!first || (first === "models" && at.parts.length === 1)) return html`<${Start} at=${at} />`;
  if (!known) return html`<${Page} title=${t("no-such-page")} />`;
  if (error) return html`<${Failure} error=${{ code: "unreachable" }} again=${() => location.reload()} />`;
  return screen && screen.first === first ? html`<${screen.of} at=${at} key=${at.parts.slice(0, 2).join("/")} />` : null;
}

function SignIn({ then, error }) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState(error);
  const send = async (event) => {
    event.preventDefault();
    try {
      then(await post("/v1/session", { key: key.trim() }));
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<main class="sign-in">
    <form onSubmit=${send}>
      <h1><${Mark} />Lepton</h1>
      <p>${t("sign-in.lead")}</p>
      <label for="key">${t("sign-in.key")}</label>
      <input id="key" type="password" autocomplete="current-password" required value=${key} onInput=${(event) => setKey(event.target.value)} />
      ${problem && html`<${Failure} error=${problem} />`}
      <button class="main">${t("sign-in")}</button>
      <p class="hint">${t("sign-in.hint")}</p>
    </form>
  </main>`;
}

function Mark() {
  return html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="3.2" /><ellipse cx="12" cy="12" rx="10" ry="4.2" transform="rotate(-32 12 12)" /></svg>`;
}

function App() {
  const [who, setWho] = useState(undefined);
  const [problem, setProblem] = useState(null);
  const [at, setAt] = useState(route());
  const [, tick] = useState(0);

  // A screen that is opened anew reads the address as it is by now.
  const chosen = () => setAt(route());
  useLayoutEffect(() => {
    const moved = () => {
      chosen();
      window.scrollTo(0, 0);
    };
    window.addEventListener("hashchange", moved);
    window.addEventListener("chosen", chosen);
    onSignedOut(() => entered(null));
    enter();
    return () => {
      window.removeEventListener("hashchange", moved);
      window.removeEventListener("chosen", chosen);
    };
  }, []);

  // What was a minute ago is two minutes ago by now, also where nothing else changed.
  useEffect(() => {
    const clock = setInterval(() => tick((minutes) => minutes + 1), 60_000);
    return () => clearInterval(clock);
  }, []);

  function entered(found) {
    if (found) {
      localStorage.setItem(KNOWN, "1");
      if (resume(found)) choose({});
      else chosen();
    } else {
      localStorage.removeItem(KNOWN);
      pause();
    }
    setWho(found);
  }

  // A link of `lepton up` signs in once; then it goes out of the address, and out of the history.
  async function enter() {
    const { parts } = route();
    setProblem(null);
    try {
      if (parts[0] === "sign-in") {
        history.replaceState(null, "", "#/");
        setAt(route());
        try {
          entered(await post("/v1/session", { ticket: parts[1] || "" }));
          return;
        } catch (refused) {
          if (refused.code === "unreachable") throw refused;
          setProblem(refused);
        }
      }
      if (!localStorage.getItem(KNOWN)) {
        setWho(null);
        return;
      }
      entered(await get("/v1/session"));
      setProblem(null);
    } catch (refused) {
      // A key that may not read has a session, and nothing to see here: the way on is another key.
      if (refused.status !== 401) setProblem(refused);
      if ([401, 403].includes(refused.status)) entered(null);
    }
  }

  if (who === null) return html`<${SignIn} then=${(found) => { setProblem(null); entered(found); }} error=${problem} />`;
  if (who === undefined) return problem ? html`<main class="sign-in"><${Failure} error=${problem} again=${enter} /></main>` : null;

  const leave = async () => {
    try {
      await call("DELETE", "/v1/session");
    } catch (refused) {
      if (refused.status !== 401) throw refused;
    }
    leaveDrafts();
    entered(null);
    go();
  };
  const [first] = at.parts;
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.querySelector("main h1")?.focus(); }}>${t("skip")}</a>
    <aside class="side">
      <a class="brand" href="#/"><${Mark} />Lepton</a>
      <nav aria-label=${t("places")}>
        ${PLACES.map(([name, parts]) => {
          const here = parts[0] === first || (!parts.length && (!first || first === "models" || first === "new"));
          return html`<a href=${link(...parts)} aria-current=${here ? "page" : undefined}>${t(`place.${name}`)}</a>`;
        })}
      </nav>
      <div class="who">
        <span title=${[who.name, who.key].filter(Boolean).join(" · ")}>${who.name || who.key}</span>
        <small>${who.workspace}</small>
        <div>
          <button class="quiet" onClick=${() => speak(language === "en" ? "zh" : "en")} lang=${language === "en" ? "zh" : "en"}>${t("other-language")}</button>
          ${who.id && html`<${Do} quiet=${true} act=${leave}>${t("sign-out")}<//>`}
        </div>
      </div>
    </aside>
    <main id="main"><${Guarded} at=${at}><${Screen} at=${at} /><//></main>`;
}

await loadWords();
render(html`<${App} />`, document.getElementById("app"));
import("./focus.js").catch(() => {}); // without it the page works as well
