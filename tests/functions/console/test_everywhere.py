"""What holds on every screen: figures behind charts, nothing asked of others, times and motion as one has them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import BACKSTOP_MS, Here
from tests.functions.console.filled import NAMES
from tests.functions.console.walk import Walker

pytestmark = pytest.mark.slow

DRAWN = """() => [...document.querySelectorAll("main [role=img]:not(.spark, .interval, .between-line)")].map((one) => [
  one.getAttribute("aria-label"), Boolean(one.closest("figure, .column")?.querySelector("table tbody tr"))])"""
"""Each chart, and whether its figures stand in a table; a spark and an interval have theirs in words beside them."""

MOVES = """() => [...document.querySelectorAll("*")].some((one) => {
  const style = getComputedStyle(one);
  return style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => time !== "0s"); })"""


@pytest.mark.lengthy
def test_each_chart_has_its_figures_in_a_table_and_nothing_is_asked_of_anybody_else(
    full: Here, page: Page
) -> None:
    asked = set[str]()
    page.on("request", lambda one: asked.add("/".join(one.url.split("/")[:3])))
    page.goto(full.address())
    page.locator("main h1").wait_for()
    drawn = [one for _ in Walker(page, full.url).screens() for one in page.evaluate(DRAWN)]
    assert len(drawn) > 20
    assert [label for label, told in drawn if not told] == []
    assert {one for one in asked if one.startswith("http")} == {full.url}


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_times_are_those_of_the_readers_zone(full: Here, browser: Browser, zone: str) -> None:
    transport = HttpTransport(full.url, full.key)
    [newest] = transport.call("GET", "/v1/runs", query={"limit": "1"})["items"]
    transport.close()
    there = datetime.fromisoformat(newest["created"]).astimezone(ZoneInfo(zone))
    context = browser.new_context(locale="en-US", timezone_id=zone)
    context.set_default_timeout(BACKSTOP_MS)
    page = context.new_page()
    page.goto(full.address())
    page.locator("main h1").wait_for()
    page.goto(f"{full.url}/#/runs")
    told = page.get_by_role("region", name="Runs").locator("time").first.get_attribute("title") or ""
    context.close()
    hour, half = there.hour % 12 or 12, "AM" if there.hour < 12 else "PM"
    assert told.split() == [*f"{there:%b} {there.day}, {there.year}, {hour}:{there:%M}".split(), half]


def test_nothing_moves_for_who_wants_no_motion(full: Here, page: Page) -> None:
    page.goto(full.address())
    page.locator("main h1").wait_for()
    page.route("**/v1/models?*", lambda route: None)
    page.reload()
    page.locator("main .loading").first.wait_for()
    assert page.evaluate(MOVES)
    page.emulate_media(reduced_motion="reduce")
    assert not page.evaluate(MOVES)
    page.unroute_all(behavior="ignoreErrors")


DRAWINGS = {
    "evaluate": (
        "Cost of 1,000 rows, by threshold",
        "Precision, by recall",
        "Recall, by false alarms (ROC)",
        "Class yes",
        "Probability of",
    ),
    "try": ("log-odds",),
    "monitor": (
        "Rows predicted",
        "Time to answer",
        "Refused calls",
        "Held-out loss",
        "Time of the training",
        "Memory of the training",
    ),
}
"""What a tab of a model with traffic draws."""


@pytest.mark.parametrize("tab", DRAWINGS)
def test_what_is_worth_watching_is_drawn(full: Here, page: Page, tab: str) -> None:
    page.goto(full.address())
    page.locator("main h1").wait_for()
    page.goto(f"{full.url}/#/models/{NAMES.served}/{tab}?version=1")
    for drawing in DRAWINGS[tab]:
        expect(page.locator("figure", has_text=drawing).first.locator("[role=img], .ranking")).to_be_visible()


def test_the_first_screen_says_of_a_model_what_serves_its_traffic_and_its_alerts(
    full: Here, page: Page
) -> None:
    page.goto(full.address())
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=NAMES.served, exact=True))
    expect(row.locator(".state")).to_have_text("drift")
    expect(row).to_contain_text("Version 1")
    expect(row.get_by_role("img", name="Rows, 24 h")).to_be_visible()
    expect(page.get_by_role("link", name=f"Look: {NAMES.served}: feature")).to_be_visible()


def test_whether_a_version_is_good_enough_comes_first_and_where_it_is_wrong_last(
    full: Here, page: Page
) -> None:
    page.goto(full.address())
    page.locator("main h1").wait_for()
    page.goto(f"{full.url}/#/models/{NAMES.served}/evaluate?version=1")
    heads = page.locator("main h2")
    expect(heads.first).to_have_text("Is it good enough?")
    expect(heads.last).to_have_text("Where is it wrong?")
    expect(page.get_by_role("region", name="held-out rows at this threshold").locator("td")).to_have_count(4)
