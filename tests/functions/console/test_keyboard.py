"""A model's life by keyboard alone: from an empty platform to a retired model."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.test_crawler import controls_of, found, operate
from tests.functions.console.walk import Walker
from tests.support.sampling import some
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

MOST_KEYS = 200
"""More than any screen has controls."""

FOCUSED = """() => { const one = document.activeElement;
  return (one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText || '').trim(); }"""
SEEN = """() => { const one = document.activeElement; const style = getComputedStyle(one);
  return one.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0; }"""


def to(page: Page, name: str) -> None:
    """Press Tab until the control called ``name`` has the focus, which can be seen."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            assert page.evaluate(SEEN), f"the focus on {name!r} cannot be seen"
            return
    raise AssertionError(f"no control {name!r} can be reached by Tab on {page.url}")


def press(page: Page, name: str) -> None:
    to(page, name)
    page.keyboard.press("Enter")


def test_from_a_table_to_a_retired_model_by_keyboard_alone(here: Here, page: Page, tmp_path: Path) -> None:
    table = tmp_path / "customers.csv"
    table.write_bytes(two_classes(80))
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to know?")

    with page.expect_file_chooser() as chooser:
        press(page, "Choose a file")
    chooser.value.set_files(table)
    expect(page.get_by_label("What is to be predicted?")).to_have_value("label")
    to(page, "How long may it take?")
    page.keyboard.press("Home")
    press(page, "Find the best model and serve it")
    expect(page.get_by_text("Version 1 serves.")).to_be_visible()
    press(page, "Try it")
    expect(page.get_by_role("heading", level=1)).to_have_text("customers")
    to(page, "a")
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    to(page, "b")
    page.keyboard.press("Control+A")
    with page.expect_response(lambda one: '"a":2,"b":2' in (one.request.post_data or "")):
        page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator(".answer .label")).to_contain_text("yes")

    model = Model(name="customers", quiet=True, transport=HttpTransport(here.url, here.key))
    assert [one.label for one in model.predict([{"a": 2, "b": 2}])] == ["yes"]

    press(page, "Retire")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Retire")
    expect(page.get_by_text("This model is retired")).to_be_visible()
    press(page, "Models")
    expect(page.get_by_role("row", name="customers").get_by_text("retired")).to_be_visible()
    assert model.state == "retired"


CHOICES = """main :is(select:enabled, input[type=radio]:enabled,
  nav:is(.tabs, .choices) a:not([aria-current]), [aria-pressed="false"]:enabled)"""
"""What chooses on a screen what is shown there."""
LOADS_ANEW = ("中文", "English")
HERE = "(one) => one === document.activeElement"


@pytest.mark.lengthy
def test_what_is_chosen_keeps_the_focus(full: Here, page: Page, expected: list[str]) -> None:
    expected += ["status of 400", "status of 404", "status of 422"]
    page.goto(full.address())
    page.locator("main h1").wait_for()
    walker = Walker(page, full.url)
    every = [
        (address, *one)
        for address in walker.screens()
        for one in controls_of(page, CHOICES)
        if one[0] not in LOADS_ANEW
    ]
    assert len(every) > 30
    lost = []
    for address, name, nth in some("choices that keep the focus", every, 12):
        page.goto("about:blank")
        walker.show(address)
        control = found(page, CHOICES, name, nth)
        if control is None:
            continue
        control.focus()
        operate(control)
        walker.settled()
        if not page.locator("[data-found]").count() or not control.evaluate(HERE):
            lost.append(f"{address}: {name!r} ({nth})")
    assert not lost, "\n".join(lost)
