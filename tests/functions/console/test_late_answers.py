"""What somebody types or chooses before an answer comes is not undone by it, nor lost by leaving at once."""

import json
import re
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial

import pytest
from playwright.sync_api import Error, Page, Route, expect

from lepton_ai import Data, Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.filled import NAMES, customers
from tests.functions.console.forms import OVER
from tests.functions.console.places import place
from tests.functions.console.test_crawler import controls_of, found, operate
from tests.functions.console.test_drafts import DRAFTS, FIELDS, VALUE, is_there_again, until
from tests.functions.console.walk import Walker
from tests.support.sampling import some
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

BEGUN = {"id": "run-1"}
"""The answer to what begins a run, where no run is wanted."""

WRONG = {"error": {"code": "invalid_input", "message": "no", "field": "x"}}

SLIDE = """(then) => {
  const slider = document.querySelector("#threshold-at");
  for (const at of [3, 5, 7]) {
    slider.value = at;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  then === "reload" ? location.reload() : document.querySelector(then).click();
}"""
"""Move the threshold three times in a moment, and leave in the same moment."""


@pytest.fixture
def walker(full: Here, page: Page) -> Walker:
    page.goto(full.address())
    page.locator("main h1").wait_for()
    return Walker(page, full.url)


@dataclass
class Late:
    """Requests of a page to some paths: they are answered only when somebody says so."""

    page: Page
    paths: str | re.Pattern[str]
    methods: tuple[str, ...] = ("POST", "PUT", "DELETE")
    held: list[Route] = field(default_factory=list)
    over: bool = False

    def __post_init__(self) -> None:
        self.page.route(self.paths, self._come)

    def _come(self, route: Route) -> None:
        if self.over or route.request.method not in self.methods or "/v1/session" in route.request.url:
            route.continue_()
        else:
            self.held.append(route)

    def has_come(self) -> None:
        until(self.page, lambda: bool(self.held))

    def answer(self, status: int = 200, body: object | None = None) -> None:
        """Answer all, those last that were asked first: as the platform does, or with ``body``."""
        self.over = True
        for route in reversed(self.held):
            with suppress(Error):  # the page has given it up
                if body is None:
                    route.continue_()
                else:
                    route.fulfill(status=status, content_type="application/json", body=json.dumps(body))
        self.held.clear()


def slider_at(page: Page, place: str) -> None:
    expect(page.get_by_role("slider", name="Threshold")).to_have_value(place)


def test_a_run_that_was_begun_takes_nobody_away_who_has_gone_elsewhere(walker: Walker) -> None:
    page = walker.page
    walker.show(f"#/models/{NAMES.classes}")
    late = Late(page, "**/train")
    page.get_by_role("button", name="Train again").click()
    late.has_come()
    place(page, "Data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data")
    late.answer(202, BEGUN)
    walker.settled()
    assert page.url == f"{walker.url}/#/data"


@pytest.mark.parametrize("elsewhere", ["another screen", "another version"])
def test_a_run_that_was_begun_stands_in_no_other_address(walker: Walker, elsewhere: str) -> None:
    page = walker.page
    walker.show(f"#/models/{NAMES.served}/evaluate?version=1")
    late = Late(page, "**/evaluate")
    page.get_by_role("button", name="Evaluate by folds").click()
    late.has_come()
    if elsewhere == "another screen":
        place(page, "Runs").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    else:
        page.get_by_role("combobox", name="Version").select_option("2")
        page.wait_for_url("**version=2**")
    before = page.url
    late.answer(202, BEGUN)
    walker.settled()
    assert page.url == before


