"""What is typed or chosen and not sent survives a reload and the end of a session, and nobody else sees it."""

from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from functions.system.keys import issue_key
from infra.local.stack import OWNER, WORKSPACE
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.filled import NAMES, customers
from tests.functions.console.forms import FORMS, OVER, Form, drop
from tests.functions.console.test_crawler import ENABLED, controls_of, found, operate
from tests.functions.console.test_garbage import whole
from tests.functions.console.test_keyboard import FOCUSED, press
from tests.functions.console.walk import STEP_MS, Walker
from tests.support.sampling import some
from tests.support.waiting import BACKSTOP

pytestmark = pytest.mark.slow

GARBAGE = (
    "{",
    "5",
    "null",
    "[]",
    '"x"',
    "-1e999",
    '{"__proto__": {"name": 1}, "constructor": "x", "toString": [1], "gone": "x"}',
    '{"update": "x", "held": 1, "unit": "years", "margin": {}, "wait": null}',
    '{"scopes": ["root", 5], "name": ["x"]}',
    '{"at": -1, "cells": {"months": {}, "gone": "x", "plan": 5}}',
    '{"at": 99999, "cells": [null]}',
    '{"months": "elephant", "gone": "number"}',
    '{"iterations": {}, "learning_rate": "x", "constructor": 3}',
    '{"basic": {"a": 1}, "family": null, "gone": "7"}',
)
"""What anybody may write into the storage of a browser."""

DRAFTS = "Object.keys(sessionStorage).filter((one) => one.startsWith('lepton-draft '))"


@pytest.fixture
def walker(full: Here, page: Page, expected: list[str]) -> Walker:
    expected += ["status of 401", "status of 404"]
    page.goto(full.address())
    page.locator("main h1").wait_for()
    return Walker(page, full.url)


def again(walker: Walker) -> None:
    walker.page.reload()
    walker.settled()


