"""Every screen of the console, in each of its states, can be read and used by everybody: axe-core finds no fault."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from tests.functions.console.conftest import BACKSTOP_MS, Here
from tests.functions.console.walk import Walker
from tests.support.sampling import some

pytestmark = pytest.mark.slow

LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]
ANSWER = '{"error": {"code": "internal", "message": "something went wrong on our side"}}'


@contextmanager
def pages(browser: Browser) -> Iterator[Callable[[Here], Page]]:
    """Makes pages that are signed in; scripts may not fail in them."""
    wrong: list[str] = []
    contexts = []

    def made(here: Here) -> Page:
        context = browser.new_context(locale="en-US", reduced_motion="reduce")
        context.set_default_timeout(BACKSTOP_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if said.type == "error" and "50" not in said.text else None,
        )
        page.goto(here.address())
        page.locator("main h1").wait_for()
        return page

    yield made
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def signed_in(browser: Browser) -> Iterator[Callable[[Here], Page]]:
    """A page that is signed in, as `pages` makes it."""
    with pages(browser) as made:
        yield made


def faults(page: Page, looks: list[tuple[str, int]]) -> list[str]:
    """What axe-core finds, as texts that say where."""
    found = []
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(50)
        for one in Axe().run(page).response["violations"]:
            where = [node["html"][:160] for node in one["nodes"][:3]]
            found.append(f"{page.url} {scheme} {width}: {one['id']}: {one['help']}: {where}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{page.url} {scheme} {width}: {wide} px wider than the window")
    return found


def looked_at(what: str, addresses: list[str], most: int) -> dict[str, list[tuple[str, int]]]:
    """Of all screens in all looks, which are looked at."""
    chosen: dict[str, list[tuple[str, int]]] = {}
    for address, look in some(what, list(itertools.product(addresses, LOOKS)), most):
        chosen.setdefault(address, []).append(look)
    return chosen


@pytest.fixture(scope="module")
def screens(full: Here, browser: Browser) -> list[str]:
    """The addresses of the filled platform: nothing here changes it."""
    with pages(browser) as made:
        found = list(Walker(made(full), full.url).screens())
    assert len(found) > 10
    return found


def test_every_screen_of_a_filled_platform(
    full: Here, signed_in: Callable[[Here], Page], screens: list[str]
) -> None:
    walker = Walker(signed_in(full), full.url)
    found = []
    for address, looks in looked_at("looks at screens", screens, 6).items():
        walker.show(address)
        found += faults(walker.page, looks)
    assert not found, "\n".join(found)


def test_every_screen_of_an_empty_platform(here: Here, signed_in: Callable[[Here], Page]) -> None:
    walker = Walker(signed_in(here), here.url)
    addresses = list(walker.screens())
    found = []
    for address, looks in looked_at("looks at empty screens", addresses, 5).items():
        walker.show(address)
        found += faults(walker.page, looks)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("state", ["loading", "failed"])
@pytest.mark.lengthy
def test_every_screen_that_waits_or_fails(
    full: Here, signed_in: Callable[[Here], Page], screens: list[str], state: str
) -> None:
    def without_answer(route: Route) -> None:
        if route.request.url.endswith("/v1/session"):
            route.continue_()
        elif state == "failed":
            route.fulfill(status=500, content_type="application/json", body=ANSWER)

    found = []
    for address, looks in looked_at(f"looks at screens when {state}", screens, 2).items():
        page = signed_in(full)
        page.route("**/v1/**", without_answer)
        page.goto(f"{full.url}/{address}")
        page.reload()
        page.locator("main .loading" if state == "loading" else "main .failure").first.wait_for()
        found += faults(page, looks)
        page.unroute_all(behavior="ignoreErrors")
        page.context.close()
    assert not found, "\n".join(found)
