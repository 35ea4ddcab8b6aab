"""To every screen of the console that a link leads to, as somebody who follows them all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

from tests.support.sampling import full
from tests.support.waiting import BACKSTOP

OF_A_KIND = 2
"""So many addresses that differ only by what they are about are looked at; without ``--full`` one."""

LINKS = """links => links.map((one) => [
  one.getAttribute("href"), one.closest("tr")?.querySelector(".state")?.innerText])"""

STEP_MS = 20


@dataclass
class Walker:
    """A signed-in page; it knows what was asked of the platform and is not answered."""

    page: Page
    url: str
    asked: set[Request] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    """Of each address that was found its kind."""

    def __post_init__(self) -> None:
        self.page.on("request", self._begun)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        self.asked.add(request)

    def _ended(self, request: Request) -> None:
        self.asked.discard(request)

    def show(self, address: str) -> None:
        """Go to ``address`` and wait until all of it is there."""
        self.page.goto(f"{self.url}/{address}")
        self.settled()

    def settled(self) -> None:
        """Wait until nothing is awaited."""
        quiet = 0
        for _ in range(int(BACKSTOP * 1000 / STEP_MS)):
            self.page.wait_for_timeout(STEP_MS)
            quiet = 0 if self.asked or self.page.locator("main .loading").count() else quiet + 1
            if quiet > 1 and self.page.locator("main h1").count():
                return
        raise AssertionError(f"{self.page.url} waits for {[one.url for one in self.asked]}")

    def screens(self, start: str = "#/", about: str = "") -> Iterator[str]:
        """The address of each screen, found by its links; it is shown when its address comes.

        Only addresses with ``about`` in them are followed.
        """
        waiting, seen, found = [start], {start}, Counter[str]()
        most = OF_A_KIND if full() else 1
        self.kinds[start] = kind_of(start)
        while waiting:
            address = waiting.pop(0)
            self.show(address)
            links = self.page.eval_on_selector_all("a[href^='#/']", LINKS)
            yield address
            for link, state in links:
                kind = kind_of(link, state)
                if about in link and link not in seen and found[kind] < most:
                    seen.add(link)
                    found[kind] += 1
                    self.kinds[link] = kind
                    waiting.append(link)


def kind_of(address: str, state: str | None = None) -> str:
    """What an address shows, without which one of its kind: ``#/models/churn/try`` is ``#/models/*/try``.

    A run looks different by its ``state``, which stands in the row of its link.
    """
    path, _, query = address.partition("?")
    parts = path.split("/")
    if len(parts) > 2 and parts[1] in {"models", "data", "runs"}:
        parts[2] = f"*{state or ''}" if parts[1] == "runs" else "*"
    asked = "&".join(sorted(one.partition("=")[0] for one in query.split("&") if one))
    return "/".join(parts) + (f"?{asked}" if asked else "")
