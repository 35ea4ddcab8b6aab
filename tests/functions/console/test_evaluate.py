"""A browser judges a version: its threshold is moved and set, folds are measured, and two versions are compared."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from functions.records import find
from infra.local.stack import WORKSPACE
from lepton_ai import Data, Model
from lepton_ai.connect import connect
from tests.functions.console.conftest import Here
from tests.functions.console.places import shown
from tests.functions.test_segments import clinic
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.fixture
def model(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model whose first version learnt hardly anything, and whose second one serves."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    path = tmp_path / "table.csv"
    path.write_bytes(two_classes(300))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv(path, quiet=True))
    made.train(iterations=1, learning_rate=0.01, refit=False)
    made.train(iterations=50, refit=False)
    made.deploy()
    return made


def tile(page: Page, name: str) -> str:
    """The figure of that name beside the curves."""
    return page.locator(".threshold dl div").filter(has_text=name).locator("dd").first.inner_text()


def test_a_threshold_is_moved_priced_and_set_and_folds_are_measured(
    here: Here, page: Page, model: Model
) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.goto(f"{here.url}/#/models/m/evaluate")
    expect(page.get_by_text("Better than always answering the shares of the classes")).to_be_visible()
    expect(page.get_by_role("combobox", name="Version")).to_have_value("2")

    slider = page.get_by_role("slider", name="Threshold")
    before = tile(page, "Flagged of 1,000")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator(".threshold dl")).to_contain_text("100%")
    assert tile(page, "Flagged of 1,000") == "1,000" != before

    page.get_by_label("A missed one costs").fill("50")
    page.get_by_role("button", name="Go to the cheapest").click()
    expect(page.get_by_role("button", name="Go to the cheapest")).to_be_hidden()
    threshold = page.locator(".threshold .at").inner_text()
    page.reload()
    expect(page.get_by_label("A missed one costs")).to_have_value("50")
    expect(page.locator(".threshold .at")).to_have_text(threshold)

    curve = page.get_by_role("img", name="Recall, by false alarms (ROC)")
    curve.click(position={"x": 150, "y": 60})
    expect(page.locator(".threshold .at")).not_to_have_text(threshold)
    shown = page.locator(".threshold .at").inner_text()
    page.get_by_role("button", name=f"Label from {shown} on").click()
    expect(page.locator(".verdict", has_text=f">= {shown} on")).to_be_visible()
    decision = model.versions()[1].decision
    assert decision is not None and decision.rule.threshold == float(shown)

    page.get_by_role("button", name="Let the costs decide").click()
    expect(page.locator(".verdict", has_text="a row, the most probable class")).to_be_visible()
    decision = model.versions()[1].decision
    assert decision is not None and sorted((decision.wish.costs or {}).values()) == [1.0, 50.0]
    page.get_by_role("button", name="Remove the rule").click()
    expect(page.get_by_text("In use: the most probable class is the label.")).to_be_visible()
    assert model.versions()[1].decision is None

    page.get_by_text("Folds and seed · all defaults").click()
    for name, typed in (("Folds", "51"), ("Folds", "3"), ("Seed", "7")):
        field = page.get_by_role("spinbutton", name=name)
        field.fill(typed)
        field.blur()
        if typed == "51":
            expect(page.get_by_text("This must be ≥ 2, ≤ 50.")).to_be_visible()
            expect(page.get_by_role("button", name="Evaluate by folds")).to_be_disabled()
    expect(page.get_by_text("Folds and seed · 2 changed")).to_be_visible()
    page.get_by_role("button", name="Evaluate by folds").click()
    expect(page.get_by_text("The same recipe was trained 3 times")).to_be_visible()
    expect(page.get_by_role("heading", name="What each column is worth")).to_be_visible()
    found = find.version(here.platform.workspace(WORKSPACE), "m", 2).value.cross_validation
    assert found is not None and len(found.folds) == 3
    assert model.evaluate(3, seed=7).folds == list(found.folds)

    page.get_by_role("combobox", name="Column").select_option("b")
    page.wait_for_url("**column=b**")
    expect(page.get_by_role("img", name="Probability of")).to_be_visible()


def test_the_choice_of_a_version_keeps_the_focus(here: Here, page: Page, model: Model) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.goto(f"{here.url}/#/models/m/evaluate")
    choice = page.get_by_role("combobox", name="Version")
    choice.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**version=1")
    expect(page.get_by_role("link", name="Model card")).to_have_attribute(
        "href", re.compile("versions/1/card")
    )
    expect(page.get_by_role("heading", name="Folds")).to_be_visible()
    expect(choice).to_have_value("1")
    expect(choice).to_be_focused()


def test_the_recall_or_precision_that_is_seen_becomes_the_wish(here: Here, page: Page, model: Model) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.goto(f"{here.url}/#/models/m/evaluate")
    for name, kind in (("Recall", "recall"), ("Precision", "precision")):
        seen = float(tile(page, name).removesuffix("%")) / 100
        words = "Find at least" if kind == "recall" else "right"
        with page.expect_response("**/threshold"):
            page.get_by_role("button", name=words).click()
        expect(page.locator(".verdict.exact")).to_be_visible()
        decision = model.versions()[1].decision
        assert decision is not None and decision.wish.by == kind and decision.wish.value is not None
        assert abs(decision.wish.value - seen) <= 0.0015


def test_a_recall_or_precision_that_is_typed_moves_the_threshold_and_becomes_the_wish(
    here: Here, page: Page, model: Model
) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.goto(f"{here.url}/#/models/m/evaluate")
    for kind, label, name, button in (
        ("recall", "Find at least", "Recall", "Find at least 90%"),
        ("precision", "Be right in at least", "Precision", "At least 90% right"),
    ):
        field = page.get_by_label(label, exact=True)
        field.fill("90")
        assert float(tile(page, name).removesuffix("%")) >= 90
        page.reload()
        expect(field).to_have_value("90")
        assert float(tile(page, name).removesuffix("%")) >= 90
        shown = page.locator(".threshold .at").inner_text()
        with page.expect_response("**/threshold"):
            page.get_by_role("button", name=button).click()
        expect(page.locator(".verdict.exact")).to_be_visible()
        decision = model.versions()[1].decision
        assert decision is not None and (decision.wish.by, decision.wish.value) == (kind, 0.9)
        expect(page.locator(".threshold .at")).to_have_text(shown)
        expect(page).not_to_have_url(re.compile(kind))

    field.fill("101")
    expect(page.get_by_text("This must be > 0, ≤ 100.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^At least .* right$"))).to_have_count(0)
    field.fill("")
    expect(field).to_have_value("")
    page.get_by_role("slider", name="Threshold").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(field).to_have_value(tile(page, "Precision").removesuffix("%"))

    def never_all_right(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        route.fulfill(
            response=answer, json={**told, "false_alarms": [one + 1 for one in told["false_alarms"]]}
        )

    page.route("**/threshold?*", never_all_right)
    page.reload()
    field.fill("100")
    expect(page.get_by_text("No threshold reaches this.")).to_be_visible()


def test_two_versions_are_compared_at_an_address_that_can_be_shared(
    here: Here, page: Page, model: Model
) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.goto(f"{here.url}/#/models/m/compare?a=1&b=2")
    found = model.compare(2, 1)
    assert found.beside is not None and found.beside.shown == "better"
    expect(page.locator(".verdict.better")).to_have_text(found.sentence)
    expect(page.get_by_text("An update would promote version 2")).to_be_visible()
    expect(page.get_by_role("row", name="Log loss").get_by_text("better")).to_be_visible()
    expect(page.get_by_role("row", name="iterations")).to_contain_text("50")

    page.get_by_role("button", name="Swap").click()
    expect(page.locator(".verdict.worse")).to_contain_text("version 1 is worse than version 2")
    page.wait_for_url("**a=2&b=1")
    page.reload()
    expect(page.get_by_label("First version")).to_have_value("2")

    page.get_by_label("Second version").select_option("2")
    expect(page.get_by_text("Choose two different versions.")).to_be_visible()


def test_rows_on_which_a_version_is_wrong_more_often_are_named_with_their_figures(
    here: Here, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    path = tmp_path / "clinic.csv"
    path.write_bytes(clinic())
    made = Model("logistic_regression", name="clinic", quiet=True)
    made.upload_data(Data.from_csv(path, label="label", quiet=True))
    made.train(refit=False)
    found = connect().call("GET", "/v1/models/clinic/versions/1/evaluation")["segments"]
    worst = found["worst"][0]
    assert (worst["column"], worst["level"]) == ("ward", "east")

    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    page.goto(f"{here.url}/#/models/clinic/evaluate")
    card = page.locator(".card", has=page.get_by_role("heading", name="Where is it wrong?"))
    expect(card.locator(".verdict.worse")).to_have_text(found["sentence"])
    row = card.get_by_role("row").filter(has_text="ward")
    expect(row).to_contain_text(f"ward {worst['name']}")
    expect(row).to_contain_text(f"{worst['rows']} ({shown(page, 'share', worst['share'])})")
    for value in (worst["score"]["value"], worst["score_elsewhere"]):
        expect(row).to_contain_text(shown(page, "share", value))
    expect(row).to_contain_text(f"+{shown(page, 'figure', worst['difference']['value'])}")
    expect(row.get_by_role("cell").last).to_have_text(shown(page, "figure", worst["p"]))
