"""Every control of every screen does something: it changes the address, the page or a record."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, Request

from tests.functions.console.conftest import BACKSTOP_MS, Here
from tests.functions.console.walk import Walker
from tests.support.sampling import some

pytestmark = pytest.mark.slow

ENABLED = ":is(button, select, input, textarea):enabled"
CONTROLS = f"main :is(a[href], summary, {ENABLED}), aside :is(a[href], button)"
IN_DIALOG = f"dialog[open] {ENABLED}"
LEAVES = ("Sign out", "End", "中文")
"""What ends the session of the one who crawls, or has other words on every screen: the last test presses it."""

NAME = """(one) => (one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText
  || one.title || one.tagName).trim()"""
SHOWN = "one.checkVisibility() && one.href !== location.href"
"""Where one is already, no link leads."""

STATE = """() => [location.href,
  document.querySelector('main').outerHTML, document.querySelector('aside')?.outerHTML,
  [...document.querySelectorAll('input, select, textarea')].map((one) => [one.checked, one.value]),
  [...document.querySelectorAll('dialog, details')].map((one) => one.open), document.activeElement?.tagName]"""


@dataclass
class Crawler:
    """Operates controls, and knows what changed by it."""

    walker: Walker
    written: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.walker.page
        page.on("request", self._writes)
        page.on("popup", lambda one: (self.elsewhere.append(one.url), one.close()))
        page.on("download", lambda one: self.elsewhere.append(one.suggested_filename))
        page.on("filechooser", lambda one: self.elsewhere.append("a file is asked for"))

    def _writes(self, request: Request) -> None:
        if request.method != "GET":
            self.written.append(f"{request.method} {request.url}")

    def state(self) -> object:
        """All that somebody sees, and what was written or opened elsewhere so far."""
        return self.walker.page.evaluate(STATE), len(self.written), len(self.elsewhere)

    def works(self, control: Locator) -> bool:
        """Operate it; whether anything changed."""
        before = self.state()
        operate(control)
        self.walker.page.wait_for_timeout(30)
        if self.state() != before:
            return True
        self.walker.settled()
        return self.state() != before


def operate(control: Locator) -> None:
    """As somebody with a mouse and a keyboard does."""
    kind = control.evaluate("(one) => one.tagName === 'INPUT' ? one.type : one.tagName.toLowerCase()")
    if kind == "select":
        values = control.evaluate(
            "(one) => [...one.options].filter((of) => !of.disabled).map((of) => of.value)"
        )
        now = control.input_value()
        control.select_option(next((one for one in values if one != now), now))
    elif kind == "range":
        control.press("ArrowRight" if control.input_value() != control.get_attribute("max") else "ArrowLeft")
    elif kind in {"date", "datetime-local", "number"}:
        control.fill({"date": "2026-02-03", "datetime-local": "2026-02-03T04:05", "number": "3"}[kind])
    elif kind in {"text", "search", "password", "email", "textarea"}:
        control.fill("a" if control.input_value() != "a" else "b")
    else:
        control.click()


def controls_of(page: Page, which: str) -> list[tuple[str, int]]:
    """Each control by its name, and by how manyth of that name it is."""
    names = page.eval_on_selector_all(which, f"all => all.filter((one) => {SHOWN}).map({NAME})")
    return [(name, names[:at].count(name)) for at, name in enumerate(names)]


def found(page: Page, which: str, name: str, nth: int) -> Locator | None:
    """The control of that name, if it is still there; it is marked, as its place changes with the page."""
    there = page.eval_on_selector_all(
        which,
        f"""(all, [name, nth]) => {{
          document.querySelectorAll("[data-found]").forEach((one) => one.removeAttribute("data-found"));
          const one = all.filter((one) => {SHOWN} && ({NAME})(one) === name)[nth];
          one?.setAttribute("data-found", "");
          return one !== undefined; }}""",
        [name, nth],
    )
    return page.locator("[data-found]") if there else None


@pytest.fixture
def crawler(browser: Browser, full: Here) -> Iterator[Crawler]:
    wrong: list[str] = []
    context = browser.new_context(
        viewport={"width": 1280, "height": 860},
        locale="en-US",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(BACKSTOP_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(full.address())
    page.locator("main h1").wait_for()
    yield Crawler(Walker(page, full.url))
    context.close()
    assert wrong == []


def test_every_control_does_something(crawler: Crawler) -> None:
    walker, page = crawler.walker, crawler.walker.page
    every = [(address, *one) for address in walker.screens() for one in controls_of(page, CONTROLS)]
    chosen = some("controls that a crawler operates", every, 12)
    dead, last = [], []
    gone = 0
    for address, name, nth in chosen:
        if name.startswith(LEAVES):
            continue
        if page.url != f"{walker.url}/{address}" or page.locator("dialog[open]").count():
            page.goto("about:blank")
            walker.show(address)
        walker.settled()
        control = found(page, CONTROLS, name, nth)
        if control is None or not control.is_enabled():
            gone += 1
            continue
        if not crawler.works(control):
            dead.append(f"{address}: {name!r} ({nth})")
        if page.locator("dialog[open]").count():
            last.append((address, name, nth))
            dead += [f"{address}: {name!r}: {one!r}" for one in operated_in_dialog(crawler)]
    for address, name, nth in sorted(last, key=lambda one: one[0] == "#/keys"):
        dead += [f"{address}: {name!r}: yes" for _ in range(not sure(crawler, address, name, nth))]
    assert gone < len(chosen) / 5, "what was pressed before took the rest away"
    assert not dead, "\n".join(dead)


def operated_in_dialog(crawler: Crawler) -> list[str]:
    """Fill in what a dialog asks for, and leave it by its first button; what did nothing."""
    page = crawler.walker.page
    dead = []
    buttons = []
    for name, nth in controls_of(page, IN_DIALOG):
        control = found(page, IN_DIALOG, name, nth)
        assert control is not None
        if control.evaluate("(one) => one.tagName") == "BUTTON":
            buttons.append((name, nth))
        elif not crawler.works(control):
            dead.append(name)
    name, nth = buttons[0]
    leave = found(page, IN_DIALOG, name, nth)
    assert leave is not None
    if not crawler.works(leave):
        dead.append(name)
    return dead


def sure(crawler: Crawler, address: str, name: str, nth: int) -> bool:
    """Open the dialog again and say yes; whether anything changed, or the control has gone."""
    page = crawler.walker.page
    page.goto("about:blank")
    crawler.walker.show(address)
    opener = found(page, CONTROLS, name, nth)
    if opener is None:
        return True
    opener.click()
    said = page.locator("dialog[open] button:enabled")
    return not said.count() or crawler.works(said.last)


def test_what_ends_the_session_works_too(here: Here, page: Page, expected: list[str]) -> None:
    expected.append("status of 401")
    page.goto(here.address())
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Sign out").wait_for()
    Walker(page, here.url).show("#/keys")
    page.get_by_role("row").get_by_role("button", name="End").first.click()
    page.get_by_label("API key").wait_for()
