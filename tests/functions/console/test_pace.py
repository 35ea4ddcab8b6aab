"""How often a screen that is left open asks: every second while something runs, else every five to sixty seconds."""

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from lepton_ai import Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here, table
from tests.functions.console.test_drafts import until
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

NOON, LATER = "2030-01-01T12:00:00Z", "2030-01-01T18:00:00Z"
STEP_MS, SLOWEST_MS = 500, 60_000

WATCH = """
  const real = window.fetch.bind(window);
  window.asked = [];
  window.underWay = 0;
  window.fetch = async (...given) => {
    const { pathname, search } = new URL(given[0], location.href);
    if (!pathname.startsWith("/v1/")) return real(...given);
    window.asked.push([pathname + search, Date.now()]);
    window.underWay++;
    const answer = await real(...given).catch((error) => { window.underWay--; throw error; });
    if (answer.status === 304) window.underWay--;
    else {
      const text = answer.text.bind(answer);
      answer.text = () => text().finally(() => window.underWay--);
    }
    return answer;
  };
"""
"""Note what the page asks for and when, by its own clock, and how many answers are still to come."""


@pytest.fixture
def model(here: Here, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """A model that serves."""
    with closing(HttpTransport(here.url, here.key)) as transport:
        made = Model("logistic_regression", name="m", quiet=True, transport=transport)
        made.upload_data(table(tmp_path_factory.mktemp("rows"), two_classes(80), "label"))
        made.train(iterations=5)
        made.deploy()
        yield made


def gaps(here: Here, page: Page, address: str, seconds: int) -> dict[str, list[int]]:
    """How many milliseconds of the page's clock lie between two calls of each path, within so many seconds."""
    page.add_init_script(WATCH)
    page.clock.install(time=NOON)
    page.goto(here.address())
    page.locator("main h1").wait_for()
    page.goto(f"{here.url}/#/{address}")
    page.locator("main h1").wait_for()
    page.wait_for_load_state("networkidle")  # a part of a screen comes with its modules and its words
    until(page, lambda: page.evaluate("window.underWay") == 0)
    page.evaluate("window.asked = []")
    page.clock.pause_at(LATER)
    for _ in range(seconds * 1000 // STEP_MS):
        until(page, lambda: page.evaluate("window.underWay") == 0)
        page.clock.run_for(STEP_MS)
    times: dict[str, set[int]] = {}
    for path, at in page.evaluate("window.asked"):
        times.setdefault(path, set()).add(at)
    return {path: [after - before for before, after in pairwise(sorted(at))] for path, at in times.items()}


BUSY = {
    "": "/v1/runs?limit=1000&points=0&state=under_way",
    "runs": "/v1/runs?limit=50&points=0",
    "runs/{run}": "/v1/runs/{run}",
    "models/m": "/v1/runs/{run}",
}
"""Of some screens what tells there of a run that is under way."""


@pytest.mark.sampled(1)
@pytest.mark.parametrize("address", BUSY)
def test_while_something_runs_it_is_looked_at_every_second(
    here: Here, page: Page, model: Model, address: str
) -> None:
    here.platform.runner.close(300.0)
    with closing(HttpTransport(here.url, here.key)) as transport:
        run = transport.call("POST", "/v1/models/m/train", body={})["id"]
    found = gaps(here, page, address.format(run=run), 5)[BUSY[address].format(run=run)]
    assert set(found) == {1000}
    assert len(found) >= 3


IDLE = (
    "",
    "runs",
    "models/m",
    "models/m/versions",
    "models/m/monitor",
    "models/m/update",
    "data/m",
    "services",
    "keys",
)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("address", IDLE)
def test_while_nothing_runs_each_look_is_five_to_sixty_seconds_after_the_one_before(
    here: Here, page: Page, model: Model, address: str
) -> None:
    found = gaps(here, page, address, SLOWEST_MS // 1000 + 5)
    every = {gap for times in found.values() for gap in times}
    assert every
    assert min(every) >= 5_000 and max(every) <= SLOWEST_MS
