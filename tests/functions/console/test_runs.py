"""Runs by clicks: found, compared, watched, cancelled and asked for again."""

import re
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from lepton_ai import Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here, table
from tests.functions.console.filled import NAMES
from tests.functions.console.places import place
from tests.functions.console.test_drafts import until
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.fixture
def trained(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    """A model with two versions and an evaluation."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model("logistic_regression", name="m", quiet=True)
    model.upload_data(table(tmp_path, two_classes(80), "label"))
    model.train(iterations=30, seed=1)
    model.train(iterations=10, learning_rate=0.01)
    model.evaluate(folds=2)
    return model


def test_runs_are_found_and_stand_beside_each_other(here: Here, page: Page, trained: Model) -> None:
    page.goto(here.address())
    place(page, "Runs").click()
    rows = page.get_by_role("region", name="Runs").get_by_role("row")
    expect(rows).to_have_count(4)
    page.get_by_label("Kind").select_option("train")
    expect(rows).to_have_count(3)
    page.reload()
    expect(rows).to_have_count(3)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("link", name="Compare 2").click()
    table = page.get_by_role("region", name="Settings and results")
    expect(table.get_by_role("row", name="learning_rate")).to_contain_text("0.01")
    expect(table.get_by_role("row", name="Algorithm")).to_have_count(0)
    page.get_by_label("Also what is the same").check()
    expect(table.get_by_role("row", name="Algorithm")).to_be_visible()
    page.reload()
    expect(table.get_by_role("row", name="Algorithm")).to_be_visible()
    expect(page.get_by_role("img", name="Loss")).to_be_visible()


def test_a_run_is_cancelled_after_a_question_and_asked_for_again(
    here: Here, page: Page, trained: Model
) -> None:
    here.platform.runner.close(300.0)
    page.goto(here.address())
    page.get_by_role("link", name="New model").click()
    page.goto(f"{here.url}/#/new?data=m&name=second")
    page.get_by_role("button", name="Create and train").click()
    expect(page.get_by_text("Place 1 in the queue")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("cancelled", exact=True).first).to_be_visible()
    before = page.url
    page.get_by_role("button", name="Train again like that").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.get_by_text("Place 1 in the queue")).to_be_visible()
    assert [run.state for run in Model(name="second").runs()] == ["queued", "cancelled"]


def test_a_run_shows_its_loss_on_held_out_rows_beside_that_on_rows_of_its_training(
    here: Here, page: Page, trained: Model
) -> None:
    run = trained.runs()[-1]
    assert run.held_out is not None
    page.goto(here.address())
    expect(page.get_by_role("link", name="New model")).to_be_visible()
    page.goto(f"{here.url}/#/runs/{run.id}")
    chart = page.locator("figure").filter(has=page.get_by_role("img", name="Log loss"))
    expect(chart.locator(".legend li")).to_have_text(["16 held-out rows", "64 rows of the training"])
    expect(chart.locator("path.line")).to_have_count(2)
    chart.get_by_text("As a table").click()
    points = run.held_out["points"]
    rows = chart.get_by_role("table").locator("tbody tr")
    expect(rows.first).to_contain_text("16 held-out rows")
    expect(rows.first).to_contain_text(f"{points[0]['held_out']:.4f}"[:5])
    expect(rows.last).to_contain_text("64 rows of the training")
    expect(rows.last).to_contain_text(str(points[-1]["iteration"]))
    assert [one["help"] for one in Axe().run(page).response["violations"]] == []


def test_a_run_of_one_step_shows_its_figures_without_a_curve(
    here: Here, page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model("decision_tree", name="tree", quiet=True)
    model.upload_data(table(tmp_path, two_classes(80), "label"))
    model.train()
    (run,) = model.runs()
    page.goto(here.address())
    expect(page.get_by_role("link", name="New model")).to_be_visible()
    page.goto(f"{here.url}/#/runs/{run.id}")
    expect(page.get_by_role("heading", name="On the held-out rows")).to_be_visible()
    expect(page.get_by_role("heading", name="Learning curve")).to_have_count(0)


def test_a_cancelled_run_is_resumed_by_a_button_that_says_until_when(
    here: Here, page: Page, trained: Model, expected: list[str]
) -> None:
    expected.append("/resume")  # refused once, while another run is under way
    here.platform.runner.close(300.0)
    page.goto(here.address())
    page.get_by_role("link", name="New model").click()
    page.goto(f"{here.url}/#/new?data=m&name=second")
    page.get_by_role("button", name="Create and train").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("Goes on with all that it has done. That is kept until")).to_be_visible()
    before = page.url
    page.goto(f"{here.url}/#/runs?model=second")
    expect(page.get_by_role("row", name="Training second")).to_contain_text("can be resumed until")
    page.goto(before)
    asked = HttpTransport(here.url, here.key).call("POST", "/v1/models/second/train", body={"iterations": 3})
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(f"run {asked['id']} of model 'second' is still under way")).to_be_visible()
    Model(name="second").cancel(asked["id"])
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Place 1 in the queue")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
    assert page.url == before
    assert [run.state for run in Model(name="second").runs()] == ["cancelled", "queued"]


def test_a_search_under_way_is_drawn_as_it_goes_and_says_about_how_long_it_will_take(
    full: Here, page: Page
) -> None:
    with closing(HttpTransport(full.url, full.key)) as transport:
        runs = transport.call("GET", "/v1/runs", query={"model": NAMES.served})["items"]
    run = next(one["id"] for one in runs if one["asked"].get("auto"))
    seen = Counter[str]()

    def going(route: Route) -> None:
        """The answer as it was some fits before the end; each look finds one more."""
        known = route.request.headers
        answer = route.fetch(headers={name: text for name, text in known.items() if name != "if-none-match"})
        told, what = answer.json(), route.request.url.rpartition("/")[2]
        seen[what] += 1
        done = seen[what]
        if what == "leaderboard":
            told["entries"] = told["entries"][:1] * done
        else:
            told |= {"state": "running", "trial": done, "trials": 30, "iteration": done, "version": None}
            told["loss"] = [1 / (1 + at) for at in range(1 + done)]
        route.fulfill(response=answer, json=told)

    page.goto(full.address())
    page.locator("main h1").wait_for()
    page.route(f"**/v1/runs/{run}", going)
    page.route(f"**/v1/runs/{run}/leaderboard", going)
    page.goto(f"{full.url}/#/runs/{run}")
    curve = page.locator("figure").filter(has=page.get_by_role("img", name="Loss", exact=True))
    board = page.get_by_role("region", name="What was tried")
    for rows in (curve.locator("tbody tr"), board.locator("tbody tr")):
        expect(rows).not_to_have_count(0)
        before = rows.count()
        until(page, lambda rows=rows, before=before: rows.count() > before)  # type: ignore[misc]
    expect(page.get_by_text(re.compile(r"about \d+ (seconds|minutes) left"))).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
