"""Whoever presses a button by keyboard stays where they are: the focus is never lost, on no screen."""

import pytest
from playwright.sync_api import Page, expect

from tests.functions.console.conftest import Here
from tests.functions.console.filled import NAMES
from tests.functions.console.forms import FORMS, Form
from tests.functions.console.test_crawler import LEAVES, controls_of, found
from tests.functions.console.test_drafts import until
from tests.functions.console.test_keyboard import FOCUSED
from tests.functions.console.walk import Walker
from tests.support.sampling import some

pytestmark = pytest.mark.slow

SENT = [one for one in FORMS if one.send]
BUTTONS = "main button:enabled"
HAS_FOCUS = "document.activeElement !== null && document.activeElement !== document.body"


@pytest.fixture
def walker(full: Here, page: Page, expected: list[str]) -> Walker:
    expected += ["status of 400", "status of 404", "status of 409", "status of 422"]
    page.goto(full.address())
    page.locator("main h1").wait_for()
    return Walker(page, full.url)


def keeps_the_focus(walker: Walker) -> None:
    """Something has the focus once all answers have come."""
    walker.settled()
    until(walker.page, lambda: walker.page.evaluate(HAS_FOCUS))
    walker.settled()
    assert walker.page.evaluate(HAS_FOCUS), walker.page.url


@pytest.mark.sampled(4)
@pytest.mark.parametrize("form", SENT, ids=[one.name for one in SENT])
def test_a_form_that_is_sent_keeps_the_focus_or_hands_it_on(walker: Walker, form: Form) -> None:
    page = walker.page
    walker.show(f"#/{form.address}")
    form.fill(page)
    button = page.get_by_role("button", name=form.send, exact=True)
    button.focus()
    page.keyboard.press("Enter")
    keeps_the_focus(walker)
    form.undo(page)


def test_what_came_of_saving_a_policy_has_the_focus(walker: Walker) -> None:
    page = walker.page
    walker.show(f"#/models/{NAMES.classes}/update")
    page.get_by_label("May be worse by", exact=True).fill("3")
    save = page.get_by_role("button", name="Save")
    save.focus()
    page.keyboard.press("Enter")
    expect(save).to_be_disabled()
    until(page, lambda: page.evaluate(FOCUSED) == "Saved.")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "Watched for, in minutes"

    page.get_by_label("May be worse by", exact=True).fill("-3")
    save.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".field .wrong")).to_be_visible()
    until(page, lambda: page.evaluate(FOCUSED) == "Save")


def test_of_a_key_that_is_revoked_the_list_has_the_focus(walker: Walker) -> None:
    page = walker.page
    walker.show("#/keys")
    page.get_by_label("Name", exact=True).fill("a shop")
    page.get_by_role("button", name="Make the key").click()
    row = page.get_by_role("row").filter(has_text="a shop")
    row.get_by_role("button", name="Revoke").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button")).to_have_count(0)
    until(page, lambda: page.evaluate(FOCUSED) == "Keys of programs")


def test_a_press_beside_all_controls_gives_the_focus_to_none(walker: Walker) -> None:
    page = walker.page
    walker.show("#/keys")
    name = page.get_by_label("Name", exact=True)
    name.fill("another shop")
    page.locator("main .lead").click()
    assert not page.evaluate(HAS_FOCUS)
    page.evaluate("document.querySelector('#name').disabled = true")
    page.evaluate("document.querySelector('#name').disabled = false")
    walker.settled()
    page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(() => setTimeout(go))))")
    assert not page.evaluate(HAS_FOCUS)


@pytest.mark.lengthy
def test_what_is_pressed_keeps_the_focus_or_hands_it_on(walker: Walker) -> None:
    page = walker.page
    every = [(address, *one) for address in walker.screens() for one in controls_of(page, BUTTONS)]
    assert len(every) > 30
    for address, name, nth in some("buttons that keep the focus", every, 12):
        if name.startswith(LEAVES):
            continue
        page.goto("about:blank")
        walker.show(address)
        button = found(page, BUTTONS, name, nth)
        if button is None:
            continue
        button.focus()
        page.keyboard.press("Enter")
        keeps_the_focus(walker)
