"""What a person sees of the console: how long a screen takes in a browser, and what one that is left open holds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.full_platform import NAME
from tests.support.browser import CHROMIUM

VIEW = {"width": 1280, "height": 860}

_SHOWN = """
const shown = (title, what) => {
  const main = document.querySelector("main");
  const head = main?.querySelector("h1")?.textContent;
  return head && (!title || head === title) && main.querySelector(what) && !main.querySelector(".loading");
};
const begun = performance.now();
const all = async (title, what) => {
  while (!shown(title, what)) {
    await frame();
    if (performance.now() - begun > 60000) throw new Error(`${location.hash} never shows ${what}`);
  }
  await frame();
};
const frame = () => new Promise((then) => requestAnimationFrame(then));
"""

_CLICK = f"""async ([where, title, what]) => {{
  {_SHOWN}
  const link = document.querySelector(where);
  const began = performance.now();
  link.click();
  await all(title, what);
  return performance.now() - began;
}}"""

_LOADED = f"""async ([title, what]) => {{
  {_SHOWN}
  await all(title, what);
  return performance.now();
}}"""

_HURRY = """
// Seconds go by as milliseconds, and each answer comes whole, as if everything had changed: the worst case.
const wait = window.setTimeout.bind(window);
window.setTimeout = (then, time, ...rest) => wait(then, time >= 1000 ? time / 1000 : time, ...rest);
const ask = window.fetch.bind(window);
window.looks = 0;
window.fetch = (where, how) => {
  if (String(where).includes("/v1/models")) window.looks += 1;
  const { "If-None-Match": known, ...headers } = how?.headers || {};
  return ask(where, how && { ...how, headers });
};
"""


@contextmanager
def signed_in(url: str, key: str, script: str = "") -> Iterator[Page]:
    """A page of a real browser, signed in."""
    if CHROMIUM is None:
        raise RuntimeError("no browser: install chromium, or name one in LEPTON_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_context(viewport=VIEW, locale="en-US").new_page()  # type: ignore[arg-type]
            if script:
                page.add_init_script(script)
            page.goto(url)
            page.get_by_label("API key").fill(key)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", level=1).wait_for()
            yield page
        finally:
            browser.close()


def clicks(url: str, key: str, run: str, turns: int) -> Mapping[str, list[float]]:
    """Seconds until each screen is shown, of each turn."""
    times: dict[str, list[float]] = {}
    with signed_in(url, key) as page:
        page.evaluate(_LOADED, ["", "table tbody tr"])
        for _ in range(turns):
            # A new document each turn: what was asked for before is asked for again.
            page.goto("about:blank")
            page.goto(url, wait_until="commit")
            times.setdefault("start, from an empty page", []).append(
                page.evaluate(_LOADED, ["", "table tbody tr"]) / 1e3
            )
            for what, where, title, there in (
                ("runs", ".side a[href='#/runs']", "Runs", "table tbody tr"),
                ("a run of 100,000 iterations", f"main a[href='#/runs/{run}']", f"Training of {NAME}", "svg"),
                ("its model", f"main a[href='#/models/{NAME}']", NAME, ".verdict, .facts"),
                ("data", ".side a[href='#/data']", "Data", "table tbody tr"),
                ("a data set", f"main a[href='#/data/{NAME}']", NAME, ".tabs, .card"),
                (
                    "models, of a page that is open",
                    ".side a[href='#/']",
                    "",
                    "table tbody tr a[href^='#/models/']",
                ),
            ):
                page.evaluate(
                    "(where) => { if (!document.querySelector(where)) throw new Error(where); }", where
                )
                times.setdefault(what, []).append(page.evaluate(_CLICK, [where, title, there]) / 1e3)
    return times


def grown(url: str, key: str, looks: int) -> list[str]:
    """What the first screen holds after a few looks, and after so many more."""
    with signed_in(url, key, _HURRY) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")

        def held(after: int) -> tuple[float, float]:
            page.wait_for_function(
                "(most) => window.looks >= most", arg=after, timeout=3_600_000, polling=1000
            )
            for _ in range(3):
                devtools.send("HeapProfiler.collectGarbage")
            told = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
            return told["JSHeapUsedSize"] / 1e6, told["Nodes"]

        first, last = held(min(100, looks)), held(looks + min(100, looks))
    return [
        f"| memory of the first screen after {min(100, looks)} looks | {first[0]:.1f} MB, {first[1]:,.0f} nodes |",
        f"| after {looks:,} more | {last[0]:.1f} MB, {last[1]:,.0f} nodes |",
    ]