def end_session(here: Here, page: Page) -> None:
    """End every session, and have the page notice it."""
    with closing(HttpTransport(here.url, here.key)) as transport:
        for one in transport.call("GET", "/v1/sessions")["items"]:
            transport.call("DELETE", f"/v1/sessions/{one['id']}")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_label("API key")).to_be_visible()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until ``holds``."""
    for _ in range(int(BACKSTOP * 1000 / STEP_MS)):
        if holds():
            return
        page.wait_for_timeout(STEP_MS)
    raise AssertionError(f"it never came on {page.url}: {holds}")


def sign_in(walker: Walker, key: str) -> None:
    walker.page.get_by_label("API key").fill(key)
    walker.page.get_by_role("button", name="Sign in").click()
    walker.page.locator("main h1").wait_for()
    walker.settled()


def another_key(here: Here) -> str:
    system, now = here.platform.system, here.platform.clock()
    _, secret = issue_key(system, workspace=WORKSPACE, scopes=OWNER.scopes, now=now)
    return secret


def names(forms: tuple[Form, ...]) -> list[str]:
    return [one.name for one in forms]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("form", FORMS, ids=names(FORMS))
def test_a_session_may_end_and_another_key_sees_nothing(full: Here, walker: Walker, form: Form) -> None:
    page = walker.page
    walker.show(f"#/{form.address}")
    form.fill(page)
    end_session(full, page)
    sign_in(walker, full.key)
    form.is_there(page)

    end_session(full, page)
    page.reload()
    sign_in(walker, another_key(full))
    form.is_not_there(page)
    assert page.evaluate(DRAFTS) == []
    walker.show(f"#/{form.address}")
    form.is_not_there(page)


def test_an_address_that_is_opened_before_another_key_signs_in_is_theirs(full: Here, walker: Walker) -> None:
    page = walker.page
    walker.show("#/new?data=churn")
    end_session(full, page)
    page.goto(f"{full.url}/#/new?data={NAMES.numbers}")
    sign_in(walker, another_key(full))
    expect(page.get_by_label("Data set")).to_have_value(NAMES.numbers)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("form", FORMS, ids=names(FORMS))
def test_whatever_lies_in_the_storage_the_form_works(walker: Walker, form: Form) -> None:
    page = walker.page
    walker.show(f"#/{form.address}")
    form.fill(page)
    for one in some("garbage in the storage of a browser", GARBAGE, 4):
        page.evaluate(f"(text) => {{ for (const one of {DRAFTS}) sessionStorage.setItem(one, text); }}", one)
        again(walker)
        whole(page)
    walker.show("#/settings")
    walker.show(f"#/{form.address}")
    if form.prepare is not drop or not form.find(page).count():
        form.fill(page)
        form.is_there(page)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("form", FORMS, ids=names(FORMS))
def test_a_form_is_there_after_a_reload_until_it_is_put_back_or_sent(walker: Walker, form: Form) -> None:
    page = walker.page
    walker.show(f"#/{form.address}")
    before = form.find(page).input_value() if form.find(page).count() else None
    form.fill(page)
    again(walker)
    form.is_there(page)
    if form.back:
        page.get_by_role("button", name=form.back).click()
        assert page.evaluate(DRAFTS) == []
        again(walker)
        assert before is None or form.find(page).input_value() == before
        expect(page.get_by_text("Brought back")).to_be_hidden()
    if form.send:
        form.fill(page, "1")
        page.get_by_role("button", name=form.send, exact=True).click()
        until(page, lambda: page.evaluate(DRAFTS) == [])
        walker.settled()
        again(walker)
        expect(page.get_by_text("Brought back")).to_be_hidden()
        form.is_not_there(page)
        form.undo(page)


FIELDS = f"main {ENABLED}:not(button):not([type=file])"
VALUE = "(one) => [one.checked, one.value]"


def test_no_field_of_any_screen_loses_what_is_typed_there(walker: Walker, expected: list[str]) -> None:
    expected += ["status of 400", "status of 422"]
    page = walker.page
    every = [(address, *one) for address in walker.screens() for one in controls_of(page, FIELDS)]
    assert len(every) > 30
    for address, name, nth in some("fields that are typed in before a reload", every, 6):
        page.goto("about:blank")
        walker.show(address)
        field = found(page, FIELDS, name, nth)
        if field is None:
            continue
        operate(field)
        typed = field.evaluate(VALUE) if field.count() else None
        if name.startswith("Search"):
            until(page, lambda before=f"{walker.url}/{address}": page.url != before)
        walker.settled()
        again(walker)
        if typed is not None:
            until(page, partial(is_there_again, page, name, nth, typed))


def is_there_again(page: Page, name: str, nth: int, typed: object) -> bool:
    return (same := found(page, FIELDS, name, nth)) is not None and same.evaluate(VALUE) == typed


def test_by_keyboard_a_form_is_put_back_and_the_focus_stays_in_it(walker: Walker) -> None:
    page = walker.page
    walker.show("#/keys")
    page.get_by_label("Name", exact=True).fill("a program")
    page.get_by_role("checkbox", name="write").check()
    again(walker)
    expect(page.get_by_role("status").filter(has_text="Brought back")).to_be_visible()
    press(page, OVER)
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    expect(page.get_by_role("checkbox", name="write")).not_to_be_checked()
    expect(page.get_by_role("button", name=OVER)).to_be_hidden()
    assert page.evaluate(FOCUSED) == "Name"


def test_of_a_form_only_what_was_changed_is_brought_back(full: Here, walker: Walker) -> None:
    """Meanwhile somebody else changed another field: it is theirs."""
    page = walker.page
    walker.show(f"#/models/{NAMES.numbers}/update")
    page.get_by_label("May be worse by a share of").fill("3")
    with closing(HttpTransport(full.url, full.key)) as transport:
        path = f"/v1/models/{NAMES.numbers}"
        policy = transport.call("GET", path)["policy"]
        transport.call("PUT", f"{path}/policy", body={**policy, "tolerance": 0.25})
    again(walker)
    expect(page.get_by_label("May be worse by a share of")).to_have_value("3")
    expect(page.get_by_label("May be worse by", exact=True)).to_have_value("0.25")


def test_no_key_is_kept(full: Here, walker: Walker) -> None:
    page = walker.page
    kept = "JSON.stringify([{...sessionStorage}, {...localStorage}])"
    walker.show("#/keys")
    page.get_by_label("Name", exact=True).fill("another program")
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator(".secret code").inner_text()
    assert secret.startswith("lpt_") and secret.split("_")[-1] not in page.evaluate(kept)
    again(walker)
    expect(page.locator(".secret")).to_have_count(0)

    page.get_by_label("Name", exact=True).fill("not made")
    assert page.evaluate(DRAFTS) != []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").fill(full.key)
    assert page.evaluate(DRAFTS) == []
    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")
    assert full.key.split("_")[-1] not in page.evaluate(kept)


def test_beyond_a_size_nothing_is_kept(walker: Walker) -> None:
    page = walker.page
    walker.show(f"#/data/{NAMES.retired}/use")
    page.get_by_label("More tags").fill("x" * 40_000)
    assert page.evaluate(DRAFTS) == []
    again(walker)
    expect(page.get_by_label("More tags")).to_have_value("")
    page.evaluate("sessionStorage.setItem('lepton-draft another', 'x'.repeat(524_280))")
    page.get_by_label("More tags").fill("eu")
    assert page.evaluate(DRAFTS) == ["lepton-draft another"]


def test_a_storage_that_refuses_changes_nothing_else(walker: Walker) -> None:
    page = walker.page
    page.add_init_script(
        """Object.defineProperty(window, "sessionStorage", {
          get() { throw new DOMException("no storage", "SecurityError"); } });"""
    )
    page.goto("about:blank")
    for form in (one for one in FORMS if one.name in {"a policy", "a row", "tags", "a key"}):
        walker.show(f"#/{form.address}")
        form.fill(page)
        form.is_there(page)
        whole(page)
    walker.show(f"#/data/{NAMES.retired}/versions")
    rows = customers(40, seed=12).to_csv(index=False).encode()
    page.get_by_label("Drop a file for the next version").set_input_files(
        files=[{"name": "more.csv", "mimeType": "text/csv", "buffer": rows}]
    )
    expect(page.get_by_text("40 of them new.")).to_be_visible()