def test_what_is_typed_while_a_policy_is_saved_stays(walker: Walker) -> None:
    page = walker.page
    walker.show(f"#/models/{NAMES.numbers}/update")
    margin, tolerance = (
        page.get_by_label(name, exact=True) for name in ("May be worse by a share of", "May be worse by")
    )
    late = Late(page, "**/policy")
    tolerance.fill("4")
    page.get_by_role("button", name="Save").click()
    late.has_come()
    margin.fill("6")
    late.answer()
    walker.settled()
    for _ in range(2):
        expect(tolerance).to_have_value("4")
        expect(margin).to_have_value("6")
        page.reload()
        walker.settled()
    page.get_by_role("button", name=OVER).click()
    expect(tolerance).to_have_value("4")
    expect(margin).not_to_have_value("6")


@pytest.mark.parametrize(
    ("address", "path", "label", "button"),
    [
        ("keys", "**/v1/keys", "Name", "Make the key"),
        (f"data/{NAMES.retired}/use", "**/tags", "More tags", "Add"),
    ],
)
def test_what_is_typed_for_the_next_one_stays(
    walker: Walker, address: str, path: str, label: str, button: str
) -> None:
    page = walker.page
    walker.show(f"#/{address}")
    typed = page.locator("main").get_by_label(label, exact=True)
    late = Late(page, path)
    typed.fill("first")
    page.get_by_role("button", name=button, exact=True).click()
    late.has_come()
    typed.fill("second")
    late.answer()
    walker.settled()
    expect(typed).to_have_value("second")
    assert page.evaluate(DRAFTS) != []


def test_a_threshold_that_is_moved_while_another_one_is_set_stays_there(walker: Walker) -> None:
    page = walker.page
    walker.show(f"#/models/{NAMES.served}/evaluate?version=1")
    slider = page.get_by_role("slider", name="Threshold")
    late = Late(page, "**/threshold")
    slider.fill("3")
    page.get_by_role("button", name=re.compile("Label from .* on")).click()
    late.has_come()
    slider.fill("5")
    late.answer()
    walker.settled()
    slider_at(page, "5")
    assert "threshold=" in page.url


def test_somebody_who_types_a_search_slowly_loses_neither_the_field_nor_a_letter(walker: Walker) -> None:
    page = walker.page
    for address, label in (
        ("data", "Search data sets"),
        (f"data/{NAMES.served}/columns", "Search columns"),
    ):
        walker.show(f"#/{address}")
        typed = page.get_by_label(label, exact=True)
        typed.focus()
        for letter in "mon":
            page.keyboard.type(letter)
            walker.settled()
        expect(typed).to_have_value("mon")
        expect(typed).to_be_focused()
        page.reload()
        expect(typed).to_have_value("mon")


def test_what_is_chosen_at_once_after_a_search_is_what_is_shown(full: Here, walker: Walker) -> None:
    page = walker.page
    with closing(HttpTransport(full.url, full.key)) as transport:
        transport.call("PUT", f"/v1/datasets/{NAMES.bare}/tags", body={"tags": ["asia"]})
    walker.show("#/data")
    page.get_by_label("Search data sets").fill("trained")
    page.get_by_role("link", name="asia").click()
    page.wait_for_url("**tag=asia**")
    walker.settled()
    expect(page.get_by_label("Search data sets")).to_have_value("")
    assert page.url.endswith("#/data?tag=asia")
    page.get_by_label("Search data sets").fill("churn")
    place(page, "Data").click()
    expect(page.get_by_label("Search data sets")).to_have_value("")
    expect(page.get_by_role("link", name=NAMES.served, exact=True).first).to_be_visible()


@pytest.mark.parametrize("leave", ["reload", "aside a[href='#/runs']"])
def test_what_is_chosen_in_the_moment_of_leaving_is_there_again(walker: Walker, leave: str) -> None:
    page = walker.page
    walker.show(f"#/models/{NAMES.served}/evaluate")
    page.get_by_role("slider", name="Threshold").wait_for()
    if leave == "reload":
        with page.expect_navigation():
            page.evaluate(SLIDE, leave)
    else:
        page.evaluate(SLIDE, leave)
        expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
        page.go_back()
    slider_at(page, "7")


