"""Whatever text people have in their tables is text on the screen, and never markup, a script or a broken layout."""

import pytest
from playwright.sync_api import Page, expect

from tests.functions.console.conftest import Here
from tests.functions.console.filled import HOSTILE, NAMES, strange
from tests.functions.console.walk import Walker
from tests.support.sampling import some

pytestmark = pytest.mark.slow

FIELDS = "main :is(input[type=text], input[type=search], input:not([type]), textarea):enabled"
BROKEN = """() => document.title.includes('broken')
  || [...document.querySelectorAll('main h1')].some((one) => one.textContent === 'broken')
  || document.querySelector('main :is(script, img[src=x])') !== null"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def whole(page: Page) -> None:
    """Nothing of a text became a part of the page, and it is as wide as the window."""
    assert not page.evaluate(BROKEN), page.url
    assert page.evaluate(TOO_WIDE) <= 0, page.url


def test_names_and_values_of_a_table_are_shown_as_text(full: Here, page: Page) -> None:
    page.goto(full.address())
    walker = Walker(page, full.url)
    page.locator("main h1").wait_for()
    for _ in walker.screens(f"#/models/{NAMES.strange}", NAMES.strange):
        whole(page)
    walker.show(f"#/data/{NAMES.strange}/columns")
    for name in list(strange().columns)[:4]:
        expect(page.get_by_text(name, exact=True).first).to_be_attached()


def test_every_field_takes_every_text(full: Here, page: Page, expected: list[str]) -> None:
    expected += ["status of 400", "status of 404", "status of 409", "status of 422"]
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(full.address())
    page.locator("main h1").wait_for()
    walker = Walker(page, full.url)
    fields = []
    for address in walker.screens():
        fields += [(address, at) for at in range(page.locator(FIELDS).count())]
    assert len(fields) > 5
    cases = [(*field, text) for field in fields for text in HOSTILE]
    for address, at, text in some("hostile texts in fields", cases, 8):
        walker.show(address)
        field = page.locator(FIELDS).nth(at)
        if not (field.count() and field.is_visible()):
            continue
        field.fill(text)
        field.press("Enter")
        walker.settled()
        whole(page)
