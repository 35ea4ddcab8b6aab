"""The tab of updates: the policy is a form, a wrong value is told beside its field, and a decision says why."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from lepton_ai.connect import connect
from tests.functions.console.conftest import Here, table
from tests.functions.console.places import shown
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.fixture
def model(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model that serves."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(table(tmp_path, two_classes(300)))
    made.train(iterations=20)
    made.deploy()
    return made


@pytest.mark.lengthy
def test_a_policy_is_set_and_an_update_is_decided_by_clicks(
    here: Here, page: Page, model: Model, expected: list[str], tmp_path: Path
) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/m/update")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_label("Updates come").select_option("manual")
    page.get_by_label("May be worse by a share of").fill("5")
    page.get_by_label("Time between versions, at least").fill("2")
    page.get_by_label("Unit of time").select_option("hours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    kept = connect().call("GET", "/v1/models/m")["policy"]
    assert (kept["update"], kept["margin"], kept["least_interval"]) == ("manual", 0.05, 7200)

    model.upload_data(table(tmp_path, two_classes(320, seed=1)))
    expect(page.get_by_text("Data version 2 is new.")).to_be_visible()
    page.get_by_role("button", name="Update now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Update of m")
    expect(page.get_by_text("done").first).to_be_visible()
    page.go_back()
    run = connect().call("GET", "/v1/runs")["items"][0]
    said = "promoted" if run["outcome"]["promoted"] else "not promoted"
    expect(page.locator(".decisions li").first.locator(".state")).to_have_text(said)
    page.get_by_role("button", name="Update now").click()
    expect(page.get_by_text("There is nothing new to learn from.")).to_be_visible()

    expected.append("status of 400")
    page.get_by_label("May be worse by", exact=True).fill("-1")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field", has_text="May be worse by").locator(".wrong")).to_contain_text(">= 0")
    expect(page.get_by_label("May be worse by", exact=True)).to_have_attribute("aria-invalid", "true")


def test_one_update_is_made_with_other_settings(here: Here, page: Page, model: Model) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/m/update")
    page.get_by_text("With other settings").click()
    rate = page.get_by_role("spinbutton", name="Learning rate")
    rate.fill("0")
    rate.blur()
    expect(page.get_by_text("This must be > 0.")).to_be_visible()
    expect(page.get_by_role("button", name="Update now")).to_be_disabled()
    page.get_by_role("button", name="Back to the default of Learning rate").click()
    page.get_by_role("spinbutton", name="Iterations").fill("3")
    page.get_by_role("spinbutton", name="Iterations").blur()
    page.reload()
    expect(page.get_by_role("spinbutton", name="Iterations")).to_have_value("3")
    page.get_by_role("button", name="Update now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Update of m")
    expect(page.get_by_text("done").first).to_be_visible()
    assert model.versions()[-1].hyperparameters["iterations"] == 3
    page.go_back()
    expect(page.get_by_text("With other settings · all defaults")).to_be_visible()


def test_of_the_runs_only_the_decisions_of_the_model_are_asked_for(
    here: Here, page: Page, model: Model
) -> None:
    """Of many runs of many models a page holds a thousand: others would push them out of it."""
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url.partition("?")[2]) if "/v1/runs?" in one.url else None
    )
    page.goto(f"{here.url}/#/models/m/update")
    expect(page.get_by_text("No update yet")).to_be_visible()
    of_many = {
        one for one in asked if "limit=1000" in one and "state=" not in one
    }  # those are of the first screen
    assert of_many == {"limit=1000&points=0&kind=update&model=m"}


def test_a_decision_is_told_with_its_numbers(here: Here, page: Page, model: Model, tmp_path: Path) -> None:
    model.upload_data(table(tmp_path, two_classes(320, seed=1)))
    model.update()
    [run] = connect().call("GET", "/v1/runs", query={"kind": "update", "state": "succeeded"})["items"]
    decided = run["outcome"]
    better = decided["comparison"]
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/m/update")
    decision = page.locator(".decisions li")
    expect(decision).to_contain_text(decided["reason"])
    three = {name: shown(page, "figure", better[name]) for name in ("difference", "low", "high")}
    spoken = "Better by {difference}, between {low} and {high}".format(**three)
    expect(decision.get_by_role("img")).to_have_attribute("aria-label", spoken)

    page.get_by_text("As a table").click()
    cells = page.get_by_role("region", name="Decisions").locator("tbody td")
    figures = [decided["champion"]["loss"], decided["challenger"]["loss"], better["difference"]]
    between = f"{three['low']} – {three['high']}"
    told = [
        *(shown(page, "figure", one) for one in figures),
        between,
        shown(page, "figure", decided["margin"]),
    ]
    assert cells.all_inner_texts()[2:] == told


def test_a_policy_with_a_canary_is_set_and_a_decision_says_what_came_of_it(
    here: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/m/update")
    expect(page.get_by_label("Ask me before it gets everything")).to_have_count(0)
    page.get_by_label("Updates come").select_option("manual")
    page.get_by_label("May be worse by a share of").fill("9900")
    page.get_by_label("Share of the calls, in %").fill("20")
    page.get_by_label("Watched for, in minutes").fill("90")
    page.get_by_label("Ask me before it gets everything").select_option("true")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    kept = connect().call("GET", "/v1/models/m")["policy"]
    assert (kept["canary"], kept["bake_minutes"], kept["approval"]) == (0.2, 90, True)

    model.upload_data(table(tmp_path, two_classes(320, seed=1)))
    model.update()
    decision = page.locator(".decisions li").first
    expect(decision.locator(".state")).to_have_text("needs approval", timeout=30_000)
    expect(decision.get_by_role("link", name="It is tried with 20")).to_be_visible()
    model.rollback()
    page.reload()
    expect(decision.locator(".state")).to_have_text("rolled back")
    expect(decision.get_by_role("link", name="It was tried")).to_be_visible()

    page.get_by_label("Share of the calls, in %").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    kept = connect().call("GET", "/v1/models/m")["policy"]
    assert (kept["canary"], kept["approval"]) == (None, False)


def test_what_is_no_number_is_told_beside_its_field_and_takes_nothing_back(
    here: Here, page: Page, model: Model, expected: list[str]
) -> None:
    connect().call("PUT", "/v1/models/m/policy", body={"canary": 0.2, "bake_minutes": 90})
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/m/update")
    expected.append("status of 400")
    for label, usual in (("Share of the calls, in %", "20"), ("Watched for, in minutes", "90")):
        page.get_by_label(label).fill("10 %")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".policy .wrong")).to_be_visible()
        kept = connect().call("GET", "/v1/models/m")["policy"]
        assert (kept["canary"], kept["bake_minutes"]) == (0.2, 90)
        page.get_by_label(label).fill(usual)
