"""The tab of traffic and drift: what moved is drawn first, looked at now, and its address can be shared."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from functions.records.kinds import WINDOWS, number
from functions.serving.windows import HOUR
from infra.local.stack import WORKSPACE
from lepton_ai import Model
from tests.functions.console.conftest import Here, table
from tests.functions.console.places import part, shown
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

DRAW = """async (points) => {
  const folder = document.querySelector("script").src.replace(/[^/]*$/, "");
  const [{ html, render }, { Lines }] = await Promise.all(["ui.js", "charts.js"].map((one) => import(folder + one)));
  const place = document.querySelector("#drawn") || document.body.appendChild(document.createElement("div"));
  place.id = "drawn";
  render(html`<${Lines} label="x" series=${[{ name: "x", points }]} />`, place);
}"""


def asked(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model that was trained on one kind of rows, and is asked for another."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model("logistic_regression", name="m", quiet=True)
    model.upload_data(table(tmp_path, two_classes(300)))
    model.train(iterations=20)
    model.deploy()
    model.predict([{"a": 9.0, "b": None if i % 4 == 0 else (i % 40 - 20) / 10} for i in range(200)])
    return model


def test_what_moved_comes_first_and_an_alert_opens_when_somebody_looks(
    here: Here, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = asked(here, tmp_path, monkeypatch)
    page.goto(here.address())
    page.get_by_role("link", name="m", exact=True).first.click()
    part(page, "Monitor").click()
    expect(page.get_by_text("No alert was ever opened.")).to_be_visible()

    most = page.locator("article.feature").first
    expect(most.get_by_role("heading")).to_have_text("a")
    expect(most.locator(".state")).to_have_text("moved")
    expect(most).to_contain_text("Moved most: above")
    expect(page.get_by_text("0% → 25%")).to_be_visible()
    most.get_by_text("As a table").first.click()
    expect(most.get_by_role("region").first).to_contain_text("100%")

    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_role("region", name="Alerts").get_by_text("a moved")).to_be_visible()
    assert {one.name for one in model.monitor().alerts} >= {"feature:a"}
    [moved, *_] = model.drift()
    assert (moved.name, moved.bars[-2].traffic) == ("a", 200)

    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    page.reload()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    assert page.url.endswith("#/models/m/monitor?hours=168")
    expect(page.get_by_role("img", name="Rows predicted")).to_be_visible()


def test_a_line_is_drawn_as_soon_as_it_has_values_and_at_their_place(here: Here, page: Page) -> None:
    """Of 24 hours the last alone has a value: it stands at the end, and not at the beginning."""
    page.goto(here.address())
    page.locator("main h1").wait_for()
    page.evaluate(DRAW, [])
    expect(page.locator("#drawn p.hint")).to_be_visible()
    page.wait_for_timeout(100)
    page.evaluate(DRAW, [[hour, None if hour else 5] for hour in range(-23, 1)])
    dot = page.locator("#drawn circle")
    expect(dot).to_have_count(1)
    width = page.locator("#drawn svg").evaluate("(one) => Number(one.getAttribute('width'))")
    assert float(dot.get_attribute("cx") or 0) > width / 2


def test_how_far_a_column_moved_is_drawn_over_time(
    here: Here, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = asked(here, tmp_path, monkeypatch)
    model.drift()
    store, now = here.platform.workspace(WORKSPACE), here.platform.clock()
    [(_, window)] = store.list(WINDOWS, "m")
    for hours in (5, 3):
        hour = (now - timedelta(hours=hours)).strftime(HOUR)
        before = replace(window.value, hour=hour)
        store.write(store.put(WINDOWS, "m", f"{hour}:{number(1)}:earlier", value=before, expect=0))
    past = {one.name: one.past for one in model.drift()}["a"]
    assert len(past) == 3

    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/m/monitor")
    moved = page.locator("article.feature").filter(has=page.get_by_role("heading", name="a", exact=True))
    history = moved.locator("figure", has_text="Index beside its line, over time")
    expect(history.get_by_role("img")).to_be_visible()
    expect(history.locator("path.line")).to_have_count(2)
    history.get_by_text("As a table").click()
    values = history.locator("tbody tr td:last-child").all_inner_texts()
    told = [*(one.psi for one in past), *(one.alarm for one in past)]
    assert values == [shown(page, "figure", round(one + 1e-12, 2)) for one in told]
