"""To every screen of the console that a link leads to, as somebody who follows them all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

from tests.support.waiting import BACKSTOP

OF_A_KIND = 2
"""So many addresses that differ only by what they are about are looked at."""

STEP_MS = 20


@dataclass
class Walker:
    """A signed-in page; it knows what was asked of the platform and is not answered."""

    page: Page
    url: str
    asked: set[Request] = field(default_factory=set)

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

    def screens(self, start: str = "#/") -> Iterator[str]:
        """The address of each screen, found by its links; it is shown when its address comes."""
        waiting, seen, kinds = [start], {start}, dict[str, int]()
        while waiting:
            address = waiting.pop(0)
            self.show(address)
            links = self.page.eval_on_selector_all(
                "a[href^='#/']", "links => links.map((one) => one.getAttribute('href'))"
            )
            yield address
            for link in links:
                kind = kind_of(link)
                if link not in seen and kinds.get(kind, 0) < OF_A_KIND:
                    seen.add(link)
                    kinds[kind] = kinds.get(kind, 0) + 1
                    waiting.append(link)


def kind_of(address: str) -> str:
    """What an address shows, without which one of its kind: ``#/models/churn/try`` is ``#/models/*/try``."""
    path, _, query = address.partition("?")
    parts = path.split("/")
    if len(parts) > 2 and parts[1] in {"models", "data", "runs"}:
        parts[2] = "*"
    asked = "&".join(sorted(one.partition("=")[0] for one in query.split("&") if one))
    return "/".join(parts) + (f"?{asked}" if asked else "")
