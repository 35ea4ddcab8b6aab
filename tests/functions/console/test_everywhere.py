"""What holds on every screen: figures behind charts, nothing asked of others, times and motion as one has them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page

from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import BACKSTOP_MS, Here
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