def dropped(page: Page, name: str) -> None:
    table = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": two_classes(60)}
    page.locator("main input[type=file]").first.set_input_files(table)
    expect(page.get_by_role("heading", name=f"{name} is there")).to_be_visible()


def test_a_table_that_is_dropped_while_an_earlier_one_is_brought_back_is_the_one_shown(
    walker: Walker,
) -> None:
    page = walker.page
    walker.show("#/")
    dropped(page, "earlier")
    late = Late(page, re.compile("/v1/datasets/earlier$"), ("GET",))
    page.reload()
    late.has_come()
    dropped(page, "later")
    late.answer()
    walker.settled()
    expect(page.get_by_role("heading", name="later is there")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="later is there")).to_be_visible()
    page.get_by_label("What is to be predicted?").select_option("a")
    expect(page.get_by_label("What is to be predicted?")).to_have_value("a")
    walker.settled()
    expect(page.get_by_role("heading", name="later is there")).to_be_visible()
    page.get_by_role("button", name=OVER).click()


def test_kinds_of_columns_are_chosen_before_or_after_a_file_is_read_again(
    walker: Walker, expected: list[str]
) -> None:
    expected.append("status of 422")
    page = walker.page
    walker.show(f"#/data/{NAMES.classes}/columns")
    kind = page.get_by_label("What months is")
    late = Late(page, "**/read")
    kind.select_option("leave out")
    page.get_by_role("button", name="Read again, 1 changed").click()
    late.has_come()
    expect(kind).to_be_disabled()
    search = page.get_by_label("Search columns")
    search.focus()
    late.answer(422, WRONG)
    expect(page.locator(".sending-box.bad")).to_be_visible()
    expect(search).to_be_focused()
    expect(kind).to_be_enabled()
    expect(kind).to_have_value("leave out")
    page.get_by_role("button", name="Forget them").click()


@pytest.mark.lengthy
def test_what_is_chosen_as_soon_as_a_field_is_there_stays_when_the_rest_comes(
    walker: Walker, expected: list[str]
) -> None:
    """Answers are given one by one until the field is there; the others come afterwards, in the other order."""
    expected += ["status of 400", "status of 404", "status of 422"]
    page = walker.page
    every: list[tuple[str, str]] = []
    for address in walker.screens():
        names = [name for name, _ in controls_of(page, FIELDS)]
        every += [(address, name) for name in names if names.count(name) == 1]
    assert len(every) > 30
    for address, name in some("fields that are filled in before all is there", every, 4):
        page.goto("about:blank")
        late = Late(page, "**/v1/**", ("GET",))
        page.goto(f"{walker.url}/{address}")
        until(page, partial(is_given, late, name))
        control = found(page, FIELDS, name, 0)
        assert control is not None
        operate(control)
        typed = control.evaluate(VALUE) if control.count() else None
        late.answer()
        walker.settled()
        if typed is not None:
            until(page, partial(is_there_again, page, name, 0, typed))
        page.unroute_all(behavior="ignoreErrors")


def is_given(late: Late, name: str) -> bool:
    """Whether the field is there and takes something; else one more answer is given."""
    control = found(late.page, FIELDS, name, 0)
    if control is not None and control.is_enabled():
        return True
    if late.held:
        late.held.pop(0).continue_()
    return False


def test_a_question_that_is_asked_stays_about_what_it_was_asked_of(full: Here, walker: Walker) -> None:
    """Meanwhile another version comes, whose row stands above."""
    page = walker.page
    walker.show(f"#/data/{NAMES.held}/versions")
    page.get_by_role("button", name="Delete", exact=True).first.click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Delete version 2?")
    with closing(HttpTransport(full.url, full.key)) as transport:
        data = Data.from_pandas(customers(seed=11), label="left", quiet=True)
        Model(name=NAMES.held, quiet=True, transport=transport).upload_data(data)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("tr", has_text="Version 3")).to_be_attached()
    walker.settled()
    expect(asked).to_contain_text("Delete version 2?")
